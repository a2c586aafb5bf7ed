#include "diff/parts.h"

#include "attribute/attribute.h"
#include "attribute/tree.h"
#include "base/map.h"
#include "base/parse_json.h"
#include "base/types.h"
#include "model/profile.h"
#include "model/prompt.h"
#include "model/source.h"
#include "syntax/front_matter.h"
#include "syntax/markdown.h"
#include "tokenizer/tokens.h"

#include <inttypes.h>
#include <stdlib.h>

/* ---- collecting ------------------------------------------------------------------------------------- */

enum { LEAST_BODY_BYTES = 24 }; /* "TODO" under two headings does not make one of them the other */

/* Parts while they are being found, with hashes that are not finished. */
typedef struct draft {
    sp_part part;
    sp_sha256 whole;
    sp_sha256 body;
    size_t body_bytes;
} draft;

typedef struct collector {
    sp_arena *arena;
    bool by_path;
    sp_list(draft) drafts;
    sp_list(sp_part_file) files;
    sp_map file_of_path;
    sp_map part_of_key; /* file and headings */
} collector;

/* The file of that path, which is a new one the first time. */
static sp_status find_file(collector *c, sp_str path, uint32_t *ret, sp_err *err)
{
    sp_str key = path.ptr ? sp_str_dup(c->arena, path) : SP_STR("");
    uint32_t *slot = key.ptr ? sp_map_slot(c->arena, &c->file_of_path, key) : NULL;
    if (!slot)
        return sp_err_memory(err);
    if (*slot == SP_NONE) {
        *slot = (uint32_t)c->files.count;
        sp_part_file *file = SP_LIST_PUSH(c->arena, &c->files);
        if (!file)
            return sp_err_memory(err);
        file->path = path.ptr ? key : path;
    }
    *ret = *slot;
    return SP_OK;
}

static sp_status add_draft(collector *c, uint32_t file, uint32_t parent, sp_str_list headings, uint32_t *ret,
                           sp_err *err)
{
    draft *d = SP_LIST_PUSH(c->arena, &c->drafts);
    if (!d)
        return sp_err_memory(err);
    d->part = (sp_part){ .file = file, .parent = parent, .headings = headings };
    sp_sha256_init(&d->whole);
    sp_sha256_init(&d->body);
    *ret = (uint32_t)c->drafts.count - 1;
    return SP_OK;
}

/* The part with the first depth headings of a path; those above it come first. */
static sp_status find_part(collector *c, uint32_t file, sp_str_list headings, uint32_t *ret, sp_err *err)
{
    uint32_t parent = SP_NONE;
    sp_buf key = { 0 };
    sp_status status = SP_OK;
    sp_buf_format(&key, "%" PRIu32, file);
    for (size_t depth = 0; depth <= headings.count && status == SP_OK; depth++) {
        if (depth > 0) {
            sp_buf_add_char(&key, '\0');
            sp_buf_add(&key, headings.items[depth - 1]);
        }
        if (depth == 0 && headings.count > 0)
            continue; /* the text before the first heading is nobody's parent */
        sp_str kept = key.failed ? (sp_str){ NULL, 0 } : sp_str_dup(c->arena, sp_buf_str(&key));
        uint32_t *slot = kept.ptr ? sp_map_slot(c->arena, &c->part_of_key, kept) : NULL;
        if (!slot)
            status = sp_err_memory(err);
        else if (*slot == SP_NONE)
            status = add_draft(c, file, parent, (sp_str_list){ headings.items, depth }, slot, err);
        if (status == SP_OK)
            parent = *slot;
    }
    sp_buf_release(&key);
    *ret = parent;
    return status;
}

static sp_str without_blank_end(sp_str text)
{
    while (text.len && strchr(" \t\r\n", text.ptr[text.len - 1]) && text.ptr[text.len - 1])
        text.len--;
    return text;
}

/* Blank lines at the end do not count: they come and go with what stands behind. */
static void add_text(draft *d, sp_str text, bool is_heading)
{
    text = without_blank_end(text);
    if (text.len == 0)
        return;
    sp_sha256_add(&d->whole, text);
    sp_sha256_add(&d->whole, SP_STR("\n"));
    if (is_heading)
        return;
    sp_sha256_add(&d->body, text);
    sp_sha256_add(&d->body, SP_STR("\n"));
    d->body_bytes += text.len;
}

