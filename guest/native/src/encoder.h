/* VP8 by libvpx, set for a desktop that a person is using. */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <vpx/vpx_encoder.h>

#include "active-map.h"
#include "rect.h"

struct encoder {
    vpx_codec_ctx_t context;
    vpx_codec_enc_cfg_t config;
    /* What is to be encoded: kept up to date by encoder_paint. */
    vpx_image_t picture;
    struct active_map active_map;
    int64_t last_us;
    /* The time that rate control is told: silence counts little in it. */
    int64_t clock_us;
};

/* libvpx's scale: 0 is nearly lossless, 63 coarse. */
#define BEST_QUANTIZER 4
#define WORST_QUANTIZER 56
/* For one frame that shows a great change at once, and is sharpened after it: half the bytes, two thirds of the time. */
#define COARSE_QUANTIZER 63

struct encoder_wish {
    int64_t at_us;
    bool key;
    /* Not finer than this, however much rate there is: bounds the frame's size. From BEST_ to WORST_QUANTIZER, or COARSE_. */
    int least_quantizer;
    /* Nothing has changed and nothing is to be sharpened outside of it. On the screen, not empty. */
    struct rect active;
};

struct encoded {
    const uint8_t *data;
    size_t length;
    bool key;
    int quantizer;
};

/* Any size from 1 × 1 to 16383 × 16383, odd ones too. The first frame is a key frame. */
void encoder_open(struct encoder *encoder, int width, int height, int kbps);
void encoder_close(struct encoder *encoder);

/* Puts pixels (B G R x, no gaps between rows) into the picture. `rect` begins at even coordinates. */
void encoder_paint(struct encoder *encoder, struct rect rect, const uint8_t *pixels);

/* Encodes the picture. The data is good until the next call. */
struct encoded encoder_encode(struct encoder *encoder, struct encoder_wish wish);

/* So much time gave no share of the rate: the link was still carrying what had been sent. Else late frames would be large, and larger ones later. */
void encoder_skip_time(struct encoder *encoder, int64_t us);

void encoder_set_rate(struct encoder *encoder, int kbps);
