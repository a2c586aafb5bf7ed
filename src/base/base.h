/*
 * base.h - what every folder may use: borrowed text, growing text, arenas, errors.
 *
 * Knows nothing about prompts. The words mean one thing everywhere:
 *   _init / _release   prepare a struct the caller holds / drop what it holds
 *   _new  / _free      allocate one / drop it; NULL is fine
 *   _clear             empty, ready for reuse
 *   _dup  / _take      copies into an arena you name / now owns what you passed
 */
#ifndef SP_BASE_H
#define SP_BASE_H

#include "base/types.h"

#include <stdarg.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#define SP_COUNT_OF(array) (sizeof(array) / sizeof((array)[0]))
#define SP_PRINTF(fmt, args) __attribute__((format(printf, fmt, args)))

/* Returns from the calling function when a call fails. The only macro that hides a return. */
#define SP_TRY(call)                                                                                                   \
    do {                                                                                                               \
        sp_status sp_try_status = (call);                                                                              \
        if (sp_try_status != SP_OK)                                                                                    \
            return sp_try_status;                                                                                      \
    } while (0)

/* ---- the address sanitizer ----------------------------------------------------------------------------------- */

#if defined(__has_feature)
#if __has_feature(address_sanitizer)
#define SP_ADDRESS_SANITIZER
#endif
#elif defined(__SANITIZE_ADDRESS__)
#define SP_ADDRESS_SANITIZER
#endif

/* Checks what must hold, in a program with that sanitizer; prints where it does not. */
#ifdef SP_ADDRESS_SANITIZER
#include <sanitizer/common_interface_defs.h>
#define SP_SANITIZED(holds) ((holds) ? (void)0 : (__sanitizer_print_stack_trace(), __builtin_trap()))
#else
#define SP_SANITIZED(holds) ((void)0)
#endif

/* ---- sp_str: a borrowed view ----------------------------------------------------------------- */

#define SP_STR(literal) ((sp_str){ (literal), sizeof(literal) - 1 })
#define SP_STR_ARG(s) (int)(s).len, (s).ptr /* for "%.*s" */

static inline sp_str sp_str_of(const char *cstr)
{
    return (sp_str){ cstr, cstr ? strlen(cstr) : 0 };
}
static inline sp_str sp_str_slice(sp_str s, size_t begin, size_t end)
{
    SP_SANITIZED(begin <= end && end <= s.len);
    return (sp_str){ s.ptr ? s.ptr + begin : NULL, end - begin };
}
/* Returns c in lower case if it is an ASCII letter, otherwise c. */
static inline char sp_lower(char c)
{
    return c >= 'A' && c <= 'Z' ? (char)(c + ('a' - 'A')) : c;
}
bool sp_str_eq(sp_str a, sp_str b);
bool sp_str_eq_nocase(sp_str a, sp_str b); /* ASCII letters only */
int sp_str_cmp(sp_str a, sp_str b);        /* by bytes, the shorter first */
bool sp_str_starts(sp_str s, sp_str prefix);
bool sp_str_ends(sp_str s, sp_str suffix);
sp_str sp_str_trim(sp_str s); /* blanks, tabs and line ends off both sides */
/* Whether s lies in the memory of whole; not if either is without. */
bool sp_str_is_part(sp_str s, sp_str whole);
/* Offset of the first needle at or after from, or SIZE_MAX. */
size_t sp_str_find(sp_str s, sp_str needle, size_t from);

/* ---- sp_arena: one lifetime for many objects --------------------------------------------------
 * A chain of blocks: what it hands out never moves and is zeroed. Freed in one call. Every allocating
 * function returns NULL (or a view with ptr NULL) when memory is short: turn that into sp_err_memory. */

typedef struct sp_arena {
    struct sp_arena_block *head;
} sp_arena;

#define SP_LARGE_PAGE_BYTES ((size_t)2 << 20)

/* A table of so many bytes, all zero, that begins where a cache line does. A large one is asked for in large pages,
 * because each small one that is touched costs a fault. *ret_memory is what to free() in the end. NULL when memory is
 * short. */
