/* vocab.c - reading, writing and splitting vocabularies at build time. See vocab.h. */
#include "vocab.h"

#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

noreturn void fail(const char *format, ...)
{
    va_list args;
    va_start(args, format);
    fputs("tokenizers: ", stderr);
    vfprintf(stderr, format, args);
    fputc('\n', stderr);
    va_end(args);
    exit(1);
}

void *allocate(size_t count, size_t size)
{
    void *memory = calloc(count ? count : 1, size);
    if (!memory)
        fail("out of memory");
    return memory;
}

uint8_t *read_file(const char *path, size_t *ret_len)
{
    FILE *file = fopen(path, "rb");
    if (!file)
        fail("cannot open %s: %s", path, strerror(errno));
    size_t len = 0, capacity = 1 << 16;
    uint8_t *bytes = allocate(capacity, 1);
    for (size_t got; (got = fread(bytes + len, 1, capacity - len, file)) > 0;) {
        len += got;
        if (len == capacity) {
            capacity *= 2;
            bytes = realloc(bytes, capacity);
            if (!bytes)
                fail("out of memory");
        }
    }
    if (ferror(file))
        fail("cannot read %s: %s", path, strerror(errno));
    fclose(file);
    *ret_len = len;
    return bytes;
}

void write_file(const char *path, const void *bytes, size_t len)
{
    FILE *file = fopen(path, "wb");
    if (!file)
        fail("cannot create %s: %s", path, strerror(errno));
    if (fwrite(bytes, 1, len, file) != len || fclose(file) != 0)
        fail("cannot write %s: %s", path, strerror(errno));
}

/* ---- the map from bytes to rank ------------------------------------------------------------------ */

static uint32_t hash_bytes(const uint8_t *bytes, uint32_t len)
{
    uint32_t hash = 2166136261u;
    for (uint32_t i = 0; i < len; i++)
        hash = (hash ^ bytes[i]) * 16777619u;
    return hash ^ hash >> 15;
}

/* The place in the map where these bytes are, or where they would go. */
static uint32_t *map_place(const vocab *v, const uint8_t *bytes, uint32_t len)
{
    for (uint32_t i = hash_bytes(bytes, len);; i++) {
        uint32_t *place = &v->map[i & v->map_mask];
        if (*place == 0)
            return place;
        const token *t = &v->tokens[*place - 1];
        if (t->len == len && memcmp(v->bytes + t->at, bytes, len) == 0)
            return place;
    }
}

uint32_t vocab_find(const vocab *v, const uint8_t *bytes, uint32_t len)
{
    return *map_place(v, bytes, len) - 1; /* an empty place wraps to UINT32_MAX */
}

void vocab_start(vocab *v, uint32_t count, size_t bytes_cap)
{
    uint32_t map_size = 1024;
    while (map_size < 4 * count)
        map_size *= 2;
    *v = (vocab){ .tokens = allocate(count, sizeof(token)),
                  .count = count,
                  .bytes = allocate(bytes_cap, 1),
                  .map = allocate(map_size, sizeof(uint32_t)),
                  .map_mask = map_size - 1 };
}

void vocab_add(vocab *v, uint32_t rank, const uint8_t *bytes, uint32_t len)
{
    uint32_t *place = map_place(v, bytes, len);
    if (*place != 0)
        fail("rank %u is the same token as rank %u", rank, *place - 1);
    v->tokens[rank] = (token){ .at = (uint32_t)v->bytes_len, .len = len, .left = rank, .right = rank };
    memcpy(v->bytes + v->bytes_len, bytes, len);
    v->bytes_len += len;
    *place = rank + 1;
}

/* ---- .tiktoken files: base64, a blank, the rank, a line feed --------------------------------------- */

