/*
 * tokenize.c - counts and encodes texts.
 *
 * text -> segments between special tokens -> pieces (split.c) -> tokens (cache.h, a table, or merge.c). Pieces are cut
 * a few hundred at a time, so that each part of the work stays a tight loop and no list of all pieces is ever made.
 * Counting and encoding are the same walk; counting keeps no ids.
 */
#include "base/types.h"
#include "tokenizer/batch.h"
#include "tokenizer/engine.h"
#include "tokenizer/estimate.h"
#include "tokenizer/reading.h"
#include "tokenizer/tokens.h"

#include <stdlib.h>

/* ---- memory ------------------------------------------------------------------------------------------- */

void sp_counter_init(sp_counter *counter, const sp_encoding *encoding, sp_special special, sp_ids *ids, sp_path path)
{
    memset(counter, 0, offsetof(sp_counter, pending));
    counter->encoding = encoding;
    counter->special = special;
    counter->ids = ids;
    counter->max_tokens = SIZE_MAX;
    if (sp_engine_of(encoding))
        return;
    sp_vocab_open(&counter->vocab, encoding, path);
    counter->lookup = sp_lookup_of(path);
    sp_words_init(&counter->pending.words, SP_WORDS_SHORT);
    sp_words_init(&counter->pending.long_words, SP_WORDS_LONG);
    memset(counter->pending.seen, 0, sizeof counter->pending.seen);
    counter->pending.count = 0;
    sp_merger_init(&counter->merger);
    sp_estimator_init(&counter->estimator, encoding, path);
    counter->cache.has_ids = ids;
    counter->cache.has_findings = counter->estimator.weights;
}

void sp_counter_release(sp_counter *counter)
{
    if (counter->hand)
        sp_engine_of(counter->encoding)->hand_free(counter->hand);
    if (sp_engine_of(counter->encoding))
        return;
    sp_merger_release(&counter->merger);
    sp_estimator_release(&counter->estimator);
    sp_cache_release(&counter->cache);
    free(counter->batch_memory);
}

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

bool sp_ids_add(sp_ids *ids, uint32_t id)
{
    if (!reserve_ids(ids, 1))
        return false;
    ids->ids[ids->count++] = id;
    return true;
}

static bool add_tokens(sp_counter *c, const uint32_t *tokens, size_t count)
{
    c->tokens += count;
    if (!c->ids || count == 0)
        return true;
    if (!reserve_ids(c->ids, count))
        return false;
    memcpy(c->ids->ids + c->ids->count, tokens, count * sizeof *tokens);
    c->ids->count += count;
    return true;
}

/* ---- pieces --------------------------------------------------------------------------------------- */

static bool add_merged(sp_counter *c, const uint8_t *piece, size_t len)
{
    if (c->ids)
        return sp_merge(&c->vocab, &c->merger, piece, len) > 0 && add_tokens(c, c->merger.tokens, c->merger.count);
    size_t count = sp_merge_count(&c->vocab, &c->merger, piece, len);
    c->tokens += count;
    return count > 0;
}

/* What was found out about a piece is kept, if there is room for it. */
static void remember(sp_cache *cache, sp_cache_key key, uint32_t place, const uint32_t *tokens, size_t count)
{
    if (count > (cache->ids ? (size_t)SP_CACHE_IDS : (size_t)SP_CACHE_MAX_TOKENS))
        return;
    sp_cache_put(cache, place, (sp_cache_key){ key.low, key.high | (uint64_t)count << 60 }, tokens, count);
}

/* ---- words that are put off ---------------------------------------------------------------------------
 * A number does not depend on the order in which it is added up. So words that have to be merged wait until there are
 * enough of them to be merged side by side. merge_pending has to be called when the number is wanted, or the text or
 * the cache goes, for the longer ones are only pointed at: before every function returns that others call with a text,
 * also where it failed; before there is a larger cache; and where counting may stop, after each batch. */

static void merge_short(sp_counter *c)
{
    sp_pending *p = &c->pending;
    c->vocab.merge_words(&c->vocab, &p->words);
    for (unsigned i = 0; i < p->count; i++) {
        size_t count = sp_words_tokens(&p->words, i);
        uint32_t place = sp_cache_place(&c->cache, p->keys[i]);
        remember(&c->cache, p->keys[i], place, NULL, count);
        c->tokens += count * p->times[i];
    }
    sp_words_init(&p->words, SP_WORDS_SHORT);
    p->count = 0;
}

