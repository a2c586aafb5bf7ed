/*
 * calibrate.c - fits the estimators of src/tokenizer/estimate.c, and says how far off they are.
 *
 *   [FURTHER=latin|scripts|ranges] calibrate COUNTS.tsv FOLDER MEASURED.jsonl [OUTPUT]
 *
 * COUNTS.tsv has a line for each text: path below FOLDER, repository, bytes, three counts of OpenAI encodings,
 * claude_v3, claude_v47; and behind it one for each of its parts, if it was counted in parts: the same, with BEGIN:END
 * in place of the bytes. A text that has parts is judged as a whole, and fitted to by them. MEASURED.jsonl has one
 * object a line: source, text, input_tokens_by_model. In the folder OUTPUT, estimate_weights.h is written anew, and
 * estimate_tokens.h unless only widths are fitted. With FURTHER in the environment, it goes on from the weights that
 * are compiled in: see "fitting further". OUTPUT has to have them then.
 *
 * Costs are solved for by least squares: the sum over all texts of the squared relative error, with weights of features
 * that are not negative, each drawn a little towards a first guess, and costs of tokens of their own, drawn to none
 * (see costs below). What is printed is about texts that the fit has not seen: they are dealt into three folds, a
 * repository or, where there is none, a text whole into one, and every fold is judged by what was fitted, costs and
 * ranges alike, to the other two.
 */
#include "base/file.h"
#include "base/types.h"
#include "tokenizer/estimate.h"
#include "tokenizer/estimate_tokens.h"
#include "tokenizer/estimate_weights.h"
#include "tokenizer/reading.h"
#include "tokenizer/tokens.h"
#include "tokenizer/vocab.h"

#include <errno.h>
#include <jansson.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

enum {
    FEATURES = SP_FEATURE_COUNT,
    FAMILIES = SP_FAMILY_END - 1,
    FOLDS = 3,
    NO_FOLD = -1,
    MAX_TEXTS = 1 << 18,
    MOST_JUDGED = 12000, /* more or less */
    FEWEST = 50,         /* texts of a class, to make ranges wide enough for it */
    FROM_ONE = 10, /* texts of one repository count as so many at most: they err alike, and others' will be others */
};

static const double RIDGE = 1e-4;       /* how strongly weights are drawn to the first guess */
static const double FACT = 1e3;         /* the same, to what is known */
static const double RARE = 0.02;        /* a feature that is rarer is drawn as if it were not */
static const double RARE_SCRIPT = 0.2;  /* the same, of scripts that there are few texts of */
static const double NOISE = 2e-4;       /* the variance of the error of a long text that nothing explains, by its */
static const double EXACT_NOISE = 0.5;  /* importance; and which part of it there is where counts are exact */
static const double SHORT_TOKENS = 300; /* shorter texts count for less, each token of them the same */
/* Of every kind, either way: more where there are few texts to tell from, or none. */
static const double least_widths[SP_KINDS] = {
    [SP_KIND_WORDS] = 0.002,        [SP_KIND_NAMES] = 0.003, [SP_KIND_SYMBOLS] = 0.003,
    [SP_KIND_BLANKS] = 0.03,        [SP_KIND_LATIN] = 0.04,  [SP_KIND_ALPHABETS] = 0.01,
    [SP_KIND_STRANGE_WORDS] = 0.02, [SP_KIND_CJK] = 0.01,    [SP_KIND_STRANGE_LATIN] = 0.04,
    [SP_KIND_SCRIPTS] = 0.04,       [SP_KIND_RARE] = 0.5,    [SP_KIND_STRANGE_ALPHABETS] = 0.03,
    [SP_KIND_SIGNS] = 0.05,         [SP_KIND_LONG] = 0.15,
};
/* Share of the texts of a class on the right side of the low end of the range, and of the high end: 95 % are within.
 * A budget loses the room between the truth and the high end, so that is kept low, and more texts may exceed it. */
static const double covered[] = { 0.994, 0.956 };
/* How much further off texts are taken to be, fitting further, than they are if the last fit has seen them. It was 1.5
 * at the 95th percentile of code (Rosetta); but with that all ranges of agent files would be those of its rarest
 * languages. */
static const double SEEN = 1.15;
static const double OTHERS = 0.12; /* how much the width of a text counts that is no agent file */

/* The variance of what a token costs of its own, by how it is written and by rank. These are the values by which the
 * counts of the texts are likeliest (a Gaussian process with such a variance for each class). */
typedef struct spread {
    double value[FAMILIES];
    uint32_t end; /* the first rank that is not of the class */
} spread;

enum { RANKS = 6 };

static const spread small_words[RANKS] = {
    { { 0.010, 0.003 }, 1000 }, { { 0.018, 0.18 }, 3000 }, { { 0.033, 0.45 }, 8000 },
    { { 0.029, 0.38 }, 20000 }, { { 0.12, 0.39 }, 45000 }, { { 0.48, 0.30 }, UINT32_MAX },
};
static const spread capital_words[] = { { { 0.11, 0.24 }, 10000 }, { { 0.59, 0.27 }, UINT32_MAX } };
static const spread inner_parts[] = { { { 0.11, 0.11 }, 2000 },
                                      { { 0.15, 0.25 }, 12000 },
                                      { { 0.74, 0.58 }, UINT32_MAX } };
static const spread capital_parts[] = { { { 0.09, 0.23 }, UINT32_MAX } };
static const spread signs[] = { { { 0.052, 0.047 }, 1000 }, { { 0.14, 0.41 }, UINT32_MAX } };
static const spread before_blanks[] = { { { 0.3, 0.3 }, UINT32_MAX } };
static const spread titles[] = { { { 0.084, 0.13 }, UINT32_MAX } };
static const spread wide_parts[] = { { { 1.7, 1.6 }, UINT32_MAX } }; /* and whatever is not ASCII */

typedef enum source {
    RECONSTRUCTED, /* counts of a public reconstruction */
    MEASURED,      /* the provider's own */
    PART,          /* of a text with counts of the first kind */
    MADE,          /* lines of one run of signs, to tell what that costs: in every fit, and not judged */
} source;

/* How often a token, or a feature, is in a text. */
typedef struct repeats {
    uint32_t token;
    float count;
} repeats;

typedef struct text {
    char name[160];
    char group[96]; /* what goes into one fold */
    const char *sort;
    const char *content;
    source source;
    int fold;
    double importance;
    double weight; /* of a text of a large repository less than 1: see FROM_ONE */
    double tokens[FAMILIES];
    double known[FAMILIES][SP_KINDS]; /* further: what it costs by the fit that there is, by kind */
    bool is_agent_file;
    bool is_idle;             /* further: it tells little of what is fitted, so it is neither that nor judged */
    bool has_parts;           /* and so it is not fitted to */
    float (*kinds)[FEATURES]; /* what is counted in one that is judged, by the kind of the piece, SP_KINDS of them */
    repeats *found;           /* features */
    size_t found_count;
    repeats *owns;
    size_t own_count;
    uint32_t *shingles; /* hashes of five words in a row */
    size_t shingle_count;
    bool is_near; /* to texts of other folds: the fit has seen it, more or less */
} text;

static text *texts[MAX_TEXTS];
static size_t text_count;
static size_t judged_count; /* of them */

static const char *const family_names[FAMILIES] = { "claude-v3", "claude-4.7" };
static const char *const contents[] = { "prose", "code",      "data",          "Latin script",
                                        "CJK",   "alphabets", "other scripts", "mixed" };

enum { MAX_SORTS = 80, CONTENTS = SP_COUNT_OF(contents), AGENT_FILES = CONTENTS + MAX_SORTS, ALL_TEXTS, CLASSES };

static const char *sorts[MAX_SORTS] = { "agents",         "CLAUDE.md, AGENTS.md", "skills",          "rules, memory",
                                        "whole projects", "code (Rosetta)",       "languages (UDHR)" };

static void die(const char *what, const char *where)
{
    fprintf(stderr, "calibrate: %s: %s\n", what, where);
    exit(2);
}

/* ---- fitting further ------------------------------------------------------------------------------------ */

/*
 * Without the texts of the last fit, what it found can still be fitted to others. All that an aim does not free is
 * kept, and what is solved for is how much more or less than before the rest costs; or only widths, if no script is
 * free.
 */
enum { ROOT = SP_KINDS, CODE, TERMS }; /* of a range, behind those of the kinds: see sp_model_weights */