void *sp_table_new(size_t bytes, void **ret_memory);

void sp_arena_release(sp_arena *arena);
/* Keeps one block for what comes next: for a walk, so that each directory does not ask the system for pages again. */
void sp_arena_reuse(sp_arena *arena);
/* For what a caller is given: an arena that lies in itself, and in it a thing of that size, zeroed, which keeps it as
 * its owner. NULL: memory was short. */
void *sp_arena_new(sp_arena **ret_arena, size_t size);
void sp_arena_free(sp_arena *arena); /* such an arena, with all that is in it */
/* Fills in such a thing, which is zero; asked is what the caller of sp_arena_build passed. */
typedef sp_status sp_arena_make(sp_arena *arena, void *thing, const void *asked, sp_err *err);
/* Makes a thing as sp_arena_new does and fills it in; *ret is untouched and nothing is left after a failure. The thing
 * must remember its arena, for sp_arena_free. */
SP_MUST_USE sp_status sp_arena_build(size_t size, sp_arena_make *make, const void *asked, void **ret, sp_err *err);
void *sp_arena_alloc(sp_arena *arena, size_t count, size_t size);
/* What lives in from lives in arena from now on; from is empty. */
void sp_arena_adopt(sp_arena *arena, sp_arena *from);
#define SP_ARENA_NEW(arena, type) ((type *)sp_arena_alloc((arena), 1, sizeof(type)))
#define SP_ARENA_ARRAY(arena, type, count) ((type *)sp_arena_alloc((arena), (count), sizeof(type)))
/* Copies end in a NUL that len does not count, so .ptr also serves where C wants a string. */
sp_str sp_str_dup(sp_arena *arena, sp_str s);
sp_str sp_str_format(sp_arena *arena, const char *format, ...) SP_PRINTF(2, 3);
sp_str sp_str_vformat(sp_arena *arena, const char *format, va_list args) SP_PRINTF(2, 0);

/* An array in an arena that doubles as it grows. Old copies stay in the arena until it is released.
 *   sp_list(sp_block) blocks = { 0 };
 *   sp_block *block = SP_LIST_PUSH(arena, &blocks);   -> zeroed, or NULL when memory is short */
#define sp_list(type)                                                                                                  \
    struct {                                                                                                           \
        type *items;                                                                                                   \
        size_t count;                                                                                                  \
        size_t capacity;                                                                                               \
    }
#define SP_LIST_PUSH(arena, list)                                                                                      \
    (sp_list_grow((arena), (void **)&(list)->items, (list)->count, &(list)->capacity, sizeof *(list)->items)           \
         ? &(list)->items[(list)->count++]                                                                             \
         : NULL)
/* Room for so many items in an empty list. For one that may be long: doubling would take four times its room. False
 * when memory is short. */
#define SP_LIST_RESERVE(arena, list, room)                                                                             \
    sp_list_reserve((arena), (void **)&(list)->items, (room), &(list)->capacity, sizeof *(list)->items)
bool sp_list_reserve(sp_arena *arena, void **items, size_t room, size_t *capacity, size_t item_size);
bool sp_list_grow(sp_arena *arena, void **items, size_t count, size_t *capacity, size_t item_size);
/* The same for an array of malloc's, which moves: room for one item more. False when memory is short: then it is as it
 * was. */
bool sp_heap_grow(void **items, size_t count, size_t *capacity, size_t item_size);

/* ---- sp_buf: text that grows ------------------------------------------------------------------
 * Adding never fails on the spot: a buffer that ran out of memory stays failed and swallows the rest, so
 * ask once, at the end. Zero-initialised is empty. */

typedef struct sp_buf {
    char *ptr;
    size_t len;
    size_t capacity;
    bool failed;
} sp_buf;

