/*
 * Records on their way to the reader. Nothing blocks, nothing queues up: bytes that the pipe does not take are kept, and
 * until they are gone no new frame is taken.
 */
#pragma once

#include <stdbool.h>
#include <stddef.h>

#include "protocol.h"

struct output {
    int fd;
    /* What the pipe did not take yet. */
    unsigned char *rest;
    size_t rest_length;
    size_t rest_room;
    /* A frame went into the pipe; the pipe has not been seen empty since. */
    bool frame_unread;
};

struct output output_open(int fd);
void output_close(struct output *output);

/* Sends a record whole, or keeps what does not go. Fails the program when there is no reader any more. */
void output_put(struct output *output, struct record_header header, const void *payload);

/* Tries to send what was kept. True when nothing is left. */
bool output_flush(struct output *output);

/* Whether the reader has everything up to the last frame: only then is a new one worth taking. */
bool output_is_clear(struct output *output);
