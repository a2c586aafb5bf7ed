/*
 * json.c - tokenizer.json files, as Hugging Face's tokenizers 0.23 reads them.
 *
 * The vocabulary and its merges are most of such a file, and are read one by one; the rest is small, and becomes trees.
 * truncation, padding and post_processor are not looked at: they cut what is too long, fill what is too short, and add
 * tokens around a text, none of which is in the text. What is not known is an error, for a count that leaves out a step
 * would be wrong.
 */
#include "tokenizer/files/json.h"
#include "base/types.h"
#include "tokenizer/tokens.h"

#include <stdlib.h>

enum {
    PART_MAX_BYTES = 1 << 20, /* of a part that becomes a tree */
    PART_MAX_DEPTH = 32,
    MAX_ADDED = 1 << 16,
};

static const char rule[] = "tokenizer.json";

sp_status sp_json_fail(const sp_json_reader *r, size_t offset, const char *format, ...)
{
    va_list args;
    va_start(args, format);
    sp_str message = sp_str_vformat(r->arena, format, args);
    va_end(args);
    if (!message.ptr)
        return sp_err_memory(r->err);
    return sp_err_at(r->err, SP_ERR_INPUT, r->file->path, r->file->bytes, offset, rule, "%s", message.ptr);
}

sp_status sp_json_walk_failed(const sp_json_reader *r, const sp_json_walk *walk)
{
    if (walk->failed)
        return sp_err_memory(r->err);
    return walk->problem.what ? sp_json_fail(r, walk->problem.offset, "this is no JSON: %s", walk->problem.what)
                              : SP_OK;
}

static void shift(sp_json_node *node, size_t offset)
{
    for (; node; node = node->next) {
        node->offset += offset;
        node->key_offset += offset;
        shift(node->first, offset);
    }
}

sp_status sp_json_expand(const sp_json_reader *r, const sp_json_node *node, const char *where, const sp_json_node **ret,
                         sp_err *err)
{
    sp_json_node *root;
    sp_json_problem problem;
    if (node->text.len > PART_MAX_BYTES)
        return sp_json_fail(r, node->offset, "%s: this has more than the 1 MiB that is read of such a part", where);
    SP_TRY(sp_json_parse(r->arena, sp_str_slice(r->file->bytes, node->offset, node->offset + node->text.len),
                         PART_MAX_DEPTH, &root, &problem, err));
    if (!root)
        return sp_json_fail(r, node->offset + problem.offset, "%s: %s", where, problem.what);
    shift(root, node->offset);
    *ret = root;
    return SP_OK;
}

/* ---- added tokens -------------------------------------------------------------------------------------------- */

typedef struct flag {
    const char *key;
    size_t offset; /* in sp_added */
} flag;

static const flag flags[] = {
    { "special", offsetof(sp_added, special) },       { "single_word", offsetof(sp_added, single_word) },
    { "lstrip", offsetof(sp_added, takes_left) },     { "rstrip", offsetof(sp_added, takes_right) },
    { "normalized", offsetof(sp_added, normalized) },
};

static bool read_id(const sp_json_node *node, uint32_t *ret)
{
    uint64_t id = 0;
    for (size_t i = 0; node && i < node->text.len; i++) {
        char c = node->text.ptr[i];
        id = id > UINT32_MAX || c < '0' || c > '9' ? UINT64_MAX : id * 10 + (uint64_t)(c - '0');
    }
    if (!node || node->kind != SP_JSON_NUMBER || id >= SP_LEXICON_MAX_ID)
        return false;
    *ret = (uint32_t)id;
    return true;
}

