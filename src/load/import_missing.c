/*
 * import_missing.c - an @path with nothing behind it: why, and what was probably meant.
 *
 * The client says nothing, which is the loudest complaint there is about it. Whatever is looked up here lies within the
 * bounds of the import itself, so that a message tells nothing about places the import may not reach.
 */
#include "base/near.h"
#include "base/types.h"
#include "load/imports.h"
#include "sources/without.h"

/* Where the client has no comment for it (rule import.failed). */
static bool stays(const sp_loader *loader, sp_rule_key rule)
{
    bool is_refused =
        rule == SP_RULE_IMPORT_CYCLE || rule == SP_RULE_IMPORT_EXTERNAL || rule == SP_RULE_IMPORT_NOT_A_FILE;
    return loader->here->profile->client->comments_refused_only && !is_refused;
}

sp_status sp_import_say(sp_loader *loader, const sp_import_request *r, sp_rule_key rule, sp_str why, bool *ret_was_said,
                        sp_err *err)
{
    sp_level level = rule == SP_RULE_LINK_EXTERNAL ? SP_FINDING : SP_WARNING;
    const sp_source *importer = &loader->sources.items[r->importer];
    const char *mark = r->ref->is_quoted ? "" : "@";
    if (!why.ptr)
        return sp_err_memory(err);
    r->ref->is_reported = true;
    r->ref->stays = r->ref->stays || stays(loader, rule);
    *ret_was_said = ++*r->reported <= SP_IMPORT_MAX_REPORTED;
    if (!*ret_was_said)
        return SP_OK;
    return sp_diag_add(loader->diags, err, level, importer->path, importer->bytes, r->ref->begin, rule,
                       "%s%.*s is not imported: %.*s", mark, SP_STR_ARG(r->ref->path), SP_STR_ARG(why));
}

sp_status sp_import_drop(sp_loader *loader, const sp_import_request *r, sp_rule_key rule, sp_str why, sp_err *err)
{
    bool was_said = false;
    SP_TRY(sp_import_say(loader, r, rule, why, &was_said, err));
    if (!was_said)
        return SP_OK;
    return sp_loader_skip(loader, &r->wanted, &(sp_file){ .state = SP_FILE_ABSENT, .real_path = r->wanted.path }, rule,
                          why, err);
}

sp_str sp_import_folder(const sp_sources *sources, const sp_import_request *r)
{
    return sp_path_folder(sources->items[r->importer].real_path);
}

static const char *const text_endings[] = { ".md",   ".mdc",  ".markdown", ".txt",  ".rst",
                                            ".json", ".yaml", ".yml",      ".toml", ".adoc" };

static bool has_text_ending(sp_str path)
{
    for (size_t i = 0; i < SP_COUNT_OF(text_endings); i++) {
        sp_str ending = sp_str_of(text_endings[i]);
        if (path.len > ending.len && sp_str_eq_nocase(sp_str_slice(path, path.len - ending.len, path.len), ending))
            return true;
    }
    return false;
}

/* Of real @words 152 in 195 look like a path and are none: package scopes, decorators, aliases such as @/components.
 * Those must stay silent when nothing is there. */
bool sp_import_looks_like_a_file(sp_str path)
{
    static const char *const beginnings[] = { "./", "../", "~/" };
    for (size_t i = 0; i < SP_COUNT_OF(beginnings); i++)
        if (sp_str_starts(path, sp_str_of(beginnings[i])))
            return true;
    return has_text_ending(path);
}

bool sp_import_is_address(sp_str path)
{
    return sp_str_starts(path, SP_STR("https://")) || sp_str_starts(path, SP_STR("http://"));
}

static sp_status exists(sp_arena *arena, const sp_place *here, const sp_import_request *r, sp_str folder, sp_str path,
                        bool *ret, sp_err *err)
{
    *ret = false;
    if (path.len == 0)
        return SP_OK;
    sp_str joined = sp_path_join(arena, folder, path);
    sp_str *slot = joined.ptr && r->tried ? SP_LIST_PUSH(arena, r->tried) : NULL;
    if (!joined.ptr || (r->tried && !slot))
        return sp_err_memory(err);
    if (slot)
        *slot = joined;
    sp_file file;
    const sp_read_limits limits = { .within = r->wanted.within,
                                    .root = here->allowed,
                                    .hides_outside = r->wanted.hides_outside };
    SP_TRY(sp_reader_read(here->reader, arena, joined, limits, &file, err));
    *ret = sp_file_exists(&file);
    return SP_OK;
}

/* ---- what was meant instead: each finds a message, or leaves ptr NULL ------------------------------- */

static sp_str without_punctuation(sp_str path)
{
    while (path.len && strchr(".,:;!?)]}>'\"*_`", path.ptr[path.len - 1]))
        path.len--;
    return path;
}

static sp_str before(sp_str path, char mark)
{
    const char *at = memchr(path.ptr, mark, path.len);
    return at ? sp_str_slice(path, 0, (size_t)(at - path.ptr)) : path;
}

