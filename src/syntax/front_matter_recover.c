/*
 * front_matter_recover.c - front matter that is not YAML, line by line.
 *
 * The text is divided at the lines that open a field: a known key at column 0, a colon, then a blank or the end of the
 * line. What stands between two of them belongs to the upper one. Then each field is read for itself: by libyaml if it
 * is YAML when it stands alone (nearly all are, for one bad value spoils the whole), else as the author wrote it.
 *
 * Which lines open a field is the heart of it. Descriptions hold examples, and those hold lines such as `user: "..."`
 * and `Context: ...` at column 0, so below a field of free text an unknown word with a colon is more text. Below any
 * other field (`model: opus`) it is what it looks like, a field that we do not know.
 *
 * Measured in public on 327 agent files that libyaml rejects: this finds name and description in all of them, while
 * "quote the value and parse again" finds them in 288.
 */
#include "base/types.h"
#include "syntax/front_matter_parts.h"

/* What stands in a field, as far as reading it line by line goes. */
enum content {
    CONTENT_VALUE,  /* one value or a list: YAML's comments and unknown fields end it */
    CONTENT_TEXT,   /* free text: " #" and unknown words with a colon are part of it */
    CONTENT_NESTED, /* a mapping: lost when it is not YAML, and to a client that reads line by line in any case */
};

struct known_key {
    const char *name;
    enum content content;
};

/* Fields of agents, then of skills and rules, then those that are common in the wild and must not end up in the
 * description above them. */
static const struct known_key known_keys[] = {
    { "name", CONTENT_VALUE },           { "description", CONTENT_TEXT },
    { "tools", CONTENT_VALUE },          { "disallowedTools", CONTENT_VALUE },
    { "model", CONTENT_VALUE },          { "permissionMode", CONTENT_VALUE },
    { "maxTurns", CONTENT_VALUE },       { "skills", CONTENT_VALUE },
    { "mcpServers", CONTENT_NESTED },    { "hooks", CONTENT_NESTED },
    { "memory", CONTENT_VALUE },         { "background", CONTENT_VALUE },
    { "omitClaudeMd", CONTENT_VALUE },   { "effort", CONTENT_VALUE },
    { "isolation", CONTENT_VALUE },      { "color", CONTENT_VALUE },
    { "initialPrompt", CONTENT_TEXT },   { "experimental", CONTENT_NESTED },

    { "allowed-tools", CONTENT_VALUE },  { "argument-hint", CONTENT_TEXT },
    { "when_to_use", CONTENT_TEXT },     { "disable-model-invocation", CONTENT_VALUE },
    { "user-invocable", CONTENT_VALUE }, { "license", CONTENT_VALUE },
    { "paths", CONTENT_VALUE },          { "globs", CONTENT_VALUE },
    { "alwaysApply", CONTENT_VALUE },

    { "version", CONTENT_VALUE },        { "author", CONTENT_VALUE },
    { "category", CONTENT_VALUE },       { "tags", CONTENT_VALUE },
    { "emoji", CONTENT_VALUE },          { "vibe", CONTENT_TEXT },
    { "title", CONTENT_VALUE },          { "displayName", CONTENT_VALUE },
    { "type", CONTENT_VALUE },
};

static const struct known_key unknown_key = { "", CONTENT_VALUE };

/* A field as it stands in the file: lines [begin, end), the first of which holds the key. */
struct chunk {
    const struct known_key *known;
    sp_str key;
    size_t begin;
    size_t value; /* behind the colon and the blanks after it */
    size_t end;
    bool is_quoted;     /* its first line is a complete value in quotes */
    bool is_block;      /* its text begins below a | or > */
    bool is_unindented; /* it goes on in lines that are neither indented nor look like a field */
};

typedef sp_list(struct chunk) chunk_list;
typedef sp_list(sp_str) line_list;

/* ---- lines ----------------------------------------------------------------------------------------- */

