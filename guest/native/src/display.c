#include "display.h"

#include <stdlib.h>
#include <xcb/damage.h>
#include <xcb/shm.h>
#include <xcb/xfixes.h>

#include "fail.h"

static uint8_t find_extension(const struct display *display, xcb_extension_t *extension, const char *name);
static void agree_on_versions(xcb_connection_t *connection);
static void check_pixels(const struct display *display, const xcb_screen_t *screen);

struct display display_open(void)
{
    int number = 0;
    struct display display = { .connection = xcb_connect(NULL, &number) };
    const char *name = getenv("DISPLAY");
    if (xcb_connection_has_error(display.connection)) fail(EXIT_DISPLAY_CLOSED, "cannot open display %s", name ? name : "(DISPLAY is not set)");

    xcb_screen_iterator_t screens = xcb_setup_roots_iterator(xcb_get_setup(display.connection));
    while (number-- > 0 && screens.rem > 1) xcb_screen_next(&screens);
    display.root = screens.data->root;
    check_pixels(&display, screens.data);

    display.first_damage_event = find_extension(&display, &xcb_damage_id, "DAMAGE");
    display.first_fixes_event = find_extension(&display, &xcb_xfixes_id, "XFIXES");
    find_extension(&display, &xcb_shm_id, "MIT-SHM");
    agree_on_versions(display.connection);

    /* The root window is configured whenever the screen's size changes, by RandR or otherwise. */
    xcb_change_window_attributes(display.connection, display.root, XCB_CW_EVENT_MASK, (uint32_t[]){ XCB_EVENT_MASK_STRUCTURE_NOTIFY });
    display_measure(&display);
    return display;
}

void display_close(struct display *display)
{
    xcb_disconnect(display->connection);
}

bool display_measure(struct display *display)
{
    xcb_get_geometry_reply_t *geometry = xcb_get_geometry_reply(display->connection, xcb_get_geometry(display->connection, display->root), NULL);
    if (!geometry) display_fail(display, "the screen's size");
    bool changed = display->width != geometry->width || display->height != geometry->height;
    display->width = geometry->width;
    display->height = geometry->height;
    free(geometry);
    return changed;
}

void display_check(const struct display *display)
{
    if (xcb_connection_has_error(display->connection)) fail(EXIT_DISPLAY_GONE, "the X server has gone");
}

_Noreturn void display_fail(const struct display *display, const char *what)
{
    display_check(display);
    fail(EXIT_DISPLAY_UNSUPPORTED, "the X server refuses: %s", what);
}

static uint8_t find_extension(const struct display *display, xcb_extension_t *extension, const char *name)
{
    const xcb_query_extension_reply_t *found = xcb_get_extension_data(display->connection, extension);
    if (!found || !found->present) fail(EXIT_DISPLAY_UNSUPPORTED, "the X server has no extension %s", name);
    return found->first_event;
}

/* Damage and XFixes refuse every request of a client that has not said its version. Shared memory by descriptor is 1.2. */
static void agree_on_versions(xcb_connection_t *connection)
{
    free(xcb_damage_query_version_reply(connection, xcb_damage_query_version(connection, 1, 1), NULL));
    free(xcb_xfixes_query_version_reply(connection, xcb_xfixes_query_version(connection, 5, 0), NULL));
    xcb_shm_query_version_reply_t *shm = xcb_shm_query_version_reply(connection, xcb_shm_query_version(connection), NULL);
    bool by_descriptor = shm && (shm->major_version > 1 || shm->minor_version >= 2);
    free(shm);
    if (!by_descriptor) fail(EXIT_DISPLAY_UNSUPPORTED, "the X server has MIT-SHM below 1.2");
}

/* Grabbed pixels are taken for 32 bits, B G R x in memory, as every TrueColor screen of depth 24 on x86 and ARM has them. */
static void check_pixels(const struct display *display, const xcb_screen_t *screen)
{
    const xcb_setup_t *setup = xcb_get_setup(display->connection);
    int bits = 0;
    for (xcb_format_iterator_t format = xcb_setup_pixmap_formats_iterator(setup); format.rem; xcb_format_next(&format))
        if (format.data->depth == screen->root_depth) bits = format.data->bits_per_pixel;

    uint32_t red = 0;
    for (xcb_depth_iterator_t depth = xcb_screen_allowed_depths_iterator(screen); depth.rem; xcb_depth_next(&depth))
        for (xcb_visualtype_iterator_t visual = xcb_depth_visuals_iterator(depth.data); visual.rem; xcb_visualtype_next(&visual))
            if (visual.data->visual_id == screen->root_visual) red = visual.data->red_mask;

    if (setup->image_byte_order != XCB_IMAGE_ORDER_LSB_FIRST || bits != 32 || red != 0xff0000)
        fail(EXIT_DISPLAY_UNSUPPORTED, "the screen has depth %d with %d bits a pixel; 24 with 32, TrueColor, is needed", screen->root_depth, bits);
}