static sp_status finish(collector *c, bool has_text, sp_parts *ret, sp_err *err)
{
    ret->has_text = has_text;
    ret->count = (uint32_t)c->drafts.count;
    ret->parts = SP_ARENA_ARRAY(c->arena, sp_part, c->drafts.count + 1);
    ret->files = c->files.items;
    ret->file_count = (uint32_t)c->files.count;
    if (!ret->parts)
        return sp_err_memory(err);
    for (uint32_t i = 0; i < ret->count; i++) {
        draft *d = &c->drafts.items[i];
        ret->parts[i] = d->part;
        ret->files[d->part.file].tokens += d->part.tokens;
        if (has_text)
            sp_sha256_finish(&d->whole, ret->parts[i].whole);
        if (has_text && d->body_bytes >= LEAST_BODY_BYTES)
            sp_sha256_finish(&d->body, ret->parts[i].body);
    }
    return SP_OK;
}

/* ---- a prompt --------------------------------------------------------------------------------------- */

static sp_status path_of_node(collector *c, const sp_node *node, sp_str_list above, sp_str_list *ret, sp_err *err)
{
    *ret = above;
    if (!node->name.ptr)
        return SP_OK;
    sp_str *path = SP_ARENA_ARRAY(c->arena, sp_str, above.count + 1);
    if (!path)
        return sp_err_memory(err);
    if (above.count)
        memcpy(path, above.items, above.count * sizeof *path);
    path[above.count] = sp_str_dup(c->arena, node->name);
    *ret = (sp_str_list){ path, above.count + 1 };
    return path[above.count].ptr ? SP_OK : sp_err_memory(err);
}

/* A draft for each heading; one for all of our own wording. draft_of has SP_NONE for what has none yet. */
static sp_status add_node(collector *c, const sp_prompt *prompt, const sp_tree *tree, uint32_t index,
                          uint32_t *draft_of, sp_err *err)
{
    const sp_node *node = &tree->nodes[index];
    bool is_own = node->source == SP_NONE;
    uint32_t file;
    sp_str_list path;
    draft_of[index] = SP_NONE;
    if (node->level != SP_TREE_HEADING)
        return SP_OK;
    const sp_source *source = is_own ? NULL : &prompt->sources[node->source];
    sp_str name = { NULL, 0 };
    if (source)
        name = c->by_path ? source->path : source->name;
    SP_TRY(find_file(c, name, &file, err));
    for (uint32_t i = 0; is_own && i < c->drafts.count; i++)
        if (c->drafts.items[i].part.file == file)
            draft_of[index] = i;
    if (draft_of[index] == SP_NONE) {
        uint32_t parent = draft_of[node->parent];
        sp_str_list above = { NULL, 0 };
        if (parent != SP_NONE)
            above = c->drafts.items[parent].part.headings;
        SP_TRY(path_of_node(c, node, above, &path, err));
        SP_TRY(c->by_path ? find_part(c, file, path, &draft_of[index], err)
                          : add_draft(c, file, parent, path, &draft_of[index], err));
    }
    c->drafts.items[draft_of[index]].part.tokens += node->own_tokens;
    return SP_OK;
}

static sp_status collect(collector *c, const sp_prompt *prompt, const sp_tree *tree, sp_err *err)
{
    uint32_t *draft_of = SP_ARENA_ARRAY(c->arena, uint32_t, (size_t)tree->node_count + 1);
    if (!draft_of)
        return sp_err_memory(err);
    for (uint32_t i = 0; i < tree->node_count; i++)
        SP_TRY(add_node(c, prompt, tree, i, draft_of, err));
    for (size_t i = 0; i < prompt->segment_count; i++) {
        const sp_segment *segment = &prompt->segments[i];
        uint32_t at = draft_of[tree->segment_nodes[i]];
        bool is_heading = segment->source != SP_NONE && segment->block != SP_NONE &&
                          prompt->sources[segment->source].blocks[segment->block].kind == SP_BLOCK_HEADING;
        if (at != SP_NONE)
            add_text(&c->drafts.items[at], segment->text, is_heading);
    }
    return SP_OK;
}