static void merge_long(sp_counter *c)
{
    sp_pending *p = &c->pending;
    c->vocab.merge_words(&c->vocab, &p->long_words);
    for (unsigned i = 0; i < p->long_words.count; i++) {
        const sp_long_word *word = &p->longs[i];
        uint32_t known, count = (uint32_t)sp_words_tokens(&p->long_words, i);
        if (!sp_cache_long_find(word->group, word->piece, word->len, &known))
            sp_cache_keep_long(&c->cache, word->group, word->piece, word->len, count);
        c->tokens += count;
    }
    sp_words_init(&p->long_words, SP_WORDS_LONG);
}

static void add_finding(sp_counter *c, sp_finding found, size_t times)
{
    c->tokens += found.ticks * times;
    c->kinds[found.kind] += found.ticks * times;
}

static uint8_t *long_group(const sp_counter *c, sp_str piece)
{
    const uint8_t *bytes = (const uint8_t *)piece.ptr;
    return sp_cache_long_group(&c->cache, sp_cache_long_place(&c->cache, bytes, piece.len));
}

static bool find_long(const sp_counter *c, sp_str piece, uint32_t *ret_found)
{
    return piece.len <= SP_CACHE_LONG_BYTES &&
           sp_cache_long_find(long_group(c, piece), (const uint8_t *)piece.ptr, piece.len, ret_found);
}

_Static_assert((SP_CACHE_MAX_FOUND + 2) * SP_TICKS <= SP_CACHE_MAX_TICKS,
               "there is room for the most ticks of a piece that is kept in the table");

static void keep_finding(sp_counter *c, sp_cache_key key, sp_str piece, sp_finding found)
{
    uint32_t known;
    if (piece.len <= SP_CACHE_MAX_FOUND) {
        uint32_t place = sp_cache_place(&c->cache, key);
        (void)sp_cache_put(&c->cache, place, sp_cache_found_entry(key, found), NULL, 0);
    } else if (piece.len <= SP_CACHE_LONG_BYTES && !find_long(c, piece, &known)) {
        sp_cache_keep_long(&c->cache, long_group(c, piece), (const uint8_t *)piece.ptr, piece.len,
                           sp_finding_pack(found));
    }
}

/* False when memory is short. */
static bool estimate_pending(sp_counter *c)
{
    sp_pending *p = &c->pending;
    sp_finding found[SP_ESTIMATE_PIECES];
    sp_word words[SP_ESTIMATE_PIECES];
    for (size_t i = 0; i < p->count; i++)
        words[i] = sp_cache_word(p->keys[i]);
    bool done = sp_estimate_pieces(&c->estimator, p->pieces, words, p->count, found);
    for (size_t i = 0; done && i < p->count; i++) {
        keep_finding(c, p->keys[i], p->pieces[i], found[i]);
        add_finding(c, found[i], p->times[i]);
    }
    p->count = 0;
    return done;
}

/* False when memory is short. */
static bool merge_pending(sp_counter *c)
{
    if (c->pending.long_words.count > 0)
        merge_long(c);
    if (c->pending.count == 0)
        return true;
    if (c->estimator.weights)
        return estimate_pending(c);
    merge_short(c);
    return true;
}

/* A batch, and a cache that has room for a text of text_len bytes, or for what comes next of it. */
static bool make_room(sp_counter *c, size_t text_len)
{
    if (!c->batch && !(c->batch = sp_table_new(sizeof *c->batch, &c->batch_memory)))
        return false;
    sp_cache_tell(&c->cache);
    if (sp_cache_will_do(&c->cache))
        return true;
    return merge_pending(c) && sp_cache_grow(&c->cache, text_len); /* long words know their groups in the old one */
}

/* False if it waits already. */
static bool is_to_wait(sp_pending *p, sp_cache_key key, uint32_t place)
{
    uint8_t *seen = &p->seen[place % SP_PENDING_SEEN];
    if (*seen < p->count && sp_cache_word(key).len > 0 && sp_cache_is_key(p->keys[*seen], key)) {
        p->times[*seen]++;
        return false;
    }
    *seen = (uint8_t)p->count;
    p->keys[p->count] = key;
    p->times[p->count++] = 1;
    return true;
}

static void put_off(sp_counter *c, sp_cache_key key, uint32_t place, const uint8_t *piece, size_t len)
{
    if (!is_to_wait(&c->pending, key, place))
        return;
    sp_words_add(&c->vocab, &c->pending.words, piece, len);
    if (c->pending.count == SP_WORDS_MAX)
        merge_short(c);
}

