/*
 * client.h - what a client reads, as tables: its rules, its versions, and where its files lie.
 *
 * The loaders walk these tables and know no client by name. A new client is a file of rules (rules/NAME.def) and a file
 * with its row and places (clients/tables/NAME.c).
 */
#ifndef SP_CLIENT_H
#define SP_CLIENT_H

#include "base/types.h"
#include "model/agent.h"
#include "model/profile.h"
#include "model/source.h"
#include "rules/rows.h"
#include "rules/templates.h"
#include "sources/client_kinds.h"
#include "syntax/front_matter.h"
#include "tokenizer/models/model.h"

typedef struct sp_client_version {
    const char *version;
    const char *date;
} sp_client_version;

/* What becomes of an instruction file that is met again. */
typedef enum sp_again {
    SP_AGAIN_NEVER, /* a file loads once, whatever its path */
    SP_AGAIN_PATH,  /* by another path, such as a link, it loads again */
    SP_AGAIN_TEXT,  /* nor does an instruction file of the start with the same text as another */
} sp_again;

/* A file, or a folder of rules. Consecutive places of one anchor are a run: they are looked for folder by folder. */
typedef struct sp_location {
    sp_anchor anchor;
    const char *path;
    sp_source_kind kind; /* SP_SOURCE_INSTRUCTIONS is a file, SP_SOURCE_RULE a folder */
    sp_scope scope;
    sp_pick pick;
    sp_rule_key rule;   /* what keeps it out when it is not picked */
    sp_rule_key limit;  /* the most that is sent of one file, or SP_RULE_NONE */
    bool is_plain;      /* @path in these files imports nothing, whatever the client's rules on imports */
    const char *title;  /* what a file is sorted by (by_title); NULL: its name without the ending */
    unsigned off_by;    /* bits of the client's toggles that keep it from being read */
    const char *ending; /* of the rules in this directory; NULL: the client's rule_ending */
    bool hides_outside; /* a configuration names it: where it leads out, nothing tells whether something is there */
} sp_location;

/* A variable that switches off some of the places. */
typedef struct sp_toggle {
    const char *variable;
    unsigned bits;
} sp_toggle;

/* What the front matter of a rule file makes of it; the first row that fits decides. */
typedef struct sp_mode {
    const char *key;   /* NULL fits every file */
    const char *value; /* what the field has to say; NULL: anything; "": it is there and says nothing */
    sp_rule_key rule;  /* what keeps the file out; SP_RULE_NONE: it loads at the start */
    const char *why;
    const char *patterns; /* the field whose patterns make it load when a matching file is touched, or NULL */
} sp_mode;

/* A file, or a folder of files, that a client outside of these tables reads, or one of these used to. */
typedef struct sp_stray {
    const char *path;
    sp_source_kind kind; /* as in sp_location */
    const char *title;   /* who reads it; NULL: it is told only where the rule holds */
    sp_rule_key rule;    /* a rule that names it, where the profile has that, or SP_RULE_NONE */
} sp_stray;

/* Where agents are looked up by name, the first row first. */
typedef struct sp_agent_folder {
    sp_anchor anchor; /* folders are gone through from the launch directory up */
    const char *path;
    sp_scope scope;
} sp_agent_folder;

/* Agents of which only a list is known: clients/plain/described.h. */
typedef struct sp_agent_table {
    const sp_agent_folder *places;
    size_t place_count;
    const char *ending;
    const char *const *needs; /* the fields without which one is not listed; NULL ends them */
    bool is_deep;             /* at any depth below their place */
    bool needs_trust;         /* the project's, where the user trusts it */
} sp_agent_table;

/* Where skills lie: each is a directory with a SKILL.md. */
typedef struct sp_skill_folder {
    sp_anchor anchor; /* directories are gone through from the launch directory up */
    const char *path;
    sp_scope scope;
    unsigned off_by;  /* as in sp_location */
    bool is_commands; /* files in it are skills */
} sp_skill_folder;

