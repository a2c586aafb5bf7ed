/*
 * memcpy.c - takes the place of musl's memcpy in the static program for x86-64.
 *
 * musl begins "rep movsq" for every copy, which takes longer than most of our copies do: names and lines of a few
 * bytes. A fifth of the processor time of a walk over 5,000 directories was spent there.
 */
#include <stddef.h>
#include <stdint.h>

enum { LONG_BYTES = 1024 }; /* from here on the processor's own copy is as fast */

typedef uint16_t two __attribute__((may_alias, aligned(1)));
typedef uint32_t four __attribute__((may_alias, aligned(1)));
typedef uint64_t eight __attribute__((may_alias, aligned(1)));
typedef long long sixteen __attribute__((vector_size(16), may_alias, aligned(1)));

/* The first and the last bytes, which may overlap: each is read before either is written. */
#define COPY_ENDS(type)                                                                                                \
    do {                                                                                                               \
        type first = *(const type *)from, last = *(const type *)(from + len - sizeof last);                            \
        *(type *)to = first;                                                                                           \
        *(type *)(to + len - sizeof last) = last;                                                                      \
    } while (0)

static void copy_short(char *to, const char *from, size_t len)
{
    if (len >= 8)
        COPY_ENDS(eight);
    else if (len >= 4)
        COPY_ENDS(four);
    else if (len >= 2)
        COPY_ENDS(two);
    else if (len)
        *to = *from;
}

static void copy_blocks(char *to, const char *from, size_t len)
{
    sixteen last = *(const sixteen *)(from + len - sizeof last);
    for (size_t i = 0; i + sizeof last < len; i += sizeof last)
        *(sixteen *)(to + i) = *(const sixteen *)(from + i);
    *(sixteen *)(to + len - sizeof last) = last;
}

/* Forwards, each block read before it is written. no_builtin: otherwise the compiler could make a call of memcpy from
 * the loop. */
__attribute__((no_builtin)) void *memcpy(void *to, const void *from, size_t len)
{
    if (len < sizeof(sixteen)) {
        copy_short(to, from, len);
    } else if (len < LONG_BYTES) {
        copy_blocks(to, from, len);
    } else {
        void *out = to;
        __asm__ volatile("rep movsb" : "+D"(out), "+S"(from), "+c"(len) : : "memory");
    }
    return to;
}

/* musl's memmove ends in this one where it copies forwards: to may be below from, and overlap it. */
void *__memcpy_fwd(void *to, const void *from, size_t len) __attribute__((alias("memcpy")));
