/* How the program ends when it cannot go on: one line on standard error, and a code that tells the agent why. */
#pragma once

/* Known to guest/src/agent/stream/capture/exit.ts. */
enum exit_code {
    EXIT_USAGE = 2,
    EXIT_DISPLAY_CLOSED = 10,      /* the X server cannot be reached */
    EXIT_DISPLAY_UNSUPPORTED = 11, /* it lacks an extension, or has no 24-bit TrueColor screen */
    EXIT_DISPLAY_GONE = 12,        /* it was there, and went away */
    EXIT_ENCODER = 13,
    EXIT_SYSTEM = 14, /* memory, or another thing that the kernel refused */
    EXIT_READER_GONE = 15,
};

_Noreturn void fail(enum exit_code code, const char *format, ...) __attribute__((format(printf, 2, 3)));