static sp_status read_added(const sp_json_reader *r, const sp_json_node *node, size_t index, sp_added *added)
{
    const sp_json_node *content = sp_json_member(node, "content"), *id = sp_json_member(node, "id");
    if (!content || content->kind != SP_JSON_TEXT)
        return sp_json_fail(r, node->offset, "/added_tokens/%zu: needs a text \"content\"", index);
    if (!read_id(id, &added->id))
        return sp_json_fail(r, id ? id->offset : node->offset,
                            "/added_tokens/%zu: needs an \"id\", a number from 0 to 16,777,215", index);
    for (size_t i = 0; i < SP_COUNT_OF(flags); i++) {
        const sp_json_node *value = sp_json_member(node, flags[i].key);
        bool is_set = value && value->is_true;
        memcpy((char *)added + flags[i].offset, &is_set, sizeof is_set);
    }
    if (!sp_json_member(node, "normalized"))
        added->normalized = !added->special;
    added->content = sp_json_keep(r, content->text);
    uint32_t token = sp_lexicon_find(&r->tokenizer->model.lexicon, content->text);
    if (token != SP_LEXICON_NONE) /* the vocabulary's id wins, as in the reference */
        added->id = r->tokenizer->model.lexicon.ids[token];
    return added->content.ptr ? SP_OK : sp_err_memory(r->err);
}

/* A normalised token is looked for as it is after normalising. */
static sp_status normalize_content(const sp_json_reader *r, sp_added *added, size_t offset)
{
    sp_tokenizer *t = r->tokenizer;
    sp_flow flows[2] = { 0 };
    sp_view view = { added->content, NULL };
    sp_status status = SP_OK;
    for (size_t i = 0; status == SP_OK && i < t->normalizer_count; i++) {
        const sp_normalizer *n = &t->normalizers[i];
        sp_flow_clear(&flows[i % 2], false);
        flows[i % 2].max_len = PART_MAX_BYTES;
        bool done = sp_normalize(n, r->scratch, view, &flows[i % 2]);
        if (flows[i % 2].is_too_long)
            status = sp_json_fail(r, offset, "the normalizer makes more than 1 MiB of this token");
        else if (flows[i % 2].failed)
            status = sp_err_memory(r->err);
        else if (!done)
            status = sp_json_fail(r, offset, "the normalizer cannot be used: %s", sp_regex_problem(r->scratch));
        view = sp_flow_view(&flows[i % 2]);
    }
    if (status == SP_OK && t->normalizer_count > 0)
        added->content = sp_json_keep(r, view.text);
    sp_flow_release(&flows[0]);
    sp_flow_release(&flows[1]);
    return status == SP_OK && !added->content.ptr ? sp_err_memory(r->err) : status;
}

/* Both kinds are in one array: those that are looked for in the text as it is come first. */
static void divide(sp_tokenizer *t, sp_added *items, size_t count)
{
    size_t raw = 0;
    for (size_t i = 0; i < count; i++)
        if (!items[i].normalized) {
            sp_added other = items[raw];
            items[raw++] = items[i];
            items[i] = other;
        }
    sp_added_init(&t->added, items, raw);
    sp_added_init(&t->added_normalized, count > raw ? items + raw : NULL, count - raw);
}

sp_status sp_json_read_added(const sp_json_reader *r, const sp_json_node *added)
{
    sp_list(sp_added) list = { 0 };
    sp_json_walk walk;
    sp_json_node child = { 0 };
    const sp_json_node *node = NULL;
    if (!added || added->kind == SP_JSON_NULL)
        return SP_OK;
    sp_json_walk_init(&walk, r->arena, r->file->bytes, added->offset);
    for (size_t index = 0; sp_json_walk_next(&walk, &child); index++) {
        sp_added *item = index < MAX_ADDED ? SP_LIST_PUSH(&r->tokenizer->arena, &list) : NULL;
        if (index == MAX_ADDED)
            return sp_json_fail(r, child.offset, "/added_tokens: has more than the 65,536 that are read");
        if (!item)
            return sp_err_memory(r->err);
        SP_TRY(sp_json_expand(r, &child, "/added_tokens", &node, r->err));
        SP_TRY(read_added(r, node, index, item));
        if (item->normalized)
            SP_TRY(normalize_content(r, item, node->offset));
        if (item->content.len > SP_TOKEN_MODEL_MAX_TOKEN) /* at every place of a text all of it may be compared */
            return sp_json_fail(r, node->offset, "/added_tokens/%zu: has more than the 512 bytes that are looked for",
                                index);
        if (item->content.len == 0)
            list.count--; /* nothing can be found */
    }
    SP_TRY(sp_json_walk_failed(r, &walk));
    divide(r->tokenizer, list.items, list.count);
    return SP_OK;
}

