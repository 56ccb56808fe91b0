/*
 * Which macroblocks the encoder looks at: outside of a rectangle it repeats the last frame. Halves the cost of a small
 * change, and keeps the encoder from spending rate on what has long been sharp.
 */
#pragma once

#include <vpx/vpx_encoder.h>

#include "rect.h"

struct active_map {
    unsigned char *blocks;
    int columns;
    int rows;
    struct rect active;
};

/* All are active at first. */
struct active_map active_map_new(int width, int height);
void active_map_free(struct active_map *map);

/* Makes the blocks in `active`, and no others, the active ones of the encoder. */
vpx_codec_err_t active_map_set(struct active_map *map, vpx_codec_ctx_t *encoder, struct rect active);
