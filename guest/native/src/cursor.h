/* The cursor's shape, which the viewer draws itself: it is not in the frames. */
#pragma once

#include <stdbool.h>
#include <stdint.h>

#include "display.h"
#include "output.h"

struct cursor {
    bool changed;
    int64_t sent_us;
};

/* Asks for news of the cursor. Its first shape counts as a change. */
struct cursor cursor_watch(const struct display *display);

/* When its record may be sent; NEVER_US when it has not changed. */
int64_t cursor_due_us(const struct cursor *cursor);

/* Sends its shape. */
void cursor_send(struct cursor *cursor, const struct display *display, struct output *output);
