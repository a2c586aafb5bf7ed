/*
 * bench_ceiling.c - what no tokenizer on this machine can be faster than, in MB/s (10^6 bytes), one thread.
 *
 *   bench_ceiling FILE      ->  a line for each of five rounds: NAME, MB/s, 12345.6
 *
 * Three things that a tokenizer has to do at least, each alone, on the text and in memory: look at every byte (memchr
 * for one that is not there), know its characters (UTF-8 is well-formed; eight ASCII bytes at a time), and look up each
 * piece of the text once, in a table. A piece is 4.4 bytes long in mixed text, and the tables that matter have about 4
 * MB.
 */
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

enum {
    ROOM = 64 << 20,
    TABLE_BITS = 18, /* times 16 bytes: 4 MB */
    ROUNDS = 5,
};

typedef struct text {
    const uint8_t *bytes;
    size_t len;
} text;

static uint64_t (*table)[2];

static double seconds(void)
{
    struct timespec now;
    clock_gettime(CLOCK_MONOTONIC, &now);
    return (double)now.tv_sec + (double)now.tv_nsec * 1e-9;
}

static uint64_t every_byte(text t)
{
    return memchr(t.bytes, 0xFF, t.len) != NULL;
}

static size_t character_len(const uint8_t *p, size_t room)
{
    size_t len = p[0] < 0x80 ? 1 : p[0] < 0xC2 ? 0 : p[0] < 0xE0 ? 2 : p[0] < 0xF0 ? 3 : p[0] < 0xF5 ? 4 : 0;
    if (len == 0 || len > room)
        return 0;
    for (size_t i = 1; i < len; i++)
        if ((p[i] & 0xC0) != 0x80)
            return 0;
    uint32_t start = len > 2 ? (uint32_t)p[0] << 8 | p[1] : 0xFFFF;
    int wrong = (start >= 0xE000 && start < 0xE0A0) || (start >= 0xEDA0 && start < 0xEE00) ||
                (start >= 0xF000 && start < 0xF090) || (start >= 0xF490 && start < 0xF500);
    return wrong ? 0 : len;
}

static uint64_t well_formed(text t)
{
    uint64_t eight;
    for (size_t i = 0; i < t.len;) {
        if (t.len - i >= sizeof eight &&
            (memcpy(&eight, t.bytes + i, sizeof eight), (eight & 0x8080808080808080) == 0)) {
            i += sizeof eight;
            continue;
        }
        size_t len = character_len(t.bytes + i, t.len - i);
        if (len == 0)
            return 1;
        i += len;
    }
    return 0;
}

static uint64_t lookups(text t)
{
    uint64_t sum = 0, key;
    for (size_t i = 0, n = 0; t.len - i >= sizeof key; i += n++ % 5 < 3 ? 4 : 5) {
        memcpy(&key, t.bytes + i, sizeof key);
        const uint64_t *entry = table[(key & 0xFFFFFFFF) * 0x9E3779B97F4A7C15 >> (64 - TABLE_BITS)];
        sum += entry[0] == key ? entry[1] : 1;
    }
    return sum;
}

static void measure(const char *name, uint64_t (*what)(text), text t)
{
    static volatile uint64_t kept;
    double begin = seconds();
    kept = what(t);
    double taken = seconds() - begin;
    (void)kept;
    printf("%s\tMB/s\t%.3f\n", name, (double)t.len / taken / 1e6);
}

int main(int argc, char **argv)
{
    FILE *file = argc == 2 ? fopen(argv[1], "rb") : NULL;
    uint8_t *bytes = malloc(ROOM);
    table = malloc(sizeof *table << TABLE_BITS);
    if (!file || !bytes || !table) {
        fprintf(stderr, "usage: bench_ceiling FILE\n");
        return 2;
    }
    text t = { bytes, fread(bytes, 1, ROOM, file) };
    fclose(file);
    memset(table, 1, sizeof *table << TABLE_BITS);
    for (int i = 0; i < ROUNDS; i++) {
        measure("look at every byte", every_byte, t);
        measure("check that it is UTF-8", well_formed, t);
        measure("look up every piece", lookups, t);
    }
    free(bytes);
    free(table);
    return 0;
}
