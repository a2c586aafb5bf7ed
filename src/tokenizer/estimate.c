#include "tokenizer/estimate.h"

#include "base/types.h"
#include "tokenizer/cache.h"
#include "tokenizer/estimate_tokens.h"
#include "tokenizer/estimate_weights.h"
#include "tokenizer/tokens.h"
#include "tokenizer/vocab.h"

/* ---- what is counted ------------------------------------------------------------------------------------- */

struct sp_tally {
    sp_estimator *with;
    sp_look *look;
    int64_t ticks;
    size_t tokens;   /* that spell it */
    size_t len;      /* of the piece, without its reach */
    bool is_strange; /* see is_strange */
    bool failed;
};

typedef struct sp_tally tally;

static inline void add(tally *t, unsigned feature, size_t count)
{
    t->ticks += (int64_t)t->with->weights->features[feature] * (int64_t)count;
    if (t->look)
        t->look->counts[feature] += (float)count;
}

static inline size_t above(size_t count, size_t limit)
{
    return count > limit ? count - limit : 0;
}

/* How often there are so many more than the first. */
static inline size_t blocks(size_t count, size_t size)
{
    return count > 0 ? (count - 1) / size : 0;
}

/* Is there one, is there a second, a third, a fourth; and how many more, up to 16. */
static void add_lengths(tally *t, unsigned feature, size_t len)
{
    add(t, feature, len > 0);
    add(t, feature + 1, len > 1);
    add(t, feature + 2, len > 2);
    add(t, feature + 3, len > 3);
    add(t, feature + 4, above(len < 16 ? len : 16, 4));
}

/* ---- tokens ----------------------------------------------------------------------------------------------------- */

/* How many of its sp_own_ticks a token costs beyond what its features say. */
static int64_t own_cost(const int8_t *costs, uint32_t own)
{
    size_t first = sp_own_pages[own >> 8], count = sp_own_pages[(own >> 8) + 1] - first;
    const uint8_t *found = memchr(sp_own_lows + first, (uint8_t)own, count);
    return found ? costs[found - sp_own_lows] : 0;
}

static void add_own(tally *t, uint32_t own)
{
    if (t->look) /* which the fit does without, as it makes them */
        t->look->saw(own);
    else
        t->ticks += own_cost(sp_own_costs[t->with->weights - sp_all_weights], own) * sp_own_ticks(own);
}

/* The first rank of each class of merges; the first class of all are the tokens themselves. */
static const int32_t merge_ranks[SP_CUTS - 1] = { 0, 700, 1200, 2000, 3500, 6000, 10000, 16000, 25000, 40000, 64000 };

/* Without a branch, which would be guessed wrong for every other token. */
static unsigned merge_class(uint32_t token)
{
    unsigned class = 1;
    for (unsigned i = 1; i + 1 < SP_CUTS; i++)
        class += (int32_t)token >= merge_ranks[i];
    return class;
}

enum {
    SINGLE_BYTES = 256, /* tokens below this are a byte, which no merge made */
};

/* A token and the merges that made it. A token has at most 128 bytes, so there are at most 127 of them. */
static void add_merges(tally *t, unsigned feature, uint32_t token)
{
    const uint64_t *records = t->with->narrow.records;
    uint32_t open[SP_TOKEN_MAX_BYTES];
    size_t count = 0;
    add(t, feature, 1);
    open[count] = token;
    for (count += token >= SINGLE_BYTES; count > 0;) {
        uint32_t next = open[--count];
        add(t, feature + merge_class(next), 1);
        open[count] = sp_record_left(records[next]);
        count += open[count] >= SINGLE_BYTES;
        open[count] = sp_record_right(records[next]);
        count += open[count] >= SINGLE_BYTES;
    }
}

/* ---- asking for tokens ---------------------------------------------------------------------------------------
 * What a piece costs is a sum, and nothing else is asked of it because of the tokens of a part. So short parts wait
 * until there are enough of them to be looked up and merged side by side. */

/* What is done with the tokens. */
typedef enum sp_asking {
    ASK_LOWER,
    ASK_TITLE,
    ASK_UPPER,
    ASK_MIXED,
    ASK_HUMP,
    ASK_SYMBOLS,
    ASK_OWNS,
    ASK_WIDE,
    ASK_BEFORE_BLANK, /* a sign beside a blank: of the last one alone that may have a cost of its own */
    ASK_WIDE_BEFORE_BLANK,
    ASK_WIDE_BEHIND_BLANK,
} sp_asking;

static const struct {
    uint16_t feature;
    bool cuts;             /* the feature is that of cuts */
    bool owns;             /* they may have a cost of their own */
    bool spells;           /* they are the piece, which nothing else is asked about but in parts */
    bool is_wide;          /* tokens of o200k_base */
    uint32_t beside_blank; /* the first number of those costs, of signs beside a blank */
} askings[] = {
    [ASK_LOWER] = { .feature = SP_FEATURE_cuts_lower, .cuts = true, .owns = true, .spells = true },
    [ASK_TITLE] = { .feature = SP_FEATURE_cuts_title, .cuts = true, .owns = true, .spells = true },
    [ASK_UPPER] = { .feature = SP_FEATURE_cuts_upper, .cuts = true, .spells = true },
    [ASK_MIXED] = { .feature = SP_FEATURE_cuts_mixed, .cuts = true, .owns = true, .spells = true },
    [ASK_HUMP] = { .feature = SP_FEATURE_cuts_humps, .cuts = true },
    [ASK_SYMBOLS] = { .feature = SP_FEATURE_cuts_symbols, .cuts = true, .owns = true, .spells = true },
    [ASK_OWNS] = { .owns = true },
    [ASK_WIDE] = { .feature = SP_FEATURE_wide_tokens, .owns = true, .spells = true, .is_wide = true },
    [ASK_BEFORE_BLANK] = { .beside_blank = SP_OWN_BEFORE },
    [ASK_WIDE_BEFORE_BLANK] = { .is_wide = true, .beside_blank = SP_OWN_WIDE_BEFORE },
    [ASK_WIDE_BEHIND_BLANK] = { .is_wide = true, .beside_blank = SP_OWN_WIDE_BEHIND },
};

/* Of o200k_base. The script is that of the character, or the first that decides about the word. */
static void add_wide_tokens(tally *t, sp_script script, const uint32_t *tokens, size_t count)
{
    static const uint32_t ranks[SP_RANKS - 1] = { 20000, 60000, 120000 };
    unsigned rank = 0;
    add(t, SP_FEATURE_wide_tokens + script, count);
    for (size_t i = 0; i < count; i++)
        add_own(t, SP_OWN_WIDE + tokens[i]);
    if (count != 1 || (script != SP_SCRIPT_HAN && script != SP_SCRIPT_HANGUL))
        return;
    while (rank < SP_RANKS - 1 && tokens[0] >= ranks[rank])
        rank++;
    add(t, SP_FEATURE_wide_ranks + rank, 1);
}

static void add_token_anew(tally *t, sp_asking asking, uint32_t token)
{
    if (askings[asking].cuts)
        add_merges(t, askings[asking].feature, token);
    if (askings[asking].owns)
        add_own(t, token);
}

_Static_assert(ASK_WIDE == SP_IMAGE_COSTS, "a table of costs for each way to ask for tokens of cl100k_base");

int64_t sp_estimate_cost(sp_estimator *estimator, unsigned asking, uint32_t token)
{
    tally t = { .with = estimator };
    add_token_anew(&t, (sp_asking)asking, token);
    return t.ticks;
}

static const int16_t *cost_at(const sp_estimator *e, sp_asking asking, uint32_t token)
{
    return &e->costs[asking * (size_t)e->narrow.image->token_count + token];
}

