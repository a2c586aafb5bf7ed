/*
 * tokenize.c - counts and encodes texts.
 *
 * text -> segments between special tokens -> pieces (split.c) -> tokens (a table, or merge.c). Pieces are cut
 * a few hundred at a time, so that both halves of the work stay tight loops and no list of all pieces is ever
 * made. Counting and encoding are the same walk; counting keeps no ids.
 */
#include "tokenize/vocab.h"

#include <stdlib.h>

enum {
    BATCH = 256, /* pieces cut at a time */
};

/* ---- what a text has had before ---------------------------------------------------------------------
 * A piece that is no token costs some hundred nanoseconds to merge, and most of them come again in the same
 * text: names, foreign words. A small table per call keeps the latest ones. */

enum {
    MEMO_IDS = 3,
    MEMO_MIN_TEXT = 4 << 10, /* bytes; below this clearing the table would cost more than it saves */
    MEMO_MIN_BITS = 9,
    MEMO_MAX_BITS = 14, /* 512 KiB: stays in the second-level cache */
};

typedef struct memo_entry {
    uint64_t low, high; /* the piece, padded with zeros; pieces that end in NUL stay out */
    uint32_t count;
    uint32_t ids[MEMO_IDS]; /* if there are no more than that */
} memo_entry;

typedef struct memo {
    memo_entry *entries; /* NULL: do without */
    unsigned shift;
} memo;

static void memo_init(memo *m, size_t text_len)
{
    unsigned bits = MEMO_MIN_BITS;
    while (bits < MEMO_MAX_BITS && text_len >> (bits + 4) > 0)
        bits++;
    m->entries = text_len >= MEMO_MIN_TEXT ? calloc((size_t)1 << bits, sizeof *m->entries) : NULL;
    m->shift = 64 - bits;
}

static memo_entry *memo_find(const memo *m, uint64_t low, uint64_t high)
{
    uint64_t mixed = (low ^ high * 0xC2B2AE3D27D4EB4Fu) * 0x9E3779B97F4A7C15u;
    return &m->entries[(mixed ^ mixed << 32) >> m->shift];
}

/* ---- a walk over a text ------------------------------------------------------------------------------ */

typedef struct walk {
    sp_vocab vocab;
    sp_merger *merger;
    sp_ids *ids; /* NULL: only count */
    size_t tokens;
    memo memo;
} walk;

/* ---- results -------------------------------------------------------------------------------------- */

static bool reserve_ids(sp_ids *ids, size_t more)
{
    if (more <= ids->capacity - ids->count)
        return true;
    size_t capacity = ids->capacity + ids->capacity / 2;
    if (capacity < ids->count + more)
        capacity = ids->count + more;
    if (capacity < 64)
        capacity = 64;
    if (capacity > SIZE_MAX / sizeof(uint32_t))
        return false;
    uint32_t *grown = realloc(ids->ids, capacity * sizeof *grown);
    if (!grown)
        return false;
    ids->ids = grown;
    ids->capacity = capacity;
    return true;
}

static bool add_tokens(walk *w, const uint32_t *tokens, size_t count)
{
    w->tokens += count;
    if (!w->ids || count == 0)
        return true;
    if (!reserve_ids(w->ids, count))
        return false;
    memcpy(w->ids->ids + w->ids->count, tokens, count * sizeof *tokens);
    w->ids->count += count;
    return true;
}

/* ---- pieces --------------------------------------------------------------------------------------- */

static bool add_merged(walk *w, const uint8_t *piece, size_t len)
{
    size_t count = sp_merge(&w->vocab, w->merger, piece, len);
    return count > 0 && add_tokens(w, w->merger->tokens, count);
}

