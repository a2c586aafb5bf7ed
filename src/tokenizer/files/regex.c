/*
 * regex.c - PCRE2 by way of dlopen: linked, it would cost every start of the program a share of its time.
 *
 * PCRE2 limits the steps of one attempt to match. But an attempt begins at every place of a text, and whole runs of a
 * text are one step, so a text can take time that grows with its square and more, and PCRE2 does not tell how many
 * steps it took. So the time is measured, over all matches in a text; to be asked often enough, PCRE2 only tries a few
 * places at a time. What is left is a single attempt that goes over the whole text at each of its steps.
 */
#include "tokenizer/files/regex.h"

#include "base/system.h"
#include "base/types.h"
#include "tokenizer/tokenize.h"

#include <dlfcn.h>
#include <stdio.h>
#include <stdlib.h>
#include <time.h>

#define PCRE2_CODE_UNIT_WIDTH 8
#include <pcre2.h>

enum {
    MATCH_LIMIT = 20 * 1000 * 1000, /* steps of one attempt: a fraction of a second */
    WINDOW = 32,                    /* bytes: where attempts may begin before the clock is asked */
    SHOWN_PATTERN = 160,            /* bytes of what is told of a problem */
    SHOWN_TEXT = 40,
    JIT_STACK_MIN = 32 << 10,
    JIT_STACK_MAX = 8 << 20,
};

/* What the matches in a text may take. Patterns like those of published tokenizers take 0.025 us for a byte of 8 MB of
 * documentation, and 0.05 where PCRE2 has no compiler. */
#define NANOSECONDS_PER_TEXT ((uint64_t)1000 * 1000 * 1000)
#define NANOSECONDS_PER_BYTE ((uint64_t)2000)

/* Each function of PCRE2 that is used. */
#define FUNCTIONS(_)                                                                                                   \
    _(compile)                                                                                                         \
    _(code_free)                                                                                                       \
    _(jit_compile)                                                                                                     \
    _(jit_stack_create)                                                                                                \
    _(jit_stack_assign)                                                                                                \
    _(jit_stack_free)                                                                                                  \
    _(match_context_create)                                                                                            \
    _(match_context_free)                                                                                              \
    _(set_match_limit)                                                                                                 \
    _(set_offset_limit)                                                                                                \
    _(match_data_create)                                                                                               \
    _(match_data_free)                                                                                                 \
    _(match)                                                                                                           \
    _(get_ovector_pointer)                                                                                             \
    _(get_error_message)

struct sp_regex {
    void *library;
    pcre2_code *code;
    char *pattern;
    bool is_anchored; /* it may ask where the search began */
#define POINTER(name) __typeof__ (&pcre2_##name)(name);
    FUNCTIONS(POINTER)
#undef POINTER
};

typedef struct scratch {
    pcre2_match_context *context;
    pcre2_match_data *data;
    pcre2_jit_stack *stack;
    uint64_t allowed; /* nanoseconds, for the text at hand */
    uint64_t used;
    uint64_t began; /* of this thread's time: used also has what others took meanwhile */
    char problem[SP_PROBLEM_BYTES];
} scratch;

