/*
 * match.c - matching in passes: from what is certain to what is likely.
 *
 * A pass gives every part a key (path and text, then path, then text, ...), and pairs what has the same key on both
 * sides and is not paired yet, in order. Each pass is linear, and there are eleven of them.
 */
#include "diff/match.h"

#include "base/map.h"
#include "base/types.h"
#include "diff/result.h"

#include <inttypes.h>

typedef struct matcher matcher;

/* Writes the key of a part to buf; false: the part has none. */
typedef bool key_function(const matcher *m, bool is_old, const sp_part *part, sp_buf *buf);

struct matcher {
    sp_arena *arena;
    sp_match match;
};

/* Files of one pair have one number. */
static uint32_t file_number(const matcher *m, bool is_old, const sp_part *part)
{
    uint32_t pair = is_old ? m->match.new_file_of_old[part->file] : part->file;
    return pair == SP_NONE ? m->match.new_parts->file_count + part->file : pair;
}

static bool is_own(const matcher *m, bool is_old, const sp_part *part)
{
    const sp_parts *parts = is_old ? m->match.old_parts : m->match.new_parts;
    return !parts->files[part->file].path.ptr;
}

static bool key_path(const matcher *m, bool is_old, const sp_part *part, sp_buf *buf)
{
    sp_buf_format(buf, "%" PRIu32, file_number(m, is_old, part));
    for (size_t i = 0; i < part->headings.count; i++) {
        sp_buf_add_char(buf, '\0');
        sp_buf_add(buf, part->headings.items[i]);
    }
    return true;
}

static bool key_whole(const matcher *m, bool is_old, const sp_part *part, sp_buf *buf)
{
    sp_buf_add(buf, sp_str_of(part->whole));
    return part->whole[0] && !is_own(m, is_old, part);
}

static bool key_body(const matcher *m, bool is_old, const sp_part *part, sp_buf *buf)
{
    sp_buf_add(buf, sp_str_of(part->body));
    return part->body[0] && !is_own(m, is_old, part);
}

static bool key_name(const matcher *m, bool is_old, const sp_part *part, sp_buf *buf)
{
    if (part->headings.count == 0 || is_own(m, is_old, part))
        return false;
    sp_buf_add(buf, part->headings.items[part->headings.count - 1]);
    return true;
}

static bool key_tokens(const matcher *m, bool is_old, const sp_part *part, sp_buf *buf)
{
    sp_buf_format(buf, "%zu ", part->tokens);
    return key_name(m, is_old, part, buf);
}

/* A file with one title has it still when that reads differently. */
static bool key_title(const matcher *m, bool is_old, const sp_part *part, sp_buf *buf)
{
    sp_buf_add_char(buf, '1');
    return part->headings.count == 1 && !is_own(m, is_old, part);
}

typedef struct pass {
    key_function *key;
    key_function *and; /* NULL, or more to the key */
    bool in_file;      /* within a pair of files */
    bool is_unique;    /* only where no other part has it on either side */
} pass;

static const pass passes[] = {
    { key_path, key_whole, false, false }, { key_path, NULL, false, false },  { key_whole, NULL, true, false },
    { key_whole, NULL, false, false },     { key_body, NULL, true, false },   { key_body, NULL, false, false },
    { key_tokens, NULL, true, true },      { key_tokens, NULL, false, true }, { key_name, NULL, true, true },
    { key_name, NULL, false, true },       { key_title, NULL, true, true },
};

/* ---- pairing by keys -------------------------------------------------------------------------------- */

/* The parts with one key that are left on the old side, in order; how many there are on each side. */
typedef struct bucket {
    uint32_t first;
    uint32_t last;
    uint32_t old_count;
    uint32_t new_count;
} bucket;

typedef struct pairing {
    matcher *m;
    const pass *by;
    sp_map bucket_of_key;
    sp_list(bucket) buckets;
    uint32_t *next_old;
    uint32_t *bucket_of_new;
} pairing;