typedef struct aim {
    const char *name;             /* the value of FURTHER */
    const char *what;             /* is fitted */
    const sp_model_weights *kept; /* of each family, by the last fit */
    sp_script first, last;        /* the scripts that are free: none, if first is after last */
    uint32_t terms;               /* the widths that are, a bit each */
} aim;

enum {
    OF_SCRIPTS = 1 << SP_KIND_ALPHABETS | 1 << SP_KIND_STRANGE_ALPHABETS | 1 << SP_KIND_SCRIPTS,
    OF_LATIN = 1 << SP_KIND_CJK | 1 << SP_KIND_LATIN | 1 << SP_KIND_STRANGE_LATIN | 1 << SP_KIND_STRANGE_WORDS |
               1 << SP_KIND_WORDS | 1 << SP_KIND_NAMES | 1 << SP_KIND_SYMBOLS | 1 << SP_KIND_BLANKS | 1 << ROOT |
               1 << CODE,
    OF_RANGES = 1 << SP_KIND_CJK | 1 << SP_KIND_ALPHABETS,
    OF_ALL = (1 << TERMS) - 1,
};

static const sp_model_weights no_weights[FAMILIES];

static const aim aims[] = {
    { "", "all", no_weights, SP_SCRIPT_LATIN, SP_SCRIPTS - 1, OF_ALL },
    { "latin", "Latin letters that are not ASCII, and the ranges of text in such letters or in CJK", sp_all_weights,
      SP_SCRIPT_LATIN, SP_SCRIPT_LATIN, OF_LATIN },
    { "scripts", "scripts other than Latin, Chinese, Japanese and Korean", sp_all_weights, SP_SCRIPT_GREEK,
      SP_SCRIPT_ETHIOPIC, OF_SCRIPTS },
    { "ranges", "the ranges of text in CJK and in alphabets", sp_all_weights, SP_SCRIPTS, SP_SCRIPT_LATIN, OF_RANGES },
};

static const aim *aim_of_fit = aims;

static bool is_further(void)
{
    return aim_of_fit > aims;
}

static void set_aim(const char *further)
{
    for (size_t i = 0; i < SP_COUNT_OF(aims); i++)
        if (strcmp(aims[i].name, further ? further : "") == 0) {
            aim_of_fit = &aims[i];
            return;
        }
    die("FURTHER must be latin, scripts or ranges", further);
}

/* What a feature cost by the last fit. */
static double kept_cost(int family, size_t feature)
{
    return (double)aim_of_fit->kept[family].features[feature] / SP_TICKS;
}

/* And a token of its own: filled by keep_owns. */
static float kept_owns[FAMILIES][SP_OWN_END];

static void keep_owns(void)
{
    for (uint32_t page = 0; page < SP_OWN_END >> 8; page++)
        for (size_t i = sp_own_pages[page]; i < sp_own_pages[page + 1]; i++) {
            uint32_t own = page << 8 | sp_own_lows[i];
            for (int family = 0; family < FAMILIES; family++)
                kept_owns[family][own] = (float)sp_own_costs[family][i] * (float)sp_own_ticks(own) / (float)SP_TICKS;
        }
}

static bool is_free_script(size_t script)
{
    return script >= aim_of_fit->first && script <= aim_of_fit->last;
}

static bool is_any_script_free(void)
{
    return aim_of_fit->first <= aim_of_fit->last;
}

static bool is_free_feature(size_t feature)
{
    if (!is_further())
        return true;
    return feature >= SP_FEATURE_wide_chars && feature <= SP_FEATURE_END_wide_runs &&
           is_free_script((feature - SP_FEATURE_wide_chars) % SP_SCRIPTS);
}

static bool is_free_term(size_t term)
{
    return aim_of_fit->terms >> term & 1;
}

/* Whether a token, of len bytes, tells that a character of a free script is in a text: its first one that is not ASCII,
 * or the bytes that it has of that, whatever they are continued with. */
static bool is_free_token(const char *bytes, size_t len)
{
    size_t i = 0, there;
    while (i < len && (unsigned char)bytes[i] < 0x80)
        i++;
    if (i == len || ((unsigned char)bytes[i] & 0xC0) == 0x80)
        return false;
    size_t size = sp_char_len((uint8_t)bytes[i]);
    uint32_t code = (unsigned char)bytes[i] & (0x7Fu >> size), rest;
    for (there = 1; there < size && i + there < len; there++)
        code = code << 6 | ((unsigned char)bytes[i + there] & 0x3F);
    rest = 6 * (uint32_t)(size - there);
    return is_free_script(sp_script_of(code << rest)) && is_free_script(sp_script_of(((code + 1) << rest) - 1));
}

static bool is_free_own(uint32_t own)
{
    enum { UNKNOWN, NO, YES };
    static uint8_t known[SP_OWN_END];
    if (!is_further())
        return true;
    if (own < SP_OWN_WIDE || own >= SP_OWN_TITLE) /* none of o200k_base */
        return false;
    if (known[own] == UNKNOWN) {
        char *bytes;
        size_t len;
        sp_err err;
        uint32_t token = own - SP_OWN_WIDE;
        if (sp_decode(sp_encoding_find(SP_STR("o200k_base")), &token, 1, &bytes, &len, &err) != SP_OK)
            die(err.message, "o200k_base");
        known[own] = is_free_token(bytes, len) ? YES : NO;
        free(bytes);
    }
    return known[own] == YES;
}

/* ---- features of the texts ------------------------------------------------------------------------------ */

static sp_estimator estimator;

/* How often each token was seen in the text at hand, and which were. */
static float seen_counts[SP_OWN_END];
static uint32_t seen[SP_OWN_END];
static size_t seen_count;
static double seen_known[FAMILIES]; /* what those cost by the last fit, since a piece began */

static void saw(uint32_t own)
{
    for (int family = 0; family < FAMILIES; family++)
        seen_known[family] += (double)kept_owns[family][own];
    if (!is_free_own(own))
        return;
    if (seen_counts[own] == 0)
        seen[seen_count++] = own;
    seen_counts[own]++;
}

/* What was seen goes to the text, and is forgotten. */
static void take_seen(text *t)
{
    t->owns = malloc((seen_count + 1) * sizeof *t->owns);
    if (!t->owns)
        die("out of memory", t->name);
    for (size_t i = 0; i < seen_count; i++) {
        t->owns[t->own_count++] = (repeats){ seen[i], seen_counts[seen[i]] };
        seen_counts[seen[i]] = 0;
    }
    seen_count = 0;
}

static bool is_word_byte(char c)
{
    return (c >= '0' && c <= '9') || ((c | 0x20) >= 'a' && (c | 0x20) <= 'z') || (unsigned char)c >= 0x80;
}

static void take_shingles(text *t, const char *bytes, size_t len)
{
    enum { WORDS = 5 };
    uint32_t last[WORDS] = { 0 };
    size_t words = 0, begin;
    t->shingles = malloc((len / 2 + 1) * sizeof *t->shingles);
    for (size_t at = 0; t->shingles && at < len;) {
        uint32_t hash = 2166136261u, all = 0;
        for (; at < len && !is_word_byte(bytes[at]); at++)
            ;
        for (begin = at; at < len && is_word_byte(bytes[at]); at++)
            hash = (hash ^ (unsigned char)(bytes[at] | 0x20)) * 16777619u;
        if (at == begin)
            break;
        last[words++ % WORDS] = hash;
        for (size_t i = 0; i < WORDS; i++)
            all = (all ^ last[(words + i) % WORDS]) * 0x9E3779B1u;
        if (words >= WORDS)
            t->shingles[t->shingle_count++] = all;
    }
}

/* Whether it may be judged: it is what people would count. */
static bool is_text(const text *t)
{
    return t->source == RECONSTRUCTED || t->source == MEASURED;
}

static double known_tokens(const text *t, int family)
{
    double sum = 0;
    for (size_t k = 0; k < SP_KINDS; k++)
        sum += t->known[family][k];
    return sum;
}

static void set_idle(text *t)
{
    enum { SHARE = 5 };
    double told = 0;
    for (size_t k = 0; k < SP_KINDS; k++)
        told += is_free_term(k) ? t->known[0][k] : 0;
    t->is_idle = is_further() && told < known_tokens(t, 0) / SHARE;
    judged_count -= t->is_idle && is_text(t);
}

