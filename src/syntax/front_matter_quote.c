/*
 * front_matter_quote.c - front matter that is not YAML, with quotes around the values that need them.
 *
 * Claude Code reads the front matter of a rule in this way when it does not parse. It differs from reading line by line
 * (front_matter_recover.c) where it still fails: the text as a whole has to be YAML with those quotes, so a list item
 * such as "- *.ts", a line that is not `key: value` or one that ends in CRLF spoils it. Which values get quotes was
 * measured value by value; no page tells.
 */
#include "syntax/front_matter_parts.h"

static bool is_blank(char c)
{
    return c == ' ' || c == '\t';
}

static bool is_key_character(char c)
{
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '_' || c == '-';
}

/* Where the value of a line such as `key: value` begins; 0 for any other line. */
static size_t value_of_line(sp_str line)
{
    size_t at = 0;
    while (at < line.len && is_key_character(line.ptr[at]))
        at++;
    if (at == 0 || at + 1 >= line.len || line.ptr[at] != ':' || !is_blank(line.ptr[at + 1]))
        return 0;
    for (at++; at < line.len && is_blank(line.ptr[at]);)
        at++;
    return at < line.len ? at : 0;
}

static bool is_between(sp_str value, char open, char close)
{
    return value.ptr[0] == open && value.ptr[value.len - 1] == close;
}

static bool has_special(sp_str value)
{
    static const char special[] = "{}[]*&#!|>%@`";
    for (size_t i = 0; i < value.len; i++)
        if (memchr(special, value.ptr[i], sizeof special - 1))
            return true;
    return value.ptr[0] == ',' || sp_str_find(value, SP_STR(": "), 0) != SIZE_MAX; /* only libyaml minds the comma */
}

/* `[a, b]` is left as it is where it is YAML. */
static sp_status is_list(sp_arena *arena, sp_str line, sp_str value, bool *ret, sp_err *err)
{
    sp_yaml_verdict verdict = SP_YAML_BROKEN;
    sp_field_list fields;
    sp_yaml_problem problem;
    if (is_between(value, '[', ']'))
        SP_TRY(sp_yaml_fields(arena, line, 0, line.len, &verdict, &fields, &problem, err));
    *ret = verdict != SP_YAML_BROKEN;
    return SP_OK;
}

static void add_quoted(sp_buf *out, sp_str value)
{
    sp_buf_add_char(out, '"');
    for (size_t i = 0; i < value.len; i++) {
        if (value.ptr[i] == '"' || value.ptr[i] == '\\')
            sp_buf_add_char(out, '\\');
        sp_buf_add_char(out, value.ptr[i]);
    }
    sp_buf_add_char(out, '"');
}

/* Whether JavaScript's patterns take the line for more than one. */
static bool has_line_end(sp_str line)
{
    return sp_str_find(line, SP_STR("\r"), 0) != SIZE_MAX || sp_str_find(line, SP_STR("\xE2\x80\xA8"), 0) != SIZE_MAX ||
           sp_str_find(line, SP_STR("\xE2\x80\xA9"), 0) != SIZE_MAX;
}

static sp_status add_line(sp_arena *arena, sp_str line, sp_buf *out, sp_err *err)
{
    bool is_kept = true;
    size_t begin = has_line_end(line) ? 0 : value_of_line(line);
    sp_str value = sp_str_slice(line, begin, line.len);
    bool is_quoted = begin && (is_between(value, '"', '"') || is_between(value, '\'', '\''));
    if (begin && !is_quoted && has_special(value))
        SP_TRY(is_list(arena, line, value, &is_kept, err));
    sp_buf_add(out, is_kept ? line : sp_str_slice(line, 0, begin));
    if (!is_kept)
        add_quoted(out, value);
    return SP_OK;
}

/* The lines of the block with quotes. Lines, keys and values begin where they did. */
static sp_status rewrite(sp_arena *arena, sp_str block, sp_str *ret, sp_err *err)
{
    sp_buf out = { 0 };
    sp_status status = SP_OK;
    for (size_t at = 0; at < block.len && status == SP_OK;) {
        size_t end = sp_str_find(block, SP_STR("\n"), at);
        sp_str line = sp_str_slice(block, at, end == SIZE_MAX ? block.len : end);
        at += line.len + 1;
        status = add_line(arena, line, &out, err);
        sp_buf_add_char(&out, '\n');
    }
    *ret = sp_buf_move(&out, arena);
    return status != SP_OK || ret->ptr ? status : sp_err_memory(err);
}

/* Goes through the block and the text that it was made of side by side; offsets are mostly asked for in order. */
typedef struct cursor {
    sp_str text;
    sp_str block;
    size_t at;    /* in the block */
    size_t begin; /* of the same line in the text */
    size_t column;
    size_t first; /* where the text of the block begins */
} cursor;

/* The same line and column in the text. */
static size_t original_offset(cursor *c, size_t offset)
{
    if (offset < c->at)
        c->at = c->column = 0, c->begin = c->first; /* what a merge key brings comes last */
    for (; c->at < offset && c->at < c->block.len; c->at++) {
        bool is_end = c->block.ptr[c->at] == '\n';
        c->column = is_end ? 0 : c->column + 1;
        c->begin = is_end ? sp_str_find(c->text, SP_STR("\n"), c->begin) + 1 : c->begin;
    }
    size_t end = sp_line_end(c->text, c->begin);
    return c->begin + c->column < end ? c->begin + c->column : end;
}

static sp_status move_back(sp_arena *arena, cursor *c, sp_field *field, sp_err *err)
{
    size_t *offsets = SP_ARENA_ARRAY(arena, size_t, field->items.count + 1);
    if (!offsets)
        return sp_err_memory(err);
    field->key_offset = original_offset(c, field->key_offset);
    field->value_offset = original_offset(c, field->value_offset);
    for (size_t i = 0; i < field->items.count; i++)
        offsets[i] = original_offset(c, field->item_offsets[i]);
    field->item_offsets = offsets;
    return SP_OK;
}

sp_status sp_quoted_fields(sp_arena *arena, sp_str text, size_t begin, size_t end, sp_yaml_verdict *ret_verdict,
                           sp_field_list *ret_fields, sp_err *err)
{
    sp_str block = { NULL, 0 };
    sp_yaml_problem problem;
    SP_TRY(rewrite(arena, sp_str_slice(text, begin, end), &block, err));
    SP_TRY(sp_yaml_fields(arena, block, 0, block.len, ret_verdict, ret_fields, &problem, err));
    cursor c = { .text = text, .block = block, .begin = begin, .first = begin };
    if (*ret_verdict == SP_YAML_REFUSED && problem.rule == SP_RULE_FM_REFUSED)
        *ret_verdict = SP_YAML_OK; /* anchors and tags do not stop the client */
    for (size_t i = 0; *ret_verdict == SP_YAML_OK && i < ret_fields->count; i++)
        SP_TRY(move_back(arena, &c, &ret_fields->items[i], err));
    return SP_OK;
}
