#pragma once

#include <stdint.h>
#include <time.h>

#define MS_US INT64_C(1000)
#define NEVER_US INT64_MAX

/* Microseconds of CLOCK_MONOTONIC, the clock of Node's process.hrtime(). */
static inline int64_t now_us(void)
{
    struct timespec now;
    clock_gettime(CLOCK_MONOTONIC, &now);
    return (int64_t)now.tv_sec * 1000000 + now.tv_nsec / 1000;
}
