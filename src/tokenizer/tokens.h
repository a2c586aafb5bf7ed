/* tokens.h - bytes and an encoding become tokens. */
#ifndef SP_TOKENIZER_TOKENS_H
#define SP_TOKENIZER_TOKENS_H

#include "base/types.h"

/* The same text is in include/sysprompt.h; `make public-api` compares them. */
#ifndef SP_SHARED_TOKENS
#define SP_SHARED_TOKENS

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

#endif

/* The encoding of that exact name (r50k_base, p50k_base, p50k_edit, cl100k_base, o200k_base,
 * o200k_harmony, and gpt2 for r50k_base), or the estimate (claude-v3, claude-4.7), or NULL. */
SP_API const sp_encoding *sp_encoding_find(sp_str name);

/* The exact encodings in a fixed order, for listings; NULL past the last one. */
SP_API const sp_encoding *sp_encoding_at(size_t index);

/* The same for the estimates. */
const sp_encoding *sp_estimate_at(size_t index);

/* Whether its tokens are counted. Otherwise every function below gives an estimate, of which sp_counter_range tells how
 * far off it may be; there are no ids (sp_encode, sp_token_ends and sp_decode fail with SP_ERR_USAGE), and a text "has
 * at most N tokens" (sp_count_until, sp_truncate) if the upper bound of its range is at most N. */
SP_API bool sp_encoding_is_exact(const sp_encoding *encoding);

/* Which number of an estimate has to fit into a budget. Of an exact count all are the same. */
typedef enum sp_bound {
    SP_BOUND_UPPER, /* the upper bound of its range */
    SP_BOUND_MIDDLE,
    SP_BOUND_LOWER,
} sp_bound;

/* Their names: "upper", "middle", "lower"; NULL past the last one. */
const char *sp_bound_name(sp_bound bound);

/* The number that the bound stands for. */
size_t sp_bound_tokens(sp_bound bound, size_t tokens, sp_range range);

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

/* Number of tokens in text. Equal to tiktoken 0.14.0 (Unicode 16.0) for every UTF-8 text; for other bytes
 * equal to its _encode_bytes (between two special tokens that are allowed, by itself). The time is linear in
 * the length, whatever the text. Fails only with SP_ERR_NO_MEMORY. */
SP_API SP_MUST_USE sp_status sp_count(const sp_encoding *encoding, sp_str text, sp_special special, size_t *ret_tokens,
                                      sp_err *err);

/* Whether text has at most max_tokens: *ret_fits. If so *ret_tokens is their number; if not, counting stopped soon
 * after there were more, and *ret_tokens is how many there are so far. Fails only with SP_ERR_NO_MEMORY. */
SP_MUST_USE sp_status sp_count_until(const sp_encoding *encoding, sp_str text, sp_special special, size_t max_tokens,
                                     size_t *ret_tokens, bool *ret_fits, sp_err *err);

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

/* For counters on several threads: a piece of up to 15 bytes that one of them has merged, or of up to 13 that it has
 * estimated, the others find. The counts are the same, and each counter is still for one thread at a time. Together
 * they hold a table of up to 8 MiB, which stays as long as the cache does, and 4 MiB each; when some 260,000 pieces
 * have filled it, each goes on with 12 MiB of its own. Tokenizers from files share nothing, and are counted all the
 * same. Counters of one cache may differ in special.
 *
 * encoding is borrowed until sp_shared_cache_free. *ret_shared is the caller's, to be dropped with that (NULL is fine)
 * after all counters that were made with it. Counters may be made and dropped by any thread at any time. Both fail only
 * with SP_ERR_NO_MEMORY. */
typedef struct sp_shared_cache sp_shared_cache;

SP_MUST_USE sp_status sp_shared_cache_new(const sp_encoding *encoding, sp_shared_cache **ret_shared, sp_err *err);

SP_MUST_USE sp_status sp_counter_new_sharing(sp_shared_cache *shared, sp_special special, sp_counter **ret_counter,
                                             sp_err *err);

void sp_shared_cache_free(sp_shared_cache *shared);

/* The range of the text that was counted last. */
SP_API sp_range sp_counter_range(const sp_counter *counter);

/* What a counter counted, to be put together where a text was counted in parts (sp_cut_after), by one counter or by
 * several of one encoding: the tokens and the range of an estimate are rounded, and do not add up from part to part;
 * this does. (The total of several texts is another thing: the sum of their tokens, of their lows and of their highs.)
 * Plain data, and all zeros is nothing counted; what the numbers in it are is the library's affair. */
#define SP_COUNTED_KINDS 14

typedef struct sp_counted {
    size_t tokens;
    uint64_t kinds[SP_COUNTED_KINDS];
    sp_range range;
} sp_counted;

/* Of the text that was counted last. */
sp_counted sp_counter_counted(const sp_counter *counter);

void sp_counted_add(sp_counted *sum, const sp_counted *part);

/* What sp_counter_count and sp_counter_range would give for the whole. */
size_t sp_counted_tokens(const sp_encoding *encoding, const sp_counted *counted);

sp_range sp_counted_range(const sp_encoding *encoding, const sp_counted *counted);

/* Where a text may be cut in two, to count the parts side by side: the first offset at or after from (but not 0) at
 * which the counts of both sides add up exactly, whatever they are; text.len if there is none. Such a place is next to
 * a blank or a line feed, a few bytes on in most texts; it holds for every text that begins like this one, so a
 * beginning is enough to find it in. What is left of a cut is always UTF-8, which is why all of it is looked at: to cut
 * a text many times, go on with what is left, not with a larger from. Of an estimate it is the sp_counted of the parts
 * that add up; rounded to tokens they may be some off. */
size_t sp_cut_after(const sp_encoding *encoding, sp_str text, size_t from);

/* Whether the counts of two texts surely add up when right is put behind left: the same places. false says nothing. */
bool sp_join_adds(const sp_encoding *encoding, sp_str left, sp_str right);

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
 * well-formed character may be cut off alone. Fails only with SP_ERR_NO_MEMORY.
 *
 * With an estimate, *ret_tokens is the estimate, and it is the upper bound that is at most max_tokens. What
 * NFC writes in another way, as a letter and its accent, is cut off as a whole. Of one word, or of signs or white space
 * in a row, of more than 4,096 bytes, the prefix may be shorter than the longest. */
SP_API SP_MUST_USE sp_status sp_truncate(const sp_encoding *encoding, sp_str text, sp_special special,
                                         size_t max_tokens, size_t *ret_len_bytes, size_t *ret_tokens, sp_err *err);

/* How much of a text sp_truncate has to see: with so many bytes of it the result is the one with all of it. 128 for
 * each token, the most that one of a built-in vocabulary has, and 3, in which a character that begins before them ends.
 * SIZE_MAX where no such limit is known: for an estimate, and for an encoding from a file. */
size_t sp_truncate_reach(const sp_encoding *encoding, size_t max_tokens);

/* The bytes of the tokens, in one malloc'd run that the caller frees (NULL when empty). An id that the
 * encoding does not have is SP_ERR_INPUT, and the message says which. In o200k_harmony 200018 has two names and
 * decodes to <|endofprompt|>. */
SP_API SP_MUST_USE sp_status sp_decode(const sp_encoding *encoding, const uint32_t *ids, size_t count, char **ret_bytes,
                                       size_t *ret_len, sp_err *err);

/* Drops what ids holds; they are empty then. */
SP_API void sp_ids_release(sp_ids *ids);

#endif
