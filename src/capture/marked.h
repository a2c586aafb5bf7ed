/*
 * marked.h - projects of our own from which a client's wording is learned: small files whose lines occur nowhere else.
 *
 * A file's path is relative to the project, begins with ~/ for the client's home, or is absolute. In paths and texts
 * {mark} is a word that only this file of this variant has, {slug} the project's path with a dash for each character
 * that is neither letter nor digit. The text "{lines COUNT WIDTH FIRST BLANK}" is so many numbered lines of that width
 * in bytes, of which the first has a width of its own (0: the same) and the one with the number BLANK is white space
 * (0: none).
 */
#ifndef SP_CAPTURE_MARKED_H
#define SP_CAPTURE_MARKED_H

#include "base/base.h"
#include "base/types.h"

typedef struct sp_marked_file {
    const char *path;
    const char *text;
    unsigned runs; /* of which runs it is a part: bits of sp_marked_run.files */
} sp_marked_file;

typedef struct sp_marked_run {
    unsigned files;       /* bit that a file must have */
    const char *launch;   /* directory of the project to start in; NULL: the project's own */
    const char *agent;    /* NULL: the main session */
    const char *touch;    /* a file of the project that the client reads; NULL: none */
    const char *etc_name; /* the entry of /etc that its absolute paths lie in; NULL: it has none */
    const char *ending;   /* class for the end of an agent's run whose memory has no text; NULL: it has */
    bool is_chain_last;   /* no text of the client follows the instructions */
} sp_marked_run;

typedef struct sp_marked {
    const char *client;
    const sp_marked_file *files; /* path NULL ends them */
    const sp_marked_run *runs;
    size_t run_count;
} sp_marked;

/* NULL: this client has none yet. */
const sp_marked *sp_marked_find(sp_str client);

/* Directories that exist. */
typedef struct sp_marked_places {
    sp_str project;
    sp_str home;
    sp_str root; /* where absolute paths are made */
} sp_marked_places;

/* Writes the files of a run. variant makes other marks. Errors: SP_ERR_OUTPUT. */
SP_MUST_USE sp_status sp_marked_write(sp_arena *arena, const sp_marked *marked, const sp_marked_run *run,
                                      const sp_marked_places *places, unsigned variant, sp_err *err);

#endif
