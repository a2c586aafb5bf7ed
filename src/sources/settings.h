/*
 * settings.h - what a client's settings files switch, each value with the place that says so. Who reads them is the
 * client (read_settings of sp_client_ops).
 */
#ifndef SP_SETTINGS_H
#define SP_SETTINGS_H

#include "base/glob.h"
#include "base/parse_json.h"
#include "base/types.h"
#include "model/source.h"
#include "rules/profile.h"

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
    sp_switch git_off;               /* no git status, and nothing on commits */
    sp_switch attribution_off;       /* nothing on how commits are signed */
    sp_setting_text output_style;    /* outputStyle: a name */
    sp_setting_text language;        /* that the client is told to answer in */
    sp_setting_text skill_budget;    /* SLASH_COMMAND_TOOL_CHAR_BUDGET: digits */
    sp_setting_text skill_fraction;  /* skillListingBudgetFraction, */
    double skill_share;              /* and its number */
    sp_setting_text skill_max_chars; /* skillListingMaxDescChars: digits */
} sp_settings;

#endif