sp_status sp_parts_of_prompt(sp_arena *arena, const sp_prompt *prompt, bool by_path, sp_parts *ret, sp_err *err)
{
    collector c = { .arena = arena, .by_path = by_path };
    sp_tree *tree = NULL;
    *ret = (sp_parts){ .tokens = prompt->tokens, .range = prompt->range };
    SP_TRY(sp_tree_build(prompt, NULL, &tree, err));
    sp_status status = collect(&c, prompt, tree, err);
    sp_tree_free(tree);
    if (status == SP_OK && prompt->agent && prompt->agent->name.ptr) {
        ret->agent = sp_str_dup(arena, prompt->agent->name);
        status = ret->agent.ptr ? SP_OK : sp_err_memory(err);
    }
    return status == SP_OK ? finish(&c, true, ret, err) : status;
}

/* ---- a text ----------------------------------------------------------------------------------------- */

/* The text as a prompt of one source: a segment for each block. */
static sp_status make_prompt(sp_arena *arena, sp_str text, const sp_markdown *markdown, size_t begin, sp_prompt *prompt,
                             sp_err *err)
{
    uint32_t front = begin > 0;
    size_t count = (size_t)markdown->block_count + front;
    sp_source *source = prompt->sources;
    sp_block *blocks = SP_ARENA_ARRAY(arena, sp_block, count + 1);
    prompt->messages = SP_ARENA_NEW(arena, sp_message);
    prompt->segments = SP_ARENA_ARRAY(arena, sp_segment, count + 1);
    if (!blocks || !prompt->messages || !prompt->segments)
        return sp_err_memory(err);
    if (front)
        blocks[0] = (sp_block){ .kind = SP_BLOCK_FRONT_MATTER, .heading = SP_NONE, .end = begin };
    for (uint32_t i = 0; i < markdown->block_count; i++) {
        blocks[i + front] = markdown->blocks[i];
        if (blocks[i + front].heading != SP_NONE)
            blocks[i + front].heading += front;
    }
    for (uint32_t i = 0; i < count; i++)
        prompt->segments[i] = (sp_segment){ .block = i,
                                            .begin = blocks[i].begin,
                                            .end = blocks[i].end,
                                            .frame = SP_NONE,
                                            .place_source = SP_NONE,
                                            .text = sp_str_slice(text, blocks[i].begin, blocks[i].end) };
    source->bytes = text;
    source->blocks = blocks;
    source->block_count = (uint32_t)count;
    prompt->segment_count = count;
    prompt->messages[0] = (sp_message){ .segment_count = count, .text = text };
    prompt->message_count = count > 0;
    return SP_OK;
}

sp_status sp_parts_of_text(sp_arena *arena, const sp_encoding *encoding, sp_str path, sp_str text, sp_parts *ret,
                           sp_err *err)
{
    sp_source source = { .name = path, .path = path };
    sp_prompt prompt = { .sources = &source, .source_count = 1 };
    sp_diags unsaid = { .arena = arena };
    const sp_profile *profile;
    sp_front_matter front;
    sp_markdown markdown;
    SP_TRY(sp_profile_choose(arena, NULL, &profile, err));
    SP_TRY(sp_front_matter_read(arena, profile, path, text, SP_FRONT_MATTER_RECOVER, &unsaid, &front, err));
    SP_TRY(sp_markdown_scan(arena, text, front.body_begin, &markdown, err));
    SP_TRY(make_prompt(arena, text, &markdown, front.body_begin, &prompt, err));
    SP_TRY(sp_attribute(encoding, &prompt, err));
    return sp_parts_of_prompt(arena, &prompt, true, ret, err);
}

/* ---- a saved result --------------------------------------------------------------------------------- */

enum {
    MAX_JSON_DEPTH = 64,
    MAX_HEADINGS = 6, /* Markdown has no more levels */
};

