/* The connection to the X server, and what is asked of it once. */
#pragma once

#include <stdbool.h>
#include <stdint.h>
#include <xcb/xcb.h>

struct display {
    xcb_connection_t *connection;
    xcb_window_t root;
    int width;
    int height;
    uint8_t first_damage_event;
    uint8_t first_fixes_event;
};

/* Connects to $DISPLAY. Fails the program when there is no X server, or not one that can be captured. */
struct display display_open(void);
void display_close(struct display *display);

/* Asks for the screen's size anew. True when it changed. */
bool display_measure(struct display *display);

/* Fails the program when the X server has gone. */
void display_check(const struct display *display);

/* Fails the program because a reply did not come: `what` was asked. */
_Noreturn void display_fail(const struct display *display, const char *what);
