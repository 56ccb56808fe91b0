/*
 * What goes out on standard output: records. Each is a header of 32 bytes, little endian, and `length` bytes after it.
 *
 *   type      payload                                     header fields that mean something
 *   DISPLAY   –                                           width, height: the screen's, at first and after each change
 *   FRAME     one whole VP8 frame                         all but the hot spot; FLAG_KEY, FLAG_FOLLOW_UP
 *   CURSOR    width × height pixels, B G R A,             width, height, hot spot, number (the server's serial)
 *             colours multiplied by alpha
 *   COPIED    –                                           –: a program has the clipboard now
 *   REFUSED   the command that was not obeyed, and why    –
 *
 * The reader: guest/src/agent/stream/capture/records.ts.
 */
#pragma once

#include <stdint.h>

enum record_type { RECORD_DISPLAY = 1, RECORD_FRAME = 2, RECORD_CURSOR = 3, RECORD_REFUSED = 4, RECORD_COPIED = 5 };

enum record_flag {
    FLAG_KEY = 1,
    /* The screen has not changed since the last frame: this one only sharpens it. */
    FLAG_FOLLOW_UP = 2,
};

#define RECORD_MAGIC 0x4c4f /* "OL" */

struct record_header {
    uint16_t magic;
    uint8_t type;
    uint8_t flags;
    uint32_t length;
    /* CLOCK_MONOTONIC when the record's content was taken; of a frame, when grabbing began. */
    uint64_t at_us;
    uint16_t width;
    uint16_t height;
    uint16_t hot_x;
    uint16_t hot_y;
    /* Frames count from 1 and miss none: a gap would mean a broken chain. */
    uint32_t number;
    /* From at_us to the encoded frame. */
    uint32_t work_us;
};

_Static_assert(sizeof(struct record_header) == 32, "the header has no holes");
_Static_assert(__BYTE_ORDER__ == __ORDER_LITTLE_ENDIAN__, "records are written as they lie in memory");
