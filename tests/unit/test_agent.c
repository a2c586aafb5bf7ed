/*
 * test_agent.c - agent files in, the agent and every diagnostic out, each compared as a whole.
 */
#include "clients/agents/agent.h"

#include "base/types.h"
#include "examples.h"
#include "model/agent.h"
#include "model/profile.h"

static void add_text(sp_buf *out, const char *name, sp_str text)
{
    if (text.ptr)
        sp_buf_format(out, "%s <%.*s>\n", name, SP_STR_ARG(text));
}

static void add_list(sp_buf *out, const char *name, sp_str_list list)
{
    sp_buf_format(out, "%s", name);
    for (size_t i = 0; i < list.count; i++)
        sp_buf_format(out, " <%.*s>", SP_STR_ARG(list.items[i]));
    sp_buf_add_char(out, '\n');
}

static void add_agent(sp_buf *out, const sp_agent *agent)
{
    add_text(out, "name", agent->name);
    add_text(out, "description", agent->description);
    add_text(out, "model", agent->model);
    add_text(out, "memory", agent->memory);
    add_text(out, "color", agent->color);
    if (agent->has_tools)
        add_list(out, "tools", agent->tools);
    if (agent->disallowed_tools.count)
        add_list(out, "disallowed", agent->disallowed_tools);
    if (agent->omit_claude_md)
        sp_buf_add(out, SP_STR("omits CLAUDE.md\n"));
}

static void list(sp_buf *out, sp_str text, sp_front_matter_mode mode)
{
    sp_arena arena = { 0 };
    sp_diags diags = { .arena = &arena };
    sp_profile profile;
    sp_agent agent;
    sp_err err;
    size_t body;
    assert_int_equal(sp_profile_init(&profile, (sp_str){ NULL, 0 }, &err), SP_OK);
    assert_int_equal(
        sp_agent_read(&arena, &profile, NULL, SP_STR("a.md"), text, SP_AGENT_FILE, mode, &diags, &agent, &body, &err),
        SP_OK);
    assert_int_equal(agent.source, SP_NONE);
    sp_buf_format(out, "%s, body at %zu\n", states[agent.front_matter], body);
    add_diagnostics(out, &diags);
    add_agent(out, &agent);
    sp_buf_add_char(out, '\0');
    assert_false(out->failed);
    sp_arena_release(&arena);
}

/* ---- files the client takes as they are written ---- */

