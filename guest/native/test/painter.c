/*
 * An X client for tests and measurements: paints a window over the whole screen as it is told, one command a line, and
 * answers each with the time (CLOCK_MONOTONIC, µs) at which the X server had done it.
 *
 *   fill X Y W H RRGGBB    one colour
 *   swap N                 picture N (0 or 1) of text and noise over the whole screen
 *   load N PATH            makes picture N from a file as `dump` writes it
 *   scroll Y               picture 0 moved up by Y, around the edge
 *   cursor N               glyph N of the cursor font
 *   size W H               the screen's size, by RandR, and the window's with it
 *   click                  XTEST press and release of button 1; answers at once, before anything is painted
 *   dump PATH              the screen's pixels into a file: B G R x, no gaps
 *   onclick flat|patch|swap   what each press paints from now on, in two colours (or pictures) by turns
 */
#include <X11/Xlib.h>
#include <X11/Xutil.h>
#include <X11/cursorfont.h>
#include <X11/extensions/XTest.h>
#include <X11/extensions/Xrandr.h>
#include <poll.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

struct painter {
    Display *display;
    Window window;
    GC gc;
    int width;
    int height;
    Pixmap pictures[2];
    char on_click[8];
    bool turn;
};

static int64_t now_us(void)
{
    struct timespec now;
    clock_gettime(CLOCK_MONOTONIC, &now);
    return (int64_t)now.tv_sec * 1000000 + now.tv_nsec / 1000;
}

static void answer(struct painter *painter)
{
    XSync(painter->display, False);
    printf("%lld\n", (long long)now_us());
    fflush(stdout);
}

static void fill(struct painter *painter, int x, int y, int width, int height, unsigned colour)
{
    XSetForeground(painter->display, painter->gc, colour);
    XFillRectangle(painter->display, painter->window, painter->gc, x, y, (unsigned)width, (unsigned)height);
}

/* Rows of letter-like boxes on the left two thirds, a noisy gradient on the right: hard on an encoder, the same each time. */
static void draw_picture(uint32_t *pixels, int width, int height, int which)
{
    uint32_t random = 12345u + 777u * (unsigned)which;
    for (int y = 0; y < height; y++)
        for (int x = 0; x < width; x++) {
            uint32_t mix = (uint32_t)(y / 16) * 2654435761u + (uint32_t)(x / 8) * 40503u + 977u * (unsigned)which;
            bool letter = (y % 16 < 12) && (x % 8 < 7) && ((mix >> 13) & 7) && (((mix >> ((y % 16) + (x % 8) / 2)) & 1));
            random = random * 1664525u + 1013904223u;
            uint32_t noise = random >> 27;
            uint32_t photo = ((((uint32_t)x * (unsigned)(which + 1)) / 3 + noise) & 255) << 16 | (((uint32_t)y / 3 + noise) & 255) << 8 |
                             (((uint32_t)(x + y) / 6 + noise) & 255);
            uint32_t page = which ? (letter ? 0x101010 : 0xf4f4f0) : (letter ? 0xe0e0e0 : 0x202830);
            pixels[y * width + x] = x < width * 2 / 3 ? page : photo;
        }
}

/* Takes the pixels over. */
static void put_picture(struct painter *painter, int which, char *pixels)
{
    unsigned width = (unsigned)painter->width;
    unsigned height = (unsigned)painter->height;
    if (painter->pictures[which]) XFreePixmap(painter->display, painter->pictures[which]);
    painter->pictures[which] = XCreatePixmap(painter->display, painter->window, width, height, 24);
    Visual *visual = DefaultVisual(painter->display, DefaultScreen(painter->display));
    XImage *image = XCreateImage(painter->display, visual, 24, ZPixmap, 0, pixels, width, height, 32, 0);
    XPutImage(painter->display, painter->pictures[which], painter->gc, image, 0, 0, 0, 0, width, height);
    XDestroyImage(image);
}

static void make_pictures(struct painter *painter)
{
    for (int which = 0; which < 2; which++) {
        uint32_t *pixels = malloc((size_t)painter->width * (size_t)painter->height * 4);
        draw_picture(pixels, painter->width, painter->height, which);
        put_picture(painter, which, (char *)pixels);
    }
}

static void swap(struct painter *painter, int which)
{
    if (!painter->pictures[0]) make_pictures(painter);
    XCopyArea(painter->display, painter->pictures[which & 1], painter->window, painter->gc, 0, 0, (unsigned)painter->width,
              (unsigned)painter->height, 0, 0);
}

static void scroll(struct painter *painter, int y)
{
    if (!painter->pictures[0]) make_pictures(painter);
    unsigned width = (unsigned)painter->width;
    XCopyArea(painter->display, painter->pictures[0], painter->window, painter->gc, 0, y, width, (unsigned)(painter->height - y), 0, 0);
    XCopyArea(painter->display, painter->pictures[0], painter->window, painter->gc, 0, 0, width, (unsigned)y, 0, painter->height - y);
}

