/*
 * toml.c - TOML, read by vendor/tomlc17 and copied into the arena.
 *
 * The library knows one allocator for all threads, so ours is realloc with a note of what failed, which each thread
 * keeps for itself: the library words a lack of memory in several ways, some of which are syntax errors, too.
 */
#include "syntax/toml.h"
#include "base/types.h"
#include "tomlc17/tomlc17.h"

#include <inttypes.h>
#include <limits.h>
#include <pthread.h>
#include <stdlib.h>

static pthread_once_t once = PTHREAD_ONCE_INIT;
static _Thread_local bool was_short; /* of memory, since it was last cleared */

static void *reallocate(void *old, size_t size)
{
    void *memory = realloc(old, size);
    was_short |= !memory && size > 0;
    return memory;
}

static void set_options(void)
{
    toml_option_t options = toml_default_option();
    options.check_utf8 = true;
    options.mem_realloc = reallocate;
    options.mem_free = free;
    toml_set_option(options);
}

typedef sp_list(size_t) offsets;

typedef struct toml {
    sp_arena *arena;
    sp_str text;
    size_t begin;  /* of the document in text: past a byte order mark */
    offsets lines; /* where each begins in text */
} toml;

static sp_status find_lines(toml *t, sp_err *err)
{
    for (size_t begin = t->begin;;) {
        size_t *slot = SP_LIST_PUSH(t->arena, &t->lines);
        const char *end;
        if (!slot)
            return sp_err_memory(err);
        *slot = begin;
        end = begin < t->text.len ? memchr(t->text.ptr + begin, '\n', t->text.len - begin) : NULL;
        if (!end)
            return SP_OK;
        begin = (size_t)(end - t->text.ptr) + 1;
    }
}

static size_t line_begin(const toml *t, int line)
{
    size_t index = line > 0 ? (size_t)line - 1 : 0;
    return t->lines.items[index < t->lines.count ? index : t->lines.count - 1];
}

/* The parser's column of a string is that of its first character, past the quotes. */
static size_t offset_of(const toml *t, const toml_datum_t *datum)
{
    size_t begin = line_begin(t, datum->lineno);
    size_t offset = begin + (datum->colno > 0 ? (size_t)datum->colno - 1 : 0);
    if (offset >= t->text.len)
        return t->text.len;
    for (int i = 0; datum->type == TOML_STRING && i < 3 && offset > begin && strchr("\"'", t->text.ptr[offset - 1]);
         i++)
        offset--;
    return offset;
}

/* ---- values ------------------------------------------------------------------------------------------------ */

static sp_status add(const toml *t, const toml_datum_t *datum, sp_json_node *node, sp_err *err);

static sp_status add_children(const toml *t, const toml_datum_t *datum, sp_json_node *node, sp_err *err)
{
    bool is_table = datum->type == TOML_TABLE;
    size_t count = (size_t)(is_table ? datum->u.tab.size : datum->u.arr.size);
    sp_json_node *children = SP_ARENA_ARRAY(t->arena, sp_json_node, count);
    if (!children && count)
        return sp_err_memory(err);
    for (size_t i = 0; i < count; i++) {
        const toml_datum_t *child = is_table ? &datum->u.tab.value[i] : &datum->u.arr.elem[i];
        children[i] = (sp_json_node){ .next = i + 1 < count ? &children[i + 1] : NULL };
        SP_TRY(add(t, child, &children[i], err));
        if (!is_table)
            continue;
        children[i].key = sp_str_dup(t->arena, (sp_str){ datum->u.tab.key[i], (size_t)datum->u.tab.len[i] });
        children[i].key_offset = children[i].offset;
        if (!children[i].key.ptr)
            return sp_err_memory(err);
    }
    node->first = count ? children : NULL;
    node->count = count;
    return SP_OK;
}