typedef struct result {
    sp_arena *arena;
    sp_str path;
    sp_str text;
    collector into;
    const sp_json_node *message; /* that the next segment is in; NULL: the texts are not known */
    size_t segments_left;        /* in it, and */
    size_t at;                   /* where the next one begins in its text */
} result;

static sp_status refuse(const result *r, size_t offset, const char *what, sp_err *err)
{
    return sp_err_at(err, SP_ERR_INPUT, r->path, r->text, offset, NULL,
                     "%s; sysprompt build --format=json saves what "
                     "can be compared",
                     what);
}

static bool read_number(const sp_json_node *node, size_t *ret)
{
    size_t value = 0;
    if (!node || node->kind != SP_JSON_NUMBER || node->text.len == 0 || node->text.len > 15)
        return false;
    for (size_t i = 0; i < node->text.len; i++) {
        if (node->text.ptr[i] < '0' || node->text.ptr[i] > '9')
            return false;
        value = value * 10 + (size_t)(node->text.ptr[i] - '0');
    }
    *ret = value;
    return true;
}

static sp_status read_headings(const result *r, const sp_json_node *node, sp_str_list *ret, sp_err *err)
{
    sp_str *items = SP_ARENA_ARRAY(r->arena, sp_str, node->count + 1);
    if (!items)
        return sp_err_memory(err);
    *ret = (sp_str_list){ items, node->count };
    for (const sp_json_node *heading = node->first; heading; heading = heading->next) {
        if (heading->kind != SP_JSON_TEXT)
            return refuse(r, heading->offset, "a heading has to be a text", err);
        *items++ = heading->text;
    }
    return SP_OK;
}

static sp_status begin_message(result *r, const sp_json_node *message, sp_err *err)
{
    const sp_json_node *text = sp_json_member(message, "text");
    r->message = message;
    r->at = 0;
    if (!text || text->kind != SP_JSON_TEXT ||
        !read_number(sp_json_member(message, "segment_count"), &r->segments_left))
        return refuse(r, message->offset, "a message has to have a text and a segment_count", err);
    return SP_OK;
}

/* What the segment says of its message. Segments follow one another there, so each begins where the last one ended. */
static sp_status read_text(result *r, const sp_json_node *segment, draft *into, sp_err *err)
{
    const sp_json_node *place = sp_json_member(segment, "message_bytes");
    const sp_json_node *block = sp_json_member(segment, "block");
    size_t begin = 0;
    size_t end = 0;
    if (!r->message)
        return SP_OK;
    while (r->segments_left == 0 && r->message->next)
        SP_TRY(begin_message(r, r->message->next, err));
    sp_str text = sp_json_member(r->message, "text")->text;
    bool has_place = r->segments_left > 0 && place && place->kind == SP_JSON_ARRAY && place->count == 2 &&
                     read_number(place->first, &begin) && read_number(place->first->next, &end);
    if (!has_place || !block || begin != r->at || end < begin || end > text.len)
        return refuse(r, segment->offset, "its segments are not what its messages hold, so it was changed since", err);
    add_text(into, sp_str_slice(text, begin, end), sp_str_eq(block->text, SP_STR("heading")));
    r->segments_left--;
    r->at = end;
    return SP_OK;
}

/* Behind the last segment. */
static sp_status check_texts(result *r, const sp_json_node *root, sp_err *err)
{
    while (r->message && r->segments_left == 0 && r->at == sp_json_member(r->message, "text")->text.len) {
        if (!r->message->next)
            return SP_OK;
        SP_TRY(begin_message(r, r->message->next, err));
    }
    return r->message
               ? refuse(r, root->offset, "its messages hold more than its segments, so it was changed since", err)
               : SP_OK;
}

