/*
 * agent_tools.c - the client's tools, and what tools and disallowedTools leave of them.
 *
 * From the public pages sub-agents and tools-reference as of 2026-10-08, and from the tools that public agent files
 * name. A tool too many does no harm; one that is missing costs a user a wrong message, so what was documented once
 * stays.
 */
#include "clients/agents/agent_tools.h"

#include "base/map.h"
#include "base/near.h"
#include "base/types.h"
#include "model/agent.h"
#include "model/profile.h"
#include "sources/client.h"

#define TOOL(literal)                                                                                                  \
    {                                                                                                                  \
        (literal), sizeof(literal) - 1                                                                                 \
    }

static const sp_tool tools[] = {
    { TOOL("Agent"), "", true },
    { TOOL("Artifact"), "", true },
    { TOOL("AskUserQuestion"), "", false },
    { TOOL("Bash"), "", true },
    { TOOL("CronCreate"), "", true },
    { TOOL("CronDelete"), "", true },
    { TOOL("CronList"), "", true },
    { TOOL("Edit"), "", true },
    { TOOL("EndConversation"), "", false },
    { TOOL("EnterPlanMode"), "", false },
    { TOOL("EnterWorktree"), "", true },
    { TOOL("ExitPlanMode"), "", false },
    { TOOL("ExitWorktree"), "", true },
    { TOOL("Glob"), "", true },
    { TOOL("Grep"), "", true },
    { TOOL("ListAgents"), "", true },
    { TOOL("ListMcpResourcesTool"), "", true },
    { TOOL("LSP"), "", true },
    { TOOL("Monitor"), "", true },
    { TOOL("NotebookEdit"), "", true },
    { TOOL("PowerShell"), "", true },
    { TOOL("PushNotification"), "", true },
    { TOOL("Read"), "", true },
    { TOOL("ReadMcpResourceDirTool"), "", true },
    { TOOL("ReadMcpResourceTool"), "", true },
    { TOOL("RemoteTrigger"), "", true },
    { TOOL("ReportFindings"), "", true },
    { TOOL("ScheduleWakeup"), "", false },
    { TOOL("SendMessage"), "", true },
    { TOOL("SendUserFile"), "", true },
    { TOOL("Skill"), "", true },
    { TOOL("StructuredOutput"), "", true },
    { TOOL("Task"), "", true }, /* Agent's name before 2.1.63, and still an alias of it */
    { TOOL("TaskCreate"), "", true },
    { TOOL("TaskGet"), "", true },
    { TOOL("TaskList"), "", true },
    { TOOL("TaskOutput"), "", true },
    { TOOL("TaskStop"), "", true },
    { TOOL("TaskUpdate"), "", true },
    { TOOL("TeamCreate"), "", true },
    { TOOL("TeamDelete"), "", true },
    { TOOL("TodoWrite"), "", true },
    { TOOL("ToolSearch"), "", true },
    { TOOL("WaitForMcpServers"), "", false },
    { TOOL("WebFetch"), "", true },
    { TOOL("WebSearch"), "", true },
    { TOOL("Workflow"), "", false },
    { TOOL("Write"), "", true },
    { TOOL("MultiEdit"), "is the name of an old tool; Edit does its work now", true },
    { TOOL("LS"), "is the name of an old tool; Glob and Bash do its work now", true },
    { TOOL("NotebookRead"), "is the name of an old tool; Read does its work now", true },
    { TOOL("TodoRead"), "is the name of an old tool; TodoWrite does its work now", true },
    { TOOL("BashOutput"), "is the name of an old tool; TaskOutput and Read do its work now", true },
    { TOOL("AgentOutputTool"), "is the name of an old tool; TaskOutput and Read do its work now", true },
    { TOOL("KillShell"), "is the name of an old tool; TaskStop does its work now", true },
    { TOOL("KillBash"), "is the name of an old tool; TaskStop does its work now", true },
    { TOOL("SlashCommand"), "is the name of an old tool; Skill does its work now", true },
};

/* ---- names ---------------------------------------------------------------------------------------- */

const sp_tool *sp_tool_find(sp_str name)
{
    for (size_t i = 0; i < SP_COUNT_OF(tools); i++)
        if (sp_str_eq(name, tools[i].name))
            return &tools[i];
    return NULL;
}

