/* request.h - what to build. */
#ifndef SP_MODEL_REQUEST_H
#define SP_MODEL_REQUEST_H

#include "base/types.h"
#include "model/kinds.h"
#include "model/profile.h"
#include "tokenizer/models/model.h"
#include "tokenizer/tokens.h"

/* Priorities say in which order a budget takes text away: what has less goes first. By default that is the kind's (10
 * for what loads on demand, 20 memory, 30 skills, 40 the user's rules, 50 the user's other instructions, 60 all other
 * instructions), and the agent's body and managed text are pinned. */
enum {
    SP_PRIORITY_DROP_FIRST = 0,
    SP_PRIORITY_LOW = 5,
    SP_PRIORITY_HIGH = 95,
    SP_PRIORITY_MAX = 100,
};

/* Another priority for some of the text. Of several rules that match the last one counts, and an annotation in the file
 * counts more than any rule. The agent's body is only what a rule with its kind is for, and managed text what one with
 * a file is for. Strings are borrowed for the call. */
typedef struct sp_priority_rule {
    unsigned kinds; /* bit 1 << kind for each sp_segment_kind it is for; 0: all */
    sp_str file;    /* a path pattern (** any folders, * and ? within a name, {a,b}) for the name as the prompt has it
                     * (sp_source.name), or, without a slash, for the last part of it; ptr NULL: all */
    sp_str heading; /* the text of a heading, case apart, for its whole section; ptr NULL: all */
    bool pinned;    /* never cut; else */
    uint8_t priority;
} sp_priority_rule;

/* Threads that the caller lends; the library starts none. run calls work(context) once or more often, also on several
 * threads at the same time, and returns when every call has returned: each call takes from what is shared until nothing
 * is left, so how many there are changes no result. self is run's own. */
typedef struct sp_threads {
    void (*run)(void *self, void (*work)(void *context), void *context);
    void *self;
} sp_threads;

/* A commit whose files stand for those of the working tree: see sp_revision_open. Strings live as long as it does. */
typedef struct sp_revision {
    sp_str name;     /* as it was asked for */
    sp_str id;       /* of the commit, in full */
    sp_str short_id; /* as git shortens it */
    sp_str date;     /* on which it was written, "2026-11-21" */
    sp_str subject;  /* the first line of its message */
    sp_str top;      /* real path of the repository's work tree */
    void *owner;     /* what all of the above lives in; for sp_revision_free */
} sp_revision;

/* What to build. All strings are borrowed for the call; paths are the caller's, relative to its current directory.
 * Zero-initialised it asks for what a main session reads in the current directory of a machine without a home. */
typedef struct sp_request {
    const sp_profile *profile; /* whose rules to follow; NULL: the newest known Claude Code's */
    bool has_default_profile;  /* nobody named it: a recorded request that names its own is compared with that */
    const char *agent;         /* a path, a name to look up as the client does, or NULL for a main session */
    bool agent_is_name;        /* agent is no path, even if a file is called so: anybody may have written it */
    sp_str agent_text;         /* the agent file's bytes instead of a path (agent then only names it), or ptr NULL;
                                * borrowed for the call only, like the rest: the prompt has a copy */
    const char *launch_dir;    /* the client's working directory; NULL is "." */
    const char *home_dir;      /* NULL: there is none */
    const char
        *config_dir;      /* the client's CLAUDE_CONFIG_DIR, which stands for .claude in home_dir; NULL is just that */
    const char *root_dir; /* stands for "/": nothing outside it and home_dir is looked at; NULL is "/" */
    const char *memory_file;              /* read instead of looking for memory; NULL looks */
    const char *const *instruction_files; /* read instead of looking for instructions; NULL looks, and anything else
                                           * with a count of 0 reads none */
    size_t instruction_file_count;
    const char *texts_dir;   /* a folder whose files replace the library's own wording, or NULL. "learned" and
                              * "learned@VERSION" stand for what capture --learn found of the client */
    const char *learned_dir; /* where that lies, a directory for each client and version; NULL: nowhere */
    uint32_t today;          /* as yyyymmdd, for templates that were learned; 0: not known */
    const char
        *agents_json; /* the client's --agents: a JSON file, or the JSON itself when it begins with { ; or NULL */
    const char *const *added_dirs; /* the client's --add-dir */
    size_t added_dir_count;
    const char *const *plugin_dirs; /* the client's --plugin-dir: folders of plugins */
    size_t plugin_dir_count;
    const char *setting_sources; /* the client's --setting-sources, such as "user,project"; NULL names all three */
    const char
        *settings_json; /* the client's --settings: a JSON file, or the JSON itself when it begins with { ; or NULL */
    /* A path, or path:line, that sp_prompt.why is to tell about. It is looked up as it is written, then relative to the
     * current directory and to launch_dir; ~/ is home_dir. NULL asks nothing. */
    const char *why;
    const char *const *client_env; /* variables the client is started with, "NAME=value", ended by NULL; NULL: none */
    const char *append_text; /* what the client's --append-subagent-system-prompt adds to an agent's prompt, or its
                              * --append-system-prompt to a main session's; NULL: nothing */
    const char *append_file; /* the same, from a file */
    bool bare;               /* the client's --bare: nothing is looked for, only what options name loads */
    bool as_session;         /* the agent is the main session's: the client's --agent */
    bool with_whole; /* sp_prompt.whole: the whole request, for which git is run, and agents and skills are listed */
    bool with_environment; /* the section on working directory, platform and the like, and the git status, for which
                            * git is run */
    const char *const *environment_values; /* what it says, "name=value" with a name of sp_environment_name_at; the last
                                            * of a name counts, and what is not given is found out (directory, is_git,
                                            * and what git says) or left out */
    size_t environment_value_count;
    const char *const *touched_files; /* what the agent reads or writes: rules and instruction files that load for it
                                       * stand behind those that load at the start. A file need not exist */
    size_t touched_file_count;
    bool finds_unread; /* look for more that does not load, and list it among the cuts: instruction files below the
                        * launch directory, those of other clients, notes beside a memory file. Takes a walk through
                        * the folders below the launch directory */
    sp_layout layout;
    /* NULL: that of model, else of the model of agent or session, else of the profile's client: for Claude Code of its
     * default model. A list or a check has one for all its rows, that of the session. */
    const sp_encoding *encoding;
    const sp_models *models;     /* that are known; NULL: those that are built in */
    const char *model;           /* the model that the prompt goes to; NULL: that of agent or session */
    sp_bound bound;              /* which number of an estimate has to fit into a budget */
    bool strict;                 /* front matter that is not valid YAML is a finding, not recovered */
    bool allow_external_imports; /* follow imports of project files out of the launch directory */
    bool allow_external_links;   /* follow links in a repository that lead out of it; else what they lead to is a cut,
                                  * with a finding */
    const char *const *without;  /* files, or FILE#heading, that are taken for not there */
    size_t without_count;
    bool checks_all;          /* one of many prompts: a file of without need not be in each of them */
    bool is_directory_order;  /* rules of a directory as the file system lists them, not by path */
    bool refuse_invalid_utf8; /* NUL and bytes that are not UTF-8 are SP_ERR_INPUT; else U+FFFD replaces them */
    const sp_priority_rule *priority_rules;
    size_t priority_rule_count;
    const sp_threads *threads;      /* for what is worth them: many agents. NULL: there is only the caller's */
    const sp_revision *revision;    /* NULL: the working tree. sp_config_open does not look at it */
    const struct sp_reader *reader; /* of the files where there is no revision; NULL: the disk */
} sp_request;

#endif
