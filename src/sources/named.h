/* named.h - files that the command line names, for a command that has no place or needs none. */
#ifndef SP_NAMED_H
#define SP_NAMED_H

#include "base/file.h"
#include "model/request.h"

/* Reads a file that the command line names. The user's own links on the
 * path are followed; one that lies in a repository, or below the working or launch directory where there is no
 * repository, must not lead out of that: the error names the target. request->allow_external_links follows all.
 * *ret is as a reader gives it, but never SP_FILE_EXTERNAL. path ends in NUL and is not a descriptor
 * (sp_descriptor_of).
 */
SP_MUST_USE sp_status sp_named_read(sp_arena *arena, const sp_request *request, sp_str path, uint64_t max_bytes,
                                    sp_file *ret, sp_err *err);

#endif
