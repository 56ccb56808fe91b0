#include "loop.h"

#include <errno.h>
#include <poll.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>
#include <xcb/damage.h>
#include <xcb/xfixes.h>

#include "capture.h"
#include "clipboard.h"
#include "clock.h"
#include "commands.h"
#include "cursor.h"
#include "display.h"
#include "fail.h"
#include "output.h"

/* How long to wait before looking again whether the reader has taken the last frame. */
#define READER_LAG_US (3 * MS_US)

/* Refused commands are not told while more than this is unread: nonsense without end must not fill the memory. */
#define MOST_UNREAD_BYTES (16 * 1024)

#define MOST_REFUSALS 20
#define REFUSAL_PAUSE_NS 5000000

struct loop {
    struct display display;
    struct output output;
    struct capture capture;
    struct cursor cursor;
    struct command_input input;
    bool display_changed;
    bool display_unsent;
    bool copied_unsent;
    int refusals;
    bool ended;
};

static void take_events(struct loop *loop);
static void take_event(struct loop *loop, const xcb_generic_event_t *event);
static void follow_size(struct loop *loop);
static bool do_due_work(struct loop *loop);
static void take_frame(struct loop *loop);
static void send_display(struct loop *loop);
static void wait_for_news(struct loop *loop);
static int64_t next_due_us(struct loop *loop);
static void read_commands(struct loop *loop);
static void obey(struct loop *loop, struct command command);
static void send_refusal(struct loop *loop, const char *reason);

void loop_run(void)
{
    struct loop loop = {
        .display = display_open(),
        .output = output_open(STDOUT_FILENO),
        .capture.rate = { .kbps = 4000, .fps = 60 },
        .display_unsent = true,
    };
    loop.cursor = cursor_watch(&loop.display);
    clipboard_watch(&loop.display);
    while (!loop.ended) {
        take_events(&loop);
        if (loop.display_changed) follow_size(&loop);
        else if (!do_due_work(&loop)) wait_for_news(&loop);
    }
    capture_stop(&loop.capture, &loop.display);
    display_close(&loop.display);
    output_close(&loop.output);
}

static void take_events(struct loop *loop)
{
    xcb_generic_event_t *event;
    while ((event = xcb_poll_for_event(loop->display.connection))) {
        take_event(loop, event);
        free(event);
    }
    display_check(&loop->display);
}

static void take_event(struct loop *loop, const xcb_generic_event_t *event)
{
    int type = event->response_type & 0x7f;
    if (type == loop->display.first_damage_event + XCB_DAMAGE_NOTIFY) {
        xcb_rectangle_t area = ((const xcb_damage_notify_event_t *)event)->area;
        capture_damaged(&loop->capture, (struct rect){ area.x, area.y, area.width, area.height });
    } else if (type == loop->display.first_fixes_event + XCB_XFIXES_CURSOR_NOTIFY) {
        loop->cursor.changed = true;
    } else if (type == loop->display.first_fixes_event + XCB_XFIXES_SELECTION_NOTIFY) {
        loop->copied_unsent = loop->copied_unsent || clipboard_has_owner(event);
    } else if (type == XCB_CONFIGURE_NOTIFY) {
        loop->display_changed = true;
    }
}

/* Begins anew at the screen's new size: with other memory, another encoder, a key frame. */
static void follow_size(struct loop *loop)
{
    loop->display_changed = false;
    if (!display_measure(&loop->display)) return;
    loop->display_unsent = true;
    if (!loop->capture.running) return;
    capture_stop(&loop->capture, &loop->display);
    capture_start(&loop->capture, &loop->display);
}

/* Does one thing whose time has come, the frame first. False when there is none, or the reader is not ready for it. */
static bool do_due_work(struct loop *loop)
{
    int64_t now = now_us();
    if (loop->display_unsent) {
        if (!output_flush(&loop->output)) return false;
        send_display(loop);
    } else if (loop->copied_unsent) {
        if (!output_flush(&loop->output)) return false;
        loop->copied_unsent = false;
        output_put(&loop->output, (struct record_header){ .type = RECORD_COPIED, .at_us = (uint64_t)now }, NULL);
    } else if (capture_due_us(&loop->capture) <= now && output_is_clear(&loop->output)) {
        take_frame(loop);
    } else if (cursor_due_us(&loop->cursor) <= now && output_flush(&loop->output)) {
        output_is_clear(&loop->output);
        cursor_send(&loop->cursor, &loop->display, &loop->output);
    } else {
        return false;
    }
    return true;
}

