/*
 * A bottleneck link for the network bench: two TUN interfaces, one in this network namespace and one in another, and in between
 * a queue for each direction with a rate, a delay, jitter and losses. At IP level, so that TCP and UDP feel it alike.
 *
 *   link NAMESPACE        a path such as /run/netns/viewer; both interfaces are called `shaped`
 *
 * Commands on standard input, one a line:
 *   shape KBPS DELAY JITTER LOSS QUEUE   from now on: rate (0: nothing goes), ms one way, ms more at most, lost of 1,000, longest queue in ms
 *   take                                 prints what went towards the namespace since the last time, as JSON
 *
 * Prints `ready` when both are there. Ends with its input.
 */
#define _GNU_SOURCE
#include <errno.h>
#include <fcntl.h>
#include <linux/if.h>
#include <linux/if_tun.h>
#include <poll.h>
#include <sched.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <time.h>
#include <unistd.h>

enum { MOST_BYTES = 2048, ROOM = 8192, BUCKETS = 4000, LINE = 128 };

struct packet {
  int64_t due_us;
  int length;
  unsigned char bytes[MOST_BYTES];
};

struct shape {
  int kbps, delay_ms, jitter_ms, lost_of_1000, queue_ms;
};

struct direction {
  int in, out;
  /* A ring. */
  struct packet *packets;
  unsigned head, tail;
  int64_t busy_us, last_due_us;
  /* Since the last take. */
  long sent, bytes, lost, cut;
  long waits[BUCKETS];
};

static void die(const char *what) {
  fprintf(stderr, "link: %s: %s\n", what, strerror(errno));
  exit(1);
}

static int64_t now_us(void) {
  struct timespec now;
  clock_gettime(CLOCK_MONOTONIC, &now);
  return now.tv_sec * 1000000LL + now.tv_nsec / 1000;
}

static double next_random(void) {
  static uint32_t state = 12345;
  state = state * 1664525u + 1013904223u;
  return (state >> 8) / (double)(1 << 24);
}

static int open_tun(void) {
  struct ifreq request = { .ifr_flags = IFF_TUN | IFF_NO_PI, .ifr_name = "shaped" };
  int fd = open("/dev/net/tun", O_RDWR | O_NONBLOCK | O_CLOEXEC);
  if (fd < 0) die("/dev/net/tun");
  if (ioctl(fd, TUNSETIFF, &request) < 0) die("a TUN interface");
  return fd;
}

static int open_tun_in(const char *namespace) {
  int here = open("/proc/self/ns/net", O_RDONLY | O_CLOEXEC);
  int there = open(namespace, O_RDONLY | O_CLOEXEC);
  if (here < 0 || there < 0 || setns(there, CLONE_NEWNET) < 0) die(namespace);
  int fd = open_tun();
  if (setns(here, CLONE_NEWNET) < 0) die("back to this namespace");
  close(here);
  close(there);
  return fd;
}

static void accept_packet(struct direction *way, const struct shape *shape, const unsigned char *bytes, int length) {
  int64_t now = now_us();
  int64_t start = way->busy_us > now ? way->busy_us : now;
  int64_t wait_us = start - now;
  if (shape->kbps == 0 || next_random() * 1000 < shape->lost_of_1000) {
    way->lost++;
    return;
  }
  if (wait_us > shape->queue_ms * 1000LL || (way->tail + 1) % ROOM == way->head) {
    way->cut++;
    return;
  }
  way->busy_us = start + length * 8000LL / shape->kbps;
  int64_t due = way->busy_us + shape->delay_ms * 1000LL + (int64_t)(next_random() * shape->jitter_ms * 1000);
  /* A queue keeps its order. */
  if (due < way->last_due_us) due = way->last_due_us;
  way->last_due_us = due;
  struct packet *packet = &way->packets[way->tail];
  packet->due_us = due;
  packet->length = length;
  memcpy(packet->bytes, bytes, (size_t)length);
  way->tail = (way->tail + 1) % ROOM;
  way->sent++;
  way->bytes += length;
  way->waits[wait_us / 1000 < BUCKETS ? wait_us / 1000 : BUCKETS - 1]++;
}