static void look_at(text *t, const char *bytes, size_t len)
{
    static float counts[SP_KINDS][FEATURES];
    memset(counts, 0, sizeof counts);
    if (is_text(t))
        take_shingles(t, bytes, len);
    static sp_look look = { .saw = saw };
    size_t ends[64];
    if (sp_utf8_find_invalid((sp_str){ bytes, len }, 0) != SIZE_MAX)
        die("not UTF-8", t->name);
    sp_reading reading;
    if (!sp_reading_init(&reading, (sp_str){ bytes, len }))
        die("out of memory", t->name);
    bytes = reading.text.ptr;
    len = reading.text.len;
    for (size_t at = 0; at < len;) {
        size_t count = sp_split(&estimator.narrow, (const uint8_t *)bytes, at, len, ends, 64);
        for (size_t i = 0; i < count; at = ends[i++]) {
            sp_finding found;
            memset(look.counts, 0, sizeof look.counts);
            size_t reach = sp_estimate_reach(&estimator.narrow, (const uint8_t *)bytes, ends[i], len);
            if (!sp_estimate_piece(&estimator, (const uint8_t *)bytes + at, ends[i] + reach - at, &look, &found))
                die("out of memory", t->name);
            for (size_t f = 0; f < FEATURES; f++)
                if (is_free_feature(f))
                    counts[found.kind][f] += look.counts[f];
            for (int family = 0; family < FAMILIES; family++) {
                for (size_t f = 0; f < FEATURES; f++)
                    t->known[family][found.kind] += kept_cost(family, f) * (double)look.counts[f];
                t->known[family][found.kind] += seen_known[family];
                seen_known[family] = 0;
            }
        }
    }
    sp_reading_release(&reading);
    take_seen(t);
    set_idle(t);
    static repeats all[FEATURES];
    for (uint32_t f = 0; f < FEATURES; f++) {
        all[t->found_count] = (repeats){ .token = f };
        for (size_t k = 0; k < SP_KINDS; k++)
            all[t->found_count].count += counts[k][f];
        t->found_count += all[t->found_count].count > 0;
    }
    t->found = malloc((t->found_count + 1) * sizeof *t->found);
    t->kinds = is_text(t) ? malloc(sizeof counts) : NULL;
    if (!t->found || (is_text(t) && !t->kinds))
        die("out of memory", t->name);
    memcpy(t->found, all, t->found_count * sizeof *all);
    if (t->kinds)
        memcpy(t->kinds, counts, sizeof counts);
}

static text *new_text(const char *name, const char *group, source from)
{
    if (text_count == MAX_TEXTS)
        die("too many texts", name);
    text *t = calloc(1, sizeof *t);
    if (!t)
        die("out of memory", name);
    snprintf(t->name, sizeof t->name, "%s", name);
    snprintf(t->group, sizeof t->group, "%s", group);
    t->weight = 1;
    t->content = "mixed";
    t->source = from;
    judged_count += is_text(t);
    return texts[text_count++] = t;
}

/* NULL for what is no agent file. */
static const char *sort_of(const char *path)
{
    static const char *const pairs[][2] = {
        { "/projects/", "whole projects" },
        { "/claude-md/", "CLAUDE.md, AGENTS.md" },
        { "/agents-md/", "CLAUDE.md, AGENTS.md" },
        { "/skills/", "skills" },
        { "/rules/", "rules, memory" },
        { "/memory-md/", "rules, memory" },
        { "/agents/", "agents" },
    };
    for (size_t i = 0; i < SP_COUNT_OF(pairs); i++)
        if (strstr(path, pairs[i][0]))
            return pairs[i][1];
    return NULL;
}

/* The sort of all others is their directory. */
static const char *directory_of(const char *path)
{
    const char *end = strrchr(path, '/'), *begin = end;
    size_t i = 0;
    while (begin && begin > path && begin[-1] != '/')
        begin--;
    char *name = begin ? strndup(begin, (size_t)(end - begin)) : NULL;
    if (!name)
        die("no directory", path);
    while (i < MAX_SORTS && sorts[i] && strcmp(sorts[i], name) != 0)
        i++;
    if (i == MAX_SORTS)
        die("too many directories", path);
    if (sorts[i])
        free(name);
    else
        sorts[i] = name;
    return sorts[i];
}

static void read_counts(const char *path, const char *folder)
{
    char line[4096], file[4096], name[512], group[256], extent[64];
    text *whole = NULL; /* the last one */
    FILE *in = fopen(path, "r");
    if (!in)
        die("cannot be read", path);
    while (fgets(line, sizeof line, in)) {
        double v3, v47;
        char *bytes;
        size_t len;
        sp_err err;
        if (sscanf(line, "%511[^\t]\t%255[^\t]\t%63s\t%*s\t%*s\t%*s\t%lf\t%lf", name, group, extent, &v3, &v47) != 5 ||
            v3 < 1 || v47 < 1)
            continue;
        snprintf(file, sizeof file, "%s/%s", folder, name);
        if (sp_file_load(file, &bytes, &len, &err) != SP_OK)
            die(err.message, file);
        size_t begin, end;
        bool is_part = sscanf(extent, "%zu:%zu", &begin, &end) == 2;
        if (is_part && (begin > end || end > len))
            die("no such part", file);
        text *t = new_text(name, group, is_part ? PART : strstr(name, "/signs/") ? MADE : RECONSTRUCTED);
        whole = is_part ? whole : t;
        if (!whole)
            die("a part of no text", name);
        whole->has_parts |= is_part;
        t->is_agent_file = sort_of(name);
        t->sort = t->is_agent_file ? sort_of(name) : directory_of(name);
        t->importance = t->source == MADE ? 0.3 : 1;
        t->tokens[0] = v3;
        t->tokens[1] = v47;
        look_at(t, is_part ? bytes + begin : bytes, is_part ? end - begin : len);
        free(bytes);
    }
    fclose(in);
}

/* Tokens of a request with nothing but the text, without what the request adds (see README.md). */
static double measured(const json_t *counts, const char *model, double frame)
{
    const json_t *count = json_object_get(counts, model);
    return count ? json_number_value(count) - frame : 0;
}

static void read_measured(const char *path)
{
    char *line = NULL;
    size_t capacity = 0;
    FILE *in = fopen(path, "r");
    if (!in)
        die("cannot be read", path);
    while (getline(&line, &capacity, in) > 0) {
        json_error_t error;
        json_t *record = json_loads(line, 0, &error);
        const json_t *content = json_object_get(record, "text"),
                     *counts = json_object_get(record, "input_tokens_by_model");
        const char *name = json_string_value(json_object_get(record, "source"));
        if (!content || !counts || !name)
            die("a line without source, text or counts", path);
        text *t = new_text(name, name, MEASURED);
        t->sort = strstr(name, "udhr") ? "languages (UDHR)" : "code (Rosetta)";
        t->importance = 1;
        t->tokens[0] = measured(counts, "claude-opus-4-5", 7);
        t->tokens[1] = measured(counts, "claude-opus-5", 6);
        if (t->tokens[0] < 1 || t->tokens[1] < 1)
            die("a text without tokens", name);
        look_at(t, json_string_value(content), json_string_length(content));
        json_decref(record);
    }
    free(line);
    fclose(in);
}

static unsigned hash_of(const char *name)
{
    unsigned hash = 2166136261u;
    for (; *name; name++)
        hash = (hash ^ (unsigned char)*name) * 16777619u;
    return hash;
}

static int compare_groups(const void *a, const void *b)
{
    return strcmp((*(text *const *)a)->group, (*(text *const *)b)->group);
}

/* Deals the texts into folds, those of a repository into one. */
static void deal(void)
{
    qsort(texts, text_count, sizeof *texts, compare_groups);
    for (size_t i = 0, end, members; i < text_count; i = end) {
        for (end = i, members = 0; end < text_count && strcmp(texts[i]->group, texts[end]->group) == 0; end++)
            members += is_text(texts[end]);
        for (size_t k = i; k < end; k++) {
            texts[k]->fold = texts[k]->source == MADE ? FOLDS : (int)(hash_of(texts[i]->group) % FOLDS);
            texts[k]->weight = fmin(FROM_ONE / (double)members, 1);
        }
    }
}

/* Files of agents are copied from repository to repository: which texts share a fifth of their wording with another
 * fold. They are fitted to, but neither judged nor used for ranges. */
static void find_near(void)
{
    enum { BITS = 30, SHARE = 5, FEWEST_SHINGLES = 20 };
    uint8_t *folds = calloc((size_t)1 << BITS, sizeof *folds);
    if (!folds)
        die("out of memory", "shingles");
    for (size_t i = 0; i < text_count; i++)
        for (size_t k = 0; k < texts[i]->shingle_count; k++)
            folds[texts[i]->shingles[k] >> (32 - BITS)] |= (uint8_t)(1 << texts[i]->fold);
    for (size_t i = 0; i < text_count; i++) {
        size_t shared = 0;
        for (size_t k = 0; k < texts[i]->shingle_count; k++)
            shared += (folds[texts[i]->shingles[k] >> (32 - BITS)] & ~(1u << texts[i]->fold)) != 0;
        texts[i]->is_near = texts[i]->source == RECONSTRUCTED && texts[i]->shingle_count >= FEWEST_SHINGLES &&
                            shared > texts[i]->shingle_count / SHARE;
    }
    free(folds);
}

