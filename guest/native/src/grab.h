/* The screen's pixels, by memory shared with the X server. */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <xcb/damage.h>
#include <xcb/shm.h>

#include "display.h"
#include "rect.h"

struct grabber {
    xcb_damage_damage_t damage;
    xcb_shm_seg_t segment;
    uint8_t *pixels;
    size_t size;
};

/* Watches the whole screen for damage, and makes room for its pixels. */
struct grabber grabber_open(const struct display *display);
void grabber_close(struct grabber *grabber, const struct display *display);

/*
 * Forgets the damage so far and gets a rectangle's pixels: into `grabber.pixels`, B G R x, rows of rect.width × 4 bytes.
 * False when the rectangle is not on the screen, which has then become smaller.
 */
bool grabber_take(struct grabber *grabber, const struct display *display, struct rect rect);
