/*
 * calibrate.c - fits the estimators of src/tokenizer/estimate.c, and says how far off they are.
 *
 *   calibrate COUNTS.tsv FOLDER MEASURED.jsonl [OUTPUT]
 *
 * COUNTS.tsv has a line for each text: path below FOLDER, repository, bytes, three counts of OpenAI encodings,
 * claude_v3, claude_v47. MEASURED.jsonl has one object a line: source, text, input_tokens_by_model. In the
 * folder OUTPUT, estimate_weights.h and estimate_tokens.h are written anew.
 *
 * The weights are the solution of a least-squares problem: the sum over all texts of the squared relative error, with
 * weights that are not negative, each drawn a little towards a first guess. What texts with the same tokens have in
 * common that the weights do not explain goes to these tokens (see sums). What is printed is about texts that the fit
 * has not seen: they are dealt into ten folds, a repository or, where there is none, a text whole into one, and every
 * fold is judged by what was fitted, weights and ranges alike, to the other nine.
 */
#include "base/file.h"
#include "base/types.h"
#include "tokenizer/estimate.h"
#include "tokenizer/tokens.h"
#include "tokenizer/vocab.h"

#include <jansson.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <time.h>

enum {
    FEATURES = SP_FEATURE_COUNT,
    COLUMNS = FEATURES + 1, /* and what they are fitted to */
    FAMILIES = SP_FAMILY_END - 1,
    FOLDS = 10,
    NO_FOLD = -1,
    MAX_TEXTS = 8192,
    FEWEST = 12,   /* texts of a class, to make ranges wide enough for it */
    FROM_ONE = 10, /* texts of one repository count as so many at most: they err alike, and others' will be others */
};

static const double RIDGE = 1e-4;       /* how strongly weights are drawn to the first guess */
static const double FACT = 1e3;         /* the same, to what is known */
static const double RARE = 0.02;        /* a feature that is rarer is drawn as if it were not */
static const double RARE_SCRIPT = 0.2;  /* the same, of scripts that there are few texts of */
static const double NOISE = 6e-5;       /* the variance of the error of a long text that nothing explains, by its */
static const double EXACT_NOISE = 0.05; /* importance; and which part of it there is where counts are exact */
static const double SHORT_TOKENS = 300; /* shorter texts count for less, each token of them the same */
/* Of words, and of every other kind, either way: more where there are few texts to tell from, or none. Claude 3 knows
 * more words, so that those of a repository without texts here differ more from each other. */
static const double least_words[FAMILIES] = { 0.016, 0.01 };
static const double least_widths[SP_KINDS] = {
    [SP_KIND_NAMES] = 0.02,    [SP_KIND_SYMBOLS] = 0.02, [SP_KIND_BLANKS] = 0.03,  [SP_KIND_LATIN] = 0.04,
    [SP_KIND_CYRILLIC] = 0.06, [SP_KIND_CJK] = 0.08,     [SP_KIND_SCRIPTS] = 0.08, [SP_KIND_RARE] = 0.5,
    [SP_KIND_SIGNS] = 0.05,    [SP_KIND_LONG] = 0.15,
};
static const double STEP = 2e-4; /* by which ranges are widened at a time, on average */
/* Share of the texts of a class on the right side of the low end of the range, and of the high end: together a little
 * more than the 95 % that are promised. */
static const double covered[] = { 0.976, 0.976 };

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
static const spread titles[] = { { { 0.084, 0.13 }, UINT32_MAX } };
static const spread wide_parts[] = { { { 1.7, 1.6 }, UINT32_MAX } }; /* and whatever is not ASCII */

typedef enum source {
    RECONSTRUCTED, /* counts of a public reconstruction */
    MEASURED,      /* the provider's own */
} source;

/* How often a token is in a text. */
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
    float kinds[SP_KINDS][FEATURES]; /* what is counted, by the kind of the piece */
    double all[FEATURES];
    repeats *owns;
    size_t own_count;
    uint32_t *shingles; /* hashes of five words in a row */
    size_t shingle_count;
    bool is_near; /* to texts of other folds: the fit has seen it, more or less */
} text;

static text *texts[MAX_TEXTS];
static size_t text_count;

static void die(const char *what, const char *where)
{
    fprintf(stderr, "calibrate: %s: %s\n", what, where);
    exit(2);
}

/* ---- features of the texts ------------------------------------------------------------------------------ */

static sp_estimator estimator;

/* How often each token was seen in the text at hand, and which were. */
static float seen_counts[SP_OWN_END];
static uint32_t seen[SP_OWN_END];
static size_t seen_count;

