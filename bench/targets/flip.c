/*
 * What the latency bench clicks on: a window that shows its other picture at each press of a button or key, and prints when it did.
 * The presses are caught by a window of glass over the whole screen: x11vnc holds its updates back for 0.1 s when a button goes
 * down on a smaller window without a frame, which might be about to be dragged.
 *
 *   flip plain|texture X Y WIDTH HEIGHT
 *
 *   plain     black, white
 *   texture   two pictures as hard to encode as a full desktop: two thirds of dense text, one third of a noisy photograph
 *
 * Both have a square in their middle that is black in one picture and white in the other.
 *
 * Prints `ready` when the window is on the screen, then for each press `COUNT PICTURE TIME`: the time in ms since 1970 at
 * which the X server had drawn the picture.
 */
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <xcb/xcb.h>

enum { MARK = 64, GLYPH_WIDTH = 8, GLYPH_HEIGHT = 12, LINE_HEIGHT = 16 };

struct window {
  xcb_connection_t *x;
  xcb_screen_t *screen;
  xcb_window_t id;
  xcb_gcontext_t gc;
  int left, top, width, height;
  /* Of a texture; 0 for plain windows. */
  xcb_pixmap_t pictures[2];
};

static void die(const char *what) {
  fprintf(stderr, "flip: %s\n", what);
  exit(1);
}

/* Numerical Recipes' generator: the same pictures in every run. */
static uint32_t next_random(uint32_t *state) {
  *state = *state * 1664525u + 1013904223u;
  return *state;
}

static void draw_glyph(uint32_t *pixels, int stride, uint32_t ink, uint32_t shape) {
  for (int y = 0; y < GLYPH_HEIGHT; y++)
    for (int x = 0; x < GLYPH_WIDTH - 1; x++)
      if (next_random(&shape) >> 29 < 3) pixels[y * stride + x] = ink;
}

/* Lines of made-up letters with gaps between words. */
static void draw_text(uint32_t *pixels, int stride, int width, int height, uint32_t ink, uint32_t *random) {
  for (int y = 0; y + GLYPH_HEIGHT < height; y += LINE_HEIGHT)
    for (int x = GLYPH_WIDTH; x + GLYPH_WIDTH < width; x += GLYPH_WIDTH) {
      uint32_t shape = next_random(random);
      if (shape >> 28 >= 4) draw_glyph(pixels + y * stride + x, stride, ink, shape);
    }
}

/* Slow changes of colour with 5 bits of noise over them. */
static void draw_photograph(uint32_t *pixels, int stride, int left, int height, int picture, uint32_t *random) {
  for (int y = 0; y < height; y++)
    for (int x = left; x < stride; x++) {
      uint32_t noise = next_random(random) >> 27;
      uint32_t red = (x * (picture + 1) / 3 + noise) & 255;
      uint32_t green = (y / 3 + noise + picture * 90) & 255;
      uint32_t blue = ((x + y) / 6 + noise) & 255;
      pixels[y * stride + x] = red << 16 | green << 8 | blue;
    }
}

static uint32_t *draw_texture(int width, int height, int picture) {
  uint32_t *pixels = malloc((size_t)width * height * sizeof *pixels);
  if (!pixels) die("no memory");
  uint32_t random = 12345 + picture * 777;
  uint32_t paper = picture ? 0xf4f4f0 : 0x202830;
  uint32_t ink = picture ? 0x101010 : 0xe0e0e0;
  for (int i = 0; i < width * height; i++) pixels[i] = paper;
  draw_text(pixels, width, width * 2 / 3, height, ink, &random);
  draw_photograph(pixels, width, width * 2 / 3, height, picture, &random);
  for (int y = (height - MARK) / 2; y < (height + MARK) / 2; y++)
    for (int x = (width - MARK) / 2; x < (width + MARK) / 2; x++) pixels[y * width + x] = picture ? 0xffffff : 0;
  return pixels;
}

/* In strips: a request has a greatest length. */
static void upload(const struct window *w, xcb_pixmap_t pixmap, const uint32_t *pixels) {
  uint32_t request_bytes = xcb_get_maximum_request_length(w->x) * 4;
  int rows_most = (request_bytes - 64) / (w->width * sizeof *pixels);
  for (int y = 0; y < w->height; y += rows_most) {
    int rows = w->height - y < rows_most ? w->height - y : rows_most;
    const uint8_t *data = (const uint8_t *)(pixels + (size_t)y * w->width);
    xcb_put_image(w->x, XCB_IMAGE_FORMAT_Z_PIXMAP, pixmap, w->gc, w->width, rows, 0, y, 0, w->screen->root_depth,
                  rows * w->width * sizeof *pixels, data);
  }
}

static void make_textures(struct window *w) {
  for (int picture = 0; picture < 2; picture++) {
    w->pictures[picture] = xcb_generate_id(w->x);
    xcb_create_pixmap(w->x, w->screen->root_depth, w->pictures[picture], w->id, w->width, w->height);
    uint32_t *pixels = draw_texture(w->width, w->height, picture);
    upload(w, w->pictures[picture], pixels);
    free(pixels);
  }
}