static const struct example accepted[] = {
    { "the least", TEXT("---\nname: a\ndescription: b\n---\nbody\n"),
      "strict, body at 31\n"
      "name <a>\n"
      "description <b>\n" },
    { "everything",
      TEXT("---\nname: reviewer-v2\ndescription: \"Reviews.\\\\n\\\\nExample\"\ntools: Read, Grep, Bash(git add:*, git "
           "commit:*), mcp__github__get_issue\ndisallowedTools: [NotebookEdit, WebFetch(domain:x.org)]\nmodel: "
           "opus\nmemory: project\ncolor: orange\npermissionMode: acceptEdits\nmaxTurns: 12\nskills: [a, "
           "b]\nmcpServers: [github]\nhooks: {Stop: []}\nbackground: false\nomitClaudeMd: true\neffort: "
           "xhigh\nisolation: worktree\ninitialPrompt: go\nexperimental: {cacheTtl: 1h}\n---\nbody\n"),
      "strict, body at 447\n"
      "name <reviewer-v2>\n"
      "description <Reviews.\n\nExample>\n"
      "model <opus>\n"
      "memory <project>\n"
      "color <orange>\n"
      "tools <Read> <Grep> <Bash(git add:*, git commit:*)> <mcp__github__get_issue>\n"
      "disallowed <NotebookEdit> <WebFetch(domain:x.org)>\n"
      "omits CLAUDE.md\n" },
    { "a list of tools", TEXT("---\nname: a\ndescription: b\ntools:\n  - Read\n  - Write\n---\nbody\n"),
      "strict, body at 57\n"
      "name <a>\n"
      "description <b>\n"
      "tools <Read> <Write>\n" },
    { "no tools", TEXT("---\nname: a\ndescription: b\ntools: []\n---\nbody\n"),
      "strict, body at 41\n"
      "name <a>\n"
      "description <b>\n"
      "tools\n" },
    { "empty field of tools", TEXT("---\nname: a\ndescription: b\ntools:\n---\nbody\n"),
      "strict, body at 38\n"
      "name <a>\n"
      "description <b>\n"
      "tools\n" },
    { "commas only", TEXT("---\nname: a\ndescription: b\ntools: ' , ,'\n---\nbody\n"),
      "strict, body at 45\n"
      "name <a>\n"
      "description <b>\n"
      "tools\n" },
    { "all tools", TEXT("---\nname: a\ndescription: b\ntools: '*'\n---\nbody\n"),
      "strict, body at 42\n"
      "name <a>\n"
      "description <b>\n"
      "tools <*>\n" },
    { "a name that only looks odd", TEXT("---\nname: Code Reviewer 2.0\ndescription: b\n---\nbody\n"),
      "strict, body at 47\n"
      "name <Code Reviewer 2.0>\n"
      "description <b>\n" },
    { "a name of 256 characters",
      TEXT("---\nname: "
           "ééééééééééééééééééééééééééééééééééééééééééééééééééééééééééééééééééééééééééééééééééééééééééééééééééééééééééé"
           "ééééééééééééééééééééééééééééééééééééééééééééééééééééééééééééééééééééééééééééééééééééééééééééééééééééééééééé"
           "éééééééééééééééééééééééééééééééééééééééééé\ndescription: b\n---\nbody\n"),
      "strict, body at 542\n"
      "name "
      "<ééééééééééééééééééééééééééééééééééééééééééééééééééééééééééééééééééééééééééééééééééééééééééééééééééééééééééééééé"
      "éééééééééééééééééééééééééééééééééééééééééééééééééééééééééééééééééééééééééééééééééééééééééééééééééééééééééééééééé"
      "ééééééééééééééééééééééééééééééééé>\n"
      "description <b>\n" },
    { "numbers in quotes", TEXT("---\nname: \"007\"\ndescription: \"1.0\"\n---\nbody\n"),
      "strict, body at 39\n"
      "name <007>\n"
      "description <1.0>\n" },
    { "models", TEXT("---\nname: a\ndescription: b\nmodel: claude-opus-4-5-20251101\n---\nbody\n"),
      "strict, body at 63\n"
      "name <a>\n"
      "description <b>\n"
      "model <claude-opus-4-5-20251101>\n" },
    { "long window", TEXT("---\nname: a\ndescription: b\nmodel: sonnet[1m]\n---\nbody\n"),
      "strict, body at 49\n"
      "name <a>\n"
      "description <b>\n"
      "model <sonnet[1m]>\n" },
    { "model of OpenAI", TEXT("---\nname: a\ndescription: b\nmodel: gpt-4o\n---\nbody\n"),
      "strict, body at 45\n"
      "name <a>\n"
      "description <b>\n"
      "model <gpt-4o>\n" },
    { "model of Amazon",
      TEXT("---\nname: a\ndescription: b\nmodel: us.anthropic.claude-sonnet-4-5-20250929-v1:0\n---\nbody\n"),
      "strict, body at 83\n"
      "name <a>\n"
      "description <b>\n"
      "model <us.anthropic.claude-sonnet-4-5-20250929-v1:0>\n" },
    { "model of Google", TEXT("---\nname: a\ndescription: b\nmodel: claude-sonnet-4-5@20250929\n---\nbody\n"),
      "strict, body at 65\n"
      "name <a>\n"
      "description <b>\n"
      "model <claude-sonnet-4-5@20250929>\n" },
    { "effort as a number", TEXT("---\nname: a\ndescription: b\neffort: 32\n---\nbody\n"),
      "strict, body at 42\n"
      "name <a>\n"
      "description <b>\n" },
    { "upper case flag", TEXT("---\nname: a\ndescription: b\nomitClaudeMd: TRUE\n---\nbody\n"),
      "strict, body at 50\n"
      "name <a>\n"
      "description <b>\n"
      "omits CLAUDE.md\n" },
};

/* ---- files it does not ---- */