/* Of cl100k_base. */
static void add_token(tally *t, sp_asking asking, uint32_t token)
{
    int16_t cost = t->look ? SP_IMAGE_NO_COST : *cost_at(t->with, asking, token);
    if (cost == SP_IMAGE_NO_COST)
        add_token_anew(t, asking, token);
    else
        t->ticks += cost;
}

static void add_tokens(tally *t, sp_asking asking, sp_script script, const uint32_t *tokens, size_t count)
{
    if (asking == ASK_WIDE) {
        add_wide_tokens(t, script, tokens, count);
        return;
    }
    if (askings[asking].beside_blank > 0) {
        add_own(t, askings[asking].beside_blank + tokens[count - 1]);
        return;
    }
    for (size_t i = 0; i < count; i++)
        add_token(t, asking, tokens[i]);
    if (asking == ASK_TITLE)
        add_own(t, SP_OWN_TITLE + tokens[0]);
}

/* Is a word, with a blank in front, cut too short to be English, or of a language that the vocabulary knows well? Those
 * of other languages are, and abbreviations. Fewer than four bytes a token are two letters of Cyrillic, and one and a
 * third of Thai. */
static bool is_strange(size_t len, size_t tokens)
{
    return tokens > 1 && len - 1 < 4 * tokens;
}

static const sp_vocab *vocab_of(const sp_estimator *e, sp_asking asking)
{
    return askings[asking].is_wide ? &e->wide : &e->narrow;
}

static sp_asks *asks_of(sp_estimator *e, sp_asking asking)
{
    return askings[asking].is_wide ? &e->wide_asks : &e->narrow_asks;
}

static void tell(const sp_ask *ask, const uint32_t *tokens, size_t count)
{
    ask->tally->tokens += askings[ask->asking].spells ? count : 0;
    add_tokens(ask->tally, (sp_asking)ask->asking, (sp_script)ask->script, tokens, count);
    ask->tally->is_strange |= ask->decides && is_strange(ask->word.len, count);
}

static void answer_long(const sp_vocab *vocab, sp_asks *asks)
{
    uint32_t tokens[SP_WORDS_LONG];
    vocab->merge_words(vocab, &asks->long_words);
    for (unsigned i = 0; i < asks->long_words.count; i++)
        tell(&asks->of_long[i], tokens, sp_words_ids(&asks->long_words, i, tokens));
    sp_words_init(&asks->long_words, SP_WORDS_LONG);
}

/* places: of the words that are merged, among asks. */
static void answer_merged(const sp_vocab *vocab, sp_asks *asks, const uint8_t *places)
{
    uint32_t tokens[SP_WORDS_SHORT];
    vocab->merge_words(vocab, &asks->words);
    for (unsigned i = 0; i < asks->words.count; i++)
        tell(&asks->asks[places[i]], tokens, sp_words_ids(&asks->words, i, tokens));
    sp_words_init(&asks->words, SP_WORDS_SHORT);
}

/* Most are a token: that is sooner asked than found by merging. */
static void answer_short(const sp_vocab *vocab, sp_asks *asks)
{
    uint8_t places[SP_WORDS_MAX] = { 0 };
    sp_words_init(&asks->words, SP_WORDS_SHORT);
    for (size_t i = 0; i < asks->count; i++) {
        sp_ask *ask = &asks->asks[i];
        ask->probe = sp_probe_word(vocab, &ask->word);
        sp_probe_fetch(vocab, &ask->word, ask->probe);
        sp_probe_fetch_id(vocab, &ask->word, ask->probe);
    }
    for (size_t i = 0; i < asks->count; i++) {
        const sp_ask *ask = &asks->asks[i];
        uint32_t token = sp_probe_token(vocab, &ask->word, ask->probe, true);
        if (token != SP_NO_TOKEN) {
            tell(ask, &token, 1);
            continue;
        }
        places[asks->words.count] = (uint8_t)i;
        sp_words_add(vocab, &asks->words, (const uint8_t *)&ask->word, ask->word.len);
        if (asks->words.count == SP_WORDS_MAX)
            answer_merged(vocab, asks, places);
    }
    answer_merged(vocab, asks, places);
    asks->count = 0;
}

static void answer(sp_estimator *e)
{
    answer_short(&e->narrow, &e->narrow_asks);
    answer_short(&e->wide, &e->wide_asks);
    answer_long(&e->narrow, &e->narrow_asks);
    answer_long(&e->wide, &e->wide_asks);
}

/* What is too long to be merged side by side is merged at once. */
static void ask_long(sp_asks *asks, const sp_ask *ask, const uint8_t *text, size_t len)
{
    const sp_vocab *vocab = vocab_of(ask->tally->with, (sp_asking)ask->asking);
    if (len >= SP_WORDS_LONG) {
        size_t count = sp_merge(vocab, &asks->merger, text, len);
        if (count > 0)
            tell(ask, asks->merger.tokens, count);
        ask->tally->failed |= count == 0;
        return;
    }
    asks->of_long[asks->long_words.count] = *ask;
    sp_words_add(vocab, &asks->long_words, text, len);
    if (asks->long_words.count == SP_COUNT_OF(asks->of_long) || ask->tally->look)
        answer_long(vocab, asks);
}

/* Written where it stays: a copy waits until each of its words was stored. The fit wants answers in their order. */
static void ask_short(tally *t, sp_asking asking, sp_script script, uint64_t low, uint64_t high, size_t len,
                      bool decides)
{
    sp_asks *asks = asks_of(t->with, asking);
    sp_ask *ask = &asks->asks[asks->count++];
    ask->word.low = low;
    ask->word.high = high;
    ask->word.len = len;
    ask->tally = t;
    ask->asking = (uint8_t)asking;
    ask->script = (uint8_t)script;
    ask->decides = decides;
    if (asks->count == SP_ASKS || t->look)
        answer_short(vocab_of(t->with, asking), asks);
}

/* SP_CACHE_PAD bytes have to be readable at text. decides: the kind of the piece depends on it. */
static void ask(tally *t, sp_asking asking, sp_script script, const uint8_t *text, size_t len, bool decides)
{
    if (len < SP_WORDS_SHORT) {
        sp_word word = sp_cache_word(sp_cache_key_of(text, len));
        ask_short(t, asking, script, word.low, word.high, len, decides);
    } else {
        const sp_ask ask = {
            .word.len = len, .tally = t, .asking = (uint8_t)asking, .script = (uint8_t)script, .decides = decides
        };
        ask_long(asks_of(t->with, asking), &ask, text, len);
    }
}

/* The same of up to that many bytes, after which the text may end. */
static void ask_near_end(tally *t, sp_asking asking, sp_script script, const uint8_t *text, size_t len)
{
    uint8_t padded[SP_CACHE_PAD] = { 0 };
    for (size_t i = 0; i < len; i++)
        padded[i] = text[i];
    ask(t, asking, script, padded, len, false);
}

/* ---- characters ----------------------------------------------------------------------------------------------- */

static bool is_capital(uint8_t byte)
{
    return byte >= 'A' && byte <= 'Z';
}

/* 0 to 31 for what is printed, 32 for a control character. */
static unsigned symbol_of(uint8_t byte)
{
    if (byte < '!' || byte > '~')
        return SP_SYMBOLS - 1;
    return byte - (byte < '0' ? 33u : byte < 'A' ? 43u : byte < 'a' ? 69u : 95u);
}

typedef struct script_end {
    uint32_t end; /* the first code point that is behind it */
    sp_script script;
} script_end;

