#include "commands.h"

#include <stdio.h>
#include <string.h>

struct rule {
    const char *word;
    enum command_kind kind;
    /* Limits of its number; 0 and 0: it takes none. */
    int least;
    int most;
};

static const struct rule RULES[] = {
    { "start", COMMAND_START, 0, 0 },
    { "stop", COMMAND_STOP, 0, 0 },
    { "key", COMMAND_KEY, 0, 0 },
    { "bitrate", COMMAND_BITRATE, 50, 50000 },
    { "fps", COMMAND_FPS, 1, 60 },
    { "hold", COMMAND_HOLD, 0, 0 },
    { "go", COMMAND_GO, 0, 0 },
    { "quit", COMMAND_QUIT, 0, 0 },
};

#define RULES_END (RULES + sizeof RULES / sizeof *RULES)

static const struct rule *find_rule(const char *line, size_t word);
static struct command check(const struct rule *rule, const char *line, const char *number, size_t digits);
static struct command refuse(const char *line, const char *reason);

struct command command_parse(const char *line, size_t length)
{
    if (strlen(line) != length) return refuse("", "a zero byte in the line");
    size_t word = strcspn(line, " ");
    const struct rule *rule = find_rule(line, word);
    if (!rule) return refuse(line, "no such command");
    if (word == length && rule->most == 0) return (struct command){ .kind = rule->kind };
    if (rule->most == 0) return refuse(line, "it takes no number");
    return check(rule, line, line + word + 1, word == length ? 0 : length - word - 1);
}

static const struct rule *find_rule(const char *line, size_t word)
{
    for (const struct rule *rule = RULES; rule < RULES_END; rule++)
        if (strlen(rule->word) == word && memcmp(rule->word, line, word) == 0) return rule;
    return NULL;
}

static struct command check(const struct rule *rule, const char *line, const char *number, size_t digits)
{
    int value = 0;
    for (size_t index = 0; index < digits && digits <= 6 && number[index] >= '0' && number[index] <= '9'; index++)
        value = value * 10 + number[index] - '0';
    bool is_number = digits > 0 && digits <= 6 && strspn(number, "0123456789") == digits;
    if (is_number && value >= rule->least && value <= rule->most) return (struct command){ .kind = rule->kind, .value = value };

    char reason[64];
    snprintf(reason, sizeof reason, "not a whole number from %d to %d", rule->least, rule->most);
    return refuse(line, reason);
}

/* Says what was refused without passing on bytes that a log could stumble over. */
static struct command refuse(const char *line, const char *reason)
{
    struct command command = { .kind = COMMAND_BAD };
    snprintf(command.reason, sizeof command.reason, "%s: %s", line, reason);
    for (char *byte = command.reason; *byte; byte++)
        if (*byte < ' ' || *byte > '~') *byte = '?';
    return command;
}

bool command_feed(struct command_input *input, char byte, struct command *command)
{
    if (byte != '\n') {
        /* What is too long is counted no further: one byte over the limit tells it. */
        if (input->length <= COMMAND_LINE_MAX) input->line[input->length++] = byte;
        return false;
    }
    bool too_long = input->length > COMMAND_LINE_MAX;
    input->line[too_long ? COMMAND_LINE_MAX : input->length] = '\0';
    *command = too_long ? refuse("", "line too long") : command_parse(input->line, input->length);
    input->length = 0;
    return true;
}