const sp_tool *sp_tool_near(sp_str name)
{
    sp_str names[SP_COUNT_OF(tools)];
    for (size_t i = 0; i < SP_COUNT_OF(tools); i++)
        names[i] = tools[i].name;
    size_t near = sp_near(name, names, SP_COUNT_OF(tools));
    return near == SIZE_MAX ? NULL : &tools[near];
}

sp_str sp_tool_of(sp_str entry)
{
    size_t length = 0;
    while (length < entry.len && entry.ptr[length] != '(')
        length++;
    return sp_str_trim(sp_str_slice(entry, 0, length));
}

static bool is_all(sp_str name)
{
    return sp_str_eq(name, SP_STR("*")) || sp_str_eq_nocase(name, SP_STR("all")) ||
           sp_str_eq_nocase(name, SP_STR("all tools"));
}

bool sp_tool_is_mcp(sp_str name)
{
    return sp_str_starts(name, SP_STR("mcp__"));
}

bool sp_tool_is_removed(const sp_agent *agent, sp_str name)
{
    for (size_t i = 0; agent && i < agent->tools_removed_count; i++)
        if (sp_str_eq(agent->tools_removed[i].tool, name))
            return true;
    return false;
}

bool sp_tool_is_given(const sp_agent *agent, sp_str name)
{
    if (!agent || agent->inherits_tools)
        return !sp_tool_is_removed(agent, name);
    for (size_t i = 0; i < agent->tools_resolved.count; i++)
        if (sp_str_eq(agent->tools_resolved.items[i], name))
            return true;
    return false;
}

bool sp_tool_looks_built_in(sp_str name)
{
    for (size_t i = 0; i < name.len; i++) {
        char c = name.ptr[i];
        bool is_letter = (c >= 'A' && c <= 'Z') || (c >= 'a' && c <= 'z');
        if (!is_letter || (i == 0 && c >= 'a'))
            return false;
    }
    return name.len > 0;
}

/* ---- what an agent gets ----------------------------------------------------------------------------- */

typedef struct resolution {
    sp_arena *arena;
    const sp_profile *profile;
    sp_agent *agent;
    bool is_session; /* it is the main session's */
    sp_err *err;
    sp_list(sp_str) kept;
    sp_map kept_names;
    sp_list(sp_removed_tool) removed;
    sp_map removed_names;
} resolution;

/* Task is Agent's name before 2.1.63, and still an alias of it. */
static sp_str plain_name(sp_str entry)
{
    sp_str name = sp_tool_of(entry);
    return sp_str_eq(name, SP_STR("Task")) ? SP_STR("Agent") : name;
}

/* mcp__server stands for all tools of that server, and mcp__* for all servers. */
static bool covers(sp_str entry, sp_str name)
{
    sp_str pattern = plain_name(entry);
    if (sp_str_eq(pattern, name))
        return true;
    if (!sp_tool_is_mcp(pattern) || !sp_tool_is_mcp(name))
        return false;
    bool is_open = sp_str_ends(pattern, SP_STR("*"));
    pattern.len -= is_open;
    if (!sp_str_starts(name, pattern))
        return false;
    return is_open || sp_str_starts(sp_str_slice(name, pattern.len, name.len), SP_STR("__"));
}

static bool is_disallowed(const sp_agent *agent, sp_str name)
{
    for (size_t i = 0; i < agent->disallowed_tools.count; i++)
        if (covers(agent->disallowed_tools.items[i], name))
            return true;
    return false;
}

static bool is_no_subagents(const sp_agent *agent, const sp_tool *tool)
{
    bool plans = sp_str_eq(agent->permission_mode, SP_STR("plan"));
    return tool && !tool->is_for_subagents && !(plans && sp_str_eq(tool->name, SP_STR("ExitPlanMode")));
}

/* Notes the name, and whether it is there for the first time. */
static sp_status note_name(const resolution *r, sp_map *names, sp_str name, bool *ret_is_new)
{
    uint32_t *slot = sp_map_slot(r->arena, names, name);
    if (!slot)
        return sp_err_memory(r->err);
    *ret_is_new = *slot == SP_NONE;
    *slot = 0;
    return SP_OK;
}