/* A screen that has just become smaller refuses the old size; one that refuses on and on is not to be had. */
static void take_frame(struct loop *loop)
{
    if (capture_take(&loop->capture, &loop->display, &loop->output)) {
        loop->refusals = 0;
        return;
    }
    if (++loop->refusals > MOST_REFUSALS) display_fail(&loop->display, "an image of the screen");
    loop->display_changed = true;
    nanosleep(&(struct timespec){ .tv_nsec = REFUSAL_PAUSE_NS }, NULL);
}

static void send_display(struct loop *loop)
{
    loop->display_unsent = false;
    struct record_header header = {
        .type = RECORD_DISPLAY,
        .at_us = (uint64_t)now_us(),
        .width = (uint16_t)loop->display.width,
        .height = (uint16_t)loop->display.height,
    };
    output_put(&loop->output, header, NULL);
}

static void wait_for_news(struct loop *loop)
{
    struct pollfd sources[] = {
        { STDIN_FILENO, POLLIN, 0 },
        { xcb_get_file_descriptor(loop->display.connection), POLLIN, 0 },
        { loop->output.fd, loop->output.rest_length > 0 ? POLLOUT : 0, 0 },
    };
    xcb_flush(loop->display.connection);
    int64_t due_us = next_due_us(loop);
    int64_t wait_us = due_us - now_us();
    if (wait_us < 0) wait_us = 0;
    struct timespec limit = { wait_us / 1000000, wait_us % 1000000 * 1000 };
    if (ppoll(sources, 3, due_us == NEVER_US ? NULL : &limit, NULL) < 0 && errno != EINTR) fail(EXIT_SYSTEM, "poll: %m");

    if (sources[0].revents) read_commands(loop);
    if (sources[2].revents & (POLLERR | POLLHUP)) fail(EXIT_READER_GONE, "the reader has gone");
    output_flush(&loop->output);
}

/* When to look again if nothing comes in. Work that waits for the reader is looked at in a while. */
static int64_t next_due_us(struct loop *loop)
{
    /* poll tells when there is room again. */
    if (loop->output.rest_length > 0) return NEVER_US;
    int64_t capture_us = capture_due_us(&loop->capture);
    int64_t cursor_us = cursor_due_us(&loop->cursor);
    int64_t now = now_us();
    if (capture_us <= now) capture_us = now + READER_LAG_US;
    return capture_us < cursor_us ? capture_us : cursor_us;
}

static void read_commands(struct loop *loop)
{
    char bytes[512];
    ssize_t length = read(STDIN_FILENO, bytes, sizeof bytes);
    if (length < 0 && (errno == EAGAIN || errno == EINTR)) return;
    if (length <= 0) loop->ended = true;
    struct command command;
    for (ssize_t index = 0; index < length && !loop->ended; index++)
        if (command_feed(&loop->input, bytes[index], &command)) obey(loop, command);
}

static void obey(struct loop *loop, struct command command)
{
    struct rate rate = loop->capture.rate;
    switch (command.kind) {
    case COMMAND_START: capture_start(&loop->capture, &loop->display); break;
    case COMMAND_STOP: capture_stop(&loop->capture, &loop->display); break;
    case COMMAND_KEY: capture_want_key(&loop->capture); break;
    case COMMAND_BITRATE: capture_set_rate(&loop->capture, (struct rate){ command.value, rate.fps }); break;
    case COMMAND_FPS: capture_set_rate(&loop->capture, (struct rate){ rate.kbps, command.value }); break;
    case COMMAND_HOLD: capture_hold(&loop->capture, true); break;
    case COMMAND_GO: capture_hold(&loop->capture, false); break;
    case COMMAND_QUIT: loop->ended = true; break;
    case COMMAND_BAD: send_refusal(loop, command.reason); break;
    }
}

static void send_refusal(struct loop *loop, const char *reason)
{
    if (loop->output.rest_length > MOST_UNREAD_BYTES) return;
    struct record_header header = { .type = RECORD_REFUSED, .length = (uint32_t)strlen(reason), .at_us = (uint64_t)now_us() };
    output_put(&loop->output, header, reason);
}
