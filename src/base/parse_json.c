/* parse_json.c - recursive descent, with the depth as a limit. */
#include "base/parse_json.h"
#include "base/types.h"

typedef struct parser {
    sp_arena *arena;
    sp_str text;
    size_t at;
    unsigned depth_left;
    size_t values_left;
    sp_json_problem problem; /* what NULL: memory was short, or nothing is wrong yet */
} parser;

static bool fail(parser *p, size_t offset, const char *what)
{
    p->problem = (sp_json_problem){ .offset = offset, .what = what };
    return false;
}

static char current(const parser *p)
{
    return p->at < p->text.len ? p->text.ptr[p->at] : '\0';
}

static void skip_blanks(parser *p)
{
    for (char c = current(p); c == ' ' || c == '\t' || c == '\r' || c == '\n'; c = current(p))
        p->at++;
}

static bool is_digit(char c)
{
    return c >= '0' && c <= '9';
}

/* ---- texts -------------------------------------------------------------------------------------- */

static bool take_hex(parser *p, uint32_t *ret)
{
    static const char digits[] = "0123456789abcdefABCDEF";
    uint32_t code = 0;
    for (int i = 0; i < 4; i++, p->at++) {
        char c = current(p);
        const char *digit = c ? memchr(digits, c, sizeof digits - 1) : NULL;
        if (!digit)
            return fail(p, p->at, "\\u needs four hexadecimal digits");
        size_t value = (size_t)(digit - digits);
        code = code * 16 + (uint32_t)(value < 16 ? value : value - 6);
    }
    *ret = code;
    return true;
}

/* One character of one or two \u escapes, the first of which begins at p->at. */
static bool take_code(parser *p, uint32_t *ret)
{
    uint32_t low = 0;
    p->at += 2;
    if (!take_hex(p, ret))
        return false;
    if (*ret < 0xD800 || *ret > 0xDFFF)
        return true;
    size_t behind = p->at;
    bool is_high = *ret < 0xDC00 && sp_str_starts(sp_str_slice(p->text, behind, p->text.len), SP_STR("\\u"));
    if (is_high) {
        p->at += 2;
        if (!take_hex(p, &low))
            return false;
    }
    if (low >= 0xDC00 && low <= 0xDFFF) {
        *ret = 0x10000 + ((*ret - 0xD800) << 10) + (low - 0xDC00);
    } else {
        p->at = behind;
        *ret = 0xFFFD;
    }
    return true;
}

/* A backslash and what follows, to out. */
static bool take_escape(parser *p, char *out, size_t *length)
{
    static const char names[] = "\"\\/bfnrt";
    static const char values[] = "\"\\/\b\f\n\r\t";
    char c = p->at + 1 < p->text.len ? p->text.ptr[p->at + 1] : '\0';
    const char *name = c ? memchr(names, c, sizeof names - 1) : NULL;
    uint32_t code;
    if (name) {
        out[(*length)++] = values[name - names];
        p->at += 2;
        return true;
    }
    if (c != 'u')
        return fail(p, p->at, "there is no such escape; write a backslash as \\\\");
    if (!take_code(p, &code))
        return false;
    *length += sp_utf8_encode(code, out + *length);
    return true;
}

/* At or before the first quote, backslash or control character from at on, eight bytes at a time: a vocabulary is
 * millions of them. */
static size_t skip_plain(sp_str text, size_t at)
{
    const uint64_t ones = 0x0101010101010101, tops = ones << 7;
    uint64_t word;
    for (; text.len - at >= sizeof word; at += sizeof word) {
        memcpy(&word, text.ptr + at, sizeof word);
        uint64_t quotes = word ^ ones * '"', backslashes = word ^ ones * '\\';
        uint64_t special = (word - ones * ' ') & ~word;
        special |= ((quotes - ones) & ~quotes) | ((backslashes - ones) & ~backslashes);
        if (special & tops)
            break;
    }
    return at;
}

