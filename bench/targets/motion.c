/*
 * What the benches of network and stream look at: a window as large as the screen with a page of text and photographs. Its uppermost
 * rows count the pictures: 16 squares, the lowest bit first, white for 1.
 *
 *   motion scroll PIXELS PERIOD           the page goes so many pixels further every so many ms
 *   motion film PIXELS PERIOD             it stands still, but for a film of 640x360 in its middle
 *   motion still PIXELS COUNT FILE        picture COUNT of a page that scrolls; what the screen then has goes to FILE, as BGRX
 *
 * Prints `ready`, then for each picture `COUNT TIME`: the time in ms since 1970 at which the X server had drawn it.
 */
#define _GNU_SOURCE
#include <math.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>
#include <xcb/xcb.h>

enum { SQUARE = 16, BITS = 16, STRIP_ROWS = 32, FILM_WIDTH = 640, FILM_HEIGHT = 360 };

struct screen {
  xcb_connection_t *x;
  xcb_screen_t *screen;
  xcb_window_t window;
  xcb_gcontext_t gc;
  xcb_pixmap_t page;
  int width, height;
};

static void die(const char *what) {
  fprintf(stderr, "motion: %s\n", what);
  exit(1);
}

/* Numerical Recipes' generator: the same page in every run. */
static uint32_t next_random(uint32_t *state) {
  *state = *state * 1664525u + 1013904223u;
  return *state;
}

/* One of a few dozen letters, as a page has them. */
static void draw_letter(uint32_t *pixels, int width, uint32_t letter) {
  uint32_t shape = letter * 2654435761u + 12345;
  for (int dot = 0; dot < 60; dot++)
    if (next_random(&shape) >> 30 == 0) pixels[dot / 6 * width + dot % 6] = 0x202020;
}

/* Lines of made-up words on white, beside photographs with a little noise. */
static void draw_page(uint32_t *pixels, int width, int height) {
  uint32_t random = 7;
  int column = width * 2 / 3;
  for (int y = 0; y < height; y++)
    for (int x = 0; x < width; x++) {
      uint32_t shade = (uint32_t)((x * 3 / 7 + y * 5 / 9) & 127) + 64 + (next_random(&random) >> 30);
      pixels[y * width + x] = x < column ? 0xffffff : shade << 16 | (shade ^ 32) << 8 | (255 - shade);
    }
  for (int y = 4; y + 12 < height; y += 18)
    for (int x = 12; x + 8 < column; x += 8) {
      uint32_t letter = next_random(&random) >> 26;
      if (letter > 12) draw_letter(pixels + y * width + x, width, letter);
    }
}

static void put_pixels(const struct screen *s, xcb_drawable_t to, const uint32_t *pixels, int width, int height, int left, int top) {
  /* In strips: the server takes no request of any size. */
  for (int y = 0; y < height; y += STRIP_ROWS) {
    int rows = y + STRIP_ROWS < height ? STRIP_ROWS : height - y;
    xcb_put_image(s->x, XCB_IMAGE_FORMAT_Z_PIXMAP, to, s->gc, (uint16_t)width, (uint16_t)rows, (int16_t)left, (int16_t)(top + y), 0,
                  s->screen->root_depth, (uint32_t)(width * rows * 4), (const uint8_t *)(pixels + y * width));
  }
}

static void put_page(struct screen *s) {
  int height = s->height * 2;
  uint32_t *pixels = malloc((size_t)s->width * (size_t)height * 4);
  if (!pixels) die("no memory");
  draw_page(pixels, s->width, height);
  s->page = xcb_generate_id(s->x);
  xcb_create_pixmap(s->x, s->screen->root_depth, s->page, s->screen->root, (uint16_t)s->width, (uint16_t)height);
  put_pixels(s, s->page, pixels, s->width, height, 0, 0);
  free(pixels);
}

static void draw_count(const struct screen *s, unsigned count) {
  for (int bit = 0; bit < BITS; bit++) {
    xcb_change_gc(s->x, s->gc, XCB_GC_FOREGROUND, &(uint32_t){ count >> bit & 1 ? 0xffffff : 0 });
    xcb_poly_fill_rectangle(s->x, s->window, s->gc, 1, &(xcb_rectangle_t){ (int16_t)(bit * SQUARE), 0, SQUARE, SQUARE });
  }
}

static void draw_scrolled(const struct screen *s, unsigned picture, int step) {
  int top = (int)(picture * (unsigned)step % (unsigned)s->height);
  xcb_copy_area(s->x, s->page, s->window, s->gc, 0, (int16_t)top, 0, 0, (uint16_t)s->width, (uint16_t)s->height);
  draw_count(s, picture);
}