/* The bucket of a part, or SP_NONE. */
static sp_status find_bucket(pairing *p, bool is_old, const sp_part *part, uint32_t *ret, sp_err *err)
{
    sp_buf key = { 0 };
    if (p->by->in_file)
        sp_buf_format(&key, "%" PRIu32 "/", file_number(p->m, is_old, part));
    bool has_key = p->by->key(p->m, is_old, part, &key);
    if (has_key && p->by->and) {
        sp_buf_add_char(&key, '\0');
        has_key = p->by->and (p->m, is_old, part, &key);
    }
    *ret = SP_NONE;
    if (!has_key && !key.failed) {
        sp_buf_release(&key);
        return SP_OK;
    }
    sp_str kept = sp_buf_move(&key, p->m->arena);
    uint32_t *slot = kept.ptr ? sp_map_slot(p->m->arena, &p->bucket_of_key, kept) : NULL;
    if (!slot)
        return sp_err_memory(err);
    if (*slot == SP_NONE) {
        bucket *fresh = SP_LIST_PUSH(p->m->arena, &p->buckets);
        if (!fresh)
            return sp_err_memory(err);
        *fresh = (bucket){ SP_NONE, SP_NONE, 0, 0 };
        *slot = (uint32_t)p->buckets.count - 1;
    }
    *ret = *slot;
    return SP_OK;
}

static void add_old(pairing *p, bucket *b, uint32_t part)
{
    p->next_old[part] = SP_NONE;
    if (b->first == SP_NONE)
        b->first = part;
    else
        p->next_old[b->last] = part;
    b->last = part;
    b->old_count++;
}

static sp_status fill_buckets(pairing *p, sp_err *err)
{
    const sp_match *match = &p->m->match;
    uint32_t at;
    for (uint32_t i = 0; i < match->old_parts->count; i++) {
        if (match->new_of_old[i] != SP_NONE)
            continue;
        SP_TRY(find_bucket(p, true, &match->old_parts->parts[i], &at, err));
        if (at != SP_NONE)
            add_old(p, &p->buckets.items[at], i);
    }
    for (uint32_t i = 0; i < match->new_parts->count; i++) {
        p->bucket_of_new[i] = SP_NONE;
        if (match->old_of_new[i] != SP_NONE)
            continue;
        SP_TRY(find_bucket(p, false, &match->new_parts->parts[i], &p->bucket_of_new[i], err));
        if (p->bucket_of_new[i] != SP_NONE)
            p->buckets.items[p->bucket_of_new[i]].new_count++;
    }
    return SP_OK;
}

static sp_status run_pass(matcher *m, const pass *by, uint32_t *next_old, uint32_t *bucket_of_new, sp_err *err)
{
    pairing p = { .m = m, .by = by, .next_old = next_old, .bucket_of_new = bucket_of_new };
    SP_TRY(fill_buckets(&p, err));
    for (uint32_t i = 0; i < m->match.new_parts->count; i++) {
        bucket *b = bucket_of_new[i] == SP_NONE ? NULL : &p.buckets.items[bucket_of_new[i]];
        if (!b || b->first == SP_NONE || (by->is_unique && (b->old_count > 1 || b->new_count > 1)))
            continue;
        m->match.old_of_new[i] = b->first;
        m->match.new_of_old[b->first] = i;
        b->first = next_old[b->first];
    }
    return SP_OK;
}

static sp_status pair_parts(matcher *m, sp_err *err)
{
    bool has_text = m->match.old_parts->has_text && m->match.new_parts->has_text;
    uint32_t *next_old = SP_ARENA_ARRAY(m->arena, uint32_t, (size_t)m->match.old_parts->count + 1);
    uint32_t *bucket_of_new = SP_ARENA_ARRAY(m->arena, uint32_t, (size_t)m->match.new_parts->count + 1);
    if (!next_old || !bucket_of_new)
        return sp_err_memory(err);
    for (size_t i = 0; i < SP_COUNT_OF(passes); i++) {
        bool needs_text = passes[i].key == key_whole || passes[i].key == key_body || passes[i].and;
        bool is_guess = passes[i].key == key_tokens; /* for want of text */
        if (needs_text ? has_text : !(is_guess && has_text))
            SP_TRY(run_pass(m, &passes[i], next_old, bucket_of_new, err));
    }
    return SP_OK;
}