static sp_status read_segment(result *r, const sp_json_node *segment, sp_err *err)
{
    const sp_json_node *path = sp_json_member(segment, "path");
    const sp_json_node *headings = sp_json_member(segment, "headings");
    bool is_ours = path && path->kind == SP_JSON_NULL;
    sp_str_list names = { NULL, 0 };
    size_t tokens = 0;
    uint32_t file = 0;
    uint32_t part = 0;
    if (!path || (path->kind != SP_JSON_TEXT && !is_ours) || !headings || headings->kind != SP_JSON_ARRAY ||
        !read_number(sp_json_member(segment, "tokens"), &tokens))
        return refuse(r, segment->offset, "a segment has to have a path, headings and tokens", err);
    if (headings->count > MAX_HEADINGS)
        return refuse(r, headings->offset, "a segment stands under six headings at most", err);
    if (!is_ours)
        SP_TRY(read_headings(r, headings, &names, err));
    SP_TRY(find_file(&r->into, is_ours ? (sp_str){ NULL, 0 } : path->text, &file, err));
    SP_TRY(find_part(&r->into, file, names, &part, err));
    r->into.drafts.items[part].part.tokens += tokens;
    return read_text(r, segment, &r->into.drafts.items[part], err);
}

/* An earlier program did not say where the text of a segment is. */
static sp_status begin_texts(result *r, const sp_json_node *messages, const sp_json_node *first_segment, sp_err *err)
{
    bool has_texts = messages && messages->kind == SP_JSON_ARRAY && messages->first &&
                     (!first_segment || sp_json_member(first_segment, "message_bytes"));
    return has_texts ? begin_message(r, messages->first, err) : SP_OK;
}

static sp_status read_totals(const result *r, const sp_json_node *root, sp_parts *ret, sp_str *ret_encoding,
                             sp_err *err)
{
    const sp_json_node *encoding = sp_json_member(root, "encoding");
    const sp_json_node *tokens = sp_json_member(root, "tokens");
    const sp_json_node *agent = sp_json_member(root, "agent");
    const sp_json_node *name = sp_json_member(agent ? agent : root, "name");
    size_t sum = 0;
    if (!encoding || encoding->kind != SP_JSON_TEXT || !read_number(tokens, &ret->tokens))
        return refuse(r, root->offset, "it has no encoding or no tokens", err);
    *ret_encoding = encoding->text;
    ret->range = (sp_range){ ret->tokens, ret->tokens };
    if (sp_json_member(root, "low") && !(read_number(sp_json_member(root, "low"), &ret->range.low) &&
                                         read_number(sp_json_member(root, "high"), &ret->range.high)))
        return refuse(r, root->offset, "low and high have to be numbers", err);
    if (agent && agent->kind == SP_JSON_OBJECT && name && name->kind == SP_JSON_TEXT)
        ret->agent = name->text;
    for (size_t i = 0; i < r->into.drafts.count; i++)
        sum += r->into.drafts.items[i].part.tokens;
    if (sum != ret->tokens)
        return refuse(r, tokens->offset, "its segments do not sum to its tokens, so it was changed since", err);
    return SP_OK;
}

sp_status sp_parts_of_result(sp_arena *arena, sp_str path, sp_str json, sp_parts *ret, sp_str *ret_encoding,
                             sp_err *err)
{
    result r = { .arena = arena, .path = path, .text = json, .into = { .arena = arena } };
    sp_json_node *root;
    sp_json_problem problem;
    *ret = (sp_parts){ .tokens = 0 };
    SP_TRY(sp_json_parse(arena, json, MAX_JSON_DEPTH, &root, &problem, err));
    if (!root)
        return sp_err_at(err, SP_ERR_INPUT, path, json, problem.offset, NULL, "not JSON: %s", problem.what);
    const sp_json_node *schema = sp_json_member(root, "schema");
    const sp_json_node *segments = sp_json_member(root, "segments");
    if (!schema || !sp_str_eq(schema->text, SP_STR("sysprompt.build/1")))
        return refuse(&r, schema ? schema->offset : root->offset, "it is not a sysprompt.build/1", err);
    if (!segments || segments->kind != SP_JSON_ARRAY)
        return refuse(&r, root->offset, "it has no segments", err);
    SP_TRY(begin_texts(&r, sp_json_member(root, "messages"), segments->first, err));
    for (const sp_json_node *segment = segments->first; segment; segment = segment->next)
        SP_TRY(read_segment(&r, segment, err));
    SP_TRY(check_texts(&r, root, err));
    SP_TRY(read_totals(&r, root, ret, ret_encoding, err));
    return finish(&r.into, r.message != NULL, ret, err);
}