sp_str sp_front_matter_line(sp_str text, size_t at, size_t end, size_t *ret_next)
{
    size_t stop = sp_line_end(sp_str_slice(text, 0, end), at);
    size_t next = stop < end ? stop + 1 : end;
    if (next < end && text.ptr[stop] == '\r' && text.ptr[next] == '\n')
        next++;
    *ret_next = next;
    return sp_str_slice(text, at, stop);
}

static bool is_blank(char c)
{
    return c == ' ' || c == '\t';
}

static bool is_word(char c)
{
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '_' || c == '-';
}

/* The word before a colon that ends the line or has a blank behind it, at column 0; or an empty text. */
static sp_str key_of_line(sp_str line)
{
    size_t length = 0;
    while (length < line.len && is_word(line.ptr[length]))
        length++;
    bool has_colon = length < line.len && line.ptr[length] == ':';
    bool ends = has_colon && (length + 1 == line.len || is_blank(line.ptr[length + 1]));
    return sp_str_slice(line, 0, ends ? length : 0);
}

static const struct known_key *find_known(sp_str key)
{
    for (size_t i = 0; i < SP_COUNT_OF(known_keys); i++)
        if (sp_str_eq(key, sp_str_of(known_keys[i].name)))
            return &known_keys[i];
    return NULL;
}

sp_str sp_known_key_of_line(sp_str line)
{
    sp_str key = key_of_line(line);
    return find_known(key) ? key : (sp_str){ "", 0 };
}

bool sp_is_text_key(sp_str key)
{
    const struct known_key *known = find_known(key);
    return known && known->content == CONTENT_TEXT;
}

static size_t indentation(sp_str line)
{
    size_t blanks = 0;
    while (blanks < line.len && is_blank(line.ptr[blanks]))
        blanks++;
    return blanks;
}

static bool is_empty(sp_str line)
{
    return indentation(line) == line.len;
}

static bool is_comment(sp_str line)
{
    return line.len > 0 && line.ptr[0] == '#';
}

static bool is_item(sp_str line)
{
    sp_str rest = sp_str_slice(line, indentation(line), line.len);
    return rest.len > 0 && rest.ptr[0] == '-' && (rest.len == 1 || is_blank(rest.ptr[1]));
}

/* "|", ">" and their variants: the text begins on the next line. */
static bool is_block_header(sp_str first)
{
    if (first.len == 0 || (first.ptr[0] != '|' && first.ptr[0] != '>'))
        return false;
    for (size_t i = 1; i < first.len; i++)
        if (first.ptr[i] != '+' && first.ptr[i] != '-' && (first.ptr[i] < '1' || first.ptr[i] > '9'))
            return false;
    return true;
}

static bool is_enclosed(sp_str value, char open, char close)
{
    return value.len >= 2 && value.ptr[0] == open && value.ptr[value.len - 1] == close;
}

static bool is_quoted(sp_str value)
{
    return is_enclosed(value, '"', '"') || is_enclosed(value, '\'', '\'');
}

/* ---- fields as they stand in the file ------------------------------------------------------------------ */

/* Free text that says itself where it ends: by a closing quote, or as a block whose lines were all indented. */
static bool has_ended(const struct chunk *chunk, sp_str text)
{
    size_t below;
    (void)sp_front_matter_line(text, chunk->begin, chunk->end, &below);
    return chunk->is_quoted || (chunk->is_block && below < chunk->end && !chunk->is_unindented);
}

/* What a line opens below the given field; NULL if it goes on with that field. */
static const struct known_key *opened_by(sp_str key, const struct chunk *above, sp_str text)
{
    if (key.len == 0)
        return NULL;
    const struct known_key *known = find_known(key);
    if (known)
        return known;
    bool is_text = above && above->known->content == CONTENT_TEXT && !has_ended(above, text);
    return is_text ? NULL : &unknown_key;
}

