/* open_config.h - sysprompt.yaml, opened. */
#ifndef SP_CHECK_OPEN_CONFIG_H
#define SP_CHECK_OPEN_CONFIG_H

#include "base/types.h"
#include "model/request.h"
#include "sources/origin.h"
#include "tokenizer/tokens.h"

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
    sp_namer names;    /* who names tokenizer and locks, seen from the current directory */
    void *owner;       /* what all of the above lives in, and the rest, which sp_check_run knows; for sp_config_free */
} sp_config;

/* Reads the configuration file; file NULL looks for sysprompt.yaml from the request's launch directory upwards, not
 * above the root of its repository nor above root_dir, and takes the nearest: it must belong to the user or to root.
 * Of the request only launch_dir, home_dir and root_dir matter. On success *ret_config
 * is the caller's, to be dropped with sp_config_free (NULL is fine). Errors: SP_ERR_INPUT for a file that cannot be
 * read and for each mistake in it, with line and column; else as for sp_prompt_build. */
SP_MUST_USE sp_status sp_config_open(const sp_request *request, const char *file, sp_config **ret_config, sp_err *err);

void sp_config_free(sp_config *config);

/* Whether the program knows the encoding, or the model, that the configuration names; one of which may be there. It is
 * not asked where the command line says how to count, or adds models. Errors: SP_ERR_INPUT, at its place;
 * SP_ERR_NO_MEMORY. */
SP_MUST_USE sp_status sp_config_check_names(const sp_config *config, sp_err *err);

/* Opens what the configuration has under tokenizer:, which has to be there, as sp_encoding_open does: *ret_encoding is
 * the caller's in the same way, cache_dir and errors are the same. An error that has no place in the vocabulary is told
 * at its place in the configuration. */
SP_MUST_USE sp_status sp_config_open_tokenizer(const sp_config *config, const char *cache_dir,
                                               sp_encoding **ret_encoding, sp_err *err);

#endif