/* Waves that run through each other, so that no pixel stays as it is. */
static void draw_film(const struct screen *s, unsigned picture) {
  static uint32_t pixels[FILM_WIDTH * FILM_HEIGHT];
  static double wave[1024];
  if (wave[256] == 0)
    for (int angle = 0; angle < 1024; angle++) wave[angle] = sin(angle * M_PI / 512);
  for (int y = 0; y < FILM_HEIGHT; y++)
    for (int x = 0; x < FILM_WIDTH; x++) {
      double a = wave[(x * 3 + (int)picture * 9) & 1023], b = wave[(y * 5 - (int)picture * 7) & 1023], c = wave[(x * 2 + y * 4 + (int)picture * 13) & 1023];
      uint32_t red = (uint32_t)(128 + 60 * a + 60 * c), green = (uint32_t)(128 + 60 * b + 60 * a), blue = (uint32_t)(128 + 60 * c + 60 * b);
      pixels[y * FILM_WIDTH + x] = red << 16 | green << 8 | blue;
    }
  put_pixels(s, s->window, pixels, FILM_WIDTH, FILM_HEIGHT, (s->width - FILM_WIDTH) / 2, (s->height - FILM_HEIGHT) / 2);
  draw_count(s, picture);
}

static void wait_until_drawn(const struct screen *s) {
  free(xcb_get_input_focus_reply(s->x, xcb_get_input_focus(s->x), NULL));
}

static void say_drawn(const struct screen *s, unsigned count) {
  wait_until_drawn(s);
  struct timespec now;
  clock_gettime(CLOCK_REALTIME, &now);
  printf("%u %.1f\n", count, (double)now.tv_sec * 1e3 + (double)now.tv_nsec / 1e6);
  fflush(stdout);
}

static void write_screen(const struct screen *s, const char *path) {
  xcb_get_image_reply_t *image = xcb_get_image_reply(
    s->x, xcb_get_image(s->x, XCB_IMAGE_FORMAT_Z_PIXMAP, s->screen->root, 0, 0, (uint16_t)s->width, (uint16_t)s->height, ~0u), NULL);
  FILE *file = fopen(path, "w");
  if (!image || !file) die("the screen cannot be read, or the file not written");
  fwrite(xcb_get_image_data(image), 1, (size_t)xcb_get_image_data_length(image), file);
  fclose(file);
  free(image);
}

static struct screen open_screen(void) {
  struct screen s = { .x = xcb_connect(NULL, NULL) };
  if (xcb_connection_has_error(s.x)) die("no X server");
  s.screen = xcb_setup_roots_iterator(xcb_get_setup(s.x)).data;
  s.width = s.screen->width_in_pixels, s.height = s.screen->height_in_pixels;
  s.window = xcb_generate_id(s.x);
  xcb_create_window(s.x, XCB_COPY_FROM_PARENT, s.window, s.screen->root, 0, 0, (uint16_t)s.width, (uint16_t)s.height, 0,
                    XCB_WINDOW_CLASS_INPUT_OUTPUT, s.screen->root_visual, XCB_CW_OVERRIDE_REDIRECT, &(uint32_t){ 1 });
  s.gc = xcb_generate_id(s.x);
  xcb_create_gc(s.x, s.gc, s.window, 0, NULL);
  put_page(&s);
  xcb_map_window(s.x, s.window);
  xcb_flush(s.x);
  return s;
}

int main(int count, char **words) {
  bool is_film = count == 4 && strcmp(words[1], "film") == 0, is_still = count == 5 && strcmp(words[1], "still") == 0;
  if (!is_film && !is_still && !(count == 4 && strcmp(words[1], "scroll") == 0))
    die("it takes scroll PIXELS PERIOD, film PIXELS PERIOD, or still PIXELS COUNT FILE");
  int step = atoi(words[2]);
  struct screen s = open_screen();
  if (is_still) {
    draw_scrolled(&s, (unsigned)atoi(words[3]), step);
    wait_until_drawn(&s);
    write_screen(&s, words[4]);
    printf("ready\n");
    fflush(stdout);
    pause();
    return 0;
  }
  long period_ms = atol(words[3]);
  if (is_film) draw_scrolled(&s, 0, step);
  printf("ready\n");

  struct timespec next;
  clock_gettime(CLOCK_MONOTONIC, &next);
  for (unsigned picture = 1;; picture = (picture + 1) & 0xffff) {
    if (is_film) draw_film(&s, picture);
    else draw_scrolled(&s, picture, step);
    say_drawn(&s, picture);
    next.tv_sec += period_ms / 1000;
    next.tv_nsec += period_ms % 1000 * 1000000L;
    if (next.tv_nsec >= 1000000000L) next = (struct timespec){ next.tv_sec + 1, next.tv_nsec - 1000000000L };
    clock_nanosleep(CLOCK_MONOTONIC, TIMER_ABSTIME, &next, NULL);
  }
}
