/* client_kinds.h - the enumerations that describe a client, and nothing else: a list (packaging/members.mk). */
#ifndef SP_SOURCES_CLIENT_KINDS_H
#define SP_SOURCES_CLIENT_KINDS_H

/* From which folder, or folders, a place is looked for. */
typedef enum sp_anchor {
    SP_ANCHOR_ROOT,            /* the root: what an administrator manages */
    SP_ANCHOR_HOME,            /* the home directory */
    SP_ANCHOR_USER,            /* the user's .claude, wherever that is */
    SP_ANCHOR_ADDED,           /* each directory that was added */
    SP_ANCHOR_REPOSITORY,      /* the repository root */
    SP_ANCHOR_LAUNCH,          /* the launch directory */
    SP_ANCHOR_LAUNCH_BELOW,    /* the same, unless it is the repository root */
    SP_ANCHOR_BETWEEN,         /* each directory below the repository root and above the launch directory */
    SP_ANCHOR_BELOW,           /* none at the start: each below the launch directory, once a file there is touched */
    SP_ANCHOR_FROM_ROOT,       /* each folder from the root down to the launch directory */
    SP_ANCHOR_FROM_REPOSITORY, /* each one from the repository root, which without a repository is the launch directory
                                */
    SP_ANCHOR_FROM_HOME,       /* the same, but without a repository from home */
    SP_ANCHOR_FROM_TOP,        /* and without a repository from the root */
    SP_ANCHOR_FROM_ABOVE,      /* from the directory above the repository root; without a repository from the one above
                                * home, or from the root */
    SP_ANCHOR_FROM_REPOSITORIES, /* as FROM_REPOSITORY, then each one from the repository root of an added directory
                                  * down to that one */
} sp_anchor;

/* Which of several places count. */
typedef enum sp_pick {
    SP_PICK_ALL,
    SP_PICK_FIRST,      /* of such places in one folder, the first that has text */
    SP_PICK_FIRST_FILE, /* the same, and a file without text counts */
    SP_PICK_PREFERRED,  /* always, and while there is one, no fallback */
    SP_PICK_FALLBACK,   /* only where no preferred place of the run holds a file */
    SP_PICK_LAST,       /* only where no fallback does either */
    SP_PICK_NEAREST,    /* only in the folder nearest to the launch directory that has it */
} sp_pick;

/* How a file of the client's own configuration is written. */
typedef enum sp_config_form {
    SP_CONFIG_TOML,
    SP_CONFIG_JSON,   /* with comments */
    SP_CONFIG_JSONC,  /* and with a comma behind the last item */
    SP_CONFIG_UNREAD, /* the client reads it, and this program does not: that is said */
} sp_config_form;

/* What a setting of such a file changes. */
typedef enum sp_config_effect {
    SP_CONFIG_NAMES,        /* names of instruction files, instead of the one in the table of places */
    SP_CONFIG_MORE_NAMES,   /* further ones behind those of the table */
    SP_CONFIG_TOTAL_BYTES,  /* the limit on all of them together */
    SP_CONFIG_FILES,        /* patterns and addresses of further files */
    SP_CONFIG_ADDED_NAMES,  /* names of instruction files, beside those of the table; a later file replaces them */
    SP_CONFIG_ROOT_MARKERS, /* names that make a directory the root of a project, instead of .git */
    SP_CONFIG_TRUST,        /* which projects the user trusts, or does not: an object by path */
    SP_CONFIG_SYSTEM_TEXT,  /* text of the system prompt, */
    SP_CONFIG_SYSTEM_FILE,  /* and a file of it */
    SP_CONFIG_AGENTS,       /* agents by name, with their prompts */
    SP_CONFIG_SESSION,      /* the name of the agent whose prompt a session has */
    SP_CONFIG_SKILLS,       /* further directories of skills */
    SP_CONFIG_SKILLS_OFF,   /* a list of objects: the path of a SKILL.md or the name of a skill, and enabled */
} sp_config_effect;

/* Files without text. */
typedef enum sp_blank {
    SP_BLANK_OMITTED, /* those with nothing but white space do not count */
    SP_BLANK_SENT,    /* those do, empty ones do not */
    SP_EMPTY_SENT,    /* those do, too */
} sp_blank;

/* What an agent is written as; the client asks different things of each. */
typedef enum sp_agent_form {
    SP_AGENT_FILE,
    SP_AGENT_PLUGIN_FILE, /* needs no name and no description, and some fields do nothing */
    SP_AGENT_JSON,        /* a member of --agents */
} sp_agent_form;

/* What a client has at all, as far as it is known. */
typedef enum sp_capability {
    SP_HAS_AGENTS = 1,   /* agents that are looked up by name */
    SP_HAS_SETTINGS = 2, /* settings that switch what loads, and the options that go with them */
} sp_capability;

#endif