/* Extensions in home: directories with a manifest, which may name their instruction files. */
typedef struct sp_extension_folder {
    const char *path;
    const char *manifest;
    const char *names_key; /* of the manifest: a name or a list of names */
    const char *usual;     /* the name, where it has none */
    const char *switches;  /* a file in home that switches some off by the launch directory: NAME.overrides, a list in
                            * which the last that matches counts, "/a/" for a directory, "/a/" and "*" for it and all
                            * below, each with "!" before it to switch off. Or NULL */
} sp_extension_folder;

/* A file of the user's for one project: above/NAME/below in home. */
typedef struct sp_project_file {
    const char *above;
    const char *below;
    const char *names; /* a file in home with the NAMEs by launch directory; of another it is made of its name */
    const char *names_key;
} sp_project_file;

/* Without which a file is no skill. */
typedef enum sp_skill_need {
    SP_NEEDS_FRONT_MATTER = 1,
    SP_NEEDS_NAME = 2,
    SP_NEEDS_DESCRIPTION = 4,
} sp_skill_need;

/* In which order a list of skills has them. */
typedef enum sp_skill_order {
    SP_SKILLS_BY_ORIGIN,  /* those of one group by name: of the launch directory, of those above it, of one place */
    SP_SKILLS_BY_NAME,    /* all by name */
    SP_SKILLS_BY_LETTERS, /* the same, in capitals or not */
    SP_SKILLS_BY_SCOPE,   /* those of one scope by name, then by path */
    SP_SKILLS_BY_PLACE,   /* place by place, as they are found */
} sp_skill_order;

/* Which of several skills of one name counts. */
typedef enum sp_skill_name {
    SP_NAME_IS_FIRSTS, /* the first one */
    SP_NAME_IS_LASTS,  /* the last one, in the place of the first */
    SP_NAME_IS_SHARED, /* each of them */
} sp_skill_name;

/* Where a request has the names and descriptions of agents or skills. */
typedef enum sp_list_place {
    SP_LIST_NOWHERE,
    SP_LIST_BEFORE, /* in the system prompt, before the instructions */
    SP_LIST_AFTER,  /* and after them */
    SP_LIST_TOOL,   /* in the definition of a tool */
    SP_LIST_USER,   /* in a message of the user, before the instructions if they are there, too */
} sp_list_place;

/* What an entry of tools may be called, in capitals or not, and the tool it stands for. */
typedef struct sp_tool_name {
    const char *name;
    const char *tool;
} sp_tool_name;

typedef struct sp_config_file {
    sp_anchor anchor;
    const char *path; /* "$NAME": the value of that variable */
    sp_scope scope;   /* of the files that it names */
    sp_config_form form;
    bool needs_trust; /* it is read where an earlier one says that the user trusts the project */
} sp_config_file;

enum { SP_CONFIG_MAX_KEYS = 2 };

typedef struct sp_config_setting {
    const char *keys[SP_CONFIG_MAX_KEYS]; /* from the outermost object inwards */
    sp_config_effect effect;
} sp_config_setting;

struct sp_agent_finder;
struct sp_loader;
struct sp_place;
struct sp_wanted;

/* What a client does that no table says. NULL: the client has no such thing. */
typedef struct sp_client_ops {
    /* Fills in here->settings from the client's settings files and variables. */
    sp_status (*read_settings)(sp_arena *arena, struct sp_place *here, sp_diags *diags, sp_err *err);
    /* Adds every agent of every place, in the order in which the client asks them for a name. */
    sp_status (*add_agents)(struct sp_agent_finder *finder, sp_err *err);
    /* Finds the agent of the request by its name; NULL: in the list of them all. */
    sp_status (*find_agent)(struct sp_loader *loader, struct sp_wanted *wanted, sp_err *err);
    /* The front matter of an agent's text: sp_agent_read. */
    sp_status (*read_agent)(sp_arena *arena, const sp_profile *profile, const sp_models *known_models, sp_str path,
                            sp_str text, sp_agent_form form, sp_front_matter_mode mode, sp_diags *diags, sp_agent *ret,
                            size_t *ret_body_begin, sp_err *err);
    /* What settings and rules make of an agent's model and tools. */
    sp_status (*resolve_agent)(const struct sp_loader *loader, sp_agent *agent, sp_err *err);
    /* Says what settings mean for the list of agents. */
    sp_status (*report_agents)(const struct sp_loader *loader, sp_err *err);
    /* What becomes of an agent's file once it is a source. */
    sp_status (*take_agent)(struct sp_loader *loader, sp_source *source, sp_err *err);
} sp_client_ops;