/* A piece that has a key. */
static bool add_remembered(walk *w, const sp_probe *probe, const uint8_t *piece, size_t len)
{
    uint64_t low = probe->low, high = probe->high;
    memo_entry *entry = memo_find(&w->memo, low, high);
    bool known = entry->low == low && entry->high == high;
    if (known && !w->ids) {
        w->tokens += entry->count;
        return true;
    }
    if (known && entry->count <= MEMO_IDS)
        return add_tokens(w, entry->ids, entry->count);
    if (!add_merged(w, piece, len))
        return false;
    size_t count = w->merger->count;
    *entry = (memo_entry){ .low = low, .high = high, .count = (uint32_t)count };
    if (count <= MEMO_IDS)
        memcpy(entry->ids, w->merger->tokens, count * sizeof *entry->ids);
    return true;
}

static bool add_missed(walk *w, const sp_probe *probe, const uint8_t *piece, size_t len)
{
    return w->memo.entries && probe->kind != SP_PROBE_NONE ? add_remembered(w, probe, piece, len)
                                                           : add_merged(w, piece, len);
}

/* The pieces text[at..ends[0]), text[ends[0]..ends[1]) and so on. 16 bytes have to be readable at each. All of them
 * are looked up before the first answer is asked for, so that the memory they are in has time to arrive. */
static inline bool add_pieces(walk *w, const uint8_t *text, size_t at, const size_t *ends, size_t count, bool want_ids)
{
    sp_probe probes[BATCH];
    size_t begin = at;
    for (size_t i = 0; i < count; begin = ends[i++])
        sp_probe_start(&w->vocab, &probes[i], text + begin, ends[i] - begin);
    for (size_t i = 0; i < count; at = ends[i++]) {
        uint32_t token = sp_probe_token(&w->vocab, &probes[i], want_ids);
        if (token == SP_NO_TOKEN) {
            if (!add_missed(w, &probes[i], text + at, ends[i] - at))
                return false;
        } else {
            w->tokens++;
            if (want_ids) {
                if (!reserve_ids(w->ids, 1))
                    return false;
                w->ids->ids[w->ids->count++] = token;
            }
        }
    }
    return true;
}

/* The same within 16 bytes of the end of the text: from a copy that may be read past its end. */
static bool add_last_piece(walk *w, const uint8_t *piece, size_t len)
{
    uint8_t copy[2 * SP_LONG_KEY_BYTES] = { 0 };
    if (len > SP_LONG_KEY_BYTES)
        return add_merged(w, piece, len);
    memcpy(copy, piece, len);
    sp_probe probe;
    sp_probe_start(&w->vocab, &probe, copy, len);
    uint32_t token = sp_probe_token(&w->vocab, &probe, true);
    return token == SP_NO_TOKEN ? add_merged(w, piece, len) : add_tokens(w, &token, 1);
}

static bool add_batch(walk *w, const uint8_t *text, size_t at, const size_t *ends, size_t count, size_t text_end)
{
    size_t safe = count; /* pieces that start 16 bytes before the end of the text, or earlier */
    while (safe > 0 && text_end - (safe > 1 ? ends[safe - 2] : at) < SP_LONG_KEY_BYTES)
        safe--;
    if (!(w->ids ? add_pieces(w, text, at, ends, safe, true) : add_pieces(w, text, at, ends, safe, false)))
        return false;
    for (size_t i = safe; i < count; i++) {
        size_t begin = i > 0 ? ends[i - 1] : at;
        if (!add_last_piece(w, text + begin, ends[i] - begin))
            return false;
    }
    return true;
}

/* Those pieces of the valid UTF-8 text[..end) that lie between at and stop, both of them piece boundaries. */
static bool add_range(walk *w, const uint8_t *text, size_t at, size_t stop, size_t end)
{
    size_t ends[BATCH];
    while (at < stop) {
        size_t count = sp_split(&w->vocab, text, at, end, ends, BATCH);
        while (ends[count - 1] > stop)
            count--;
        if (!add_batch(w, text, at, ends, count, end))
            return false;
        at = ends[count - 1];
    }
    return true;
}

/* ---- bytes that are not UTF-8 ----------------------------------------------------------------------
 * As tiktoken's _encode_bytes: what is valid is encoded; then its last piece, which the broken bytes may
 * belong to, is taken back and merged with everything from there to the end as one piece, without splitting.
 * If that piece starts with a token of nothing but blanks, all such tokens before it are taken back too. */

