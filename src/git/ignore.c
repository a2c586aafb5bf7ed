/*
 * ignore.c - patterns are compiled to short programs, which are run in all their states at once.
 *
 * Trying out where each star ends, one after the other, takes exponential time for a pattern such as *a*a*a*b. A state
 * here is a place in the program; reading a byte of the path leads from a set of them to the next, so that a path costs
 * its length times that of the pattern and no more.
 *
 * What a pattern means is in gitignore(5). What that leaves open was asked of git itself, and tests hold us to it:
 *   - "**" is more than "*" only between slashes or ends, and where the part of a pattern without wildcards ends
 *     ("a/b**" reaches into folders, "a/?**" does not), because git compares that part by itself;
 *   - a pattern that is not well-formed (no "]", an unknown [:class:], a backslash at the end) matches nothing.
 *
 * A program reads codes: the bytes of a pattern and of a name, or in the loose dialect their characters in lower case.
 * That dialect was measured in a client, whose answers are those of the npm package "ignore" up to version 7.0.5.
 */
#include "git/ignore.h"
#include "base/types.h"

#include <ctype.h>
#include <utf8proc.h>

typedef enum op_kind {
    OP_CODE,      /* this one */
    OP_ANY,       /* any but a slash */
    OP_SET,       /* one of a set, which has no slash */
    OP_STAR,      /* any number, none of them a slash */
    OP_GLOBSTAR,  /* any number */
    OP_MAYBE_TWO, /* before a globstar and a slash: both, or neither */
    OP_NEVER,
} op_kind;

typedef struct code_range {
    uint32_t first;
    uint32_t last;
} code_range;

enum { SET_BITS = 256 };

typedef struct code_set {
    uint64_t bits[SET_BITS / 64];
    sp_list(code_range) ranges; /* of the codes beyond */
} code_set;

typedef struct op {
    uint32_t code;
    uint8_t kind; /* op_kind */
    const code_set *set;
} op;

typedef struct sp_ignore_rule {
    bool is_negative;
    bool only_folders;
    bool is_name; /* has no slash: about the last part of a path, in any folder */
    bool is_loose;
    bool has_suffix;
    bool is_of_parts; /* no op but OP_CODE reads a slash: it is about paths with so many */
    uint32_t slashes;
    sp_str prefix; /* before the first wildcard */
    sp_str suffix; /* with has_suffix the rest is a star and this: no need to run a program */
    const op *ops; /* the rest */
    size_t op_count;
} rule;

/* ---- sets: [a-z], [!a], [[:digit:]] ------------------------------------------------------------------ */

static bool holds(const code_set *set, uint32_t code)
{
    if (code < SET_BITS)
        return set->bits[code >> 6] >> (code & 63) & 1;
    for (size_t i = 0; i < set->ranges.count; i++)
        if (code >= set->ranges.items[i].first && code <= set->ranges.items[i].last)
            return true;
    return false;
}

static void add_bit(code_set *set, uint32_t code)
{
    set->bits[code >> 6] |= (uint64_t)1 << (code & 63);
}

/* JavaScript's: upper case where that is one character and not an ASCII one. */
static uint32_t fold(uint32_t code)
{
    enum { SHARP_S = 0xDF }; /* utf8proc has one for it */
    if (code < 0x80)
        return code >= 'A' && code <= 'Z' ? code + ('a' - 'A') : code;
    uint32_t upper = (uint32_t)utf8proc_toupper((utf8proc_int32_t)code);
    return code == SHARP_S || upper < 0x80 ? code : upper;
}

static const struct {
    sp_str name;
    int (*holds)(int);
} classes[] = {
    { { "alnum", 5 }, isalnum }, { { "alpha", 5 }, isalpha }, { { "blank", 5 }, isblank },
    { { "cntrl", 5 }, iscntrl }, { { "digit", 5 }, isdigit }, { { "graph", 5 }, isgraph },
    { { "lower", 5 }, islower }, { { "print", 5 }, isprint }, { { "punct", 5 }, ispunct },
    { { "space", 5 }, isspace }, { { "upper", 5 }, isupper }, { { "xdigit", 6 }, isxdigit },
};

/* A pattern that is read: past its end there is NUL, which no pattern holds. */
typedef struct pattern {
    sp_arena *arena;
    const uint32_t *codes;
    size_t count;
    size_t at;
    bool is_loose;
    bool failed; /* memory was short */
} pattern;