/* ---- costs --------------------------------------------------------------------------------------------------- */

/*
 * The tokens of a text are a sum over what is counted in it: features, and tokens that may cost more or less than their
 * like. All costs are solved for together. They make least the sum, over the texts, of the squared relative error, each
 * by how well it is known, and that, over the tokens, of the squares of their own costs, each by how far such tokens
 * differ (ridge regression with the tokens as random effects). The equations are many and sparse, so they are solved by
 * conjugate gradients.
 */
enum { COSTS = FEATURES + SP_OWN_END, CORRECTIONS = 8, ROUNDS = 600 };

/* The costs that there are: of features, and of the tokens that are in texts, the commonest first. */
static size_t cost_count;
static uint32_t own_names[SP_OWN_END];   /* which token */
static uint32_t own_numbers[SP_OWN_END]; /* and the other way, from 1 on; 0: in no text */

static const double CLOSE = 1e-3; /* of the sum of squares, what is still to be gained */

typedef struct equations {
    int family;
    int without;                /* the fold that is not fitted to, or NO_FOLD */
    bool is_tied;               /* scripts that there are few texts of are one: see twin_of */
    double *pulls;              /* how strongly each cost is drawn to its guess */
    double *scales;             /* of tokens: one over the diagonal */
    double (*factor)[FEATURES]; /* of features: the Cholesky factor of their part */
    bool is_zero[FEATURES];     /* features that cost nothing in all, as they would cost less than that */
} equations;

static void *take_memory(size_t count, size_t size)
{
    void *memory = calloc(count, size);
    if (!memory)
        die("out of memory", "costs");
    return memory;
}

static double importance_of(const text *t, int family)
{
    return t->importance * fmin(t->tokens[family] / SHORT_TOKENS, 1);
}

/* Of the square of what a text's tokens are off by. */
static double precision_of(const text *t, int family)
{
    double noise = t->source == MEASURED ? 1 : EXACT_NOISE;
    return importance_of(t, family) / noise / t->tokens[family] / t->tokens[family];
}

static bool is_letter(char c)
{
    return (c | 0x20) >= 'a' && (c | 0x20) <= 'z';
}

/* The classes of a token by its bytes. */
static const spread *spreads_of(const char *bytes, size_t len)
{
    size_t blank = len > 1 && bytes[0] == ' ', letters = 0, capitals = 0, ascii = 0;
    for (size_t i = blank; i < len; i++) {
        letters += is_letter(bytes[i]);
        capitals += bytes[i] >= 'A' && bytes[i] <= 'Z';
        ascii += (unsigned char)bytes[i] < 0x80;
    }
    if (ascii < len - blank)
        return wide_parts;
    if (letters < len - blank)
        return signs;
    if (blank)
        return capitals ? capital_words : small_words;
    return capitals ? capital_parts : inner_parts;
}

/* Of each token that may have a cost of its own, by its number. */
static float spread_of[FAMILIES][SP_OWN_END];

static void set_spread(uint32_t number)
{
    uint32_t own = own_names[number];
    const spread *s = own >= SP_OWN_BEFORE ? before_blanks : own >= SP_OWN_TITLE ? titles : wide_parts;
    if (own < SP_OWN_WIDE) {
        char *bytes;
        size_t len;
        sp_err err;
        if (sp_decode(sp_encoding_find(SP_STR("cl100k_base")), &own, 1, &bytes, &len, &err) != SP_OK)
            die(err.message, "cl100k_base");
        for (s = spreads_of(bytes, len); own >= s->end; s++)
            ;
        free(bytes);
    }
    for (int family = 0; family < FAMILIES; family++)
        spread_of[family][number] = (float)s->value[family];
}

static uint32_t texts_with[SP_OWN_END];

static int compare_owns(const void *a, const void *b)
{
    uint32_t x = *(const uint32_t *)a, y = *(const uint32_t *)b;
    return texts_with[x] != texts_with[y] ? texts_with[x] < texts_with[y] ? 1 : -1 : x < y ? -1 : x > y;
}

/* Numbers the tokens that are in texts. */
static void number_owns(void)
{
    uint32_t count = 0;
    for (size_t i = 0; i < text_count; i++)
        for (size_t k = 0; k < texts[i]->own_count; k++)
            if (texts_with[texts[i]->owns[k].token]++ == 0)
                own_names[count++] = texts[i]->owns[k].token;
    qsort(own_names, count, sizeof *own_names, compare_owns);
    for (uint32_t number = 0; number < count; number++) {
        own_numbers[own_names[number]] = number + 1;
        set_spread(number);
    }
    for (size_t i = 0; i < text_count; i++)
        for (size_t k = 0; k < texts[i]->own_count; k++)
            texts[i]->owns[k].token = own_numbers[texts[i]->owns[k].token] - 1;
    cost_count = FEATURES + count;
}

static bool is_of_rare_script(size_t feature)
{
    size_t script = (feature - SP_FEATURE_wide_chars) % SP_SCRIPTS;
    return feature >= SP_FEATURE_wide_chars && feature <= SP_FEATURE_END_wide_runs && script > SP_SCRIPT_LATIN &&
           script <= SP_SCRIPT_ASTRAL;
}

/* What is known without a fit, and where there are few texts to tell from: three digits are a token; so is a run of
 * about 15 line ends, or 31 for Claude 3, and one of 16 spaces. */
static bool find_fact(int family, size_t feature, double *ret)
{
    const struct {
        size_t feature;
        double value[FAMILIES];
    } facts[] = {
        { SP_FEATURE_digits, { 1, 1 } },           { SP_FEATURE_newlines, { 1, 1 } },
        { SP_FEATURE_newlines_over_15, { 0, 1 } }, { SP_FEATURE_newlines_over_31, { 1, 0 } },
        { SP_FEATURE_spaces_over_16, { 1, 1 } },   { SP_FEATURE_repeat_blocks_v3, { 1, 0 } },
        { SP_FEATURE_repeat_blocks_47, { 0, 1 } }, { SP_FEATURE_known_v3, { 1, 0 } },
        { SP_FEATURE_known_47, { 0, 1 } },
    };
    for (size_t i = 0; i < SP_COUNT_OF(facts); i++)
        if (facts[i].feature == feature) {
            *ret = facts[i].value[family];
            return true;
        }
    return false;
}

/* Scripts of which there are few texts are first fitted as if they were one. */
static int twin_of(int feature)
{
    static const int firsts[] = { SP_FEATURE_wide_chars, SP_FEATURE_wide_runs, SP_FEATURE_wide_tokens };
    for (size_t i = 0; i < SP_COUNT_OF(firsts); i++) {
        int script = feature - firsts[i];
        if (script >= SP_SCRIPT_ARMENIAN && script <= SP_SCRIPT_ASTRAL && script != SP_SCRIPT_ARABIC)
            return firsts[i] + SP_SCRIPT_OTHER;
        if (script == SP_SCRIPT_GREEK)
            return firsts[i] + SP_SCRIPT_CYRILLIC;
    }
    return feature;
}

/* What is solved to for a script that there may be no text of: a katakana is a token, and Hangul and hiragana cost what
 * they did in another collection, of 2,096 files. */
static void set_first_guess(int family, double *guess)
{
    for (size_t i = 0; i < FEATURES; i++)
        guess[i] = find_fact(family, i, &guess[i]) ? guess[i] : 0;
    guess[SP_FEATURE_wide_chars + SP_SCRIPT_HIRAGANA] = 0.82;
    guess[SP_FEATURE_wide_chars + SP_SCRIPT_KATAKANA] = 1;
    guess[SP_FEATURE_wide_chars + SP_SCRIPT_HANGUL] = 1.39;
    for (size_t i = 0; i < SP_SYMBOLS; i++) /* a line of a sign is two tokens for most lengths */
        guess[SP_FEATURE_repeats + i] = 1;
}

static bool is_fitted(const equations *e, const text *t)
{
    return t->fold != e->without && !t->has_parts && !t->is_idle;
}

static int name_of(const equations *e, uint32_t feature)
{
    return e->is_tied ? twin_of((int)feature) : (int)feature;
}

