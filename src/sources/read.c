/* read.c - how large a file may be, how far its links may lead, and the error for one that cannot be read. */
#include "sources/read.h"

#include "base/diagnostic.h"
#include "base/numbers.h"
#include "base/types.h"
#include "model/request.h"
#include "sources/source.h"

/* The client's limit on the files of the chain, where it has one, and ours on the rest. */
sp_rule_key sp_place_size_rule(const sp_place *here, sp_source_kind kind)
{
    return sp_is_of_chain(kind) && sp_rule_holds(here->profile, SP_RULE_CHAIN_MAX_BYTES) ? SP_RULE_CHAIN_MAX_BYTES
                                                                                         : SP_RULE_FILE_MAX_BYTES;
}

static uint64_t max_bytes_of(const sp_place *here, sp_source_kind kind)
{
    return (uint64_t)sp_rule_value(here->profile, sp_place_size_rule(here, kind));
}

/* Imports and rules have a bound of their own (rule import.external), and an option that takes it away. */
static bool is_trusted(const sp_place *here, sp_source_kind kind)
{
    return here->request->allow_external_imports && (kind == SP_SOURCE_IMPORT || kind == SP_SOURCE_RULE);
}

sp_read_limits sp_place_limits(const sp_place *here, const sp_wanted *wanted)
{
    sp_read_limits limits = { .max_bytes = max_bytes_of(here, wanted->kind),
                              .within = wanted->within,
                              .hides_outside = wanted->hides_outside,
                              .origin = wanted->origin };
    bool was_named = wanted->scope == SP_SCOPE_NAMED && wanted->importer == SP_NONE;
    if (!was_named)
        limits.root = here->allowed;
    if (limits.origin == SP_ORIGIN_SEARCH && was_named)
        limits.origin = SP_ORIGIN_COMMAND_LINE;
    if (limits.origin == SP_ORIGIN_SEARCH && is_trusted(here, wanted->kind))
        limits.origin = SP_ORIGIN_TRUSTED;
    return limits;
}

/* What the caller has open already: a process substitution, a redirected file, a pipe. */
static sp_status read_stream(sp_arena *arena, const sp_place *here, int descriptor, sp_str name, uint64_t max_bytes,
                             sp_file *file, sp_err *err)
{
    sp_buf bytes = { 0 };
    sp_status status = sp_read_descriptor(descriptor, name, max_bytes, &bytes, err);
    size_t length = bytes.len;
    sp_str moved = sp_buf_move(&bytes, arena);
    if (status != SP_OK)
        return status;
    if (!moved.ptr)
        return sp_err_memory(err);
    *file = (sp_file){ .state = SP_FILE_READ, .bytes = moved, .size_bytes = length };
    file->real_path = sp_path_join(arena, here->launch, SP_STR("-")); /* what it imports is relative to that */
    if (!file->real_path.ptr)
        return sp_err_memory(err);
    file->device = UINT64_MAX; /* no file has that, so it is the same as no other */
    file->inode = (uint64_t)descriptor;
    return SP_OK;
}

sp_status sp_place_refuse(sp_arena *arena, const sp_place *here, const sp_wanted *wanted, const sp_file *file,
                          sp_err *err)
{
    sp_str shown = sp_place_shown(here, wanted->path);
    if (file->state == SP_FILE_LARGE)
        return sp_err_at(err, SP_ERR_INPUT, shown, (sp_str){ 0 }, 0, sp_rule_id(SP_RULE_FILE_MAX_BYTES),
                         "has %s bytes; at most %s are read as a part of a prompt; shorten it, or move it away",
                         SP_NUMBER(file->size_bytes), SP_NUMBER(max_bytes_of(here, wanted->kind)));
    if (file->state == SP_FILE_OUTSIDE)
        return sp_err_at(err, SP_ERR_INPUT, shown, (sp_str){ 0 }, 0, sp_rule_id(SP_RULE_CHAIN_OUTSIDE_ROOT),
                         "leads outside of --root");
    if (file->state == SP_FILE_EXTERNAL) {
        sp_str why = sp_origin_why(arena, here, wanted->path, file->real_path);
        return why.ptr ? sp_err_at(err, SP_ERR_INPUT, shown, (sp_str){ 0 }, 0, sp_rule_id(SP_RULE_LINK_EXTERNAL),
                                   "is not read: %.*s", SP_STR_ARG(why))
                       : sp_err_memory(err);
    }
    return sp_err_unread(err, shown, file);
}