/* Windows without a frame: the window manager has no say. */
static void open_window(struct window *w) {
  w->id = xcb_generate_id(w->x);
  uint32_t values[] = {w->screen->black_pixel, 1, XCB_EVENT_MASK_EXPOSURE};
  xcb_create_window(w->x, XCB_COPY_FROM_PARENT, w->id, w->screen->root, w->left, w->top, w->width, w->height, 0,
                    XCB_WINDOW_CLASS_INPUT_OUTPUT, XCB_COPY_FROM_PARENT,
                    XCB_CW_BACK_PIXEL | XCB_CW_OVERRIDE_REDIRECT | XCB_CW_EVENT_MASK, values);
  w->gc = xcb_generate_id(w->x);
  uint32_t no_exposures = 0;
  xcb_create_gc(w->x, w->gc, w->id, XCB_GC_GRAPHICS_EXPOSURES, &no_exposures);
}

static xcb_window_t open_glass(const struct window *w) {
  xcb_window_t glass = xcb_generate_id(w->x);
  uint32_t values[] = {1, XCB_EVENT_MASK_BUTTON_PRESS | XCB_EVENT_MASK_KEY_PRESS};
  xcb_create_window(w->x, 0, glass, w->screen->root, 0, 0, w->screen->width_in_pixels, w->screen->height_in_pixels, 0,
                    XCB_WINDOW_CLASS_INPUT_ONLY, XCB_COPY_FROM_PARENT, XCB_CW_OVERRIDE_REDIRECT | XCB_CW_EVENT_MASK, values);
  return glass;
}

/* Above all others that are there. */
static void raise_window(const struct window *w, xcb_window_t id) {
  uint32_t above = XCB_STACK_MODE_ABOVE;
  xcb_map_window(w->x, id);
  xcb_configure_window(w->x, id, XCB_CONFIG_WINDOW_STACK_MODE, &above);
}

/* Returns when the X server has done all that it was asked for. */
static void wait_for_server(xcb_connection_t *x) {
  free(xcb_get_input_focus_reply(x, xcb_get_input_focus(x), NULL));
}

static void show(const struct window *w, int picture) {
  if (w->pictures[picture]) {
    xcb_copy_area(w->x, w->pictures[picture], w->id, w->gc, 0, 0, 0, 0, w->width, w->height);
  } else {
    uint32_t colour = picture ? w->screen->white_pixel : w->screen->black_pixel;
    xcb_rectangle_t all = {0, 0, w->width, w->height};
    xcb_change_gc(w->x, w->gc, XCB_GC_FOREGROUND, &colour);
    xcb_poly_fill_rectangle(w->x, w->id, w->gc, 1, &all);
  }
  wait_for_server(w->x);
}

static double now_ms(void) {
  struct timespec t;
  clock_gettime(CLOCK_REALTIME, &t);
  return t.tv_sec * 1e3 + t.tv_nsec / 1e6;
}

static void run(const struct window *w) {
  int picture = 0;
  long count = 0;
  for (xcb_generic_event_t *event; (event = xcb_wait_for_event(w->x)); free(event)) {
    int type = event->response_type & 0x7f;
    if (type == XCB_EXPOSE) show(w, picture);
    if (type != XCB_BUTTON_PRESS && type != XCB_KEY_PRESS) continue;
    picture = !picture;
    show(w, picture);
    printf("%ld %d %.3f\n", ++count, picture, now_ms());
  }
}

int main(int argc, char **argv) {
  if (argc != 6) die("usage: flip plain|texture X Y WIDTH HEIGHT");
  struct window w = {.left = atoi(argv[2]), .top = atoi(argv[3]), .width = atoi(argv[4]), .height = atoi(argv[5])};
  if (w.width <= 0 || w.height <= 0) die("width and height must be above 0");
  w.x = xcb_connect(NULL, NULL);
  if (xcb_connection_has_error(w.x)) die("no X server");
  w.screen = xcb_setup_roots_iterator(xcb_get_setup(w.x)).data;
  if (w.screen->root_depth != 24) die("the screen has not 24 bits");

  setvbuf(stdout, NULL, _IOLBF, 0);
  open_window(&w);
  if (strcmp(argv[1], "texture") == 0) make_textures(&w);
  raise_window(&w, w.id);
  xcb_window_t glass = open_glass(&w);
  raise_window(&w, glass);
  /* Whoever has the focus: keys are the glass's. */
  free(xcb_grab_keyboard_reply(w.x, xcb_grab_keyboard(w.x, 0, glass, XCB_CURRENT_TIME, XCB_GRAB_MODE_ASYNC, XCB_GRAB_MODE_ASYNC), NULL));
  show(&w, 0);
  puts("ready");
  run(&w);
  return 0;
}