/* The end of the text that begins at p->at; *ret_has_escapes tells whether it has to be rewritten. */
static bool find_quote(parser *p, size_t *ret_end, bool *ret_has_escapes)
{
    *ret_has_escapes = false;
    for (size_t at = skip_plain(p->text, p->at); at < p->text.len; at++) {
        unsigned char c = (unsigned char)p->text.ptr[at];
        if (c == '"') {
            *ret_end = at;
            return true;
        }
        if (c < ' ')
            return fail(p, at,
                        c == '\n' ? "a text ends on its own line; write a line end as \\n"
                                  : "a control character in a text has to be written as an escape");
        if (c == '\\') {
            *ret_has_escapes = true;
            at++;
        }
    }
    return fail(p, p->at - 1, "nothing closes this text");
}

static bool take_text(parser *p, sp_str *ret)
{
    size_t end;
    bool has_escapes;
    p->at++;
    if (!find_quote(p, &end, &has_escapes))
        return false;
    *ret = sp_str_slice(p->text, p->at, end);
    if (has_escapes) { /* never longer than it is written */
        char *out = sp_arena_alloc(p->arena, ret->len + 1, 1);
        size_t length = 0;
        if (!out)
            return fail(p, 0, NULL);
        while (p->at < end) {
            if (p->text.ptr[p->at] != '\\')
                out[length++] = p->text.ptr[p->at++];
            else if (!take_escape(p, out, &length))
                return false;
        }
        *ret = (sp_str){ out, length };
    }
    p->at = end + 1;
    return true;
}

/* ---- the other values ----------------------------------------------------------------------------- */

static size_t skip_digits(parser *p)
{
    size_t begin = p->at;
    while (is_digit(current(p)))
        p->at++;
    return p->at - begin;
}

static bool take_number(parser *p, sp_json_node *node)
{
    size_t begin = p->at;
    p->at += current(p) == '-';
    bool has_zero = current(p) == '0';
    size_t digits = skip_digits(p);
    bool is_fine = digits == 1 || (digits > 1 && !has_zero);
    if (is_fine && current(p) == '.') {
        p->at++;
        is_fine = skip_digits(p) > 0;
    }
    if (is_fine && (current(p) == 'e' || current(p) == 'E')) {
        p->at++;
        p->at += current(p) == '+' || current(p) == '-';
        is_fine = skip_digits(p) > 0;
    }
    node->kind = SP_JSON_NUMBER;
    node->text = sp_str_slice(p->text, begin, p->at);
    return is_fine || fail(p, begin, "this is not a number as JSON writes it");
}

static bool take_word(parser *p, sp_json_node *node)
{
    static const struct {
        sp_str word;
        sp_json_kind kind;
        bool is_true;
    } words[] = { { { "true", 4 }, SP_JSON_BOOL, true },
                  { { "false", 5 }, SP_JSON_BOOL, false },
                  { { "null", 4 }, SP_JSON_NULL, false } };
    for (size_t i = 0; i < SP_COUNT_OF(words); i++) {
        if (!sp_str_starts(sp_str_slice(p->text, p->at, p->text.len), words[i].word))
            continue;
        node->kind = words[i].kind;
        node->is_true = words[i].is_true;
        node->text = words[i].word;
        p->at += words[i].word.len;
        return true;
    }
    if (p->at == p->text.len)
        return fail(p, p->at, "a value is missing here, at the end");
    char c = current(p);
    return fail(p, p->at,
                c == '/'                           ? "JSON has no comments"
                : c == '\''                        ? "a text stands in double quotes"
                : c == '}' || c == ']' || c == ',' ? "a value is missing here, or the comma before it is one too many"
                                                   : "a value is missing here: a text in quotes, a number, true, "
                                                     "false, null, [ or {");
}

static bool take_value(parser *p, sp_json_node *node);

