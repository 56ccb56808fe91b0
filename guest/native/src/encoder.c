#include "encoder.h"

#include <libyuv/convert.h>
#include <vpx/vp8cx.h>

#include "clock.h"
#include "fail.h"

#define MOST_STEP_US (1000 * MS_US)

/* libvpx sees the frame rate in the differences of frames' ends: with one duration for all these are the true ones. */
#define FRAME_US (1000 * MS_US / 60)

/* Below it, motion is not to be had at WORST_QUANTIZER. */
#define SLOW_KBPS 2000

/* A picture that is new throughout is found in none of the older ones: to search them takes a quarter of the time. */
#define ONE_REFERENCE (VP8_EFLAG_NO_REF_GF | VP8_EFLAG_NO_REF_ARF)

static vpx_codec_enc_cfg_t make_config(int width, int height, int kbps);
static void set_controls(vpx_codec_ctx_t *context);
static void require(vpx_codec_ctx_t *context, vpx_codec_err_t result, const char *what);
static void set_least_quantizer(struct encoder *encoder, int quantizer);
static unsigned worst_quantizer(const struct encoder *encoder, int least);
static void advance_clock(struct encoder *encoder, int64_t at_us);
static struct encoded collect(struct encoder *encoder);

void encoder_open(struct encoder *encoder, int width, int height, int kbps)
{
    *encoder = (struct encoder){ .config = make_config(width, height, kbps), .active_map = active_map_new(width, height) };
    if (!vpx_img_alloc(&encoder->picture, VPX_IMG_FMT_I420, (unsigned)width, (unsigned)height, 32))
        fail(EXIT_SYSTEM, "no memory for a picture of %dx%d", width, height);
    require(&encoder->context, vpx_codec_enc_init(&encoder->context, vpx_codec_vp8_cx(), &encoder->config, 0), "open");
    set_controls(&encoder->context);
}

void encoder_close(struct encoder *encoder)
{
    vpx_codec_destroy(&encoder->context);
    vpx_img_free(&encoder->picture);
    active_map_free(&encoder->active_map);
}

void encoder_paint(struct encoder *encoder, struct rect rect, const uint8_t *pixels)
{
    unsigned char **planes = encoder->picture.planes;
    const int *strides = encoder->picture.stride;
    int chroma_x = rect.x / 2;
    int chroma_y = rect.y / 2;
    ARGBToI420(pixels, rect.width * 4, planes[VPX_PLANE_Y] + rect.y * strides[VPX_PLANE_Y] + rect.x, strides[VPX_PLANE_Y],
               planes[VPX_PLANE_U] + chroma_y * strides[VPX_PLANE_U] + chroma_x, strides[VPX_PLANE_U],
               planes[VPX_PLANE_V] + chroma_y * strides[VPX_PLANE_V] + chroma_x, strides[VPX_PLANE_V], rect.width, rect.height);
}

struct encoded encoder_encode(struct encoder *encoder, struct encoder_wish wish)
{
    set_least_quantizer(encoder, wish.least_quantizer);
    require(&encoder->context, active_map_set(&encoder->active_map, &encoder->context, wish.active), "take its active blocks");
    advance_clock(encoder, wish.at_us);
    vpx_enc_frame_flags_t flags = wish.key ? VPX_EFLAG_FORCE_KF : wish.least_quantizer > WORST_QUANTIZER ? ONE_REFERENCE : 0;
    vpx_codec_err_t result = vpx_codec_encode(&encoder->context, &encoder->picture, encoder->clock_us, FRAME_US, flags, VPX_DL_REALTIME);
    require(&encoder->context, result, "encode");
    return collect(encoder);
}

void encoder_skip_time(struct encoder *encoder, int64_t us)
{
    encoder->last_us += us;
}

void encoder_set_rate(struct encoder *encoder, int kbps)
{
    encoder->config.rc_target_bitrate = (unsigned)kbps;
    encoder->config.rc_max_quantizer = worst_quantizer(encoder, (int)encoder->config.rc_min_quantizer);
    require(&encoder->context, vpx_codec_enc_config_set(&encoder->context, &encoder->config), "take a new rate");
}