static double tokens_by(const equations *e, const text *t, const double *costs)
{
    double sum = 0;
    for (size_t k = 0; k < t->found_count; k++)
        sum += (double)t->found[k].count * costs[name_of(e, t->found[k].token)];
    for (size_t k = 0; k < t->own_count; k++)
        sum += (double)t->owns[k].count * costs[FEATURES + t->owns[k].token];
    return sum;
}

static void add_text(const equations *e, const text *t, double amount, double *sums)
{
    for (size_t k = 0; k < t->found_count; k++)
        sums[name_of(e, t->found[k].token)] += (double)t->found[k].count * amount;
    for (size_t k = 0; k < t->own_count; k++)
        sums[FEATURES + t->owns[k].token] += (double)t->owns[k].count * amount;
}

static void multiply(const equations *e, const double *costs, double *ret)
{
    for (size_t k = 0; k < cost_count; k++)
        ret[k] = e->pulls[k] * costs[k];
    for (size_t i = 0; i < text_count; i++)
        if (is_fitted(e, texts[i]))
            add_text(e, texts[i], precision_of(texts[i], e->family) * tokens_by(e, texts[i], costs), ret);
}

/* How strongly features are drawn to their guess: as if a few more texts had the usual share of them at that cost. */
static void set_pulls(equations *e)
{
    double usual[FEATURES] = { 0 }, importance = 0, value;
    for (size_t i = 0; i < text_count; i++) {
        const text *t = texts[i];
        if (!is_fitted(e, t))
            continue;
        importance += importance_of(t, e->family);
        for (size_t k = 0; k < t->found_count; k++) {
            double share = (double)t->found[k].count / t->tokens[e->family];
            usual[name_of(e, t->found[k].token)] += importance_of(t, e->family) * share * share;
        }
    }
    for (size_t f = 0; f < FEATURES; f++) {
        double least = is_of_rare_script(f) ? RARE_SCRIPT : RARE;
        double pull = find_fact(e->family, f, &value) ? FACT : RIDGE;
        e->pulls[f] = pull * fmax(usual[f], least * least * importance);
    }
    for (size_t k = FEATURES; k < cost_count; k++)
        e->pulls[k] = NOISE / (double)spread_of[e->family][k - FEATURES];
}

static void factorize(double matrix[FEATURES][FEATURES])
{
    for (size_t i = 0; i < FEATURES; i++)
        for (size_t j = 0; j <= i; j++) {
            double sum = matrix[i][j];
            for (size_t k = 0; k < j; k++)
                sum -= matrix[i][k] * matrix[j][k];
            matrix[i][j] = i == j ? sqrt(fmax(sum, 1e-9)) : sum / matrix[j][j];
        }
}

/* An inverse that is near to that of the equations: tokens each by itself, and features together. */
static void set_inverse(equations *e)
{
    memset(e->factor, 0, FEATURES * sizeof *e->factor);
    for (size_t k = 0; k < cost_count; k++)
        e->scales[k] = e->pulls[k];
    for (size_t i = 0; i < text_count; i++) {
        const text *t = texts[i];
        double precision = precision_of(t, e->family);
        if (!is_fitted(e, t))
            continue;
        for (size_t k = 0; k < t->found_count; k++)
            for (size_t n = 0; n < t->found_count; n++)
                e->factor[name_of(e, t->found[k].token)][name_of(e, t->found[n].token)] +=
                    precision * (double)t->found[k].count * (double)t->found[n].count;
        for (size_t k = 0; k < t->own_count; k++)
            e->scales[FEATURES + t->owns[k].token] += precision * (double)t->owns[k].count * (double)t->owns[k].count;
    }
    for (size_t f = 0; f < FEATURES; f++)
        for (size_t g = 0; g < FEATURES; g++)
            if (f == g)
                e->factor[f][f] = e->is_zero[f] ? 1 : e->factor[f][f] + e->pulls[f];
            else if (e->is_zero[f] || e->is_zero[g])
                e->factor[f][g] = 0;
    factorize(e->factor);
    for (size_t k = FEATURES; k < cost_count; k++)
        e->scales[k] = 1 / e->scales[k];
}

static void apply_inverse(const equations *e, const double *left, double *ret)
{
    for (size_t f = 0; f < FEATURES; f++) {
        ret[f] = e->is_zero[f] ? 0 : left[f];
        for (size_t g = 0; g < f; g++)
            ret[f] -= e->factor[f][g] * ret[g];
        ret[f] /= e->factor[f][f];
    }
    for (size_t f = FEATURES; f-- > 0;) {
        ret[f] /= e->factor[f][f];
        for (size_t g = 0; g < f; g++)
            ret[g] -= e->factor[f][g] * ret[f];
    }
    for (size_t k = FEATURES; k < cost_count; k++)
        ret[k] = left[k] * e->scales[k];
}

static double product(const double *a, const double *b)
{
    double sum = 0;
    for (size_t k = 0; k < cost_count; k++)
        sum += a[k] * b[k];
    return sum;
}

/* By conjugate gradients, from what is in costs. */
static void descend(const equations *e, const double *guess, double *costs)
{
    double *left = take_memory(COSTS, sizeof *left), *step = take_memory(COSTS, sizeof *step),
           *image = take_memory(COSTS, sizeof *image), *next = take_memory(COSTS, sizeof *next);
    multiply(e, costs, image);
    for (size_t k = 0; k < cost_count; k++)
        left[k] = (k < FEATURES ? e->pulls[k] * guess[k] : 0) - image[k];
    for (size_t i = 0; i < text_count; i++)
        if (is_fitted(e, texts[i]))
            add_text(e, texts[i],
                     precision_of(texts[i], e->family) *
                         (texts[i]->tokens[e->family] - known_tokens(texts[i], e->family)),
                     left);
    apply_inverse(e, left, step);
    double size = product(left, step);
    for (int round = 0; round < ROUNDS && size > CLOSE; round++) {
        multiply(e, step, image);
        double length = size / product(step, image);
        for (size_t k = 0; k < cost_count; k++) {
            costs[k] += length * step[k];
            left[k] -= length * image[k];
        }
        apply_inverse(e, left, next);
        double before = size;
        size = product(left, next);
        for (size_t k = 0; k < cost_count; k++)
            step[k] = next[k] + size / before * step[k];
    }
    free(left);
    free(step);
    free(image);
    free(next);
}

/* With features that cost at least nothing. */
static void solve(int family, int without, bool is_tied, const double *guess, double *costs)
{
    static double factor[FEATURES][FEATURES];
    equations e = { family, without,  is_tied, take_memory(COSTS, sizeof(double)), take_memory(COSTS, sizeof(double)),
                    factor, { false } };
    bool any = true;
    set_pulls(&e);
    for (int i = 0; any && i < CORRECTIONS; i++) {
        any = false;
        set_inverse(&e);
        descend(&e, guess, costs);
        for (size_t f = 0; f < FEATURES; f++)
            if (costs[f] < -kept_cost(family, f)) {
                costs[f] = -kept_cost(family, f);
                any = e.is_zero[f] = true;
            }
    }
    free(e.pulls);
    free(e.scales);
}

/* What scripts cost of which there are few texts, by what their like do in all texts. */
static void find_guess(int family, double *guess)
{
    static double costs[COSTS];
    double first[FEATURES];
    memset(costs, 0, sizeof costs);
    set_first_guess(family, first);
    memcpy(costs, first, sizeof first);
    solve(family, NO_FOLD, true, first, costs);
    for (int i = 0; i < FEATURES; i++)
        guess[i] = costs[twin_of(i)];
}

/* Fits to all folds but this one. Of the texts of that, ret_errors gets what is left, as a part of their tokens. */
static void fit(int family, int without, const double *guess, double *costs, double *ret_errors)
{
    equations plain = { .family = family };
    memset(costs, 0, COSTS * sizeof *costs);
    memcpy(costs, guess, FEATURES * sizeof *guess);
    solve(family, without, false, guess, costs);
    for (size_t i = 0; i < text_count; i++) {
        const text *t = texts[i];
        bool is_seen = is_further() && t->source == MEASURED; /* by the last fit */
        if (ret_errors && t->fold == without)
            ret_errors[i] = (1 - (known_tokens(t, family) + tokens_by(&plain, t, costs)) / t->tokens[family]) *
                            (is_seen ? SEEN : 1);
    }
}

/* ---- ranges ------------------------------------------------------------------------------------------------------ */