/* ---- files ------------------------------------------------------------------------------------------ */

static void pair_files(matcher *m, uint32_t old_file, uint32_t new_file)
{
    m->match.new_file_of_old[old_file] = new_file;
    m->match.old_file_of_new[new_file] = old_file;
}

static sp_status pair_same_paths(matcher *m, sp_err *err)
{
    const sp_parts *old_parts = m->match.old_parts;
    const sp_parts *new_parts = m->match.new_parts;
    sp_map of_path = { 0 };
    for (uint32_t i = 0; i < old_parts->file_count; i++) {
        sp_str path = old_parts->files[i].path;
        uint32_t *slot = sp_map_slot(m->arena, &of_path, path.ptr ? path : SP_STR(""));
        if (!slot)
            return sp_err_memory(err);
        *slot = i;
    }
    for (uint32_t i = 0; i < new_parts->file_count; i++) {
        sp_str path = new_parts->files[i].path;
        uint32_t found = sp_map_find(&of_path, path.ptr ? path : SP_STR(""));
        if (found != SP_NONE)
            pair_files(m, found, i);
    }
    return SP_OK;
}

/* Parts of old files that have no pair, by their text and by their headings. */
typedef struct lone_parts {
    sp_map by_text;
    sp_map by_headings;
} lone_parts;

/* Two parts with the same headings have the same; ptr NULL when memory is short. */
static sp_str join_headings(sp_arena *arena, sp_str_list headings)
{
    sp_buf joined = { 0 };
    sp_buf_add_char(&joined, '#');
    for (size_t i = 0; i < headings.count; i++) {
        sp_buf_add_char(&joined, '\0');
        sp_buf_add(&joined, headings.items[i]);
    }
    return sp_buf_move(&joined, arena);
}

static sp_status find_lone(matcher *m, lone_parts *ret, sp_err *err)
{
    const sp_parts *old_parts = m->match.old_parts;
    for (uint32_t i = 0; i < old_parts->count; i++) {
        const sp_part *part = &old_parts->parts[i];
        if (m->match.new_file_of_old[part->file] != SP_NONE || !part->whole[0] || is_own(m, true, part))
            continue;
        sp_str headings = join_headings(m->arena, part->headings);
        uint32_t *of_text = sp_map_slot(m->arena, &ret->by_text, sp_str_of(part->whole));
        if (of_text)
            *of_text = i;
        uint32_t *of_headings = headings.ptr ? sp_map_slot(m->arena, &ret->by_headings, headings) : NULL;
        if (!of_text || !of_headings)
            return sp_err_memory(err);
        *of_headings = i;
    }
    return SP_OK;
}

/* Parts by file, in order. */
typedef struct file_index {
    uint32_t *first; /* of each file, or SP_NONE */
    uint32_t *next;  /* part of the same file, or SP_NONE */
} file_index;

static sp_status index_files(sp_arena *arena, const sp_parts *parts, file_index *ret, sp_err *err)
{
    ret->first = SP_ARENA_ARRAY(arena, uint32_t, (size_t)parts->file_count + 1);
    ret->next = SP_ARENA_ARRAY(arena, uint32_t, (size_t)parts->count + 1);
    if (!ret->first || !ret->next)
        return sp_err_memory(err);
    for (uint32_t i = 0; i < parts->file_count; i++)
        ret->first[i] = SP_NONE;
    for (uint32_t i = parts->count; i-- > 0;) {
        ret->next[i] = ret->first[parts->parts[i].file];
        ret->first[parts->parts[i].file] = i;
    }
    return SP_OK;
}