static bool is_blank(uint8_t byte)
{
    return byte == ' ' || byte == '\n' || byte == '\t';
}

static bool all_blank(const uint8_t *bytes, size_t len)
{
    size_t i = 0;
    while (i < len && is_blank(bytes[i]))
        i++;
    return i == len;
}

/* Begin of the piece that holds the byte at target. */
static size_t piece_at(const sp_vocab *v, const uint8_t *text, size_t at, size_t end, size_t target)
{
    size_t ends[BATCH];
    for (;;) {
        size_t count = sp_split(v, text, at, end, ends, BATCH);
        for (size_t i = 0; i < count; at = ends[i++])
            if (ends[i] > target)
                return at;
    }
}

/* Adds the tokens of the pieces between at and stop but for those of blanks at their end, and says where the ones
 * that were added end. */
static bool add_without_blank_tail(walk *w, const uint8_t *text, size_t at, size_t stop, size_t end, size_t *ret_stop)
{
    sp_ids found = { 0 };
    walk inner = { .vocab = w->vocab, .merger = w->merger, .ids = &found };
    bool done = add_range(&inner, text, at, stop, end);
    size_t count = found.count;
    while (done && count > 0) {
        size_t len = sp_record_len(w->vocab.records[found.ids[count - 1]]);
        if (!all_blank(text + stop - len, len))
            break;
        stop -= len;
        count--;
    }
    done = done && add_tokens(w, found.ids, count);
    sp_ids_release(&found);
    *ret_stop = stop;
    return done;
}

/* Adds what stays of the valid part text[at..end), and says where that ends. */
static bool add_stable(walk *w, const uint8_t *text, size_t at, size_t end, size_t *ret_stop)
{
    *ret_stop = at;
    if (at == end)
        return true;
    size_t last = piece_at(&w->vocab, text, at, end, end - 1);
    if (sp_merge(&w->vocab, w->merger, text + last, end - last) == 0)
        return false;
    size_t first_len = sp_record_len(w->vocab.records[w->merger->tokens[0]]);
    size_t stop = last; /* the blanks before the last piece are in the pieces from stop on */
    if (all_blank(text + last, first_len)) {
        while (stop > at && is_blank(text[stop - 1]))
            stop--;
        stop = stop < last ? piece_at(&w->vocab, text, at, end, stop) : last;
    }
    *ret_stop = stop;
    return add_range(w, text, at, stop, end) &&
           (stop == last || add_without_blank_tail(w, text, stop, last, end, ret_stop));
}

static bool add_broken(walk *w, const uint8_t *text, size_t at, size_t valid_end, size_t end)
{
    size_t stop;
    return add_stable(w, text, at, valid_end, &stop) && add_merged(w, text + stop, end - stop);
}

/* ---- whole texts ------------------------------------------------------------------------------------ */

static bool add_ordinary(walk *w, sp_str text, size_t at, size_t end)
{
    sp_str segment = sp_str_slice(text, at, end);
    size_t invalid = sp_utf8_find_invalid(segment, 0);
    const uint8_t *bytes = (const uint8_t *)text.ptr;
    if (invalid == SIZE_MAX)
        return add_range(w, bytes, at, end, end);
    return add_broken(w, bytes, at, at + invalid, end);
}

bool sp_special_find(const sp_encoding *encoding, sp_str text, size_t from, size_t *ret_at, size_t *ret_len,
                     uint32_t *ret_id)
{
    while (from < text.len) {
        const char *found = memchr(text.ptr + from, '<', text.len - from);
        if (!found)
            return false;
        from = (size_t)(found - text.ptr);
        *ret_id = sp_special_at(encoding, sp_str_slice(text, from, text.len), ret_len);
        if (*ret_id != SP_NO_TOKEN) {
            *ret_at = from;
            return true;
        }
        from++;
    }
    return false;
}

