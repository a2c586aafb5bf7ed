/* rows.c - the rule rows of every client, and the ids of the rules. */
#include "rules/rows.h"
#include "base/types.h"

static const char *const ids[SP_RULE_COUNT] = {
    [SP_RULE_NONE] = "",
#define SP_KEY(key, id) [SP_RULE_##key] = (id),
#include "rules/keys.def"
#undef SP_KEY
};

_Static_assert((int)SP_RULE_COUNT <= (int)SP_RULE_ROOM,
               "there is room for every rule in a profile: raise SP_RULE_ROOM");

const char *sp_rule_id(sp_rule_key key)
{
    return ids[key];
}

bool sp_rule_is_budget(sp_rule_key key)
{
    return strncmp(ids[key], "budget.", 7) == 0;
}

sp_rule_key sp_rule_find(sp_str id)
{
    for (size_t i = 1; i < SP_RULE_COUNT; i++)
        if (sp_str_eq(id, sp_str_of(ids[i])))
            return (sp_rule_key)i;
    return SP_RULE_NONE;
}

/* clang-format off */
#define TABLE(rows) { (rows), SP_COUNT_OF(rows) }
#define SP_RULE(key, value, unit, effect, since, until, confidence, source, text) \
    { SP_RULE_##key, value, unit, SP_EFFECT_##effect, since, until, confidence, source, text },
static const sp_rule our_rows[] = {
#include "rules/ours.def"
};
const sp_rule_table sp_our_rules = TABLE(our_rows);

static const sp_rule claude_code_rows[] = {
#include "rules/claude-code.def"
};
const sp_rule_table sp_claude_code_rules = TABLE(claude_code_rows);

static const sp_rule documented_rows[] = {
#include "rules/claude-code-documented.def"
};
const sp_rule_table sp_documented_rules = TABLE(documented_rows);

static const sp_rule codex_rows[] = {
#include "rules/codex.def"
};
const sp_rule_table sp_codex_rules = TABLE(codex_rows);

static const sp_rule gemini_rows[] = {
#include "rules/gemini.def"
};
const sp_rule_table sp_gemini_rules = TABLE(gemini_rows);

static const sp_rule copilot_rows[] = {
#include "rules/copilot.def"
};
const sp_rule_table sp_copilot_rules = TABLE(copilot_rows);

static const sp_rule copilot_documented_rows[] = {
#include "rules/copilot-documented.def"
};
const sp_rule_table sp_copilot_documented_rules = TABLE(copilot_documented_rows);

static const sp_rule copilot_vscode_rows[] = {
#include "rules/copilot-vscode.def"
};
const sp_rule_table sp_copilot_vscode_rules = TABLE(copilot_vscode_rows);

static const sp_rule copilot_cloud_rows[] = {
#include "rules/copilot-cloud.def"
};
const sp_rule_table sp_copilot_cloud_rules = TABLE(copilot_cloud_rows);

static const sp_rule cursor_rows[] = {
#include "rules/cursor.def"
};
const sp_rule_table sp_cursor_rules = TABLE(cursor_rows);

static const sp_rule windsurf_rows[] = {
#include "rules/windsurf.def"
};
const sp_rule_table sp_windsurf_rules = TABLE(windsurf_rows);

static const sp_rule opencode_rows[] = {
#include "rules/opencode.def"
};
const sp_rule_table sp_opencode_rules = TABLE(opencode_rows);

static const sp_rule droid_rows[] = {
#include "rules/droid.def"
};
const sp_rule_table sp_droid_rules = TABLE(droid_rows);

static const sp_rule qwen_rows[] = {
#include "rules/qwen.def"
};
const sp_rule_table sp_qwen_rules = TABLE(qwen_rows);

static const sp_rule cline_rows[] = {
#include "rules/cline.def"
};
const sp_rule_table sp_cline_rules = TABLE(cline_rows);

static const sp_rule zed_rows[] = {
#include "rules/zed.def"
};
const sp_rule_table sp_zed_rules = TABLE(zed_rows);

static const sp_rule amp_rows[] = {
#include "rules/amp.def"
};
const sp_rule_table sp_amp_rules = TABLE(amp_rows);

static const sp_rule antigravity_rows[] = {
#include "rules/antigravity.def"
};
const sp_rule_table sp_antigravity_rules = TABLE(antigravity_rows);

static const sp_rule kiro_rows[] = {
#include "rules/kiro.def"
};
const sp_rule_table sp_kiro_rules = TABLE(kiro_rows);

static const sp_rule agents_md_rows[] = {
#include "rules/agents-md.def"
};
const sp_rule_table sp_agents_md_rules = TABLE(agents_md_rows);
#undef SP_RULE
#undef TABLE
/* clang-format on */

int64_t sp_own_limit(sp_rule_key key)
{
    for (size_t i = 0; i < sp_our_rules.count; i++)
        if (sp_our_rules.rows[i].key == key)
            return sp_our_rules.rows[i].value;
    return INT64_MAX;
}