static void saw(uint32_t own)
{
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

static void look_at(text *t, const char *bytes, size_t len)
{
    take_shingles(t, bytes, len);
    static sp_look look = { .saw = saw };
    size_t ends[64];
    if (sp_utf8_find_invalid((sp_str){ bytes, len }, 0) != SIZE_MAX)
        die("not UTF-8", t->name);
    for (size_t at = 0; at < len;) {
        size_t count = sp_split(&estimator.narrow, (const uint8_t *)bytes, at, len, ends, 64);
        for (size_t i = 0; i < count; at = ends[i++]) {
            sp_finding found;
            memset(look.counts, 0, sizeof look.counts);
            if (!sp_estimate_piece(&estimator, (const uint8_t *)bytes + at, ends[i] - at, &look, &found))
                die("out of memory", t->name);
            for (size_t f = 0; f < FEATURES; f++)
                t->kinds[found.kind][f] += look.counts[f];
        }
    }
    take_seen(t);
    for (size_t k = 0; k < SP_KINDS; k++)
        for (size_t f = 0; f < FEATURES; f++)
            t->all[f] += (double)t->kinds[k][f];
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
    t->source = from;
    return texts[text_count++] = t;
}

static const char *sort_of(const char *path)
{
    static const char *const sorts[][2] = {
        { "corpus/agents/", "agents" },           { "corpus/claude-md/", "CLAUDE.md, AGENTS.md" },
        { "corpus/skills/", "skills" },           { "corpus/agents-md/", "CLAUDE.md, AGENTS.md" },
        { "corpus/rules/", "rules, memory" },     { "corpus/memory-md/", "rules, memory" },
        { "corpus/projects/", "whole projects" },
    };
    for (size_t i = 0; i < SP_COUNT_OF(sorts); i++)
        if (strncmp(path, sorts[i][0], strlen(sorts[i][0])) == 0)
            return sorts[i][1];
    return "agents";
}

static void read_counts(const char *path, const char *folder)
{
    char line[4096], file[4096], name[512], group[256];
    FILE *in = fopen(path, "r");
    if (!in)
        die("cannot be read", path);
    while (fgets(line, sizeof line, in)) {
        double v3, v47;
        char *bytes;
        size_t len;
        sp_err err;
        if (sscanf(line, "%511[^\t]\t%255[^\t]\t%*s\t%*s\t%*s\t%*s\t%lf\t%lf", name, group, &v3, &v47) != 4 || v3 < 1 ||
            v47 < 1)
            continue;
        snprintf(file, sizeof file, "%s/%s", folder, name);
        if (sp_file_load(file, &bytes, &len, &err) != SP_OK)
            die(err.message, file);
        text *t = new_text(name, group, RECONSTRUCTED);
        t->sort = sort_of(name);
        t->importance = 1;
        t->tokens[0] = v3;
        t->tokens[1] = v47;
        look_at(t, bytes, len);
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
        t->importance = 0.2;
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

/* The largest repositories first, each into the fold that has the least. */
static void deal(void)
{
    size_t load[FOLDS] = { 0 };
    for (size_t i = 0; i < text_count; i++)
        texts[i]->fold = texts[i]->source == MEASURED ? (int)(hash_of(texts[i]->group) % FOLDS) : NO_FOLD;
    for (;;) {
        size_t best = 0, best_count = 0;
        for (size_t i = 0; i < text_count; i++) {
            size_t count = 0;
            for (size_t j = 0; texts[i]->fold == NO_FOLD && j < text_count; j++)
                count += strcmp(texts[i]->group, texts[j]->group) == 0;
            if (count > best_count) {
                best = i;
                best_count = count;
            }
        }
        if (best_count == 0)
            return;
        double weight = fmin(FROM_ONE / (double)best_count, 1);
        int fold = 0;
        for (int k = 1; k < FOLDS; k++)
            fold = load[k] < load[fold] ? k : fold;
        load[fold] += best_count;
        for (size_t j = 0; j < text_count; j++)
            if (texts[j]->fold == NO_FOLD && j != best && strcmp(texts[j]->group, texts[best]->group) == 0) {
                texts[j]->fold = fold;
                texts[j]->weight = weight;
            }
        texts[best]->fold = fold;
        texts[best]->weight = weight;
    }
}

/* Files of agents are copied from repository to repository: which texts share a fifth of their wording with another
 * fold. They are fitted to, but neither judged nor used for ranges. */
static void find_near(void)
{
    enum { BITS = 25, SHARE = 5, FEWEST_SHINGLES = 20 };
    uint16_t *folds = calloc((size_t)1 << BITS, sizeof *folds);
    if (!folds)
        die("out of memory", "shingles");
    for (size_t i = 0; i < text_count; i++)
        for (size_t k = 0; k < texts[i]->shingle_count; k++)
            folds[texts[i]->shingles[k] >> (32 - BITS)] |= (uint16_t)(1 << texts[i]->fold);
    for (size_t i = 0; i < text_count; i++) {
        size_t shared = 0;
        for (size_t k = 0; k < texts[i]->shingle_count; k++)
            shared += (folds[texts[i]->shingles[k] >> (32 - BITS)] & ~(1u << texts[i]->fold)) != 0;
        texts[i]->is_near = texts[i]->source == RECONSTRUCTED && texts[i]->shingle_count >= FEWEST_SHINGLES &&
                            shared > texts[i]->shingle_count / SHARE;
    }
    free(folds);
}

/* ---- weights ------------------------------------------------------------------------------------------------- */

/*
 * The relative error of a text is made of what its tokens cost beyond their features, and of noise. Two texts with the
 * same tokens err alike, so the errors have a covariance, C; the fit weighs them by its inverse, and what tokens cost
 * of their own is what is most likely to have made the errors that are left (generalized least squares, with the tokens
 * as random effects). Both are in the unit of NOISE. The inverse for a part of the texts is got from that for all of
 * them.
 */
typedef struct sums {
    double *inverse;                   /* of C: texts by texts */
    double *weighed;                   /* inverse times features: texts by COLUMNS */
    double products[COLUMNS][COLUMNS]; /* features times weighed */
    double *features;                  /* per token of the text, and behind them 1: texts by COLUMNS */
    double squares[FOLDS][FEATURES];   /* sums over the texts of a fold: importance times the square of a feature, */
    double importance[FOLDS];          /* and importance */
} sums;

static sums by_family[FAMILIES];

static void *take_memory(size_t count, size_t size)
{
    void *memory = calloc(count, size);
    if (!memory)
        die("out of memory", "sums");
    return memory;
}

static double importance_of(const text *t, int family)
{
    return t->importance * fmin(t->tokens[family] / SHORT_TOKENS, 1);
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

/* Of each token that may have a cost of its own. */
static float spread_of[FAMILIES][SP_OWN_END];

static void set_spread(uint32_t own)
{
    const spread *s = own >= SP_OWN_TITLE ? titles : wide_parts;
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
        spread_of[family][own] = (float)s->value[family];
}

static void set_spreads(void)
{
    for (size_t i = 0; i < text_count; i++)
        for (size_t k = 0; k < texts[i]->own_count; k++)
            if (spread_of[0][texts[i]->owns[k].token] == 0)
                set_spread(texts[i]->owns[k].token);
}

/* What the errors of pairs of texts have in common: the sum over tokens of the product of their counts and of how far
 * such tokens differ. */
static double *common_tokens(int family)
{
    double *common = take_memory(text_count * text_count, sizeof *common);
    for (size_t i = 0; i < text_count; i++) {
        for (size_t k = 0; k < texts[i]->own_count; k++)
            seen_counts[texts[i]->owns[k].token] = texts[i]->owns[k].count * spread_of[family][texts[i]->owns[k].token];
        for (size_t j = 0; j <= i; j++) {
            double sum = 0;
            for (size_t k = 0; k < texts[j]->own_count; k++)
                sum += (double)seen_counts[texts[j]->owns[k].token] * (double)texts[j]->owns[k].count;
            common[i * text_count + j] = common[j * text_count + i] = sum;
        }
        for (size_t k = 0; k < texts[i]->own_count; k++)
            seen_counts[texts[i]->owns[k].token] = 0;
    }
    return common;
}

/* Makes a symmetric, positive definite matrix its inverse. */
static void invert(double *matrix, size_t n)
{
    for (size_t k = 0; k < n; k++) {
        double *pivot = matrix + k * n, scale = 1 / pivot[k];
        for (size_t i = 0; i < n; i++) {
            double *row = matrix + i * n, part = row[k] * scale;
            if (i == k || part == 0)
                continue;
            row[k] = 0;
            for (size_t j = 0; j < n; j++)
                row[j] -= part * pivot[j];
            row[k] = -part;
        }
        for (size_t j = 0; j < n; j++)
            pivot[j] *= scale;
        pivot[k] = scale;
    }
}

/* ret += left * right, n by m by COLUMNS. */
static void multiply(const double *left, const double *right, size_t n, size_t m, double *ret)
{
    for (size_t i = 0; i < n; i++)
        for (size_t j = 0; j < m; j++)
            for (size_t f = 0; f < COLUMNS; f++)
                ret[i * COLUMNS + f] += left[i * m + j] * right[j * COLUMNS + f];
}

static void set_features(int family, sums *s)
{
    s->features = take_memory(text_count * COLUMNS, sizeof(double));
    for (size_t i = 0; i < text_count; i++) {
        double *row = s->features + i * COLUMNS, importance = importance_of(texts[i], family);
        row[FEATURES] = 1;
        s->importance[texts[i]->fold] += importance;
        for (size_t f = 0; f < FEATURES; f++) {
            row[f] = texts[i]->all[f] / texts[i]->tokens[family];
            s->squares[texts[i]->fold][f] += importance * row[f] * row[f];
        }
    }
}

static double noise_of(const text *t, int family)
{
    return (t->source == RECONSTRUCTED ? EXACT_NOISE : 1) / importance_of(t, family);
}

static void set_inverse(int family, const double *common, sums *s)
{
    s->inverse = take_memory(text_count * text_count, sizeof(double));
    for (size_t i = 0; i < text_count; i++) {
        double *row = s->inverse + i * text_count;
        for (size_t j = 0; j < text_count; j++)
            row[j] = common[i * text_count + j] / texts[i]->tokens[family] / texts[j]->tokens[family] / NOISE;
        row[i] += noise_of(texts[i], family);
    }
    invert(s->inverse, text_count);
}

static void sum_up(void)
{
    set_spreads();
    for (int family = 0; family < FAMILIES; family++) {
        sums *s = &by_family[family];
        double *common = common_tokens(family);
        set_features(family, s);
        set_inverse(family, common, s);
        free(common);
        s->weighed = take_memory(text_count * COLUMNS, sizeof(double));
        multiply(s->inverse, s->features, text_count, text_count, s->weighed);
        for (size_t i = 0; i < text_count; i++)
            for (size_t f = 0; f < COLUMNS; f++)
                for (size_t g = 0; g < COLUMNS; g++)
                    s->products[f][g] += s->features[i * COLUMNS + f] * s->weighed[i * COLUMNS + g];
    }
}

/* What is to be solved for a part of the texts. The last row of products has what the weights are fitted to. */
typedef struct problem {
    double products[COLUMNS][COLUMNS];
    double squares[FEATURES];
    double importance;
} problem;

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
        { SP_FEATURE_repeat_blocks_47, { 0, 1 } },
    };
    for (size_t i = 0; i < SP_COUNT_OF(facts); i++)
        if (facts[i].feature == feature) {
            *ret = facts[i].value[family];
            return true;
        }
    return false;
}

/* Least squares with weights of at least 0, by coordinate descent. Starts from what is in weights. */
static void solve(const problem *p, int family, const double *guess, double *weights)
{
    static double slope[FEATURES], curve[FEATURES];
    for (size_t i = 0; i < FEATURES; i++) {
        double usual = fmax(sqrt(p->squares[i] / p->importance), is_of_rare_script(i) ? RARE_SCRIPT : RARE), value;
        double pull = (find_fact(family, i, &value) ? FACT : RIDGE) * p->importance * usual * usual;
        curve[i] = p->products[i][i] + pull;
        slope[i] = -p->products[FEATURES][i] + pull * (weights[i] - guess[i]);
        for (size_t j = 0; j < FEATURES; j++)
            slope[i] += p->products[i][j] * weights[j];
    }
    for (int round = 0; round < 2000; round++) {
        double largest = 0;
        for (size_t i = 0; i < FEATURES; i++) {
            double step = fmax(weights[i] - slope[i] / curve[i], 0) - weights[i];
            if (step == 0)
                continue;
            double pull = curve[i] - p->products[i][i];
            for (size_t j = 0; j < FEATURES; j++)
                slope[j] += p->products[j][i] * step;
            slope[i] += pull * step;
            weights[i] += step;
            largest = fmax(largest, fabs(step) * sqrt(curve[i] / p->importance));
        }
        if (largest < 1e-6)
            break;
    }
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

static void tie(const problem *from, problem *tied)
{
    memset(tied, 0, sizeof *tied);
    tied->importance = from->importance;
    for (int i = 0; i < COLUMNS; i++)
        for (int j = 0; j < COLUMNS; j++)
            tied->products[twin_of(i)][twin_of(j)] += from->products[i][j];
    for (int i = 0; i < FEATURES; i++)
        tied->squares[twin_of(i)] += from->squares[i];
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

/* The texts of two folds, and of what is weighed that part which is due to them: the inverse of their part of the
 * inverse, times what is weighed of them. */
static size_t find_left_out(const sums *s, int without, int nor, size_t *members, double **ret_due)
{
    size_t count = 0;
    for (size_t i = 0; i < text_count; i++)
        if (texts[i]->fold == without || texts[i]->fold == nor)
            members[count++] = i;
    double *block = take_memory(count * count + 1, sizeof *block);
    double *weighed = take_memory(count * COLUMNS + 1, sizeof *weighed);
    for (size_t i = 0; i < count; i++) {
        memcpy(weighed + i * COLUMNS, s->weighed + members[i] * COLUMNS, COLUMNS * sizeof *weighed);
        for (size_t j = 0; j < count; j++)
            block[i * count + j] = s->inverse[members[i] * text_count + members[j]];
    }
    *ret_due = take_memory(count * COLUMNS + 1, sizeof **ret_due);
    invert(block, count);
    multiply(block, weighed, count, count, *ret_due);
    free(block);
    free(weighed);
    return count;
}

/* Fits to all folds but these two. ret_errors gets for each of the texts of these what is left of it when the weights
 * and the tokens have got their share: a part of its tokens. */
static void fit(int family, int without, int nor, double *weights, double *ret_errors)
{
    static problem all, tied;
    static size_t members[MAX_TEXTS];
    const sums *s = &by_family[family];
    double guess[FEATURES], *due;
    size_t count = find_left_out(s, without, nor, members, &due);
    memset(&all, 0, sizeof all);
    memcpy(all.products, s->products, sizeof all.products);
    for (size_t i = 0; i < count; i++)
        for (size_t f = 0; f < COLUMNS; f++)
            for (size_t g = 0; g < COLUMNS; g++)
                all.products[f][g] -= s->weighed[members[i] * COLUMNS + f] * due[i * COLUMNS + g];
    for (int k = 0; k < FOLDS; k++) {
        if (k == without || k == nor)
            continue;
        all.importance += s->importance[k];
        for (size_t f = 0; f < FEATURES; f++)
            all.squares[f] += s->squares[k][f];
    }
    tie(&all, &tied);
    set_first_guess(family, guess);
    memcpy(weights, guess, sizeof guess);
    solve(&tied, family, guess, weights);
    for (int i = 0; i < FEATURES; i++)
        guess[i] = weights[twin_of(i)];
    memcpy(weights, guess, sizeof guess);
    solve(&all, family, guess, weights);
    for (size_t i = 0; ret_errors && i < count; i++) {
        ret_errors[members[i]] = due[i * COLUMNS + FEATURES];
        for (size_t f = 0; f < FEATURES; f++)
            ret_errors[members[i]] -= due[i * COLUMNS + f] * weights[f];
    }
    free(due);
}

/* ---- ranges ------------------------------------------------------------------------------------------------------ */

enum { ROOT = SP_KINDS, CODE, TERMS }; /* behind those of the kinds: see sp_model_weights */

static const char *const family_names[FAMILIES] = { "claude-v3", "claude-4.7" };
static const char *const contents[] = { "prose", "code",          "data",          "Latin script",
                                        "CJK",   "Cyrillic, ...", "other scripts", "mixed" };
static const char *const sorts[] = { "agents",         "CLAUDE.md, AGENTS.md", "skills",          "rules, memory",
                                     "whole projects", "code (Rosetta)",       "languages (UDHR)" };

enum { AGENT_FILES = SP_COUNT_OF(contents) + SP_COUNT_OF(sorts), ALL_TEXTS, CLASSES };

typedef struct judged {
    const text *text;
    double tokens; /* true */
    double estimate;
    double terms[TERMS]; /* shares of the estimate, and one over the root */
    double low, high;
    size_t classes[4]; /* one of contents, one of sorts behind them, AGENT_FILES or ALL_TEXTS, ALL_TEXTS */
} judged;

/* error is what fit leaves of it, as a part of its tokens. */
static void judge(const text *t, int family, const double *weights, double error, judged *ret)
{
    *ret = (judged){ .text = t, .tokens = t->tokens[family] };
    for (size_t k = 0; k < SP_KINDS; k++) {
        for (size_t f = 0; f < FEATURES; f++)
            ret->terms[k] += weights[f] * (double)t->kinds[k][f];
        ret->estimate += ret->terms[k];
    }
    for (size_t k = 0; k < SP_KINDS; k++)
        ret->terms[k] /= fmax(ret->estimate, 0.5);
    ret->estimate = fmax(ret->tokens * (1 - error), 0.5);
    ret->terms[ROOT] = 1 / sqrt(ret->estimate);
    ret->terms[CODE] = fmax(ret->terms[SP_KIND_NAMES] + ret->terms[SP_KIND_SYMBOLS] - 1.0 / SP_CODE_SHARE, 0);
    ret->classes[2] = t->source == RECONSTRUCTED ? AGENT_FILES : ALL_TEXTS;
    ret->classes[3] = ALL_TEXTS;
    for (size_t i = 0; t->content && i < SP_COUNT_OF(contents); i++)
        ret->classes[0] = strcmp(contents[i], t->content) == 0 ? i : ret->classes[0];
    for (size_t i = 0; i < SP_COUNT_OF(sorts); i++)
        ret->classes[1] = strcmp(sorts[i], t->sort) == 0 ? SP_COUNT_OF(contents) + i : ret->classes[1];
}

/* How far the truth is beyond (sign 1) or below (-1) the estimate, to the estimate. */
static double miss(const judged *j, int sign)
{
    return sign * (j->tokens / j->estimate - 1);
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

/* How many texts of a class, by weight, may be missed at one end. All agent files together and all texts keep to the
 * share; of a class a few more are no sign of anything: one standard deviation. */
static double allowed_misses(size_t class, double members, int sign)
{
    double misses = (1 - covered[sign > 0]) * members;
    return class >= AGENT_FILES ? misses : misses + sqrt(misses);
}

typedef struct gap {
    double gap, weight;
} gap;

static int compare_gaps(const void *a, const void *b)
{
    return -compare(&((const gap *)a)->gap, &((const gap *)b)->gap);
}

/* The texts of a class that would have to be covered for enough of it to be: those that need the least. Marks them in
 * wanted; false if there are none. */
static bool find_wanted(const judged *list, size_t count, const double *gaps, size_t class, int sign, bool *wanted)
{
    static gap open[MAX_TEXTS];
    size_t members = 0, missing = 0, left_out = 0;
    double weight = 0, missed = 0;
    for (size_t n = 0; n < count; n++) {
        if (!is_in_class(&list[n], class))
            continue;
        members++;
        weight += list[n].text->weight;
        if (gaps[n] > 0)
            open[missing++] = (gap){ gaps[n], list[n].text->weight };
    }
    double allowed = allowed_misses(class, weight, sign);
    qsort(open, missing, sizeof *open, compare_gaps);
    for (; left_out < missing && missed + open[left_out].weight <= allowed; left_out++)
        missed += open[left_out].weight;
    if (members < FEWEST || left_out == missing)
        return false;
    for (size_t n = 0; n < count; n++)
        wanted[n] |= is_in_class(&list[n], class) && gaps[n] > 0 && gaps[n] <= open[left_out].gap;
    return true;
}

/* The term that does most for the texts that are wanted, for what it adds to the ranges of all. */
static size_t best_term(const judged *list, size_t count, const bool *wanted, const double *cost)
{
    double gain[TERMS] = { 0 };
    size_t best = 0;
    for (size_t n = 0; n < count; n++)
        for (size_t k = 0; wanted[n] && k < TERMS; k++)
            gain[k] += list[n].terms[k];
    for (size_t k = 1; k < TERMS; k++)
        best = gain[k] / cost[k] > gain[best] / cost[best] ? k : best;
    return best;
}

static double least_width(int family, size_t term)
{
    return term == SP_KIND_WORDS ? least_words[family] : term < SP_KINDS ? least_widths[term] : 0;
}

/* From narrow ranges on, a little wider again and again, until every class is covered. */
static void fit_widths(const judged *list, size_t count, int family, int sign, double *widths)
{
    static double gaps[MAX_TEXTS];
    static bool wanted[MAX_TEXTS];
    double cost[TERMS] = { 0 };
    for (size_t k = 0; k < TERMS; k++) {
        widths[k] = least_width(family, k);
        cost[k] = 1e-3;
        for (size_t n = 0; n < count; n++)
            cost[k] += list[n].terms[k] * list[n].text->importance / (double)count;
    }
    for (int round = 0; round < 20000; round++) {
        bool any = false;
        memset(wanted, 0, sizeof wanted);
        for (size_t n = 0; n < count; n++)
            gaps[n] = miss(&list[n], sign) - width_of(&list[n], widths);
        for (size_t class = 0; class < CLASSES; class ++)
            any |= find_wanted(list, count, gaps, class, sign, wanted);
        if (!any)
            return;
        size_t k = best_term(list, count, wanted, cost);
        widths[k] += fmin(STEP / cost[k], 0.01);
    }
}

/* Whether every class is covered by these widths. */
static bool is_enough(const judged *list, size_t count, int sign, const double *widths)
{
    size_t members[CLASSES] = { 0 };
    double weights[CLASSES] = { 0 }, missed[CLASSES] = { 0 };
    for (size_t n = 0; n < count; n++) {
        bool is_missed = miss(&list[n], sign) > width_of(&list[n], widths);
        for (size_t i = 0; i < SP_COUNT_OF(list[n].classes) - (list[n].classes[2] == ALL_TEXTS); i++) {
            members[list[n].classes[i]]++;
            weights[list[n].classes[i]] += list[n].text->weight;
            missed[list[n].classes[i]] += is_missed ? list[n].text->weight : 0;
        }
    }
    for (size_t class = 0; class < CLASSES; class ++)
        if (members[class] >= FEWEST && missed[class] > allowed_misses(class, weights[class], sign))
            return false;
    return true;
}

static double draw(void)
{
    static uint64_t state = 88172645463325252u;
    state ^= state << 13;
    state ^= state >> 7;
    state ^= state << 17;
    return (double)(state >> 11) / 9007199254740992.0;
}

/* Makes ranges narrower where all classes stay covered: one term less, and often another one more, as long as it is
 * better for the texts, those of agents above all. */
static void narrow_widths(const judged *list, size_t count, int family, int sign, double *widths)
{
    enum { TRIES = 20000 };
    double cost[TERMS] = { 0 };
    for (size_t k = 0; k < TERMS; k++)
        for (size_t n = 0; n < count; n++)
            cost[k] += list[n].terms[k] * list[n].text->importance / (double)count;
    for (int i = 0; i < TRIES; i++) {
        double tried[TERMS], saved;
        size_t less = (size_t)(draw() * TERMS), more = (size_t)(draw() * TERMS);
        memcpy(tried, widths, sizeof tried);
        tried[less] = fmax(tried[less] * (1 - 0.3 * draw()), least_width(family, less));
        saved = (widths[less] - tried[less]) * cost[less];
        if (saved <= 0)
            continue;
        if (less != more && i % 3)
            tried[more] += saved * draw() / fmax(cost[more], 1e-3);
        if (is_enough(list, count, sign, tried))
            memcpy(widths, tried, sizeof tried);
    }
}

/* Every text but those of one fold, judged by what was fitted to the folds that are neither. */
static size_t judge_others(int family, int without, judged *list)
{
    static double errors[MAX_TEXTS];
    double weights[FEATURES];
    size_t count = 0;
    for (int k = 0; k < FOLDS; k++) {
        if (k == without)
            continue;
        fit(family, without, k, weights, errors);
        for (size_t i = 0; i < text_count; i++)
            if (texts[i]->fold == k && texts[i]->tokens[family] > 0 && !texts[i]->is_near)
                judge(texts[i], family, weights, errors[i], &list[count++]);
    }
    return count;
}

static void set_range(judged *j, const double *low, const double *high)
{
    j->low = floor(fmax(j->estimate * (1 - width_of(j, low)), 0));
    j->high = ceil(j->estimate * (1 + width_of(j, high)));
}

/* Every text, judged by what was fitted, weights and ranges, to other folds. */
static size_t judge_all(int family, judged *list)
{
    static judged others[MAX_TEXTS];
    static double errors[MAX_TEXTS];
    size_t count = 0;
    for (int k = 0; k < FOLDS; k++) {
        double weights[FEATURES], low[TERMS], high[TERMS];
        size_t others_count = judge_others(family, k, others);
        fit_widths(others, others_count, family, -1, low);
        fit_widths(others, others_count, family, 1, high);
        narrow_widths(others, others_count, family, -1, low);
        narrow_widths(others, others_count, family, 1, high);
        fit(family, k, NO_FOLD, weights, errors);
        for (size_t i = 0; i < text_count; i++)
            if (texts[i]->fold == k && texts[i]->tokens[family] > 0 && !texts[i]->is_near) {
                judge(texts[i], family, weights, errors[i], &list[count]);
                set_range(&list[count++], low, high);
            }
    }
    return count;
}

/* ---- classes --------------------------------------------------------------------------------------------------- */

/* What a text is made of, from what is counted in it alone. */
static void name_contents(void)
{
    double weights[FEATURES];
    fit(0, NO_FOLD, NO_FOLD, weights, NULL);
    for (size_t i = 0; i < text_count; i++) {
        judged j;
        judge(texts[i], 0, weights, 0, &j);
        const double *share = j.terms;
        texts[i]->content = share[SP_KIND_CJK] > 0.2                                        ? "CJK"
                            : share[SP_KIND_RARE] + share[SP_KIND_SCRIPTS] > 0.2            ? "other scripts"
                            : share[SP_KIND_CYRILLIC] > 0.2                                 ? "Cyrillic, ..."
                            : share[SP_KIND_LATIN] > 0.05 || strstr(texts[i]->sort, "UDHR") ? "Latin script"
                            : share[SP_KIND_WORDS] > 0.66                                   ? "prose"
                            : share[SP_KIND_SYMBOLS] > 0.6                                  ? "data"
                            : strcmp(texts[i]->sort, "code (Rosetta)") == 0                 ? "code"
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
    for (size_t i = 0; i < SP_COUNT_OF(sorts); i++)
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

static void write_family(FILE *out, int family, const double *weights)
{
    static judged list[MAX_TEXTS];
    double low[TERMS], high[TERMS];
    size_t count = judge_others(family, NO_FOLD, list);
    fit_widths(list, count, family, -1, low);
    fit_widths(list, count, family, 1, high);
    narrow_widths(list, count, family, -1, low);
    narrow_widths(list, count, family, 1, high);
    fprintf(out, "    {\n        {\n");
    for (size_t i = 0; i < SP_COUNT_OF(names); i++) {
        fprintf(out, "            /* %s */", names[i].name);
        for (int f = names[i].first; f < names[i].end; f++)
            fprintf(out, " %.0f,", round(weights[f] * SP_TICKS));
        fprintf(out, "\n");
    }
    fprintf(out, "        },\n");
    write_widths(out, low);
    write_widths(out, high);
    for (size_t k = ROOT; k < TERMS; k++)
        fprintf(out, "        %.0f,\n        %.0f,\n", ceil(low[k] * SP_TICKS), ceil(high[k] * SP_TICKS));
    fprintf(out, "    },\n");
}

static FILE *begin_file(const char *folder, const char *name, const char *what)
{
    char path[4096], day[16];
    time_t now = time(NULL);
    snprintf(path, sizeof path, "%s/%s", folder, name);
    FILE *out = fopen(path, "w");
    if (!out)
        die("cannot be written", path);
    strftime(day, sizeof day, "%F", gmtime(&now));
    fprintf(out, "/*\n * %s - made by tokenizers/calibrate.c on %s, from %zu texts: do not edit.\n *\n%s", name, day,
            text_count, what);
    return out;
}

static void end_file(FILE *out, const char *name)
{
    if (fclose(out) != 0)
        die("cannot be written", name);
}

static void write_weights(const char *folder, judged list[FAMILIES][MAX_TEXTS], const size_t *count,
                          double weights[FAMILIES][FEATURES])
{
    FILE *out =
        begin_file(folder, "estimate_weights.h",
                   " * Errors in percent, of texts that the fit has not seen; range: half of its median width.\n *\n");
    for (int family = 0; family < FAMILIES; family++)
        print_table(out, " * ", family_names[family], list[family], count[family]);
    fprintf(out, " */\n#include \"tokenizer/estimate.h\"\n\nstatic const sp_model_weights sp_all_weights[SP_FAMILY_END "
                 "- 1] = {\n");
    for (int family = 0; family < FAMILIES; family++)
        write_family(out, family, weights[family]);
    fprintf(out, "};\n");
    end_file(out, "estimate_weights.h");
}

/* What tokens cost of their own: what is most likely to have made the errors that the weights leave. */
static void find_own_costs(int family, const double *weights, double *ret_costs)
{
    const sums *s = &by_family[family];
    for (size_t i = 0; i < text_count; i++) {
        const double *weighed = s->weighed + i * COLUMNS;
        double left = weighed[FEATURES];
        for (size_t f = 0; f < FEATURES; f++)
            left -= weighed[f] * weights[f];
        for (size_t k = 0; k < texts[i]->own_count; k++)
            ret_costs[texts[i]->owns[k].token] += (double)spread_of[family][texts[i]->owns[k].token] / NOISE * left *
                                                  (double)texts[i]->owns[k].count / texts[i]->tokens[family];
    }
}

static int own_ticks(double cost)
{
    double ticks = round(cost * SP_TICKS / SP_OWN_TICKS);
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

static void write_tokens(const char *folder, double weights[FAMILIES][FEATURES])
{
    static double costs[FAMILIES][SP_OWN_END];
    static int pages[(SP_OWN_END >> 8) + 1], lows[SP_OWN_END], ticks[FAMILIES][SP_OWN_END];
    size_t count = 0;
    for (int family = 0; family < FAMILIES; family++)
        find_own_costs(family, weights[family], costs[family]);
    for (uint32_t own = 0; own < SP_OWN_END; own++) {
        bool any = false;
        for (int family = 0; family < FAMILIES; family++) {
            ticks[family][count] = own_ticks(costs[family][own]);
            any |= abs(ticks[family][count]) > 1; /* the least ones are not worth their room */
        }
        lows[count] = (int)(own & 0xFF);
        count += any;
        pages[(own >> 8) + 1] = (int)count;
    }
    FILE *out =
        begin_file(folder, "estimate_tokens.h",
                   " * What tokens of cl100k_base, and behind them of o200k_base, cost beyond their features, in\n"
                   " * SP_OWN_TICKS. Of those from n * 256 on, sp_own_pages[n] says which is the first that costs\n"
                   " * anything, and sp_own_lows has the last eight bits of their numbers.\n */\n"
                   "#include \"tokenizer/estimate.h\"\n\n/* clang-format off */\n");
    write_numbers(out, "uint16_t sp_own_pages[(SP_OWN_END >> 8) + 1]", pages, SP_COUNT_OF(pages));
    write_numbers(out, "uint8_t sp_own_lows[]", lows, count);
    write_numbers(out, "int8_t sp_own_costs_v3[]", ticks[0], count);
    write_numbers(out, "int8_t sp_own_costs_47[]", ticks[1], count);
    fprintf(out,
            "/* clang-format on */\n\nstatic const int8_t *const sp_own_costs[SP_FAMILY_END - 1] = { sp_own_costs_v3, "
            "sp_own_costs_47 };\n");
    end_file(out, "estimate_tokens.h");
}

int main(int argc, char **argv)
{
    static judged list[FAMILIES][MAX_TEXTS];
    static double weights[FAMILIES][FEATURES];
    size_t count[FAMILIES];
    if (argc < 4)
        die("usage", "calibrate COUNTS.tsv FOLDER MEASURED.jsonl [OUTPUT]");
    sp_estimator_init(&estimator, sp_encoding_find(SP_STR("claude-v3")), SP_PATH_BEST);
    read_counts(argv[1], argv[2]);
    read_measured(argv[3]);
    sp_estimator_release(&estimator);
    deal();
    find_near();
    sum_up();
    name_contents();
    for (int family = 0; family < FAMILIES; family++) {
        count[family] = judge_all(family, list[family]);
        print_table(stdout, "", family_names[family], list[family], count[family]);
        if (getenv("WORST"))
            print_worst(list[family], count[family]);
        fit(family, NO_FOLD, NO_FOLD, weights[family], NULL);
    }
    if (argc < 5)
        return 0;
    write_weights(argv[4], list, count, weights);
    write_tokens(argv[4], weights);
    return 0;
}
