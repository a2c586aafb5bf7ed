/* fuzz_tree.c - any project: the rows that its tokens are told by sum to the prompt, at every level. */
#include "base/types.h"
#include "invariants_tree.h"
#include "prompt.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static bool holds(sp_prompt *prompt, size_t size, char *why)
{
    static const sp_tree_level levels[][3] = {
        { SP_TREE_FILE, SP_TREE_HEADING, SP_TREE_LINE },
        { SP_TREE_KIND, SP_TREE_BLOCK, SP_TREE_LINE },
        { SP_TREE_LINE, SP_TREE_HEADING, SP_TREE_FILE },
    };
    const sp_tree_options options = { levels[size % SP_COUNT_OF(levels)], 3 };
    sp_tree *tree;
    sp_err err;
    INV(sp_tree_build(prompt, &options, &tree, &err) == SP_OK, "%s", err.message);
    bool hold = inv_tree_rows(prompt, &options, tree, why) && inv_runs(prompt, tree, why);
    sp_tree_free(tree);
    return hold;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    fuzz_prompt(data, size, holds);
    return 0;
}
