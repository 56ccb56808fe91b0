#include "output.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/stat.h>
#include <sys/uio.h>
#include <unistd.h>

#include "fail.h"

static size_t send_now(int fd, struct iovec *parts, int count);
static void keep(struct output *output, const void *bytes, size_t length);
static bool is_empty(int fd);

struct output output_open(int fd)
{
    int flags = fcntl(fd, F_GETFL);
    if (flags < 0 || fcntl(fd, F_SETFL, flags | O_NONBLOCK) < 0) fail(EXIT_SYSTEM, "standard output: %m");
    return (struct output){ .fd = fd };
}

void output_close(struct output *output)
{
    free(output->rest);
}

void output_put(struct output *output, struct record_header header, const void *payload)
{
    header.magic = RECORD_MAGIC;
    if (header.type == RECORD_FRAME) output->frame_unread = true;
    size_t sent = 0;
    if (output_flush(output)) {
        struct iovec parts[] = { { &header, sizeof header }, { (void *)payload, header.length } };
        sent = send_now(output->fd, parts, header.length > 0 ? 2 : 1);
    }
    size_t of_header = sent < sizeof header ? sent : sizeof header;
    size_t of_payload = sent - of_header;
    keep(output, (const unsigned char *)&header + of_header, sizeof header - of_header);
    keep(output, (const unsigned char *)payload + of_payload, header.length - of_payload);
}

bool output_flush(struct output *output)
{
    if (output->rest_length == 0) return true;
    struct iovec rest = { output->rest, output->rest_length };
    size_t sent = send_now(output->fd, &rest, 1);
    output->rest_length -= sent;
    memmove(output->rest, output->rest + sent, output->rest_length);
    return output->rest_length == 0;
}

bool output_is_clear(struct output *output)
{
    if (!output_flush(output)) return false;
    if (output->frame_unread && is_empty(output->fd)) output->frame_unread = false;
    return !output->frame_unread;
}

/* Bytes that went; 0 when the pipe is full. */
static size_t send_now(int fd, struct iovec *parts, int count)
{
    ssize_t sent;
    do sent = writev(fd, parts, count);
    while (sent < 0 && errno == EINTR);
    if (sent >= 0) return (size_t)sent;
    if (errno == EAGAIN || errno == EWOULDBLOCK) return 0;
    fail(EXIT_READER_GONE, "cannot write to the reader: %m");
}

static void keep(struct output *output, const void *bytes, size_t length)
{
    if (length == 0) return;
    size_t needed = output->rest_length + length;
    if (needed > output->rest_room) {
        output->rest = realloc(output->rest, needed);
        if (!output->rest) fail(EXIT_SYSTEM, "no memory for a record of %zu bytes", needed);
        output->rest_room = needed;
    }
    memcpy(output->rest + output->rest_length, bytes, length);
    output->rest_length = needed;
}

/* Whether the reader has taken every byte. A file or terminal has always. */
static bool is_empty(int fd)
{
    struct stat info;
    int unread = 0;
    if (fstat(fd, &info) < 0) return true;
    if (S_ISSOCK(info.st_mode)) return ioctl(fd, TIOCOUTQ, &unread) < 0 || unread == 0;
    if (S_ISFIFO(info.st_mode)) return ioctl(fd, FIONREAD, &unread) < 0 || unread == 0;
    return true;
}