static const script_end script_ends[] = {
    { 0x300, SP_SCRIPT_LATIN },
    { 0x370, SP_SCRIPT_OTHER }, /* marks, which are known_chars */
    { 0x400, SP_SCRIPT_GREEK },
    { 0x530, SP_SCRIPT_CYRILLIC },
    { 0x590, SP_SCRIPT_ARMENIAN },
    { 0x600, SP_SCRIPT_HEBREW },
    { 0x780, SP_SCRIPT_ARABIC },
    { 0x7C0, SP_SCRIPT_OTHER },
    { 0x860, SP_SCRIPT_OTHER },
    { 0x900, SP_SCRIPT_ARABIC },
    { 0x980, SP_SCRIPT_DEVANAGARI },
    { 0xA00, SP_SCRIPT_BENGALI },
    { 0xA80, SP_SCRIPT_GURMUKHI },
    { 0xB00, SP_SCRIPT_GUJARATI },
    { 0xB80, SP_SCRIPT_ODIA },
    { 0xC00, SP_SCRIPT_TAMIL },
    { 0xC80, SP_SCRIPT_TELUGU },
    { 0xD00, SP_SCRIPT_KANNADA },
    { 0xD80, SP_SCRIPT_MALAYALAM },
    { 0xE00, SP_SCRIPT_SINHALA },
    { 0xE80, SP_SCRIPT_THAI },
    { 0xF00, SP_SCRIPT_LAO },
    { 0x1000, SP_SCRIPT_TIBETAN },
    { 0x10A0, SP_SCRIPT_MYANMAR },
    { 0x1100, SP_SCRIPT_GEORGIAN },
    { 0x1200, SP_SCRIPT_HANGUL },
    { 0x13A0, SP_SCRIPT_ETHIOPIC },
    { 0x1780, SP_SCRIPT_OTHER },
    { 0x1800, SP_SCRIPT_KHMER },
    { 0x1E00, SP_SCRIPT_OTHER },
    { 0x1F00, SP_SCRIPT_LATIN },
    { 0x2000, SP_SCRIPT_OTHER }, /* polytonic Greek, which costs what its bytes do */
    { 0x2070, SP_SCRIPT_PUNCTUATION },
    { 0x2500, SP_SCRIPT_SYMBOLS },
    { 0x25A0, SP_SCRIPT_BOXES },
    { 0x2C00, SP_SCRIPT_SYMBOLS },
    { 0x2DE0, SP_SCRIPT_OTHER },
    { 0x2E00, SP_SCRIPT_CYRILLIC },
    { 0x2E80, SP_SCRIPT_PUNCTUATION },
    { 0x3040, SP_SCRIPT_CJK_PUNCTUATION },
    { 0x30A0, SP_SCRIPT_HIRAGANA },
    { 0x3100, SP_SCRIPT_KATAKANA },
    { 0x3130, SP_SCRIPT_OTHER },
    { 0x3190, SP_SCRIPT_HANGUL },
    { 0x31C0, SP_SCRIPT_OTHER },
    { 0x3400, SP_SCRIPT_CJK_PUNCTUATION },
    { 0xA000, SP_SCRIPT_HAN },
    { 0xAC00, SP_SCRIPT_OTHER },
    { 0xD7B0, SP_SCRIPT_HANGUL },
    { 0xE000, SP_SCRIPT_OTHER },
    { 0xF900, SP_SCRIPT_PRIVATE },
    { 0xFB00, SP_SCRIPT_HAN },
    { 0xFE00, SP_SCRIPT_ARABIC },
    { 0xFE10, SP_SCRIPT_SELECTORS },
    { 0xFE70, SP_SCRIPT_CJK_PUNCTUATION },
    { 0xFEFF, SP_SCRIPT_ARABIC },
    { 0xFF00, SP_SCRIPT_SELECTORS }, /* the byte order mark, see known_chars */
    { 0x10000, SP_SCRIPT_CJK_PUNCTUATION },
    { 0x1F000, SP_SCRIPT_ASTRAL },
    { 0x20000, SP_SCRIPT_EMOJI },
    { 0xE0000, SP_SCRIPT_HAN },
    { UINT32_MAX, SP_SCRIPT_ASTRAL },
};

sp_script sp_script_of(uint32_t code)
{
    size_t low = 0, high = SP_COUNT_OF(script_ends) - 1;
    while (low < high) {
        size_t middle = low + (high - low) / 2;
        if (code < script_ends[middle].end)
            high = middle;
        else
            low = middle + 1;
    }
    return script_ends[low].script;
}

static uint32_t code_at(const uint8_t *p)
{
    uint32_t code = 0;
    size_t bad;
    (void)sp_utf8_decode((sp_str){ (const char *)p, sp_char_len(*p) }, 0, &code, &bad);
    return code;
}

/* ---- words ------------------------------------------------------------------------------------------------------ */

enum {
    WORD_BYTES = 256, /* a longer run of letters is looked at in parts of that */
};

typedef enum shape { LOWER, TITLE, UPPER, CAPITAL, MIXED } shape;

static shape shape_of(size_t letters, size_t capitals, bool begins_with_capital)
{
    if (capitals == 0)
        return LOWER;
    if (letters == 1)
        return CAPITAL;
    if (capitals == letters)
        return UPPER;
    return capitals == 1 && begins_with_capital ? TITLE : MIXED;
}

/* The tokens of such a word are not those of the small letters. */
static bool is_literal(shape written)
{
    return written == UPPER || written == CAPITAL;
}

/* The word with a blank in front, in small letters. Returns how many were capitals. */
static size_t spell(uint8_t *spelled, const uint8_t *word, size_t len)
{
    size_t capitals = 0;
    spelled[0] = ' ';
    for (size_t i = 0; i < len; i++) {
        spelled[i + 1] = word[i] | 0x20;
        capitals += is_capital(word[i]);
    }
    return capitals;
}

/* The same as it is. */
static void spell_literally(uint8_t *spelled, const uint8_t *word, size_t len)
{
    spelled[0] = ' ';
    memcpy(spelled + 1, word, len);
}

/* Where the parts of a mixed word, of letters of ASCII alone, begin after the first: at a capital beside a small
 * letter, which one bit tells apart. Without a branch, which would be guessed wrong for most of them. */
static size_t find_humps(const uint8_t *word, size_t len, uint8_t humps[WORD_BYTES])
{
    size_t count = 0;
    for (size_t i = 1; i < len; i++) {
        unsigned next = i + 1 < len ? word[i + 1] : 0;
        humps[count] = (uint8_t)i;
        count += (~word[i] & (word[i - 1] | next)) >> 5 & 1;
    }
    return count;
}

/* Small letters, where SP_CACHE_PAD bytes have to be readable. A short one is shifted, not written and read again. */
static void ask_hump(tally *t, const uint8_t *letters, size_t len)
{
    uint8_t spelled[WORD_BYTES + SP_CACHE_PAD];
    if (len + 1 < SP_WORDS_SHORT) {
        sp_word word = sp_cache_word(sp_cache_key_of(letters, len));
        ask_short(t, ASK_HUMP, 0, word.low << 8 | ' ', word.high << 8 | word.low >> 56, len + 1, false);
        return;
    }
    spell_literally(spelled, letters, len);
    ask(t, ASK_HUMP, 0, spelled, len + 1, false);
}

static void add_mixed(tally *t, const uint8_t *word, const uint8_t *small, size_t len, size_t capitals)
{
    uint8_t spelled[WORD_BYTES + SP_CACHE_PAD], humps[WORD_BYTES];
    size_t count = find_humps(word, len, humps);
    add(t, SP_FEATURE_capitals, capitals);
    add(t, SP_FEATURE_humps, count);
    spell_literally(spelled, word, len);
    ask(t, ASK_MIXED, 0, spelled, len + 1, false);
    for (size_t i = 0, at = 0; i <= count; i++) {
        size_t end = i < count ? humps[i] : len;
        ask_hump(t, small + at, end - at);
        at = end;
    }
}

static const uint8_t by_shape[] = { ASK_LOWER, ASK_TITLE, ASK_UPPER, ASK_UPPER };

