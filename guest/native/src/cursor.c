#include "cursor.h"

#include <stdlib.h>
#include <string.h>
#include <xcb/xfixes.h>

#include "clock.h"
#include "fail.h"

/* Animated cursors change every few milliseconds, and a program may change its own as fast as it likes. */
#define LEAST_GAP_US (30 * MS_US)

/* Browsers show none above 128; what is larger loses its right and lower part. */
#define MOST_PIXELS 256

static int least(int a, int b);
static uint32_t *crop(const uint32_t *pixels, int stride, int width, int height);

struct cursor cursor_watch(const struct display *display)
{
    xcb_xfixes_select_cursor_input(display->connection, display->root, XCB_XFIXES_CURSOR_NOTIFY_MASK_DISPLAY_CURSOR);
    return (struct cursor){ .changed = true, .sent_us = -LEAST_GAP_US };
}

int64_t cursor_due_us(const struct cursor *cursor)
{
    return cursor->changed ? cursor->sent_us + LEAST_GAP_US : NEVER_US;
}

void cursor_send(struct cursor *cursor, const struct display *display, struct output *output)
{
    xcb_xfixes_get_cursor_image_cookie_t asked = xcb_xfixes_get_cursor_image(display->connection);
    xcb_xfixes_get_cursor_image_reply_t *image = xcb_xfixes_get_cursor_image_reply(display->connection, asked, NULL);
    if (!image) display_fail(display, "the cursor's shape");

    int width = least(image->width, MOST_PIXELS);
    int height = least(image->height, MOST_PIXELS);
    uint32_t *pixels = crop(xcb_xfixes_get_cursor_image_cursor_image(image), image->width, width, height);
    *cursor = (struct cursor){ .sent_us = now_us() };
    struct record_header header = {
        .type = RECORD_CURSOR,
        .length = (uint32_t)(width * height * 4),
        .at_us = (uint64_t)cursor->sent_us,
        .width = (uint16_t)width,
        .height = (uint16_t)height,
        .hot_x = (uint16_t)least(image->xhot, width),
        .hot_y = (uint16_t)least(image->yhot, height),
        .number = image->cursor_serial,
    };
    output_put(output, header, pixels);
    free(pixels);
    free(image);
}

static int least(int a, int b)
{
    return a < b ? a : b;
}

static uint32_t *crop(const uint32_t *pixels, int stride, int width, int height)
{
    uint32_t *cropped = malloc((size_t)(width * height) * 4 + 1);
    if (!cropped) fail(EXIT_SYSTEM, "no memory for a cursor of %dx%d", width, height);
    for (int row = 0; row < height; row++) memcpy(cropped + row * width, pixels + row * stride, (size_t)width * 4);
    return cropped;
}