static struct chunk open_chunk(const struct known_key *known, sp_str key, sp_str line, size_t at, size_t next)
{
    sp_str rest = sp_str_slice(line, key.len + 1, line.len);
    sp_str first = sp_str_trim(rest);
    return (struct chunk){
        .known = known,
        .key = key,
        .begin = at,
        .value = at + key.len + 1 + indentation(rest),
        .end = next,
        .is_quoted = is_quoted(first),
        .is_block = is_block_header(first),
    };
}

/* Does a line show that its field goes on at column 0? An item of a list may stand there, and a word with a colon is
 * taken for a field by whoever reads line by line. */
static bool is_stray(sp_str line, sp_str key)
{
    return line.len > 0 && key.len == 0 && !is_blank(line.ptr[0]) && !is_comment(line) && !is_item(line);
}

/* Stops at the limit of fields, with *ret_stopped where the first one beyond it stands (else at end). */
static sp_status divide(sp_arena *arena, sp_str text, size_t begin, size_t end, chunk_list *chunks, size_t *ret_stopped,
                        sp_err *err)
{
    size_t max_fields = (size_t)sp_own_limit(SP_RULE_FM_MAX_KEYS);
    size_t next;
    for (size_t at = begin; at < end; at = next) {
        sp_str line = sp_front_matter_line(text, at, end, &next);
        struct chunk *above = chunks->count ? &chunks->items[chunks->count - 1] : NULL;
        sp_str key = key_of_line(line);
        const struct known_key *known = opened_by(key, above, text);
        if (known && chunks->count == max_fields) {
            *ret_stopped = at;
            return SP_OK;
        }
        if (known) {
            struct chunk *chunk = SP_LIST_PUSH(arena, chunks);
            if (!chunk)
                return sp_err_memory(err);
            *chunk = open_chunk(known, key, line, at, next);
        } else if (above) {
            above->end = next;
            above->is_unindented |= is_stray(line, key);
        }
    }
    *ret_stopped = end;
    return SP_OK;
}

/* ---- values as the author wrote them -------------------------------------------------------------------- */

/* The lines below the key's own one, comments left out, and no empty ones at the end. */
static sp_status lines_below(sp_arena *arena, sp_str text, const struct chunk *chunk, line_list *lines, sp_err *err)
{
    size_t next, wanted = 0;
    (void)sp_front_matter_line(text, chunk->begin, chunk->end, &next);
    for (size_t at = next; at < chunk->end; at = next) {
        sp_str line = sp_front_matter_line(text, at, chunk->end, &next);
        if (is_comment(line))
            continue;
        sp_str *slot = SP_LIST_PUSH(arena, lines);
        if (!slot)
            return sp_err_memory(err);
        *slot = line;
        if (!is_empty(line))
            wanted = lines->count;
    }
    lines->count = wanted;
    return SP_OK;
}

static size_t common_indentation(const line_list *lines)
{
    size_t common = SIZE_MAX;
    for (size_t i = 0; i < lines->count; i++)
        if (!is_empty(lines->items[i]) && indentation(lines->items[i]) < common)
            common = indentation(lines->items[i]);
    return common;
}

static sp_str without_indentation(sp_str line, size_t columns)
{
    sp_str cut = sp_str_slice(line, columns < line.len ? columns : line.len, line.len);
    while (cut.len && is_blank(cut.ptr[cut.len - 1]))
        cut.len--;
    return cut;
}

/* first, and the lines below it less the indentation they share, with joint between any two. */
static sp_status join(sp_arena *arena, sp_str first, const line_list *lines, char joint, sp_str *ret, sp_err *err)
{
    size_t room = first.len;
    for (size_t i = 0; i < lines->count; i++)
        room += 1 + lines->items[i].len;
    char *joined = sp_arena_alloc(arena, room + 1, 1);
    if (!joined)
        return sp_err_memory(err);
    size_t used = first.len;
    memcpy(joined, first.ptr, first.len);
    size_t common = common_indentation(lines);
    for (size_t i = 0; i < lines->count; i++) {
        sp_str line = without_indentation(lines->items[i], common);
        if (used > 0)
            joined[used++] = joint;
        if (line.len)
            memcpy(joined + used, line.ptr, line.len);
        used += line.len;
    }
    *ret = (sp_str){ joined, used };
    return SP_OK;
}