static sp_status remove_tool(resolution *r, sp_str name, sp_rule_key rule, sp_str why)
{
    bool is_new = false;
    SP_TRY(note_name(r, &r->removed_names, name, &is_new));
    if (!is_new)
        return SP_OK;
    sp_removed_tool *removed = SP_LIST_PUSH(r->arena, &r->removed);
    if (!removed)
        return sp_err_memory(r->err);
    *removed = (sp_removed_tool){ name, rule, why };
    return SP_OK;
}

static sp_status keep_tool(resolution *r, sp_str name)
{
    bool is_new = false;
    SP_TRY(note_name(r, &r->kept_names, name, &is_new));
    if (!is_new)
        return SP_OK;
    sp_str *kept = SP_LIST_PUSH(r->arena, &r->kept);
    if (!kept)
        return sp_err_memory(r->err);
    *kept = name;
    return SP_OK;
}

/* A name that looks like one of a tool may be one that a later version has. */
static bool may_exist(const resolution *r, sp_str name, const sp_tool *tool)
{
    if (tool)
        return !tool->remark[0];
    bool is_later = !sp_rule_holds(r->profile, SP_RULE_AGENT_TOOL_PRINT) && sp_tool_looks_built_in(name);
    return sp_tool_is_mcp(name) || (is_later && !sp_tool_near(name));
}

/* Rule agent.background: what an agent with that field has not. */
static const sp_str not_in_background[] = { TOOL("CronCreate"), TOOL("CronDelete"), TOOL("CronList"),
                                            TOOL("ListAgents"), TOOL("ReportFindings") };

static bool loses_in_background(const resolution *r)
{
    return !r->is_session && r->agent->in_background && sp_rule_holds(r->profile, SP_RULE_AGENT_BACKGROUND);
}

static bool is_lost_in_background(const resolution *r, sp_str name)
{
    bool is_lost = false;
    for (size_t i = 0; loses_in_background(r) && i < SP_COUNT_OF(not_in_background); i++)
        is_lost = is_lost || sp_str_eq(name, not_in_background[i]);
    return is_lost;
}

static sp_status remove_in_background(resolution *r, sp_str name)
{
    return remove_tool(r, name, SP_RULE_AGENT_BACKGROUND, SP_STR("no agent in the background gets it"));
}

static sp_status resolve_entry(resolution *r, sp_str entry)
{
    sp_str name = plain_name(entry);
    const sp_tool *tool = sp_tool_find(name);
    if (is_disallowed(r->agent, name))
        return remove_tool(r, name, SP_RULE_AGENT_DISALLOWED, SP_STR("disallowedTools takes it away"));
    if (!r->is_session && is_no_subagents(r->agent, tool))
        return remove_tool(r, name, SP_RULE_AGENT_NO_SUBAGENT, SP_STR("no subagent gets it"));
    if (is_lost_in_background(r, name))
        return remove_in_background(r, name);
    if (sp_str_eq(name, SP_STR("TodoWrite")) && sp_rule_holds(r->profile, SP_RULE_AGENT_TOOL_PRINT))
        return remove_tool(r, name, SP_RULE_AGENT_TOOL_PRINT, SP_STR("it is not there in print mode"));
    if (!may_exist(r, name, tool))
        return remove_tool(r, name, SP_RULE_AGENT_TOOL, SP_STR("the client has no tool of that name"));
    return keep_tool(r, name);
}

/* Rule agent.tools: a star is all tools where it is the only entry. */
static bool inherits_all(const sp_agent *agent)
{
    return !agent->has_tools || (agent->tools.count == 1 && sp_str_eq(sp_tool_of(agent->tools.items[0]), SP_STR("*")));
}

static bool inherits_all_by_table(const sp_agent *agent)
{
    for (size_t i = 0; i < agent->tools.count; i++)
        if (is_all(sp_tool_of(agent->tools.items[i])))
            return true;
    return !agent->has_tools;
}

/* What is missing of the session's tools, which are not known here. What no subagent gets goes without saying. */
static sp_status resolve_inherited(resolution *r)
{
    for (size_t i = 0; i < r->agent->disallowed_tools.count; i++) {
        sp_str name = plain_name(r->agent->disallowed_tools.items[i]);
        if (!sp_str_eq(name, SP_STR("*"))) /* it takes nothing away */
            SP_TRY(remove_tool(r, name, SP_RULE_AGENT_DISALLOWED, SP_STR("disallowedTools takes it away")));
    }
    for (size_t i = 0; loses_in_background(r) && i < SP_COUNT_OF(not_in_background); i++)
        SP_TRY(remove_in_background(r, not_in_background[i]));
    return SP_OK;
}