static uint32_t peek(const pattern *p, size_t ahead)
{
    return p->at + ahead < p->count ? p->codes[p->at + ahead] : 0;
}

static void add_codes(pattern *p, code_set *set, uint32_t first, uint32_t last)
{
    code_range *range = SP_LIST_PUSH(p->arena, &set->ranges);
    p->failed = p->failed || !range;
    if (range)
        *range = (code_range){ first, last };
}

/* The upper case of a code below SET_BITS may lie beyond. */
static void add_code(pattern *p, code_set *set, uint32_t code)
{
    uint32_t folded = p->is_loose ? fold(code) : code;
    if (folded < SET_BITS)
        add_bit(set, folded);
    else
        add_codes(p, set, folded, folded);
}

static void add_range(pattern *p, code_set *set, uint32_t first, uint32_t last)
{
    for (uint32_t code = first; code <= last && code < SET_BITS; code++)
        add_code(p, set, code);
    if (last >= SET_BITS && first <= last)
        add_codes(p, set, p->is_loose ? fold(first) : first, p->is_loose ? fold(last) : last);
}

static bool is_called(const pattern *p, size_t begin, size_t end, sp_str name)
{
    bool is_equal = end - begin == name.len;
    for (size_t i = 0; is_equal && i < name.len; i++)
        is_equal = p->codes[begin + i] == (unsigned char)name.ptr[i];
    return is_equal;
}

static bool add_class(const pattern *p, code_set *set, size_t begin, size_t end)
{
    for (size_t i = 0; i < SP_COUNT_OF(classes); i++) {
        if (!is_called(p, begin, end, classes[i].name))
            continue;
        for (uint32_t code = 0; code < 0x80; code++)
            if (classes[i].holds((int)code))
                add_bit(set, code);
        return true;
    }
    return false;
}

/* At "[:": the class that is named there, with *at on its "]". False if it is malformed; *ret_is_class is false where
 * there is no ":]" and "[" is a character like any other. */
static bool read_class(pattern *p, code_set *set, bool *ret_is_class)
{
    size_t begin = p->at + 2;
    size_t end = begin;
    while (end < p->count && p->codes[end] != ']')
        end++;
    if (end == p->count)
        return false;
    *ret_is_class = end > begin && p->codes[end - 1] == ':';
    if (!*ret_is_class)
        return true;
    p->at = end;
    return add_class(p, set, begin, end - 1);
}

/* One item of a set, with *at on its last code. *previous is where a range could begin, 0 for none. */
static bool read_item(pattern *p, code_set *set, uint32_t *previous)
{
    uint32_t code = peek(p, 0);
    bool is_class = false;
    if (p->is_loose && peek(p, 1) == '-' && peek(p, 2) && peek(p, 2) != ']') {
        if (code <= peek(p, 2)) /* else nothing of it counts */
            add_range(p, set, code, peek(p, 2));
        p->at += 2;
        return true;
    }
    if (code == '-' && *previous && peek(p, 1) && peek(p, 1) != ']') {
        p->at += peek(p, 1) == '\\' ? 2 : 1;
        add_range(p, set, *previous, peek(p, 0));
        *previous = 0;
        return peek(p, 0) != 0;
    }
    if (code == '[' && peek(p, 1) == ':' && !p->is_loose && !read_class(p, set, &is_class))
        return false;
    if (!is_class) {
        p->at += code == '\\';
        code = peek(p, 0);
        add_range(p, set, code, code);
    }
    *previous = is_class ? 0 : code;
    return code != 0;
}

/* In the loose dialect the first ] ends a set, and one with a backslash before it spoils it. *ret_has_slash is whether
 * a slash is in it, which then matches one. */
static bool is_sound_set(const pattern *p, bool *ret_has_slash)
{
    size_t end = p->at;
    size_t backslashes = 0;
    for (; end < p->count && p->codes[end] != ']'; end++) {
        *ret_has_slash = *ret_has_slash || p->codes[end] == '/';
        backslashes = p->codes[end] == '\\' ? backslashes + 1 : 0;
    }
    return end > p->at && backslashes % 2 == 0;
}

