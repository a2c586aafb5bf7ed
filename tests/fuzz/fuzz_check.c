/* fuzz_check.c - any project, checked and measured: each finding has a rule, a message and a place, the worst is first.
 */
#include "base/types.h"
#include "invariants.h"
#include "mutate.h"
#include "workspace/products.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static bool finding_holds(const sp_check *check, size_t index, char *why)
{
    const sp_diagnostic *finding = &check->findings[index];
    INV(finding->message.len && finding->rule != SP_RULE_NONE, "finding %zu says nothing", index);
    INV(index == 0 || check->findings[index - 1].level >= finding->level, "finding %zu is worse than the one before",
        index);
    INV(finding->column == 0 || finding->line > 0, "finding %zu has a column without a line", index);
    return true;
}

static bool holds(const sp_check *check, char *why)
{
    size_t counted = 0;
    for (size_t level = 0; level < SP_COUNT_OF(check->level_counts); level++)
        counted += check->level_counts[level];
    INV(counted == check->finding_count, "%zu findings, and %zu by level", check->finding_count, counted);
    for (size_t i = 0; i < check->finding_count; i++)
        if (!finding_holds(check, i, why))
            return false;
    for (size_t i = 0; i < check->measure_count; i++)
        INV(check->measures[i].range.low <= check->measures[i].tokens &&
                check->measures[i].tokens <= check->measures[i].range.high,
            "measure %zu is not in its range", i);
    return true;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    fuzz_input input;
    sp_check *check = NULL;
    sp_err err = { 0 };
    char why[INV_ROOM] = "";
    fuzz_open(&input, data, size);
    const sp_check_request asked = { .request = &input.request, .proposes_budgets = size % 2 };
    sp_status status = sp_check_run(&asked, &check, &err);
    if (status != SP_OK)
        fuzz_require_refused(&err);
    bool hold = status != SP_OK || holds(check, why);
    if (!hold)
        fprintf(stderr, "%s\n", why);
    fuzz_require(hold);
    sp_check_free(check);
    fuzz_close(&input);
    return 0;
}