typedef struct judged {
    const text *text;
    double tokens; /* true */
    double estimate;
    double terms[TERMS]; /* shares of the estimate, and the root of its variance to it */
    double low, high;
    size_t classes[4]; /* one of contents, one of sorts behind them, AGENT_FILES or ALL_TEXTS, ALL_TEXTS */
} judged;

/* error is what fit leaves of it, as a part of its tokens. */
static void judge(const text *t, int family, const double *weights, double error, judged *ret)
{
    *ret = (judged){ .text = t, .tokens = t->tokens[family] };
    for (size_t k = 0; k < SP_KINDS; k++) {
        ret->terms[k] = t->known[family][k];
        for (size_t f = 0; f < FEATURES; f++)
            ret->terms[k] += weights[f] * (double)t->kinds[k][f];
        ret->estimate += ret->terms[k];
    }
    for (size_t k = 0; k < SP_KINDS; k++)
        ret->terms[k] /= fmax(ret->estimate, 0.5);
    ret->estimate = fmax(ret->tokens * (1 - error), 0.5);
    for (size_t k = 0; k < SP_KINDS; k++)
        ret->terms[ROOT] += ret->terms[k] * sp_kind_variances[k];
    ret->terms[ROOT] = sqrt(fmax(ret->terms[ROOT], 0) / ret->estimate);
    ret->terms[CODE] = fmax(ret->terms[SP_KIND_NAMES] + ret->terms[SP_KIND_SYMBOLS] - SP_CODE_PERCENT / 100.0, 0);
    ret->classes[2] = t->is_agent_file ? AGENT_FILES : ALL_TEXTS;
    ret->classes[3] = ALL_TEXTS;
    for (size_t i = 0; t->content && i < SP_COUNT_OF(contents); i++)
        ret->classes[0] = strcmp(contents[i], t->content) == 0 ? i : ret->classes[0];
    for (size_t i = 0; i < MAX_SORTS && sorts[i]; i++)
        ret->classes[1] = strcmp(sorts[i], t->sort) == 0 ? CONTENTS + i : ret->classes[1];
}

/* How far the truth is beyond (sign 1) or below (-1) the estimate, to the estimate, but for the token that the end of a
 * range is rounded by. */
static double miss(const judged *j, int sign)
{
    return sign * ((j->tokens - sign) / j->estimate - 1);
}

static double width_of(const judged *j, const double *widths)
{
    double sum = 0;
    for (size_t k = 0; k < TERMS; k++)
        sum += widths[k] * j->terms[k];
    return sum;
}

static int compare(const void *a, const void *b)
{
    double x = *(const double *)a, y = *(const double *)b;
    return (x > y) - (x < y);
}

static bool is_in_class(const judged *j, size_t class)
{
    return j->classes[0] == class || j->classes[1] == class || j->classes[2] == class || j->classes[3] == class;
}

/* How many more texts of a class may be missed than is its share, in standard deviations: a few more of agent files are
 * no sign of anything. What is to come differs more from what there is in code, and most of all in other languages, of
 * most of which there is one text. */
static double spare_of(size_t class)
{
    static const struct {
        const char *class;
        double spare;
    } spares[] = {
        { "code", -0.2 }, { "code (Rosetta)", -0.2 }, { "languages (UDHR)", -1.4 }, { "Latin script", -1.4 },
        { "CJK", -1.4 },  { "alphabets", -1.4 },      { "other scripts", -1.4 },
    };
    const char *name = class < CONTENTS ? contents[class] : sorts[class - CONTENTS];
    if (is_further()) /* there are texts in many languages then, and they are most classes */
        return 0;
    for (size_t i = 0; name && i < SP_COUNT_OF(spares); i++)
        if (strcmp(name, spares[i].class) == 0)
            return spares[i].spare;
    return 0.3;
}

/* How many texts of a class, by weight, may be missed at one end. All agent files together and all texts keep to the
 * share; of a class one text may always be missed. */
static double allowed_misses(size_t class, double members, int sign)
{
    double misses = (1 - covered[sign > 0]) * members;
    return class >= AGENT_FILES ? misses : fmax(misses + spare_of(class) * sqrt(misses), 1);
}

/* What a wider term costs, on average over the texts: ranges are to be narrow for agent files above all. */
static void price(const judged *list, size_t count, double ret[TERMS])
{
    size_t members[2] = { 1, 1 };
    for (size_t n = 0; n < count; n++)
        members[list[n].text->is_agent_file]++;
    for (size_t k = 0; k < TERMS; k++) {
        ret[k] = 1e-3;
        for (size_t n = 0; n < count; n++)
            ret[k] += list[n].terms[k] * (list[n].text->is_agent_file ? 1 : OTHERS) /
                      (double)members[list[n].text->is_agent_file];
    }
}

/* Further, widths that no text tells of are as they were. */
static double kept_width(int family, size_t term, int sign)
{
    const sp_model_weights *w = &aim_of_fit->kept[family];
    double ticks = term == ROOT   ? (sign > 0 ? w->high_root : w->low_root)
                   : term == CODE ? (sign > 0 ? w->high_code : w->low_code)
                                  : (sign > 0 ? w->high : w->low)[term];
    return ticks / SP_TICKS;
}

static double least_width(int family, size_t term, int sign)
{
    double least = term < SP_KINDS ? least_widths[term] : 0, kept = kept_width(family, term, sign);
    return is_free_term(term) ? least : kept;
}

/*
 * The narrowest widths that cover the texts that are wanted are a linear program: a price for each term, and for each
 * text that its terms at these widths are at least its miss. Its dual has a row for each term, and is solved by the
 * simplex method: the text that is missed by most enters the basis, or the term that is too narrow, until there is
 * none.
 */
typedef struct program {
    size_t count; /* of the terms that are free */
    size_t terms[TERMS];
    double inverse[TERMS][TERMS]; /* of the basis */
    double amounts[TERMS];        /* of what is in it */
    double misses[TERMS];         /* what the widths have to add there to the least ones; 0 for none */
} program;

static void program_init(program *p, const double *cost)
{
    *p = (program){ .count = 0 };
    for (size_t k = 0; k < TERMS; k++)
        if (is_free_term(k)) {
            p->inverse[p->count][p->count] = 1;
            p->amounts[p->count] = cost[k];
            p->terms[p->count++] = k;
        }
}

static void program_widths(const program *p, const double *least, double *ret_widths)
{
    memcpy(ret_widths, least, TERMS * sizeof *least);
    for (size_t i = 0; i < p->count; i++)
        for (size_t row = 0; row < p->count; row++)
            ret_widths[p->terms[i]] += p->misses[row] * p->inverse[row][i];
}

/* Puts into the basis what has these terms, in place of what it uses up first. False if it uses nothing. */
static bool program_enter(program *p, const double terms[TERMS], double missing)
{
    double column[TERMS] = { 0 };
    size_t out = TERMS;
    for (size_t row = 0; row < p->count; row++) {
        for (size_t i = 0; i < p->count; i++)
            column[row] += p->inverse[row][i] * terms[p->terms[i]];
        if (column[row] > 1e-12 && (out == TERMS || p->amounts[row] / column[row] < p->amounts[out] / column[out]))
            out = row;
    }
    if (out == TERMS)
        return false;
    double amount = p->amounts[out] / column[out];
    for (size_t i = 0; i < p->count; i++)
        p->inverse[out][i] /= column[out];
    for (size_t row = 0; row < p->count; row++) {
        for (size_t i = 0; row != out && i < p->count; i++)
            p->inverse[row][i] -= column[row] * p->inverse[out][i];
        p->amounts[row] -= row != out ? amount * column[row] : 0;
    }
    p->amounts[out] = amount;
    p->misses[out] = missing;
    return true;
}

/* False if it finds none in PIVOTS steps. */
static bool cover(const judged *list, size_t count, int sign, const bool *wanted, const double *least,
                  const double *cost, double *ret_widths)
{
    enum { PIVOTS = 2000 };
    program p;
    program_init(&p, cost);
    for (int i = 0; i < PIVOTS; i++) {
        double gap, most = 1e-9, missing = 0, unit[TERMS] = { 0 };
        const double *worst = NULL;
        program_widths(&p, least, ret_widths);
        for (size_t k = 0; k < TERMS; k++)
            if (least[k] - ret_widths[k] > most) {
                most = least[k] - ret_widths[k];
                memset(unit, 0, sizeof unit);
                unit[k] = 1;
                worst = unit;
            }
        for (size_t n = 0; n < count; n++)
            if (wanted[n] && (gap = miss(&list[n], sign) - width_of(&list[n], ret_widths)) > most) {
                most = gap;
                worst = list[n].terms;
                missing = miss(&list[n], sign) - width_of(&list[n], least);
            }
        if (!worst)
            return true;
        if (!program_enter(&p, worst, missing))
            return false;
    }
    return false;
}