sp_status sp_place_read(sp_arena *arena, const sp_place *here, const sp_wanted *wanted, sp_file *ret, sp_err *err)
{
    return sp_reader_read(here->reader, arena, wanted->path, sp_place_limits(here, wanted), ret, err);
}

sp_status sp_place_read_stream(sp_arena *arena, const sp_place *here, const sp_wanted *wanted, sp_file *ret,
                               bool *ret_is_one, sp_err *err)
{
    int descriptor = sp_descriptor_of(wanted->path);
    *ret_is_one = descriptor >= 0;
    return descriptor < 0
               ? SP_OK
               : read_stream(arena, here, descriptor, wanted->path, max_bytes_of(here, wanted->kind), ret, err);
}

sp_status sp_place_read_named(sp_arena *arena, const sp_place *here, const sp_wanted *wanted, sp_file *ret, sp_err *err)
{
    bool is_stream;
    SP_TRY(sp_place_read_stream(arena, here, wanted, ret, &is_stream, err));
    if (!is_stream)
        SP_TRY(sp_place_read(arena, here, wanted, ret, err));
    return ret->state == SP_FILE_READ ? SP_OK : sp_place_refuse(arena, here, wanted, ret, err);
}

/* Why a file of patterns was not read; ptr NULL when memory is short. */
static sp_str why_not_read(sp_arena *arena, const sp_place *here, sp_str path, const sp_file *file, uint64_t max_bytes)
{
    if (file->state == SP_FILE_LARGE)
        return sp_str_format(arena, "it has %s bytes, and at most %s are read", SP_NUMBER(file->size_bytes),
                             SP_NUMBER(max_bytes));
    if (file->state == SP_FILE_EXTERNAL)
        return sp_origin_why(arena, here, path, file->real_path);
    if (file->state == SP_FILE_DENIED)
        return SP_STR("permission denied");
    if (file->state == SP_FILE_DANGLING)
        return SP_STR("it is a link whose target does not exist");
    if (file->state == SP_FILE_OUTSIDE)
        return SP_STR("it leads outside of --root");
    return sp_str_format(arena, "it is %s", file->what ? file->what : "not a file");
}

static sp_status read_ignored(sp_arena *arena, const sp_place *here, sp_str path, sp_read_limits limits,
                              sp_diags *diags, sp_str *ret_text, sp_err *err)
{
    sp_file file;
    limits.max_bytes = (uint64_t)sp_own_limit(SP_RULE_IGNORE_FILE);
    limits.root = here->allowed;
    *ret_text = SP_STR("");
    SP_TRY(sp_reader_read(here->reader, arena, path, limits, &file, err));
    if (file.state == SP_FILE_READ)
        *ret_text = file.bytes;
    if (file.state == SP_FILE_READ || file.state == SP_FILE_ABSENT)
        return SP_OK;
    bool is_link_out = file.state == SP_FILE_OUTSIDE && limits.within.items;
    sp_str why = is_link_out
                     ? SP_STR("it is a link that leads out of the repository; copy the file, or remove the link")
                     : why_not_read(arena, here, path, &file, limits.max_bytes);
    if (!why.ptr)
        return sp_err_memory(err);
    return sp_diag_add(diags, err, SP_WARNING, sp_place_shown(here, path), (sp_str){ 0 }, SP_WHOLE_FILE,
                       SP_RULE_IGNORE_FILE, "not read, so it ignores nothing: %.*s", SP_STR_ARG(why));
}

sp_status sp_place_read_ignored(sp_arena *arena, const sp_place *here, sp_str path, sp_diags *diags, sp_str *ret_text,
                                sp_err *err)
{
    return read_ignored(arena, here, path, (sp_read_limits){ .origin = SP_ORIGIN_SEARCH }, diags, ret_text, err);
}

/* They get into no prompt, and nothing else in .git is read. */
sp_status sp_place_read_exclude(sp_arena *arena, const sp_place *here, sp_diags *diags, sp_str *ret_text, sp_err *err)
{
    sp_str path;
    sp_read_limits limits = { .origin = SP_ORIGIN_TRUSTED };
    *ret_text = SP_STR("");
    SP_TRY(sp_place_find_exclude(arena, here, &path, &limits.within, err));
    return path.ptr ? read_ignored(arena, here, path, limits, diags, ret_text, err) : SP_OK;
}
