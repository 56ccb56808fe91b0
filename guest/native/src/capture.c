#include "capture.h"

#include "clock.h"
#include "sharpness.h"

static struct rect whole(const struct display *display);
static bool paint_damage(struct capture *capture, const struct display *display);
static struct encoded encode(struct capture *capture, const struct display *display, enum frame_kind kind, int64_t at_us, struct rect changed);
static void send_frame(struct capture *capture, struct output *output, enum frame_kind kind, int64_t at_us, struct encoded frame);

void capture_start(struct capture *capture, const struct display *display)
{
    if (capture->running) return;
    capture->running = true;
    capture->grabber = grabber_open(display);
    encoder_open(&capture->encoder, display->width, display->height, capture->rate.kbps);
    capture->schedule = schedule_new(capture->rate);
    capture->damage = whole(display);
    capture->unsharp = (struct rect){ 0 };
    capture->key_wanted = true;
}

void capture_stop(struct capture *capture, const struct display *display)
{
    if (!capture->running) return;
    capture->running = false;
    encoder_close(&capture->encoder);
    grabber_close(&capture->grabber, display);
}

void capture_want_key(struct capture *capture)
{
    capture->key_wanted = true;
    capture->schedule.change_wanted = true;
}

void capture_set_rate(struct capture *capture, struct rate rate)
{
    capture->rate = rate;
    if (!capture->running) return;
    encoder_set_rate(&capture->encoder, rate.kbps);
    capture->schedule.rate = rate;
}

void capture_hold(struct capture *capture, bool held)
{
    if (held == capture->held) return;
    capture->held = held;
    if (held) capture->held_since_us = now_us();
    else if (capture->running) encoder_skip_time(&capture->encoder, now_us() - capture->held_since_us);
}

void capture_damaged(struct capture *capture, struct rect rect)
{
    capture->damage = rect_join(capture->damage, rect);
    capture->schedule.change_wanted = true;
}

int64_t capture_due_us(const struct capture *capture)
{
    int64_t due_us = NEVER_US;
    if (capture->running && !capture->held) schedule_next(&capture->schedule, &due_us);
    return due_us;
}

bool capture_take(struct capture *capture, const struct display *display, struct output *output)
{
    int64_t due_us;
    int64_t at_us = now_us();
    enum frame_kind kind = schedule_next(&capture->schedule, &due_us);
    struct rect changed = capture->key_wanted ? whole(display) : rect_to_blocks(capture->damage, display->width, display->height);
    if (kind == FRAME_CHANGE && !paint_damage(capture, display)) return false;

    struct encoded frame = encode(capture, display, kind, at_us, changed);
    send_frame(capture, output, kind, at_us, frame);
    return true;
}

static struct encoded encode(struct capture *capture, const struct display *display, enum frame_kind kind, int64_t at_us, struct rect changed)
{
    struct schedule *schedule = &capture->schedule;
    schedule_take(schedule, kind, at_us);
    capture->unsharp = rect_join(capture->unsharp, changed);
    struct encoder_wish wish = {
        .at_us = at_us,
        .key = capture->key_wanted,
        .least_quantizer = kind == FRAME_CHANGE ? change_quantizer(changed, display->width, display->height, schedule->run) : BEST_QUANTIZER,
        .active = capture->unsharp,
    };
    struct encoded frame = encoder_encode(&capture->encoder, wish);
    schedule_took(schedule, kind, frame.length, is_sharp(frame.quantizer));
    capture->key_wanted = false;
    if (kind == FRAME_FOLLOW_UP && is_sharp(frame.quantizer)) capture->unsharp = (struct rect){ 0 };
    return frame;
}

static struct rect whole(const struct display *display)
{
    return (struct rect){ 0, 0, display->width, display->height };
}

/* Brings what changed into the encoder's picture. */
static bool paint_damage(struct capture *capture, const struct display *display)
{
    struct rect rect = rect_to_blocks(capture->damage, display->width, display->height);
    if (!rect_is_empty(rect)) {
        if (!grabber_take(&capture->grabber, display, rect)) return false;
        encoder_paint(&capture->encoder, rect, capture->grabber.pixels);
    }
    capture->damage = (struct rect){ 0 };
    return true;
}

static void send_frame(struct capture *capture, struct output *output, enum frame_kind kind, int64_t at_us, struct encoded frame)
{
    struct record_header header = {
        .type = RECORD_FRAME,
        .flags = (uint8_t)((frame.key ? FLAG_KEY : 0) | (kind == FRAME_FOLLOW_UP ? FLAG_FOLLOW_UP : 0)),
        .length = (uint32_t)frame.length,
        .at_us = (uint64_t)at_us,
        .width = (uint16_t)capture->encoder.config.g_w,
        .height = (uint16_t)capture->encoder.config.g_h,
        .number = ++capture->frames,
        .work_us = (uint32_t)(now_us() - at_us),
    };
    output_put(output, header, frame.data);
}