/* A number or a date as the file has it. A date may have one space before its time. */
static sp_str written(const toml *t, size_t begin, bool is_date)
{
    static const char letters[] = "0123456789abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ+-_.:";
    const char *text = t->text.ptr;
    size_t end = begin;
    while (end < t->text.len && ((text[end] && strchr(letters, text[end])) ||
                                 (is_date && text[end] == ' ' && end - begin == 10 && end + 1 < t->text.len &&
                                  text[end + 1] >= '0' && text[end + 1] <= '9')))
        end++;
    return sp_str_slice(t->text, begin, end);
}

static sp_json_kind kind_of(toml_type_t type)
{
    switch (type) {
    case TOML_STRING:
        return SP_JSON_TEXT;
    case TOML_INT64:
    case TOML_FP64:
        return SP_JSON_NUMBER;
    case TOML_BOOLEAN:
        return SP_JSON_BOOL;
    case TOML_ARRAY:
        return SP_JSON_ARRAY;
    case TOML_TABLE:
        return SP_JSON_OBJECT;
    default:
        return SP_JSON_DATE;
    }
}

static sp_status add(const toml *t, const toml_datum_t *datum, sp_json_node *node, sp_err *err)
{
    node->kind = kind_of(datum->type);
    node->offset = node->key_offset = offset_of(t, datum);
    if (datum->type == TOML_ARRAY || datum->type == TOML_TABLE)
        return add_children(t, datum, node, err);
    if (datum->type == TOML_STRING)
        node->text = sp_str_dup(t->arena, (sp_str){ datum->u.str.ptr, (size_t)datum->u.str.len });
    else if (datum->type == TOML_INT64)
        node->text = sp_str_format(t->arena, "%" PRId64, datum->u.int64);
    else
        node->text = written(t, node->offset, node->kind == SP_JSON_DATE);
    node->is_true = datum->type == TOML_BOOLEAN && datum->u.boolean;
    return node->text.ptr ? SP_OK : sp_err_memory(err);
}

/* ---- problems ---------------------------------------------------------------------------------------------- */

/* The parser's messages that need other words, by how they begin. */
static const struct {
    const char *said;
    const char *what;
    bool is_limit;
} wordings[] = {
    { "ENDL expected", "expected the end of the line after the value", false },
    { "expect '='", "expected = after the key", false },
    { "missing key", "expected a key", false },
    { "missing value", "expected a value", false },
    { "expects a string in dotted-key", "expected a key after the dot", false },
    { "missing right-bracket", "expected ] after the name of the table", false },
    { "missing ']]'", "expected ]] after the name of the table", false },
    { "duplicate key", "this key has a value already", false },
    { "table defined", "this table is defined already", false },
    { "table too large", "more than 16,384 keys in one table", true },
    { "array too large", "more than 16,384 values in one list", true },
    { "while parsing array: array too large", "more than 16,384 values in one list", true },
    { "too many key parts", "more than 10 keys with dots between them", true },
    { "stack overflow", "more than 30 brackets inside one another", true },
    { "unable to normalize string", "invalid escape in the key", false },
    { "invalid UTF8 char", "not UTF-8", false },
    { "syntax error while parsing array: missing comma", "expected a comma or ]", false },
    { "syntax error while parsing array: unexpected comma", "a comma without a value before it", false },
    { "missing comma", "expected a comma or }", false },
    { "unexpected comma", "a comma without a value before it", false },
    { "unterminated string", "the string does not end on its line", false },
    { "error parsing integer", "invalid number", false },
    { "error parsing float", "invalid number", false },
};

/* "(line 3) missing comma", "invalid UTF8 char on line 3" */
static int line_of(const char *message)
{
    const char *at = strstr(message, "line ");
    return at ? (int)strtol(at + strlen("line "), NULL, 10) : 1;
}