static sp_kind add_ascii_word(tally *t, const uint8_t *word, size_t len, bool is_last)
{
    uint8_t spelled[WORD_BYTES + SP_CACHE_PAD];
    size_t capitals = spell(spelled, word, len);
    shape written = shape_of(len, capitals, is_capital(word[0]));
    bool literal = is_literal(written);
    add(t, SP_FEATURE_words + written, 1);
    if (written == MIXED) {
        add_mixed(t, word, spelled + 1, len, capitals);
        return SP_KIND_NAMES;
    }
    ask(t, (sp_asking)by_shape[written], 0, spelled, len + 1, is_last && !literal);
    if (literal) {
        spell_literally(spelled, word, len);
        ask(t, ASK_OWNS, 0, spelled, len + 1, false);
    }
    return literal ? SP_KIND_NAMES : SP_KIND_WORDS;
}

static sp_kind kind_of(sp_script script)
{
    static const uint8_t kinds[SP_SCRIPTS] = {
        [SP_SCRIPT_LATIN] = SP_KIND_LATIN,          [SP_SCRIPT_GREEK] = SP_KIND_ALPHABETS,
        [SP_SCRIPT_CYRILLIC] = SP_KIND_ALPHABETS,   [SP_SCRIPT_ARMENIAN] = SP_KIND_ALPHABETS,
        [SP_SCRIPT_HEBREW] = SP_KIND_SCRIPTS,       [SP_SCRIPT_ARABIC] = SP_KIND_ALPHABETS,
        [SP_SCRIPT_DEVANAGARI] = SP_KIND_ALPHABETS, [SP_SCRIPT_BENGALI] = SP_KIND_ALPHABETS,
        [SP_SCRIPT_GURMUKHI] = SP_KIND_ALPHABETS,   [SP_SCRIPT_GUJARATI] = SP_KIND_ALPHABETS,
        [SP_SCRIPT_ODIA] = SP_KIND_ALPHABETS,       [SP_SCRIPT_TAMIL] = SP_KIND_ALPHABETS,
        [SP_SCRIPT_TELUGU] = SP_KIND_ALPHABETS,     [SP_SCRIPT_KANNADA] = SP_KIND_ALPHABETS,
        [SP_SCRIPT_MALAYALAM] = SP_KIND_ALPHABETS,  [SP_SCRIPT_SINHALA] = SP_KIND_SCRIPTS,
        [SP_SCRIPT_THAI] = SP_KIND_ALPHABETS,       [SP_SCRIPT_LAO] = SP_KIND_RARE,
        [SP_SCRIPT_TIBETAN] = SP_KIND_SCRIPTS,      [SP_SCRIPT_MYANMAR] = SP_KIND_SCRIPTS,
        [SP_SCRIPT_KHMER] = SP_KIND_ALPHABETS,      [SP_SCRIPT_GEORGIAN] = SP_KIND_ALPHABETS,
        [SP_SCRIPT_ETHIOPIC] = SP_KIND_SCRIPTS,     [SP_SCRIPT_OTHER] = SP_KIND_RARE,
        [SP_SCRIPT_ASTRAL] = SP_KIND_RARE,          [SP_SCRIPT_HIRAGANA] = SP_KIND_CJK,
        [SP_SCRIPT_KATAKANA] = SP_KIND_CJK,         [SP_SCRIPT_HAN] = SP_KIND_CJK,
        [SP_SCRIPT_HANGUL] = SP_KIND_CJK,           [SP_SCRIPT_PUNCTUATION] = SP_KIND_SIGNS,
        [SP_SCRIPT_SYMBOLS] = SP_KIND_SIGNS,        [SP_SCRIPT_BOXES] = SP_KIND_SIGNS,
        [SP_SCRIPT_CJK_PUNCTUATION] = SP_KIND_CJK,  [SP_SCRIPT_SELECTORS] = SP_KIND_SIGNS,
        [SP_SCRIPT_PRIVATE] = SP_KIND_RARE,         [SP_SCRIPT_EMOJI] = SP_KIND_SIGNS,
    };
    return script < SP_SCRIPTS ? (sp_kind)kinds[script] : SP_KIND_RARE;
}

/* Does each character of it stand by itself? */
static bool is_isolated(sp_script script)
{
    return script == SP_SCRIPT_HAN || script == SP_SCRIPT_HANGUL || script >= SP_SCRIPT_PUNCTUATION ||
           script == SP_SCRIPT_ASTRAL;
}

/* Does no mark of its own say that a blank is beside it? */
static bool is_unmarked(uint32_t code)
{
    return code > 0xFFFF || (code >= 0x3001 && code <= 0x303F) || (code >= 0xAC00 && code <= 0xD7A3) ||
           (code >= 0x1100 && code <= 0x11C2) || (code >= 0x3400 && sp_script_of(code) == SP_SCRIPT_HAN);
}

/* Characters that texts seldom have, and how many tokens they are to Claude 3 and to Opus 4.7 and later, however many
 * there are in a row: invisible ones, accents that compose with no letter, and those of East Asian width, of which some
 * others are in every text. Measured. */
static const struct {
    uint16_t first;
    uint16_t last;
    uint8_t v3;
    uint8_t v47;
} known_chars[] = {
    { 0x00AD, 0x00AD, 1, 1 }, { 0x0300, 0x036F, 2, 2 }, { 0x200B, 0x200B, 1, 1 }, { 0x200C, 0x200C, 2, 2 },
    { 0x200E, 0x200F, 2, 2 }, { 0x202A, 0x202E, 2, 2 }, { 0x2060, 0x206F, 3, 3 }, { 0x3000, 0x3000, 1, 1 },
    { 0xFE00, 0xFE0E, 2, 2 }, { 0xFEFF, 0xFEFF, 3, 3 }, { 0xFF02, 0xFF04, 3, 2 }, { 0xFF06, 0xFF07, 3, 2 },
    { 0xFF0A, 0xFF0B, 3, 2 }, { 0xFF10, 0xFF19, 1, 1 }, { 0xFF1C, 0xFF1E, 3, 2 }, { 0xFF20, 0xFF20, 3, 2 },
    { 0xFF21, 0xFF21, 1, 2 }, { 0xFF22, 0xFF3A, 2, 2 }, { 0xFF3C, 0xFF3C, 3, 2 }, { 0xFF3E, 0xFF3F, 3, 2 },
    { 0xFF40, 0xFF40, 2, 2 }, { 0xFF41, 0xFF41, 1, 1 }, { 0xFF42, 0xFF5D, 2, 2 }, { 0xFF5F, 0xFF63, 2, 2 },
    { 0xFF66, 0xFF7F, 2, 2 }, { 0xFF80, 0xFFBF, 3, 3 }, { 0xFFC0, 0xFFFC, 2, 2 },
};

/* Adds the character if it is one of these, with nothing else that is counted in it. */
static bool add_known(tally *t, uint32_t code)
{
    size_t low = 0, high = SP_COUNT_OF(known_chars);
    if (code > 0x3000 && code < 0xFE00) /* which most that are asked for are */
        return false;
    while (low < high) {
        size_t middle = low + (high - low) / 2;
        if (code > known_chars[middle].last)
            low = middle + 1;
        else
            high = middle;
    }
    if (low == SP_COUNT_OF(known_chars) || code < known_chars[low].first)
        return false;
    add(t, SP_FEATURE_known_v3, known_chars[low].v3);
    add(t, SP_FEATURE_known_47, known_chars[low].v47);
    return true;
}

/* Returns its kind. */
static sp_kind add_isolated(tally *t, const uint8_t *p, sp_script script)
{
    if (add_known(t, code_at(p)))
        return SP_KIND_RARE; /* letters: alone they are a token more, or one less */
    ask_near_end(t, ASK_WIDE, script, p, sp_char_len(*p));
    add(t, SP_FEATURE_wide_chars + script, 1);
    return kind_of(script);
}

