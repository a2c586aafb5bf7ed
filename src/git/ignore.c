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
 */
#include "git/ignore.h"
#include "base/types.h"

#include <ctype.h>

typedef enum op_kind {
    OP_BYTE,      /* this byte */
    OP_ANY,       /* any but a slash */
    OP_SET,       /* one of a set, which has no slash */
    OP_STAR,      /* any number of bytes, none a slash */
    OP_GLOBSTAR,  /* any number of bytes */
    OP_MAYBE_TWO, /* before a globstar and a slash: both, or neither */
    OP_NEVER,
} op_kind;

typedef struct byte_set {
    uint64_t bits[4];
} byte_set;

typedef struct op {
    uint8_t kind; /* op_kind */
    uint8_t byte;
    const byte_set *set;
} op;

typedef struct sp_ignore_rule {
    bool is_negative;
    bool only_folders;
    bool is_name;  /* has no slash: about the last part of a path, in any folder */
    sp_str prefix; /* before the first wildcard */
    sp_str suffix; /* if the rest is a star and this: no need to run a program */
    bool has_suffix;
    const op *ops; /* the rest */
    size_t op_count;
} rule;

/* ---- sets: [a-z], [!a], [[:digit:]] ------------------------------------------------------------------ */

static bool holds(const byte_set *set, uint8_t byte)
{
    return set->bits[byte >> 6] >> (byte & 63) & 1;
}

