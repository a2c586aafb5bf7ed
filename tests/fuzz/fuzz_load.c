/* fuzz_load.c - any project: what loads of it and what does not is said, byte by byte, without a count of tokens. */
#include "base/types.h"
#include "invariants.h"
#include "mutate.h"
#include "workspace/products.h"
#include "workspace/workspace.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

/* What else is looked for in the same place. A client without skills is told from one that has none. */
static void list_all(sp_workspace *workspace)
{
    const sp_found_agents *agents;
    sp_skill_list *skills = NULL;
    sp_err err = { 0 };
    fuzz_require(sp_workspace_agents(workspace, &agents, &err) == SP_OK || err.message[0]);
    fuzz_require(sp_skill_list_build(&workspace->request, &skills, &err) == SP_OK || err.message[0]);
    sp_skill_list_free(skills);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    fuzz_input input;
    sp_workspace workspace;
    sp_prompt *prompt;
    sp_err err = { 0 };
    char why[INV_ROOM] = "";
    fuzz_open(&input, data, size);
    fuzz_require(sp_workspace_open(&workspace, &input.arena, &input.request, &err) == SP_OK);
    sp_status status = sp_workspace_compose(&workspace, &prompt, &err);
    if (status != SP_OK) {
        fuzz_require_refused(&err);
    } else {
        prompt->diagnostics = workspace.diags.items;
        prompt->diagnostic_count = workspace.diags.count;
        bool hold = inv_bytes(prompt, why) && inv_diagnostics(prompt, why) && inv_rules(prompt, why);
        if (!hold)
            fprintf(stderr, "%s\n", why);
        fuzz_require(hold);
        list_all(&workspace);
    }
    fuzz_close(&input);
    return 0;
}
