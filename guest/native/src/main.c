/*
 * oriel-capture: the screen of $DISPLAY as VP8 frames, taken when something changes.
 *
 *   commands (commands.h) ─► stdin      X server ─► damage, cursor, size
 *                                 └─► loop ◄─┘
 *                                      └─► stdout: records (protocol.h)
 */
#include <signal.h>

#include "fail.h"
#include "loop.h"

int main(int count, char **words)
{
    if (count > 1) fail(EXIT_USAGE, "%s: it takes no words; commands come on standard input", words[1]);
    /* A reader that has gone is an error of write, with a code of its own. */
    signal(SIGPIPE, SIG_IGN);
    loop_run();
    return 0;
}
