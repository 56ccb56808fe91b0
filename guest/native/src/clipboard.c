#include "clipboard.h"

#include <stdlib.h>
#include <string.h>
#include <xcb/xfixes.h>

static const char NAME[] = "CLIPBOARD";

void clipboard_watch(const struct display *display)
{
    xcb_intern_atom_cookie_t asked = xcb_intern_atom(display->connection, 0, strlen(NAME), NAME);
    xcb_intern_atom_reply_t *atom = xcb_intern_atom_reply(display->connection, asked, NULL);
    if (!atom) display_fail(display, "the clipboard's atom");
    xcb_xfixes_select_selection_input(display->connection, display->root, atom->atom, XCB_XFIXES_SELECTION_EVENT_MASK_SET_SELECTION_OWNER);
    free(atom);
}

bool clipboard_has_owner(const xcb_generic_event_t *event)
{
    return ((const xcb_xfixes_selection_notify_event_t *)event)->owner != XCB_NONE;
}