/* Letters, not all of them ASCII and none that stands by itself. The first script that is not Latin decides. */
static sp_kind add_wide_word(tally *t, const uint8_t *word, size_t len)
{
    uint8_t spelled[WORD_BYTES + 1];
    sp_script first = SP_SCRIPT_LATIN, last = SP_SCRIPTS;
    size_t chars = 0;
    for (size_t i = 0; i < len; i += sp_char_len(word[i]), chars++) {
        if (word[i] < 0x80) {
            add(t, SP_FEATURE_wide_ascii, 1);
            add(t, SP_FEATURE_wide_capitals, is_capital(word[i]));
            last = SP_SCRIPTS;
            continue;
        }
        sp_script script = sp_script_of(code_at(word + i));
        add(t, SP_FEATURE_wide_chars + script, 1);
        add(t, SP_FEATURE_wide_runs + script, script != last);
        last = script;
        first = first == SP_SCRIPT_LATIN ? script : first;
    }
    add(t, SP_FEATURE_wide_words, 1);
    add(t, SP_FEATURE_wide_long, above(chars, 4));
    spell_literally(spelled, word, len);
    ask(t, ASK_WIDE, first, spelled, len + 1, true);
    return kind_of(first);
}

static bool is_ascii(const uint8_t *text, size_t len)
{
    uint8_t all = 0;
    for (size_t i = 0; i < len; i++)
        all |= text[i];
    return all < 0x80;
}

/* Where the letters end that are a word together: at most WORD_BYTES, and before one that stands by itself. */
static size_t word_end(const uint8_t *word, size_t len)
{
    size_t i = 0;
    while (i < len && i + sp_char_len(word[i]) <= WORD_BYTES &&
           (word[i] < 0x80 || !is_isolated(sp_script_of(code_at(word + i)))))
        i += sp_char_len(word[i]);
    return i;
}

static sp_kind add_word(tally *t, const uint8_t *word, size_t len)
{
    sp_kind kind = SP_KIND_WORDS;
    if (len <= WORD_BYTES && is_ascii(word, len))
        return add_ascii_word(t, word, len, true);
    for (size_t at = 0; at < len;) {
        size_t end = at + word_end(word + at, len - at);
        if (end == at) {
            kind = add_isolated(t, word + at, sp_script_of(code_at(word + at)));
            end = at + sp_char_len(word[at]);
        } else if (is_ascii(word + at, end - at)) {
            kind = add_ascii_word(t, word + at, end - at, end == len);
        } else {
            kind = add_wide_word(t, word + at, end - at);
        }
        at = end;
    }
    return kind;
}

/* ---- white space ---------------------------------------------------------------------------------------------- */

static void add_newlines(tally *t, size_t count, unsigned run)
{
    add(t, count > 2 ? (unsigned)SP_FEATURE_newlines : run, count > 0);
    add(t, SP_FEATURE_newlines_over_15, blocks(count, 15));
    add(t, SP_FEATURE_newlines_over_31, blocks(count, 31));
}

static bool is_line_end(uint8_t byte)
{
    return byte == '\n' || byte == '\r';
}

/* Line ends, and white space before and between them. */
static void add_lines(tally *t, const uint8_t *space, size_t len)
{
    for (size_t at = 0, end; at < len; at = end) {
        size_t newlines = 0, returns = 0;
        bool is_lines = is_line_end(space[at]);
        for (end = at; end < len && is_line_end(space[end]) == is_lines; end++) {
            newlines += space[end] == '\n';
            returns += space[end] == '\r';
        }
        add(t, SP_FEATURE_carriage_returns, returns);
        add_newlines(t, newlines > 0 ? newlines : returns, SP_FEATURE_newlines);
        add(t, SP_FEATURE_blanks_at_line_end, !is_lines);
        add(t, SP_FEATURE_spaces_over_16, is_lines ? 0 : blocks(end - at, 16));
    }
}

/* The last blank of a run is in the next piece, if there is one. */
static void add_space(tally *t, const uint8_t *space, size_t len)
{
    size_t lines = 0, tabs = 0, known = 0;
    for (size_t i = 0; i < len; i++) {
        lines += is_line_end(space[i]);
        tabs += space[i] == '\t';
        known += space[i] >= 0xC0 && add_known(t, code_at(space + i)) ? sp_char_len(space[i]) : 0;
    }
    if (known == len)
        return;
    len -= lines > 0 ? 0 : known;
    if (lines > 0) {
        add_lines(t, space, len);
        return;
    }
    add_lengths(t, tabs == 0 ? SP_FEATURE_blanks : tabs == len ? SP_FEATURE_tabs : SP_FEATURE_tabs_and_blanks, len);
    add(t, SP_FEATURE_spaces_over_16, blocks(len + (tabs == 0), 16));
}

/* ---- symbols ------------------------------------------------------------------------------------------------------
 */

/* The same character again, from i on; in bytes, of which that has width. */
static size_t repeat_end(const uint8_t *run, size_t len, size_t i, size_t width)
{
    size_t end = i + width;
    while (len - end >= width && memcmp(run + i, run + end, width) == 0)
        end += width;
    return end;
}

/* How many of one sign in a row are a token, to Claude 3 and to Opus 4.7 and later, where there are many; measured by
 * counts of such lines. */
static const struct {
    uint8_t v3;
    uint8_t v47;
} repeat_blocks[128] = {
    ['='] = { 64, 16 }, ['#'] = { 64, 16 }, ['.'] = { 100, 16 }, ['*'] = { 56, 12 },
    ['_'] = { 64, 8 },  ['-'] = { 64, 6 },  ['/'] = { 64, 4 },   ['~'] = { 16, 1 },
    ['+'] = { 3, 2 },   ['|'] = { 4, 2 },   [':'] = { 4, 2 },    ['\\'] = { 2, 1 },
};

enum { OTHER_BLOCK_V3 = 4, OTHER_BLOCK_47 = 2 };

static size_t more_blocks(size_t count, size_t kept, size_t block)
{
    return (count + block - 1) / block - (kept + block - 1) / block;
}

static void add_repeats(tally *t, uint8_t sign, size_t count)
{
    size_t v3 = repeat_blocks[sign].v3, v47 = repeat_blocks[sign].v47;
    add(t, SP_FEATURE_repeats + symbol_of(sign), 1);
    add(t, SP_FEATURE_repeat_blocks_v3, more_blocks(count, SP_REPEAT, v3 ? v3 : OTHER_BLOCK_V3));
    add(t, SP_FEATURE_repeat_blocks_47, more_blocks(count, SP_REPEAT, v47 ? v47 : OTHER_BLOCK_47));
}

/* The same of those that are none of ASCII, in order. Each other one costs in a row what it does alone. */
static const struct wide_block {
    uint16_t code;
    uint8_t v3;
    uint8_t v47;
} wide_blocks[] = {
    { 0x00A3, 2, 2 }, { 0x00AB, 2, 2 }, { 0x00B7, 24, 32 }, { 0x00D7, 2, 2 }, { 0x2013, 2, 2 }, /* £ « · × – */
    { 0x2014, 4, 4 }, { 0x2015, 2, 2 }, { 0x2018, 4, 1 },   { 0x2019, 4, 1 }, { 0x201C, 4, 2 }, /* — ― ‘ ’ “ */
    { 0x201D, 4, 2 }, { 0x2020, 2, 2 }, { 0x2022, 2, 2 },   { 0x2026, 3, 3 }, { 0x203A, 2, 2 }, /* ” † • … › */
    { 0x2500, 4, 4 }, { 0x2502, 2, 2 }, { 0x2550, 4, 4 },   { 0x2588, 4, 4 }, { 0x25BA, 2, 1 }, /* ─ │ ═ █ ► */
    { 0xFF09, 2, 2 },                                                                           /* ） */
};

static const struct wide_block *wide_block(uint32_t code)
{
    for (size_t i = 0; i < SP_COUNT_OF(wide_blocks) && wide_blocks[i].code <= code; i++)
        if (wide_blocks[i].code == code)
            return &wide_blocks[i];
    return NULL;
}

