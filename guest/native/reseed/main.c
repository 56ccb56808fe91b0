/*
 * oriel-reseed: 64 bytes from standard input become part of the kernel's random numbers, and what it gives from now on depends on them.
 * A copied machine has those of the one that it is a copy of. Needs CAP_SYS_ADMIN; see random(4).
 */
#include <fcntl.h>
#include <linux/random.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <unistd.h>

enum { SEED_BYTES = 64 };

static _Noreturn void fail(const char *what)
{
    fprintf(stderr, "oriel-reseed: ");
    perror(what);
    exit(1);
}

int main(void)
{
    struct {
        struct rand_pool_info info;
        char bytes[SEED_BYTES + 1];
    } seed = {.info = {.entropy_count = SEED_BYTES * 8, .buf_size = SEED_BYTES}};
    size_t count = fread(seed.bytes, 1, sizeof seed.bytes, stdin);
    if (count != SEED_BYTES) {
        fprintf(stderr, "oriel-reseed: %zu bytes came, it must be %d\n", count, SEED_BYTES);
        return 2;
    }
    int device = open("/dev/urandom", O_RDWR | O_CLOEXEC);
    if (device < 0) fail("/dev/urandom");
    if (ioctl(device, RNDADDENTROPY, &seed) < 0) fail("RNDADDENTROPY");
    if (ioctl(device, RNDRESEEDCRNG) < 0) fail("RNDRESEEDCRNG");
    explicit_bzero(&seed, sizeof seed);
    return 0;
}