/* From behind "[" to behind "]". The first item may be a "]", but not in the loose dialect. */
static bool read_set(pattern *p, code_set *set)
{
    uint32_t previous = 0;
    bool is_negative = !p->is_loose && (peek(p, 0) == '!' || peek(p, 0) == '^');
    p->at += is_negative;
    bool has_slash = false;
    if (p->is_loose && !is_sound_set(p, &has_slash))
        return false;
    do {
        if (!read_item(p, set, &previous))
            return false;
        p->at++;
    } while (peek(p, 0) != ']');
    p->at++;
    for (size_t i = 0; is_negative && i < SP_COUNT_OF(set->bits); i++)
        set->bits[i] = ~set->bits[i];
    if (!has_slash)
        set->bits['/' >> 6] &= ~((uint64_t)1 << ('/' & 63));
    return true;
}

/* ---- programs ------------------------------------------------------------------------------------------- */

typedef struct compiler {
    pattern pattern;
    sp_list(op) ops;
    bool in_path; /* "**" means something */
} compiler;

enum { MAX_UNITS = 2 };

/* The codes of the character at *at, which moves on: in the loose dialect its UTF-16 units, as JavaScript sees it, and
 * a byte that is not UTF-8 is a character of its own. */
static size_t take_codes(sp_str s, size_t *at, bool is_loose, uint32_t ret[MAX_UNITS])
{
    uint32_t code = (unsigned char)s.ptr[*at];
    size_t bad;
    size_t length = is_loose && code >= 0x80 ? sp_utf8_decode(s, *at, &code, &bad) : 1;
    *at += length ? length : 1;
    ret[0] = length ? code : 0x110000u + (unsigned char)s.ptr[*at - 1];
    if (!length || code < 0x10000)
        return 1;
    ret[0] = 0xD800u + ((code - 0x10000) >> 10);
    ret[1] = 0xDC00u + ((code - 0x10000) & 0x3FF);
    return 2;
}

static sp_status open_pattern(sp_arena *arena, sp_str text, bool is_loose, pattern *ret, sp_err *err)
{
    uint32_t *codes = SP_ARENA_ARRAY(arena, uint32_t, text.len + 1);
    if (!codes)
        return sp_err_memory(err);
    *ret = (pattern){ .arena = arena, .codes = codes, .is_loose = is_loose };
    for (size_t at = 0; at < text.len;)
        ret->count += take_codes(text, &at, is_loose, codes + ret->count);
    return SP_OK;
}

static op *add_op(compiler *c, op_kind kind, uint32_t code)
{
    op *added = SP_LIST_PUSH(c->pattern.arena, &c->ops);
    c->pattern.failed = c->pattern.failed || !added;
    if (added)
        *added = (op){ .kind = (uint8_t)kind, .code = c->pattern.is_loose ? fold(code) : code };
    return added;
}

/* In the loose dialect three stars or more are one star, and so are the two after a leading "two stars and a slash". */
static bool is_loose_star(const pattern *p, size_t first)
{
    bool is_second = first == 3 && p->codes[0] == '*' && p->codes[1] == '*';
    return p->is_loose && (p->at - first > 2 || is_second);
}

static void compile_stars(compiler *c)
{
    pattern *p = &c->pattern;
    size_t first = p->at;
    while (peek(p, 0) == '*')
        p->at++;
    bool is_bounded = (first == 0 || p->codes[first - 1] == '/') &&
                      (peek(p, 0) == 0 || peek(p, 0) == '/' || (peek(p, 0) == '\\' && peek(p, 1) == '/'));
    if (!c->in_path || p->at - first < 2 || !is_bounded || is_loose_star(p, first)) {
        add_op(c, OP_STAR, 0);
        return;
    }
    if (peek(p, 0) == '/')
        add_op(c, OP_MAYBE_TWO, 0);
    add_op(c, OP_GLOBSTAR, 0);
}

static void compile_set(compiler *c)
{
    code_set *set = SP_ARENA_NEW(c->pattern.arena, code_set);
    c->pattern.at++;
    if (!set) {
        c->pattern.failed = true;
        return;
    }
    op *added = read_set(&c->pattern, set) ? add_op(c, OP_SET, 0) : add_op(c, OP_NEVER, 0);
    if (added)
        added->set = set;
}

static void compile(compiler *c)
{
    pattern *p = &c->pattern;
    while (p->at < p->count && !p->failed) {
        uint32_t code = peek(p, 0);
        if (code == '*') {
            compile_stars(c);
        } else if (code == '[') {
            compile_set(c);
        } else {
            p->at += code == '\\';
            if (code == '?')
                add_op(c, OP_ANY, 0);
            else
                add_op(c, p->at < p->count ? OP_CODE : OP_NEVER, peek(p, 0));
            p->at++;
        }
    }
}

