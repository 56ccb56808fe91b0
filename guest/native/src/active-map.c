#include "active-map.h"

#include <stdlib.h>
#include <string.h>
#include <vpx/vp8cx.h>

#include "fail.h"

#define BLOCK 16

static void fill(struct active_map *map, struct rect active);
static int to_blocks(int pixels);

struct active_map active_map_new(int width, int height)
{
    struct active_map map = { .columns = to_blocks(width), .rows = to_blocks(height), .active = { 0, 0, width, height } };
    map.blocks = malloc((size_t)(map.columns * map.rows));
    if (!map.blocks) fail(EXIT_SYSTEM, "no memory for a map of %dx%d blocks", map.columns, map.rows);
    return map;
}

void active_map_free(struct active_map *map)
{
    free(map->blocks);
    *map = (struct active_map){ 0 };
}

vpx_codec_err_t active_map_set(struct active_map *map, vpx_codec_ctx_t *encoder, struct rect active)
{
    struct rect inside = rect_clip(active, map->columns * BLOCK, map->rows * BLOCK);
    if (rect_is_equal(map->active, inside)) return VPX_CODEC_OK;
    map->active = inside;
    fill(map, inside);
    vpx_active_map_t request = { map->blocks, (unsigned)map->rows, (unsigned)map->columns };
    return vpx_codec_control(encoder, VP8E_SET_ACTIVEMAP, &request);
}

static void fill(struct active_map *map, struct rect active)
{
    memset(map->blocks, 0, (size_t)(map->columns * map->rows));
    if (rect_is_empty(active)) return;
    int left = active.x / BLOCK;
    int right = to_blocks(active.x + active.width);
    int bottom = to_blocks(active.y + active.height);
    for (int row = active.y / BLOCK; row < bottom; row++) memset(map->blocks + row * map->columns + left, 1, (size_t)(right - left));
}

static int to_blocks(int pixels)
{
    return (pixels + BLOCK - 1) / BLOCK;
}
