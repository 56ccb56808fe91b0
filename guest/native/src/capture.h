/* The screen on its way to frames: what a `start` makes and a `stop` takes down. */
#pragma once

#include <stdbool.h>
#include <stdint.h>

#include "display.h"
#include "encoder.h"
#include "grab.h"
#include "output.h"
#include "rate.h"
#include "rect.h"
#include "schedule.h"

struct capture {
    bool running;
    /* The viewers' links are full: no frame is due. */
    bool held;
    int64_t held_since_us;
    struct rate rate;
    struct grabber grabber;
    struct encoder encoder;
    struct schedule schedule;
    /* Changed on the screen, not in the picture yet. */
    struct rect damage;
    /* In the picture, but not sharp at the viewer yet. */
    struct rect unsharp;
    bool key_wanted;
    /* Frames since the program began. */
    uint32_t frames;
};

void capture_start(struct capture *capture, const struct display *display);
void capture_stop(struct capture *capture, const struct display *display);

/* Makes the next frame a key frame. */
void capture_want_key(struct capture *capture);
void capture_set_rate(struct capture *capture, struct rate rate);
/* While true no frame is due. */
void capture_hold(struct capture *capture, bool held);
void capture_damaged(struct capture *capture, struct rect rect);

/* When it wants to take a frame; NEVER_US while there is nothing to do. */
int64_t capture_due_us(const struct capture *capture);

/* Takes the frame that is due and sends it. False when the screen turned out to be smaller than the display says. */
bool capture_take(struct capture *capture, const struct display *display, struct output *output);
