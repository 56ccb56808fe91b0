/*
 * What comes in on standard input: lines of one command each.
 *
 *   start            begin to capture, with a key frame; nothing when it runs already
 *   stop             end it and let go of what it holds
 *   key              make the next frame a key frame, soon
 *   bitrate N        target, kbit/s
 *   fps N            most frames a second that show a change
 *   hold             take no frame for now; what changes shows in the first one after it
 *   go               end of a hold
 *   quit             end the program, as the end of the input does
 */
#pragma once

#include <stdbool.h>
#include <stddef.h>

enum command_kind {
    COMMAND_BAD,
    COMMAND_START,
    COMMAND_STOP,
    COMMAND_KEY,
    COMMAND_BITRATE,
    COMMAND_FPS,
    COMMAND_HOLD,
    COMMAND_GO,
    COMMAND_QUIT,
};

struct command {
    enum command_kind kind;
    int value;
    /* Why a bad one is refused; printable. */
    char reason[160];
};

/* `line` is without its newline, ends with a zero byte, and may hold others. */
struct command command_parse(const char *line, size_t length);

#define COMMAND_LINE_MAX 64

/* Bytes of a line that is not whole yet. */
struct command_input {
    char line[COMMAND_LINE_MAX + 1];
    size_t length;
};

/* Takes in one byte. True when it ended a line: then `command` is filled. */
bool command_feed(struct command_input *input, char byte, struct command *command);