/* What a blank before the character adds, if that is none of ASCII. */
static void add_behind_blank(tally *t, const uint8_t *p)
{
    bool is_unsaid = is_unmarked(code_at(p));
    add(t, is_unsaid ? SP_FEATURE_blanks_unsaid : SP_FEATURE_wide_symbols_behind_blank, 1);
    if (!is_unsaid)
        ask_near_end(t, ASK_WIDE_BEHIND_BLANK, 0, p, sp_char_len(*p));
}

static void add_wide_repeats(tally *t, size_t count, const struct wide_block *block)
{
    add(t, SP_FEATURE_wide_repeats, 1);
    add(t, SP_FEATURE_repeat_blocks_v3, more_blocks(count, SP_WIDE_REPEAT, block->v3));
    add(t, SP_FEATURE_repeat_blocks_47, more_blocks(count, SP_WIDE_REPEAT, block->v47));
}

static sp_kind add_wide_symbols(tally *t, const uint8_t *run, size_t len)
{
    sp_script last = SP_SCRIPTS;
    size_t blank = run[0] == ' ', newlines = 0;
    sp_kind kind = SP_KIND_SYMBOLS;
    for (size_t i = blank, width, end; i < len; i += width) {
        width = sp_char_len(run[i]);
        newlines += run[i] == '\n';
        const struct wide_block *block = width > 1 ? wide_block(code_at(run + i)) : NULL;
        end = block ? repeat_end(run, len, i, width) : i;
        if (end - i > SP_WIDE_REPEAT * width) {
            add_wide_repeats(t, (end - i) / width, block);
            i = end - width * SP_WIDE_REPEAT; /* of which the rest is looked at, no more stretch of its own */
        }
        if (run[i] < 0x80) {
            add(t, SP_FEATURE_wide_symbols_ascii, !is_line_end(run[i]));
            last = SP_SCRIPTS;
            continue;
        }
        sp_script script = sp_script_of(code_at(run + i));
        (void)add_isolated(t, run + i, script);
        if (blank && i == 1)
            add_behind_blank(t, run + i);
        add(t, SP_FEATURE_wide_symbols_changes, script != last);
        kind = last == SP_SCRIPTS && kind == SP_KIND_SYMBOLS ? kind_of(script) : kind;
        last = script;
    }
    add_newlines(t, newlines, SP_FEATURE_newlines_behind_symbols);
    add(t, SP_FEATURE_wide_symbols, 1);
    return kind;
}

/* What a blank behind a piece of anything but white space adds. */
static void add_before_blank(tally *t, const uint8_t *piece, size_t len)
{
    enum { ENDING = 16 };
    const uint8_t *last = piece + len - 1;
    while ((*last & 0xC0) == 0x80)
        last--;
    uint32_t code = code_at(last);
    if (is_line_end(*last) || (*last >= '0' && *last <= '9') || is_unmarked(code)) {
        add(t, SP_FEATURE_blanks_unsaid, 1);
    } else if (code < 0x80) {
        size_t seen = len < ENDING ? len : (size_t)ENDING;
        add(t, SP_FEATURE_signs_before_blank + symbol_of(*last), 1);
        ask_near_end(t, ASK_BEFORE_BLANK, 0, piece + len - seen, seen);
    } else {
        add(t, SP_FEATURE_wide_before_blank + sp_script_of(code), 1);
        ask_near_end(t, ASK_WIDE_BEFORE_BLANK, 0, last, sp_char_len(*last));
    }
}

/* Writes the run with at most SP_REPEAT of a character in a row, as much of it as fits. Returns the length; *ret_taken
 * is how much of the run that is. */
static size_t shorten(tally *t, const uint8_t *run, size_t len, uint8_t shortened[WORD_BYTES], size_t *ret_taken)
{
    size_t made = 0, at = 0;
    while (at < len) {
        size_t end = repeat_end(run, len, at, 1), count = end - at, kept = count < SP_REPEAT ? count : SP_REPEAT;
        if (made + kept > WORD_BYTES)
            break;
        if (count > SP_REPEAT)
            add_repeats(t, run[at] & 0x7F, count);
        memset(shortened + made, run[at], kept);
        made += kept;
        at = end;
    }
    *ret_taken = at;
    return made;
}

/* Of at most WORD_BYTES. */
static void add_run(tally *t, const uint8_t *run, size_t len, size_t blank, size_t newlines)
{
    size_t changes = 0;
    for (size_t i = blank + 1; i < len; i++)
        changes += run[i] != run[i - 1];
    add(t, SP_FEATURE_runs, 1);
    add(t, SP_FEATURE_runs_behind_blank, blank);
    add(t, SP_FEATURE_runs_at_line_end, newlines > 0);
    add(t, SP_FEATURE_runs_between, newlines > 0 && blank);
    add_lengths(t, SP_FEATURE_run_lengths, len - blank);
    add(t, SP_FEATURE_run_changes, changes);
    add(t, SP_FEATURE_run_many_changes, above(changes, 2));
    if (len - blank == 1) {
        add(t, SP_FEATURE_alone + symbol_of(run[blank]), 1);
        add(t, SP_FEATURE_alone_behind_blank, blank);
        ask(t, ASK_OWNS, 0, run, len, false);
        return;
    }
    ask(t, ASK_SYMBOLS, 0, run, len, false);
}

/* A run of symbols, perhaps with a blank in front and line ends behind. */
static sp_kind add_symbols(tally *t, const uint8_t *run, size_t len)
{
    size_t end = len, newlines = 0;
    if (!is_ascii(run, len))
        return add_wide_symbols(t, run, len);
    for (; end > 1 && (run[end - 1] == '\n' || run[end - 1] == '\r'); end--)
        newlines += run[end - 1] == '\n';
    add_newlines(t, newlines, SP_FEATURE_newlines_behind_symbols);
    for (size_t at = 0, taken; at < end; at += taken) {
        uint8_t shortened[WORD_BYTES];
        size_t made = shorten(t, run + at, end - at, shortened, &taken);
        add_run(t, shortened, made, shortened[0] == ' ' && made > 1, newlines);
    }
    return SP_KIND_SYMBOLS;
}

/* ---- pieces ------------------------------------------------------------------------------------------------------ */

enum {
    LETTERS = SP_CLASS_UPPER | SP_CLASS_LOWER | SP_CLASS_LETTER,
    LONG_BYTES = 48, /* nothing that people write */
};

static sp_kind add_numbers(tally *t, const uint8_t *piece, size_t len)
{
    if (is_ascii(piece, len)) {
        add(t, SP_FEATURE_digits, 1);
        return SP_KIND_SYMBOLS;
    }
    sp_kind kind = SP_KIND_RARE;
    for (size_t i = 0; i < len; i += sp_char_len(piece[i])) {
        sp_script script = piece[i] < 0x80 ? SP_SCRIPT_LATIN : sp_script_of(code_at(piece + i));
        if (piece[i] < 0x80 || !add_known(t, code_at(piece + i)))
            add(t, SP_FEATURE_wide_chars + script, 1);
        kind = kind_of(script);
    }
    return kind;
}

/* 's, 't and their like. */
static bool is_contraction(const uint8_t *piece, size_t len)
{
    static const char *const suffixes[] = { "s", "t", "d", "m", "ll", "re", "ve" };
    for (size_t i = 0; *piece == '\'' && i < SP_COUNT_OF(suffixes); i++)
        if (strlen(suffixes[i]) == len - 1 && memcmp(piece + 1, suffixes[i], len - 1) == 0)
            return true;
    return false;
}

/* A mark that is on a letter of any alphabet. */
static bool is_accent(uint32_t code)
{
    return code >= 0x300 && code < 0x370;
}