static void set_least_quantizer(struct encoder *encoder, int quantizer)
{
    if (encoder->config.rc_min_quantizer == (unsigned)quantizer) return;
    encoder->config.rc_min_quantizer = (unsigned)quantizer;
    encoder->config.rc_max_quantizer = worst_quantizer(encoder, quantizer);
    require(&encoder->context, vpx_codec_enc_config_set(&encoder->context, &encoder->config), "take a new quantizer");
}

/* A slow link gets coarse frames rather than late ones. */
static unsigned worst_quantizer(const struct encoder *encoder, int least)
{
    if (encoder->config.rc_target_bitrate < SLOW_KBPS || least > WORST_QUANTIZER) return COARSE_QUANTIZER;
    return WORST_QUANTIZER;
}

/* A frame's share of the rate is the time since the last one, but not all of a long silence. */
static void advance_clock(struct encoder *encoder, int64_t at_us)
{
    int64_t step_us = at_us - encoder->last_us;
    encoder->clock_us += step_us < 1 ? 1 : step_us > MOST_STEP_US ? MOST_STEP_US : step_us;
    encoder->last_us = at_us;
}

static vpx_codec_enc_cfg_t make_config(int width, int height, int kbps)
{
    vpx_codec_enc_cfg_t config;
    if (vpx_codec_enc_config_default(vpx_codec_vp8_cx(), &config, 0)) fail(EXIT_ENCODER, "libvpx has no VP8 encoder");
    config.g_w = (unsigned)width;
    config.g_h = (unsigned)height;
    config.g_timebase = (vpx_rational_t){ 1, 1000000 };
    /* A second thread on two cores stalls for 200 to 400 ms whenever something else wants the other core. */
    config.g_threads = 1;
    config.g_lag_in_frames = 0;
    config.g_error_resilient = VPX_ERROR_RESILIENT_DEFAULT;
    config.rc_end_usage = VPX_CBR;
    config.rc_target_bitrate = (unsigned)kbps;
    /* Milliseconds at the target rate. */
    config.rc_buf_initial_sz = 100;
    config.rc_buf_optimal_sz = 120;
    config.rc_buf_sz = 150;
    config.rc_undershoot_pct = 25;
    config.rc_overshoot_pct = 10;
    config.rc_min_quantizer = BEST_QUANTIZER;
    config.rc_max_quantizer = WORST_QUANTIZER;
    /* Only when asked for: a key frame that nobody needs is the largest frame of all. */
    config.kf_mode = VPX_KF_DISABLED;
    return config;
}

static void set_controls(vpx_codec_ctx_t *context)
{
    require(context, vpx_codec_control(context, VP8E_SET_CPUUSED, -16), "set its speed");
    require(context, vpx_codec_control(context, VP8E_SET_STATIC_THRESHOLD, 100), "set its static threshold");
    require(context, vpx_codec_control(context, VP8E_SET_SCREEN_CONTENT_MODE, 1), "set screen content");
    /* Per cent of a frame's share: bounds the burst of a key frame. */
    require(context, vpx_codec_control(context, VP8E_SET_MAX_INTRA_BITRATE_PCT, 250), "bound its key frames");
}

static void require(vpx_codec_ctx_t *context, vpx_codec_err_t result, const char *what)
{
    if (result == VPX_CODEC_OK) return;
    const char *detail = vpx_codec_error_detail(context);
    fail(EXIT_ENCODER, "the encoder cannot %s: %s%s%s", what, vpx_codec_err_to_string(result), detail ? ": " : "", detail ? detail : "");
}

static struct encoded collect(struct encoder *encoder)
{
    int quantizer = 0;
    vpx_codec_iter_t iterator = NULL;
    const vpx_codec_cx_pkt_t *packet;
    require(&encoder->context, vpx_codec_control(&encoder->context, VP8E_GET_LAST_QUANTIZER_64, &quantizer), "tell its quantizer");
    while ((packet = vpx_codec_get_cx_data(&encoder->context, &iterator)))
        if (packet->kind == VPX_CODEC_CX_FRAME_PKT)
            return (struct encoded){ packet->data.frame.buf, packet->data.frame.sz, packet->data.frame.flags & VPX_FRAME_IS_KEY, quantizer };
    fail(EXIT_ENCODER, "the encoder gave no frame");
}