/* Memory is kept with these, and they come along with it. */
static sp_status add_memory_tools(resolution *r)
{
    static const sp_str needed[] = { TOOL("Read"), TOOL("Write"), TOOL("Edit") };
    for (size_t i = 0; i < SP_COUNT_OF(needed); i++)
        if (!is_disallowed(r->agent, needed[i]))
            SP_TRY(keep_tool(r, needed[i]));
    return SP_OK;
}

static void take_tools(const resolution *r)
{
    r->agent->tools_resolved = (sp_str_list){ r->kept.items, r->kept.count };
    r->agent->tools_removed = r->removed.items;
    r->agent->tools_removed_count = r->removed.count;
}

/* Rule agent.search-tools: the client leaves search to Bash where that is there. */
static sp_status drop_search_tools(resolution *r)
{
    size_t kept = 0;
    bool has_bash = false;
    for (size_t i = 0; i < r->kept.count; i++)
        has_bash = has_bash || sp_str_eq(r->kept.items[i], SP_STR("Bash"));
    for (size_t i = 0; has_bash && i < r->kept.count; i++) {
        sp_str name = r->kept.items[i];
        if (sp_str_eq(name, SP_STR("Grep")) || sp_str_eq(name, SP_STR("Glob")))
            SP_TRY(remove_tool(r, name, SP_RULE_AGENT_SEARCH_TOOLS, SP_STR("Bash is there, and searches")));
        else
            r->kept.items[kept++] = name;
    }
    r->kept.count = has_bash ? kept : r->kept.count;
    return SP_OK;
}

sp_status sp_tools_resolve(sp_arena *arena, const sp_profile *profile, bool with_memory, bool as_session,
                           sp_agent *agent, sp_err *err)
{
    resolution r = { .arena = arena, .profile = profile, .agent = agent, .is_session = as_session, .err = err };
    agent->inherits_tools = inherits_all(agent);
    if (agent->inherits_tools)
        SP_TRY(resolve_inherited(&r));
    for (size_t i = 0; i < agent->tools.count && !agent->inherits_tools; i++)
        SP_TRY(resolve_entry(&r, agent->tools.items[i]));
    if (with_memory && agent->memory.ptr && !agent->inherits_tools)
        SP_TRY(add_memory_tools(&r));
    if (sp_rule_holds(profile, SP_RULE_AGENT_SEARCH_TOOLS))
        SP_TRY(drop_search_tools(&r));
    take_tools(&r);
    return SP_OK;
}

/* ---- clients with a table of names -------------------------------------------------------------------- */

static sp_str tool_in_table(const sp_client *client, sp_str name)
{
    for (size_t i = 0; i < client->tool_name_count; i++)
        if (sp_str_eq_nocase(name, sp_str_of(client->tool_names[i].name)))
            return sp_str_of(client->tool_names[i].tool);
    return (sp_str){ NULL, 0 };
}

/* SERVER/TOOL is a tool of an MCP server, or of an editor's extension. */
static sp_status resolve_by_table(resolution *r, const sp_profile *profile, sp_str entry)
{
    sp_str tool = sp_rule_holds(profile, SP_RULE_AGENT_TOOL_NAMES) ? tool_in_table(profile->client, entry) : entry;
    if (tool.ptr || sp_str_find(entry, SP_STR("/"), 0) != SIZE_MAX || !sp_rule_holds(profile, SP_RULE_AGENT_TOOL))
        return keep_tool(r, tool.ptr ? tool : entry);
    return remove_tool(r, entry, SP_RULE_AGENT_TOOL,
                       SP_STR("no documented name; dropped wherever there is no tool of that name"));
}

sp_status sp_tools_resolve_by_table(sp_arena *arena, const sp_profile *profile, sp_agent *agent, sp_err *err)
{
    resolution r = { .arena = arena, .agent = agent, .err = err };
    agent->inherits_tools = inherits_all_by_table(agent);
    for (size_t i = 0; i < agent->tools.count && !agent->inherits_tools; i++)
        SP_TRY(resolve_by_table(&r, profile, agent->tools.items[i]));
    take_tools(&r);
    return SP_OK;
}