/* Takes the quotes off. What made YAML refuse the text stays as it is; only a quote that was escaped loses that. */
static sp_status unquote(sp_arena *arena, sp_str value, sp_str *ret, sp_err *err)
{
    char quote = value.ptr[0];
    char escape = quote == '"' ? '\\' : '\'';
    char *plain = sp_arena_alloc(arena, value.len, 1);
    if (!plain)
        return sp_err_memory(err);
    size_t used = 0;
    for (size_t at = 1; at + 1 < value.len; at++) {
        if (value.ptr[at] == escape && at + 2 < value.len && value.ptr[at + 1] == quote)
            at++;
        plain[used++] = value.ptr[at];
    }
    *ret = (sp_str){ plain, used };
    return SP_OK;
}

static sp_status read_text(sp_arena *arena, sp_str first, const line_list *lines, sp_field *field, sp_err *err)
{
    if (is_block_header(first)) {
        field->kind = SP_VALUE_SCALAR;
        field->is_quoted = true;
        return join(arena, (sp_str){ "", 0 }, lines, first.ptr[0] == '|' ? '\n' : ' ', &field->value, err);
    }
    SP_TRY(join(arena, first, lines, '\n', &field->value, err));
    field->kind = field->value.len ? SP_VALUE_SCALAR : SP_VALUE_NULL;
    field->is_quoted = is_quoted(field->value);
    return field->is_quoted ? unquote(arena, field->value, &field->value, err) : SP_OK;
}

struct item_lists {
    sp_list(sp_str) items;
    sp_list(size_t) offsets;
};

static sp_status add_item(sp_arena *arena, sp_str text, sp_str raw, struct item_lists *lists, sp_err *err)
{
    sp_str item = sp_str_trim(raw);
    sp_str *slot = SP_LIST_PUSH(arena, &lists->items);
    size_t *offset = SP_LIST_PUSH(arena, &lists->offsets);
    if (!slot || !offset)
        return sp_err_memory(err);
    *offset = (size_t)(item.ptr - text.ptr);
    *slot = item;
    return is_quoted(item) ? unquote(arena, item, slot, err) : SP_OK;
}

/* `- a` on lines of their own. */
static sp_status read_items(sp_arena *arena, sp_str text, const line_list *lines, struct item_lists *lists, sp_err *err)
{
    for (size_t i = 0; i < lines->count; i++) {
        sp_str line = lines->items[i];
        if (!is_empty(line))
            SP_TRY(add_item(arena, text, sp_str_slice(line, indentation(line) + 1, line.len), lists, err));
    }
    return SP_OK;
}

/* `[a, "b, c", d(e, f)]` on one line. */
static sp_status read_flow(sp_arena *arena, sp_str text, sp_str inner, struct item_lists *lists, sp_err *err)
{
    size_t begin = 0, open = 0;
    char quote = '\0';
    for (size_t at = 0; at < inner.len; at++) {
        char c = inner.ptr[at];
        if (quote)
            quote = c == quote ? '\0' : quote;
        else if (c == '"' || c == '\'')
            quote = c;
        else if (c == '(')
            open++;
        else if (c == ')' && open > 0)
            open--;
        else if (c == ',' && open == 0) {
            SP_TRY(add_item(arena, text, sp_str_slice(inner, begin, at), lists, err));
            begin = at + 1;
        }
    }
    sp_str last = sp_str_slice(inner, begin, inner.len);
    return sp_str_trim(last).len ? add_item(arena, text, last, lists, err) : SP_OK;
}

