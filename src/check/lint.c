#include "check/lint.h"
#include "base/types.h"

typedef sp_status (*pass_fn)(sp_lint *lint, sp_err *err);

static sp_status run(sp_lint *lint, const pass_fn *passes, size_t count, sp_err *err)
{
    for (size_t i = 0; i < count; i++)
        SP_TRY(passes[i](lint, err));
    return SP_OK;
}

sp_status sp_lint_place(sp_lint *lint, sp_err *err)
{
    static const pass_fn passes[] = { sp_lint_agents, sp_lint_skills, sp_lint_links,
                                      sp_lint_unread, sp_lint_rules,  sp_lint_same };
    return run(lint, passes, SP_COUNT_OF(passes), err);
}

sp_status sp_lint_prompt(sp_lint *lint, sp_err *err)
{
    static const pass_fn passes[] = { sp_lint_advice, sp_lint_duplicates };
    return run(lint, passes, SP_COUNT_OF(passes), err);
}

sp_status sp_lint_agent(sp_lint *lint, sp_arena *arena, sp_diags *diags, const sp_docs *docs, sp_err *err)
{
    SP_TRY(sp_lint_agent_advice(lint->site, diags, docs, err));
    return sp_lint_agent_duplicates(lint, arena, diags, docs, err);
}