/* ---- running them ------------------------------------------------------------------------------------------
 * Bit i of the states says whether the ops before i can have read all of the name up to here. */

enum { WORD_BITS = 64 };

static size_t words_of(size_t op_count)
{
    return op_count / WORD_BITS + 1;
}

static void add_state(uint64_t *states, size_t at)
{
    states[at / WORD_BITS] |= (uint64_t)1 << at % WORD_BITS;
}

static bool has_ended(const rule *r, const uint64_t *states)
{
    return states[r->op_count / WORD_BITS] >> r->op_count % WORD_BITS & 1;
}

/* Adds the states that are reached without reading: all of them lie further on. False: there are no states. */
static bool skip_ahead(const rule *r, uint64_t *states)
{
    uint64_t any = 0;
    for (size_t word = 0; word < words_of(r->op_count); word++) {
        for (uint64_t left = states[word]; left;) {
            unsigned bit = (unsigned)__builtin_ctzll(left);
            size_t at = word * WORD_BITS + bit;
            uint8_t kind = at < r->op_count ? r->ops[at].kind : OP_NEVER;
            if (kind == OP_STAR || kind == OP_GLOBSTAR || kind == OP_MAYBE_TWO)
                add_state(states, at + 1);
            if (kind == OP_MAYBE_TWO)
                add_state(states, at + 3);
            left = states[word] & ~(((uint64_t)2 << bit) - 1);
        }
        any |= states[word];
    }
    return any != 0;
}

static bool reads(const op *o, uint32_t code)
{
    switch ((op_kind)o->kind) {
    case OP_CODE:
        return code == o->code;
    case OP_ANY:
    case OP_STAR:
        return code != '/';
    case OP_SET:
        return holds(o->set, code);
    case OP_GLOBSTAR:
        return true;
    case OP_MAYBE_TWO:
    case OP_NEVER:
        return false;
    }
    return false;
}

static bool step(const rule *r, const uint64_t *states, uint64_t *next, uint32_t code)
{
    memset(next, 0, words_of(r->op_count) * sizeof *next);
    for (size_t word = 0; word < words_of(r->op_count); word++) {
        for (uint64_t left = states[word]; left; left &= left - 1) {
            size_t at = word * WORD_BITS + (unsigned)__builtin_ctzll(left);
            if (at == r->op_count) /* the program has ended: it reads nothing */
                continue;
            const op *o = &r->ops[at];
            if (reads(o, code))
                add_state(next, o->kind == OP_STAR || o->kind == OP_GLOBSTAR ? at : at + 1);
        }
    }
    return skip_ahead(r, next);
}

/* A program in the middle of a name. */
typedef struct runner {
    const rule *rule;
    uint64_t *states;
    uint64_t *next;
    bool is_alive; /* it can still match */
} runner;

static runner begin_run(const rule *r, uint64_t *scratch)
{
    runner run = { r, scratch, scratch + words_of(r->op_count), true };
    memset(run.states, 0, words_of(r->op_count) * sizeof *run.states);
    add_state(run.states, 0);
    skip_ahead(r, run.states);
    return run;
}

static void read_name(runner *run, sp_str name)
{
    bool is_loose = run->rule->is_loose;
    for (size_t at = 0; at < name.len && run->is_alive;) {
        uint32_t codes[MAX_UNITS];
        size_t count = take_codes(name, &at, is_loose, codes);
        for (size_t i = 0; i < count && run->is_alive; i++) {
            run->is_alive = step(run->rule, run->states, run->next, is_loose ? fold(codes[i]) : codes[i]);
            uint64_t *swap = run->states;
            run->states = run->next;
            run->next = swap;
        }
    }
}

enum { MAX_CODES = 512 }; /* of a name that match_codes is asked about */

/* Of a program that is of parts, whose stars need not be run side by side: what follows a star matches at the first
 * place where it can, or nowhere. */
static bool match_codes(const rule *r, const uint32_t *codes, size_t count)
{
    size_t at = 0, next = 0, after_star = SIZE_MAX, retry = 0;
    while (at < count) {
        const op *o = next < r->op_count ? &r->ops[next] : NULL;
        if (o && o->kind == OP_STAR) {
            after_star = ++next;
            retry = at;
        } else if (o && reads(o, codes[at])) {
            next++;
            at++;
        } else if (after_star == SIZE_MAX || codes[retry] == '/') {
            return false;
        } else {
            at = ++retry;
            next = after_star;
        }
    }
    while (next < r->op_count && r->ops[next].kind == OP_STAR)
        next++;
    return next == r->op_count;
}