static sp_status try_address(sp_loader *loader, const sp_import_request *r, sp_str *ret, sp_err *err)
{
    (void)loader;
    (void)err;
    if (sp_import_is_address(r->ref->path))
        *ret = SP_STR("it is an address, and only files are imported; save what stands there as a file");
    return SP_OK;
}

/* "@a.md.", "@a.md#section", "@a.md:12": the path ends at white space, so what is behind the name belongs to it. */
static sp_status try_shorter(sp_loader *loader, const sp_import_request *r, sp_str *ret, sp_err *err)
{
    sp_str path = r->ref->path;
    const sp_str shorter[] = { without_punctuation(path), before(path, '#'), before(path, ':') };
    for (size_t i = 0; i < SP_COUNT_OF(shorter); i++) {
        bool found = false;
        if (shorter[i].len < path.len)
            SP_TRY(
                exists(loader->arena, loader->here, r, sp_import_folder(&loader->sources, r), shorter[i], &found, err));
        if (!found)
            continue;
        *ret = sp_str_format(loader->arena,
                             "the path ends at white space, so \"%.*s\" belongs to it; put a space before it",
                             SP_STR_ARG(sp_str_slice(path, shorter[i].len, path.len)));
        return ret->ptr ? SP_OK : sp_err_memory(err);
    }
    return SP_OK;
}

enum { MAX_WORDS_OF_A_PATH = 4 };

/* "@Design Docs/x.md", with the backslash forgotten. */
static sp_status try_with_spaces(sp_loader *loader, const sp_import_request *r, sp_str *ret, sp_err *err)
{
    sp_str text = loader->sources.items[r->importer].bytes;
    size_t end = r->ref->end;
    for (int words = 1; words < MAX_WORDS_OF_A_PATH && end < text.len && text.ptr[end] == ' '; words++) {
        bool found = false;
        size_t word = end + 1;
        for (end++; end < text.len && !strchr(" \t\r\n", text.ptr[end]);)
            end++;
        if (memchr(text.ptr + word, '@', end - word))
            return SP_OK; /* the next @path */
        sp_str path = without_punctuation(sp_str_slice(text, r->ref->begin + 1, end));
        if (sp_import_looks_like_a_file(path))
            SP_TRY(exists(loader->arena, loader->here, r, sp_import_folder(&loader->sources, r), path, &found, err));
        if (!found)
            continue;
        *ret = sp_str_format(loader->arena, "the path ends at a space; put a backslash before each space of %.*s",
                             SP_STR_ARG(path));
        return ret->ptr ? SP_OK : sp_err_memory(err);
    }
    return SP_OK;
}

static sp_status try_launch_folder(sp_loader *loader, const sp_import_request *r, sp_str *ret, sp_err *err)
{
    bool found = false;
    SP_TRY(exists(loader->arena, loader->here, r, loader->here->launch, r->ref->path, &found, err));
    if (!found)
        return SP_OK;
    *ret = sp_str_format(loader->arena,
                         "there is no %.*s. Imports are relative to the file they stand in; the launch directory has a "
                         "file of that name",
                         SP_STR_ARG(sp_place_shown(loader->here, r->wanted.path)));
    return ret->ptr ? SP_OK : sp_err_memory(err);
}

/* The entry of the target's folder whose name comes nearest; ptr NULL for none. */
static sp_status nearest_entry(sp_arena *arena, const sp_place *here, const sp_import_request *r, sp_str *ret,
                               sp_err *err)
{
    sp_listing listing;
    sp_str folder = sp_path_folder(r->wanted.path);
    SP_TRY(sp_reader_list(here->reader, arena, folder, sp_place_limits(here, &r->wanted), &listing, err));
    sp_str *names = SP_ARENA_ARRAY(arena, sp_str, listing.count + 1);
    if (!names)
        return sp_err_memory(err);
    for (size_t i = 0; i < listing.count; i++)
        names[i] = listing.entries[i].name;
    size_t nearest = sp_near(sp_path_base(r->wanted.path), names, listing.count);
    *ret = (sp_str){ NULL, 0 };
    if (nearest == SIZE_MAX)
        return SP_OK;
    *ret = sp_path_join(arena, folder, names[nearest]);
    return ret->ptr ? SP_OK : sp_err_memory(err);
}

static sp_status try_nearest(sp_loader *loader, const sp_import_request *r, sp_str *ret, sp_err *err)
{
    sp_str near = { NULL, 0 };
    SP_TRY(nearest_entry(loader->arena, loader->here, r, &near, err));
    sp_str hint = SP_STR("");
    if (near.ptr)
        hint = sp_str_format(loader->arena, "; did you mean %.*s?", SP_STR_ARG(sp_place_shown(loader->here, near)));
    if (!hint.ptr)
        return sp_err_memory(err);
    *ret = sp_str_format(loader->arena, "there is no %.*s%.*s",
                         SP_STR_ARG(sp_place_shown(loader->here, r->wanted.path)), SP_STR_ARG(hint));
    return ret->ptr ? SP_OK : sp_err_memory(err);
}