/* What a new part has of one in an old file without a pair, in half tokens: the same headings alone are half of it. */
static sp_status find_share(matcher *m, const lone_parts *lone, const sp_part *part, uint32_t *ret_file, size_t *ret,
                            sp_err *err)
{
    uint32_t found = sp_map_find(&lone->by_text, sp_str_of(part->whole));
    sp_str headings = join_headings(m->arena, part->headings);
    if (!headings.ptr)
        return sp_err_memory(err);
    bool is_same = found != SP_NONE;
    if (!is_same)
        found = sp_map_find(&lone->by_headings, headings);
    *ret_file = SP_NONE;
    if (found == SP_NONE)
        return SP_OK;
    const sp_part *old_part = &m->match.old_parts->parts[found];
    size_t smaller = old_part->tokens < part->tokens ? old_part->tokens : part->tokens;
    *ret = is_same ? part->tokens * 2 : smaller;
    if (m->match.new_file_of_old[old_part->file] == SP_NONE)
        *ret_file = old_part->file;
    return SP_OK;
}

/* The old file without a pair that has the most of this one's text. shared is 0 everywhere, and is so again. */
static sp_status find_similar(matcher *m, const lone_parts *lone, const file_index *index, uint32_t new_file,
                              size_t *shared, uint32_t *ret_best, size_t *ret_share, sp_err *err)
{
    uint32_t best = SP_NONE;
    sp_list(uint32_t) touched = { 0 };
    for (uint32_t i = index->first[new_file]; i != SP_NONE; i = index->next[i]) {
        uint32_t file = SP_NONE;
        size_t share = 0;
        SP_TRY(find_share(m, lone, &m->match.new_parts->parts[i], &file, &share, err));
        if (file == SP_NONE)
            continue;
        uint32_t *slot = SP_LIST_PUSH(m->arena, &touched);
        if (!slot)
            return sp_err_memory(err);
        *slot = file;
        shared[file] += share;
        if (best == SP_NONE || shared[file] > shared[best])
            best = file;
    }
    *ret_best = best;
    *ret_share = best == SP_NONE ? 0 : shared[best];
    for (size_t i = 0; i < touched.count; i++)
        shared[touched.items[i]] = 0;
    return SP_OK;
}

/* A file that is new has moved if half of the larger of the two is in both, as tokens go. */
static sp_status pair_similar(matcher *m, sp_err *err)
{
    const sp_parts *old_parts = m->match.old_parts;
    const sp_parts *new_parts = m->match.new_parts;
    lone_parts lone = { .by_text = { .count = 0 } };
    file_index index;
    size_t *shared = SP_ARENA_ARRAY(m->arena, size_t, (size_t)old_parts->file_count + 1);
    if (!shared)
        return sp_err_memory(err);
    SP_TRY(find_lone(m, &lone, err));
    SP_TRY(index_files(m->arena, new_parts, &index, err));
    for (uint32_t i = 0; i < new_parts->file_count; i++) {
        uint32_t best = SP_NONE;
        size_t share = 0;
        if (m->match.old_file_of_new[i] != SP_NONE || !new_parts->files[i].path.ptr)
            continue;
        SP_TRY(find_similar(m, &lone, &index, i, shared, &best, &share, err));
        if (best == SP_NONE)
            continue;
        size_t larger = old_parts->files[best].tokens > new_parts->files[i].tokens ? old_parts->files[best].tokens
                                                                                   : new_parts->files[i].tokens;
        if (share > 0 && share >= larger)
            pair_files(m, best, i);
    }
    return SP_OK;
}

static uint32_t *unmatched(sp_arena *arena, uint32_t count)
{
    uint32_t *list = SP_ARENA_ARRAY(arena, uint32_t, (size_t)count + 1);
    if (list)
        memset(list, 0xFF, ((size_t)count + 1) * sizeof *list); /* SP_NONE */
    return list;
}

sp_status sp_match_parts(sp_arena *arena, const sp_parts *old_parts, const sp_parts *new_parts, sp_match *ret,
                         sp_err *err)
{
    matcher m = { .arena = arena, .match = { .old_parts = old_parts, .new_parts = new_parts } };
    m.match.old_of_new = unmatched(arena, new_parts->count);
    m.match.new_of_old = unmatched(arena, old_parts->count);
    m.match.old_file_of_new = unmatched(arena, new_parts->file_count);
    m.match.new_file_of_old = unmatched(arena, old_parts->file_count);
    if (!m.match.old_of_new || !m.match.new_of_old || !m.match.old_file_of_new || !m.match.new_file_of_old)
        return sp_err_memory(err);
    SP_TRY(pair_same_paths(&m, err));
    SP_TRY(pair_similar(&m, err));
    SP_TRY(pair_parts(&m, err));
    *ret = m.match;
    return SP_OK;
}