static bool take_key(parser *p, sp_json_node *member)
{
    member->key_offset = p->at;
    if (current(p) != '"')
        return fail(p, p->at,
                    current(p) == '}'   ? "the comma before it is one too many"
                    : current(p) == '/' ? "JSON has no comments"
                                        : "a key in double quotes is missing here");
    if (!take_text(p, &member->key))
        return false;
    skip_blanks(p);
    if (current(p) != ':')
        return fail(p, p->at, "a colon is missing here, behind the key");
    p->at++;
    skip_blanks(p);
    return true;
}

static bool take_children(parser *p, sp_json_node *node, char closer)
{
    sp_json_node **last = &node->first;
    p->at++;
    skip_blanks(p);
    while (current(p) != closer || node->count) {
        if (--p->values_left == 0) {
            p->problem = (sp_json_problem){ p->at, "it has too many values", true };
            return false;
        }
        sp_json_node *child = SP_ARENA_NEW(p->arena, sp_json_node);
        if (!child)
            return fail(p, 0, NULL);
        if (closer == '}' && !take_key(p, child))
            return false;
        if (!take_value(p, child))
            return false;
        *last = child;
        last = &child->next;
        node->count++;
        skip_blanks(p);
        if (current(p) == closer)
            break;
        if (current(p) != ',')
            return fail(p, p->at,
                        p->at == p->text.len
                            ? (closer == ']' ? "a ] is missing at the end" : "a } is missing at the end")
                        : closer == ']' ? "a comma or ] is missing here"
                                        : "a comma or } is missing here");
        p->at++;
        skip_blanks(p);
    }
    p->at++;
    return true;
}

static bool take_value(parser *p, sp_json_node *node)
{
    char c = current(p);
    size_t begin = p->at;
    node->offset = begin;
    if (c == '"') {
        node->kind = SP_JSON_TEXT;
        return take_text(p, &node->text);
    }
    if (c == '-' || is_digit(c))
        return take_number(p, node);
    if (c != '[' && c != '{')
        return take_word(p, node);
    if (p->depth_left == 0)
        return fail(p, begin, "it is nested too deep");
    node->kind = c == '[' ? SP_JSON_ARRAY : SP_JSON_OBJECT;
    p->depth_left--;
    if (!take_children(p, node, c == '[' ? ']' : '}'))
        return false;
    p->depth_left++;
    node->text = sp_str_slice(p->text, begin, p->at);
    return true;
}

static bool take_document(parser *p, sp_json_node *root)
{
    if (sp_str_starts(p->text, SP_STR("\xEF\xBB\xBF")))
        p->at = 3;
    skip_blanks(p);
    if (!take_value(p, root))
        return false;
    skip_blanks(p);
    return p->at == p->text.len || fail(p, p->at, "nothing may follow the value");
}

sp_status sp_json_parse_few(sp_arena *arena, sp_str text, unsigned max_depth, size_t max_values,
                            sp_json_node **ret_root, sp_json_problem *ret_problem, sp_err *err)
{
    parser p = { .arena = arena, .text = text, .depth_left = max_depth, .values_left = max_values };
    sp_json_node *root = SP_ARENA_NEW(arena, sp_json_node);
    if (!root)
        return sp_err_memory(err);
    bool is_fine = take_document(&p, root);
    if (!is_fine && !p.problem.what)
        return sp_err_memory(err);
    *ret_root = is_fine ? root : NULL;
    *ret_problem = p.problem;
    return SP_OK;
}

sp_status sp_json_parse(sp_arena *arena, sp_str text, unsigned max_depth, sp_json_node **ret_root,
                        sp_json_problem *ret_problem, sp_err *err)
{
    return sp_json_parse_few(arena, text, max_depth, SIZE_MAX, ret_root, ret_problem, err);
}

const sp_json_node *sp_json_shorten(sp_json_node *node, size_t most)
{
    sp_json_node **next = &node->first;
    if (node->count <= most)
        return NULL;
    for (size_t i = 0; i < most; i++)
        next = &(*next)->next;
    const sp_json_node *extra = *next;
    *next = NULL;
    node->count = most;
    return extra;
}

/* ---- child by child ------------------------------------------------------------------------------- */