static void put_off_long(sp_counter *c, uint8_t *group, const uint8_t *piece, size_t len)
{
    sp_pending *p = &c->pending;
    p->longs[p->long_words.count] = (sp_long_word){ piece, len, group };
    sp_words_add(&c->vocab, &p->long_words, piece, len);
    if (p->long_words.count == SP_COUNT_OF(p->longs))
        merge_long(c);
}

/* ---- pieces that are not known -------------------------------------------------------------------------- */

/* A piece that has a key and was not in the cache. */
static bool add_missed(sp_counter *c, sp_cache_key key, uint32_t place, sp_probe probe, const uint8_t *piece)
{
    sp_word word = sp_cache_word(key);
    uint32_t token = sp_probe_token(&c->vocab, &word, probe, c->ids);
    if (token != SP_NO_TOKEN) {
        remember(&c->cache, key, place, &token, 1);
        return add_tokens(c, &token, 1);
    }
    if (!c->ids) {
        put_off(c, key, place, piece, word.len);
        return true;
    }
    size_t count = sp_merge(&c->vocab, &c->merger, piece, word.len);
    if (count == 0)
        return false;
    remember(&c->cache, key, place, c->merger.tokens, count);
    return add_tokens(c, c->merger.tokens, count);
}

/* A piece that is too long for a key, if it is not too long for its place among the longer ones. */
static bool add_long(sp_counter *c, uint32_t place, const uint8_t *piece, size_t len)
{
    if (len > SP_CACHE_LONG_BYTES)
        return add_merged(c, piece, len);
    uint8_t *group = sp_cache_long_group(&c->cache, place);
    uint32_t known = 0;
    if (!sp_cache_long_find(group, piece, len, &known)) {
        if (len < SP_WORDS_LONG) {
            put_off_long(c, group, piece, len);
            return true;
        }
        known = (uint32_t)sp_merge_count(&c->vocab, &c->merger, piece, len);
        if (known == 0)
            return false;
        sp_cache_keep_long(&c->cache, group, piece, len, known);
    }
    c->tokens += known;
    return true;
}

/* One piece, from the cache if it is there. */
static inline bool add_piece(sp_counter *c, sp_cache_key key, uint32_t place, const uint8_t *piece, size_t len)
{
    uint32_t found = sp_cache_find(&c->cache, place, key);
    size_t known = sp_cache_tokens(sp_cache_at(&c->cache, found), key);
    sp_word word = sp_cache_word(key);
    if (known == 0)
        return word.len == 0 ? add_merged(c, piece, len)
                             : add_missed(c, key, place, sp_probe_word(&c->vocab, &word), piece);
    c->tokens += known;
    if (!c->ids)
        return true;
    if (!reserve_ids(c->ids, SP_CACHE_IDS))
        return false;
    memcpy(c->ids->ids + c->ids->count, c->cache.ids[found], sizeof c->cache.ids[found]);
    c->ids->count += known;
    return true;
}

/* ---- batches ------------------------------------------------------------------------------------------ */

static size_t piece_len(const sp_batch *b, size_t i)
{
    return b->bounds[i + 1] - b->bounds[i];
}

/* Pieces of an estimate that reach farther are looked up by all that they see. */
static void add_reach(sp_counter *c, sp_batch *b, const uint8_t *text, size_t count, size_t text_end)
{
    for (size_t first = 0; first < count; first += 64)
        for (uint64_t may = b->reach.may[first / 64]; may; may &= may - 1) {
            size_t i = first + (size_t)__builtin_ctzll(may);
            if (i >= count || sp_estimate_reach(&c->vocab, text, b->bounds[i + 1], text_end) == 0)
                continue;
            b->reach.does[i / 64] |= may & -may;
            sp_cache_key key = sp_cache_key_of(text + b->bounds[i], sp_batch_len(b, i));
            b->lows[i] = key.low;
            b->highs[i] = key.high;
            b->places[i] = sp_cache_place(&c->cache, key);
        }
}

/* ---- pieces that were missed -------------------------------------------------------------------------------
 * They are taken apart by what they are, without guessing it: what stands in its other places, longer pieces, likely
 * tokens, and words to be merged, which are left. All of a kind are looked up before the first answer is asked for. */

static void take_known(sp_counter *c, sp_batch *b)
{
    size_t missed = b->missed.count;
    b->missed.count = b->longs.count = 0;
    for (size_t j = 0; j < missed; j++) {
        size_t i = b->missed.pieces[j];
        sp_cache_key key = sp_batch_key(b, i);
        size_t known = sp_cache_known(&c->cache, b->places[i], key);
        bool is_short = sp_cache_word(key).len > 0;
        c->tokens += known;
        sp_batch_list_if(&b->longs, i, !is_short);
        sp_batch_list_if(&b->missed, i, is_short & (known == 0));
    }
}

