/* propose.c - what check --init measures: a session here, every agent, every instruction
 * file; with a version of the client that is named, the whole request of the session. */
#include "check/propose.h"
#include "base/types.h"

/* More than anything has: the limit comes later, out of what is measured. */
static const sp_amount unlimited = { .is_given = true, .value = 1000000000000 };

static sp_status compile(sp_arena *arena, const sp_str *texts, size_t count, sp_globs *ret, sp_err *err)
{
    size_t bad;
    sp_glob_budget budget = sp_globs_budget();
    return sp_globs_compile(arena, texts, count, &budget, ret, &bad, err);
}

sp_status sp_check_propose(sp_arena *arena, sp_str launch, bool with_request, sp_check_config *ret, sp_err *err)
{
    static const sp_str all[] = { { "*", 1 } };
    static const sp_str files[] = { { "**/{CLAUDE,AGENTS,GEMINI}.md", 28 }, { ".claude/rules/**/*.md", 21 } };
    sp_budget *budgets = SP_ARENA_ARRAY(arena, sp_budget, 4);
    if (!budgets)
        return sp_err_memory(err);
    *ret = (sp_check_config){ .folder = launch, .budgets = budgets, .budget_count = with_request ? 4 : 3 };
    /* A budget without directories measures the launch directory. */
    budgets[0] = (sp_budget){ .name = SP_STR("session"), .max = unlimited };
    budgets[1] = (sp_budget){ .name = SP_STR("agents"), .max = unlimited };
    budgets[2] = (sp_budget){ .name = SP_STR("files"), .max = unlimited };
    budgets[3] = (sp_budget){ .name = SP_STR("request"), .max = unlimited, .of_request = true };
    SP_TRY(compile(arena, all, 1, &budgets[1].agents, err));
    return compile(arena, files, 2, &budgets[2].files, err);
}