/* Whether the last op reads the last byte, where that is soon told. */
static bool may_end_so(const rule *r, sp_str name)
{
    const op *last = &r->ops[r->op_count - 1];
    uint32_t code = name.len ? (unsigned char)name.ptr[name.len - 1] : 0;
    if (last->kind != OP_CODE || code >= 0x80)
        return true;
    return name.len && last->code == (r->is_loose ? fold(code) : code);
}

/* There are no more codes than bytes. */
static size_t decode(sp_str name, bool is_loose, uint32_t *codes)
{
    size_t count = 0;
    for (size_t at = 0; at < name.len;)
        count += take_codes(name, &at, is_loose, codes + count);
    for (size_t i = 0; is_loose && i < count; i++)
        codes[i] = fold(codes[i]);
    return count;
}

static bool match_whole(const rule *r, sp_str name, uint64_t *scratch)
{
    uint32_t codes[MAX_CODES];
    if (!may_end_so(r, name))
        return false;
    if (r->is_of_parts && name.len <= MAX_CODES)
        return match_codes(r, codes, decode(name, r->is_loose, codes));
    runner run = begin_run(r, scratch);
    read_name(&run, name);
    return has_ended(r, run.states);
}

static bool matches(const rule *r, sp_str name, uint64_t *scratch)
{
    if (!sp_str_starts(name, r->prefix))
        return false;
    name = sp_str_slice(name, r->prefix.len, name.len);
    if (r->op_count == 0)
        return name.len == 0;
    if (r->has_suffix)
        return sp_str_ends(name, r->suffix);
    return match_whole(r, name, scratch);
}

/* ---- lists ------------------------------------------------------------------------------------------------- */

static bool is_special(char c)
{
    return c == '*' || c == '?' || c == '[' || c == '\\';
}

static size_t length_without_wildcards(sp_str text)
{
    size_t len = 0;
    while (len < text.len && !is_special(text.ptr[len]))
        len++;
    return len;
}

/* In the loose dialect a slash and two stars are dropped before a slash at the end. */
static sp_str without_stars_at_end(sp_str text)
{
    while (text.len > 3 && sp_str_ends(text, SP_STR("/**")))
        text.len -= 3;
    return text;
}

/* Whether the program can match at all. */
static bool is_sound(const rule *r)
{
    for (size_t i = 0; i < r->op_count; i++)
        if (r->ops[i].kind == OP_NEVER)
            return false;
    return true;
}

/* The part before the first wildcard is compared byte by byte; *text is the rest. */
static void take_plain_part(rule *r, sp_str *text)
{
    size_t plain = length_without_wildcards(*text);
    r->prefix = sp_str_slice(*text, 0, plain);
    *text = sp_str_slice(*text, plain, text->len);
    r->suffix = sp_str_slice(*text, text->len > 0, text->len);
    r->has_suffix =
        r->is_name && sp_str_starts(*text, SP_STR("*")) && length_without_wildcards(r->suffix) == r->suffix.len;
}

static sp_status compile_rule(sp_arena *arena, sp_str text, bool is_loose, rule *ret, sp_err *err)
{
    rule r = { .is_loose = is_loose };
    bool is_comment = is_loose && sp_str_starts(text, SP_STR("#"));
    r.is_negative = sp_str_starts(text, SP_STR("!"));
    text = sp_str_slice(text, r.is_negative, text.len);
    r.only_folders = sp_str_ends(text, SP_STR("/"));
    text.len -= r.only_folders;
    r.is_name = sp_str_find(text, SP_STR("/"), 0) == SIZE_MAX;
    if (is_loose && r.only_folders)
        text = without_stars_at_end(text);
    text = sp_str_slice(text, sp_str_starts(text, SP_STR("/")), text.len);
    if (!is_loose)
        take_plain_part(&r, &text);
    compiler c = { .in_path = !r.is_name };
    SP_TRY(open_pattern(arena, text, is_loose, &c.pattern, err));
    compile(&c);
    if (is_comment)
        add_op(&c, OP_NEVER, 0);
    if (c.pattern.failed)
        return sp_err_memory(err);
    r.ops = c.ops.items;
    r.op_count = c.ops.count;
    r.is_of_parts = true;
    for (size_t i = 0; i < r.prefix.len; i++)
        r.slashes += r.prefix.ptr[i] == '/';
    for (size_t i = 0; i < r.op_count; i++) {
        r.slashes += r.ops[i].kind == OP_CODE && r.ops[i].code == '/';
        r.is_of_parts &= r.ops[i].kind == OP_CODE || !reads(&r.ops[i], '/');
    }
    *ret = r;
    return SP_OK;
}

