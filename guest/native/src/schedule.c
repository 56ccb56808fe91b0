#include "schedule.h"

#include "clock.h"

/* From each frame to the follow-up after it; the last one holds for all that come later. */
static const int64_t GAPS_US[] = { 14 * MS_US, 17 * MS_US, 33 * MS_US, 60 * MS_US };
#define LAST_GAP ((int)(sizeof GAPS_US / sizeof *GAPS_US) - 1)

/* What is not sharp after that long is noise, or the rate is too low for it. */
#define MOST_SHARPENING_US (10000 * MS_US)

/* A large frame takes the link and the decoder longer: a follow-up at 14 ms would only queue behind it. */
#define LARGE_FRAME_BYTES (32 * 1024)
#define GAP_AFTER_LARGE_US (25 * MS_US)

/* While things move, the next change is the follow-up. */
#define RUN_GAP_US (50 * MS_US)
#define RUN_IS_MOTION 4
#define GAP_IN_MOTION_US (60 * MS_US)

/* The target may be far below what the link can carry. */
#define MOST_AHEAD_US (1000 * MS_US)

#define LONG_AGO_US (INT64_MIN / 2)

static int64_t change_gap(const struct schedule *schedule);
static int64_t follow_up_gap(const struct schedule *schedule);

struct schedule schedule_new(struct rate rate)
{
    return (struct schedule){
        .rate = rate,
        .change_wanted = true,
        .last_change_us = LONG_AGO_US,
        .last_frame_us = LONG_AGO_US,
        .carried_us = LONG_AGO_US,
        .silent = true,
    };
}

enum frame_kind schedule_next(const struct schedule *schedule, int64_t *due_us)
{
    if (schedule->change_wanted) {
        *due_us = schedule->last_change_us + change_gap(schedule);
        return FRAME_CHANGE;
    }
    if (schedule->silent) {
        *due_us = NEVER_US;
        return FRAME_NONE;
    }
    *due_us = schedule->last_frame_us + follow_up_gap(schedule);
    if (schedule->follow_ups > 0 && *due_us < schedule->carried_us) *due_us = schedule->carried_us;
    return FRAME_FOLLOW_UP;
}

/* A little less than the frame time: a page that repaints at just this rate must not lose frames to jitter. */
static int64_t change_gap(const struct schedule *schedule)
{
    return 950 * MS_US / schedule->rate.fps;
}

static int64_t follow_up_gap(const struct schedule *schedule)
{
    int index = schedule->follow_ups;
    if (index == 0 && schedule->run >= RUN_IS_MOTION) return GAP_IN_MOTION_US;
    if (index == 0 && schedule->change_was_large) return GAP_AFTER_LARGE_US;
    return GAPS_US[index < LAST_GAP ? index : LAST_GAP];
}

void schedule_take(struct schedule *schedule, enum frame_kind kind, int64_t at_us)
{
    schedule->last_frame_us = at_us;
    if (kind == FRAME_FOLLOW_UP) {
        schedule->follow_ups++;
        return;
    }
    bool soon = at_us - schedule->last_change_us <= RUN_GAP_US;
    schedule->run = soon ? schedule->run + 1 : 0;
    schedule->change_wanted = false;
    schedule->last_change_us = at_us;
    schedule->follow_ups = 0;
}

void schedule_took(struct schedule *schedule, enum frame_kind kind, size_t bytes, bool sharp)
{
    int64_t at_us = schedule->last_frame_us;
    if (schedule->carried_us < at_us) schedule->carried_us = at_us;
    schedule->carried_us += (int64_t)bytes * 8 * MS_US / schedule->rate.kbps;
    if (schedule->carried_us > at_us + MOST_AHEAD_US) schedule->carried_us = at_us + MOST_AHEAD_US;

    if (kind == FRAME_CHANGE) schedule->change_was_large = bytes >= LARGE_FRAME_BYTES;
    /* One follow-up at least: see schedule.h. */
    bool late = at_us - schedule->last_change_us > MOST_SHARPENING_US;
    schedule->silent = kind == FRAME_FOLLOW_UP && (sharp || late);
}
