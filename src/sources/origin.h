/*
 * origin.h - where a path comes from, and so how far a link on it may lead.
 *
 * A link in a repository may have been made by anybody. One that leads out of the repository would put a file of the
 * user, such as a private key, into a prompt. So no loader reads such a file: all of them read through the place's
 * reader, and this module stands in front of it once the places are known:
 *
 *   SP_TRY(sp_origins_init(arena, here, err));     from here on here->reader judges links
 *
 * A path belongs to the innermost of these that holds it:
 *
 *   - a repository: that of the launch directory with its worktrees and its superproject, that of a directory that an
 *     option adds; where there is none, the launch directory or the added one itself. Links stay in it;
 *   - a directory above, in which clients look too: links stay in its repository, or in the directory;
 *   - the user's and the administrator's: hidden directories at home, CLAUDE_CONFIG_DIR, the managed files. Links lead
 *     anywhere, as those of dotfiles do.
 *
 * So do those of whatever lies elsewhere, but for a path that the command line names: a link of the repository that it
 * lies in or leads through must not lead out of that (bounds.h). Only reading and listing are judged: to look what is
 * there (max_bytes 0) tells no more than that, and clients decide by it.
 */
#ifndef SP_ORIGIN_H
#define SP_ORIGIN_H

#include "base/file.h"
#include "sources/paths.h"

struct sp_place;

typedef struct sp_origins sp_origins;

/* Finds the places, and puts a reader in front of the place's that refuses what a link leads out to
 * (SP_FILE_EXTERNAL). With allow_external_links nothing happens. */
SP_MUST_USE sp_status sp_origins_init(sp_arena *arena, struct sp_place *here, sp_err *err);

/* ---- files that another file names ------------------------------------------------------------------------ */

/* A file that names others, such as sysprompt.yaml or a lock. Where it comes from a repository, they must lie in that,
 * links resolved, and in no .git: this is the one place that says so. */
typedef struct sp_namer {
    sp_str folder;    /* absolute: the paths are seen from here */
    sp_str within;    /* real path of the directory that they must lie in; ptr NULL: it is the user's, so anywhere */
    const char *what; /* what that directory is called: "the repository" */
} sp_namer;

/* Why a path must not be used: "lies outside of the repository", or for a real one that a link "leads out of" it;
 * ptr NULL where it may be. */
SP_MUST_USE sp_status sp_namer_judge(sp_arena *arena, const sp_namer *namer, sp_str absolute, bool is_real,
                                     sp_str *ret_why, sp_err *err);
/* The same of a path that is named, by its words and by the links on it; a .. means what it means to the system. Of a
 * path that must not be used, nothing tells whether something is there. */
SP_MUST_USE sp_status sp_namer_look(sp_arena *arena, const sp_namer *namer, sp_str path, sp_str *ret_why, sp_err *err);
/* Reads a file that is named, unless it must not be: then *ret_why says why, and nothing of it is known. */
SP_MUST_USE sp_status sp_namer_read(sp_arena *arena, const sp_namer *namer, sp_str path, uint64_t max_bytes,
                                    sp_file *ret, sp_str *ret_why, sp_err *err);

/* ---------------------------------------------------------------------------------------------------------- */

/* Whether a real path lies in the repository of the launch directory, or links may lead anywhere. */
bool sp_origin_holds(const struct sp_place *here, sp_str real_path);
/* What that is called: "the repository", or where there is none "the launch directory". */
const char *sp_origin_of_launch(const struct sp_place *here);

/* "leads out of the repository, to /etc/passwd", for a path whose links lead to that real path; ptr NULL when memory is
 * short. */
sp_str sp_origin_where(sp_arena *arena, const struct sp_place *here, sp_str path, sp_str real_path);
/* The same as a reason why nothing was read: "it ...; --external-links=allow follows the link". */
sp_str sp_origin_why(sp_arena *arena, const struct sp_place *here, sp_str path, sp_str real_path);

#endif
