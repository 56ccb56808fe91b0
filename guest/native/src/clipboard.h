/* News of the clipboard: that a program has copied something, not what. */
#pragma once

#include <xcb/xcb.h>

#include "display.h"

/* Asks for news of it. */
void clipboard_watch(const struct display *display);

/* Whether an event of XFixes says that the clipboard has a new owner. */
bool clipboard_has_owner(const xcb_generic_event_t *event);
