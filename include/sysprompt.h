/*
 * sysprompt.h - build the exact prompt that a coding agent starts with, and count its tokens.
 *
 *   sp_request request = { .agent = "reviewer", .launch_dir = "." };
 *   sp_prompt *prompt = NULL;
 *   sp_err err;
 *   if (sp_prompt_build(&request, &prompt, &err) != SP_OK) {
 *       fprintf(stderr, "%s\n", err.message);
 *       return 1;
 *   }
 *   printf("%zu tokens\n", prompt->tokens);
 *   sp_prompt_free(prompt);
 *
 * Link with `pkg-config --cflags --libs sysprompt` after `make install`, or with
 * build/libsysprompt.a -lyaml -lutf8proc (and -pthread -ldl where the C library is older than glibc 2.34).
 *
 * A prompt is a list of segments. Each is a slice of one source file, or text that this library wrote
 * itself; put together they are the prompt, byte for byte. What was left out is a list too (cuts).
 *
 * Conventions. A function that can fail returns sp_status and fills *err when it does; results come out
 * through ret_ parameters, which a failure leaves untouched. Sizes and offsets are in bytes unless the
 * name says otherwise. Lines and columns count from 1, columns in code points. Nothing here prints,
 * exits or keeps global state, and nothing but sp_api_count_text and sp_api_count_prompt uses the network;
 * two threads may call anything at once, as long as they do not share the object that is written to (an
 * sp_shared_cache is there to be shared).
 *
 * There is no promise about the ABI before 1.0: structs grow. A program that loads the shared library compares
 * sp_version() with the SP_VERSION it was compiled against.
 */