/* From the bracket at p->at behind the one that closes it. Only the kinds of brackets in texts are told apart; the rest
 * is for whoever looks inside. */
static bool skip_container(parser *p)
{
    size_t open = 0, begin = p->at;
    for (; p->at < p->text.len; p->at++) {
        char c = p->text.ptr[p->at];
        size_t end;
        bool has_escapes;
        if (c == '"') {
            p->at++;
            if (!find_quote(p, &end, &has_escapes))
                return false;
            p->at = end;
        } else if (c == '[' || c == '{') {
            open++;
        } else if ((c == ']' || c == '}') && --open == 0) {
            p->at++;
            return true;
        }
    }
    return fail(p, begin, "nothing closes this bracket");
}

void sp_json_walk_init(sp_json_walk *walk, sp_arena *arena, sp_str text, size_t offset)
{
    char opener = offset < text.len ? text.ptr[offset] : '\0';
    *walk = (sp_json_walk){ .arena = arena, .text = text, .at = offset + 1 };
    walk->closer = opener == '{' ? '}' : opener == '[' ? ']' : '\0';
    if (!walk->closer)
        walk->problem = (sp_json_problem){ .offset = offset, .what = "an object or a list is missing here" };
}

static bool walk_value(parser *p, sp_json_node *node)
{
    char c = current(p);
    node->offset = p->at;
    if (c != '[' && c != '{')
        return take_value(p, node);
    node->kind = c == '[' ? SP_JSON_ARRAY : SP_JSON_OBJECT;
    if (!skip_container(p))
        return false;
    node->text = sp_str_slice(p->text, node->offset, p->at);
    return true;
}

static bool walk_child(parser *p, sp_json_walk *walk, sp_json_node *ret)
{
    skip_blanks(p);
    if (current(p) == walk->closer && p->at < p->text.len) {
        p->at++;
        walk->closer = '\0';
        return false;
    }
    if (walk->is_begun) {
        if (current(p) != ',')
            return fail(p, p->at,
                        walk->closer == ']' ? "a comma or ] is missing here" : "a comma or } is missing here");
        p->at++;
        skip_blanks(p);
    }
    walk->is_begun = true;
    *ret = (sp_json_node){ 0 };
    return (walk->closer != '}' || take_key(p, ret)) && walk_value(p, ret);
}

bool sp_json_walk_next(sp_json_walk *walk, sp_json_node *ret)
{
    parser p = { .arena = walk->arena, .text = walk->text, .at = walk->at };
    if (!walk->closer)
        return false;
    bool is_there = walk_child(&p, walk, ret);
    walk->at = p.at;
    if (!is_there && walk->closer) {
        walk->closer = '\0';
        walk->problem = p.problem;
        walk->failed = !p.problem.what;
    }
    return is_there;
}

void sp_json_walk_members(sp_json_walk *walk, const sp_json_wanted *wanted, size_t count)
{
    sp_json_node child = { 0 };
    while (sp_json_walk_next(walk, &child))
        for (size_t i = 0; i < count; i++)
            if (sp_str_eq(child.key, sp_str_of(wanted[i].key)))
                *wanted[i].node = child;
}

const sp_json_node *sp_json_member(const sp_json_node *object, const char *key)
{
    const sp_json_node *found = NULL;
    if (!object || object->kind != SP_JSON_OBJECT)
        return NULL;
    for (const sp_json_node *member = object->first; member; member = member->next)
        if (sp_str_eq(member->key, sp_str_of(key)))
            found = member;
    return found;
}

const char *sp_json_kind_name(sp_json_kind kind)
{
    static const char *const names[] = {
        [SP_JSON_NULL] = "null",
        [SP_JSON_BOOL] = "true or false",
        [SP_JSON_NUMBER] = "a number",
        [SP_JSON_TEXT] = "a text",
        [SP_JSON_ARRAY] = "a list",
        [SP_JSON_OBJECT] = "an object",
        [SP_JSON_DATE] = "a date or a time",
    };
    return names[kind];
}
