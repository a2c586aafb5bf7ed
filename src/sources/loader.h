/* loader.h - where we are, what was loaded so far, and how one more file becomes a source. */
#ifndef SP_LOADER_H
#define SP_LOADER_H

#include "base/diag.h"
#include "base/file.h"
#include "base/map.h"
#include "base/types.h"
#include "model/agent.h"
#include "model/profile.h"
#include "model/request.h"
#include "model/source.h"
#include "sources/client.h"
#include "sources/docs.h"
#include "sources/origin.h"
#include "sources/settings.h"

typedef struct sp_paths {
    sp_str *items;
    size_t count;
    size_t capacity;
} sp_paths;

/* A file that the chain did not pick, with the rule that says so. */
typedef struct sp_passed {
    const sp_location *place;
    sp_str path;
    sp_rule_key rule;
    sp_str why;
} sp_passed;

/* A pattern, or an address, of further instruction files, and where the client's configuration has it. */
typedef struct sp_configured {
    sp_str config; /* absolute path of the file, */
    sp_str text;   /* its text, */
    size_t offset; /* and the place in it */
    sp_str pattern;
    sp_scope scope;
} sp_configured;

struct sp_loader;

/* What a load does as soon as a file has become a loaded source: its imports may come next. */
typedef sp_status (*sp_loader_next)(struct sp_loader *loader, uint32_t index, sp_err *err);

/* The state of one load: where we are, and the sources so far, in the order they were asked for. */
typedef struct sp_loader {
    sp_arena *arena;
    const sp_profile *profile;
    const sp_request *request;
    const sp_reader *reader;   /* from sp_loader_init on, one that judges links (origin.h) */
    const sp_origins *origins; /* NULL: links may lead anywhere */
    sp_diags *diags;
    sp_loader_next next; /* NULL: nothing */
    sp_str current;      /* the current directory: paths are shown relative to it */
    sp_str root;         /* stands for "/" */
    sp_str home;         /* ptr NULL when there is none */
    sp_str user_dir;     /* .claude in home, or what CLAUDE_CONFIG_DIR says; ptr NULL when there is neither */
    sp_str launch;       /* the client's working directory, every link resolved */
    sp_str repository;   /* the nearest folder at or above launch that holds .git, else launch */
    bool has_repository;
    sp_str checkout; /* the main repository around the worktree that launch is in; ptr NULL for none */
    sp_list(sp_passed) passed;
    size_t passed_done;          /* so many of them were looked at */
    sp_str memory_folder;        /* where MEMORY.md is looked for; ptr NULL for nowhere */
    sp_list(uint32_t) on_demand; /* sources that a touched file loads, in the order of the prompt */
    sp_paths nested;             /* folders below the launch directory whose files were looked for */
    sp_list(sp_str) names;       /* of instruction files, by the client's configuration, instead of its own */
    sp_list(sp_str) more_names;  /* and further ones */
    const sp_location *places;   /* of instruction files, by the client's table and with those names */
    size_t place_count;
    sp_list(sp_configured) configured; /* files that it names */
    sp_paths configs;                  /* its files that were read */
    bool has_chain_bytes;              /* and the limit on all of them by the same */
    int64_t chain_bytes;
    sp_agent *agent; /* filled in when the agent's file becomes a source; NULL for a main session */
    const struct sp_found_agent *found_agent; /* what a name was looked up to; NULL for an agent that was named */
    sp_paths added;                           /* directories of --add-dir */
    sp_paths granted;                         /* and those that settings grant access to, with who does */
    sp_paths granted_by;
    sp_paths plugins;  /* folders of --plugin-dir */
    sp_places allowed; /* with --root: root, home and what options name, the only places that are read */
    sp_settings settings;
    unsigned leaves_out; /* bit by scope: what --setting-sources does not name */
    sp_str bare_by;      /* what asks for bare mode; ptr NULL: nothing does */
    sp_source *sources;
    sp_parsed *parsed;
    uint32_t count;
    uint32_t *by_identity; /* a hash table of device and inode: index of the source plus 1, or 0 */
    size_t identity_slots;
    sp_map asked; /* which importer asked for which file; an importer of SP_NONE is the chain */
    size_t source_capacity;
    size_t parsed_capacity;
} sp_loader;