static void resize(struct painter *painter, int width, int height)
{
    Window root = DefaultRootWindow(painter->display);
    XRRScreenResources *resources = XRRGetScreenResources(painter->display, root);
    XRRModeInfo mode = { .width = (unsigned)width, .height = (unsigned)height, .dotClock = 100000000, .hTotal = (unsigned)width + 100,
                         .vTotal = (unsigned)height + 50, .hSyncStart = (unsigned)width + 10, .hSyncEnd = (unsigned)width + 20,
                         .vSyncStart = (unsigned)height + 5, .vSyncEnd = (unsigned)height + 10 };
    char name[32];
    mode.nameLength = (unsigned)snprintf(name, sizeof name, "%dx%d-%lld", width, height, (long long)now_us() % 100000);
    mode.name = name;
    RRMode id = XRRCreateMode(painter->display, root, &mode);
    XRRAddOutputMode(painter->display, resources->outputs[0], id);
    XGrabServer(painter->display);
    XRRSetCrtcConfig(painter->display, resources, resources->crtcs[0], CurrentTime, 0, 0, None, RR_Rotate_0, NULL, 0);
    XRRSetScreenSize(painter->display, root, width, height, width / 4, height / 4);
    XRRSetCrtcConfig(painter->display, resources, resources->crtcs[0], CurrentTime, 0, 0, id, RR_Rotate_0, resources->outputs, 1);
    XUngrabServer(painter->display);
    XRRFreeScreenResources(resources);
    XResizeWindow(painter->display, painter->window, (unsigned)width, (unsigned)height);
    painter->width = width;
    painter->height = height;
    if (painter->pictures[0]) make_pictures(painter);
}

static void dump(struct painter *painter, const char *path)
{
    XImage *image = XGetImage(painter->display, DefaultRootWindow(painter->display), 0, 0, (unsigned)painter->width,
                              (unsigned)painter->height, AllPlanes, ZPixmap);
    FILE *file = fopen(path, "w");
    if (!image || !file) exit(1);
    fwrite(image->data, 4, (size_t)painter->width * (size_t)painter->height, file);
    fclose(file);
    XDestroyImage(image);
}

static void load(struct painter *painter, int which, const char *path)
{
    if (!painter->pictures[0]) make_pictures(painter);
    size_t bytes = (size_t)painter->width * (size_t)painter->height * 4;
    char *pixels = malloc(bytes);
    FILE *file = fopen(path, "r");
    if (!file || fread(pixels, 1, bytes, file) != bytes) exit(1);
    fclose(file);
    put_picture(painter, which, pixels);
}

static void paint_click(struct painter *painter)
{
    painter->turn = !painter->turn;
    unsigned colour = painter->turn ? 0xffffff : 0x000000;
    if (strcmp(painter->on_click, "flat") == 0) fill(painter, 0, 0, painter->width, painter->height, colour);
    if (strcmp(painter->on_click, "patch") == 0) fill(painter, 540, 260, 200, 200, colour);
    if (strcmp(painter->on_click, "swap") == 0) swap(painter, painter->turn);
    XFlush(painter->display);
}

static void obey(struct painter *painter, const char *line)
{
    int a, b, c, d;
    unsigned colour;
    char path[100];
    if (sscanf(line, "fill %d %d %d %d %x", &a, &b, &c, &d, &colour) == 5) fill(painter, a, b, c, d, colour);
    else if (sscanf(line, "swap %d", &a) == 1) swap(painter, a);
    else if (sscanf(line, "scroll %d", &a) == 1) scroll(painter, a);
    else if (sscanf(line, "cursor %d", &a) == 1) XDefineCursor(painter->display, painter->window, XCreateFontCursor(painter->display, (unsigned)a));
    else if (sscanf(line, "size %d %d", &a, &b) == 2) resize(painter, a, b);
    else if (sscanf(line, "load %d %99s", &a, path) == 2) load(painter, a & 1, path);
    else if (sscanf(line, "dump %99s", path) == 1) dump(painter, path);
    else if (sscanf(line, "onclick %7s", painter->on_click) == 1) swap(painter, 0);
    else if (strcmp(line, "click\n") == 0) {
        XTestFakeButtonEvent(painter->display, 1, True, CurrentTime);
        XTestFakeButtonEvent(painter->display, 1, False, CurrentTime);
        XFlush(painter->display);
        printf("%lld\n", (long long)now_us());
        fflush(stdout);
        return;
    } else fprintf(stderr, "painter: no such command: %s", line);
    answer(painter);
}

static void open_window(struct painter *painter)
{
    int screen = DefaultScreen(painter->display);
    painter->width = DisplayWidth(painter->display, screen);
    painter->height = DisplayHeight(painter->display, screen);
    XSetWindowAttributes attributes = { .override_redirect = True, .event_mask = ButtonPressMask };
    painter->window = XCreateWindow(painter->display, RootWindow(painter->display, screen), 0, 0, (unsigned)painter->width,
                                    (unsigned)painter->height, 0, CopyFromParent, InputOutput, CopyFromParent,
                                    CWOverrideRedirect | CWEventMask, &attributes);
    XMapRaised(painter->display, painter->window);
    painter->gc = XCreateGC(painter->display, painter->window, 0, NULL);
    XSync(painter->display, False);
}

int main(void)
{
    struct painter painter = { .display = XOpenDisplay(NULL) };
    if (!painter.display) return 1;
    open_window(&painter);
    char line[128];
    size_t length = 0;
    answer(&painter);
    for (;;) {
        while (XPending(painter.display)) {
            XEvent event;
            XNextEvent(painter.display, &event);
            if (event.type == ButtonPress) paint_click(&painter);
        }
        struct pollfd sources[] = { { STDIN_FILENO, POLLIN, 0 }, { ConnectionNumber(painter.display), POLLIN, 0 } };
        poll(sources, 2, -1);
        if (!sources[0].revents) continue;
        if (read(STDIN_FILENO, line + length, 1) <= 0) return 0;
        if (line[length++] != '\n' && length < sizeof line - 1) continue;
        line[length] = '\0';
        obey(&painter, line);
        length = 0;
    }
}