static const struct example oddities[] = {
    { "no front matter", TEXT("You are a reviewer.\n"),
      "none, body at 0\n"
      "1:1: warning: the file has no front matter, so the client takes it for documentation and not for an agent; "
      "begin it with a --- line, `name: ...`, `description: ...` and another --- line [agent.document]\n" },
    { "empty file", TEXT(""),
      "none, body at 0\n"
      "1:1: warning: the file has no front matter, so the client takes it for documentation and not for an agent; "
      "begin it with a --- line, `name: ...`, `description: ...` and another --- line [agent.document]\n" },
    { "empty front matter", TEXT("---\n---\nbody\n"),
      "strict, body at 8\n"
      "1:1: warning: the front matter gives no name, so the client takes the file for documentation and not for an "
      "agent; add a `name: ...` line [agent.document]\n" },
    { "no name", TEXT("---\ndescription: b\n---\nbody\n"),
      "strict, body at 23\n"
      "1:1: warning: the front matter gives no name, so the client takes the file for documentation and not for an "
      "agent; add a `name: ...` line [agent.document]\n"
      "description <b>\n" },
    { "empty name", TEXT("---\nname: ''\ndescription: b\n---\nbody\n"),
      "strict, body at 32\n"
      "2:1: warning: the front matter gives no name, so the client takes the file for documentation and not for an "
      "agent; add a `name: ...` line [agent.document]\n"
      "description <b>\n" },
    { "no description", TEXT("---\nname: a\n---\nbody\n"),
      "strict, body at 16\n"
      "2:1: finding: an agent with a name needs a description: the client skips the file; add a `description: ...` "
      "line that says when to use the agent [agent.description]\n"
      "name <a>\n" },
    { "empty description", TEXT("---\nname: a\ndescription:\n---\nbody\n"),
      "strict, body at 29\n"
      "3:1: finding: an agent with a name needs a description: the client skips the file; add a `description: ...` "
      "line that says when to use the agent [agent.description]\n"
      "name <a>\n" },
    { "not closed", TEXT("---\nname: a\n"),
      "none, body at 0\n"
      "1:1: warning: nothing closes the front matter that begins here, so the file counts as having none; add a line "
      "of three dashes (---) behind the last field [front-matter.unclosed]\n" },
    { "anchor", TEXT("---\nname: &x a\ndescription: b\n---\nbody\n"),
      "none, body at 34\n"
      "2:7: finding: the front matter has an anchor (&name), so no field of it is read; write the value out, or put it "
      "in double quotes if it is text [front-matter.refused]\n" },
    { "name with a dash in front", TEXT("---\nname: -a\ndescription: b\n---\nbody\n"),
      "strict, body at 32\n"
      "2:7: finding: the name \"-a\" begins with a dash: the client skips the file [agent.name]\n"
      "name <-a>\n"
      "description <b>\n" },
    { "name with a colon", TEXT("---\nname: my:agent\ndescription: b\n---\nbody\n"),
      "strict, body at 38\n"
      "2:7: finding: the name \"my:agent\" holds a colon: the client skips the file [agent.name-colon]\n"
      "name <my:agent>\n"
      "description <b>\n" },
    { "name of 257 characters",
      TEXT("---\nname: "
           "ééééééééééééééééééééééééééééééééééééééééééééééééééééééééééééééééééééééééééééééééééééééééééééééééééééééééééé"
           "ééééééééééééééééééééééééééééééééééééééééééééééééééééééééééééééééééééééééééééééééééééééééééééééééééééééééééé"
           "ééééééééééééééééééééééééééééééééééééééééééé\ndescription: b\n---\nbody\n"),
      "strict, body at 544\n"
      "2:7: finding: the name \"éééééééééééééééééééééééééééééééééééééééé...\" has 257 characters, and at most 256 are "
      "allowed: the client skips the file [agent.name-length]\n"
      "name "
      "<ééééééééééééééééééééééééééééééééééééééééééééééééééééééééééééééééééééééééééééééééééééééééééééééééééééééééééééééé"
      "éééééééééééééééééééééééééééééééééééééééééééééééééééééééééééééééééééééééééééééééééééééééééééééééééééééééééééééééé"
      "éééééééééééééééééééééééééééééééééé>\n"
      "description <b>\n" },
    { "name as a list", TEXT("---\nname: [a]\ndescription: b\n---\nbody\n"),
      "strict, body at 33\n"
      "2:7: warning: name has to be text, but is a list; it counts as absent [agent.type]\n"
      "description <b>\n" },
    { "empty model", TEXT("---\nname: a\ndescription: b\nmodel: ''\n---\nbody\n"),
      "strict, body at 41\n"
      "name <a>\n"
      "description <b>\n" },
    { "description as a list", TEXT("---\nname: a\ndescription:\n  - b\n---\nbody\n"),
      "strict, body at 35\n"
      "4:3: finding: description has to be text, but is a list: the client skips the file [agent.type]\n"
      "name <a>\n" },
    { "description as a mapping", TEXT("---\nname: a\ndescription: {b: c}\n---\nbody\n"),
      "strict, body at 36\n"
      "3:14: finding: description has to be text, but is nested: the client skips the file [agent.type]\n"
      "name <a>\n" },
    { "unknown words",
      TEXT("---\nname: a\ndescription: b\nmemory: feedback\ncolor: magenta\npermissionMode: yolo\neffort: "
           "0\nisolation: docker\n---\nbody\n"),
      "strict, body at 112\n"
      "4:9: warning: memory has to be user, project or local, but is \"feedback\"; it counts as absent [agent.value]\n"
      "5:8: warning: color has to be red, blue, green, yellow, purple, orange, pink or cyan, but is \"magenta\"; it "
      "counts as absent [agent.value]\n"
      "6:17: warning: permissionMode has to be default, manual, acceptEdits, auto, dontAsk, bypassPermissions or plan, "
      "but is \"yolo\"; it counts as absent [agent.value]\n"
      "7:9: warning: effort has to be low, medium, high, xhigh or max, but is \"0\"; it counts as absent "
      "[agent.value]\n"
      "8:12: warning: isolation has to be worktree, but is \"docker\"; it counts as absent [agent.value]\n"
      "name <a>\n"
      "description <b>\n" },
    { "words in another case", TEXT("---\nname: a\ndescription: b\nmemory: Project\ncolor: Red\n---\nbody\n"),
      "strict, body at 58\n"
      "4:9: warning: memory has to be user, project or local, but is \"Project\"; it counts as absent [agent.value]\n"
      "5:8: warning: color has to be red, blue, green, yellow, purple, orange, pink or cyan, but is \"Red\"; it counts "
      "as absent [agent.value]\n"
      "name <a>\n"
      "description <b>\n" },
    { "lists where words are wanted",
      TEXT("---\nname: a\ndescription: b\nmemory: [user]\nmodel: [opus, sonnet]\n---\nbody\n"),
      "strict, body at 68\n"
      "4:9: warning: memory has to be user, project or local, but is a list; it counts as absent [agent.type]\n"
      "5:8: warning: model has to be text, but is a list; it counts as absent [agent.type]\n"
      "name <a>\n"
      "description <b>\n" },
    { "numbers and flags",
      TEXT("---\nname: a\ndescription: b\nmaxTurns: -1\nbackground: maybe\nomitClaudeMd: yes\n---\nbody\n"),
      "strict, body at 80\n"
      "4:11: warning: maxTurns has to be a positive whole number, but is \"-1\"; it counts as absent [agent.type]\n"
      "5:13: warning: background has to be true or false, but is \"maybe\"; it counts as absent [agent.type]\n"
      "6:15: warning: omitClaudeMd has to be true or false; \"yes\" is taken for true, and the client may not do so "
      "[agent.type]\n"
      "name <a>\n"
      "description <b>\n"
      "omits CLAUDE.md\n" },
    { "more numbers",
      TEXT("---\nname: a\ndescription: b\nmaxTurns: 0\nbackground: [true]\nomitClaudeMd: \"off\"\n---\nbody\n"),
      "strict, body at 82\n"
      "4:11: warning: maxTurns has to be a positive whole number, but is \"0\"; it counts as absent [agent.type]\n"
      "5:13: warning: background has to be true or false, but is a list; it counts as absent [agent.type]\n"
      "6:15: warning: omitClaudeMd has to be true or false; \"off\" is taken for false, and the client may not do so "
      "[agent.type]\n"
      "name <a>\n"
      "description <b>\n" },
    { "number as a list", TEXT("---\nname: a\ndescription: b\nmaxTurns: [1]\n---\nbody\n"),
      "strict, body at 45\n"
      "4:11: warning: maxTurns has to be a positive whole number, but is a list; it counts as absent [agent.type]\n"
      "name <a>\n"
      "description <b>\n" },
    { "wrong kinds",
      TEXT("---\nname: a\ndescription: b\ntools: {a: b}\nskills: {a: b}\nmcpServers: github\nhooks: x\nexperimental: "
           "[a]\ninitialPrompt: [a]\n---\nbody\n"),
      "strict, body at 125\n"
      "4:8: warning: tools has to be a list of names, or names with commas between them, but is nested; it counts as "
      "absent [agent.type]\n"
      "5:9: warning: skills has to be a list of names, but is nested; it counts as absent [agent.type]\n"
      "6:13: warning: mcpServers has to be a list or a mapping, but is a single value; it counts as absent "
      "[agent.type]\n"
      "7:8: warning: hooks has to be a mapping, but is a single value; it counts as absent [agent.type]\n"
      "8:15: warning: experimental has to be a mapping, but is a list; it counts as absent [agent.type]\n"
      "9:16: warning: initialPrompt has to be text, but is a list; it counts as absent [agent.type]\n"
      "name <a>\n"
      "description <b>\n" },
    { "retired model", TEXT("---\nname: a\ndescription: b\nmodel: claude-3-5-sonnet-20241022\n---\nbody\n"),
      "strict, body at 65\n"
      "4:8: warning: the model claude-3-5-sonnet-20241022 was retired on 2025-10-28; name one that is served, or an "
      "alias such as sonnet [agent.model]\n"
      "name <a>\n"
      "description <b>\n"
      "model <claude-3-5-sonnet-20241022>\n" },
    { "misspelt retired model", TEXT("---\nname: a\ndescription: b\nmodel: claude-3.5-sonnet-20241022\n---\nbody\n"),
      "strict, body at 65\n"
      "4:8: warning: the model \"claude-3.5-sonnet-20241022\" is not known; did you mean claude-3-5-sonnet-20241022, "
      "which was retired on 2025-10-28? [agent.model]\n"
      "name <a>\n"
      "description <b>\n"
      "model <claude-3.5-sonnet-20241022>\n" },
    { "misspelt alias", TEXT("---\nname: a\ndescription: b\nmodel: sonet\n---\nbody\n"),
      "strict, body at 44\n"
      "4:8: warning: the model \"sonet\" is not known; did you mean sonnet? [agent.model]\n"
      "name <a>\n"
      "description <b>\n"
      "model <sonet>\n" },
    { "alias with a version", TEXT("---\nname: a\ndescription: b\nmodel: sonnet-4.5\n---\nbody\n"),
      "strict, body at 49\n"
      "4:8: warning: the model \"sonnet-4.5\" is not known; did you mean claude-sonnet-4-5? [agent.model]\n"
      "name <a>\n"
      "description <b>\n"
      "model <sonnet-4.5>\n" },
    { "model in capitals", TEXT("---\nname: a\ndescription: b\nmodel: GPT-4o\n---\nbody\n"),
      "strict, body at 45\n"
      "name <a>\n"
      "description <b>\n"
      "model <GPT-4o>\n" },
    { "model of nobody", TEXT("---\nname: a\ndescription: b\nmodel: llama\n---\nbody\n"),
      "strict, body at 44\n"
      "4:8: warning: the model \"llama\" is not known; use sonnet, opus, haiku, fable, inherit or the full id of a "
      "model [agent.model]\n"
      "name <a>\n"
      "description <b>\n"
      "model <llama>\n" },
    { "long model name",
      TEXT("---\nname: a\ndescription: b\nmodel: "
           "éééééééééééééééééééééééééééééééééééééééééééééééééééééééééééééééééééééééééééééééééééééééééééééééééééé\n---"
           "\nbody\n"),
      "strict, body at 239\n"
      "4:8: warning: the model \"éééééééééééééééééééééééééééééééééééééééé...\" is not known; use sonnet, opus, haiku, "
      "fable, inherit or the full id of a model [agent.model]\n"
      "name <a>\n"
      "description <b>\n"
      "model "
      "<éééééééééééééééééééééééééééééééééééééééééééééééééééééééééééééééééééééééééééééééééééééééééééééééééééé>\n" },
    { "old tools", TEXT("---\nname: a\ndescription: b\ntools: Read, MultiEdit, LS\n---\nbody\n"),
      "strict, body at 58\n"
      "4:14: note: MultiEdit is the name of an old tool; Edit does its work now [agent.tool]\n"
      "4:25: note: LS is the name of an old tool; Glob and Bash do its work now [agent.tool]\n"
      "name <a>\n"
      "description <b>\n"
      "tools <Read> <MultiEdit> <LS>\n" },
    { "misspelt tools", TEXT("---\nname: a\ndescription: b\ntools: Raed, grep, web-search, Read\n---\nbody\n"),
      "strict, body at 67\n"
      "4:8: note: \"Raed\" is not a built-in tool, and the client drops it; did you mean Read? [agent.tool]\n"
      "4:14: note: \"grep\" is not a built-in tool, and the client drops it; did you mean Grep? [agent.tool]\n"
      "4:20: note: \"web-search\" is not a built-in tool, and the client drops it; did you mean WebSearch? "
      "[agent.tool]\n"
      "name <a>\n"
      "description <b>\n"
      "tools <Raed> <grep> <web-search> <Read>\n" },
    { "places in a list", TEXT("---\nname: a\ndescription: b\ntools:\n  - Read\n  - 'Foo'\n  - Bahs(ls)\n---\nbody\n"),
      "strict, body at 70\n"
      "6:5: note: \"Foo\" is not a built-in tool we know, and if the client does not know it either, it drops it; "
      "tools of an MCP "
      "server are named mcp__SERVER__TOOL [agent.tool]\n"
      "7:5: note: \"Bahs\" is not a built-in tool, and the client drops it; did you mean Bash? [agent.tool]\n"
      "name <a>\n"
      "description <b>\n"
      "tools <Read> <Foo> <Bahs(ls)>\n" },
    { "places in a folded text", TEXT("---\nname: a\ndescription: b\ntools: Read,\n  foo\n---\nbody\n"),
      "strict, body at 50\n"
      "4:8: note: \"foo\" is not a built-in tool we know, and if the client does not know it either, it drops it; "
      "tools of an MCP "
      "server are named mcp__SERVER__TOOL [agent.tool]\n"
      "name <a>\n"
      "description <b>\n"
      "tools <Read> <foo>\n" },
    { "no tool at all", TEXT("---\nname: a\ndescription: b\ntools: foo, bar_baz\n---\nbody\n"),
      "strict, body at 51\n"
      "4:8: note: \"foo\" is not a built-in tool we know, and if the client does not know it either, it drops it; "
      "tools of an MCP "
      "server are named mcp__SERVER__TOOL [agent.tool]\n"
      "4:13: note: \"bar_baz\" is not a built-in tool we know, and if the client does not know it either, it drops it; "
      "tools of an "
      "MCP server are named mcp__SERVER__TOOL [agent.tool]\n"
      "4:8: finding: no entry of tools names a tool: the client refuses to start the agent; name tools such as Read "
      "and Grep, or leave the field out to allow all [agent.tools]\n"
      "name <a>\n"
      "description <b>\n"
      "tools <foo> <bar_baz>\n" },
    { "tools of another client",
      TEXT("---\nname: a\ndescription: b\ntools: ['codebase', 'edit/editFiles']\n---\nbody\n"),
      "strict, body at 69\n"
      "4:9: note: \"codebase\" is not a built-in tool we know, and if the client does not know it either, it drops it; "
      "tools of an "
      "MCP server are named mcp__SERVER__TOOL [agent.tool]\n"
      "4:21: note: \"edit/editFiles\" is not a built-in tool we know, and if the client does not know it either, it "
      "drops it; "
      "tools of an MCP server are named mcp__SERVER__TOOL [agent.tool]\n"
      "4:8: finding: no entry of tools names a tool: the client refuses to start the agent; name tools such as Read "
      "and Grep, or leave the field out to allow all [agent.tools]\n"
      "name <a>\n"
      "description <b>\n"
      "tools <codebase> <edit/editFiles>\n" },
    { "a tool that may be new", TEXT("---\nname: a\ndescription: b\ntools: FrobnicateFile\n---\nbody\n"),
      "strict, body at 53\n"
      "4:8: note: \"FrobnicateFile\" is not a built-in tool we know, and if the client does not know it either, it "
      "drops it; tools "
      "of an MCP server are named mcp__SERVER__TOOL [agent.tool]\n"
      "name <a>\n"
      "description <b>\n"
      "tools <FrobnicateFile>\n" },
    { "spaces divide tools", TEXT("---\nname: a\ndescription: b\ntools: Read Write Edit\n---\nbody\n"),
      "strict, body at 54\n"
      "name <a>\n"
      "description <b>\n"
      "tools <Read> <Write> <Edit>\n" },
    { "disallowed nonsense is no refusal", TEXT("---\nname: a\ndescription: b\ndisallowedTools: foo\n---\nbody\n"),
      "strict, body at 52\n"
      "4:18: note: \"foo\" is not a built-in tool we know, and if the client does not know it either, it drops it; "
      "tools of an MCP "
      "server are named mcp__SERVER__TOOL [agent.tool]\n"
      "name <a>\n"
      "description <b>\n"
      "disallowed <foo>\n" },
    { "many that are no tools",
      TEXT("---\nname: a\ndescription: b\ntools: t0, t1, t2, t3, t4, t5, t6, t7, t8, t9, t10, t11, t12, t13, t14, t15, "
           "t16, t17, Read\n---\nbody\n"),
      "strict, body at 123\n"
      "4:8: note: \"t0\" is not a built-in tool we know, and if the client does not know it either, it drops it; tools "
      "of an MCP "
      "server are named mcp__SERVER__TOOL [agent.tool]\n"
      "4:12: note: \"t1\" is not a built-in tool we know, and if the client does not know it either, it drops it; "
      "tools of an MCP "
      "server are named mcp__SERVER__TOOL [agent.tool]\n"
      "4:16: note: \"t2\" is not a built-in tool we know, and if the client does not know it either, it drops it; "
      "tools of an MCP "
      "server are named mcp__SERVER__TOOL [agent.tool]\n"
      "4:20: note: \"t3\" is not a built-in tool we know, and if the client does not know it either, it drops it; "
      "tools of an MCP "
      "server are named mcp__SERVER__TOOL [agent.tool]\n"
      "4:24: note: \"t4\" is not a built-in tool we know, and if the client does not know it either, it drops it; "
      "tools of an MCP "
      "server are named mcp__SERVER__TOOL [agent.tool]\n"
      "4:28: note: \"t5\" is not a built-in tool we know, and if the client does not know it either, it drops it; "
      "tools of an MCP "
      "server are named mcp__SERVER__TOOL [agent.tool]\n"
      "4:32: note: \"t6\" is not a built-in tool we know, and if the client does not know it either, it drops it; "
      "tools of an MCP "
      "server are named mcp__SERVER__TOOL [agent.tool]\n"
      "4:36: note: \"t7\" is not a built-in tool we know, and if the client does not know it either, it drops it; "
      "tools of an MCP "
      "server are named mcp__SERVER__TOOL [agent.tool]\n"
      "4:40: note: \"t8\" is not a built-in tool we know, and if the client does not know it either, it drops it; "
      "tools of an MCP "
      "server are named mcp__SERVER__TOOL [agent.tool]\n"
      "4:44: note: \"t9\" is not a built-in tool we know, and if the client does not know it either, it drops it; "
      "tools of an MCP "
      "server are named mcp__SERVER__TOOL [agent.tool]\n"
      "4:48: note: \"t10\" is not a built-in tool we know, and if the client does not know it either, it drops it; "
      "tools of an MCP "
      "server are named mcp__SERVER__TOOL [agent.tool]\n"
      "4:53: note: \"t11\" is not a built-in tool we know, and if the client does not know it either, it drops it; "
      "tools of an MCP "
      "server are named mcp__SERVER__TOOL [agent.tool]\n"
      "4:58: note: \"t12\" is not a built-in tool we know, and if the client does not know it either, it drops it; "
      "tools of an MCP "
      "server are named mcp__SERVER__TOOL [agent.tool]\n"
      "4:63: note: \"t13\" is not a built-in tool we know, and if the client does not know it either, it drops it; "
      "tools of an MCP "
      "server are named mcp__SERVER__TOOL [agent.tool]\n"
      "4:68: note: \"t14\" is not a built-in tool we know, and if the client does not know it either, it drops it; "
      "tools of an MCP "
      "server are named mcp__SERVER__TOOL [agent.tool]\n"
      "4:73: note: \"t15\" is not a built-in tool we know, and if the client does not know it either, it drops it; "
      "tools of an MCP "
      "server are named mcp__SERVER__TOOL [agent.tool]\n"
      "4:1: note: 2 more entries of tools are not tools we know [agent.tool]\n"
      "name <a>\n"
      "description <b>\n"
      "tools <t0> <t1> <t2> <t3> <t4> <t5> <t6> <t7> <t8> <t9> <t10> <t11> <t12> <t13> <t14> <t15> <t16> <t17> "
      "<Read>\n" },
    { "memory without its tools",
      TEXT("---\nname: a\ndescription: b\nmemory: user\ndisallowedTools: Bash, Write(x)\n---\nbody\n"),
      "strict, body at 76\n"
      "5:18: warning: disallowedTools takes away Write, which memory needs to keep its files [agent.memory-tools]\n"
      "name <a>\n"
      "description <b>\n"
      "memory <user>\n"
      "disallowed <Bash> <Write(x)>\n" },
    { "unknown fields", TEXT("---\nname: a\ndescription: b\nemoji: x\nvibe: y\nversion: 1\n---\nbody\n"),
      "strict, body at 59\n"
      "4:1: note: fields that the client does not know and ignores: emoji, vibe, version [agent.unknown-key]\n"
      "name <a>\n"
      "description <b>\n" },
    { "misspelt fields",
      TEXT("---\nname: a\ndescription: b\ndisallowed-tools: Bash\nmax_turns: 3\ntool: Read\nColour: "
           "red\nallowed-tools: Read\nicon: x\n---\nbody\n"),
      "strict, body at 118\n"
      "4:1: note: the client does not know the field disallowed-tools and ignores it; did you mean disallowedTools? "
      "[agent.unknown-key]\n"
      "5:1: note: the client does not know the field max_turns and ignores it; did you mean maxTurns? "
      "[agent.unknown-key]\n"
      "6:1: note: the client does not know the field tool and ignores it; did you mean tools? [agent.unknown-key]\n"
      "7:1: note: the client does not know the field Colour and ignores it; did you mean color? [agent.unknown-key]\n"
      "8:1: note: the client does not know the field allowed-tools and ignores it; did you mean tools? "
      "[agent.unknown-key]\n"
      "9:1: note: fields that the client does not know and ignores: icon [agent.unknown-key]\n"
      "name <a>\n"
      "description <b>\n" },
    { "many unknown fields",
      TEXT("---\nname: a\ndescription: b\nkey0: x\nkey1: x\nkey2: x\nkey3: x\nkey4: x\nkey5: x\nkey6: x\nkey7: "
           "x\nkey8: x\nkey9: x\n---\nbody\n"),
      "strict, body at 111\n"
      "4:1: note: fields that the client does not know and ignores: key0, key1, key2, key3, key4, key5, key6, key7 and "
      "2 more [agent.unknown-key]\n"
      "name <a>\n"
      "description <b>\n" },
    { "recovered", TEXT("---\nname: a\ndescription: b: c\ntools: *\nmodel: opus\n---\nbody\n"),
      "recovered, body at 55\n"
      "3:15: warning: the front matter is not valid YAML: ': ' in a value without quotes, which YAML takes for a new "
      "mapping. It was read line by line. To fix it, put the value in double quotes, or write `description: |` and "
      "indent the text below it [front-matter.recovered]\n"
      "name <a>\n"
      "description <b: c>\n"
      "model <opus>\n"
      "tools <*>\n" },
    { "recovered list", TEXT("---\nname: a\ndescription: b: c\ntools: [Read, *, 'Bash(a, b)']\n---\nbody\n"),
      "recovered, body at 65\n"
      "3:15: warning: the front matter is not valid YAML: ': ' in a value without quotes, which YAML takes for a new "
      "mapping. It was read line by line. To fix it, put the value in double quotes, or write `description: |` and "
      "indent the text below it [front-matter.recovered]\n"
      "4:15: note: \"*\" stands for all tools only where it is the only entry; here the client drops it [agent.tool]\n"
      "name <a>\n"
      "description <b: c>\n"
      "tools <Read> <*> <Bash(a, b)>\n" },
    { "bracket that nothing closes", TEXT("---\nname: a\ndescription: b\ntools: [Read, Grep\n---\nbody\n"),
      "recovered, body at 50\n"
      "4:8: warning: the front matter is not valid YAML: a bracket that nothing closes. It was read line by line. To "
      "fix it, close the bracket, or put the value in double quotes [front-matter.recovered]\n"
      "name <a>\n"
      "description <b>\n"
      "tools <Read> <Grep>\n" },
    { "quotes around each tool", TEXT("---\nname: a\ndescription: b\ntools: \"Read\", \"Grep\"\n---\nbody\n"),
      "recovered, body at 53\n"
      "4:14: warning: the front matter is not valid YAML: text behind a value that has already ended. It was read line "
      "by line. To fix it, put all of the value in double quotes, with \\\" for each quote inside "
      "[front-matter.recovered]\n"
      "name <a>\n"
      "description <b>\n"
      "tools <Read> <Grep>\n" },
};

