/* installed.h - tokenizers that the user has installed, found by a name. */
#ifndef SP_INSTALLED_H
#define SP_INSTALLED_H

#include "base/types.h"
#include "tokenizer/models/model.h"
#include "tokenizer/tokens.h"

/* Directories of the user: $HOME, and $XDG_DATA_HOME or what stands for it. NULL: there is none. */
typedef struct sp_installed_places {
    const char *home;
    const char *data_home;
} sp_installed_places;

/* Whether sp_installed_open knows that name: "ctok", or tokenizer_file of a model. */
bool sp_installed_is_name(const sp_models *models, const char *name);

/* Whether the tokenizer of that name is the model's own. (For ctok, sp_installed_open refuses other models.) */
bool sp_installed_is_of_model(const sp_models *models, const char *name, sp_str model);

/* SP_ERR_USAGE with a suggestion for a name that is neither known to sp_installed_open nor a file; SP_OK if it looks
 * like a file and there is nothing to suggest. */
SP_MUST_USE sp_status sp_installed_suggest(const sp_models *models, const char *name, sp_err *err);

/* Opens a tokenizer that the user has installed. "ctok" is the data of that Python package, pieces_v3.json or
 * pieces_v4_7.json as model and pattern say (ptr NULL and NULL: the newest family), in data_home/sysprompt or, of the
 * latest version there is, where pip, pipx and uv install packages for this user; the name of the encoding has the
 * version. Any other is data_home/sysprompt/NAME.json or NAME/tokenizer.json. pattern is that of sp_encoding_open.
 * SP_ERR_USAGE if there is none, or ctok is asked for a model that is not known. */
SP_MUST_USE sp_status sp_installed_open(const char *name, const char *pattern, sp_str model, const sp_models *models,
                                        const sp_installed_places *places, const char *cache_dir,
                                        sp_encoding **ret_encoding, sp_err *err);

#endif