#ifndef SYSPROMPT_H
#define SYSPROMPT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#ifdef __cplusplus
extern "C" {
#endif

#define SP_VERSION "0.1.0"

#if defined(__GNUC__)
#define SP_API __attribute__((visibility("default")))
#define SP_MUST_USE __attribute__((warn_unused_result))
#else
#define SP_API
#define SP_MUST_USE
#endif

/* SP_VERSION of the library that runs. */
SP_API const char *sp_version(void);

/* ---- text and errors ------------------------------------------------------------------------- */

/* A borrowed run of bytes. It owns nothing, may hold any byte, and does not end in NUL. */
typedef struct sp_str {
    const char *ptr;
    size_t len;
} sp_str;

typedef enum sp_status {
    SP_OK = 0,
    SP_ERR_USAGE,     /* a request that makes no sense: an unknown encoding, two options that exclude each other */
    SP_ERR_INPUT,     /* a file, a name or a text that cannot be read or is not what it has to be */
    SP_ERR_NO_MEMORY, /* an allocation failed */
    SP_ERR_OUTPUT,    /* the result could not be written */
} sp_status;

/* Why a call failed. Text from outside is in here as it came: escape it before it reaches a terminal
 * (sp_text_escape). path is empty, and line and column are 0, where the failure has no such place. */
typedef struct sp_err {
    sp_status status;
    uint32_t line;
    uint32_t column;
    char rule[48];      /* id of the rule that was broken, or "" */
    char path[512];     /* shortened from the left, with "...", when longer */
    char message[1024]; /* what happened, what was expected and what to do; without a final newline */
} sp_err;

/* ---- tokens ---------------------------------------------------------------------------------- */

/* One of OpenAI's public encodings, of which counts are exact, or an estimate of a tokenizer that is not public: these
 * live in the program's read-only data, never freed, shared freely. Or one whose vocabulary was read from a file
 * (sp_encoding_open), which is shared as freely until it is closed. */
typedef struct sp_encoding sp_encoding;

/* How to read special tokens such as <|endoftext|> in a text. */
typedef enum sp_special {
    SP_SPECIAL_AS_TEXT = 0, /* as the plain characters they are: tiktoken's encode_ordinary */
    SP_SPECIAL_ALLOW,       /* as the special token: tiktoken's allowed_special="all" */
} sp_special;

/* Token ids of a text. Zero-initialised is empty; sp_ids_release drops what it holds. */
typedef struct sp_ids {
    uint32_t *ids;
    size_t count;
    size_t capacity;
} sp_ids;

/* The encoding of that exact name (r50k_base, p50k_base, p50k_edit, cl100k_base, o200k_base,
 * o200k_harmony, and gpt2 for r50k_base), or the estimate (claude-v3, claude-4.7), or NULL. */
SP_API const sp_encoding *sp_encoding_find(sp_str name);

/* The exact encodings in a fixed order, for listings; NULL past the last one. */
SP_API const sp_encoding *sp_encoding_at(size_t index);
/* The same for the estimates. */
SP_API const sp_encoding *sp_estimate_at(size_t index);

/* Whether its tokens are counted. Otherwise every function below gives an estimate, of which sp_counter_range tells how
 * far off it may be; there are no ids (sp_encode, sp_token_ends and sp_decode fail with SP_ERR_USAGE), and a text "has
 * at most N tokens" (sp_count_until, sp_truncate) if the upper end of its range is at most N. */
SP_API bool sp_encoding_is_exact(const sp_encoding *encoding);

/* Tokens of a text whose tokenizer is not public: it surely has so many and no more, as far as 95 in 100 texts go that
 * the estimate was not fitted to. An exact count is both. */
typedef struct sp_range {
    size_t low;
    size_t high;
} sp_range;

/* Which number of an estimate has to fit into a budget. Of an exact count all are the same. */
typedef enum sp_bound {
    SP_BOUND_UPPER, /* the upper end of its range */
    SP_BOUND_MIDDLE,
    SP_BOUND_LOWER,
} sp_bound;

/* Their names: "upper", "middle", "lower"; NULL past the last one. */
SP_API const char *sp_bound_name(sp_bound bound);

/* The number that the bound stands for. */
SP_API size_t sp_bound_tokens(sp_bound bound, size_t tokens, sp_range range);

/* Writes a number of tokens as people read it, ended by a NUL: "12,340", or "~12,340 (11,900..12,800)" where it is an
 * estimate. buffer has SP_TOKENS_ROOM bytes; it is returned. */
enum { SP_TOKENS_ROOM = 96 };
SP_API const char *sp_tokens_text(char *buffer, bool is_exact, size_t tokens, sp_range range);

/* Reads the vocabulary of a tokenizer from a file, whose kind is told by what is in it:
 *   .tiktoken        a line for each token: base64 of its bytes, a blank, its rank
 *   tokenizer.json   of Hugging Face. Special tokens are those that it says are special; others that it adds to its
 *                    vocabulary are always found. What a post_processor puts around a text is left out
 *   ctok             JSON: the pieces of a tokenizer of Claude's, "v3" or "v4.7", as far as its counts tell. An
 *                    estimate, without ids; pattern is "claude-4.7" for the request of Opus 4.7 around the text,
 *                    "claude-4.8" for models of which it is not known whether spaces at the end count (then high of the
 *                    range has them), "claude-5" or NULL for Opus 5, which leaves them out
 * pattern is the regular expression that cuts texts into pieces before they are merged, or the name of an encoding that
 * has the same; NULL for files that say so themselves. A .tiktoken file needs one.
 *
 * cache_dir is NULL, or a folder where what takes time to read is kept, in a file named after a hash of the vocabulary:
 * the next time it is taken from there. The folder is made where it is missing, may be emptied at any time, and one
 * that cannot be written does no harm.
 *
 * *ret_encoding is the caller's: to be dropped with sp_encoding_close (NULL is fine) when nothing uses it any more.
 * Counting with it follows the rules of such files: what is not UTF-8 in a text is read as U+FFFD, one for each maximal
 * subpart. Where a normalizer changes a text, a token ends behind the last character that it completes. sp_truncate
 * tries every end in reach of where the tokens of the whole text come to max_tokens: 128 bytes behind, where a text has
 * no places to cut it (sp_cut_after). SP_ERR_INPUT with line and column for what cannot be read, SP_ERR_USAGE for a
 * pattern that is missing or not for that kind of file. */
SP_API SP_MUST_USE sp_status sp_encoding_open(const char *path, const char *pattern, const char *cache_dir,
                                              sp_encoding **ret_encoding, sp_err *err);
SP_API void sp_encoding_close(sp_encoding *encoding);

/* Its name, a string that lives as long as the encoding: of one from a file that file's base name and a hash of what is
 * in it. */
SP_API const char *sp_encoding_name(const sp_encoding *encoding);

/* ---- models ---------------------------------------------------------------------------------- */

/* What is known of a model. Numbers are 0, and texts have ptr NULL, where it is not known. */
typedef struct sp_model {
    sp_str id;
    bool is_prefix; /* every name that begins so */
    const sp_str *aliases;
    size_t alias_count;
    sp_str tokenizer;      /* name of the encoding; ptr NULL for a model whose tokenizer is not in the program */
    sp_str edges;          /* "claude-4.7", "claude-4.8" or "claude-5": pattern of sp_encoding_open for ctok's data */
    sp_str tokenizer_file; /* without an encoding: the name sp_installed_find knows its file by, */
    sp_str tokenizer_get;  /* and where that comes from */
    sp_str tokenizer_as_of, tokenizer_source;
    sp_str released; /* "2026-08-05" */
    sp_str released_as_of, released_source;
    uint64_t window_tokens;
    uint64_t output_tokens;        /* of one answer, at most */
    uint64_t cache_minimum_tokens; /* a shorter prefix is not cached */
    sp_str limits_as_of, limits_source;
    uint64_t frame_tokens;        /* what a request has beside its texts, with one user message */
    uint64_t message_tokens;      /* more for each message that it has */
    uint64_t margin_tokens;       /* by how much that may be off */
    uint64_t exchange_tokens;     /* for each answer and user message after the first */
    uint64_t tools_tokens;        /* once there is a tool, beside what describes it */
    uint64_t forced_tools_tokens; /* the same where a tool has to be used */
    uint64_t function_tokens;     /* for each function, beside what describes it */
    sp_str request_as_of, request_source;
    uint64_t input_price; /* all prices: US dollars a million tokens, in millionths of a dollar */
    uint64_t output_price;
    uint64_t cache_write_5m_price;
    uint64_t cache_write_1h_price;
    uint64_t cache_read_price;
    uint64_t step_tokens; /* above so many tokens of prompt these hold for the whole request */
    uint64_t step_input_price;
    uint64_t step_output_price;
    uint64_t step_cache_write_5m_price;
    uint64_t step_cache_write_1h_price;
    uint64_t step_cache_read_price;
    sp_str prices_as_of, prices_source;
    sp_str retires;    /* "2026-08-05": the day it is taken off the provider's own platform */
    sp_str not_before; /* the day before which the provider will not */
    sp_str retires_as_of, retires_source;
} sp_model;

/* Models that a file adds to those that are built in. NULL stands for these alone, wherever it is asked for. */
typedef struct sp_models sp_models;

/* Reads such a file (YAML; tokenizers/models.yaml in the sources is the one that is built in, and says what may be in
 * it). A model with the id of one that is built in stands for that one. *ret_models is the caller's, to be dropped with
 * sp_models_free (NULL is fine). SP_ERR_INPUT with line and column for what cannot be read. */
SP_API SP_MUST_USE sp_status sp_models_open(const char *path, sp_models **ret_models, sp_err *err);
SP_API void sp_models_free(sp_models *models);

/* The models in order, those of the file first; NULL past the last one. Borrowed from models. */
SP_API const sp_model *sp_model_at(const sp_models *models, size_t index);

/* The newest day that a figure of the models in the program was looked up, as "2026-08-05". */
SP_API sp_str sp_models_as_of(void);
/* How many days before today (yyyymmdd, as sp_day_of says it) that was; 0 if it is later. */
SP_API uint32_t sp_models_age_days(uint32_t today);

/* The model of that name: its id, an alias, its id with a date behind it, a name that Amazon, Google, OpenRouter or
 * LiteLLM give it, or one that begins with a prefix in the table. A [1m] at the end does not count. NULL: it is not
 * known. */
SP_API const sp_model *sp_model_find(const sp_models *models, sp_str name);

/* The encoding of a model that is built in, or NULL for a name that is not known. */
SP_API const sp_encoding *sp_encoding_for_model(sp_str model);

/* The encoding a user asked for, by its name or by a model's; either may have ptr NULL, and the name wins. Both NULL:
 * *ret_encoding is NULL. SP_ERR_USAGE for a name that is not known, with the nearest one that is: there is no silent
 * fallback. */
SP_API SP_MUST_USE sp_status sp_encoding_choose(sp_str encoding, sp_str model, const sp_models *models,
                                                const sp_encoding **ret_encoding, sp_err *err);

/* Directories of the user: $HOME, and $XDG_DATA_HOME or what stands for it. NULL: there is none. */
typedef struct sp_installed_places {
    const char *home;
    const char *data_home;
} sp_installed_places;

/* Whether sp_installed_open knows that name: "ctok", or tokenizer_file of a model. */
SP_API bool sp_installed_is_name(const sp_models *models, const char *name);

/* Opens a tokenizer that the user has installed. "ctok" is the data of that Python package, pieces_v3.json or
 * pieces_v4_7.json as model says (ptr NULL: the newest family), in data_home/sysprompt or, of the latest version there
 * is, where pip, pipx and uv install packages for this user; the name of the encoding has the version. Any other is
 * data_home/sysprompt/NAME.json or NAME/tokenizer.json. SP_ERR_USAGE if there is none. */
SP_API SP_MUST_USE sp_status sp_installed_open(const char *name, sp_str model, const sp_models *models,
                                               const sp_installed_places *places, const char *cache_dir,
                                               sp_encoding **ret_encoding, sp_err *err);

/* ---- counting -------------------------------------------------------------------------------- */

/* Number of tokens in text. Equal to tiktoken 0.14.0 (Unicode 16.0) for every UTF-8 text; for other bytes
 * equal to its _encode_bytes (between two special tokens that are allowed, by itself). The time is linear in
 * the length, whatever the text. Fails only with SP_ERR_NO_MEMORY. */
SP_API SP_MUST_USE sp_status sp_count(const sp_encoding *encoding, sp_str text, sp_special special, size_t *ret_tokens,
                                      sp_err *err);

/* Whether text has at most max_tokens: *ret_fits. If so *ret_tokens is their number; if not, counting stopped soon
 * after there were more, and *ret_tokens is how many there are so far. Fails only with SP_ERR_NO_MEMORY. */
SP_API SP_MUST_USE sp_status sp_count_until(const sp_encoding *encoding, sp_str text, sp_special special,
                                            size_t max_tokens, size_t *ret_tokens, bool *ret_fits, sp_err *err);

/* A text of which many parts will be counted. text is borrowed until sp_index_free, which the caller calls (NULL is
 * fine). Takes the time of counting text once, and 16 bytes for about 256 of it. Special tokens are read as text. Fails
 * only with SP_ERR_NO_MEMORY. */
typedef struct sp_index sp_index;
SP_API SP_MUST_USE sp_status sp_index_new(const sp_encoding *encoding, sp_str text, sp_index **ret_index, sp_err *err);
SP_API void sp_index_free(sp_index *index);

/* Tokens of the text's bytes from begin to end (begin <= end <= its length) as a text of its own: what sp_count gives,
 * in a time that does not depend on how long the part is. It does depend on how long the pieces are that the part
 * begins and ends in, and where the bytes are not UTF-8 the part is counted whole. Any number of threads may ask at
 * once. Fails only with SP_ERR_NO_MEMORY. */
SP_API SP_MUST_USE sp_status sp_index_count(const sp_index *index, size_t begin, size_t end, size_t *ret_tokens,
                                            sp_err *err);

/* Counts one text after the other and remembers pieces of them, which makes it faster than sp_count where there are
 * many texts; the counts are the same. For one thread at a time. Holds little memory for little text, and 12 MiB (14 of
 * an estimate) from some hundred KB on.
 *
 * sp_counter_new: *ret_counter is the caller's, to be dropped with sp_counter_free (NULL is fine). All fail only with
 * SP_ERR_NO_MEMORY, or with SP_ERR_INPUT where a tokenizer from a file cannot count a text; the counter is then as good
 * as before. */
typedef struct sp_counter sp_counter;
SP_API SP_MUST_USE sp_status sp_counter_new(const sp_encoding *encoding, sp_special special, sp_counter **ret_counter,
                                            sp_err *err);
SP_API SP_MUST_USE sp_status sp_counter_count(sp_counter *counter, sp_str text, size_t *ret_tokens, sp_err *err);
SP_API void sp_counter_free(sp_counter *counter);

/* For counters on several threads: a piece of up to 15 bytes that one of them has merged the others find. The counts
 * are the same, and each counter is still for one thread at a time. Together they hold a table of up to 8 MiB, which
 * stays as long as the cache does, and 4 MiB each; when some 260,000 pieces have filled it, each goes on with 12 MiB of
 * its own. Estimates and tokenizers from files share nothing, and are counted all the same. Counters of one cache may
 * differ in special.
 *
 * encoding is borrowed until sp_shared_cache_free. *ret_shared is the caller's, to be dropped with that (NULL is fine)
 * after all counters that were made with it. Counters may be made and dropped by any thread at any time. Both fail only
 * with SP_ERR_NO_MEMORY. */
typedef struct sp_shared_cache sp_shared_cache;
SP_API SP_MUST_USE sp_status sp_shared_cache_new(const sp_encoding *encoding, sp_shared_cache **ret_shared,
                                                 sp_err *err);
SP_API SP_MUST_USE sp_status sp_counter_new_sharing(sp_shared_cache *shared, sp_special special,
                                                    sp_counter **ret_counter, sp_err *err);
SP_API void sp_shared_cache_free(sp_shared_cache *shared);

/* The range of the text that was counted last. */
SP_API sp_range sp_counter_range(const sp_counter *counter);

/* What a counter counted, to be put together where a text was counted in parts (sp_cut_after), by one counter or by
 * several of one encoding: the tokens and the range of an estimate are rounded, and do not add up from part to part;
 * this does. (The total of several texts is another thing: the sum of their tokens, of their lows and of their highs.)
 * Plain data, and all zeros is nothing counted; what the numbers in it are is the library's affair. */
#define SP_COUNTED_KINDS 11
typedef struct sp_counted {
    size_t tokens;
    uint64_t kinds[SP_COUNTED_KINDS];
    sp_range range;
} sp_counted;
/* Of the text that was counted last. */
SP_API sp_counted sp_counter_counted(const sp_counter *counter);
SP_API void sp_counted_add(sp_counted *sum, const sp_counted *part);
/* What sp_counter_count and sp_counter_range would give for the whole. */
SP_API size_t sp_counted_tokens(const sp_encoding *encoding, const sp_counted *counted);
SP_API sp_range sp_counted_range(const sp_encoding *encoding, const sp_counted *counted);

/* Where a text may be cut in two, to count the parts side by side: the first offset at or after from (but not 0) at
 * which the counts of both sides add up exactly, whatever they are; text.len if there is none. Such a place is next to
 * a blank or a line feed, a few bytes on in most texts; it holds for every text that begins like this one, so a
 * beginning is enough to find it in. What is left of a cut is always UTF-8, which is why all of it is looked at: to cut
 * a text many times, go on with what is left, not with a larger from. Of an estimate it is the sp_counted of the parts
 * that add up; rounded to tokens they may be some off. */
SP_API size_t sp_cut_after(const sp_encoding *encoding, sp_str text, size_t from);

/* Whether the counts of two texts surely add up when right is put behind left: the same places. false says nothing. */
SP_API bool sp_join_adds(const sp_encoding *encoding, sp_str left, sp_str right);

/* One of several texts that will be put one behind the other. */
typedef struct sp_section {
    sp_str text;
    size_t tokens; /* result: on its own */
    bool adds;     /* result: its count and that of what follows surely add up. Always set in the last one */
} sp_section;

/* Fills in the results, and *ret_total, the tokens of all texts put together. Only sections between which counts may
 * not add up are counted again, together. Fails only with SP_ERR_NO_MEMORY. */
SP_API SP_MUST_USE sp_status sp_count_sections(const sp_encoding *encoding, sp_special special, sp_section *sections,
                                               size_t count, size_t *ret_total, sp_err *err);

/* The ids, appended to *ids. Fails only with SP_ERR_NO_MEMORY, and then *ids keeps its old count. */
SP_API SP_MUST_USE sp_status sp_encode(const sp_encoding *encoding, sp_str text, sp_special special, sp_ids *ids,
                                       sp_err *err);

/* Where each token of text ends: ends[i] is the offset one past token i, so the last one is text.len.
 * *ret_ends is allocated with malloc and the caller frees it; it is NULL for an empty text. Texts of
 * 4 GiB and more are refused with SP_ERR_INPUT. */
SP_API SP_MUST_USE sp_status sp_token_ends(const sp_encoding *encoding, sp_str text, sp_special special,
                                           uint32_t **ret_ends, size_t *ret_count, sp_err *err);

/* Longest prefix of text that ends on a character boundary and holds at most max_tokens tokens when it is
 * encoded on its own. *ret_len_bytes is its length, *ret_tokens its exact count. A byte that belongs to no
 * well-formed character may be cut off alone. Fails only with SP_ERR_NO_MEMORY. */
SP_API SP_MUST_USE sp_status sp_truncate(const sp_encoding *encoding, sp_str text, sp_special special,
                                         size_t max_tokens, size_t *ret_len_bytes, size_t *ret_tokens, sp_err *err);

/* How much of a text sp_truncate has to see: with so many bytes of it the result is the one with all of it. 128 for
 * each token, the most that one of a built-in vocabulary has, and 3, in which a character that begins before them ends.
 * SIZE_MAX where no such limit is known: for an estimate, and for an encoding from a file. */
SP_API size_t sp_truncate_reach(const sp_encoding *encoding, size_t max_tokens);

/* The bytes of the tokens, in one malloc'd run that the caller frees (NULL when empty). An id that the
 * encoding does not have is SP_ERR_INPUT, and the message says which. In o200k_harmony 200018 has two names and
 * decodes to <|endofprompt|>. */
SP_API SP_MUST_USE sp_status sp_decode(const sp_encoding *encoding, const uint32_t *ids, size_t count, char **ret_bytes,
                                       size_t *ret_len, sp_err *err);

/* Drops what ids holds; they are empty then. */
SP_API void sp_ids_release(sp_ids *ids);

/* ---- diagnostics ------------------------------------------------------------------------------ */

typedef enum sp_level {
    SP_NOTE = 0, /* worth knowing; nothing is wrong */
    SP_WARNING,  /* something did not go the way the author meant; the prompt is built all the same */
    SP_FINDING,  /* the client's rules refuse this: the prompt can be built but should not be used */
} sp_level;

/* One message about one place. line and column are 0 where it is about a whole file. Text from outside is
 * in here as it came: escape it before it reaches a terminal (sp_text_escape). */
typedef struct sp_diagnostic {
    sp_level level;
    uint32_t line;
    uint32_t column;
    sp_str path;
    sp_str message;
    sp_str rule;        /* id of the rule, for example "import.missing" */
    sp_str source_line; /* the line it is about, without its line end; empty when line is 0 */
} sp_diagnostic;

/* ---- profiles --------------------------------------------------------------------------------- */

/* The documented rules of a client, at one of its versions: what loads, in which order, and what is left out. */
typedef struct sp_profile sp_profile;

/* The profile of that name: "claude-code" (its newest known version), "claude-code@2.1.240" or "codex"; a date such as
 * "claude-code@2026-06-01" stands for the version of that day, and "claude-code@2.1" for the newest known 2.1. On
 * success *ret_profile is the caller's, to be dropped with sp_profile_free. SP_ERR_USAGE for a name or a version that
 * is not known, with what is. */
SP_API SP_MUST_USE sp_status sp_profile_open(sp_str name, sp_profile **ret_profile, sp_err *err);
SP_API void sp_profile_free(sp_profile *profile);

/* The names of the profiles in a fixed order, without versions, for listings; NULL past the last one. */
SP_API const char *sp_profile_at(size_t index);

/* Its name with the version, if the client has some. Borrowed from the profile. */
SP_API const char *sp_profile_name(const sp_profile *profile);
/* What it is called in a sentence. Lives as long as the program. */
SP_API const char *sp_profile_title(const sp_profile *profile);

/* ---- sources ---------------------------------------------------------------------------------- */

#define SP_NONE UINT32_MAX /* "no index": no source, no block */

typedef enum sp_block_kind {
    SP_BLOCK_PARAGRAPH, /* also link definitions, and the empty line of a quote */
    SP_BLOCK_HEADING,   /* ATX and setext */
    SP_BLOCK_FENCED_CODE,
    SP_BLOCK_INDENTED_CODE,
    SP_BLOCK_HTML,
    SP_BLOCK_THEMATIC_BREAK,
    SP_BLOCK_BLANK, /* blank lines with no block before them */
    SP_BLOCK_FRONT_MATTER,
    SP_BLOCK_LIST_ITEM, /* the paragraph that an item begins with, perhaps empty; its further ones are paragraphs */
} sp_block_kind;

/* A leaf block of Markdown (CommonMark 0.30). The blocks of a source follow one another without a gap:
 * every line belongs to exactly one, a blank line to the block before it, and the markers of the lists and
 * quotes around a block to the block whose line they stand on. */
typedef struct sp_block {
    sp_block_kind kind;
    uint8_t level;       /* 1 to 6 for a heading, else 0 */
    uint32_t first_line; /* from 1 */
    uint32_t last_line;  /* the last one that is not blank (or first_line) */
    uint32_t heading;    /* index of the heading block this one stands under (a heading: its parent), or SP_NONE */
    size_t begin;        /* byte offsets into the source */
    size_t end;
} sp_block;

typedef enum sp_source_kind {
    SP_SOURCE_AGENT,
    SP_SOURCE_MEMORY,
    SP_SOURCE_INSTRUCTIONS, /* a file of the CLAUDE.md chain, or one that was named with --instructions */
    SP_SOURCE_RULE,         /* a file in a rules folder */
    SP_SOURCE_IMPORT,       /* a file that another one asks for with @path */
    SP_SOURCE_SKILL,        /* a skill that the agent lists */
    SP_SOURCE_APPENDED,     /* text that the user adds to the system prompt */
} sp_source_kind;

/* Whose text it is: the client's memory types, NAMED for a file the user named outright, and what only agents and
 * added directories have. */
typedef enum sp_scope {
    SP_SCOPE_NAMED,
    SP_SCOPE_MANAGED,
    SP_SCOPE_USER,
    SP_SCOPE_PROJECT,
    SP_SCOPE_LOCAL,
    SP_SCOPE_SESSION, /* an agent from --agents */
    SP_SCOPE_ADDED,   /* from a directory that was added with --add-dir */
    SP_SCOPE_PLUGIN,  /* an agent that comes with a plugin */
} sp_scope;

/* A file as it was read, with what was found in it. */
typedef struct sp_source {
    sp_source_kind kind;
    sp_scope scope;
    sp_str path;      /* relative to the current directory when below it, else absolute; "<stdin>" for - */
    sp_str name;      /* as the prompt names it: relative to the launch directory, or ~/..., or absolute */
    sp_str real_path; /* with every link resolved */
    sp_str reason; /* why it is here: "agent", "named", "session_start", "include", "agent_memory", "path_glob_match",
                    * "nested_traversal", ... */
    sp_str bytes;  /* the whole file; empty when it was not read (was_read) */
    bool was_read;
    bool is_loaded;         /* false: nothing of it is in the prompt, and a cut says why */
    uint64_t size_bytes;    /* of the file, also when it was not read */
    uint32_t importer;      /* index of the source that asks for it, or SP_NONE */
    uint32_t importer_line; /* the line of its @path */
    uint32_t depth;         /* imports between it and the file that started the chain */
    sp_str trigger;         /* the touched file that it loads for; ptr NULL for what loads at the start */
    sp_str pattern;         /* and the pattern of its front matter that matches that file, or ptr NULL */
    size_t content_begin;   /* where the text begins: after a BOM and front matter that is not sent */
    const sp_block *blocks;
    uint32_t block_count;
    size_t tokens; /* of all segments that are slices of it */
} sp_source;

/* ---- the agent -------------------------------------------------------------------------------- */

typedef enum sp_front_matter_state {
    SP_FRONT_MATTER_NONE,
    SP_FRONT_MATTER_STRICT,    /* valid YAML */
    SP_FRONT_MATTER_RECOVERED, /* not valid YAML; read line by line */
} sp_front_matter_state;

typedef struct sp_str_list {
    const sp_str *items;
    size_t count;
} sp_str_list;

/* A tool that an agent does not get, and the rule that says so. */
typedef struct sp_removed_tool {
    sp_str tool;
    sp_str rule;
    sp_str why;
} sp_removed_tool;

/* What the agent's front matter says, and what the client makes of it. A field that is absent has ptr NULL. */
typedef struct sp_agent {
    uint32_t source;
    sp_front_matter_state front_matter;
    sp_str name;
    sp_str description;
    sp_str model;
    sp_str memory; /* "user", "project" or "local"; another value is reported and counts as absent */
    sp_str color;
    sp_str permission_mode;
    sp_str_list tools;
    sp_str_list disallowed_tools;
    sp_str_list skills;          /* to be preloaded */
    const size_t *skill_offsets; /* of each of them in the text that lists it */
    bool has_tools;              /* an empty list is not the same as none */
    bool omit_claude_md;
    /* resolved */
    bool inherits_tools;        /* all of the session's, but for tools_removed and what no subagent gets */
    sp_str_list tools_resolved; /* without inherits_tools: all there are, by name, each once */
    const sp_removed_tool *tools_removed;
    size_t tools_removed_count;
    sp_str model_resolved; /* ptr NULL: the session's, which nothing here names */
    sp_str model_reason;   /* who named it: "front matter", or a setting or variable with its place */
} sp_agent;

/* ---- the prompt ------------------------------------------------------------------------------- */

typedef enum sp_role {
    SP_ROLE_SYSTEM,
    SP_ROLE_USER,
} sp_role;

typedef enum sp_segment_kind {
    SP_SEGMENT_BODY,
    SP_SEGMENT_MEMORY,
    SP_SEGMENT_INSTRUCTIONS,
    SP_SEGMENT_RULE,
    SP_SEGMENT_IMPORT,
    SP_SEGMENT_SKILL,
    SP_SEGMENT_HEADER,      /* our own: headings, separators, memory instructions */
    SP_SEGMENT_MARKER,      /* our own: stands where something was cut */
    SP_SEGMENT_ENVIRONMENT, /* our own: working directory, platform and the like, and the git status */
    SP_SEGMENT_APPENDED,
} sp_segment_kind;

/* A run of output: a slice of one source inside one leaf block, or text the library wrote itself
 * (source is SP_NONE and the offsets and lines are 0). */
typedef struct sp_segment {
    sp_segment_kind kind;
    sp_role role; /* what the client sends it as; a flat layout puts it into the system message all the same */
    uint32_t source;
    uint32_t block;
    uint32_t first_line;
    uint32_t last_line;
    size_t begin; /* byte offsets into the source */
    size_t end;
    sp_str text;                 /* the bytes themselves, borrowed from the source or the prompt */
    size_t tokens;               /* tokens whose first byte lies in this segment */
    const char *priority_reason; /* "instructions", "keep at CLAUDE.md:3", "trim rule 2" */
    uint8_t priority;            /* what has less goes first: 0 to SP_PRIORITY_MAX */
    bool pinned;                 /* no budget takes it away; own text goes with what it belongs to */
    uint32_t frame;              /* the source under whose header and above whose footer it stands, or SP_NONE */
    uint32_t place_source;       /* own text in the place of a part of a block: that block. Else SP_NONE */
    uint32_t place_block;
} sp_segment;

/* What was left out of the prompt. */
typedef struct sp_cut {
    uint32_t source;
    uint32_t first_line; /* 0 when the file was not read */
    uint32_t last_line;
    size_t begin;
    size_t end;
    bool tokens_known; /* false for a file that was not read */
    size_t tokens;     /* of the slice, counted on its own */
    sp_str rule;       /* id of the rule that left it out */
    sp_str why;        /* a sentence that says why, and what to do about it */
} sp_cut;

/* One message of the prompt: a run of segments. Its text is their concatenation, tokenised on its own. */
typedef struct sp_message {
    sp_role role;
    size_t first_segment;
    size_t segment_count;
    sp_str text;
    size_t tokens;
} sp_message;

/* What becomes of an @path on the line that was asked about. */
typedef struct sp_why_import {
    sp_str text;       /* as it is written, with its @ */
    uint32_t source;   /* index of what it asks for, loaded or not, or SP_NONE for nothing */
    sp_str rule;       /* unless it is loaded: id of the rule that says so (empty: none), */
    sp_str why;        /* and a sentence */
    sp_str_list tried; /* unless it is there: the paths that were looked for. The client tries the first; the others
                        * are what may have been meant */
} sp_why_import;

/* The answer to sp_request.why: what a file, or a line of it, has to do with the prompt. Its sources, segments and cuts
 * are those of the prompt; what else is known is in here. */
typedef struct sp_why {
    sp_str asked;           /* as it was asked */
    sp_str path;            /* as in sp_source */
    uint32_t line;          /* 0: the whole file */
    uint32_t source;        /* index of what was found there, loaded or not; SP_NONE: nothing asked for it */
    bool is_in_prompt;      /* something of the file, or of the line, is */
    sp_str rule;            /* without a source: id of the rule that keeps it out (empty: none), */
    sp_str why;             /* a sentence that says why, */
    sp_str advice;          /* and one that says what would make it load; empty: nothing would */
    sp_why_import *imports; /* of a line: what stands behind each @ on it */
    size_t import_count;
} sp_why;
/* The input tokens of a request that sends a prompt to a model: its texts and the frame around them. Not in it,
 * because nothing here knows it: the user's own message, and tools with what describes them. */
typedef struct sp_request_tokens {
    bool is_known; /* false: the frame of the model is not known, or the prompt is counted by another encoding; the rest
                    * is 0 then */
    size_t tokens;
    sp_range range;
    size_t frame_tokens;        /* of these */
    size_t tools_tokens;        /* on top once there is a tool, beside what describes it; 0: not known */
    size_t forced_tools_tokens; /* the same where a tool has to be used */
    char model[64];             /* the id of the model */
} sp_request_tokens;
/* What Anthropic's counting endpoint says of a request. Anthropic calls that an estimate itself: what is billed may
 * differ by a few tokens. */
typedef struct sp_api_count {
    size_t tokens;       /* of the whole request, its frame included; 0: nothing was counted */
    char model[64];      /* as it was named to the endpoint */
    char counted_on[12]; /* "2026-11-21" (UTC) */
    bool is_cached;      /* it was counted by an earlier call; nothing was sent */
    bool has_carrier;    /* no text goes to the user message, without which the endpoint counts nothing: it is "." */
} sp_api_count;

/* What is left of a source, or of our own wording, where a budget cannot be met. */
typedef struct sp_trim_rest {
    uint32_t source; /* SP_NONE: our own wording */
    size_t tokens;
    bool pinned;        /* some of it is, and then reason says why; else to leave it out would save nothing */
    const char *reason; /* as priority_reason of its first segment that is pinned, or of its first one */
} sp_trim_rest;

/* How a prompt meets a budget, so that anyone can check it: sp_prompt_trim with this budget gives this again; with
 * next_budget_tokens more stays, and with one token less than that it does not. */
typedef struct sp_trim {
    size_t budget_tokens;
    sp_bound bound;       /* which number of an estimate fits or does not: of the request */
    size_t whole_tokens;  /* of the prompt before anything is cut */
    sp_range whole_range; /* of these */
    size_t tokens;        /* afterwards, counted anew from the final bytes; if nothing fits, the smallest there is */
    sp_range range;       /* of these */
    bool fits;
    bool is_applied;    /* the prompt is what is left; else this is only a plan */
    const sp_cut *cuts; /* what is left out, in the order of the prompt; neighbours are one cut */
    size_t cut_count;
    size_t unit_count;         /* blocks, and parts of large ones, that are left out */
    sp_cut next;               /* if there are any: the one that comes back first */
    size_t next_budget_tokens; /* with this budget, and with none below */
    const sp_trim_rest *rest;  /* unless it fits: what is left, the largest part first */
    size_t rest_count;
    char sha256[65]; /* of the text afterwards, all messages one after the other */
} sp_trim;

typedef struct sp_prompt {
    const sp_profile *profile; /* whose rules these are */
    const sp_encoding *encoding;
    const sp_encoding *model_encoding; /* of own_model; NULL: it is not named, or not known */
    bool exact;                        /* the tokens are counted, not estimated */
    size_t tokens;                     /* of all messages */
    sp_range range;                    /* of tokens; both ends are tokens where they are exact */
    sp_bound bound;                    /* of the request, for budgets */
    size_t window_tokens;              /* of the model that the prompt goes to, or 0 where it is not known */
    sp_str model;                      /* what that model is called; ptr NULL: nothing names one */
    sp_str own_model; /* the model of the agent, or by the settings of the main session; ptr NULL: none is named */
    sp_str own_model_reason; /* who named it: "front matter", or a setting or variable with its place */
    size_t generated_tokens; /* of the segments the library wrote itself */
    sp_request_tokens request;
    sp_api_count api_count; /* tokens is 0 until sp_api_count_prompt */
    const sp_agent *agent;  /* NULL when there is none */
    sp_source *sources;     /* in load order */
    uint32_t source_count;
    sp_message *messages;
    size_t message_count;
    sp_segment *segments;
    size_t segment_count;
    sp_cut *cuts;
    size_t cut_count;
    const sp_diagnostic *diagnostics;
    size_t diagnostic_count;
    const sp_why *why;   /* the answer to sp_request.why; NULL: nothing was asked */
    const sp_trim *trim; /* NULL until sp_prompt_trim */
    void *owner;         /* what all of the above lives in; for sp_prompt_free */
} sp_prompt;

/* ---- building --------------------------------------------------------------------------------- */

typedef enum sp_layout {
    SP_LAYOUT_FLAT,  /* one system message: body, memory, environment, appended text, instructions, skills */
    SP_LAYOUT_SPLIT, /* what the client sends: a system message (body, memory, environment, appended text), then a user
                      * message (instructions, skills) */
} sp_layout;

/* Priorities say in which order a budget takes text away: what has less goes first. By default that is the kind's (10
 * for what loads on demand, 20 memory, 30 skills, 40 the user's rules, 50 the user's other instructions, 60 all other
 * instructions), and the agent's body and managed text are pinned. */
enum {
    SP_PRIORITY_DROP_FIRST = 0,
    SP_PRIORITY_LOW = 5,
    SP_PRIORITY_HIGH = 95,
    SP_PRIORITY_MAX = 100,
};

/* Another priority for some of the text. Of several rules that match the last one counts, and an annotation in the file
 * counts more than any rule. The agent's body is only what a rule with its kind is for, and managed text what one with
 * a file is for. Strings are borrowed for the call. */
typedef struct sp_priority_rule {
    unsigned kinds; /* bit 1 << kind for each sp_segment_kind it is for; 0: all */
    sp_str file;    /* a path pattern (** any folders, * and ? within a name, {a,b}) for the name as the prompt has it
                     * (sp_source.name), or, without a slash, for the last part of it; ptr NULL: all */
    sp_str heading; /* the text of a heading, case apart, for its whole section; ptr NULL: all */
    bool pinned;    /* never cut; else */
    uint8_t priority;
} sp_priority_rule;

/* Threads that the caller lends; the library starts none. run calls work(context) once or more often, also on several
 * threads at the same time, and returns when every call has returned: each call takes from what is shared until nothing
 * is left, so how many there are changes no result. self is run's own. */
typedef struct sp_threads {
    void (*run)(void *self, void (*work)(void *context), void *context);
    void *self;
} sp_threads;

/* A commit whose files stand for those of the working tree: see sp_revision_open. Strings live as long as it does. */
typedef struct sp_revision {
    sp_str name;     /* as it was asked for */
    sp_str id;       /* of the commit, in full */
    sp_str short_id; /* as git shortens it */
    sp_str date;     /* on which it was written, "2026-11-21" */
    sp_str subject;  /* the first line of its message */
    sp_str top;      /* real path of the repository's work tree */
    void *owner;     /* what all of the above lives in; for sp_revision_free */
} sp_revision;

/* What to build. All strings are borrowed for the call; paths are the caller's, relative to its current directory.
 * Zero-initialised it asks for what a main session reads in the current directory of a machine without a home. */
typedef struct sp_request {
    const sp_profile *profile; /* whose rules to follow; NULL: the newest known Claude Code's */
    const char *agent;         /* a path, a name to look up as the client does, or NULL for a main session */
    sp_str agent_text;         /* the agent file's bytes instead of a path (agent then only names it), or ptr NULL;
                                * borrowed for the call only, like the rest: the prompt has a copy */
    const char *launch_dir;    /* the client's working directory; NULL is "." */
    const char *home_dir;      /* NULL: there is none */
    const char
        *config_dir;      /* the client's CLAUDE_CONFIG_DIR, which stands for .claude in home_dir; NULL is just that */
    const char *root_dir; /* stands for "/": nothing outside it and home_dir is looked at; NULL is "/" */
    const char *memory_file;              /* read instead of looking for memory; NULL looks */
    const char *const *instruction_files; /* read instead of looking for instructions; NULL looks, and anything else
                                           * with a count of 0 reads none */
    size_t instruction_file_count;
    const char *texts_dir; /* a folder whose files replace the library's own wording, or NULL */
    const char
        *agents_json; /* the client's --agents: a JSON file, or the JSON itself when it begins with { ; or NULL */
    const char *const *added_dirs; /* the client's --add-dir */
    size_t added_dir_count;
    const char *const *plugin_dirs; /* the client's --plugin-dir: folders of plugins */
    size_t plugin_dir_count;
    const char *setting_sources; /* the client's --setting-sources, such as "user,project"; NULL names all three */
    const char
        *settings_json; /* the client's --settings: a JSON file, or the JSON itself when it begins with { ; or NULL */
    /* A path, or path:line, that sp_prompt.why is to tell about. It is looked up as it is written, then relative to the
     * current directory and to launch_dir; ~/ is home_dir. NULL asks nothing. */
    const char *why;
    const char *const *client_env; /* variables the client is started with, "NAME=value", ended by NULL; NULL: none */
    const char *append_text; /* what the client's --append-subagent-system-prompt adds to an agent's prompt, or its
                              * --append-system-prompt to a main session's; NULL: nothing */
    const char *append_file; /* the same, from a file */
    bool bare;               /* the client's --bare: nothing is looked for, only what options name loads */
    bool with_environment;   /* the section on working directory, platform and the like, and the git status, for which
                              * git is run */
    const char *const *environment_values; /* what it says, "name=value" with a name of sp_environment_name_at; the last
                                            * of a name counts, and what is not given is found out (directory, is_git,
                                            * and what git says) or left out */
    size_t environment_value_count;
    const char *const *touched_files; /* what the agent reads or writes: rules and instruction files that load for it
                                       * stand behind those that load at the start. A file need not exist */
    size_t touched_file_count;
    bool finds_unread; /* look for more that does not load, and list it among the cuts: instruction files below the
                        * launch directory, those of other clients, notes beside a memory file. Takes a walk through
                        * the folders below the launch directory */
    sp_layout layout;
    const sp_encoding *encoding; /* NULL: that of the model of agent or session if it has one, else o200k_base */
    const sp_models *models;     /* that are known; NULL: those that are built in */
    const char *model;           /* the model that the prompt goes to; NULL: that of agent or session */
    sp_bound bound;              /* which number of an estimate has to fit into a budget */
    bool strict;                 /* front matter that is not valid YAML is a finding, not recovered */
    bool allow_external_imports; /* follow imports of project files out of the launch directory */
    bool replace_invalid_utf8;   /* U+FFFD for NUL and for what is not UTF-8, instead of SP_ERR_INPUT */
    const sp_priority_rule *priority_rules;
    size_t priority_rule_count;
    const sp_threads *threads;   /* for what is worth them: many agents. NULL: there is only the caller's */
    const sp_revision *revision; /* NULL: the working tree. sp_check_run and sp_config_open do not look at it */
} sp_request;

/* Finds a commit in the git repository around request's launch_dir; home_dir and root_dir count as well. revision is
 * whatever git takes for one commit: a branch, a tag, HEAD~3, the beginning of an id. Set in a request, it makes the
 * files under version control those of the commit, as git stores them: filters and conversions of line ends are not
 * applied, a submodule is an empty folder, and what is neither in the commit nor ignored by git is not there. What lies
 * outside of the repository, what git ignores, and the home directory stay those of the disk. Git is run, but nothing
 * that its configuration names, and nothing is fetched or written. On success *ret is the caller's, to be dropped with
 * sp_revision_free (NULL is fine); one thread at a time may use it. Errors: SP_ERR_INPUT for a name that is not known,
 * with the nearest branch or tag, where git is not installed, there is no repository, or none that git trusts or that
 * lies in root_dir. */
SP_API SP_MUST_USE sp_status sp_revision_open(const sp_request *request, const char *revision, sp_revision **ret,
                                              sp_err *err);
SP_API void sp_revision_free(sp_revision *revision);

/* Builds the prompt: loads what the client would read, composes it, counts it. On success *ret_prompt is the
 * caller's, to be dropped with sp_prompt_free; it borrows nothing from the request. A prompt may be built and still
 * hold diagnostics of level SP_FINDING. Errors: SP_ERR_USAGE for a request that contradicts itself, such as a
 * launch_dir outside root_dir; SP_ERR_INPUT for an agent that is not found, for files and folders that cannot be read,
 * for a file named outside root_dir and home_dir, for a line of why that its file does not have, and for a message of
 * 4 GiB and more; SP_ERR_NO_MEMORY. */
SP_API SP_MUST_USE sp_status sp_prompt_build(const sp_request *request, sp_prompt **ret_prompt, sp_err *err);
SP_API void sp_prompt_free(sp_prompt *prompt);

/* The names of the values in the environment section, for listings; NULL past the last one. */
SP_API const char *sp_environment_name_at(size_t index);
/* ---- the provider's own count --------------------------------------------------------------------- */

/* Told before a request is repeated: why ("529 overloaded_error"), how long the pause is, and which attempt is next. */
typedef void sp_api_pause(void *context, const char *why, uint32_t pause_ms, unsigned attempt);

/* Where to count, and how. Strings are borrowed for the call of sp_api_open. */
typedef struct sp_api_options {
    const char *url;         /* https, or http to this machine; NULL: https://api.anthropic.com */
    const char *key;         /* for x-api-key. NULL: what is cached is still found */
    bool allow_http;         /* http to other machines too, which shows them and whoever is between them the key */
    const char *ca_file;     /* PEM: the certificates to trust; NULL: those that libcurl trusts */
    const char *cache_dir;   /* a folder for what was counted, made when it is needed; NULL keeps nothing */
    bool cached_only;        /* send nothing */
    uint32_t timeout_ms;     /* of one attempt; 0: 60,000. To connect may take 10,000 of them */
    unsigned attempts;       /* at most; 0: 5 */
    uint32_t first_pause_ms; /* it doubles with each attempt; 0: 500 */
    uint32_t today;          /* as yyyymmdd, for what is counted; 0: the clock's day (UTC) */
    const sp_models *models; /* that are known; NULL: those that are built in. Borrowed until sp_api_close */
    sp_api_pause *on_pause;  /* or NULL */
    void *context;
} sp_api_options;

/* A way to the endpoint. For one thread at a time. */
typedef struct sp_api sp_api;

/* Checks the options; opens no connection and loads no library yet. On success *ret_api is the caller's, to be dropped
 * with sp_api_close (NULL is fine), which also wipes its copy of the key. SP_ERR_USAGE for an address that is none, has
 * a user name or a query in it, or is http to another machine; SP_ERR_INPUT for a key that no header can hold;
 * SP_ERR_NO_MEMORY. */
SP_API SP_MUST_USE sp_status sp_api_open(const sp_api_options *options, sp_api **ret_api, sp_err *err);
SP_API void sp_api_close(sp_api *api);

/* The only functions of this library that use the network, and only for what is not in the cache: POST
 * {url}/v1/messages/count_tokens, with libcurl, which is loaded for it. model is a name that sp_model_find knows, of a
 * Claude model. 429, 529 and 5xx are tried again after the pause that retry-after asks for (at most 60 s), else after
 * one that doubles; redirects are not followed.
 *
 * sp_api_count_text: a request with text as its one user message.
 * sp_api_count_prompt: the request that SP_FORMAT_ANTHROPIC renders, which is put in prompt->api_count.
 *
 * Errors: SP_ERR_USAGE for a model that is not known or is no Claude model; SP_ERR_NO_MEMORY; otherwise SP_ERR_INPUT,
 * with the rule
 * - api.request: this request cannot be counted: not UTF-8, empty, over 32 MiB, or refused by the endpoint (400, 413)
 * - api.not-cached: it is not in the cache, and options forbid to send it
 * - api.endpoint: anything else: no key, no libcurl, no connection, no answer in time, or one that is no count */
SP_API SP_MUST_USE sp_status sp_api_count_text(sp_api *api, sp_str model, sp_str text, sp_api_count *ret, sp_err *err);
SP_API SP_MUST_USE sp_status sp_api_count_prompt(sp_api *api, sp_str model, sp_prompt *prompt, sp_err *err);

/* ---- budgets ----------------------------------------------------------------------------------- */

/* Reads a number of tokens as people write it: "8000", "8k" (8,000), "1m", or "5%" of the window of a model, rounded
 * down. window_tokens is 0 where it is not known, and model its name, or has ptr NULL (see sp_prompt). SP_ERR_USAGE for
 * anything else, and for a share of a window that is not known. */
SP_API SP_MUST_USE sp_status sp_budget_parse(sp_str text, sp_str model, size_t window_tokens, size_t *ret_tokens,
                                             sp_err *err);

typedef enum sp_trim_mode {
    SP_TRIM_PLAN,     /* only says what would be cut: prompt->trim */
    SP_TRIM_APPLY,    /* cuts it, if the budget can be met */
    SP_TRIM_SMALLEST, /* and if it cannot, makes the prompt as small as can be */
} sp_trim_mode;

/* Finds what has to go so that prompt has at most budget_tokens (of an estimate that is the upper end of its range,
 * unless the request's bound says otherwise), and sets prompt->trim; it lives as long as the prompt.
 * There is one order in which text is taken away, which does not depend on the budget (priority; then the project's
 * files from the root down, imports before the file that asks for them, in a file the later text first; a heading right
 * after the last text below it), and the shortest beginning of it with which the recounted text fits is cut. A marker
 * stands where something was cut. When it is called again, it begins with the whole prompt again. Fails only with
 * SP_ERR_NO_MEMORY, and then the prompt is what it was. */
SP_API SP_MUST_USE sp_status sp_prompt_trim(sp_prompt *prompt, size_t budget_tokens, sp_trim_mode mode, sp_err *err);

/* ---- locks -------------------------------------------------------------------------------------- */

/* How the prompt of a lock is built again. */
typedef struct sp_lock_origin {
    sp_str directory;      /* where sysprompt build was run, seen from the folder that the lock lies in, such as "." or
                            * "../shop"; ptr NULL: nothing of this is known */
    sp_str_list arguments; /* behind sysprompt build: options and the agent */
} sp_lock_origin;

/* Renders a lock of the prompt, as JSON (sysprompt.lock/1): its files in order with their hashes, the profile, the
 * encoding, hash, bytes and tokens of the text, and the hash of each line about machine, day and git status. origin may
 * be NULL. Allocation and errors as for sp_prompt_render. */
SP_API SP_MUST_USE sp_status sp_lock_render(const sp_prompt *prompt, const sp_lock_origin *origin, char **ret_bytes,
                                            size_t *ret_len, sp_err *err);

/* A lock that was read. */
typedef struct sp_lock {
    sp_str path; /* as it was given */
    sp_str text;
    sp_lock_origin origin;
    void *owner; /* what all of the above lives in; for sp_lock_free */
} sp_lock;

/* Reads a lock. On success *ret_lock is the caller's, to be dropped with sp_lock_free (NULL is fine). Errors:
 * SP_ERR_INPUT, with line and column where it can be read but is no lock; SP_ERR_NO_MEMORY. */
SP_API SP_MUST_USE sp_status sp_lock_open(const char *path, sp_lock **ret_lock, sp_err *err);
SP_API void sp_lock_free(sp_lock *lock);

/* Compares a prompt with a lock, the bytes of a file at path. *ret are diagnostics of level SP_FINDING, one for each
 * input and value that differs, none when all is the same; they live as long as the prompt. Errors: SP_ERR_INPUT for
 * what is no lock; SP_ERR_NO_MEMORY. */
SP_API SP_MUST_USE sp_status sp_lock_compare(const sp_prompt *prompt, sp_str lock, sp_str path,
                                             const sp_diagnostic **ret, size_t *ret_count, sp_err *err);

/* Index of the block that holds the byte at offset (the last block, past the end), or SP_NONE for a source without
 * blocks: one that is empty or not loaded. */
SP_API uint32_t sp_block_at(const sp_source *source, size_t offset);

/* The headings a block stands under, outermost first, written to ret_path: at most room of them, blocks' indices
 * into source->blocks. Returns how many there are. block is below source->block_count (a segment's may be SP_NONE:
 * ask first); a heading is the last of its own path. */
SP_API size_t sp_heading_path(const sp_source *source, uint32_t block, uint32_t *ret_path, size_t room);

/* The text of a block of kind SP_BLOCK_HEADING, without its marks. Borrowed from the source. block is below
 * source->block_count, as what sp_heading_path wrote is. */
SP_API sp_str sp_heading_text(const sp_source *source, uint32_t block);

/* ---- where the tokens are ----------------------------------------------------------------------- */

/* What the rows of a tree are. */
typedef enum sp_tree_level {
    SP_TREE_PROMPT,  /* the root, and nothing else */
    SP_TREE_FILE,    /* a source; all of our own wording is one row */
    SP_TREE_HEADING, /* a section: headings of a lower level nest. The text before the first heading is a row without a
                      * block, and so is our own wording of each kind */
    SP_TREE_KIND,    /* by sp_segment_kind */
    SP_TREE_BLOCK,   /* a leaf block; each segment of our own wording */
    SP_TREE_LINE,    /* a line of a source, or of a segment of our own wording */
} sp_tree_level;

/* A row. Its children stand in the order in which the prompt comes to them; indices are of sp_tree.nodes. */
typedef struct sp_node {
    sp_tree_level level;
    sp_segment_kind kind; /* of its first segment: SP_TREE_KIND has no others */
    sp_str name;          /* path, text of the heading, first line of the block, the line; ptr NULL where there is none.
                           * Borrowed from the prompt */
    uint32_t parent;      /* SP_NONE for the root; else below its own index */
    uint32_t first_child; /* or SP_NONE */
    uint32_t next;        /* the next child of its parent, or SP_NONE */
    uint32_t child_count;
    uint32_t depth;         /* rows above it */
    uint32_t source;        /* SP_NONE: our own wording, or of more than one */
    uint32_t block;         /* of a heading or a block; SP_NONE for what has none */
    uint32_t first_line;    /* in the source; 0 without one */
    uint32_t last_line;     /* what lies between may be elsewhere, or left out */
    uint32_t first_segment; /* that is in it at least in part */
    bool is_generated;      /* all of it is our own wording */
    size_t bytes;
    size_t tokens;     /* whose first byte lies in it: those of its children and its own */
    size_t own_tokens; /* of text that is in none of its children */
} sp_node;

/* Bytes of a message that are in one row, the innermost. */
typedef struct sp_tree_run {
    size_t message;
    size_t begin;
    size_t end;
    uint32_t node;
} sp_tree_run;

typedef struct sp_tree {
    const sp_node *nodes; /* nodes[0] is the root: the whole prompt */
    uint32_t node_count;
    const sp_tree_run *runs; /* every byte of every message, in order */
    size_t run_count;
    const uint32_t *segment_nodes; /* of each segment of the prompt: the row its first byte is in, the innermost */
    void *owner;                   /* what all of the above lives in; for sp_tree_free */
} sp_tree;

enum { SP_TREE_MAX_LEVELS = 5 };

/* Which rows stand in which others, the outermost first. */
typedef struct sp_tree_options {
    const sp_tree_level *levels; /* each at most once, and no SP_TREE_PROMPT */
    size_t level_count;          /* 0: file, heading */
} sp_tree_options;

/* Puts every token of a prompt under rows. A token belongs to the rows of its first byte, in one tokenisation of each
 * message, so that the rows in a row, with its own tokens, sum to it. options may be NULL. *ret_tree is the caller's,
 * to be dropped with sp_tree_free (NULL is fine) before the prompt is freed or trimmed. The time is linear in the
 * prompt. SP_ERR_USAGE for levels that are not as above; SP_ERR_NO_MEMORY. */
SP_API SP_MUST_USE sp_status sp_tree_build(const sp_prompt *prompt, const sp_tree_options *options, sp_tree **ret_tree,
                                           sp_err *err);
SP_API void sp_tree_free(sp_tree *tree);

/* What the text of a row comes to, recounted. */
typedef struct sp_node_cost {
    bool is_known;     /* false, and the rest 0: the prompt has hardly a place where counts of two texts add up, and to
                        * count every row anew would take too long */
    size_t standalone; /* tokens of it as a text of its own, in each message */
    int64_t marginal;  /* tokens that the prompt would lose without it. What stands around closes up and may have more
                        * tokens then, so this may be below 0 */
} sp_node_cost;

/* Counts for each node of a tree what it costs. *ret_costs is malloc'd, and the caller frees it. Takes about the time
 * of counting the prompt, and of counting some words for each row. Fails only with SP_ERR_NO_MEMORY. */
SP_API SP_MUST_USE sp_status sp_tree_costs(const sp_prompt *prompt, const sp_tree *tree, sp_node_cost **ret_costs,
                                           sp_err *err);

/* A token of a message that begins in one segment and ends in another. Where it is counted is a matter of agreement:
 * with its first byte. */
typedef struct sp_straddler {
    size_t message;
    size_t begin; /* bytes of the message */
    size_t end;
    size_t first_segment;
    size_t last_segment;
    uint32_t first_line; /* of its first byte, in that segment's source; 0 in our own wording */
    uint32_t last_line;  /* of its last byte, in the other's */
} sp_straddler;

/* Finds the tokens that straddle segments, in order. *ret is malloc'd, the caller frees it; NULL for none.
 * SP_ERR_USAGE for a prompt that is not exact: an estimate has no tokens, only a number of them. SP_ERR_NO_MEMORY. */
SP_API SP_MUST_USE sp_status sp_straddlers_find(const sp_prompt *prompt, sp_straddler **ret, size_t *ret_count,
                                                sp_err *err);

/* ---- waste --------------------------------------------------------------------------------------- */

typedef enum sp_copy_kind {
    SP_COPY_FILE,    /* a file whose text another one has, white space around its blocks apart */
    SP_COPY_TEXT,    /* blocks that follow one another, word for word */
    SP_COPY_SIMILAR, /* a section or a block that is nearly the same as another one */
} sp_copy_kind;

/* Where text stands: whole leaf blocks of one file. */
typedef struct sp_copy_place {
    uint32_t source;
    uint32_t first_line;
    uint32_t last_line; /* the last one that is not blank */
    size_t message;     /* bytes begin to end of the text of that message */
    size_t begin;
    size_t end;
} sp_copy_place;

/* Text that stands in the prompt a second time. */
typedef struct sp_copy {
    sp_copy_kind kind;
    sp_copy_place first; /* what it is a copy of */
    sp_copy_place place; /* itself; of a SP_COPY_FILE with the header and the footer around it */
    size_t block_count;
    unsigned similar_percent; /* 100 unless it is SP_COPY_SIMILAR: the share of runs of three words that both have */
    bool is_counted;          /* false, and tokens 0: as is_known of sp_node_cost */
    int64_t tokens;           /* that the prompt would lose if this one went, recounted */
} sp_copy;

typedef struct sp_waste {
    const sp_copy *copies; /* in the order of the prompt; none overlaps another */
    size_t copy_count;
    size_t min_tokens; /* what has less is not looked at */
    unsigned min_percent;
    int64_t tokens;         /* that it would lose if all copies went but those that are only similar, recounted */
    int64_t similar_tokens; /* and what it would lose then if these went too */
    void *owner;            /* what all of the above lives in; for sp_waste_free */
} sp_waste;

/* Finds text that stands more than once in a prompt: the longest runs of blocks, and sections and blocks that are
 * nearly the same. Text that the library wrote itself does not count. Takes about the time of counting the prompt. On
 * success *ret_waste is the caller's, to be dropped with sp_waste_free (NULL is fine); it does not borrow from the
 * prompt, and its indices are the prompt's. Fails only with SP_ERR_NO_MEMORY. */
SP_API SP_MUST_USE sp_status sp_waste_find(const sp_prompt *prompt, sp_waste **ret_waste, sp_err *err);
SP_API void sp_waste_free(sp_waste *waste);

/* ---- prompt caching ----------------------------------------------------------------------------- */

/* How often text becomes another one. */
typedef enum sp_changes {
    SP_CHANGES_NEVER,   /* unless somebody edits it */
    SP_CHANGES_WRITTEN, /* when it is written again, by an agent or a program */
    SP_CHANGES_SESSION, /* in every session */
} sp_changes;

/* A kind of text that changes. Strings live as long as the program. */
typedef struct sp_volatile_kind {
    const char *name; /* "memory", "environment", "date" */
    sp_changes changes;
    bool ends_prefix; /* false: it may just as well stay as it is, so it is only told */
    char confidence;  /* B documented, D our own judgement */
    const char *source;
    const char *advice;
} sp_volatile_kind;

/* The kinds in a fixed order, NULL past the last one. */
SP_API const sp_volatile_kind *sp_volatile_kind_at(size_t index);

/* Text of such a kind: a section, or something on a line. */
typedef struct sp_volatile {
    const sp_volatile_kind *kind;
    uint32_t source; /* SP_NONE: own text, and lines are 0 */
    uint32_t first_line;
    uint32_t last_line;
    size_t message; /* bytes begin to end of its text */
    size_t begin;
    size_t end;
    size_t tokens_before; /* that begin in front of its block, in all messages */
    size_t tokens;        /* of its blocks: the same for two of one block */
} sp_volatile;

enum { SP_CACHE_BREAKS = 4 }; /* the most a request may have */

/* A place for a cache breakpoint: the end of a block. */
typedef struct sp_cache_break {
    size_t message;
    size_t end;    /* offset in its text */
    size_t tokens; /* of the prompt up to there */
} sp_cache_break;

typedef struct sp_caching {
    const sp_volatile *volatiles; /* in the order of the prompt */
    size_t volatile_count;
    size_t stable_tokens;  /* of the prompt before the first block that ends a stable prefix; all if there is none */
    size_t best_tokens;    /* what that would be if all such blocks stood at the end */
    char model[64];        /* id; "": not known */
    size_t minimum_tokens; /* a shorter prefix is not cached */
    bool minimum_is_known; /* false: the largest of any model, to be safe */
    uint64_t input_price;  /* as in sp_model; 0 where it is not known, and where another encoding counts */
    uint64_t read_price;
    uint64_t write_price;
    sp_cache_break breaks[SP_CACHE_BREAKS]; /* in the order of the prompt: where text begins that changes more often
                                             * than all before it, and the ends of messages; each behind at least
                                             * minimum_tokens, by the lower end of an estimate */
    size_t break_count;
    void *owner; /* what all of the above lives in; for sp_caching_free */
} sp_caching;

/* What of a prompt stays the same from request to request. model may be NULL. Tools, which a provider caches before the
 * prompt, are not known and not counted. On success *ret_caching is the caller's, to be dropped with sp_caching_free
 * (NULL is fine); indices are the prompt's, and it borrows nothing. Fails only with SP_ERR_NO_MEMORY. */
SP_API SP_MUST_USE sp_status sp_caching_find(const sp_prompt *prompt, const sp_model *model, sp_caching **ret_caching,
                                             sp_err *err);
SP_API void sp_caching_free(sp_caching *caching);

/* Where a prompt goes on by itself. */
typedef struct sp_prefix_side {
    uint32_t source; /* SP_NONE: own text, a prompt without segments, or nothing: line and column are 0 */
    uint32_t line;
    uint32_t column;
    size_t message;       /* of the first byte that is another one; message_count: it has no more */
    size_t offset;        /* in its text */
    uint32_t output_line; /* there */
    bool is_end;          /* its text ends there */
} sp_prefix_side;

/* The beginning that two prompts share. */
typedef struct sp_prefix {
    bool is_same; /* there is nothing else */
    size_t bytes;
    size_t tokens; /* that both begin with, in the encoding of the first; an estimate counts the bytes by themselves */
    sp_prefix_side here;
    sp_prefix_side there;
} sp_prefix;

/* Compares two prompts, message by message. Of other only the messages matter, and its sources and segments if it has
 * some. Fails only with SP_ERR_NO_MEMORY. */
SP_API SP_MUST_USE sp_status sp_prompts_share(const sp_prompt *prompt, const sp_prompt *other, sp_prefix *ret_shared,
                                              sp_err *err);

/* ---- listing agents ----------------------------------------------------------------------------- */

typedef enum sp_agent_status {
    SP_AGENT_LOADS,
    SP_AGENT_REFUSED,  /* has its name, but the client refuses to start it */
    SP_AGENT_SHADOWED, /* another one has the name */
    SP_AGENT_SKIPPED,  /* the client does not load the file */
} sp_agent_status;

/* An agent, or a file among the agents that is none. */
typedef struct sp_listed_agent {
    sp_agent agent; /* source is SP_NONE; all absent for a file that was not read */
    sp_str name;    /* as the client calls it: plugin:folder:name for a plugin's; ptr NULL: it has none */
    sp_str path;    /* as in sp_source; "FILE#NAME" for one from --agents */
    sp_scope scope;
    sp_agent_status status;
    uint32_t winner; /* SP_AGENT_SHADOWED: index of the one that has the name; else SP_NONE */
    sp_str rule;     /* unless it loads: id of the rule that says so, */
    sp_str why;      /* a sentence that says why and what to do, */
    uint32_t line;   /* and its place; 0 for the whole file */
    uint32_t column;
    bool replaces_built_in;    /* the client comes with an agent of that name, and this one takes its place */
    sp_str body;               /* the prompt as the file has it, without front matter */
    size_t warning_count;      /* diagnostics about the file of level SP_WARNING and above */
    size_t body_tokens;        /* of body without leading blank lines and trailing white space */
    size_t description_tokens; /* of name and description, each counted on its own: what the parent's context holds */
} sp_listed_agent;

typedef struct sp_agent_list {
    const sp_encoding *encoding;
    bool exact;
    sp_listed_agent
        *agents; /* in the order in which the client asks for a name; in one folder by path, what is none last */
    size_t agent_count;
    size_t loaded_count;             /* agents with status SP_AGENT_LOADS or SP_AGENT_REFUSED */
    size_t description_tokens;       /* of those together */
    size_t description_limit_tokens; /* above it the client shows a notice; 0: it never does */
    sp_range description_range;      /* of these tokens; both ends are the same where they are exact */
    const sp_diagnostic *diagnostics;
    size_t diagnostic_count;
    void *owner; /* what all of the above lives in; for sp_agent_list_free */
} sp_agent_list;

/* Lists every agent of every place the client looks at: managed, agents_json, project, added directories, user,
 * plugins. Of the request, agent, agent_text, the named files, texts_dir and layout do not matter. encoding NULL is
 * o200k_base. On success *ret_list is the caller's, to be dropped with sp_agent_list_free; it borrows nothing from the
 * request. Two agents of one name in one folder are a diagnostic of level SP_FINDING. Errors: as for sp_prompt_build.
 */
SP_API SP_MUST_USE sp_status sp_agent_list_build(const sp_request *request, sp_agent_list **ret_list, sp_err *err);
SP_API void sp_agent_list_free(sp_agent_list *list);

/* ---- listing skills ----------------------------------------------------------------------------- */

typedef enum sp_skill_status {
    SP_SKILL_LISTED,    /* the session lists its name and its description */
    SP_SKILL_NAME_ONLY, /* just its name: a setting says so */
    SP_SKILL_HIDDEN,    /* the model does not see it: disable-model-invocation, or a setting */
    SP_SKILL_SHADOWED,  /* another one has the name */
    SP_SKILL_SKIPPED,   /* the client does not load it */
} sp_skill_status;

/* A skill, or what lies among the skills and is none. */
typedef struct sp_listed_skill {
    sp_str name; /* as the client calls it: plugin:name for a plugin's; ptr NULL: it has none */
    sp_str path; /* as in sp_source */
    sp_scope scope;
    bool is_command; /* a file in a commands folder */
    sp_skill_status status;
    uint32_t winner;    /* index of the one that has the name, or is the same file; else SP_NONE */
    sp_str rule;        /* unless it is listed: id of the rule that says so, */
    sp_str why;         /* a sentence that says why and what to do, */
    uint32_t line;      /* and its place; 0 for the whole file */
    sp_str description; /* what there is to list: description and when_to_use, or else the first line of the text */
    sp_str listed;      /* as much of it as one skill may have; empty where only the name is listed, or nothing */
    size_t description_chars;
    size_t listed_chars;  /* of name and listed; 0 where nothing is listed */
    size_t listed_tokens; /* of name and listed, each counted on its own */
    sp_str body;          /* the text without front matter */
    size_t body_tokens;
    size_t warning_count; /* diagnostics about it of level SP_WARNING and above */
} sp_listed_skill;

typedef struct sp_skill_list {
    const sp_encoding *encoding;
    bool exact;
    sp_listed_skill *skills; /* in the order in which a name is looked up */
    size_t skill_count;
    size_t listed_count; /* those whose name is listed */
    size_t listed_chars;
    size_t listed_tokens;
    sp_range listed_range; /* of these tokens; both ends are the same where they are exact */
    size_t budget_chars;
    sp_str budget_reason;         /* where that comes from */
    size_t max_description_chars; /* of one skill */
    size_t dropped_least;         /* over the budget: how many descriptions the client has to drop at least, */
    size_t dropped_most;          /* and at most; which depends on how often each is used */
    const sp_diagnostic *diagnostics;
    size_t diagnostic_count;
    void *owner; /* what all of the above lives in; for sp_skill_list_free */
} sp_skill_list;

/* Lists every skill and command of every place the client looks at, and what of their descriptions the session lists;
 * those that come with the client are not known. The request is read as by sp_agent_list_build. On success *ret_list is
 * the caller's, to be dropped with sp_skill_list_free; it borrows nothing from the request. Errors: as for
 * sp_prompt_build; SP_ERR_USAGE for a client without skills. */
SP_API SP_MUST_USE sp_status sp_skill_list_build(const sp_request *request, sp_skill_list **ret_list, sp_err *err);
SP_API void sp_skill_list_free(sp_skill_list *list);
/* ---- configuration ------------------------------------------------------------------------------- */

/* What a sysprompt.yaml says. What it leaves open has ptr NULL. */
typedef struct sp_config {
    sp_str path; /* as in sp_source; ptr NULL: there is no such file, and nothing is configured */
    sp_str profile;
    sp_str encoding;
    sp_str model;                           /* whose encoding to count in */
    sp_str tokenizer;                       /* the vocabulary to count with instead; a path as in sp_source */
    sp_str pattern;                         /* how it cuts texts */
    sp_bound bound;                         /* which number of an estimate has to fit into a budget */
    const sp_priority_rule *priority_rules; /* which text a budget takes away first; for sp_request */
    size_t priority_rule_count;
    sp_str_list locks; /* files that check holds prompts against; paths as in sp_source */
    void *owner;       /* what all of the above lives in, and the rest, which sp_check_run knows; for sp_config_free */
} sp_config;

/* Reads the configuration file; file NULL looks for sysprompt.yaml from the request's launch directory upwards, not
 * above its root_dir, and takes the nearest. Of the request only launch_dir and root_dir matter. On success *ret_config
 * is the caller's, to be dropped with sp_config_free (NULL is fine). Errors: SP_ERR_INPUT for a file that cannot be
 * read and for each mistake in it, with line and column; else as for sp_prompt_build. */
SP_API SP_MUST_USE sp_status sp_config_open(const sp_request *request, const char *file, sp_config **ret_config,
                                            sp_err *err);
SP_API void sp_config_free(sp_config *config);

/* Opens what the configuration has under tokenizer:, which has to be there, as sp_encoding_open does: *ret_encoding is
 * the caller's in the same way, cache_dir and errors are the same. An error that has no place in the vocabulary is told
 * at its place in the configuration. */
SP_API SP_MUST_USE sp_status sp_config_open_tokenizer(const sp_config *config, const char *cache_dir,
                                                      sp_encoding **ret_encoding, sp_err *err);

/* ---- checking ------------------------------------------------------------------------------------ */

/* A lock, and the prompt as it is built now. */
typedef struct sp_lock_check {
    const sp_lock *lock;
    const sp_prompt *prompt; /* NULL: it cannot be built any more, */
    const sp_err *failure;   /* and why */
} sp_lock_check;

/* What to check. Strings are borrowed for the call. */
typedef struct sp_check_request {
    const sp_request *request;  /* where to look and how to count; agent, agent_text and named files do not matter */
    const sp_config *config;    /* or NULL */
    const char *const *targets; /* agents by path or name, instruction files, folders to start a client in */
    size_t target_count;        /* 0: the launch directory, with every agent that is found there, unless only_locks */
    const sp_lock_check *locks; /* prompts that have to be what they were */
    size_t lock_count;
    bool only_locks;       /* nothing else is looked at */
    uint32_t today;        /* as yyyymmdd, for what expires; 0: nothing does */
    sp_level fail_level;   /* findings of this level and above are failures in reports that know such a thing */
    bool updates_baseline; /* measure for SP_REPORT_BASELINE: nothing is compared */
    bool proposes_budgets; /* measure for SP_REPORT_CONFIG: agents, session and files, not what config has */
    bool failures_only;    /* leave the others out of findings; they are still counted */
    sp_api *api; /* lets the provider count what budgets are about, each as a request of its own; NULL counts here */
} sp_check_request;

#define SP_NO_TOKENS SIZE_MAX

/* Something that could be taken out of a prompt that is over its budget. */
typedef struct sp_offer {
    sp_str path;
    uint32_t first_line;
    uint32_t last_line;
    sp_str heading; /* ptr NULL: the whole file */
    size_t tokens;
} sp_offer;

enum { SP_OFFER_COUNT = 3 };

/* How large something is that a budget is about. */
typedef struct sp_measure {
    sp_str budget; /* its name */
    sp_str item;   /* an agent's name, a path, "." for the launch directory; with @PROFILE where a budget names some */
    sp_str path;   /* a file to look at, as in sp_source */
    uint32_t line; /* in that file; 0 for the whole of it */
    const sp_encoding *encoding; /* an agent's model may have one of its own */
    bool exact;
    size_t tokens;
    sp_range range;      /* of these */
    sp_str counted_on;   /* the day on which the provider counted them, and exact is set; ptr NULL: counted here */
    size_t bound_tokens; /* what is held against the limits: of an estimate the number that the request's bound says */
    size_t limit_tokens; /* max without reserve, or what an exception or the ratchet allows; or SP_NO_TOKENS */
    size_t warn_tokens;  /* or SP_NO_TOKENS */
    size_t baseline_tokens;          /* what it had there, or SP_NO_TOKENS */
    size_t growth_tokens;            /* how much it may have grown since, or SP_NO_TOKENS */
    bool is_compared;                /* with a baseline */
    sp_str failed_rule;              /* "budget.over", "budget.increase" or "budget.near"; ptr NULL: it fits */
    sp_str message;                  /* about that */
    sp_offer offers[SP_OFFER_COUNT]; /* of an item over its limit: the cheapest cuts that would do, or the largest */
    size_t offer_count;
} sp_measure;

typedef struct sp_check {
    const sp_encoding *encoding;   /* of the files, and of prompts whose agent's model has none of its own */
    const sp_profile *profile;     /* whose rules these are */
    sp_bound bound;                /* of the request: which number of an estimate is held against a limit */
    sp_level fail_level;           /* of the request */
    const sp_diagnostic *findings; /* worst first, each once; SP_FINDING is an error here */
    size_t finding_count;
    size_t level_counts[3];     /* by sp_level */
    size_t ignored_count;       /* findings that the configuration or a comment keeps quiet */
    size_t agent_count;         /* agents that load, of all places */
    size_t prompt_count;        /* prompts that were built */
    size_t lock_count;          /* locks that were compared */
    sp_str_list files;          /* that were looked at, sorted */
    const sp_measure *measures; /* in the order of the configuration, by item */
    size_t measure_count;
    sp_str baseline_path; /* of the configuration's baseline, as in sp_source; ptr NULL: no budget compares */
    void *owner;          /* what all of the above lives in; for sp_check_free */
} sp_check;

/* Loads and composes what the targets start with, and gathers what speaks against it: everything that sp_prompt_build
 * and sp_agent_list_build say, and what a client passes over in silence. On success *ret_check is the caller's, to be
 * dropped with sp_check_free (NULL is fine); it borrows nothing from the request. Errors: SP_ERR_INPUT for a target
 * that is not there; else as for sp_prompt_build. With api also those of sp_api_count_prompt, and SP_ERR_USAGE where
 * nothing names a model, or a budget compares with a baseline, whose numbers were counted here. */
SP_API SP_MUST_USE sp_status sp_check_run(const sp_check_request *request, sp_check **ret_check, sp_err *err);
SP_API void sp_check_free(sp_check *check);

/* ---- what changed ------------------------------------------------------------------------------- */

typedef enum sp_change {
    SP_CHANGE_NONE,
    SP_CHANGE_EDITED,
    SP_CHANGE_NEW,
    SP_CHANGE_GONE,
    SP_CHANGE_MOVED, /* it has another heading, path or place; perhaps edited as well */
    SP_CHANGE_LEFT,  /* of a heading: it moved to another file, which has it as SP_CHANGE_MOVED */
} sp_change;

/* What is compared. */
typedef enum sp_base_kind {
    SP_BASE_WORKING_TREE,
    SP_BASE_REVISION,
    SP_BASE_FOLDER, /* the prompt that is started there */
    SP_BASE_FILE,   /* a text by itself, of the disk or of a revision */
    SP_BASE_RESULT, /* a saved sysprompt.build/1 */
} sp_base_kind;

typedef struct sp_base {
    sp_base_kind kind;
    sp_str name; /* as it was asked for; the working tree: ptr NULL; a file at a revision: REV:PATH, from the top */
    sp_str id;   /* of a revision's commit; with the others below as in sp_revision. Else ptr NULL */
    sp_str short_id;
    sp_str date;
    sp_str subject;
    bool lacks_text; /* a saved result that does not say where the texts of its segments are: only numbers are compared
                      */
} sp_base;

/* The commit that added the most tokens to a heading. */
typedef struct sp_blame {
    sp_str id; /* ptr NULL: it is not committed yet; the others are as in sp_revision */
    sp_str short_id;
    sp_str date;
    sp_str subject;
    size_t added_tokens;
} sp_blame;

/* The text right under a heading, without what stands under headings below it; that before the first heading of a file
 * has none, and of our own wording each kind is one. */
typedef struct sp_diff_row {
    sp_str_list headings; /* from the outermost on */
    sp_change change;
    size_t old_tokens;
    size_t new_tokens;
    sp_str other_path;          /* moved: the file where it was; left: where it went. As in sp_diff_file */
    sp_str_list other_headings; /* and the headings there */
    const sp_blame *blame;      /* NULL: nobody was asked, or nothing added any */
} sp_diff_row;

/* A file of one prompt or of both, with all its rows. */
typedef struct sp_diff_file {
    sp_str path; /* as the prompt names it; ptr NULL: our own wording */
    sp_change change;
    sp_str old_path; /* of a file that moved */
    size_t old_tokens;
    size_t new_tokens;
    const sp_diff_row *rows;
    size_t row_count;
} sp_diff_file;

/* Two prompts. The files sum to both totals, and the rows of a file to the file. */
typedef struct sp_diff_prompt {
    sp_str agent;                /* ptr NULL: the main session, or a text */
    sp_change change;            /* new or gone: there is no such agent on the other side */
    const sp_encoding *encoding; /* of both sides */
    bool exact;
    size_t old_tokens;
    size_t new_tokens;
    sp_range old_range;
    sp_range new_range;
    const sp_diff_file *files; /* those of the new prompt in its order, then what is gone */
    size_t file_count;
} sp_diff_prompt;

typedef struct sp_diff {
    sp_base old_base;
    sp_base new_base;
    const sp_diff_prompt *prompts;
    size_t prompt_count;
    size_t commit_count;    /* blame: that lie between the two, along first parents */
    size_t looked_at_count; /* the newest of them, which were looked at */
    size_t built_count;     /* those that could change the prompt, so that it was built */
    size_t failed_count;    /* those of them where it could not be: what they added is the next one's */
    sp_str failed_id;       /* short, of the last of these; and why, as a message would say it */
    sp_str failed_why;
    bool is_blamed;
    void *owner; /* what all of the above lives in; for sp_diff_free */
} sp_diff;

enum { SP_BLAME_MAX_COMMITS = 1000 };

typedef struct sp_diff_request {
    /* What to build: its agent (NULL beside a saved result: the agent of that; another one is SP_ERR_USAGE), and how;
     * revision and agent_text are not looked at. */
    const sp_request *request;
    /* A file, a folder, a saved result (- is standard input), or a revision; with new NULL also two revisions (and
     * never files) with .. between them, or with ... : the common ancestor of both and the second. NULL for both is
     * HEAD. REV:PATH is a file at a revision, and a revision beside a file that is no saved result is that file's
     * text there; one file alone is compared with its text in HEAD, and REV:PATH alone with the one on the disk. */
    const char *old_base;
    const char *new_base; /* the same; NULL: the working tree. Behind a range: the file, as below */
    const char *file;     /* with two revisions: compare nothing but this file; or NULL. It may be on one side only */
    bool all_agents;      /* the main session and every agent that loads on one of the sides, not only request's */
    bool blame;           /* name the commits; the old side is a revision, the new one too or the working tree */
} sp_diff_request;

/* Builds the prompts of two sides and says what became of every file and heading. What is the same text under the same
 * heading is matched first, then the same heading, then the same text elsewhere, then a heading whose name is nowhere
 * else. Both sides are counted with the request's encoding, else with that of a saved result, else with what the new
 * prompt is counted with. On success *ret_diff is the caller's, to be dropped with sp_diff_free (NULL is fine); it
 * borrows nothing from the request. Errors: SP_ERR_USAGE for sides that cannot be compared; SP_ERR_INPUT for one that
 * is not there, and for a saved result that is none; else as for sp_prompt_build and sp_revision_open. */
SP_API SP_MUST_USE sp_status sp_diff_run(const sp_diff_request *request, sp_diff **ret_diff, sp_err *err);
SP_API void sp_diff_free(sp_diff *diff);

/* ---- output ----------------------------------------------------------------------------------- */

typedef enum sp_format {
    SP_FORMAT_TEXT,         /* the prompt, and nothing else */
    SP_FORMAT_JSON,         /* sysprompt.build/1: text, agent, segments, cuts, diagnostics */
    SP_FORMAT_ANTHROPIC,    /* the system and messages fields of a Messages API request */
    SP_FORMAT_OPENAI,       /* the messages field of a Chat Completions request */
    SP_FORMAT_MAP,          /* sysprompt.map/1: which output byte comes from which file and line */
    SP_FORMAT_EXPLAIN,      /* a table for people: sources in load order, and what was left out */
    SP_FORMAT_EXPLAIN_JSON, /* sysprompt.explain/1 */
    SP_FORMAT_WHY,          /* the answer to sp_request.why, for people */
    SP_FORMAT_WHY_JSON,     /* sysprompt.why/1 */
    SP_FORMAT_PLAN,         /* a table for people: how the prompt meets its budget (prompt->trim) */
    SP_FORMAT_PLAN_JSON,    /* sysprompt.plan/1 */
    SP_FORMAT_MARKDOWN,     /* tables for a pull request: of a comparison only (sp_diff_render) */
    SP_FORMAT_PAGE,         /* one HTML file that needs nothing else: what explain has, and the text itself */
} sp_format;

typedef enum sp_bars {
    SP_BARS_NONE,
    SP_BARS_ASCII,
    SP_BARS_BLOCKS, /* in eighths of a column, U+2588 to U+258F */
} sp_bars;

/* How tables look. Zero-initialised is plain text, as wide as it comes; with a width, cells go on in further lines. */
typedef struct sp_style {
    bool color;
    unsigned width_columns;
    sp_bars bars; /* beside the rows of a tree */
} sp_style;

/* Renders a prompt into one malloc'd run of bytes, which the caller frees. style may be NULL. SP_FORMAT_TEXT of a
 * prompt with more than one message, SP_FORMAT_WHY of one that was not asked, a plan of one without a budget and an
 * unknown format are SP_ERR_USAGE; otherwise fails only with SP_ERR_NO_MEMORY. */
SP_API SP_MUST_USE sp_status sp_prompt_render(const sp_prompt *prompt, sp_format format, const sp_style *style,
                                              char **ret_bytes, size_t *ret_len, sp_err *err);

typedef enum sp_tree_sort {
    SP_TREE_BY_TOKENS, /* the largest first */
    SP_TREE_BY_ORDER,  /* as the prompt comes to them */
    SP_TREE_BY_NAME,   /* by the bytes of their names */
} sp_tree_sort;

/* Which rows of a tree are shown. If a row shows some of the rows in it, the rest is one row more, "[4 others]". */
typedef struct sp_tree_view {
    const sp_tree *tree;
    size_t depth_limit; /* no rows further down; 0: all */
    size_t row_limit;   /* in each row the so many largest; 0: all */
    size_t min_tokens;  /* and none with less */
    sp_tree_sort sort;
    const sp_node_cost *costs; /* of the nodes, if one of these is to be shown: */
    bool standalone;
    bool marginal;
    bool lists_straddlers;
    const sp_straddler *straddlers; /* to be listed below the tree; SP_TREE_CSV has no room for them */
    size_t straddler_count;
} sp_tree_view;

typedef enum sp_tree_format {
    SP_TREE_TABLE, /* for people: indented, with a bar for each where the style has bars */
    SP_TREE_PLAIN, /* a line of words for each row: for screen readers */
    SP_TREE_CSV,   /* a header line, then rows; quoted as in RFC 4180, and with ' before a text that a spreadsheet would
                    * take for a formula */
    SP_TREE_JSON,  /* sysprompt.explain/1, with a member tree */
} sp_tree_format;

/* Renders a tree of the prompt. style may be NULL. An unknown format is SP_ERR_USAGE. Allocation and other errors as
 * for sp_prompt_render. */
SP_API SP_MUST_USE sp_status sp_tree_render(const sp_prompt *prompt, const sp_tree_view *view, sp_tree_format format,
                                            const sp_style *style, char **ret_bytes, size_t *ret_len, sp_err *err);

/* Whether Linux would refuse a text of so many bytes as an argument of a program (the rule output.argument): it has to
 * go to a client by a file or a pipe. */
SP_API bool sp_exceeds_argument(size_t len_bytes);

/* Renders what two prompts of one request, built with two profiles, do not have in common: sources and cuts that only
 * one of them has, and the difference in tokens. SP_FORMAT_TEXT or SP_FORMAT_JSON (sysprompt.explain-vs/1); another
 * format is SP_ERR_USAGE. Allocation and other errors as for sp_prompt_render. */
SP_API SP_MUST_USE sp_status sp_prompts_compare(const sp_prompt *prompt, const sp_prompt *other, sp_format format,
                                                const sp_style *style, char **ret_bytes, size_t *ret_len, sp_err *err);

/* Renders the waste of that prompt: SP_FORMAT_TEXT or SP_FORMAT_JSON (sysprompt.duplicates/1); another format is
 * SP_ERR_USAGE. Allocation and other errors as for sp_prompt_render. */
SP_API SP_MUST_USE sp_status sp_waste_render(const sp_prompt *prompt, const sp_waste *waste, sp_format format,
                                             const sp_style *style, char **ret_bytes, size_t *ret_len, sp_err *err);

/* Renders what can be cached of that prompt: SP_FORMAT_TEXT, SP_FORMAT_JSON (sysprompt.cache/1), or
 * SP_FORMAT_ANTHROPIC, as sp_prompt_render does but with cache_control at the breakpoints; another format is
 * SP_ERR_USAGE. Allocation and other errors as for sp_prompt_render. */
SP_API SP_MUST_USE sp_status sp_caching_render(const sp_prompt *prompt, const sp_caching *caching, sp_format format,
                                               const sp_style *style, char **ret_bytes, size_t *ret_len, sp_err *err);

/* Renders what two prompts share: SP_FORMAT_TEXT or SP_FORMAT_JSON (sysprompt.prefix/1). other_name is what to call the
 * other one. Allocation and errors as for sp_prompt_render. */
SP_API SP_MUST_USE sp_status sp_prefix_render(const sp_prompt *prompt, const sp_prompt *other, sp_str other_name,
                                              const sp_prefix *shared, sp_format format, const sp_style *style,
                                              char **ret_bytes, size_t *ret_len, sp_err *err);

/* Renders the rules of a profile: all that hold; or, if id has a ptr, that one in full, or those whose id begins with
 * it and a dot, or matches it where it has a *; or, with another profile to compare with, those that are not the same
 * there. SP_FORMAT_TEXT or SP_FORMAT_JSON (sysprompt.rules/1); another format is SP_ERR_USAGE, and so is an id that is
 * not known. Allocation and other errors as for sp_prompt_render. */
SP_API SP_MUST_USE sp_status sp_rules_render(const sp_profile *profile, sp_str id, const sp_profile *other,
                                             sp_format format, const sp_style *style, char **ret_bytes, size_t *ret_len,
                                             sp_err *err);

/* Renders the list of profiles with the versions that are known. Formats and errors as for sp_rules_render. */
SP_API SP_MUST_USE sp_status sp_profiles_render(sp_format format, const sp_style *style, char **ret_bytes,
                                                size_t *ret_len, sp_err *err);

/* Renders what is known of all models: SP_FORMAT_TEXT as a table for people, or SP_FORMAT_JSON (sysprompt.models/1).
 * Another format is SP_ERR_USAGE. style may be NULL. *ret_bytes is malloc'd, the caller frees it. Otherwise fails only
 * with SP_ERR_NO_MEMORY. */
SP_API SP_MUST_USE sp_status sp_models_render(const sp_models *models, sp_format format, const sp_style *style,
                                              char **ret_bytes, size_t *ret_len, sp_err *err);

/* How far an estimate is off on texts whose tokens are known. Percentages are of these; + is an estimate that is too
 * large. */
typedef struct sp_calibration {
    const sp_encoding *encoding; /* the estimate */
    size_t text_count;
    size_t within_count;   /* texts whose tokens lie within the range of the estimate */
    double median_percent; /* of the errors without their signs, as the next one */
    double p95_percent;
    double worst_percent;
    double mean_percent;
    uint64_t worst_line;    /* of the file, from 1 */
    bool asks_provider;     /* for counts that are missing: */
    size_t asked_count;     /* how many of the texts it counted, and of these */
    char model[64];         /* as it was named to the endpoint */
    char counted_from[12];  /* the first day, "2026-11-21" (UTC), */
    char counted_until[12]; /* and the last one */
} sp_calibration;

/* Renders it: SP_FORMAT_TEXT for people, or SP_FORMAT_JSON (sysprompt.calibrate/1). Another format is SP_ERR_USAGE.
 * *ret_bytes is malloc'd, the caller frees it. Otherwise fails only with SP_ERR_NO_MEMORY. */
SP_API SP_MUST_USE sp_status sp_calibration_render(const sp_calibration *calibration, sp_format format,
                                                   char **ret_bytes, size_t *ret_len, sp_err *err);

/* A row of sp_counts_render. */
typedef struct sp_file_count {
    sp_str path;
    size_t bytes;
    size_t tokens;
    sp_range range;   /* of tokens, for an encoding that is an estimate */
    bool is_unread;   /* it could not be read: it gets no row, though a total stands below it and the others */
    sp_api_count api; /* if tokens is not 0: who counted, and tokens above are the same */
} sp_file_count;

/* Whether a total stands below the counts of files. */
typedef enum sp_total {
    SP_TOTAL_AUTO, /* unless there is exactly one */
    SP_TOTAL_ALWAYS,
    SP_TOTAL_ONLY, /* nothing else, and no word beside it */
    SP_TOTAL_NEVER,
} sp_total;

/* Renders counts of files: SP_FORMAT_TEXT like wc, or SP_FORMAT_JSON (sysprompt.count/1), which always has a total.
 * Another format is SP_ERR_USAGE. Allocation and other errors as for sp_prompt_render. */
SP_API SP_MUST_USE sp_status sp_counts_render(const sp_encoding *encoding, const sp_file_count *files, size_t count,
                                              sp_format format, sp_total total, char **ret_bytes, size_t *ret_len,
                                              sp_err *err);

/* Renders a text with the boundaries of its tokens. SP_FORMAT_TEXT: in two colours by turns, or, without colour, with |
 * between them; a line end is spelled \n in front of it, other characters that are not to be seen are escaped as
 * sp_text_escape does, and so is what of a token is half a character. SP_FORMAT_JSON: sysprompt.show/1. Another format
 * and an encoding that is an estimate are SP_ERR_USAGE; else as sp_token_ends. */
SP_API SP_MUST_USE sp_status sp_tokens_render(const sp_encoding *encoding, sp_str text, sp_special special,
                                              sp_format format, const sp_style *style, char **ret_bytes,
                                              size_t *ret_len, sp_err *err);

/* Renders a list of agents: SP_FORMAT_TEXT as a table for people, or SP_FORMAT_JSON (sysprompt.list/1). Another format
 * is SP_ERR_USAGE. style may be NULL. Allocation and other errors as for sp_prompt_render. */
SP_API SP_MUST_USE sp_status sp_agent_list_render(const sp_agent_list *list, sp_format format, const sp_style *style,
                                                  char **ret_bytes, size_t *ret_len, sp_err *err);

/* Renders a list of skills: SP_FORMAT_TEXT as a table for people, or SP_FORMAT_JSON (sysprompt.skills/1). Otherwise as
 * sp_agent_list_render. */
SP_API SP_MUST_USE sp_status sp_skill_list_render(const sp_skill_list *list, sp_format format, const sp_style *style,
                                                  char **ret_bytes, size_t *ret_len, sp_err *err);
typedef enum sp_report {
    SP_REPORT_TEXT,     /* for people: what was found, worst first, and a line of totals */
    SP_REPORT_JSON,     /* sysprompt.check/1 */
    SP_REPORT_GITHUB,   /* workflow commands: annotations, ten of each kind */
    SP_REPORT_SUMMARY,  /* Markdown of less than 1 MiB, for a job summary */
    SP_REPORT_SARIF,    /* SARIF 2.1.0 */
    SP_REPORT_GITLAB,   /* GitLab's Code Quality: an array */
    SP_REPORT_JUNIT,    /* JUnit's XML: a test case for each measure and each file */
    SP_REPORT_BASELINE, /* the baseline file of the measures that are compared */
    SP_REPORT_CONFIG,   /* a configuration with limits a little above the measures */
} sp_report;

/* Renders a check. style may be NULL. An unknown report is SP_ERR_USAGE. Allocation and other errors as for
 * sp_prompt_render. */
SP_API SP_MUST_USE sp_status sp_check_render(const sp_check *check, sp_report report, const sp_style *style,
                                             char **ret_bytes, size_t *ret_len, sp_err *err);

typedef struct sp_diff_options {
    size_t max_rows; /* of the files, and of each file's headings: so many with the largest change, and one row for the
                      * others; 0: all */
} sp_diff_options;

/* Renders a comparison: SP_FORMAT_TEXT as tables for people, SP_FORMAT_MARKDOWN as tables for a pull request, or
 * SP_FORMAT_JSON (sysprompt.diff/1). options and style may be NULL. Another format is SP_ERR_USAGE. Allocation and
 * other errors as for sp_prompt_render. */
SP_API SP_MUST_USE sp_status sp_diff_render(const sp_diff *diff, sp_format format, const sp_diff_options *options,
                                            const sp_style *style, char **ret_bytes, size_t *ret_len, sp_err *err);

/* Renders one message as "path:line:column: level: message [rule]" and a line end, with what could steer a terminal
 * spelled out. with_source adds the line it is about and a caret. Allocation and errors as for sp_prompt_render. */
SP_API SP_MUST_USE sp_status sp_diagnostic_render(const sp_diagnostic *diagnostic, bool with_source,
                                                  const sp_style *style, char **ret_bytes, size_t *ret_len,
                                                  sp_err *err);

/* Reads a file whole, whatever it holds; path "-" is standard input, and /dev/stdin and /dev/fd/N are the caller's
 * descriptors. *ret_bytes is malloc'd, the caller frees it, and it is never NULL. A folder, a FIFO, a device and
 * anything else that cannot be read is SP_ERR_INPUT. */
SP_API SP_MUST_USE sp_status sp_file_load(const char *path, char **ret_bytes, size_t *ret_len, sp_err *err);

/* A file that is read piece by piece, in memory that does not grow with it. */
typedef struct sp_stream {
    const char *path; /* for messages: "<stdin>" for -. Borrowed from the caller until sp_stream_close */
    int descriptor;
    bool is_borrowed;    /* the caller's descriptor, which stays open */
    uint64_t size_bytes; /* as the system gives it; 0 where it does not know */
    uint64_t read_bytes; /* until now */
} sp_stream;

/* Opens what sp_file_load would read, with the same errors. *ret is the caller's, to be closed. */
SP_API SP_MUST_USE sp_status sp_stream_open(const char *path, sp_stream *ret, sp_err *err);
/* Reads up to room bytes, which is above 0: as many as are there by now, waiting only when there are none. *ret_len is
 * 0 at the end. Errors: SP_ERR_INPUT with the system's reason. */
SP_API SP_MUST_USE sp_status sp_stream_read(sp_stream *stream, char *buffer, size_t room, size_t *ret_len, sp_err *err);
SP_API void sp_stream_close(sp_stream *stream);

/* Which files of a folder sp_folder_walk finds. Zero-initialised finds all. The patterns are those of a .gitignore
 * file, seen from the folder that is walked; strings are borrowed for the call. */
typedef struct sp_folder_options {
    bool gitignore;        /* leave out what git ignores: .gitignore files from the root of the repository down, and its
                            * .git/info/exclude. A user's own list of ignored files is not read, nor is the index */
    sp_str_list includes;  /* if there are any, only files that match one of them, or lie in a folder that does; where
                            * patterns with ! say otherwise, what is said of the nearest counts */
    sp_str_list excludes;  /* no files and folders that match one of them */
    bool *include_matched; /* of the caller's, one for each include: set where it matches a file, or a folder with files
                            * in it; or NULL */
    bool *exclude_matched; /* the same for the excludes, with folders */
} sp_folder_options;

/* Gets each path that sp_folder_walk finds, and why something could not be read (failure, else NULL). path is borrowed
 * for the call. False ends the walk: there is no memory for what is found. */
typedef bool sp_folder_visit(void *context, const char *path, const sp_err *failure);

/* Finds the regular files in a folder and the folders in it, in the order of their names' bytes; a path that is no
 * folder is found as it is. Links are not followed but for path itself, and what is called .git is left out. What
 * cannot be listed is told to visit, and the walk goes on. Fails only with SP_ERR_NO_MEMORY. */
SP_API SP_MUST_USE sp_status sp_folder_walk(const char *path, const sp_folder_options *options, sp_folder_visit *visit,
                                            void *context, sp_err *err);

typedef enum sp_record_state {
    SP_RECORD_TEXT,     /* the field is there, and is a text */
    SP_RECORD_NO_FIELD, /* it is not there */
    SP_RECORD_NO_TEXT,  /* it is a number, an object or the like */
} sp_record_state;

/* What sp_record_read finds in a record. */
typedef struct sp_record {
    sp_record_state state;
    sp_str text;      /* the field's, unescaped; borrowed from the record or from scratch */
    size_t at;        /* offset of the field's value, if it has one */
    size_t end;       /* offset of the record's last brace: a further member goes in front of it */
    bool is_empty;    /* and needs no comma then */
    uint32_t members; /* bit i: it has a member with the name members.items[i] */
} sp_record;

/* Reads one JSON object (RFC 8259, nested up to 1024 levels) and finds one of its texts. field is the name of a member,
 * or, where it begins with a slash, a JSON Pointer (RFC 6901) such as /messages/0/content, of up to 32 levels. Of
 * members with the same name the last counts. Half of a surrogate pair is U+FFFD. members are at most 32 further names
 * to look out for. scratch has room for record.len bytes. Errors: SP_ERR_INPUT with line and column for what is not
 * JSON, or no object; SP_ERR_USAGE for a pointer that is too deep. */
SP_API SP_MUST_USE sp_status sp_record_read(sp_str record, sp_str field, sp_str_list members, char *scratch,
                                            sp_record *ret, sp_err *err);

/* text as a JSON string, in quotes; what is not UTF-8 becomes U+FFFD. *ret is malloc'd and ends in NUL. Fails only with
 * SP_ERR_NO_MEMORY. */
SP_API SP_MUST_USE sp_status sp_json_quote(sp_str text, char **ret, size_t *ret_len, sp_err *err);

/* text with everything that could steer a terminal or mislead a reader spelled out: control characters as \x1b, bytes
 * that are not UTF-8 as \xff, bidirectional controls and other invisible characters as <U+202E>. Tabs stay.
 * *ret is malloc'd and ends in NUL. Fails only with SP_ERR_NO_MEMORY. */
SP_API SP_MUST_USE sp_status sp_text_escape(sp_str text, char **ret, size_t *ret_len, sp_err *err);

/* The day (UTC) of a time in seconds since 1970 as yyyymmdd, as fields called today take it; 0 for a year that has not
 * four digits. */
SP_API uint32_t sp_day_of(int64_t seconds);

/* Index of the candidate that name was probably meant to be (small edit distance, case apart), or SIZE_MAX. */
SP_API size_t sp_nearest_name(sp_str name, const sp_str *candidates, size_t count);

#ifdef __cplusplus
}
#endif
#endif