static const char base64_digits[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";

static size_t base64_decode(const char *text, size_t len, uint8_t *out)
{
    size_t written = 0;
    if (len % 4 != 0)
        return 0;
    for (size_t i = 0; i < len; i += 4) {
        uint32_t word = 0;
        size_t padding = 0;
        for (size_t j = 0; j < 4; j++) {
            const char *digit = text[i + j] ? strchr(base64_digits, text[i + j]) : NULL;
            if (text[i + j] == '=' && i + 4 == len && j >= 2)
                padding++;
            else if (!digit || padding)
                return 0;
            word = word << 6 | (digit ? (uint32_t)(digit - base64_digits) : 0);
        }
        for (size_t j = 0; j < 3 - padding; j++)
            out[written++] = (uint8_t)(word >> (16 - 8 * j));
    }
    return written;
}

static size_t base64_encode(const uint8_t *bytes, size_t len, char *out)
{
    size_t written = 0;
    for (size_t i = 0; i < len; i += 3) {
        uint32_t word = (uint32_t)bytes[i] << 16;
        word |= i + 1 < len ? (uint32_t)bytes[i + 1] << 8 : 0;
        word |= i + 2 < len ? bytes[i + 2] : 0;
        for (size_t j = 0; j < 4; j++)
            out[written++] = i + j > len ? '=' : base64_digits[word >> (18 - 6 * j) & 63];
    }
    return written;
}

static uint32_t parse_rank(const char *path, size_t line, const char *text, const char *end)
{
    uint32_t rank = 0;
    if (text == end || end - text > 7)
        fail("%s:%zu: no rank", path, line);
    for (; text < end; text++) {
        if (*text < '0' || *text > '9')
            fail("%s:%zu: a rank is digits only", path, line);
        rank = rank * 10 + (uint32_t)(*text - '0');
    }
    return rank;
}

/* The rank on the last line, to know the size before the first token is stored. */
static uint32_t last_rank(const char *path, const char *text, size_t len)
{
    if (len == 0 || text[len - 1] != '\n')
        fail("%s: does not end in a line feed", path);
    const char *end = text + len - 1;
    const char *begin = end;
    while (begin > text && begin[-1] != ' ')
        begin--;
    return parse_rank(path, 0, begin, end);
}

static void check_every_byte(const vocab *v, const char *path)
{
    for (unsigned byte = 0; byte < 256; byte++)
        if (vocab_find(v, &(uint8_t){ (uint8_t)byte }, 1) == UINT32_MAX)
            fail("%s: no token for byte %u", path, byte);
}

void vocab_read_tiktoken(vocab *v, const char *path)
{
    size_t len;
    char *text = (char *)read_file(path, &len);
    const char *end = text + len;
    vocab_start(v, last_rank(path, text, len) + 1, len);
    uint32_t next_rank = 0;
    size_t line_number = 1;
    for (const char *line = text; line < end; line_number++) {
        const char *line_end = memchr(line, '\n', (size_t)(end - line));
        const char *blank = memchr(line, ' ', (size_t)(line_end - line));
        if (!blank)
            fail("%s:%zu: no blank", path, line_number);
        uint32_t rank = parse_rank(path, line_number, blank + 1, line_end);
        if (rank < next_rank || rank >= v->count)
            fail("%s:%zu: ranks have to rise", path, line_number);
        uint8_t bytes[1024];
        size_t base64_len = (size_t)(blank - line);
        size_t token_len = base64_len <= sizeof bytes ? base64_decode(line, base64_len, bytes) : 0;
        if (token_len == 0)
            fail("%s:%zu: not base64, or too long", path, line_number);
        vocab_add(v, rank, bytes, (uint32_t)token_len);
        next_rank = rank + 1;
        line = line_end + 1;
    }
    check_every_byte(v, path);
    free(text);
}

void vocab_write_tiktoken(const vocab *v, uint32_t count, const char *path)
{
    char *text = allocate(v->bytes_len * 4 / 3 + 16 * (size_t)count, 1);
    size_t len = 0;
    for (uint32_t rank = 0; rank < count; rank++) {
        const token *t = &v->tokens[rank];
        if (t->len == 0)
            continue;
        len += base64_encode(v->bytes + t->at, t->len, text + len);
        len += (size_t)sprintf(text + len, " %u\n", rank);
    }
    write_file(path, text, len);
    free(text);
}

/* ---- splits ----------------------------------------------------------------------------------------- */

/* Merges as tiktoken's byte_pair_merge does, but with ranks below limit only. cuts[0..*count] are the part
 * boundaries. Quadratic, and plain on purpose: everything else is derived from it. */
static void merge(const vocab *v, const uint8_t *bytes, uint32_t limit, uint32_t *cuts, uint32_t *count)
{
    while (*count > 1) {
        uint32_t best = limit, best_at = 0;
        for (uint32_t i = 0; i + 1 < *count; i++) {
            uint32_t rank = vocab_find(v, bytes + cuts[i], cuts[i + 2] - cuts[i]);
            if (rank < best) {
                best = rank;
                best_at = i;
            }
        }
        if (best == limit)
            return;
        memmove(&cuts[best_at + 1], &cuts[best_at + 2], (*count - best_at - 1) * sizeof *cuts);
        --*count;
    }
}

void vocab_split(vocab *v)
{
    for (uint32_t rank = 0; rank < v->count; rank++) {
        token *t = &v->tokens[rank];
        if (t->len < 2)
            continue;
        const uint8_t *bytes = v->bytes + t->at;
        uint32_t cuts[1025];
        uint32_t count = t->len;
        for (uint32_t i = 0; i <= count; i++)
            cuts[i] = i;
        merge(v, bytes, rank, cuts, &count);
        if (count != 2)
            fail("the token of rank %u is not the merge of two others", rank);
        t->left = vocab_find(v, bytes, cuts[1]);
        t->right = vocab_find(v, bytes + cuts[1], t->len - cuts[1]);
    }
}