/* ---- where counts add up ------------------------------------------------------------------------------------- */

static bool is_local_normalizer(const sp_normalizer *n)
{
    if (n->kind == SP_NORMALIZE_PREPEND || n->kind == SP_NORMALIZE_STRIP || n->regex)
        return false;
    if (n->kind == SP_NORMALIZE_CHARSMAP)
        return sp_charsmap_keeps_words(n->charsmap);
    if (n->kind != SP_NORMALIZE_REPLACE)
        return true;
    if (sp_str_eq(n->what, SP_STR(" ")))
        return sp_str_eq(n->with, SP_STR("\xE2\x96\x81"));
    for (size_t i = 0; i < n->what.len; i++) {
        char c = n->what.ptr[i];
        if (c == ' ' || (c >= '0' && c <= '9') || ((c | 0x20) >= 'a' && (c | 0x20) <= 'z'))
            return false;
    }
    return true;
}

static bool replaces_blanks(const sp_tokenizer *t)
{
    for (size_t i = 0; i < t->normalizer_count; i++)
        if (t->normalizers[i].kind == SP_NORMALIZE_REPLACE && sp_str_eq(t->normalizers[i].what, SP_STR(" ")))
            return true;
    return false;
}

/* Whether a cutter cuts before every blank behind a letter or a digit, or at least nothing that lies across. */
static bool cuts_at_blanks(const sp_cutter *c, bool *ret_is_local)
{
    bool keeps = c->behavior == SP_CUT_ISOLATED || (c->behavior == SP_CUT_REMOVED && c->kind != SP_CUT_REGEX);
    bool is_blank = c->kind == SP_CUT_TEXT && sp_str_eq(c->text, SP_STR(" "));
    switch (c->kind) {
    case SP_CUT_RULES:
        *ret_is_local = keeps;
        return keeps;
    case SP_CUT_REGEX:
        *ret_is_local = keeps && c->is_local;
        return *ret_is_local && sp_str_ends(c->text, SP_STR("\\s+"));
    case SP_CUT_TEXT:
        *ret_is_local = is_blank && (keeps || c->behavior == SP_CUT_WITH_NEXT);
        return *ret_is_local;
    case SP_CUT_CHARS:
    case SP_CUT_RUNS:
        *ret_is_local = keeps || c->behavior == SP_CUT_CONTIGUOUS;
        return *ret_is_local && (c->is_in == sp_char_is_space || c->inverts);
    case SP_CUT_METASPACE:
        *ret_is_local = true;
        return c->splits;
    case SP_CUT_BLANK_BEFORE:
        break;
    }
    *ret_is_local = true;
    return false;
}

static bool has_blanks(const sp_added_set *set)
{
    for (size_t i = 0; i < set->count; i++)
        if (set->items[i].takes_left || set->items[i].takes_right ||
            sp_str_find(set->items[i].content, SP_STR(" "), 0) != SIZE_MAX)
            return true;
    return false;
}

static bool joins_words(const sp_token_model *m)
{
    for (unsigned byte = 0; byte < 128; byte++) {
        char c = (char)byte;
        bool is_word = (c >= '0' && c <= '9') || (c >= 'A' && c <= 'Z') || (c >= 'a' && c <= 'z');
        if (is_word && m->joins_mark[byte])
            return true;
    }
    return false;
}

static void find_cuts(sp_tokenizer *t)
{
    const sp_token_model *m = &t->model;
    bool no_blanks = replaces_blanks(t), cuts = false, is_local = true;
    bool has_marks = no_blanks;
    for (size_t i = 0; i < t->normalizer_count; i++)
        is_local = is_local && is_local_normalizer(&t->normalizers[i]);
    for (size_t i = 0; i < t->cutter_count; i++) {
        const sp_cutter *c = &t->cutters[i];
        bool is_local_cutter, cuts_here = cuts_at_blanks(c, &is_local_cutter);
        if (no_blanks && c->kind == SP_CUT_TEXT && sp_str_eq(c->text, SP_STR(" ")))
            continue; /* it finds none */
        is_local = is_local && is_local_cutter;
        cuts = cuts || (cuts_here && (!no_blanks || c->kind == SP_CUT_METASPACE));
        has_marks = has_marks || c->kind == SP_CUT_METASPACE;
    }
    /* Not with scores: in sums from another place on, two ways that are as good can be rounded apart. */
    bool is_text = m->kind == SP_TOKEN_MODEL_CHARS;
    t->cuts_at_marks = is_text && has_marks && m->prefix.len == 0 && m->suffix.len == 0;
    cuts = cuts || (t->cuts_at_marks && !joins_words(m));
    t->cuts_at_blanks = cuts && is_local && !has_blanks(&t->added) && !has_blanks(&t->added_normalized);
}