static bool add_text(walk *w, const sp_encoding *encoding, sp_str text, sp_special special)
{
    size_t at = 0, begin, len;
    uint32_t id;
    if (text.len == 0)
        return true; /* its ptr may be NULL */
    while (special == SP_SPECIAL_ALLOW && sp_special_find(encoding, text, at, &begin, &len, &id)) {
        if (!add_ordinary(w, text, at, begin) || !add_tokens(w, &id, 1))
            return false;
        at = begin + len;
    }
    return add_ordinary(w, text, at, text.len);
}

static bool walk_text(walk *w, const sp_encoding *encoding, sp_str text, sp_special special)
{
    sp_vocab_open(&w->vocab, encoding);
    memo_init(&w->memo, text.len);
    bool done = add_text(w, encoding, text, special);
    free(w->memo.entries);
    return done;
}

sp_status sp_count(const sp_encoding *encoding, sp_str text, sp_special special, size_t *ret_tokens, sp_err *err)
{
    sp_merger merger;
    sp_merger_init(&merger);
    walk w = { .merger = &merger };
    bool done = walk_text(&w, encoding, text, special);
    sp_merger_release(&merger);
    if (!done)
        return sp_err_memory(err);
    *ret_tokens = w.tokens;
    return SP_OK;
}

sp_status sp_encode(const sp_encoding *encoding, sp_str text, sp_special special, sp_ids *ids, sp_err *err)
{
    size_t old_count = ids->count;
    sp_merger merger;
    sp_merger_init(&merger);
    walk w = { .merger = &merger, .ids = ids };
    bool done = walk_text(&w, encoding, text, special);
    sp_merger_release(&merger);
    if (!done) {
        ids->count = old_count;
        return sp_err_memory(err);
    }
    return SP_OK;
}

void sp_ids_release(sp_ids *ids)
{
    free(ids->ids);
    *ids = (sp_ids){ 0 };
}

/* The ids, each replaced by where its token ends. The lengths are in the records; but a special token is measured in
 * the text, because one id can have two names. */
sp_status sp_token_ends(const sp_encoding *encoding, sp_str text, sp_special special, uint32_t **ret_ends,
                        size_t *ret_count, sp_err *err)
{
    if (text.len > UINT32_MAX)
        return sp_err_set(err, SP_ERR_INPUT, "the text has 4 GiB or more; token ends are given for shorter ones only");
    sp_ids ids = { 0 };
    SP_TRY(sp_encode(encoding, text, special, &ids, err));
    sp_vocab vocab;
    sp_vocab_open(&vocab, encoding);
    size_t end = 0;
    for (size_t i = 0; i < ids.count; i++) {
        size_t len;
        if (sp_token_is_ordinary(encoding, ids.ids[i]))
            len = sp_record_len(vocab.records[ids.ids[i]]);
        else
            (void)sp_special_at(encoding, sp_str_slice(text, end, text.len), &len);
        end += len;
        ids.ids[i] = (uint32_t)end;
    }
    *ret_ends = ids.ids;
    *ret_count = ids.count;
    return SP_OK;
}

/* ---- parts of a text ---------------------------------------------------------------------------------- */

bool sp_count_part(const sp_vocab *vocab, sp_merger *merger, const uint8_t *text, size_t at, size_t end, size_t *tokens)
{
    walk w = { .vocab = *vocab, .merger = merger, .tokens = *tokens };
    bool done = add_range(&w, text, at, end, end);
    *tokens = w.tokens;
    return done;
}

bool sp_count_piece(const sp_vocab *vocab, sp_merger *merger, const uint8_t *text, size_t at, size_t end,
                    size_t text_end, size_t *tokens)
{
    walk w = { .vocab = *vocab, .merger = merger, .tokens = *tokens };
    bool done = add_batch(&w, text, at, &end, 1, text_end);
    *tokens = w.tokens;
    return done;
}

bool sp_count_stable(const sp_vocab *vocab, sp_merger *merger, const uint8_t *text, size_t at, size_t valid_end,
                     size_t *ret_begin, size_t *tokens)
{
    walk w = { .vocab = *vocab, .merger = merger, .tokens = *tokens };
    bool done = add_stable(&w, text, at, valid_end, ret_begin);
    *tokens = w.tokens;
    return done;
}
