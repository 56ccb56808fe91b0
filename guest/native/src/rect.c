#include "rect.h"

static int least(int a, int b)
{
    return a < b ? a : b;
}

static int most(int a, int b)
{
    return a > b ? a : b;
}

static struct rect from_edges(int left, int top, int right, int bottom)
{
    return (struct rect){ left, top, right - left, bottom - top };
}

bool rect_is_empty(struct rect rect)
{
    return rect.width <= 0 || rect.height <= 0;
}

bool rect_is_equal(struct rect a, struct rect b)
{
    return a.x == b.x && a.y == b.y && a.width == b.width && a.height == b.height;
}

struct rect rect_join(struct rect a, struct rect b)
{
    if (rect_is_empty(a)) return b;
    if (rect_is_empty(b)) return a;
    return from_edges(least(a.x, b.x), least(a.y, b.y), most(a.x + a.width, b.x + b.width), most(a.y + a.height, b.y + b.height));
}

struct rect rect_clip(struct rect rect, int width, int height)
{
    return from_edges(most(rect.x, 0), most(rect.y, 0), least(rect.x + rect.width, width), least(rect.y + rect.height, height));
}

struct rect rect_to_blocks(struct rect rect, int width, int height)
{
    struct rect clipped = rect_clip(rect, width, height);
    if (rect_is_empty(clipped)) return (struct rect){ 0 };
    int right = (clipped.x + clipped.width + 15) & ~15;
    int bottom = (clipped.y + clipped.height + 15) & ~15;
    return rect_clip(from_edges(clipped.x & ~15, clipped.y & ~15, right, bottom), width, height);
}
