/*
 * drivers.h - how each client is made to talk to the recorder: one row per client. A new client is a row in drivers.c.
 *
 * The strings are templates: {url} is the recorder's address without a final slash, {key} a dummy key, {home} and
 * {scratch} the client's home directory and one beside it, {directory} the launch directory, {prompt}, {agent} and
 * {file} what it is asked, whom, and about which file, {token} what only this run knows. {=NAME} is the same as a JSON
 * string, in quotes.
 */
#ifndef SP_CAPTURE_DRIVERS_H
#define SP_CAPTURE_DRIVERS_H

#include "base/base.h"
#include "base/types.h"

enum { SP_DRIVER_MAX_CALLS = 4 };

/* The call of a tool: its name and arguments, both templates. */
typedef struct sp_driver_call {
    const char *tool;
    const char *arguments;
} sp_driver_call;

/* A file that is written before the client starts. */
typedef struct sp_driver_file {
    const char *path; /* a template; below {home} or {scratch} */
    const char *text;
} sp_driver_file;

/* A file or directory of the user's own. */
typedef struct sp_own_file {
    const char *at_home;  /* below the home directory; NULL: there is none without the variable */
    const char *variable; /* names a directory in its place, wherever that is; NULL: none does */
    const char *path;     /* below that directory; "": the variable names the file */
} sp_own_file;

typedef struct sp_driver {
    const char *client;  /* as profiles call it */
    const char *title;   /* for messages */
    const char *program; /* in PATH */
    /* NULL ends each of these lists */
    const char *const *packages;     /* how npm calls it; those of its platforms have more after it: NAME-linux-x64 */
    const char *const *environment;  /* address, key, and the documented switches of telemetry and updates */
    const sp_driver_file *files;     /* for a scratch home: settings and trust; {NULL} ends it */
    const sp_driver_file *run_files; /* for every home, below {scratch}: what arguments name */
    const char *const *arguments;    /* always */
    const char *const *asked;        /* with a prompt, in the mode that prints an answer and ends */
    const char *const *as_agent;     /* a session started as an agent; NULL: it has no such thing */
    const char *const *alone;        /* switch off the project's hooks and MCP servers: arguments, */
    const char *const *alone_environment; /* variables, */
    const sp_driver_file *alone_files;    /* and files; {NULL} ends them */
    /* What a project may have that makes the client run programs, and that nothing switches off: with one of them it is
     * not started. PATH is a file, or a directory that is not empty; PATH:a/b a member of a JSON file that is not
     * empty; DIRECTORY/:WORD a file below it with that word, in any case, before its body. With @ before it, it matters
     * only where an agent is recorded. What cannot be checked is refused. NULL: none. */
    const char *const *refused;
    const char *const *limited; /* JSON files of a project which are refused with any member but */
    const char *const *members; /* these, which run nothing */
    bool heeds_trust; /* starts a project's hooks and MCP servers where the user trusts it: nothing switches that off */
    const char *const *runs;     /* files of a project that may name programs to run, for the question whether to, */
    const sp_own_file *own_runs; /* and of the user, with variables as measured; {NULL} ends them */
    sp_driver_call agent_calls[SP_DRIVER_MAX_CALLS]; /* the tool that starts a subagent, by any of its names */
    const char *const
        *own_agents; /* with a scratch home there are these alone, and no project adds one; NULL: it may */
    sp_driver_call wait_calls[SP_DRIVER_MAX_CALLS]; /* the tool that waits for it, where the first does not */
    sp_driver_call read_calls[SP_DRIVER_MAX_CALLS]; /* the tool that reads a file */
    const char *agent_hint; /* why one of the project's agents may not start; NULL: nothing is known */
} sp_driver;

extern const sp_driver sp_drivers[];
extern const size_t sp_driver_count;

/* NULL where there is none of that name: a client's or its program's. */
const sp_driver *sp_driver_find(sp_str name);

/* Index of the client that a misspelt name was probably meant to be, or SIZE_MAX. */
size_t sp_driver_near(sp_str name);

/* What a command of the user's own gets: an address and a dummy key in the variables of the usual libraries. */
extern const char *const sp_any_client_environment[];

#endif