static void take_likely(const sp_vocab *v, sp_batch *b)
{
    size_t missed = b->missed.count;
    b->missed.count = b->likely.count = 0;
    for (size_t j = 0; j < missed; j++) {
        size_t i = b->missed.pieces[j];
        sp_word word = sp_cache_word(sp_batch_key(b, i));
        sp_probe probe = sp_probe_word(v, &word);
        sp_probe_fetch(v, &word, probe);
        b->slots[b->likely.count] = probe.slot;
        sp_batch_list_if(&b->likely, i, probe.is_likely);
        sp_batch_list_if(&b->missed, i, !probe.is_likely);
    }
}

static void find_longs(const sp_cache *cache, sp_batch *b, const uint8_t *text)
{
    for (size_t j = 0; j < b->longs.count; j++) {
        size_t i = b->longs.pieces[j], len = sp_batch_len(b, i);
        if (len > SP_CACHE_LONG_BYTES)
            continue;
        b->places[i] = sp_cache_long_place(cache, text + b->bounds[i], len);
        __builtin_prefetch(sp_cache_long_group(cache, b->places[i]));
    }
}

static bool add_batch_longs(sp_counter *c, const sp_batch *b, const uint8_t *text)
{
    for (size_t j = 0; j < b->longs.count; j++) {
        size_t i = b->longs.pieces[j];
        if (!add_long(c, b->places[i], text + b->bounds[i], piece_len(b, i)))
            return false;
    }
    return true;
}

static bool count_pieces(sp_counter *c, sp_batch *b, const uint8_t *text, size_t count)
{
    c->tokens += c->lookup->count(&c->cache, b, count);
    take_known(c, b);
    find_longs(&c->cache, b, text);
    take_likely(&c->vocab, b);
    for (size_t j = 0; j < b->likely.count; j++) {
        size_t i = b->likely.pieces[j];
        sp_probe probe = { b->slots[j], true };
        if (!add_missed(c, sp_batch_key(b, i), b->places[i], probe, text + b->bounds[i]))
            return false;
    }
    for (size_t j = 0; j < b->missed.count; j++) {
        size_t i = b->missed.pieces[j];
        put_off(c, sp_batch_key(b, i), b->places[i], text + b->bounds[i], piece_len(b, i));
    }
    return add_batch_longs(c, b, text);
}

/* Of ids and estimates, piece by piece. */
typedef bool piece_adder(sp_counter *c, sp_cache_key key, uint32_t place, const uint8_t *piece, size_t len);

static inline bool add_each(sp_counter *c, const sp_batch *b, const uint8_t *text, size_t count, piece_adder *add)
{
    for (size_t i = 0; i < count; i++)
        if (!add(c, sp_batch_key(b, i), b->places[i], text + b->bounds[i], piece_len(b, i)))
            return false;
    return true;
}

/* ---- pieces of an estimate ------------------------------------------------------------------------------- */

/* Where it is said what a piece is estimated at that is a token. */
static const uint32_t *of_token(const sp_counter *c, const sp_word *word, uint32_t slot)
{
    return &c->estimator.of_tokens[sp_word_is_long(word)][slot];
}

static bool put_off_estimate(sp_counter *c, sp_cache_key key, uint32_t place, sp_str piece)
{
    sp_pending *p = &c->pending;
    if (!is_to_wait(p, key, place))
        return true;
    p->pieces[p->count - 1] = piece;
    return p->count < SP_ESTIMATE_PIECES || estimate_pending(c);
}

/* A piece that is in no table of findings. */
static bool estimate_new(sp_counter *c, sp_cache_key key, uint32_t place, sp_probe probe, sp_str piece)
{
    sp_word word = sp_cache_word(key);
    bool is_token = sp_probe_token(&c->vocab, &word, probe, false) != SP_NO_TOKEN;
    uint32_t found = is_token ? *of_token(c, &word, probe.slot) : 0;
    if (found == 0)
        return put_off_estimate(c, key, place, piece);
    keep_finding(c, key, piece, sp_finding_unpack(found));
    add_finding(c, sp_finding_unpack(found), 1);
    return true;
}

