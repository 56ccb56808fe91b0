/* Rectangles of screen pixels. One without an area is empty, wherever it lies. */
#pragma once

#include <stdbool.h>

struct rect {
    int x;
    int y;
    int width;
    int height;
};

bool rect_is_empty(struct rect rect);
bool rect_is_equal(struct rect a, struct rect b);

/* The smallest rectangle that holds both. */
struct rect rect_join(struct rect a, struct rect b);

struct rect rect_clip(struct rect rect, int width, int height);

/* Grown outwards to whole macroblocks of 16 × 16, but not over the screen's edge. */
struct rect rect_to_blocks(struct rect rect, int width, int height);
