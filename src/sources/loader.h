/* loader.h - one load: its place, its sources so far, and how one more file becomes a source. */
#ifndef SP_LOADER_H
#define SP_LOADER_H

#include "base/diag.h"
#include "base/file.h"
#include "base/types.h"
#include "model/agent.h"
#include "model/source.h"
#include "sources/client.h"
#include "sources/docs.h"
#include "sources/place.h"
#include "sources/read.h"
#include "sources/setup.h"
#include "sources/sources.h"
#include "sources/walk.h"

struct sp_loader;

/* What a load does as soon as a file has become a loaded source: its imports may come next. */
typedef sp_status (*sp_loader_next)(struct sp_loader *loader, uint32_t index, sp_err *err);

/* A file that was read before its turn, because it decides about others. */
typedef struct sp_file_ahead {
    sp_str path;
    sp_file file;
} sp_file_ahead;

/* One load. Functions that only look at the place take the place, those that only look at the sources take those. */
typedef struct sp_loader {
    sp_arena *arena;
    sp_diags *diags;
    const sp_place *here;
    const sp_client_setup *setup; /* NULL until the client's configuration was read */
    sp_loader_next next;          /* NULL: nothing */
    sp_sources sources;
    size_t import_count;             /* of all files, as far as they were gone through */
    bool only_looks;                 /* files are not read: it is enough that they are there, and where links lead */
    sp_list(sp_file_ahead) ahead;    /* instruction files that sp_loader_read hands out without reading them again */
    const sp_location *start_places; /* those for which it is known */
    sp_str start_preferred;          /* which file of the start keeps others from loading; ptr NULL: none does */
    sp_str start_fallback;           /* and of a fallback */
    sp_agent *agent;                 /* filled in when the agent's file becomes a source; NULL for a main session */
    const struct sp_found_agent *found_agent; /* what a name was looked up to; NULL for an agent that was named */
} sp_loader;

/* As sp_place_read. A file of the instructions that is loaded, or that this importer asked for, is not read again. */
SP_MUST_USE sp_status sp_loader_read(const sp_loader *loader, const sp_wanted *wanted, sp_file *ret, sp_err *err);
/* The same for a file of the instructions that sp_loader_read may be asked for later: it is kept until then. */
SP_MUST_USE sp_status sp_loader_read_ahead(sp_loader *loader, const sp_wanted *wanted, sp_file *ret, sp_err *err);
/* As sp_loader_read, for a file that becomes a source, which may be an open descriptor. One that cannot be read is an
 * error. One that a link leads to out of the repository is omitted with a finding: ret->state is SP_FILE_EXTERNAL, and
 * the source is the last one. */
SP_MUST_USE sp_status sp_loader_read_part(sp_loader *loader, const sp_wanted *wanted, sp_file *ret, sp_err *err);
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

/* Scans the text of a source that is not loaded, for the files that it would import. */
SP_MUST_USE sp_status sp_loader_find_imports(sp_loader *loader, uint32_t index, sp_err *err);

/* Whether the file is a rule that its front matter makes wait for a file that it matches. */
SP_MUST_USE sp_status sp_loader_waits(sp_loader *loader, const sp_wanted *wanted, const sp_file *file, bool *ret,
                                      sp_err *err);

/* The text of a source that is loaded, or of a file that is not, without front matter, comments that are removed and
 * white space at its ends. */
SP_MUST_USE sp_status sp_loader_text_of(sp_arena *arena, const sp_source *source, sp_str *ret, sp_err *err);
SP_MUST_USE sp_status sp_loader_text_apart(sp_loader *loader, const sp_wanted *wanted, const sp_file *file, sp_str *ret,
                                           sp_err *err);

/* Whether the file is a source that is not loaded already, by the same path. */
bool sp_loader_has_listed(const sp_loader *loader, const sp_wanted *wanted, const sp_file *file);

/* Reads the front matter of the kinds of file that have one, which sets content_begin. A scoped rule is marked as not
 * loaded. */
SP_MUST_USE sp_status sp_source_read_front(sp_loader *loader, sp_source *source, sp_err *err);

/* Whether omitClaudeMd of the agent counts, or the client gives no subagent instructions: not in a session that is
 * started as the agent (rule agent.as-session). */
static inline bool sp_loader_omits_instructions(const sp_loader *loader)
{
    bool is_without = loader->here->profile->client->agents_lack_instructions;
    return loader->agent && (loader->agent->omit_claude_md || is_without) && !loader->here->request->as_session;
}

/* Whether nothing of a memory file is taken out before its limits: it is an agent's (rule memory.agent-whole). */
bool sp_source_is_kept_whole(const sp_loader *loader, const sp_source *source);

/* For a rule that is not loaded because of its place: where its own front matter keeps it out, that is the reason. */
SP_MUST_USE sp_status sp_source_ask_front(sp_loader *loader, uint32_t index, sp_err *err);

#endif