typedef struct gap {
    double gap;
    size_t text;
} gap;

static int compare_gaps(const void *a, const void *b)
{
    return -compare(&((const gap *)a)->gap, &((const gap *)b)->gap);
}

/* Which texts a class cannot do without, if it goes without those that are missed by most at these widths. */
static void want(const judged *list, size_t count, int sign, const double *widths, size_t class, bool *wanted)
{
    static gap gaps[MAX_TEXTS];
    size_t members = 0;
    double weight = 0, missed = 0;
    for (size_t n = 0; n < count; n++)
        if (is_in_class(&list[n], class)) {
            gaps[members++] = (gap){ miss(&list[n], sign) - width_of(&list[n], widths), n };
            weight += list[n].text->weight;
        }
    double allowed = allowed_misses(class, weight, sign);
    qsort(gaps, members, sizeof *gaps, compare_gaps);
    for (size_t i = 0; i < members && members >= FEWEST; i++) {
        missed += list[gaps[i].text].text->weight;
        wanted[gaps[i].text] |= missed > allowed;
    }
}

static double draw(void)
{
    static uint64_t state = 88172645463325252u;
    state ^= state << 13;
    state ^= state >> 7;
    state ^= state << 17;
    return (double)(state >> 11) / 9007199254740992.0;
}

/* The narrowest widths that cover every class: the texts that are missed are chosen again and again, by widths near the
 * best ones. */
static void fit_widths(int family, const judged *list, size_t count, int sign, double *widths)
{
    enum { CHOICES = 3000 };
    static bool wanted[MAX_TEXTS];
    double cost[TERMS], least[TERMS], tried[TERMS], lowest = INFINITY;
    price(list, count, cost);
    for (size_t k = 0; k < TERMS; k++)
        tried[k] = least[k] = least_width(family, k, sign);
    for (int i = 0; i < CHOICES; i++) {
        double sum = 0;
        memset(wanted, 0, sizeof wanted);
        for (size_t class = 0; class < CLASSES; class ++)
            want(list, count, sign, tried, class, wanted);
        bool is_covered = cover(list, count, sign, wanted, least, cost, tried);
        for (size_t k = 0; k < TERMS; k++)
            sum += is_free_term(k) ? tried[k] * cost[k] : 0;
        if (is_covered && sum < lowest) {
            lowest = sum;
            memcpy(widths, tried, sizeof tried);
        } else {
            for (size_t k = 0; k < TERMS; k++)
                tried[k] = is_free_term(k) ? least[k] + (widths[k] - least[k] + 1e-3) * 2 * draw() : widths[k];
        }
    }
    if (lowest == INFINITY)
        die("no widths cover the texts", family_names[family]);
}

/* Of many agent files some are enough. */
static bool is_judged(const text *t)
{
    return !t->is_near && !t->is_idle && is_text(t) &&
           (t->source == MEASURED || hash_of(t->name) % (judged_count / MOST_JUDGED + 1) == 0);
}

static void set_range(judged *j, const double *low, const double *high)
{
    j->low = floor(fmax(j->estimate * (1 - width_of(j, low)), 0));
    j->high = ceil(j->estimate * (1 + width_of(j, high)));
}

static void fit_ranges(int family, const judged *list, size_t count, double *low, double *high)
{
    fit_widths(family, list, count, -1, low);
    fit_widths(family, list, count, 1, high);
}

/* Every text, judged by costs and ranges that were fitted to other folds. */
static size_t judge_all(int family, const double *guess, judged *list)
{
    static judged others[MAX_TEXTS];
    static double errors[MAX_TEXTS], costs[COSTS];
    size_t count = 0;
    for (int k = 0; k < FOLDS; k++) {
        fit(family, k, guess, costs, errors);
        for (size_t i = 0; i < text_count; i++)
            if (texts[i]->fold == k && is_judged(texts[i]))
                judge(texts[i], family, costs, errors[i], &list[count++]);
    }
    for (int k = 0; k < FOLDS; k++) {
        double low[TERMS], high[TERMS];
        size_t others_count = 0;
        for (size_t i = 0; i < count; i++)
            if (list[i].text->fold != k)
                others[others_count++] = list[i];
        fit_ranges(family, others, others_count, low, high);
        for (size_t i = 0; i < count; i++)
            if (list[i].text->fold == k)
                set_range(&list[i], low, high);
    }
    return count;
}

/* ---- classes --------------------------------------------------------------------------------------------------- */

/* What a text is made of, from what is counted in it alone. */
static void name_contents(int family, const double *costs)
{
    for (size_t i = 0; i < text_count; i++) {
        judged j;
        if (!is_text(texts[i]))
            continue;
        judge(texts[i], family, costs, 0, &j);
        const double *share = j.terms;
        texts[i]->content = share[SP_KIND_CJK] > 0.2                                            ? "CJK"
                            : share[SP_KIND_RARE] + share[SP_KIND_SCRIPTS] > 0.2                ? "other scripts"
                            : share[SP_KIND_ALPHABETS] + share[SP_KIND_STRANGE_ALPHABETS] > 0.2 ? "alphabets"
                            : share[SP_KIND_LATIN] > 0.05 || strstr(texts[i]->sort, "UDHR")     ? "Latin script"
                            : share[SP_KIND_WORDS] > 0.66                                       ? "prose"
                            : share[SP_KIND_SYMBOLS] > 0.6                                      ? "data"
                            : strcmp(texts[i]->sort, "code (Rosetta)") == 0                     ? "code"
                                                                                                : "mixed";
    }
}

/* ---- tables -------------------------------------------------------------------------------------------------------
 */

static bool is_of(const judged *j, const char *class)
{
    return strcmp(j->text->content, class) == 0 || strcmp(j->text->sort, class) == 0;
}

static void print_row(FILE *out, const char *begin, const judged *list, size_t count, const char *class)
{
    static double errors[MAX_TEXTS], spans[MAX_TEXTS];
    double bias = 0, inside = 0;
    size_t n = 0;
    for (size_t i = 0; i < count; i++) {
        const judged *j = &list[i];
        if (class && !is_of(j, class))
            continue;
        double error = j->estimate / j->tokens - 1;
        errors[n] = fabs(error) * 100;
        spans[n] = (j->high - j->low) / 2 / j->estimate * 100;
        bias += error * 100;
        inside += j->tokens >= j->low && j->tokens <= j->high;
        n++;
    }
    if (n == 0)
        return;
    qsort(errors, n, sizeof *errors, compare);
    qsort(spans, n, sizeof *spans, compare);
    fprintf(out, "%s%-22s %5zu %7.2f %7.2f %7.1f %+7.2f %7.1f %8.1f\n", begin, class ? class : "all", n, errors[n / 2],
            errors[n * 95 / 100], errors[n - 1], bias / (double)n, inside * 100 / (double)n, spans[n / 2]);
}

static void print_table(FILE *out, const char *begin, const char *family, const judged *list, size_t count)
{
    fprintf(out, "%s%s%*s texts  median    p95   worst    bias  covered  range\n", begin, family,
            (int)(22 - strlen(family)), "");
    for (size_t i = 0; i < MAX_SORTS && sorts[i]; i++)
        print_row(out, begin, list, count, sorts[i]);
    fprintf(out, "%s\n", begin[0] ? " *" : "");
    for (size_t i = 0; i < SP_COUNT_OF(contents); i++)
        print_row(out, begin, list, count, contents[i]);
    print_row(out, begin, list, count, NULL);
    fprintf(out, "%s\n", begin[0] ? " *" : "");
}

static void print_worst(const judged *list, size_t count)
{
    for (size_t i = 0; i < count; i++) {
        double error = (list[i].estimate / list[i].tokens - 1) * 100;
        if (fabs(error) > (list[i].text->source == MEASURED ? 25 : strcmp(list[i].text->sort, "skills") ? 7 : 2.5))
            printf("  %-70.70s %8.0f %+7.1f  %s\n", list[i].text->name, list[i].tokens, error, list[i].text->content);
    }
}

/* ---- what is written ------------------------------------------------------------------------------------------------
 */

static const struct {
    const char *name;
    int first;
    int end;
} names[] = {
#define FEATURE(name, width) { #name, SP_FEATURE_##name, SP_FEATURE_END_##name + 1 },
#include "tokenizer/estimate.def"
#undef FEATURE
};

