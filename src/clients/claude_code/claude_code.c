/* claude_code.c - what Claude Code does that no table says. */
#include "clients/agents/agents.h"
#include "clients/claude_code/agent_fields.h"
#include "clients/claude_code/settings.h"

const sp_client_ops sp_claude_code_ops = {
    .read_settings = sp_settings_read,
    .add_agents = sp_claude_code_add_agents,
    .read_agent = sp_claude_code_read_agent,
    .resolve_agent = sp_claude_code_resolve_agent,
    .report_agents = sp_settings_note_plugins,
    .take_agent = sp_agent_take_source,
};