/* A piece by itself. */
static bool estimate_piece(sp_counter *c, sp_cache_key key, uint32_t place, sp_str piece)
{
    sp_word word = sp_cache_word(key);
    sp_finding found = sp_cache_found(&c->cache, place, key);
    uint32_t packed;
    if (piece.len > SP_CACHE_MAX_FOUND && find_long(c, piece, &packed))
        found = sp_finding_unpack(packed);
    if (found.ticks == 0)
        return word.len > 0 ? estimate_new(c, key, place, sp_probe_word(&c->vocab, &word), piece)
                            : put_off_estimate(c, key, place, piece);
    add_finding(c, found, 1);
    return true;
}

static sp_str piece_of(const sp_batch *b, const uint8_t *text, size_t i)
{
    return (sp_str){ (const char *)text + b->bounds[i], sp_batch_len(b, i) };
}

/* Those that are not among the longer pieces, and may be tokens, go to the others that were missed. */
static bool take_longs(sp_counter *c, sp_batch *b, const uint8_t *text)
{
    for (size_t j = 0; j < b->longs.count; j++) {
        size_t i = b->longs.pieces[j];
        sp_cache_key key = sp_batch_key(b, i);
        sp_str piece = piece_of(b, text, i);
        uint32_t found = 0;
        if (piece.len <= SP_CACHE_LONG_BYTES && sp_cache_long_find(sp_cache_long_group(&c->cache, b->places[i]),
                                                                   (const uint8_t *)piece.ptr, piece.len, &found))
            add_finding(c, sp_finding_unpack(found), 1);
        else if (sp_cache_word(key).len > 0)
            sp_batch_list_if(&b->missed, i, true);
        else if (!put_off_estimate(c, key, b->places[i], piece))
            return false;
    }
    return true;
}

static bool estimate_pieces(sp_counter *c, sp_batch *b, const uint8_t *text, size_t count)
{
    uint64_t kinds[SP_KINDS] = { 0 };
    c->lookup->sum(&c->cache, b, count, kinds);
    c->lookup->sum_groups(&c->cache, b, kinds);
    for (size_t kind = 0; kind < SP_KINDS; kind++) {
        c->kinds[kind] += kinds[kind];
        c->tokens += kinds[kind];
    }
    find_longs(&c->cache, b, text);
    if (!take_longs(c, b, text))
        return false;
    take_likely(&c->vocab, b);
    for (size_t j = 0; j < b->likely.count; j++) {
        sp_word word = sp_cache_word(sp_batch_key(b, b->likely.pieces[j]));
        __builtin_prefetch(of_token(c, &word, b->slots[j]));
    }
    for (size_t j = 0; j < b->likely.count; j++) {
        size_t i = b->likely.pieces[j];
        sp_probe probe = { b->slots[j], true };
        if (!estimate_new(c, sp_batch_key(b, i), b->places[i], probe, piece_of(b, text, i)))
            return false;
    }
    for (size_t j = 0; j < b->missed.count; j++) {
        size_t i = b->missed.pieces[j];
        if (!put_off_estimate(c, sp_batch_key(b, i), b->places[i], piece_of(b, text, i)))
            return false;
    }
    return true;
}

static bool add_pieces(sp_counter *c, sp_batch *b, const uint8_t *text, size_t count)
{
    if (c->estimator.weights)
        return estimate_pieces(c, b, text, count);
    return c->ids ? add_each(c, b, text, count, add_piece) : count_pieces(c, b, text, count);
}

/* The piece text[at..end) of a text that ends at text_end, where no more than that may be read. */
static bool add_alone(sp_counter *c, const uint8_t *text, size_t at, size_t end, size_t text_end)
{
    uint8_t copy[SP_CACHE_PAD] = { 0 };
    size_t len = end - at + (c->estimator.weights ? sp_estimate_reach(&c->vocab, text, end, text_end) : 0);
    memcpy(copy, text + at, len < sizeof copy ? len : sizeof copy);
    sp_cache_key key = sp_cache_key_of(copy, len);
    uint32_t place = sp_cache_place(&c->cache, key);
    if (c->estimator.weights)
        return estimate_piece(c, key, place, (sp_str){ (const char *)text + at, len });
    return add_piece(c, key, place, text + at, len);
}

static bool add_batch(sp_counter *c, sp_batch *b, const uint8_t *text, size_t count, size_t text_end)
{
    size_t safe = count; /* pieces that have SP_CACHE_PAD bytes from where they begin */
    while (safe > 0 && text_end - b->bounds[safe - 1] < SP_CACHE_PAD)
        safe--;
    c->lookup->find(&c->cache, b, text, safe);
    if (c->estimator.weights)
        add_reach(c, b, text, safe, text_end);
    if (!add_pieces(c, b, text, safe))
        return false;
    for (size_t i = safe; i < count; i++)
        if (!add_alone(c, text, b->bounds[i], b->bounds[i + 1], text_end))
            return false;
    return true;
}