/* ---- rows ------------------------------------------------------------------------------------------- */

static bool same_name(const sp_part *a, const sp_part *b)
{
    size_t n = a->headings.count;
    if (n == 0 || b->headings.count == 0)
        return n == b->headings.count;
    return sp_str_eq(a->headings.items[n - 1], b->headings.items[b->headings.count - 1]);
}

/* What stands under a heading that moved has not moved by itself. */
static bool has_moved(const sp_match *m, const sp_part *old_part, const sp_part *new_part)
{
    if (!same_name(old_part, new_part))
        return true;
    if (old_part->parent == SP_NONE || new_part->parent == SP_NONE)
        return old_part->parent != new_part->parent || m->new_file_of_old[old_part->file] != new_part->file;
    return m->new_of_old[old_part->parent] != new_part->parent;
}

/* Where the text is known it decides: the tokens of equal text differ by rounding, or by its neighbours' first bytes.
 * Of our own wording, which names directories, only the size is of interest. */
bool sp_match_is_edited(const sp_match *m, uint32_t old_index, uint32_t new_index)
{
    const sp_part *old_part = &m->old_parts->parts[old_index];
    const sp_part *new_part = &m->new_parts->parts[new_index];
    bool has_text = m->old_parts->has_text && m->new_parts->has_text;
    bool is_ours = !m->new_parts->files[new_part->file].path.ptr;
    if (has_text && strcmp(old_part->whole, new_part->whole) == 0)
        return false;
    return old_part->tokens != new_part->tokens || (has_text && !is_ours);
}

static sp_diff_row row_of_new(const sp_match *m, uint32_t index, const sp_blame *const *blame_of_new)
{
    const sp_part *part = &m->new_parts->parts[index];
    uint32_t old_index = m->old_of_new[index];
    sp_diff_row row = { .headings = part->headings, .change = SP_CHANGE_NEW, .new_tokens = part->tokens };
    row.blame = blame_of_new ? blame_of_new[index] : NULL;
    if (old_index == SP_NONE)
        return row;
    const sp_part *old_part = &m->old_parts->parts[old_index];
    bool is_elsewhere = m->new_file_of_old[old_part->file] != part->file;
    row.change = sp_match_is_edited(m, old_index, index) ? SP_CHANGE_EDITED : SP_CHANGE_NONE;
    if (!is_elsewhere)
        row.old_tokens = old_part->tokens; /* else its old file has a row for them */
    if (is_elsewhere || has_moved(m, old_part, part)) {
        row.change = SP_CHANGE_MOVED;
        row.other_path = m->old_parts->files[old_part->file].path;
        row.other_headings = old_part->headings;
    }
    return row;
}

/* The row of an old part that the new file has none for; false: it has. */
static bool row_of_old(const sp_match *m, uint32_t index, sp_diff_row *ret)
{
    const sp_part *part = &m->old_parts->parts[index];
    uint32_t new_index = m->new_of_old[index];
    *ret = (sp_diff_row){ .headings = part->headings, .change = SP_CHANGE_GONE, .old_tokens = part->tokens };
    if (new_index == SP_NONE)
        return true;
    const sp_part *new_part = &m->new_parts->parts[new_index];
    if (m->new_file_of_old[part->file] == new_part->file)
        return false;
    ret->change = SP_CHANGE_LEFT;
    ret->other_path = m->new_parts->files[new_part->file].path;
    ret->other_headings = new_part->headings;
    return true;
}

typedef struct row_lister {
    sp_arena *arena;
    const sp_match *match;
    const sp_blame *const *blame_of_new;
    file_index old_index;
    file_index new_index;
    sp_list(sp_diff_row) rows;
    sp_list(sp_diff_file) files;
} row_lister;

