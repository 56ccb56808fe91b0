#include "grab.h"

#include <stdlib.h>
#include <sys/mman.h>
#include <unistd.h>

#include "fail.h"

static int make_memory(struct grabber *grabber);

struct grabber grabber_open(const struct display *display)
{
    xcb_connection_t *connection = display->connection;
    struct grabber grabber = {
        .damage = xcb_generate_id(connection),
        .segment = xcb_generate_id(connection),
        .size = (size_t)display->width * (size_t)display->height * 4,
    };
    /* By descriptor: a key of System V would have to be open to the X server's user, and thereby to others. */
    xcb_void_cookie_t attached = xcb_shm_attach_fd_checked(connection, grabber.segment, make_memory(&grabber), false);
    if (xcb_request_check(connection, attached)) display_fail(display, "shared memory (it must run on this machine)");
    /* The bounding box comes with the event, so that no round trip has to ask for it. */
    xcb_damage_create(connection, grabber.damage, display->root, XCB_DAMAGE_REPORT_LEVEL_BOUNDING_BOX);
    return grabber;
}

void grabber_close(struct grabber *grabber, const struct display *display)
{
    xcb_damage_destroy(display->connection, grabber->damage);
    xcb_shm_detach(display->connection, grabber->segment);
    munmap(grabber->pixels, grabber->size);
    *grabber = (struct grabber){ 0 };
}

bool grabber_take(struct grabber *grabber, const struct display *display, struct rect rect)
{
    xcb_connection_t *connection = display->connection;
    /* In this order: what is drawn between the two is grabbed now and reported again, never lost. */
    xcb_damage_subtract(connection, grabber->damage, XCB_NONE, XCB_NONE);
    xcb_shm_get_image_cookie_t asked = xcb_shm_get_image(connection, display->root, (int16_t)rect.x, (int16_t)rect.y, (uint16_t)rect.width,
                                                         (uint16_t)rect.height, UINT32_MAX, XCB_IMAGE_FORMAT_Z_PIXMAP, grabber->segment, 0);
    xcb_generic_error_t *error = NULL;
    xcb_shm_get_image_reply_t *reply = xcb_shm_get_image_reply(connection, asked, &error);
    bool taken = reply != NULL;
    bool off_screen = error && error->error_code == XCB_MATCH;
    free(reply);
    free(error);
    if (!taken && !off_screen) display_fail(display, "an image of the screen");
    return taken;
}

/* Maps memory of the grabber's size; the descriptor is for the X server, and closed when it has been sent. */
static int make_memory(struct grabber *grabber)
{
    int fd = memfd_create("oriel-capture", MFD_CLOEXEC);
    if (fd < 0 || ftruncate(fd, (off_t)grabber->size) < 0) fail(EXIT_SYSTEM, "no shared memory of %zu bytes: %m", grabber->size);
    grabber->pixels = mmap(NULL, grabber->size, PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0);
    if (grabber->pixels == MAP_FAILED) fail(EXIT_SYSTEM, "cannot map %zu bytes: %m", grabber->size);
    return fd;
}