static void read_packets(struct direction *way, const struct shape *shape) {
  unsigned char bytes[MOST_BYTES];
  for (ssize_t length; (length = read(way->in, bytes, sizeof bytes)) > 0;) accept_packet(way, shape, bytes, (int)length);
}

static void send_due(struct direction *way) {
  for (int64_t now = now_us(); way->head != way->tail && way->packets[way->head].due_us <= now; way->head = (way->head + 1) % ROOM) {
    const struct packet *packet = &way->packets[way->head];
    /* An interface that is down takes nothing. */
    if (write(way->out, packet->bytes, (size_t)packet->length) < 0 && errno != EIO && errno != EAGAIN) die("send");
  }
}

static void tell(struct direction *way) {
  printf("{\"packets\":%ld,\"bytes\":%ld,\"lost\":%ld,\"cut\":%ld,\"waits\":[", way->sent, way->bytes, way->lost, way->cut);
  const char *comma = "";
  for (int ms = 0; ms < BUCKETS; ms++)
    if (way->waits[ms] > 0) {
      printf("%s[%d,%ld]", comma, ms, way->waits[ms]);
      comma = ",";
    }
  printf("]}\n");
  fflush(stdout);
  way->sent = way->bytes = way->lost = way->cut = 0;
  memset(way->waits, 0, sizeof way->waits);
}

static void obey(const char *line, struct shape *shape, struct direction *down) {
  struct shape wanted;
  if (strcmp(line, "take") == 0) {
    tell(down);
  } else if (sscanf(line, "shape %d %d %d %d %d", &wanted.kbps, &wanted.delay_ms, &wanted.jitter_ms, &wanted.lost_of_1000, &wanted.queue_ms) == 5) {
    *shape = wanted;
  } else {
    fprintf(stderr, "link: no such command: %s\n", line);
    exit(2);
  }
}

static bool read_commands(struct shape *shape, struct direction *down) {
  static char line[LINE];
  static size_t length;
  char bytes[LINE];
  ssize_t count = read(STDIN_FILENO, bytes, sizeof bytes);
  for (ssize_t index = 0; index < count; index++) {
    if (bytes[index] != '\n') {
      if (length < LINE - 1) line[length++] = bytes[index];
      continue;
    }
    line[length] = '\0';
    length = 0;
    obey(line, shape, down);
  }
  return count > 0;
}

static int64_t next_due_us(const struct direction *way) {
  return way->head == way->tail ? INT64_MAX : way->packets[way->head].due_us;
}

int main(int count, char **words) {
  if (count != 2) {
    fprintf(stderr, "link: it takes the path of a network namespace\n");
    return 2;
  }
  static struct direction down, up;
  int here = open_tun(), there = open_tun_in(words[1]);
  down = (struct direction){ .in = here, .out = there, .packets = calloc(ROOM, sizeof(struct packet)) };
  up = (struct direction){ .in = there, .out = here, .packets = calloc(ROOM, sizeof(struct packet)) };
  if (!down.packets || !up.packets) die("memory");
  struct shape shape = { .kbps = 1000000, .queue_ms = 1000 };
  printf("ready\n");
  fflush(stdout);

  for (;;) {
    int64_t due = next_due_us(&down) < next_due_us(&up) ? next_due_us(&down) : next_due_us(&up);
    int64_t wait_us = due == INT64_MAX ? 1000000 : due - now_us();
    if (wait_us < 0) wait_us = 0;
    struct timespec limit = { wait_us / 1000000, wait_us % 1000000 * 1000 };
    struct pollfd sources[] = { { STDIN_FILENO, POLLIN, 0 }, { here, POLLIN, 0 }, { there, POLLIN, 0 } };
    if (ppoll(sources, 3, &limit, NULL) < 0 && errno != EINTR) die("poll");
    if (sources[0].revents && !read_commands(&shape, &down)) return 0;
    read_packets(&down, &shape);
    read_packets(&up, &shape);
    send_due(&down);
    send_due(&up);
  }
}
