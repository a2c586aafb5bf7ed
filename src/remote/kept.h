/*
 * kept.h - counts that were asked for once, each in a file of its own, so that the next run needs no network.
 */
#ifndef SP_KEPT_H
#define SP_KEPT_H

#include "base/parse_json.h"
#include "base/sha256.h"
#include "base/types.h"
#include "model/prompt.h"

/* Which request this is, and to whom: the name of its file. The body has the model in it. */
void sp_kept_hash(const char *url, sp_str body, char ret_hash[SP_SHA256_HEX]);

/* Fills in what is kept and sets is_cached; without, *count stays as it is. A file with something else in it counts as
 * none. Fails only with SP_ERR_NO_MEMORY. */
SP_MUST_USE sp_status sp_kept_read(const char *cache_dir, const char *hash, sp_api_count *count, sp_err *err);

/* As far as it can be written. */
void sp_kept_write(const char *cache_dir, const char *url, const char *hash, const sp_api_count *count);

/* A number of tokens as JSON has it: digits, above 0 and below 2^53. node may be NULL. */
bool sp_kept_number(const sp_json_node *node, size_t *ret);

#endif
