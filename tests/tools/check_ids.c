/*
 * check_ids.c - holds the library's token ids against those that the reference tokenizer made of the same texts.
 *
 *   check_ids [--path NAME] < RECORDS      by that way through the tokenizer instead of this processor's best
 *   check_ids --list-paths                 the ways that this processor has, the best one last
 *
 * A record is five 32-bit numbers (encoding as in sp_encoding_at, two numbers that name the text, its bytes, its ids),
 * the text, and the ids; all in this machine's byte order. Prints a line "ENCODING FIRST SECOND what" for each that is
 * not right, and at the end how many it has seen. Each text is read from memory that ends, or begins, at a page that
 * nobody may read, so that a look beyond it stops the program; it says at which text, and so it does when one takes too
 * long.
 */
#include "base/types.h"
#include "paths.h"
#include "tokenizer/tokens.h"

#include <errno.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/time.h>
#include <unistd.h>

enum {
    PAGE = 1 << 16, /* a multiple of every page size in use */
    ROOM = 1 << 22, /* the longest text */
    SECONDS = 20,   /* of the processor, for one text */
    ENCODINGS = 6,
};

typedef struct record {
    uint32_t encoding;
    uint32_t first;
    uint32_t second;
    uint32_t len;
    uint32_t count;
} record;

static record current;

/* Nothing of ours goes on after this, so that it may print. */
static void stopped(int signal_number)
{
    printf("%s %u %u %s\n", sp_encoding_name(sp_encoding_at(current.encoding)), current.first, current.second,
           signal_number == SIGPROF ? "takes too long" : "stops the program");
    fflush(stdout);
    _exit(3);
}

/* 0: no more. */
static void limit_time(long seconds)
{
    const struct itimerval limit = { .it_value.tv_sec = seconds };
    setitimer(ITIMER_PROF, &limit, NULL);
}

static _Noreturn void give_up(const char *why)
{
    fprintf(stderr, "check_ids: %s\n", why);
    exit(2);
}

/* ROOM bytes between two pages that cannot be read. */
static char *guarded(void)
{
    char *all = mmap(NULL, ROOM + 2 * PAGE, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    if (all == MAP_FAILED || mprotect(all, PAGE, PROT_NONE) || mprotect(all + PAGE + ROOM, PAGE, PROT_NONE))
        give_up(strerror(errno));
    return all + PAGE;
}

static void read_all(void *into, size_t len)
{
    if (fread(into, 1, len, stdin) != len)
        give_up("the last record is cut off");
}

static int ends_are_right(const sp_encoding *encoding, sp_str text, size_t count)
{
    uint32_t *ends = NULL;
    size_t found = 0;
    sp_err err;
    int right = sp_token_ends(encoding, text, SP_SPECIAL_AS_TEXT, &ends, &found, &err) == SP_OK && found == count &&
                (count == 0 || ends[count - 1] == text.len);
    for (size_t i = 1; right && i < count; i++)
        right = ends[i] > ends[i - 1];
    free(ends);
    return right;
}

static int decodes_back(const sp_encoding *encoding, sp_str text, const sp_ids *ids)
{
    char *bytes = NULL;
    size_t len = 0;
    sp_err err;
    int right = sp_decode(encoding, ids->ids, ids->count, &bytes, &len, &err) == SP_OK && len == text.len &&
                (len == 0 || memcmp(bytes, text.ptr, len) == 0);
    free(bytes);
    return right;
}

static bool encode(const sp_encoding *encoding, sp_path path, sp_str text, sp_ids *ids)
{
    sp_counter counter;
    sp_counter_init(&counter, encoding, SP_SPECIAL_AS_TEXT, ids, path);
    bool done = sp_counter_add(&counter, text);
    sp_counter_release(&counter);
    return done;
}

/* What is wrong with this text, or NULL. The counter has seen the texts before, too. */
static const char *fault_of(sp_counter *counter, sp_path path, sp_str text, const uint32_t *expected, size_t count,
                            sp_ids *ids)
{
    size_t before = counter->tokens;
    ids->count = 0;
    if (!encode(counter->encoding, path, text, ids))
        return "is not encoded";
    if (ids->count != count || (count > 0 && memcmp(ids->ids, expected, count * sizeof *expected) != 0))
        return "has other ids";
    if (!sp_counter_add(counter, text) || counter->tokens - before != count)
        return "has another count";
    if (!ends_are_right(counter->encoding, text, count))
        return "has wrong token ends";
    return decodes_back(counter->encoding, text, ids) ? NULL : "does not decode back";
}

/* Reads all records and returns how many texts have a fault. */
static size_t check(sp_path path)
{
    char *room = guarded();
    uint32_t *expected = malloc(ROOM * sizeof *expected);
    sp_counter *counters = calloc(ENCODINGS, sizeof *counters);
    size_t seen = 0, faults = 0;
    sp_ids ids = { 0 };
    if (!expected || !counters)
        give_up("out of memory");
    for (size_t i = 0; i < ENCODINGS; i++)
        sp_counter_init(&counters[i], sp_encoding_at(i), SP_SPECIAL_AS_TEXT, NULL, path);
    while (fread(&current, sizeof current, 1, stdin) == 1) {
        if (current.encoding >= ENCODINGS || current.len > ROOM || current.count > ROOM)
            give_up("no such encoding, or a text that is too long");
        char *text = seen % 4 == 3 ? room : room + ROOM - current.len;
        read_all(text, current.len);
        read_all(expected, current.count * sizeof *expected);
        limit_time(SECONDS);
        sp_counter *counter = &counters[current.encoding];
        const char *fault = fault_of(counter, path, (sp_str){ text, current.len }, expected, current.count, &ids);
        if (fault)
            printf("%s %u %u %s\n", sp_encoding_name(counter->encoding), current.first, current.second, fault);
        limit_time(0);
        faults += fault != NULL;
        seen++;
    }
    if (ferror(stdin))
        give_up(strerror(errno));
    printf("%zu texts\n", seen);
    for (size_t i = 0; i < ENCODINGS; i++)
        sp_counter_release(&counters[i]);
    sp_ids_release(&ids);
    free(counters);
    free(expected);
    munmap(room - PAGE, ROOM + 2 * PAGE);
    return faults;
}

static sp_path path_named(const char *name)
{
    for (size_t i = 0; i < PATH_COUNT; i++)
        if (strcmp(name, path_names[i].name) == 0) {
            if (!sp_path_exists(path_names[i].path))
                give_up("this processor does not have that path");
            return path_names[i].path;
        }
    give_up("there is no such path; --list-paths has those of this processor");
}

static int list_paths(void)
{
    for (size_t i = 0; i < PATH_COUNT; i++)
        if (sp_path_exists(path_names[i].path))
            puts(path_names[i].name);
    return 0;
}

int main(int argc, char **argv)
{
    if (argc == 2 && strcmp(argv[1], "--list-paths") == 0)
        return list_paths();
    if (argc != 1 && (argc != 3 || strcmp(argv[1], "--path") != 0))
        give_up("usage: check_ids [--path NAME | --list-paths] < RECORDS");
    static const int signals[] = { SIGSEGV, SIGBUS, SIGILL, SIGFPE, SIGABRT, SIGPROF };
    for (size_t i = 0; i < sizeof signals / sizeof *signals; i++)
        signal(signals[i], stopped);
    return check(argc == 3 ? path_named(argv[2]) : SP_PATH_BEST) > 0;
}