/* ---- the whole -----------------------------------------------------------------------------------------------------
 */

typedef struct parts {
    sp_json_node model, added, normalizer, pre_tokenizer, decoder;
} parts;

static sp_status find_parts(const sp_json_reader *r, parts *ret)
{
    const sp_json_wanted wanted[] = { { "model", &ret->model },
                                      { "added_tokens", &ret->added },
                                      { "normalizer", &ret->normalizer },
                                      { "pre_tokenizer", &ret->pre_tokenizer },
                                      { "decoder", &ret->decoder } };
    sp_json_walk walk;
    size_t begin = 0;
    while (begin < r->file->bytes.len && r->file->bytes.ptr[begin] != '{')
        begin++;
    sp_json_walk_init(&walk, r->arena, r->file->bytes, begin);
    sp_json_walk_members(&walk, wanted, SP_COUNT_OF(wanted));
    return sp_json_walk_failed(r, &walk);
}

static sp_status read_parts(sp_json_reader *r)
{
    parts p = { 0 };
    SP_TRY(find_parts(r, &p));
    if (p.model.kind != SP_JSON_OBJECT)
        return sp_json_fail(r, p.model.offset, "needs an object \"model\", as a tokenizer.json has it");
    if (p.added.text.ptr && p.added.kind != SP_JSON_ARRAY && p.added.kind != SP_JSON_NULL)
        return sp_json_fail(r, p.added.offset, "/added_tokens: expected a list, not %s",
                            sp_json_kind_name(p.added.kind));
    SP_TRY(sp_json_read_normalizer(r, &p.normalizer));
    const sp_regex *regex = sp_tokenizer_regex(r->tokenizer);
    r->scratch = regex ? sp_regex_scratch_new(regex) : NULL;
    if (regex && !r->scratch)
        return sp_err_memory(r->err);
    if (regex)
        sp_regex_begin(r->scratch, r->file->bytes.len);
    SP_TRY(sp_json_read_cutters(r, &p.pre_tokenizer));
    SP_TRY(sp_json_read_model(r, &p.model));
    SP_TRY(sp_json_read_added(r, p.added.text.ptr ? &p.added : NULL));
    SP_TRY(sp_json_read_decoder(r, &p.decoder));
    find_cuts(r->tokenizer);
    return SP_OK;
}

bool sp_is_tokenizer_json(sp_str bytes)
{
    size_t at = sp_str_starts(bytes, SP_STR("\xEF\xBB\xBF")) ? 3 : 0;
    while (at < bytes.len && (bytes.ptr[at] == ' ' || (bytes.ptr[at] >= '\t' && bytes.ptr[at] <= '\r')))
        at++;
    return at < bytes.len && bytes.ptr[at] == '{';
}

sp_status sp_tokenizer_json_open(const sp_vocab_file *file, sp_encoding **ret, sp_err *err)
{
    sp_arena arena = { 0 };
    sp_tokenizer *tokenizer = sp_tokenizer_new(file->name);
    if (!tokenizer)
        return sp_err_memory(err);
    sp_json_reader reader = { .file = file, .arena = &arena, .tokenizer = tokenizer, .err = err };
    sp_status status = read_parts(&reader);
    if (reader.scratch)
        sp_regex_scratch_free(sp_tokenizer_regex(tokenizer), reader.scratch);
    sp_arena_release(&arena);
    if (status != SP_OK) {
        sp_tokenizer_free(tokenizer);
        return status;
    }
    *ret = &tokenizer->base.encoding;
    return SP_OK;
}