static sp_status add_row(row_lister *l, const sp_diff_row *row, sp_err *err)
{
    sp_diff_row *slot = SP_LIST_PUSH(l->arena, &l->rows);
    if (!slot)
        return sp_err_memory(err);
    *slot = *row;
    return SP_OK;
}

static sp_change change_of_file(const sp_diff_file *file, uint32_t old_file, uint32_t new_file)
{
    if (old_file == SP_NONE || new_file == SP_NONE)
        return old_file == SP_NONE ? SP_CHANGE_NEW : SP_CHANGE_GONE;
    if (file->old_path.ptr)
        return SP_CHANGE_MOVED;
    for (size_t i = 0; i < file->row_count; i++)
        if (file->rows[i].change != SP_CHANGE_NONE)
            return SP_CHANGE_EDITED;
    return SP_CHANGE_NONE;
}

/* One of the two is SP_NONE where there is no such file. */
static sp_status add_file(row_lister *l, uint32_t old_file, uint32_t new_file, sp_err *err)
{
    const sp_match *m = l->match;
    sp_diff_file *file = SP_LIST_PUSH(l->arena, &l->files);
    if (!file)
        return sp_err_memory(err);
    const sp_part_file *was = old_file == SP_NONE ? NULL : &m->old_parts->files[old_file];
    const sp_part_file *is = new_file == SP_NONE ? NULL : &m->new_parts->files[new_file];
    l->rows.items = NULL; /* a list of its own */
    l->rows.count = l->rows.capacity = 0;
    for (uint32_t i = is ? l->new_index.first[new_file] : SP_NONE; i != SP_NONE; i = l->new_index.next[i]) {
        sp_diff_row row = row_of_new(m, i, l->blame_of_new);
        SP_TRY(add_row(l, &row, err));
    }
    for (uint32_t i = was ? l->old_index.first[old_file] : SP_NONE; i != SP_NONE; i = l->old_index.next[i]) {
        sp_diff_row row;
        if (row_of_old(m, i, &row))
            SP_TRY(add_row(l, &row, err));
    }
    *file = (sp_diff_file){ .rows = l->rows.items, .row_count = l->rows.count };
    if (was) {
        file->path = was->path;
        file->old_tokens = was->tokens;
    }
    if (is) {
        file->path = is->path;
        file->new_tokens = is->tokens;
    }
    if (was && is && was->path.ptr && !sp_str_eq(was->path, is->path))
        file->old_path = was->path;
    file->change = change_of_file(file, old_file, new_file);
    return SP_OK;
}

sp_status sp_match_rows(sp_arena *arena, const sp_match *match, const sp_blame *const *blame_of_new,
                        sp_diff_prompt *ret, sp_err *err)
{
    row_lister l = { .arena = arena, .match = match, .blame_of_new = blame_of_new };
    const sp_parts *old_parts = match->old_parts;
    const sp_parts *new_parts = match->new_parts;
    SP_TRY(index_files(arena, old_parts, &l.old_index, err));
    SP_TRY(index_files(arena, new_parts, &l.new_index, err));
    for (uint32_t i = 0; i < new_parts->file_count; i++)
        SP_TRY(add_file(&l, match->old_file_of_new[i], i, err));
    for (uint32_t i = 0; i < old_parts->file_count; i++)
        if (match->new_file_of_old[i] == SP_NONE)
            SP_TRY(add_file(&l, i, SP_NONE, err));
    *ret = (sp_diff_prompt){
        .agent = new_parts->agent.ptr ? new_parts->agent : old_parts->agent,
        .change = SP_CHANGE_NONE,
        .old_tokens = old_parts->tokens,
        .new_tokens = new_parts->tokens,
        .old_range = old_parts->range,
        .new_range = new_parts->range,
        .files = l.files.items,
        .file_count = l.files.count,
    };
    for (size_t i = 0; i < ret->file_count; i++)
        if (ret->files[i].change != SP_CHANGE_NONE)
            ret->change = SP_CHANGE_EDITED;
    return SP_OK;
}
