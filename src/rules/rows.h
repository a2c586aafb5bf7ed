/*
 * rows.h - the rule rows as tables, one for each client and one of our own.
 *
 * A client names its tables in the order in which they are asked; the first that has a rule decides about it.
 */
#ifndef SP_RULES_ROWS_H
#define SP_RULES_ROWS_H

#include "rules/profile.h"

typedef struct sp_rule_table {
    const sp_rule *rows;
    size_t count;
} sp_rule_table;

extern const sp_rule_table sp_our_rules; /* where no client documents anything */
extern const sp_rule_table sp_claude_code_rules;
extern const sp_rule_table sp_documented_rules;
extern const sp_rule_table sp_codex_rules;
extern const sp_rule_table sp_gemini_rules;
extern const sp_rule_table sp_copilot_rules;
extern const sp_rule_table sp_copilot_documented_rules;
extern const sp_rule_table sp_copilot_vscode_rules;
extern const sp_rule_table sp_copilot_cloud_rules;
extern const sp_rule_table sp_cursor_rules;
extern const sp_rule_table sp_windsurf_rules;
extern const sp_rule_table sp_opencode_rules;
extern const sp_rule_table sp_droid_rules;
extern const sp_rule_table sp_qwen_rules;
extern const sp_rule_table sp_cline_rules;
extern const sp_rule_table sp_zed_rules;
extern const sp_rule_table sp_amp_rules;
extern const sp_rule_table sp_antigravity_rules;
extern const sp_rule_table sp_kiro_rules;
extern const sp_rule_table sp_agents_md_rules;

#endif