/* ---- with --strict ---- */

static const struct example strictly[] = {
    { "not YAML", TEXT("---\nname: a\ndescription: b: c\n---\nbody\n"),
      "none, body at 34\n"
      "3:15: finding: the front matter is not valid YAML: ': ' in a value without quotes, which YAML takes for a new "
      "mapping; no field of it is read. To fix it, put the value in double quotes, or write `description: |` and "
      "indent the text below it [front-matter.invalid]\n" },
    { "YAML", TEXT("---\nname: a\ndescription: b\n---\nbody\n"),
      "strict, body at 31\n"
      "name <a>\n"
      "description <b>\n" },
};

static void test_accepted(void **state)
{
    (void)state;
    check(accepted, SP_COUNT_OF(accepted), SP_FRONT_MATTER_RECOVER);
    check(accepted, SP_COUNT_OF(accepted), SP_FRONT_MATTER_STRICT_ONLY);
}

static void test_oddities(void **state)
{
    (void)state;
    check(oddities, SP_COUNT_OF(oddities), SP_FRONT_MATTER_RECOVER);
}

static void test_strictly(void **state)
{
    (void)state;
    check(strictly, SP_COUNT_OF(strictly), SP_FRONT_MATTER_STRICT_ONLY);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_accepted),
        cmocka_unit_test(test_oddities),
        cmocka_unit_test(test_strictly),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