typedef sp_list(rule) rule_list;

static sp_status add_rule(sp_arena *arena, sp_str text, bool is_loose, rule_list *rules, size_t *max_ops, sp_err *err)
{
    text = sp_str_dup(arena, text); /* the rules keep parts of it */
    rule *added = SP_LIST_PUSH(arena, rules);
    if (!added || !text.ptr)
        return sp_err_memory(err);
    SP_TRY(compile_rule(arena, text, is_loose, added, err));
    *max_ops = added->op_count > *max_ops ? added->op_count : *max_ops;
    return SP_OK;
}

static sp_status finish(sp_arena *arena, const rule_list *rules, size_t max_ops, sp_str base, sp_ignore_list *ret,
                        sp_err *err)
{
    uint64_t *scratch = SP_ARENA_ARRAY(arena, uint64_t, 2 * words_of(max_ops));
    if (!scratch)
        return sp_err_memory(err);
    *ret = (sp_ignore_list){ .rules = rules->items, .count = rules->count, .base = base, .scratch = scratch };
    return SP_OK;
}

/* Without the blanks at its end, but for one behind a backslash. */
static sp_str trim_blanks(sp_str line)
{
    size_t end = 0;
    for (size_t at = 0; at < line.len; at++) {
        if (line.ptr[at] == ' ')
            continue;
        if (line.ptr[at] == '\\' && at + 1 < line.len)
            at++;
        end = at + 1;
    }
    return sp_str_slice(line, 0, end);
}

/* The line that begins at *at: without its end, and without what is behind a NUL. */
static sp_str next_line(sp_str text, size_t *at)
{
    size_t end = sp_str_find(text, SP_STR("\n"), *at);
    sp_str line = sp_str_slice(text, *at, end == SIZE_MAX ? text.len : end);
    *at += line.len + 1;
    if (sp_str_ends(line, SP_STR("\r")))
        line.len--;
    const char *nul = line.len ? memchr(line.ptr, 0, line.len) : NULL;
    if (nul)
        line.len = (size_t)(nul - line.ptr);
    return line;
}

sp_status sp_ignore_parse(sp_arena *arena, sp_str text, sp_str base, sp_ignore_list *ret, sp_err *err)
{
    rule_list rules = { 0 };
    size_t max_ops = 0;
    for (size_t at = sp_str_starts(text, SP_STR("\xEF\xBB\xBF")) ? 3 : 0; at < text.len;) {
        sp_str line = next_line(text, &at);
        if (line.len == 0 || line.ptr[0] == '#')
            continue;
        SP_TRY(add_rule(arena, trim_blanks(line), false, &rules, &max_ops, err));
    }
    return finish(arena, &rules, max_ops, base, ret, err);
}

static sp_status parse_each(sp_arena *arena, sp_str_list patterns, bool is_loose, sp_str base, sp_ignore_list *ret,
                            sp_err *err)
{
    rule_list rules = { 0 };
    size_t max_ops = 0;
    for (size_t i = 0; i < patterns.count; i++)
        SP_TRY(add_rule(arena, patterns.items[i], is_loose, &rules, &max_ops, err));
    return finish(arena, &rules, max_ops, base, ret, err);
}

sp_status sp_ignore_parse_each(sp_arena *arena, sp_str_list patterns, sp_str base, sp_ignore_list *ret, sp_err *err)
{
    return parse_each(arena, patterns, false, base, ret, err);
}

sp_status sp_ignore_parse_loosely(sp_arena *arena, sp_str_list patterns, sp_ignore_list *ret, sp_err *err)
{
    return parse_each(arena, patterns, true, SP_STR(""), ret, err);
}

bool sp_ignore_is_sound(const sp_ignore_list *list, size_t index)
{
    return is_sound(&list->rules[index]);
}