static size_t split_batch(const sp_counter *c, sp_batch *b, const uint8_t *text, size_t end)
{
    return c->estimator.weights
               ? sp_split_reaching(&c->vocab, text, b->bounds[0], end, b->bounds + 1, SP_BATCH, &b->reach)
               : sp_split(&c->vocab, text, b->bounds[0], end, b->bounds + 1, SP_BATCH);
}

/* Those pieces of the valid UTF-8 text[..end) that lie between at and stop, both of them piece boundaries. */
static bool add_range(sp_counter *c, const uint8_t *text, size_t at, size_t stop, size_t end)
{
    if (!make_room(c, stop - at))
        return false;
    bool done = true;
    sp_batch *b = c->batch;
    for (b->bounds[0] = at; done && b->bounds[0] < stop && c->tokens <= c->max_tokens;) {
        size_t count = split_batch(c, b, text, end);
        while (b->bounds[count] > stop)
            count--;
        done = add_batch(c, b, text, count, end);
        b->bounds[0] = b->bounds[count];
        if (c->max_tokens < SIZE_MAX)
            done &= merge_pending(c); /* so that it stops at the same place whatever was put off */
    }
    return done;
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
    size_t ends[SP_BATCH];
    for (;;) {
        size_t count = sp_split(v, text, at, end, ends, SP_BATCH);
        for (size_t i = 0; i < count; at = ends[i++])
            if (ends[i] > target)
                return at;
    }
}

/* The tokens of the pieces between at and stop, which are few. */
static bool find_ids(sp_counter *c, const uint8_t *text, size_t at, size_t stop, size_t end, sp_ids *ids)
{
    size_t ends[SP_BATCH];
    while (at < stop) {
        size_t count = sp_split(&c->vocab, text, at, end, ends, SP_BATCH);
        for (size_t i = 0; i < count && at < stop; at = ends[i++]) {
            if (sp_merge(&c->vocab, &c->merger, text + at, ends[i] - at) == 0)
                return false;
            for (size_t j = 0; j < c->merger.count; j++)
                if (!sp_ids_add(ids, c->merger.tokens[j]))
                    return false;
        }
    }
    return true;
}

/* Adds the tokens of the pieces between at and stop but for those of blanks at their end, and says where the ones
 * that were added end. */
static bool add_without_blank_tail(sp_counter *c, const uint8_t *text, size_t at, size_t stop, size_t end,
                                   size_t *ret_stop)
{
    sp_ids found = { 0 };
    bool done = find_ids(c, text, at, stop, end, &found);
    size_t count = found.count;
    while (done && count > 0) {
        size_t len = sp_record_len(c->vocab.records[found.ids[count - 1]]);
        if (!all_blank(text + stop - len, len))
            break;
        stop -= len;
        count--;
    }
    done = done && add_tokens(c, found.ids, count);
    sp_ids_release(&found);
    *ret_stop = stop;
    return done;
}

/* Adds what stays of the valid part text[at..end), and says where that ends. */
static bool add_stable(sp_counter *c, const uint8_t *text, size_t at, size_t end, size_t *ret_stop)
{
    *ret_stop = at;
    if (at == end)
        return true;
    size_t last = piece_at(&c->vocab, text, at, end, end - 1);
    if (sp_merge(&c->vocab, &c->merger, text + last, end - last) == 0)
        return false;
    size_t first_len = sp_record_len(c->vocab.records[c->merger.tokens[0]]);
    size_t stop = last; /* the blanks before the last piece are in the pieces from stop on */
    if (all_blank(text + last, first_len)) {
        while (stop > at && is_blank(text[stop - 1]))
            stop--;
        stop = stop < last ? piece_at(&c->vocab, text, at, end, stop) : last;
    }
    *ret_stop = stop;
    return add_range(c, text, at, stop, end) &&
           (stop == last || add_without_blank_tail(c, text, stop, last, end, ret_stop));
}

static bool add_broken(sp_counter *c, const uint8_t *text, size_t at, size_t valid_end, size_t end)
{
    size_t stop;
    return add_stable(c, text, at, valid_end, &stop) && add_merged(c, text + stop, end - stop);
}

/* ---- whole texts ------------------------------------------------------------------------------------ */

enum {
    CHUNK = 64 << 10, /* bytes that are checked and then counted, while they are near */
};

