/* git.h - what git says of the launch directory's repository. */
#ifndef SP_GIT_H
#define SP_GIT_H

#include "base/types.h"
#include "sources/loader.h"

typedef struct sp_git_facts {
    sp_str branch;
    sp_str main_branch;
    sp_str user; /* ptr NULL: git knows no name */
    sp_str status;
    sp_str commits;
    const char *problem; /* why there is nothing, as the end of a sentence; NULL: nothing is wrong */
} sp_git_facts;

/* Asks git. It runs no program that the repository's configuration names, fetches nothing, writes nothing, and with
 * --root reads no repository and no work tree outside of it. Fails only with SP_ERR_NO_MEMORY, and as a look at .git
 * does. */
SP_MUST_USE sp_status sp_git_ask(const sp_loader *loader, sp_git_facts *ret, sp_err *err);

#endif