extern const sp_client_ops sp_claude_code_ops; /* clients/claude_code/ */
extern const sp_client_ops sp_plain_ops;       /* clients/plain/: clients that tables describe */

typedef struct sp_client {
    const char *name;
    const char *title;
    const sp_client_ops *ops;
    unsigned has;                      /* bits of sp_capability */
    const sp_rule_table *tables[3];    /* the first table that has a rule decides about it; NULL ends them */
    const sp_client_version *versions; /* oldest first */
    size_t version_count;
    const sp_location *places;
    size_t place_count;
    bool is_nearest_first; /* of several directories, the nearest to the launch directory (or to a file that is
                            * touched) comes first */
    bool reads_nested;     /* places that are looked for from a folder down to the launch directory also count in the
                            * folders below it, once a file there is touched */
    bool is_sorted;        /* of several directories, files are in the order of their whole paths */
    sp_again again;
    bool sends_later_as_user; /* what a touched file loads is no part of the system prompt */
    const char *added_by;     /* a variable with directories that count as added, with commas between them, or NULL */
    bool ignores_case;        /* in the names of instruction files */
    bool nested_from_outside; /* but files that load because one below is touched come the outermost first */
    bool by_title; /* all files in the order of their titles, whatever case; of equal ones the last place counts.
                    * Directories of rules are not gone into, and .txt files are rules, too */
    bool limits_user_files;                /* the limit on all files together counts the user's, too */
    const sp_extension_folder *extensions; /* NULL: the client has none, or they are not known */
    const sp_project_file *project_file;
    const char *const *ignore_files; /* in the launch directory, as .gitignore: files that they ignore are not read by
                                      * tools, so nothing loads for them; NULL ends them */
    bool ignores_by_git;        /* nor are those that git ignores: .gitignore in and below the launch directory, in a
                                 * repository. ignore_files may take them back */
    const char *ignored_folder; /* nor are those in directories of that name */
    const char *moved_folder;   /* a directory in home, such as ".codex", */
    const char *moved_by;       /* and the variable that names another one instead; NULL: none does */
    const char *home_by;        /* a variable that names another home directory for the client, or NULL */
    bool needs_moved;           /* the client does not start where that one does not exist */
    const char *named_by;   /* a variable that names one more directory of the user's: the path of a place in it begins
                             * with "$" and its name; or NULL */
    unsigned config_off_by; /* bits of toggles that keep the project's configuration files from being read */
    const sp_toggle *toggles; /* variables that switch off places */
    size_t toggle_count;
    const char *rule_ending; /* files in rules folders that end otherwise are no rules, unless the place has its own */
    bool sorts_rules;        /* the client does, by their paths; otherwise see --order */
    bool sorts_each_directory; /* the client does, so rules in a/ come before a.md; otherwise see --order */
    bool matches_from_root; /* patterns are relative to the repository root, and not to the directory of their place */
    const sp_mode *modes;
    size_t mode_count;
    const sp_agent_folder *agent_places; /* for a client with fields of its own; else see find_agent.c */
    size_t agent_place_count;
    const sp_agent_table *described_agents; /* a list has their names and descriptions, and no more of them is known
                                             * here; NULL: there are none */
    bool has_outer_agents_first;            /* of several directories, agents of the outermost have a name */
    sp_list_place lists_agents;
    bool lists_agents_first;             /* before the skills */
    bool lists_users_agents;             /* and not the project's, which wait for the user's consent */
    bool subagents_have_agents;          /* a subagent has that list, too */
    bool agents_lack_instructions;       /* a subagent gets no instruction files */
    bool has_agents_by_name;             /* its list is in the order of names, not of places */
    const sp_skill_folder *skill_places; /* of a client whose skills only a table describes */
    size_t skill_place_count;
    sp_list_place lists_skills;
    sp_skill_order skills_by;
    sp_skill_name skill_names;
    bool has_deep_skills;               /* at any depth below their place */
    bool has_hidden_skills;             /* in directories whose name begins with a dot, too */
    bool has_skills_by_directory;       /* consecutive places of one anchor are looked for directory by directory */
    bool lists_first_lines;             /* of descriptions */
    unsigned skill_needs;               /* bits of sp_skill_need */
    const char *reminder_tool;          /* with which a reminder follows the instructions; NULL: there is none, or it is
                                         * not known what follows them */
    const char *session_agent;          /* whose prompt a session has, if there is one of that name; or NULL */
    const char *const *agent_fields;    /* beside name, description, model, tools; NULL ends them; NULL: no more */
    const char *const *built_in_agents; /* what comes with the client; NULL ends them */
    const sp_tool_name *tool_names;     /* none: the client's tools are not known here, or stand in agent_tools.c */
    size_t tool_name_count;
    const sp_config_file *configs; /* the later one counts */
    size_t config_count;
    const sp_config_setting *settings;
    size_t setting_count;
    bool has_names_in_turn;     /* SP_CONFIG_NAMES: all files of a name come before those of the next one */
    bool imports_once;          /* a file that imports, with all that it brings in, imports another one once */
    bool comments_refused_only; /* of rule import.failed: an @path at which nothing is stays */
    bool
        has_markdown_code; /* of rule import.word: no import is in the code of Markdown; otherwise, between backticks */
    sp_anchor import_bound; /* imports of project files lead no further than that folder */
    sp_text_key header;     /* above each instruction file, and below it; 0 for none */
    sp_text_key footer;
    bool has_bare_rules;       /* rules have neither */
    sp_text_key rules_table;   /* above a table of the rules that wait for a file, or 0: they are not mentioned */
    sp_text_key import_header; /* above an imported file that comes after its @path, which stays then; 0: the file takes
                                * its place, if it does not come before or after the whole file */
    sp_text_key import_footer;
    const char *separator; /* between two files, which are sent as they are, each a line after its header; NULL: as many
                            * line ends as make an empty line, also after the header */
    sp_blank blank;
    /* What counts the tokens where neither the request nor agent or session names a model that is known. */
    const char *default_model;    /* the client's default model, as the table of models names it; NULL: */
    const char *default_encoding; /* this encoding */
    const char *encoding_note;    /* why that may not be the tokenizer of the client's model, and how to get it, as a
                                   * sentence; NULL: it is */
} sp_client;

static inline bool sp_client_has(const sp_client *client, sp_capability what)
{
    return (client->has & (unsigned)what) != 0;
}

/* The client's name in a sentence: "Claude Code" of the title "Claude Code, as documented". */
sp_str sp_client_who(const sp_client *client);

/* The ending of the files that are rules in this place. */
static inline const char *sp_rules_ending(const sp_client *client, const sp_location *place)
{
    return place->ending ? place->ending : client->rule_ending;
}

/* Its name with the version, if the client has some. Borrowed from the profile. */
const char *sp_profile_name(const sp_profile *profile);

/* Whether the real client was looked at: a rule on what it reads has grade M. Of another one only documents tell, so no
 * message may say that it does not read a file. */
bool sp_profile_is_measured(const sp_profile *profile);

/* Whether it is known in which places the client looks for skills, so that sp_skills_find finds them. */
bool sp_client_has_skills(const sp_profile *profile);

/* What it is called in a sentence. Lives as long as the program. */
const char *sp_profile_title(const sp_profile *profile);

#endif