/* An estimate is of a reading, which is UTF-8. */
static bool add_ordinary(sp_counter *c, sp_str text, size_t at, size_t end)
{
    const uint8_t *bytes = (const uint8_t *)text.ptr;
    while (at < end && c->tokens <= c->max_tokens) {
        size_t middle = at + CHUNK;
        size_t stop = end > middle + CHUNK ? sp_cut_find(&c->vocab, text, middle, middle + CHUNK) : end;
        stop = stop == SIZE_MAX ? end : stop;
        sp_str chunk = sp_str_slice(text, at, stop);
        size_t invalid = c->estimator.weights ? SIZE_MAX : sp_utf8_find_invalid(chunk, 0);
        if (invalid != SIZE_MAX)
            return add_broken(c, bytes, at, at + invalid, end);
        if (!add_range(c, bytes, at, stop, stop))
            return false;
        at = stop;
    }
    return true;
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

static bool add_by_engine(sp_counter *c, sp_str text)
{
    const sp_engine *engine = sp_engine_of(c->encoding);
    sp_tokens tokens = { .ids = c->ids, .count = c->tokens, .max_tokens = c->max_tokens, .range = c->range };
    c->hand = c->hand ? c->hand : engine->hand_new(c->encoding);
    bool done = c->hand && engine->add(c->hand, text, c->special, &tokens);
    c->tokens = tokens.count;
    c->range = tokens.range;
    memcpy(c->problem, tokens.problem, sizeof c->problem);
    return done;
}

static bool add_text(sp_counter *c, sp_str text)
{
    size_t at = 0, begin, len;
    uint32_t id;
    while (c->special == SP_SPECIAL_ALLOW && c->tokens <= c->max_tokens &&
           sp_special_find(c->encoding, text, at, &begin, &len, &id)) {
        if (!add_ordinary(c, text, at, begin) || !add_tokens(c, &id, 1))
            return false;
        at = begin + len;
    }
    return add_ordinary(c, text, at, text.len);
}

bool sp_counter_add(sp_counter *c, sp_str text)
{
    if (text.len == 0)
        return true; /* its ptr may be NULL */
    if (sp_engine_of(c->encoding))
        return add_by_engine(c, text);
    sp_reading reading = { .text = text };
    bool done = !c->estimator.weights || sp_reading_init(&reading, text);
    done = done && make_room(c, reading.text.len) && add_text(c, reading.text);
    done &= merge_pending(c);
    sp_reading_release(&reading);
    return done;
}

sp_counter *sp_counter_once(const sp_encoding *encoding, sp_special special, sp_ids *ids)
{
    sp_counter *counter = malloc(sizeof *counter);
    if (counter)
        sp_counter_init(counter, encoding, special, ids, SP_PATH_BEST);
    return counter;
}

sp_status sp_counter_new(const sp_encoding *encoding, sp_special special, sp_counter **ret_counter, sp_err *err)
{
    sp_counter *counter = sp_counter_once(encoding, special, NULL);
    if (!counter)
        return sp_err_memory(err);
    counter->cache.goes_on = true;
    *ret_counter = counter;
    return SP_OK;
}

/* Engines have caches of their own. */
sp_status sp_counter_new_sharing(sp_shared_cache *shared, sp_special special, sp_counter **ret_counter, sp_err *err)
{
    const sp_encoding *encoding = sp_shared_cache_encoding(shared);
    SP_TRY(sp_counter_new(encoding, special, ret_counter, err));
    (*ret_counter)->cache.shared = sp_engine_of(encoding) ? NULL : shared;
    return SP_OK;
}

void sp_counter_free(sp_counter *counter)
{
    if (counter)
        sp_counter_release(counter);
    free(counter);
}

size_t sp_tokens_of(const sp_encoding *encoding, size_t counted)
{
    size_t rounded = (counted + SP_TICKS / 2) / SP_TICKS;
    if (!sp_is_weighed(encoding))
        return counted;
    return counted > 0 && rounded == 0 ? 1 : rounded; /* no text is none */
}

size_t sp_counted_tokens(const sp_encoding *encoding, const sp_counted *counted)
{
    return sp_tokens_of(encoding, counted->tokens);
}

size_t sp_counted_of(const sp_encoding *encoding, size_t tokens)
{
    if (!sp_is_weighed(encoding))
        return tokens;
    return tokens > SIZE_MAX / SP_TICKS ? SIZE_MAX : tokens * SP_TICKS;
}

sp_status sp_counter_count(sp_counter *counter, sp_str text, size_t *ret_tokens, sp_err *err)
{
    counter->tokens = 0;
    counter->range = (sp_range){ 0, 0 };
    memset(counter->kinds, 0, sizeof counter->kinds);
    if (!sp_counter_add(counter, text))
        return sp_engine_failed(counter->encoding, counter->problem, err);
    *ret_tokens = sp_tokens_of(counter->encoding, counter->tokens);
    return SP_OK;
}

sp_counted sp_counter_counted(const sp_counter *counter)
{
    sp_counted counted = { .tokens = counter->tokens, .range = counter->range };
    memcpy(counted.kinds, counter->kinds, sizeof counted.kinds);
    return counted;
}

void sp_counter_set(sp_counter *counter, const sp_counted *counted)
{
    counter->tokens = counted->tokens;
    counter->range = counted->range;
    memcpy(counter->kinds, counted->kinds, sizeof counter->kinds);
}

sp_range sp_counter_range(const sp_counter *counter)
{
    sp_counted counted = sp_counter_counted(counter);
    return sp_counted_range(counter->encoding, &counted);
}

sp_status sp_count(const sp_encoding *encoding, sp_str text, sp_special special, size_t *ret_tokens, sp_err *err)
{
    sp_counter *counter = sp_counter_once(encoding, special, NULL);
    if (!counter)
        return sp_err_memory(err);
    sp_status status = sp_counter_count(counter, text, ret_tokens, err);
    sp_counter_free(counter);
    return status;
}

sp_status sp_count_until(const sp_encoding *encoding, sp_str text, sp_special special, size_t max_tokens,
                         size_t *ret_tokens, bool *ret_fits, sp_err *err)
{
    sp_counter *counter = sp_counter_once(encoding, special, NULL);
    if (!counter)
        return sp_err_memory(err);
    counter->max_tokens = sp_counted_of(encoding, max_tokens);
    sp_status status = SP_OK;
    if (!sp_counter_add(counter, text)) {
        status = sp_engine_failed(encoding, counter->problem, err);
    } else {
        *ret_fits = sp_counter_range(counter).high <= max_tokens;
        *ret_tokens = sp_tokens_of(encoding, counter->tokens);
    }
    sp_counter_free(counter);
    return status;
}

sp_status sp_encode(const sp_encoding *encoding, sp_str text, sp_special special, sp_ids *ids, sp_err *err)
{
    if (!sp_encoding_is_exact(encoding))
        return sp_err_set(err, SP_ERR_USAGE, "%s is an estimate of how many tokens there are: it has no ids",
                          sp_encoding_name(encoding));
    size_t old_count = ids->count;
    sp_counter *counter = sp_counter_once(encoding, special, ids);
    if (!counter)
        return sp_err_memory(err);
    sp_status status = SP_OK;
    if (!sp_counter_add(counter, text)) {
        ids->count = old_count;
        status = sp_engine_failed(encoding, counter->problem, err);
    }
    sp_counter_free(counter);
    return status;
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
    if (sp_engine_of(encoding))
        return sp_engine_token_ends(encoding, text, special, ret_ends, ret_count, err);
    if (text.len > UINT32_MAX)
        return sp_err_set(err, SP_ERR_INPUT, "the text has 4 GiB or more; token ends are given for shorter ones only");
    sp_ids ids = { 0 };
    sp_status status = sp_encode(encoding, text, special, &ids, err);
    if (status != SP_OK) {
        sp_ids_release(&ids);
        return status;
    }
    sp_vocab vocab;
    sp_vocab_open(&vocab, encoding, SP_PATH_BEST);
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

bool sp_count_range(sp_counter *c, const uint8_t *text, size_t at, size_t stop, size_t end, size_t *tokens)
{
    size_t before = c->tokens;
    bool done = add_range(c, text, at, stop, end);
    done &= merge_pending(c);
    *tokens += c->tokens - before;
    return done;
}

bool sp_count_piece(sp_counter *c, const uint8_t *text, size_t at, size_t end, size_t text_end, size_t *tokens)
{
    size_t before = c->tokens;
    if (!make_room(c, end - at))
        return false;
    bool done;
    if (c->estimator.weights) {
        done = add_alone(c, text, at, end, text_end);
    } else {
        c->batch->bounds[0] = at;
        c->batch->bounds[1] = end;
        done = add_batch(c, c->batch, text, 1, text_end);
    }
    done &= merge_pending(c);
    *tokens += c->tokens - before;
    return done;
}

bool sp_count_stable(sp_counter *c, const uint8_t *text, size_t at, size_t valid_end, size_t *ret_begin, size_t *tokens)
{
    size_t before = c->tokens;
    bool done = add_stable(c, text, at, valid_end, ret_begin);
    done &= merge_pending(c);
    *tokens += c->tokens - before;
    return done;
}