static void add_range(byte_set *set, unsigned first, unsigned last)
{
    for (unsigned byte = first; byte <= last; byte++)
        set->bits[byte >> 6] |= (uint64_t)1 << (byte & 63);
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

static bool add_class(byte_set *set, sp_str name)
{
    for (size_t i = 0; i < SP_COUNT_OF(classes); i++) {
        if (!sp_str_eq(classes[i].name, name))
            continue;
        for (unsigned byte = 0; byte < 0x80; byte++)
            if (classes[i].holds((int)byte))
                add_range(set, byte, byte);
        return true;
    }
    return false;
}

/* A pattern that is read: past its end there is NUL, which no pattern holds. */
typedef struct pattern {
    sp_str text;
    size_t at;
} pattern;

static uint8_t peek(const pattern *p, size_t ahead)
{
    return p->at + ahead < p->text.len ? (uint8_t)p->text.ptr[p->at + ahead] : 0;
}

/* At "[:": the class that is named there, with *at on its "]". False if it is malformed; *ret_is_class is false where
 * there is no ":]" and "[" is a character like any other. */
static bool read_class(pattern *p, byte_set *set, bool *ret_is_class)
{
    size_t end = p->at + 2;
    while (end < p->text.len && p->text.ptr[end] != ']')
        end++;
    if (end == p->text.len)
        return false;
    *ret_is_class = end > p->at + 2 && p->text.ptr[end - 1] == ':';
    if (!*ret_is_class)
        return true;
    sp_str name = sp_str_slice(p->text, p->at + 2, end - 1);
    p->at = end;
    return add_class(set, name);
}

/* One item of a set, with *at on its last byte. *previous is where a range could begin, 0 for none. */
static bool read_item(pattern *p, byte_set *set, uint8_t *previous)
{
    uint8_t byte = peek(p, 0);
    bool is_class = false;
    if (byte == '-' && *previous && peek(p, 1) && peek(p, 1) != ']') {
        p->at += peek(p, 1) == '\\' ? 2 : 1;
        add_range(set, *previous, peek(p, 0));
        *previous = 0;
        return peek(p, 0) != 0;
    }
    if (byte == '[' && peek(p, 1) == ':' && !read_class(p, set, &is_class))
        return false;
    if (!is_class) {
        p->at += byte == '\\';
        byte = peek(p, 0);
        add_range(set, byte, byte);
    }
    *previous = is_class ? 0 : byte;
    return byte != 0;
}

/* From behind "[" to behind "]". The first item may be a "]". */
static bool read_set(pattern *p, byte_set *set)
{
    uint8_t previous = 0;
    bool is_negative = peek(p, 0) == '!' || peek(p, 0) == '^';
    p->at += is_negative;
    do {
        if (!read_item(p, set, &previous))
            return false;
        p->at++;
    } while (peek(p, 0) != ']');
    p->at++;
    for (size_t i = 0; is_negative && i < SP_COUNT_OF(set->bits); i++)
        set->bits[i] = ~set->bits[i];
    set->bits['/' >> 6] &= ~((uint64_t)1 << ('/' & 63));
    return true;
}

/* ---- programs ------------------------------------------------------------------------------------------- */

typedef struct compiler {
    sp_arena *arena;
    pattern pattern;
    sp_list(op) ops;
    bool in_path; /* "**" means something */
    bool failed;
} compiler;

static op *add_op(compiler *c, op_kind kind, uint8_t byte)
{
    op *added = SP_LIST_PUSH(c->arena, &c->ops);
    c->failed = c->failed || !added;
    if (added)
        *added = (op){ .kind = (uint8_t)kind, .byte = byte };
    return added;
}

static void compile_stars(compiler *c)
{
    pattern *p = &c->pattern;
    size_t first = p->at;
    while (peek(p, 0) == '*')
        p->at++;
    bool is_bounded = (first == 0 || p->text.ptr[first - 1] == '/') &&
                      (peek(p, 0) == 0 || peek(p, 0) == '/' || (peek(p, 0) == '\\' && peek(p, 1) == '/'));
    if (!c->in_path || p->at - first < 2 || !is_bounded) {
        add_op(c, OP_STAR, 0);
        return;
    }
    if (peek(p, 0) == '/')
        add_op(c, OP_MAYBE_TWO, 0);
    add_op(c, OP_GLOBSTAR, 0);
}

static void compile_set(compiler *c)
{
    byte_set *set = SP_ARENA_NEW(c->arena, byte_set);
    c->pattern.at++;
    if (!set) {
        c->failed = true;
        return;
    }
    op *added = read_set(&c->pattern, set) ? add_op(c, OP_SET, 0) : add_op(c, OP_NEVER, 0);
    if (added)
        added->set = set;
}

static void compile(compiler *c)
{
    pattern *p = &c->pattern;
    while (p->at < p->text.len && !c->failed) {
        uint8_t byte = peek(p, 0);
        if (byte == '*') {
            compile_stars(c);
        } else if (byte == '[') {
            compile_set(c);
        } else {
            p->at += byte == '\\';
            if (byte == '?')
                add_op(c, OP_ANY, 0);
            else
                add_op(c, p->at < p->text.len ? OP_BYTE : OP_NEVER, peek(p, 0));
            p->at++;
        }
    }
}

/* ---- running them ------------------------------------------------------------------------------------------
 * states[i] says whether the ops before i can have read all of the name up to here. */

/* Adds the states that are reached without reading: all of them lie further on. */
static void skip_ahead(const rule *r, uint8_t *states)
{
    for (size_t at = 0; at < r->op_count; at++) {
        uint8_t kind = r->ops[at].kind;
        if (!states[at])
            continue;
        if (kind == OP_STAR || kind == OP_GLOBSTAR || kind == OP_MAYBE_TWO)
            states[at + 1] = 1;
        if (kind == OP_MAYBE_TWO)
            states[at + 3] = 1;
    }
}

static bool reads(const op *o, uint8_t byte)
{
    switch ((op_kind)o->kind) {
    case OP_BYTE:
        return byte == o->byte;
    case OP_ANY:
    case OP_STAR:
        return byte != '/';
    case OP_SET:
        return holds(o->set, byte);
    case OP_GLOBSTAR:
        return true;
    case OP_MAYBE_TWO:
    case OP_NEVER:
        return false;
    }
    return false;
}

static void step(const rule *r, const uint8_t *states, uint8_t *next, uint8_t byte)
{
    memset(next, 0, r->op_count + 1);
    for (size_t at = 0; at < r->op_count; at++) {
        const op *o = &r->ops[at];
        bool stays = o->kind == OP_STAR || o->kind == OP_GLOBSTAR;
        if (states[at] && reads(o, byte))
            next[stays ? at : at + 1] = 1;
    }
    skip_ahead(r, next);
}

static bool run(const rule *r, sp_str name, uint8_t *scratch)
{
    uint8_t *states = scratch, *next = scratch + r->op_count + 1;
    memset(states, 0, r->op_count + 1);
    states[0] = 1;
    skip_ahead(r, states);
    for (size_t i = 0; i < name.len; i++) {
        step(r, states, next, (uint8_t)name.ptr[i]);
        uint8_t *swap = states;
        states = next;
        next = swap;
    }
    return states[r->op_count];
}

static bool matches(const rule *r, sp_str name, uint8_t *scratch)
{
    if (!sp_str_starts(name, r->prefix))
        return false;
    name = sp_str_slice(name, r->prefix.len, name.len);
    if (r->op_count == 0)
        return name.len == 0;
    if (r->has_suffix)
        return sp_str_ends(name, r->suffix);
    return run(r, name, scratch);
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

static sp_status compile_rule(sp_arena *arena, sp_str text, rule *ret, sp_err *err)
{
    rule r = { 0 };
    r.is_negative = sp_str_starts(text, SP_STR("!"));
    text = sp_str_slice(text, r.is_negative, text.len);
    r.only_folders = sp_str_ends(text, SP_STR("/"));
    text.len -= r.only_folders;
    r.is_name = sp_str_find(text, SP_STR("/"), 0) == SIZE_MAX;
    text = sp_str_slice(text, sp_str_starts(text, SP_STR("/")), text.len);
    size_t plain = length_without_wildcards(text);
    r.prefix = sp_str_slice(text, 0, plain);
    compiler c = { .arena = arena, .pattern = { .text = sp_str_slice(text, plain, text.len) }, .in_path = !r.is_name };
    compile(&c);
    if (c.failed)
        return sp_err_memory(err);
    r.ops = c.ops.items;
    r.op_count = c.ops.count;
    r.suffix = sp_str_slice(text, plain + (plain < text.len), text.len);
    r.has_suffix =
        r.is_name && sp_str_starts(c.pattern.text, SP_STR("*")) && length_without_wildcards(r.suffix) == r.suffix.len;
    *ret = r;
    return SP_OK;
}

typedef sp_list(rule) rule_list;

static sp_status add_rule(sp_arena *arena, sp_str text, rule_list *rules, size_t *max_ops, sp_err *err)
{
    text = sp_str_dup(arena, text); /* the rules keep parts of it */
    rule *added = SP_LIST_PUSH(arena, rules);
    if (!added || !text.ptr)
        return sp_err_memory(err);
    SP_TRY(compile_rule(arena, text, added, err));
    *max_ops = added->op_count > *max_ops ? added->op_count : *max_ops;
    return SP_OK;
}

static sp_status finish(sp_arena *arena, const rule_list *rules, size_t max_ops, sp_str base, sp_ignore_list *ret,
                        sp_err *err)
{
    uint8_t *scratch = sp_arena_alloc(arena, max_ops + 1, 2);
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
        SP_TRY(add_rule(arena, trim_blanks(line), &rules, &max_ops, err));
    }
    return finish(arena, &rules, max_ops, base, ret, err);
}

sp_status sp_ignore_parse_each(sp_arena *arena, sp_str_list patterns, sp_str base, sp_ignore_list *ret, sp_err *err)
{
    rule_list rules = { 0 };
    size_t max_ops = 0;
    for (size_t i = 0; i < patterns.count; i++)
        SP_TRY(add_rule(arena, patterns.items[i], &rules, &max_ops, err));
    return finish(arena, &rules, max_ops, base, ret, err);
}

sp_ignore_answer sp_ignore_ask(const sp_ignore_list *list, sp_str path, bool is_folder)
{
    size_t slash = path.len;
    while (slash > 0 && path.ptr[slash - 1] != '/')
        slash--;
    sp_str name = sp_str_slice(path, slash, path.len);
    sp_str below = sp_str_slice(path, list->base.len, path.len);
    for (size_t i = list->count; i-- > 0;) {
        const rule *r = &list->rules[i];
        if (r->only_folders && !is_folder)
            continue;
        if (matches(r, r->is_name ? name : below, list->scratch))
            return r->is_negative ? SP_IGNORE_NO : SP_IGNORE_YES;
    }
    return SP_IGNORE_SILENT;
}