static void write_widths(FILE *out, const double *widths)
{
    fprintf(out, "        {");
    for (size_t k = 0; k < SP_KINDS; k++)
        fprintf(out, " %.0f,", ceil(widths[k] * SP_TICKS));
    fprintf(out, " },\n");
}

static void write_family(FILE *out, int family, const judged *list, size_t count, const double *weights)
{
    double low[TERMS], high[TERMS];
    fit_ranges(family, list, count, low, high);
    fprintf(out, "    {\n        {\n");
    for (size_t i = 0; i < SP_COUNT_OF(names); i++) {
        fprintf(out, "            /* %s */", names[i].name);
        for (int f = names[i].first; f < names[i].end; f++)
            fprintf(out, " %.0f,", round((kept_cost(family, (size_t)f) + weights[f]) * SP_TICKS));
        fprintf(out, "\n");
    }
    fprintf(out, "        },\n");
    write_widths(out, low);
    write_widths(out, high);
    for (size_t k = ROOT; k < TERMS; k++)
        fprintf(out, "        %.0f,\n        %.0f,\n", ceil(low[k] * SP_TICKS), ceil(high[k] * SP_TICKS));
    fprintf(out, "    },\n");
}

static FILE *begin_file(const char *folder, const char *name, const char *about)
{
    char path[4096], day[16];
    time_t now = time(NULL);
    snprintf(path, sizeof path, "%s/%s", folder, name);
    FILE *out = fopen(path, "w");
    if (!out)
        die("cannot be written", path);
    strftime(day, sizeof day, "%F", gmtime(&now));
    fprintf(out, "/*\n * %s - made by tokenizers/calibrate.c on %s,\n * from %zu texts%s: do not edit.\n *\n%s", name,
            day, judged_count, is_further() ? " (and the texts before them)" : "", about);
    return out;
}

static void end_file(FILE *out, const char *name)
{
    if (fclose(out) != 0)
        die("cannot be written", name);
}

/* What comes of it, shared with the process of the other family. */
typedef struct results {
    judged list[FAMILIES][MAX_TEXTS];
    size_t count[FAMILIES];
    double costs[FAMILIES][COSTS];
} results;

/* The comment that a file begins with, which fitting further adds to; the caller frees it. */
static char *head_of(const char *folder, const char *name)
{
    char path[4096], *bytes;
    size_t len;
    sp_err err;
    snprintf(path, sizeof path, "%s/%s", folder, name);
    if (sp_file_load(path, &bytes, &len, &err) != SP_OK)
        die(err.message, path);
    char *end = strstr(bytes, "\n */");
    if (!end)
        die("no comment at its beginning", path);
    *end = '\0';
    return bytes;
}

static void write_weights(const char *folder, const results *r)
{
    char *before = is_further() ? head_of(folder, "estimate_weights.h") : NULL;
    FILE *out =
        begin_file(folder, "estimate_weights.h",
                   " * Errors in percent, of texts that the fit has not seen; range: half of its median width.\n");
    if (is_further())
        fprintf(out,
                " * Of the measured texts, which the last fit saw, %g times the errors; of the rest it may have seen "
                "some.\n",
                SEEN);
    fprintf(out, " *\n");
    for (int family = 0; family < FAMILIES; family++)
        print_table(out, " * ", family_names[family], r->list[family], r->count[family]);
    if (before)
        fprintf(out, " * That was fitted then: %s. The rest is as it was:\n *\n%s\n", aim_of_fit->what,
                before + strlen("/*\n"));
    free(before);
    fprintf(out, " */\n#include \"tokenizer/estimate.h\"\n\nstatic const sp_model_weights sp_all_weights[SP_FAMILY_END "
                 "- 1] = {\n");
    for (int family = 0; family < FAMILIES; family++)
        write_family(out, family, r->list[family], r->count[family], r->costs[family]);
    fprintf(out, "};\n");
    end_file(out, "estimate_weights.h");
}

enum { LEAST_TICKS = 32 }; /* costs of at most so many ticks are not worth their room */

static int own_ticks(uint32_t own, double cost)
{
    double ticks = round(cost * SP_TICKS / sp_own_ticks(own));
    return (int)fmax(fmin(ticks, INT8_MAX), INT8_MIN);
}

static void write_numbers(FILE *out, const char *declaration, const int *numbers, size_t count)
{
    int column = 0;
    fprintf(out, "static const %s = {", declaration);
    for (size_t i = 0; i < count; i++) {
        if (column == 0)
            fprintf(out, "\n    ");
        column += fprintf(out, "%d,", numbers[i]);
        column = column > 108 ? 0 : column;
    }
    fprintf(out, "\n};\n");
}

static void write_tokens(const char *folder, const double costs[FAMILIES][COSTS])
{
    static int pages[(SP_OWN_END >> 8) + 1], lows[SP_OWN_END], ticks[FAMILIES][SP_OWN_END];
    size_t count = 0;
    for (uint32_t own = 0; own < SP_OWN_END; own++) {
        bool any = false;
        for (int family = 0; family < FAMILIES; family++) {
            double cost = own_numbers[own] > 0 ? costs[family][FEATURES + own_numbers[own] - 1] : 0;
            ticks[family][count] = own_ticks(own, (double)kept_owns[family][own] + cost);
            any |= abs(ticks[family][count]) * sp_own_ticks(own) > LEAST_TICKS;
        }
        lows[count] = (int)(own & 0xFF);
        count += any;
        pages[(own >> 8) + 1] = (int)count;
    }
    FILE *out =
        begin_file(folder, "estimate_tokens.h",
                   " * What tokens of cl100k_base, and behind them of o200k_base, cost beyond their features, in\n"
                   " * sp_own_ticks. Of those from n * 256 on, sp_own_pages[n] says which is the first that costs\n"
                   " * anything, and sp_own_lows has the last eight bits of their numbers.\n */\n"
                   "#include \"tokenizer/estimate.h\"\n\n/* clang-format off */\n");
    write_numbers(out, "uint32_t sp_own_pages[(SP_OWN_END >> 8) + 1]", pages, SP_COUNT_OF(pages));
    write_numbers(out, "uint8_t sp_own_lows[]", lows, count);
    write_numbers(out, "int8_t sp_own_costs_v3[]", ticks[0], count);
    write_numbers(out, "int8_t sp_own_costs_47[]", ticks[1], count);
    fprintf(out,
            "/* clang-format on */\n\nstatic const int8_t *const sp_own_costs[SP_FAMILY_END - 1] = { sp_own_costs_v3, "
            "sp_own_costs_47 };\n");
    end_file(out, "estimate_tokens.h");
}

static void fit_family(int family, results *ret)
{
    double guess[FEATURES];
    if (is_further())
        memset(guess, 0, sizeof guess);
    else
        find_guess(family, guess);
    fit(family, NO_FOLD, guess, ret->costs[family], NULL);
    name_contents(family, ret->costs[family]);
    ret->count[family] = judge_all(family, guess, ret->list[family]);
}

/* Each family in a process of its own. */
static void fit_families(results *ret)
{
    pid_t children[FAMILIES];
    for (int family = 0; family < FAMILIES; family++) {
        children[family] = fork();
        if (children[family] < 0)
            die("no process", strerror(errno));
        if (children[family] == 0) {
            fit_family(family, ret);
            exit(0);
        }
    }
    for (int family = 0, status; family < FAMILIES; family++)
        if (waitpid(children[family], &status, 0) < 0 || status != 0)
            die("a process failed", "fit_family");
}

int main(int argc, char **argv)
{
    if (argc < 4)
        die("usage", "[FURTHER=latin|scripts|ranges] calibrate COUNTS.tsv FOLDER MEASURED.jsonl [OUTPUT]");
    set_aim(getenv("FURTHER"));
    sp_estimator_init(&estimator, sp_encoding_find(SP_STR("claude-v3")), SP_PATH_BEST);
    if (is_further())
        keep_owns();
    read_counts(argv[1], argv[2]);
    read_measured(argv[3]);
    sp_estimator_release(&estimator);
    deal();
    find_near();
    number_owns();
    results *r = mmap(NULL, sizeof *r, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
    if (r == MAP_FAILED)
        die("out of memory", "results");
    fit_families(r);
    name_contents(0, r->costs[0]);
    for (int family = 0; family < FAMILIES; family++) {
        print_table(stdout, "", family_names[family], r->list[family], r->count[family]);
        if (getenv("WORST"))
            print_worst(r->list[family], r->count[family]);
    }
    if (argc < 5)
        return 0;
    write_weights(argv[4], r);
    if (is_any_script_free())
        write_tokens(argv[4], r->costs);
    return 0;
}