#if defined(SP_STATIC) || defined(SP_LINKED_PCRE2) /* a static program cannot load a library */
static bool load_library(sp_regex *r)
{
#define TAKE(name) r->name = pcre2_##name;
    FUNCTIONS(TAKE)
#undef TAKE
    return true;
}
#else
static bool load_library(sp_regex *r)
{
    r->library = dlopen("libpcre2-8.so.0", RTLD_NOW | RTLD_LOCAL);
#define TEXT_OF(name) #name
#define SYMBOL_OF(name) TEXT_OF(name)
#define FIND(name)                                                                                                     \
    if (r->library)                                                                                                    \
        *(void **)&r->name = dlsym(r->library, SYMBOL_OF(pcre2_##name));
    FUNCTIONS(FIND)
#undef FIND
    bool is_whole = r->library;
#define IS_THERE(name) is_whole = is_whole && r->name;
    FUNCTIONS(IS_THERE)
#undef IS_THERE
    return is_whole;
}
#endif

/* PCRE2's \s has U+180E, which is no White_Space any more, and would cut Mongolian words: it is written out. Only \S
 * within brackets cannot be. */
static void write_spaces(sp_str pattern, sp_buf *out)
{
    static const char spaces[] = "\\t-\\r\\x20\\x{85}\\x{A0}\\x{1680}\\x{2000}-\\x{200A}\\x{2028}\\x{2029}\\x{202F}"
                                 "\\x{205F}\\x{3000}";
    bool in_brackets = false;
    for (size_t at = 0; at < pattern.len; at++) {
        char c = pattern.ptr[at], next = at + 1 < pattern.len ? pattern.ptr[at + 1] : '\0';
        bool is_space = c == '\\' && (next == 's' || (next == 'S' && !in_brackets));
        if (is_space && in_brackets)
            sp_buf_format(out, "%s", spaces);
        else if (is_space)
            sp_buf_format(out, "[%s%s]", next == 'S' ? "^" : "", spaces);
        else
            sp_buf_add(out, sp_str_slice(pattern, at, c == '\\' && next ? at + 2 : at + 1));
        if (c == '[' && !in_brackets) {
            in_brackets = true;
            for (; at + 1 < pattern.len && (pattern.ptr[at + 1] == '^' || pattern.ptr[at + 1] == ']'); at++)
                sp_buf_add_char(out, pattern.ptr[at + 1]);
        } else if (c == ']') {
            in_brackets = false;
        }
        at += c == '\\' && next;
    }
}

static sp_status compile(sp_regex *r, sp_str pattern, sp_regex_flavour flavour, sp_err *err)
{
    int code;
    PCRE2_SIZE offset;
    uint32_t options = PCRE2_UTF | PCRE2_UCP | PCRE2_NEVER_BACKSLASH_C | PCRE2_USE_OFFSET_LIMIT;
    options |= flavour == SP_REGEX_RUST ? PCRE2_DOLLAR_ENDONLY : PCRE2_MULTILINE;
    r->code = r->compile((PCRE2_SPTR)pattern.ptr, pattern.len, options, &code, &offset, NULL);
    if (r->code) { /* as it is written; that it is one is known now, and what it says is not changed */
        sp_buf written = { 0 };
        write_spaces(pattern, &written);
        pcre2_code *better =
            written.failed ? NULL : r->compile((PCRE2_SPTR)written.ptr, written.len, options, &code, &offset, NULL);
        bool failed = written.failed;
        sp_buf_release(&written);
        if (failed)
            return sp_err_memory(err);
        if (better) {
            r->code_free(r->code);
            r->code = better;
        }
        (void)r->jit_compile(r->code, PCRE2_JIT_COMPLETE); /* without it, it matches all the same */
        return SP_OK;
    }
    if (code == PCRE2_ERROR_HEAP_FAILED)
        return sp_err_memory(err);
    unsigned char message[128] = "";
    (void)r->get_error_message(code, message, sizeof message);
    (void)sp_err_set(err, SP_ERR_INPUT, "is no regular expression: %s, at its character %zu", (char *)message,
                     sp_utf8_count(sp_str_slice(pattern, 0, offset)) + 1);
    err->column = (uint32_t)offset + 1;
    return SP_ERR_INPUT;
}

/* Why it was not: the loader says so in words only. */
static sp_status not_loaded(sp_err *err)
{
    const char *why = dlerror();
    if (!why || strstr(why, "memory") || strstr(why, "allocate") || strstr(why, "cannot create"))
        return sp_err_memory(err);
    return sp_err_set(err, SP_ERR_INPUT,
                      "needs a regular expression, and those need the library PCRE2, which cannot be loaded: %s; "
                      "Debian's package is libpcre2-8-0",
                      why);
}

sp_status sp_regex_new(sp_str pattern, sp_regex_flavour flavour, sp_regex **ret_regex, sp_err *err)
{
    sp_regex *r = calloc(1, sizeof *r);
    if (!r)
        return sp_err_memory(err);
    r->pattern = strndup(pattern.ptr, pattern.len);
    r->is_anchored = r->pattern && strstr(r->pattern, "\\G");
    sp_status status = !r->pattern       ? sp_err_memory(err)
                       : load_library(r) ? compile(r, pattern, flavour, err)
                                         : not_loaded(err);
    if (status != SP_OK) {
        sp_regex_free(r);
        return status;
    }
    *ret_regex = r;
    return SP_OK;
}

void sp_regex_free(sp_regex *r)
{
    if (!r)
        return;
    if (r->code)
        r->code_free(r->code);
    if (r->library)
        (void)dlclose(r->library);
    free(r->pattern);
    free(r);
}

void *sp_regex_scratch_new(const sp_regex *r)
{
    scratch *s = calloc(1, sizeof *s);
    if (!s)
        return NULL;
    s->context = r->match_context_create(NULL);
    s->data = r->match_data_create(16, NULL);
    s->stack = r->jit_stack_create(JIT_STACK_MIN, JIT_STACK_MAX, NULL);
    if (!s->context || !s->data) {
        sp_regex_scratch_free(r, s);
        return NULL;
    }
    (void)r->set_match_limit(s->context, MATCH_LIMIT);
    if (s->stack)
        r->jit_stack_assign(s->context, NULL, s->stack);
    return s;
}

void sp_regex_scratch_free(const sp_regex *r, void *opaque)
{
    scratch *s = opaque;
    if (!s)
        return;
    r->match_context_free(s->context);
    r->match_data_free(s->data);
    r->jit_stack_free(s->stack);
    free(s);
}

/* ---- matches ------------------------------------------------------------------------------------------------------
 */

void sp_regex_begin(void *opaque, size_t len_bytes)
{
    scratch *s = opaque;
    s->used = 0;
    s->allowed = NANOSECONDS_PER_TEXT + NANOSECONDS_PER_BYTE * len_bytes;
    s->began = sp_thread_ns();
    s->problem[0] = '\0';
}

const char *sp_regex_problem(const void *opaque)
{
    return ((const scratch *)opaque)->problem;
}

/* At most max bytes of it, whole characters. */
static sp_str shown(sp_str text, size_t max)
{
    size_t len = text.len < max ? text.len : max;
    while (len > 0 && len < text.len && !sp_utf8_begins(text.ptr[len]))
        len--;
    return sp_str_slice(text, 0, len);
}

static sp_regex_found too_hard(const sp_regex *r, scratch *s, sp_str text)
{
    sp_str whole = sp_str_of(r->pattern), pattern = shown(whole, SHOWN_PATTERN), place = shown(text, SHOWN_TEXT);
    snprintf(s->problem, sizeof s->problem,
             "the regular expression \"%.*s%s\" takes too long with this text, where it goes on with \"%.*s%s\"",
             SP_STR_ARG(pattern), pattern.len < whole.len ? "..." : "", SP_STR_ARG(place),
             place.len < text.len ? "..." : "");
    return SP_REGEX_TOO_HARD;
}

/* The coarse clock is read in a few nanoseconds: over many matches, its ticks fall where the time goes. */
static bool has_time(scratch *s, uint64_t since)
{
    s->used += sp_coarse_ns() - since;
    return s->used <= s->allowed || sp_thread_ns() - s->began <= s->allowed;
}

sp_regex_found sp_regex_find(const sp_regex *r, void *opaque, sp_str text, size_t from, size_t *ret_begin,
                             size_t *ret_end)
{
    scratch *s = opaque;
    for (;;) {
        size_t last = r->is_anchored || text.len - from <= WINDOW ? text.len : from + WINDOW;
        uint64_t began = sp_coarse_ns();
        (void)r->set_offset_limit(s->context, last);
        int found = r->match(r->code, (PCRE2_SPTR)text.ptr, text.len, from, PCRE2_NO_UTF_CHECK, s->data, s->context);
        if ((found < 0 && found != PCRE2_ERROR_NOMATCH) || !has_time(s, began))
            return too_hard(r, s, sp_str_slice(text, from, text.len));
        if (found >= 0)
            break;
        if (last == text.len)
            return SP_REGEX_NONE;
        from = last + 1;
        while (from < text.len && !sp_utf8_begins(text.ptr[from]))
            from++;
    }
    const PCRE2_SIZE *places = r->get_ovector_pointer(s->data);
    *ret_begin = places[0];
    *ret_end = places[1] > places[0] ? places[1] : places[0]; /* \K can put the begin behind the end */
    return SP_REGEX_FOUND;
}
