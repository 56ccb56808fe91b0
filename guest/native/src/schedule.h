/*
 * When the next frame is due. Pure: it is told the time and what happened.
 *
 *   change ─► frame at once ─14─► follow-up ─17─► ─33─► ─60─► ─60─► … sharp: silence          (milliseconds)
 *                 │ change: not before 0.95/fps after the last frame that showed one; all begins anew
 *
 * But for the first, follow-ups wait until the link has carried what was sent before.
 * Follow-ups sharpen what one frame's bits could not, and Chromium sometimes shows a lone frame only with the next one.
 */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "rate.h"

enum frame_kind { FRAME_NONE, FRAME_CHANGE, FRAME_FOLLOW_UP };

struct schedule {
    struct rate rate;
    /* The screen changed, or a key frame is wanted. */
    bool change_wanted;
    int64_t last_change_us;
    int64_t last_frame_us;
    /* Changes of which each came soon after the one before: what moves. */
    int run;
    /* Follow-ups since the last change. */
    int follow_ups;
    bool change_was_large;
    /* When the link will have carried what was sent, at the target rate. */
    int64_t carried_us;
    /* The picture is as good as it gets. */
    bool silent;
};

struct schedule schedule_new(struct rate rate);

/* The next frame and the time at which it is due, which may be over; FRAME_NONE and NEVER_US in silence. */
enum frame_kind schedule_next(const struct schedule *schedule, int64_t *due_us);

/* Tells that the frame that was due is about to be taken. */
void schedule_take(struct schedule *schedule, enum frame_kind kind, int64_t at_us);

/* Tells what became of it: its size, and whether the encoder gave it all the quality that it has. */
void schedule_took(struct schedule *schedule, enum frame_kind kind, size_t bytes, bool sharp);