/* A file to load. */
typedef struct sp_wanted {
    sp_str path; /* absolute */
    sp_source_kind kind;
    sp_scope scope;
    const char *reason;
    uint32_t importer;
    uint32_t importer_line;
    uint32_t import_ref; /* which of the importer's imports it is */
    uint32_t depth;
    sp_rule_key limit; /* the most that is sent of it, or SP_RULE_NONE */
    sp_places within;  /* where its real path may lie, besides what --root says */
    sp_origin origin;  /* SP_ORIGIN_SEARCH: what kind and scope say */
    sp_str base;       /* of a rule: what its patterns are relative to */
    sp_str folder;     /* and the folder of rules that it lies in */
    sp_str trigger;    /* the touched file that it loads for, or ptr NULL */
    sp_rule_key hold;  /* SP_RULE_NONE, or it does not load for this reason, if for no other */
    sp_str hold_why;
} sp_wanted;

/* Finds the current directory, the root and the launch directory, and nothing else. */
SP_MUST_USE sp_status sp_loader_locate(sp_loader *loader, sp_err *err);
/* Finds the launch directory, home, root and repository, and reads the settings. */
SP_MUST_USE sp_status sp_loader_init(sp_loader *loader, sp_err *err);

/* The real path of a folder that an option names; what is not a folder is an error that says so. */
SP_MUST_USE sp_status sp_loader_resolve_folder(const sp_loader *loader, const char *path, const char *option,
                                               sp_str *ret, sp_err *err);
/* The nearest folder at or above the launch directory that holds .git, else the launch directory. */
SP_MUST_USE sp_status sp_loader_find_repository(sp_loader *loader, sp_err *err);
/* The nearest directory at or above this one that holds .git, but for home and what holds that; ptr NULL for none. */
SP_MUST_USE sp_status sp_loader_repository_of(const sp_loader *loader, sp_str folder, sp_str *ret, sp_err *err);
/* The work trees that belong together: the repository, its main and linked worktrees, and those of the repositories
 * that it is a submodule in. Adds to *ret; the repository comes first. */
SP_MUST_USE sp_status sp_loader_find_family(const sp_loader *loader, sp_str repository, sp_paths *ret, sp_err *err);
/* The repository itself, or the one that it is a linked worktree of. */
SP_MUST_USE sp_status sp_loader_main_repository(sp_loader *loader, sp_str *ret, sp_err *err);
/* The rule by which what belongs to that scope is left out, with the sentence that says so: bare mode, or
 * --setting-sources. SP_RULE_NONE: it is not. kind is what would load: it says what helps. */
sp_rule_key sp_loader_leaves_out(const sp_loader *loader, sp_scope scope, sp_source_kind kind, sp_str *ret_why);
/* The path as a message shows it. */
sp_str sp_loader_shown(const sp_loader *loader, sp_str path);
/* Who imports that source, as "CLAUDE.md:3"; empty when nobody does. ptr NULL when memory is short. */
sp_str sp_loader_importer_name(const sp_loader *loader, uint32_t index);
/* The path as the prompt names it: the same on every machine as long as it is below the repository or home. */
SP_MUST_USE sp_status sp_loader_name(const sp_loader *loader, sp_str path, sp_str *ret, sp_err *err);

/* The rule that says how large a file of that kind may be. */
sp_rule_key sp_loader_size_rule(const sp_loader *loader, sp_source_kind kind);

/* Reads what stands at wanted->path without making it a source. */
SP_MUST_USE sp_status sp_loader_read(const sp_loader *loader, const sp_wanted *wanted, sp_file *ret, sp_err *err);
/* The error for a file that has to be read and was not. */
SP_MUST_USE sp_status sp_loader_refuse(const sp_loader *loader, const sp_wanted *wanted, const sp_file *file,
                                       sp_err *err);
/* The same for a file that the user named: whatever cannot be read is an error that says why. */
SP_MUST_USE sp_status sp_loader_read_named(sp_loader *loader, const sp_wanted *wanted, sp_file *ret, sp_err *err);
/* The same for a file that becomes a source. One that a link leads to out of the repository is left out with a finding:
 * ret->state is SP_FILE_EXTERNAL, and the source is the last one. */
SP_MUST_USE sp_status sp_loader_read_part(sp_loader *loader, const sp_wanted *wanted, sp_file *ret, sp_err *err);
/* The limits that hold for a file besides its size. */
sp_read_limits sp_loader_limits(const sp_loader *loader, const sp_wanted *wanted);
/* Whether a regular file stands there that --root lets us see. */
SP_MUST_USE sp_status sp_loader_exists(const sp_loader *loader, sp_str path, sp_places within, bool *ret, sp_err *err);
/* The loaded source with this file's identity, or SP_NONE. */
uint32_t sp_loader_find(const sp_loader *loader, const sp_file *file);
/* Notes that this importer asks for the file; *ret_again says whether it had before. */
SP_MUST_USE sp_status sp_loader_ask(sp_loader *loader, uint32_t importer, const sp_file *file, bool *ret_again,
                                    sp_err *err);