/* A word and the character in front of it: a sign, or a blank that the word's mark says. */
static sp_kind add_led_word(tally *t, const uint8_t *piece, size_t lead, size_t len)
{
    if (is_contraction(piece, len)) {
        add(t, SP_FEATURE_contractions, 1);
        return SP_KIND_WORDS;
    }
    if (lead > 1 && is_accent(code_at(piece))) /* in a word, of which what is behind it counts more for being cut off */
        add(t, SP_FEATURE_wide_symbols_changes, 1);
    else if (lead > 1 && sp_class_at(&t->with->narrow, piece) != SP_CLASS_SPACE)
        (void)add_wide_symbols(t, piece, lead);
    else if (lead > 1)
        (void)add_known(t, code_at(piece));
    else if (*piece != ' ')
        add(t, SP_FEATURE_before_word + symbol_of(*piece), 1);
    add(t, SP_FEATURE_blanks_unsaid, *piece == ' ' && piece[lead] >= 0x80 && is_unmarked(code_at(piece + lead)));
    sp_kind kind = add_word(t, piece + lead, len - lead);
    return kind == SP_KIND_WORDS && *piece != ' ' ? SP_KIND_NAMES : kind;
}

static sp_kind add_piece(tally *t, const uint8_t *piece, size_t len)
{
    const sp_vocab *v = &t->with->narrow;
    size_t lead = sp_char_len(*piece);
    unsigned first = sp_class_at(v, piece), second = len > lead ? sp_class_at(v, piece + lead) : 0;
    if (first & LETTERS)
        return add_word(t, piece, len);
    if (second & LETTERS)
        return add_led_word(t, piece, lead, len);
    if (first & SP_CLASS_NUMBER)
        return add_numbers(t, piece, len);
    if ((first & SP_CLASS_SPACE) && !(second & (SP_CLASS_OTHER | SP_CLASS_MARK))) {
        add_space(t, piece, len);
        return SP_KIND_BLANKS;
    }
    return add_symbols(t, piece, len);
}

/* A piece is at least a part of a token of the longest sort, and at most a token for each byte and its markers. And a
 * token may cost less than nothing, as it is one thing of several that are seen in a word: a long run of such tokens,
 * which no text of the fit has, would cancel all the rest. */
static uint64_t within_reason(const tally *t)
{
    enum { OF_A_WORD = 8, TO_A_TOKEN = 4 }; /* of tokens; more than those are at least a token for each four */
    int64_t least = (int64_t)(t->len * SP_TICKS / SP_TOKEN_MAX_BYTES), most = (int64_t)((t->len + 2) * SP_TICKS);
    int64_t run = (int64_t)(above(t->tokens, OF_A_WORD) * SP_TICKS / TO_A_TOKEN);
    least = run > least ? run : least;
    return (uint64_t)(t->ticks < least ? least : t->ticks > most ? most : t->ticks);
}

/* Whether a blank before what is at at is its own: white space, and a digit or what stands alone, of which it is a
 * piece or counted already. */
static bool has_own_blank(const uint8_t *text, size_t at, size_t text_end)
{
    if (at == text_end)
        return true;
    uint8_t byte = text[at];
    return byte < 0x80 ? byte <= ' ' || (byte >= '0' && byte <= '9') : is_unmarked(code_at(text + at));
}

/* Whether an estimate of what ends at end, in a character that is none of ASCII, looks at a blank behind it. */
static bool wide_reaches(const sp_vocab *vocab, const uint8_t *text, size_t end, size_t text_end)
{
    size_t at = end - 1;
    while ((text[at] & 0xC0) == 0x80)
        at--;
    unsigned class = sp_class_at(vocab, text + at);
    uint32_t code = code_at(text + at);
    return is_unmarked(code) ? !has_own_blank(text, end + 1, text_end)
                             : class == SP_CLASS_OTHER || sp_script_of(code) == SP_SCRIPT_SELECTORS;
}

/* split_window.c has the same rule (see_reach). */
size_t sp_estimate_reach(const sp_vocab *vocab, const uint8_t *text, size_t end, size_t text_end)
{
    if (end == text_end || text[end] != ' ')
        return 0;
    uint8_t last = text[end - 1];
    bool is_letter = is_capital(last & 0xDF);
    bool is_space = last == ' ' || (last >= '\t' && last <= '\f' && last != '\n');
    if (is_letter || is_space || (end + 1 < text_end && text[end + 1] == ' '))
        return 0;
    if (last >= 0x80)
        return wide_reaches(vocab, text, end, text_end);
    return !((last >= '0' && last <= '9') || is_line_end(last)) || !has_own_blank(text, end + 1, text_end);
}

/* Is the last blank the reach? A piece of its own that ends in one is white space. */
static bool is_reach(const sp_vocab *vocab, const uint8_t *piece, size_t len)
{
    size_t last = len - 1;
    if (len < 2 || piece[last--] != ' ' || piece[last] == ' ' || piece[last] == '\t')
        return false;
    while (last > 0 && (piece[last] & 0xC0) == 0x80)
        last--;
    return is_line_end(piece[last]) || sp_class_at(vocab, piece + last) != SP_CLASS_SPACE;
}

/* ---- short words -----------------------------------------------------------------------------------------------
 * Most pieces that have to be estimated are a word of ASCII, perhaps with one character in front, and have a key. These
 * are looked at eight bytes at a time, without a loop over them. */

#define EACH_BYTE 0x0101010101010101u
#define HIGH_BITS (0x80 * EACH_BYTE)

/* The high bit of each byte that is a letter. */
static uint64_t letters_of(uint64_t bytes)
{
    uint64_t small = (bytes | 0x20 * EACH_BYTE) & ~HIGH_BITS;
    return (small + (0x80 - 'a') * EACH_BYTE) & ~(small + (0x7F - 'z') * EACH_BYTE) & ~bytes & HIGH_BITS;
}

static uint64_t capitals_of(uint64_t bytes, uint64_t letters)
{
    return letters & ~(bytes << 2); /* 0x20 of a small one is there */
}

/* Of words that have only such bits. */
static size_t count_high_bits(uint64_t low, uint64_t high)
{
    return ((low >> 7) + (high >> 7)) * EACH_BYTE >> 56;
}

/* As add_seen of such a word. False if it is none, or needs more than a look. */
static bool add_short_word(tally *t, const sp_word *piece, sp_kind *ret_kind)
{
    uint64_t low = piece->low, high = piece->high, low_letters = letters_of(low), high_letters = letters_of(high);
    uint64_t low_capitals = capitals_of(low, low_letters), high_capitals = capitals_of(high, high_letters);
    size_t letters = count_high_bits(low_letters, high_letters),
           capitals = count_high_bits(low_capitals, high_capitals);
    uint8_t first = (uint8_t)low;
    bool is_led = !(low_letters & 0x80);
    shape written = shape_of(letters, capitals, low_capitals & (is_led ? 0x8000 : 0x80));
    bool literal = is_literal(written);
    if (letters == 0 || letters + is_led != piece->len || letters + 1 >= SP_WORDS_SHORT || first == '\'' ||
        written == MIXED)
        return false;
    if (!is_led) {
        high = high << 8 | low >> 56;
        low <<= 8;
        high_letters = high_letters << 8 | low_letters >> 56;
        low_letters <<= 8;
    }
    low = (low & ~(uint64_t)0xFF) | ' ';
    t->len = piece->len;
    if (is_led && first != ' ')
        add(t, SP_FEATURE_before_word + symbol_of(first), 1);
    add(t, SP_FEATURE_words + written, 1);
    ask_short(t, (sp_asking)by_shape[written], 0, low | low_letters >> 2, high | high_letters >> 2, letters + 1,
              !literal);
    if (literal)
        ask_short(t, ASK_OWNS, 0, low, high, letters + 1, false);
    *ret_kind = literal || (is_led && first != ' ') ? SP_KIND_NAMES : SP_KIND_WORDS;
    return true;
}

