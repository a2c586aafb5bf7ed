/*
 * agents.h - every agent of every place, in the order in which the client asks them for a name.
 *
 *   sp_found_agents found;
 *   SP_TRY(sp_agents_find(loader, &found, err));
 *   const sp_found_agent *reviewer = ...   the first whose status is SP_AGENT_LOADS and whose name is "reviewer"
 *
 * One function for `list`, which shows them all, and for `build NAME`, which takes one.
 */
#ifndef SP_AGENTS_H
#define SP_AGENTS_H

#include "base/map.h"
#include "base/types.h"
#include "clients/agents/agent.h"
#include "model/agent_list.h"
#include "model/profile.h"
#include "model/request.h"
#include "model/source.h"
#include "sources/loader.h"

typedef struct sp_found_agent {
    sp_listed_agent listed; /* but for the counts of tokens */
    sp_agent_form form;
    sp_str path; /* absolute; of --agents the path of the JSON */
    sp_file file;
    unsigned tree;  /* the folder it was found in; a lower one comes first */
    sp_diags diags; /* about this file */
} sp_found_agent;

typedef struct sp_found_agents {
    sp_found_agent *items;
    size_t count;
    size_t capacity;
} sp_found_agents;

/* Finds and reads them, and settles who has which name. What is wrong with a single file is told by that file. Errors:
 * SP_ERR_INPUT for a folder that cannot be listed, and for an --agents or a plugin that cannot be read. */
SP_MUST_USE sp_status sp_agents_find(sp_loader *loader, sp_found_agents *ret, sp_err *err);

/* Says what is wrong with them as a whole: two of one name in one folder, names that are alike. Fails only with
 * SP_ERR_NO_MEMORY. */
SP_MUST_USE sp_status sp_agents_report(sp_loader *loader, const sp_found_agents *all, sp_err *err);
/* Says only which of them a link leads to out of the repository. Fails only with SP_ERR_NO_MEMORY. */
SP_MUST_USE sp_status sp_agents_report_links(const sp_found_agents *all, sp_diags *diags, sp_err *err);
/* Whether the client comes with an agent of that name. */
bool sp_agents_is_built_in(const sp_place *here, sp_str name);

/* Makes a list of them, but for the counts of tokens, with the session's model. Lives in the loader's arena. Errors as
 * for sp_agent_list_build. */
SP_MUST_USE sp_status sp_agents_list(sp_loader *loader, const sp_found_agents *found, sp_agent_list *ret, sp_err *err);
/* The agent of the request: found, read, parsed, with its fields checked. */
SP_MUST_USE sp_status sp_load_agent(sp_loader *loader, sp_err *err);
/* The same for one that was found among all agents, which is not read again. */
SP_MUST_USE sp_status sp_load_found_agent(sp_loader *loader, const sp_found_agent *found, sp_err *err);
/* What becomes of the agent's file once it is a source: its fields, and what settings make of them. */
SP_MUST_USE sp_status sp_agent_take_source(sp_loader *loader, sp_source *source, sp_err *err);

/* ---- for the files that find them ------------------------------------------------------------------ */

typedef struct sp_agent_finder {
    sp_loader *loader;
    sp_found_agents *found;
    unsigned tree;
    sp_map folders; /* those that are done: below home, the user's folder is a project's too */
} sp_agent_finder;

/* Where a file was found, and how it is to be called. */
typedef struct sp_agent_place {
    sp_scope scope;
    sp_str plugin; /* the plugin's name; ptr NULL for files that are called as they say */
    sp_str folder; /* of a plugin: the folder of its agents, whose subfolders are part of the name */
} sp_agent_place;

/* One more candidate. */
SP_MUST_USE sp_status sp_agents_push(sp_agent_finder *finder, const sp_agent_place *place, sp_str path,
                                     sp_found_agent **ret, sp_err *err);
/* Reads the file at path, and tells why it is none where it is none. */
SP_MUST_USE sp_status sp_agents_add_file(sp_agent_finder *finder, const sp_agent_place *place, sp_str path,
                                         sp_err *err);
/* Reads the files of candidates that were pushed, one behind the other. */
SP_MUST_USE sp_status sp_agents_read(sp_arena *arena, const sp_place *here, const sp_agent_place *place,
                                     sp_found_agent *items, size_t count, sp_err *err);
/* Everything in and below a folder, which is a tree of its own. */
SP_MUST_USE sp_status sp_agents_add_tree(sp_agent_finder *finder, const sp_agent_place *place, sp_str folder,
                                         sp_err *err);
/* Decides by the diagnostics about it whether the client loads it, and why not. */
void sp_agents_judge(sp_found_agent *found);
/* Why found does not load. */
SP_MUST_USE sp_status sp_agents_skip(sp_found_agent *found, sp_rule_key rule, sp_str why, sp_err *err);

/* Why there is nothing to read in a file that was looked at; ptr NULL when memory is short. */
sp_str sp_agents_why_not_read(sp_arena *arena, const sp_place *here, sp_str path, const sp_file *file);
/* Whether a link that leads out of the repository keeps that file, or directory of agents, from being read. */
bool sp_agents_is_external(const sp_found_agent *found);

/* The agents of --agents, a tree of their own. */
SP_MUST_USE sp_status sp_agents_add_json(sp_agent_finder *finder, sp_err *err);
/* The agents of the plugins that were named, a tree for each. */
SP_MUST_USE sp_status sp_agents_add_plugins(sp_agent_finder *finder, sp_err *err);

/* How the front matter of agents is read here. */
sp_front_matter_mode sp_agent_mode(const sp_place *here);

#endif