/* Makes the file a loaded source, parsed; *ret_index says which. Its imports follow it at once where the client has
 * rule import.order. */
SP_MUST_USE sp_status sp_loader_add(sp_loader *loader, const sp_wanted *wanted, const sp_file *file,
                                    uint32_t *ret_index, sp_err *err);
/* Makes a source loaded that was not, for the reason that it has from now on; its imports as in sp_loader_add. */
SP_MUST_USE sp_status sp_loader_load_after_all(sp_loader *loader, uint32_t index, sp_err *err);
/* Makes the file a source that is not loaded, because it is the same as the source twin. */
SP_MUST_USE sp_status sp_loader_skip_twin(sp_loader *loader, const sp_wanted *wanted, const sp_file *file,
                                          sp_rule_key rule, sp_str why, sp_err *err);
/* Makes the file a source that is not loaded, for this reason. */
SP_MUST_USE sp_status sp_loader_skip(sp_loader *loader, const sp_wanted *wanted, const sp_file *file, sp_rule_key rule,
                                     sp_str why, sp_err *err);

/* The same for a file that a link leads to out of the repository, with a finding about it. */
SP_MUST_USE sp_status sp_loader_leave_out_link(sp_loader *loader, const sp_wanted *wanted, const sp_file *file,
                                               sp_err *err);
/* The same without the finding: who asks for it decides what it is worth. */
SP_MUST_USE sp_status sp_loader_skip_link(sp_loader *loader, const sp_wanted *wanted, const sp_file *file, sp_err *err);

/* Whether the file stands on the list of what is left out already, by the same path. */
bool sp_loader_has_listed(const sp_loader *loader, const sp_wanted *wanted, const sp_file *file);
/* Reads the front matter of the kinds of file that have one, which sets content_begin. A scoped rule is marked as not
 * loaded. */
SP_MUST_USE sp_status sp_source_read_front(sp_loader *loader, sp_source *source, sp_parsed *parsed, sp_err *err);

/* For a rule that is not loaded because of its place: where its own front matter keeps it out, that is the reason. */
SP_MUST_USE sp_status sp_source_ask_front(sp_loader *loader, uint32_t index, sp_err *err);

/* The folders in which something with that anchor is looked for, the outermost first; none without a home. */
SP_MUST_USE sp_status sp_loader_folders(const sp_loader *loader, sp_anchor anchor, sp_paths *ret, sp_err *err);

/* Where the loader's places of one anchor begin and end, from an index on; false past the last ones. */
bool sp_loader_next_run(const sp_loader *loader, size_t *begin, size_t *end);
/* Adds a path to a list. */
SP_MUST_USE sp_status sp_paths_add(sp_arena *arena, sp_paths *paths, sp_str path, sp_err *err);
/* Whether a place of that anchor, which is looked for down to the launch directory, counts below it too. */
bool sp_anchor_reaches_below(sp_anchor anchor);

/* Every file below a folder, by path; each folder once, however many links lead to it. */
typedef struct sp_walk {
    sp_paths files;
    sp_paths others;   /* what is called otherwise, hidden files apart */
    sp_paths outside;  /* links to a place that is not allowed, or to nothing, where a folder was looked for */
    sp_paths external; /* the same for what a link leads to out of the repository */
    sp_paths again;    /* folders that another path had led to before */
    bool is_file;      /* a file stands where the folder should be */
} sp_walk;
typedef struct sp_walk_options {
    const char *ending; /* of the files; "" finds all, also hidden ones */
    sp_places within;   /* where real paths may lie, besides what --root says */
    bool is_lenient;    /* a folder that cannot be listed is a warning, not an error */
    sp_origin origin;
} sp_walk_options;
SP_MUST_USE sp_status sp_loader_walk_with(const sp_loader *loader, sp_str folder, const sp_walk_options *options,
                                          sp_walk *ret, sp_err *err);
/* The same for *.md files. */
SP_MUST_USE sp_status sp_loader_walk(const sp_loader *loader, sp_str folder, sp_places within, sp_walk *ret,
                                     sp_err *err);

#endif