/* The last pattern that matches, or SIZE_MAX. */
static size_t find_last(const sp_ignore_list *list, sp_str path, bool is_folder)
{
    size_t slash = path.len;
    while (slash > 0 && path.ptr[slash - 1] != '/')
        slash--;
    sp_str name = sp_str_slice(path, slash, path.len);
    sp_str below = sp_str_slice(path, list->base.len, path.len);
    for (size_t i = list->count; i-- > 0;) {
        const rule *r = &list->rules[i];
        if ((is_folder || !r->only_folders) && matches(r, r->is_name ? name : below, list->scratch))
            return i;
    }
    return SIZE_MAX;
}

sp_ignore_answer sp_ignore_ask(const sp_ignore_list *list, sp_str path, bool is_folder)
{
    size_t found = find_last(list, path, is_folder);
    if (found == SIZE_MAX)
        return SP_IGNORE_SILENT;
    return list->rules[found].is_negative ? SP_IGNORE_NO : SP_IGNORE_YES;
}

/* ---- a path and all directories on the way to it ------------------------------------------------------------- */

enum { MAX_PARTS = 128, NOBODY = UINT32_MAX };

/* Who decides about the beginnings of a path, from the part of that number on: index of the pattern, or NOBODY. Longer
 * paths are gone through again for each further stretch. */
typedef struct stretch {
    sp_str path;
    size_t first;
    size_t count; /* of its parts */
    uint32_t deciders[MAX_PARTS];
} stretch;

/* Lets a pattern decide where nobody has yet; one program reads the path once, whatever the number of parts. The part
 * of the pattern before its first wildcard is not in the program. */
static void decide(const sp_ignore_list *list, uint32_t index, stretch *s)
{
    const rule *r = &list->rules[index];
    size_t read_to = r->prefix.len;
    if (!r->is_name && !sp_str_starts(s->path, r->prefix))
        return;
    runner run = { .is_alive = false };
    if (!r->is_of_parts)
        run = begin_run(r, list->scratch);
    for (size_t part = 0, begin = 0; begin < s->path.len && part < s->first + s->count; part++) {
        size_t slash = sp_str_find(s->path, SP_STR("/"), begin);
        size_t end = slash == SIZE_MAX ? s->path.len : slash;
        bool is_about = end >= read_to && (slash != SIZE_MAX || !r->only_folders);
        if (!r->is_of_parts && end >= read_to) {
            read_name(&run, sp_str_slice(s->path, read_to, end));
            read_to = end;
            is_about = is_about && has_ended(r, run.states);
        } else if (is_about) {
            is_about = (r->is_name || part == r->slashes) &&
                       matches(r, sp_str_slice(s->path, r->is_name ? begin : 0, end), list->scratch);
        }
        if (is_about && part >= s->first && s->deciders[part - s->first] == NOBODY)
            s->deciders[part - s->first] = index;
        begin = end + 1;
    }
}

static bool begin_stretch(stretch *s, sp_str path, size_t first)
{
    size_t parts = 1;
    for (size_t i = 0; i < path.len; i++)
        parts += path.ptr[i] == '/';
    if (first >= parts)
        return false;
    s->path = path;
    s->first = first;
    s->count = parts - first < MAX_PARTS ? parts - first : (size_t)MAX_PARTS;
    for (size_t i = 0; i < s->count; i++)
        s->deciders[i] = NOBODY;
    return true;
}

size_t sp_ignore_find(const sp_ignore_list *list, sp_str path)
{
    stretch s;
    path = sp_str_slice(path, list->base.len, path.len);
    for (size_t first = 0; begin_stretch(&s, path, first); first += MAX_PARTS) {
        for (size_t i = list->count; i-- > 0;)
            decide(list, (uint32_t)i, &s);
        for (size_t i = 0; i < s.count; i++)
            if (s.deciders[i] != NOBODY && !list->rules[s.deciders[i]].is_negative)
                return s.deciders[i];
    }
    return SIZE_MAX;
}

bool sp_ignore_matches(const sp_ignore_list *list, size_t index, sp_str path)
{
    stretch s;
    path = sp_str_slice(path, list->base.len, path.len);
    for (size_t first = 0; begin_stretch(&s, path, first); first += MAX_PARTS) {
        decide(list, (uint32_t)index, &s);
        for (size_t i = 0; i < s.count; i++)
            if (s.deciders[i] != NOBODY)
                return true;
    }
    return false;
}