static sp_status tell(const toml *t, const char *message, sp_toml_problem *ret, sp_err *err)
{
    int line = line_of(message);
    size_t offset = line_begin(t, line);
    const char *said = message[0] == '(' && strstr(message, ") ") ? strstr(message, ") ") + 2 : message;
    *ret = (sp_toml_problem){ .what = sp_str_of(said) };
    for (size_t i = 0; i < SP_COUNT_OF(wordings); i++)
        if (strncmp(said, wordings[i].said, strlen(wordings[i].said)) == 0)
            *ret = (sp_toml_problem){ .what = sp_str_of(wordings[i].what), .is_limit = wordings[i].is_limit };
    while (offset < t->text.len && (t->text.ptr[offset] == ' ' || t->text.ptr[offset] == '\t'))
        offset++;
    ret->offset = offset;
    ret->what = sp_str_dup(t->arena, ret->what);
    return ret->what.ptr ? SP_OK : sp_err_memory(err);
}

/* ---- the document ------------------------------------------------------------------------------------------ */

static bool is_at(sp_str text, size_t at, const char *word)
{
    size_t length = strlen(word);
    return text.len - at >= length && memcmp(text.ptr + at, word, length) == 0;
}

/* Past the string that begins at at, in a document that the parser took. */
static size_t past_string(sp_str text, size_t at)
{
    char quote = text.ptr[at];
    const char three[] = { quote, quote, quote, '\0' };
    bool is_long = is_at(text, at, three);
    for (at += is_long ? 3 : 1; at < text.len && !(is_long ? is_at(text, at, three) : text.ptr[at] == quote); at++)
        at += quote == '"' && text.ptr[at] == '\\';
    at += is_long ? 3 : 1;
    for (int more = 0; is_long && more < 2 && at < text.len && text.ptr[at] == quote; more++)
        at++; /* two quotes may end such a string before the three that close it */
    return at;
}

/* The first byte that is not ASCII outside of strings and comments, or SIZE_MAX. The parser takes letters of any
 * language in keys without quotes, as a draft of TOML 1.1 did; the standard and the clients do not. */
static size_t find_letter(const toml *t)
{
    sp_str text = t->text;
    for (size_t at = t->begin; at < text.len;) {
        char c = text.ptr[at];
        if (c & 0x80)
            return at;
        if (c == '#')
            while (at < text.len && text.ptr[at] != '\n')
                at++;
        else
            at = c == '"' || c == '\'' ? past_string(text, at) : at + 1;
    }
    return SIZE_MAX;
}

static sp_status parse(toml *t, sp_str copy, sp_json_node *root, bool *ret_is_read, sp_toml_problem *ret_problem,
                       sp_err *err)
{
    was_short = false;
    toml_result_t result = toml_parse(copy.ptr + t->begin, (int)(copy.len - t->begin));
    *ret_is_read = result.ok;
    if (!result.ok)
        return was_short ? sp_err_memory(err) : tell(t, result.errmsg, ret_problem, err);
    size_t letter = find_letter(t);
    sp_status status = add(t, &result.toptab, root, err);
    toml_free(result);
    if (letter != SIZE_MAX) {
        *ret_is_read = false;
        *ret_problem = (sp_toml_problem){ letter, SP_STR("a key with such letters needs quotes"), false };
    }
    return status;
}

sp_status sp_toml_parse(sp_arena *arena, sp_str text, sp_json_node **ret_root, sp_toml_problem *ret_problem,
                        sp_err *err)
{
    toml t = { .arena = arena, .text = text };
    sp_json_node *root = SP_ARENA_NEW(arena, sp_json_node);
    sp_str copy = sp_str_dup(arena, text); /* it ends in NUL */
    bool is_read = false;
    *ret_root = NULL;
    if (!root || !copy.ptr)
        return sp_err_memory(err);
    if (text.len >= INT_MAX) {
        *ret_problem = (sp_toml_problem){ 0, SP_STR("more than 2 GB"), true };
        return SP_OK;
    }
    t.begin = is_at(text, 0, "\xef\xbb\xbf") ? 3 : 0;
    SP_TRY(find_lines(&t, err));
    pthread_once(&once, set_options);
    SP_TRY(parse(&t, copy, root, &is_read, ret_problem, err));
    *ret_root = is_read ? root : NULL;
    return SP_OK;
}