static bool all_items(const line_list *lines)
{
    for (size_t i = 0; i < lines->count; i++)
        if (!is_empty(lines->items[i]) && !is_item(lines->items[i]))
            return false;
    return lines->count > 0;
}

static sp_status read_as_written(sp_arena *arena, sp_str text, const struct chunk *chunk, sp_field *field, sp_err *err)
{
    size_t next;
    sp_str line = sp_front_matter_line(text, chunk->begin, chunk->end, &next);
    sp_str first = sp_str_trim(sp_str_slice(text, chunk->value, chunk->begin + line.len));
    line_list lines = { 0 };
    SP_TRY(lines_below(arena, text, chunk, &lines, err));

    *field = (sp_field){ .key = chunk->key, .key_offset = chunk->begin, .value_offset = chunk->value };
    if (chunk->known->content == CONTENT_NESTED) {
        field->kind = SP_VALUE_NESTED;
        return SP_OK;
    }
    struct item_lists lists = { 0 };
    bool is_flow = lines.count == 0 && is_enclosed(first, '[', ']') && chunk->known->content == CONTENT_VALUE;
    bool is_list = first.len == 0 && all_items(&lines) && chunk->known->content == CONTENT_VALUE;
    if (is_flow)
        SP_TRY(read_flow(arena, text, sp_str_slice(first, 1, first.len - 1), &lists, err));
    else if (is_list)
        SP_TRY(read_items(arena, text, &lines, &lists, err));
    else
        return read_text(arena, first, &lines, field, err);
    field->kind = SP_VALUE_LIST;
    field->items = (sp_str_list){ lists.items.items, lists.items.count };
    field->item_offsets = lists.offsets.items;
    return SP_OK;
}

/* ---- one field --------------------------------------------------------------------------------------------- */

/* YAML ends a plain value at " #"; in free text that is a number sign and not a comment. */
static bool is_cut_short(sp_str text, const struct chunk *chunk, const sp_field *field)
{
    sp_str raw = sp_str_slice(text, chunk->value, chunk->end);
    bool is_plain = field->kind <= SP_VALUE_SCALAR && !field->is_quoted;
    return chunk->known->content == CONTENT_TEXT && is_plain &&
           (sp_str_starts(raw, SP_STR("#")) || sp_str_find(raw, SP_STR(" #"), 0) != SIZE_MAX);
}

static sp_status read_field(sp_arena *arena, sp_str text, const struct chunk *chunk, sp_field *field, sp_err *err)
{
    sp_yaml_verdict verdict;
    sp_field_list alone;
    sp_yaml_problem problem;
    SP_TRY(sp_yaml_fields(arena, text, chunk->begin, chunk->end, &verdict, &alone, &problem, err));
    bool is_field = verdict == SP_YAML_OK && alone.count == 1;
    if (!is_field || is_cut_short(text, chunk, &alone.items[0]))
        return read_as_written(arena, text, chunk, field, err);
    *field = alone.items[0];
    return SP_OK;
}

sp_status sp_recover_fields(sp_arena *arena, sp_str text, size_t begin, size_t end, sp_recovered *ret, sp_err *err)
{
    chunk_list chunks = { 0 };
    sp_recovered recovered = { 0 };
    SP_TRY(divide(arena, text, begin, end, &chunks, &recovered.stopped, err));
    recovered.has_too_many = recovered.stopped < end;
    for (size_t i = 0; i < chunks.count && !recovered.has_too_many; i++) {
        sp_field *field = SP_LIST_PUSH(arena, &recovered.fields);
        if (!field)
            return sp_err_memory(err);
        SP_TRY(read_field(arena, text, &chunks.items[i], field, err));
        recovered.known_count += chunks.items[i].known != &unknown_key;
        recovered.is_unindented |= chunks.items[i].is_unindented;
    }
    *ret = recovered;
    return SP_OK;
}
