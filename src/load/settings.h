/*
 * settings.h - the client's settings files, as far as they change what loads.
 *
 *   SP_TRY(sp_settings_read(loader, err));
 *   if (loader->settings.memory_off.is_on)
 *       ... loader->settings.memory_off.by says which file and line turns it off
 *
 * Files rank user, project, local, --settings, managed: of two values that of the later file counts, and lists are put
 * together (rule settings.order). Every value that is used is told with its place.
 */
#ifndef SP_SETTINGS_H
#define SP_SETTINGS_H

#include "base/glob.h"
#include "base/parse_json.h"
#include "profile/profile.h"

struct sp_loader;

/* A switch, and who turned it: "autoMemoryEnabled in .claude/settings.json:3". by is empty while nobody did. */
typedef struct sp_switch {
    bool is_on;
    sp_str by;
} sp_switch;

/* Which instruction files load (rule settings.instruction-files). */
typedef enum sp_instruction_mode {
    SP_CLAUDE_MD_OR_AGENTS_MD, /* the default: AGENTS.md where no CLAUDE.md counts */
    SP_CLAUDE_MD_AND_AGENTS_MD,
    SP_CLAUDE_MD_ONLY,
    SP_MANAGED_ONLY,
} sp_instruction_mode;

typedef struct sp_settings_file {
    sp_scope scope;  /* USER, PROJECT, LOCAL, SESSION (--settings) or MANAGED */
    sp_str absolute; /* its path; of a text the launch directory's */
    sp_str path;     /* as messages show it */
    sp_str text;
    const sp_json_node *root;
} sp_settings_file;

/* A text from a settings file, with the same kind of by. ptr NULL: there is none. */
typedef struct sp_setting_text {
    sp_str text;
    sp_str by;
    sp_str path; /* of the file, absolute */
    sp_str shown;
    const sp_settings_file *file; /* NULL for a variable of the environment */
    size_t offset;                /* in the file's text */
} sp_setting_text;

typedef struct sp_exclude {
    sp_glob glob;
    const sp_settings_file *file;
    size_t offset; /* of the pattern */
} sp_exclude;

typedef struct sp_settings {
    sp_list(sp_settings_file) files; /* the later one counts */
    sp_exclude *excludes;
    size_t exclude_count;
    sp_instruction_mode mode;
    sp_str mode_by;
    sp_switch memory_off;
    sp_switch instructions_off;
    sp_switch added_on;              /* CLAUDE.md of added directories loads */
    sp_setting_text memory_dir;      /* autoMemoryDirectory */
    sp_setting_text claude_md;       /* managed instructions without a file */
    sp_setting_text model;           /* the session's */
    sp_setting_text subagent_model;  /* CLAUDE_CODE_SUBAGENT_MODEL */
    sp_switch subagent_model_first;  /* CLAUDE_CODE_SUBAGENT_MODEL_FORCE */
    sp_switch git_off;               /* no git status */
    sp_setting_text skill_budget;    /* SLASH_COMMAND_TOOL_CHAR_BUDGET: digits */
    sp_setting_text skill_fraction;  /* skillListingBudgetFraction, */
    double skill_share;              /* and its number */
    sp_setting_text skill_max_chars; /* skillListingMaxDescChars: digits */
} sp_settings;

/* Fills in loader->settings. What is wrong with a file that was found becomes a diagnostic, and the file counts as
 * absent; a file or text that --settings names has to be right (SP_ERR_INPUT). */
SP_MUST_USE sp_status sp_settings_read(struct sp_loader *loader, sp_err *err);

/* What skillOverrides of the last settings file that names the skill says of it; text ptr NULL: nothing does. */
SP_MUST_USE sp_status sp_settings_find_override(struct sp_loader *loader, sp_str skill, sp_setting_text *ret,
                                                sp_err *err);

/* Notes, for each settings file, the plugins that it enables: where they are installed is not known here, so their
 * agents are not looked up. */
SP_MUST_USE sp_status sp_settings_note_plugins(struct sp_loader *loader, sp_err *err);

/* Notes, for each settings file, a SubagentStart hook that may run when the agent of that name starts. */
SP_MUST_USE sp_status sp_settings_note_hooks(struct sp_loader *loader, sp_str agent, sp_err *err);

/* The pattern of claudeMdExcludes that matches one of the paths, which are absolute, or NULL. */
const sp_exclude *sp_settings_find_exclude(const struct sp_loader *loader, sp_str path, sp_str real_path);
/* "claudeMdExcludes in .claude/settings.json:3", or ptr NULL when memory is short. */
sp_str sp_settings_name_exclude(const struct sp_loader *loader, const sp_exclude *exclude);

#endif