/* ---- pieces together ---------------------------------------------------------------------------------------- */

/* The kind of what is asked for; its ticks come with the answers. */
static sp_kind add_seen(tally *t, const uint8_t *piece, size_t len)
{
    size_t reach = is_reach(&t->with->narrow, piece, len);
    t->len = len - reach;
    sp_kind kind = add_piece(t, piece, t->len);
    if (reach > 0)
        add_before_blank(t, piece, t->len);
    return kind;
}

/* The kind of a piece that is cut small; SP_KIND_WORDS: there is none. */
static const uint8_t strange_kinds[SP_KINDS] = {
    [SP_KIND_WORDS] = SP_KIND_STRANGE_WORDS,
    [SP_KIND_LATIN] = SP_KIND_STRANGE_LATIN,
    [SP_KIND_ALPHABETS] = SP_KIND_STRANGE_ALPHABETS,
};

/* Whether a long piece is no further off than its kind. */
static bool is_wide_kind(sp_kind kind)
{
    return kind == SP_KIND_CJK || kind == SP_KIND_LATIN || kind == SP_KIND_STRANGE_LATIN || kind == SP_KIND_RARE;
}

static sp_finding finding_of(const tally *t, sp_kind kind)
{
    if (t->is_strange && strange_kinds[kind])
        kind = (sp_kind)strange_kinds[kind];
    return (sp_finding){ within_reason(t), t->len > LONG_BYTES && !is_wide_kind(kind) ? SP_KIND_LONG : kind };
}

bool sp_estimate_piece(sp_estimator *estimator, const uint8_t *piece, size_t len, sp_look *look, sp_finding *ret)
{
    tally t = { .with = estimator, .look = look };
    sp_kind kind = add_seen(&t, piece, len);
    answer(estimator);
    *ret = finding_of(&t, kind);
    return !t.failed;
}

bool sp_estimate_pieces(sp_estimator *estimator, const sp_str *pieces, const sp_word *words, size_t count,
                        sp_finding *ret)
{
    tally tallies[SP_ESTIMATE_PIECES];
    sp_kind kinds[SP_ESTIMATE_PIECES];
    bool failed = false;
    for (size_t i = 0; i < count; i++) {
        tallies[i] = (tally){ .with = estimator };
        if (!add_short_word(&tallies[i], &words[i], &kinds[i]))
            kinds[i] = add_seen(&tallies[i], (const uint8_t *)pieces[i].ptr, pieces[i].len);
    }
    answer(estimator);
    for (size_t i = 0; i < count; i++) {
        ret[i] = finding_of(&tallies[i], kinds[i]);
        failed |= tallies[i].failed;
    }
    return !failed;
}

/* ---- ranges ------------------------------------------------------------------------------------------------------ */

const uint8_t sp_kind_variances[SP_KINDS] = {
    [SP_KIND_WORDS] = 1,         [SP_KIND_NAMES] = 1,         [SP_KIND_SYMBOLS] = 1,
    [SP_KIND_BLANKS] = 1,        [SP_KIND_STRANGE_WORDS] = 9, [SP_KIND_LATIN] = 9,
    [SP_KIND_STRANGE_LATIN] = 9, [SP_KIND_ALPHABETS] = 4,     [SP_KIND_STRANGE_ALPHABETS] = 4,
    [SP_KIND_CJK] = 4,           [SP_KIND_SCRIPTS] = 4,       [SP_KIND_RARE] = 4,
    [SP_KIND_SIGNS] = 2,         [SP_KIND_LONG] = 4,
};

static uint64_t root(uint64_t n)
{
    uint64_t low = 0, high = (uint64_t)1 << 32;
    while (high - low > 1) {
        uint64_t middle = low + (high - low) / 2;
        if (middle * middle <= n)
            low = middle;
        else
            high = middle;
    }
    return low;
}

static uint64_t part(uint64_t ticks, uint64_t per_token)
{
    return ticks / SP_TICKS * per_token + ticks % SP_TICKS * per_token / SP_TICKS;
}

static uint64_t width(const uint16_t per_token[SP_KINDS], uint64_t per_root, uint64_t per_code,
                      const uint64_t kinds[SP_KINDS], uint64_t all)
{
    uint64_t ticks = 0, variance = 0;
    uint64_t code = kinds[SP_KIND_NAMES] + kinds[SP_KIND_SYMBOLS], usual = all / 100 * SP_CODE_PERCENT;
    for (size_t i = 0; i < SP_KINDS; i++) {
        ticks += part(kinds[i], per_token[i]);
        variance += kinds[i] * sp_kind_variances[i];
    }
    ticks += root(variance * SP_TICKS) * per_root / SP_TICKS; /* root(tokens) in ticks is root(ticks * SP_TICKS) */
    return ticks + (code > usual ? part(code - usual, per_code) : 0);
}

sp_range sp_range_of(const sp_model_weights *weights, const uint64_t kinds[SP_KINDS])
{
    uint64_t all = 0;
    for (size_t i = 0; i < SP_KINDS; i++)
        all += kinds[i];
    uint64_t below = width(weights->low, weights->low_root, weights->low_code, kinds, all);
    uint64_t beyond = width(weights->high, weights->high_root, weights->high_code, kinds, all);
    uint64_t least = all > 0; /* as sp_tokens_of */
    return (sp_range){ .low = (size_t)(all > below + SP_TICKS ? (all - below) / SP_TICKS : least),
                       .high = (size_t)((all + beyond + SP_TICKS - 1) / SP_TICKS) };
}

/* ---- families ---------------------------------------------------------------------------------------------------- */

static const sp_model_weights *weights_of(const sp_encoding *encoding)
{
    return sp_is_weighed(encoding) ? &sp_all_weights[encoding->family - 1] : NULL;
}

void sp_counted_add(sp_counted *sum, const sp_counted *part)
{
    sum->tokens += part->tokens;
    for (size_t i = 0; i < SP_KINDS; i++)
        sum->kinds[i] += part->kinds[i];
    sum->range.low += part->range.low;
    sum->range.high += part->range.high;
}

void sp_counted_take(sp_counted *sum, const sp_counted *part)
{
    sum->tokens -= part->tokens;
    for (size_t i = 0; i < SP_KINDS; i++)
        sum->kinds[i] -= part->kinds[i];
    sum->range.low -= part->range.low;
    sum->range.high -= part->range.high;
}

sp_range sp_counted_range(const sp_encoding *encoding, const sp_counted *counted)
{
    const sp_model_weights *weights = weights_of(encoding);
    if (weights)
        return sp_range_of(weights, counted->kinds);
    return sp_encoding_is_exact(encoding) ? (sp_range){ counted->tokens, counted->tokens } : counted->range;
}

static void asks_init(sp_asks *asks)
{
    sp_merger_init(&asks->merger);
    sp_words_init(&asks->long_words, SP_WORDS_LONG);
    asks->count = 0;
}

void sp_estimator_init(sp_estimator *estimator, const sp_encoding *encoding, sp_path path)
{
    estimator->weights = weights_of(encoding);
    if (!estimator->weights)
        return;
    for (size_t is_long = 0; is_long < 2; is_long++)
        estimator->of_tokens[is_long] = sp_vocab_estimates(encoding, is_long);
    estimator->costs = sp_vocab_costs(encoding);
    sp_vocab_open(&estimator->narrow, sp_encoding_find(SP_STR("cl100k_base")), path);
    sp_vocab_open(&estimator->wide, sp_encoding_find(SP_STR("o200k_base")), path);
    asks_init(&estimator->narrow_asks);
    asks_init(&estimator->wide_asks);
}

void sp_estimator_release(sp_estimator *estimator)
{
    if (!estimator->weights)
        return;
    sp_merger_release(&estimator->narrow_asks.merger);
    sp_merger_release(&estimator->wide_asks.merger);
}