void sp_buf_release(sp_buf *buf);
/* The text, moved into an arena, with the buffer released; ptr is NULL when memory was short at any time. */
sp_str sp_buf_move(sp_buf *buf, sp_arena *arena);
void sp_buf_add(sp_buf *buf, sp_str s);
void sp_buf_add_char(sp_buf *buf, char c);
/* s with U+FFFD in place of each maximal subpart that is not UTF-8, and of each NUL unless keeps_nul. */
void sp_buf_add_valid_utf8(sp_buf *buf, sp_str s, bool keeps_nul);
/* The same as a copy in the arena, of its size and no more. ptr NULL when memory is short. */
sp_str sp_str_valid_utf8(sp_arena *arena, sp_str s, bool keeps_nul);
void sp_buf_format(sp_buf *buf, const char *format, ...) SP_PRINTF(2, 3);
static inline sp_str sp_buf_str(const sp_buf *buf)
{
    return (sp_str){ buf->ptr, buf->len };
}

/* ---- sp_err ----------------------------------------------------------------------------------- */

/* Fill *err and return its status, so that `return sp_err_set(...)` reads as one step. */
sp_status sp_err_set(sp_err *err, sp_status status, const char *format, ...) SP_PRINTF(3, 4);
sp_status sp_err_memory(sp_err *err);
/* The same, with a place: the path, and line and column of offset in text. */
sp_status sp_err_at(sp_err *err, sp_status status, sp_str path, sp_str text, size_t offset, const char *rule,
                    const char *format, ...) SP_PRINTF(7, 8);
sp_status sp_err_vat(sp_err *err, sp_status status, sp_str path, sp_str text, size_t offset, const char *rule,
                     const char *format, va_list args) SP_PRINTF(7, 0);

/* ---- UTF-8 ------------------------------------------------------------------------------------ */

/* Length in bytes (1 to 4) of the well-formed character at s[at], with *ret_code set; or 0 where there is
 * none, with *ret_bad set to the length of the maximal subpart (Unicode 16.0, 3.9, U+FFFD substitution). */
size_t sp_utf8_decode(sp_str s, size_t at, uint32_t *ret_code, size_t *ret_bad);
/* Offset of the first byte at or after from that is not well-formed UTF-8, or SIZE_MAX. from is at most s.len. */
size_t sp_utf8_find_invalid(sp_str s, size_t from);
/* Offset of the first byte at or after from that is not ASCII, or s.len. from is at most s.len. */
size_t sp_utf8_skip_ascii(sp_str s, size_t from);
/* Writes 1 to 4 bytes and returns how many. */
size_t sp_utf8_encode(uint32_t code, char out[4]);
/* Whether a character begins with this byte; one that is not UTF-8 is told by its bits as well. */
static inline bool sp_utf8_begins(char c)
{
    return ((unsigned char)c & 0xC0) != 0x80;
}
/* How many UTF-16 units a character has, which is its length in a JavaScript string. */
static inline unsigned sp_utf16_units(uint32_t code)
{
    return code >= 0x10000 ? 2 : 1;
}
/* Whether JavaScript's String.prototype.trim takes it off: white space and line ends of ECMAScript. */
bool sp_code_is_space(uint32_t code);
/* How many characters begin in s. */
size_t sp_utf8_count(sp_str s);
/* The offset behind so many characters from begin on, or s.len where there are no more. */
size_t sp_utf8_after(sp_str s, size_t begin, size_t characters);

/* ---- places in a text -------------------------------------------------------------------------- */

/* Whether the byte at offset at is the last of a line end: \n, \r\n or, as in Markdown, a lone \r. */
static inline bool sp_ends_line(sp_str text, size_t at)
{
    char c = text.ptr[at];
    return c == '\n' || (c == '\r' && (at + 1 >= text.len || text.ptr[at + 1] != '\n'));
}

typedef struct sp_position {
    uint32_t line;   /* from 1 */
    uint32_t column; /* from 1, in code points; a byte that is not UTF-8 counts as one */
} sp_position;

sp_position sp_position_of(sp_str text, size_t offset);
/* The same, when the place of an offset before it is known: from is where a character begins. */
sp_position sp_position_after(sp_str text, sp_position place, size_t from, size_t offset);
/* Where the line ends that from is on: the offset of its first LF or CR, or text.len, which from is at most. */
size_t sp_line_end(sp_str text, size_t from);
/* The whole line that offset is on, without its line end. */
sp_str sp_line_at(sp_str text, size_t offset);

#endif