/* "@notes" where there is a notes.md, with a full stop or not */
static sp_status try_with_ending(sp_loader *loader, const sp_import_request *r, sp_str *ret, sp_err *err)
{
    bool found = false;
    sp_str path = without_punctuation(r->ref->path);
    if (path.len == 0 || has_text_ending(path))
        return SP_OK;
    sp_str longer = sp_str_format(loader->arena, "%.*s.md", SP_STR_ARG(path));
    if (!longer.ptr)
        return sp_err_memory(err);
    SP_TRY(exists(loader->arena, loader->here, r, sp_import_folder(&loader->sources, r), longer, &found, err));
    if (!found)
        return SP_OK;
    *ret = sp_str_format(loader->arena, "there is no %.*s; did you mean %.*s?",
                         SP_STR_ARG(sp_place_shown(loader->here, r->wanted.path)), SP_STR_ARG(longer));
    return ret->ptr ? SP_OK : sp_err_memory(err);
}

/* In this order; the first that finds a message has it. */
static const struct {
    sp_status (*try)(sp_loader *loader, const sp_import_request *r, sp_str *ret, sp_err *err);
    sp_rule_key rule;
    bool only_for_files; /* where the path looks like a file */
} explanations[] = {
    { try_address, SP_RULE_IMPORT_MISSING, false },      { try_shorter, SP_RULE_IMPORT_PUNCTUATION, false },
    { try_with_spaces, SP_RULE_IMPORT_MISSING, false },  { try_with_ending, SP_RULE_IMPORT_MISSING, false },
    { try_launch_folder, SP_RULE_IMPORT_MISSING, true }, { try_nearest, SP_RULE_IMPORT_MISSING, true },
};

bool sp_import_is_meant_for_a_file(sp_str path)
{
    return sp_import_looks_like_a_file(path) || sp_import_looks_like_a_file(without_punctuation(path));
}

sp_status sp_import_explain_missing(sp_loader *loader, const sp_import_request *r, sp_rule_key *ret_rule,
                                    sp_str *ret_why, sp_err *err)
{
    bool is_file = sp_import_is_meant_for_a_file(r->ref->path);
    *ret_why = (sp_str){ NULL, 0 };
    for (size_t i = 0; i < SP_COUNT_OF(explanations) && !ret_why->ptr; i++) {
        if (explanations[i].only_for_files && !is_file)
            continue;
        *ret_rule = explanations[i].rule;
        SP_TRY(explanations[i].try(loader, r, ret_why, err));
    }
    return SP_OK;
}

/* Whether something is sent in the place of each word that looks like an import. */
static bool mangles_words(const sp_loader *loader)
{
    return sp_rule_holds(loader->here->profile, SP_RULE_IMPORT_WORD) &&
           !loader->here->profile->client->comments_refused_only;
}

/* Whether the client asks where a path leads before it looks what is there, and refuses this one. */
static bool is_refused_unseen(const sp_loader *loader, const sp_import_request *r)
{
    return loader->here->profile->client->comments_refused_only && r->wanted.within.count &&
           !sp_places_hold(r->wanted.within, r->wanted.path);
}

sp_status sp_import_report_missing(sp_loader *loader, const sp_import_request *r, sp_err *err)
{
    sp_rule_key rule = SP_RULE_NONE;
    sp_str why;
    if (r->ref->is_in_code || sp_without_hides(loader->here, r->wanted.path)) /* nobody meant it, or nobody misses it */
        return SP_OK;
    if (*r->reported >= SP_IMPORT_MAX_REPORTED) {
        r->ref->is_reported = sp_import_is_meant_for_a_file(r->ref->path) || mangles_words(loader);
        *r->reported += r->ref->is_reported;
        return SP_OK;
    }
    if (is_refused_unseen(loader, r))
        return sp_import_drop(loader, r, SP_RULE_IMPORT_EXTERNAL,
                              SP_STR("nothing is there, and it lies where this file may import nothing from"), err);
    SP_TRY(sp_import_explain_missing(loader, r, &rule, &why, err));
    if (!why.ptr && mangles_words(loader)) {
        rule = SP_RULE_IMPORT_WORD;
        why =
            SP_STR("the client takes the word for an import, finds no file, and sends a comment that says so instead; "
                   "put the word between backticks");
    }
    return why.ptr ? sp_import_drop(loader, r, rule, why, err) : SP_OK;
}

sp_status sp_import_report_quoted(sp_loader *loader, const sp_import_request *r, sp_err *err)
{
    bool found = false;
    sp_str path = r->ref->path;
    if (*r->reported < SP_IMPORT_MAX_REPORTED)
        SP_TRY(exists(loader->arena, loader->here, r, sp_import_folder(&loader->sources, r), path, &found, err));
    if (!found && !sp_import_looks_like_a_file(path))
        return SP_OK;
    bool has_space = memchr(path.ptr, ' ', path.len) != NULL;
    return sp_import_drop(loader, r, SP_RULE_IMPORT_QUOTED,
                          has_space ? SP_STR("it stands in quotes or parentheses; leave a space before the @ and take "
                                             "them off, with a backslash before each space")
                                    : SP_STR("it stands in quotes or parentheses; leave a space before the @ and take "
                                             "them off"),
                          err);
}
