/*
 * without.c - files and sections that are hidden, to see what the prompt would be without them.
 *
 * The reader hides them, so that imports, limits and fallbacks are those of a place where they are not. Lines after a
 * hidden section have smaller numbers.
 */
#include "sources/without.h"

#include "base/near.h"
#include "model/request.h"
#include "model/source.h"
#include "sources/place.h"
#include "syntax/headings.h"
#include "syntax/markdown.h"

typedef struct hidden {
    sp_str given;   /* as it was named */
    sp_str file;    /* the part before the #, */
    sp_str heading; /* and after it; ptr NULL without one */
    sp_str real_path;
} hidden;

typedef struct hider {
    const sp_reader *inner;
    sp_reader reader;
    sp_list(hidden) items;
} hider;

/* ---- sections ---------------------------------------------------------------------------------------------------- */

static sp_status scan(sp_arena *arena, sp_str text, sp_source *ret, sp_err *err)
{
    sp_markdown markdown;
    size_t begin = sp_str_starts(text, SP_STR("\xEF\xBB\xBF")) ? 3 : 0;
    SP_TRY(sp_markdown_scan(arena, text, begin, &markdown, err));
    *ret = (sp_source){ .bytes = text, .blocks = markdown.blocks, .block_count = markdown.block_count };
    return SP_OK;
}

/* Where a section begins and ends: at the next heading of its level or a higher one. False if there is none. */
static bool find_section(const sp_source *source, sp_str heading, sp_span *ret)
{
    uint32_t first = 0;
    while (first < source->block_count &&
           (source->blocks[first].kind != SP_BLOCK_HEADING || !sp_near_same(sp_heading_text(source, first), heading)))
        first++;
    if (first == source->block_count)
        return false;
    uint32_t end = first + 1;
    while (end < source->block_count &&
           (source->blocks[end].kind != SP_BLOCK_HEADING || source->blocks[end].level > source->blocks[first].level))
        end++;
    *ret = (sp_span){ source->blocks[first].begin,
                      end < source->block_count ? source->blocks[end].begin : source->bytes.len };
    return true;
}

static sp_status hide_section(sp_arena *arena, const hidden *h, sp_file *file, sp_err *err)
{
    sp_source source;
    sp_span section;
    sp_buf rest = { 0 };
    SP_TRY(scan(arena, file->bytes, &source, err));
    if (!find_section(&source, h->heading, &section))
        return SP_OK;
    sp_buf_add(&rest, sp_str_slice(file->bytes, 0, section.begin));
    sp_buf_add(&rest, sp_str_slice(file->bytes, section.end, file->bytes.len));
    file->bytes = sp_buf_move(&rest, arena);
    file->size_bytes = file->bytes.len;
    return file->bytes.ptr ? SP_OK : sp_err_memory(err);
}

/* ---- the reader -------------------------------------------------------------------------------------------------- */

static sp_status read_hidden(void *context, sp_arena *arena, sp_str path, sp_read_limits limits, sp_file *ret,
                             sp_err *err)
{
    const hider *all = context;
    sp_file file;
    SP_TRY(sp_reader_read(all->inner, arena, path, limits, &file, err));
    for (size_t i = 0; i < all->items.count && sp_file_exists(&file); i++) {
        const hidden *h = &all->items.items[i];
        if (!sp_str_eq(file.real_path, h->real_path))
            continue;
        if (!h->heading.ptr)
            file = (sp_file){ .state = SP_FILE_ABSENT };
        else if (file.state == SP_FILE_READ)
            SP_TRY(hide_section(arena, h, &file, err));
    }
    *ret = file;
    return SP_OK;
}

static sp_status is_hidden_entry(const hider *all, sp_arena *arena, sp_str path, const sp_entry *entry, bool *ret,
                                 sp_err *err)
{
    sp_file file;
    *ret = false;
    sp_str name = sp_path_join(arena, path, entry->name);
    if (!name.ptr)
        return sp_err_memory(err);
    SP_TRY(sp_reader_read(all->inner, arena, name, (sp_read_limits){ 0 }, &file, err));
    for (size_t i = 0; i < all->items.count && !*ret; i++)
        *ret = !all->items.items[i].heading.ptr && sp_file_exists(&file) &&
               sp_str_eq(file.real_path, all->items.items[i].real_path);
    return SP_OK;
}

static sp_status list_hidden(void *context, sp_arena *arena, sp_str path, sp_read_limits limits, sp_listing *ret,
                             sp_err *err)
{
    const hider *all = context;
    sp_listing listing;
    size_t kept = 0;
    SP_TRY(sp_reader_list(all->inner, arena, path, limits, &listing, err));
    for (size_t i = 0; listing.state == SP_FILE_FOLDER && i < listing.count; i++) {
        bool is_hidden = false;
        if (listing.entries[i].is_file)
            SP_TRY(is_hidden_entry(all, arena, path, &listing.entries[i], &is_hidden, err));
        if (!is_hidden)
            listing.entries[kept++] = listing.entries[i];
    }
    listing.count = kept;
    *ret = listing;
    return SP_OK;
}

/* ---- names ------------------------------------------------------------------------------------------------------- */

static sp_status refuse(const hidden *h, const char *what, sp_str near, sp_err *err)
{
    if (near.ptr)
        return sp_err_set(err, SP_ERR_USAGE, "--without %.*s: %s; did you mean %.*s?", SP_STR_ARG(h->given), what,
                          SP_STR_ARG(near));
    return sp_err_set(err, SP_ERR_USAGE, "--without %.*s: %s", SP_STR_ARG(h->given), what);
}

static sp_status check_heading(sp_arena *arena, const hidden *h, sp_str text, sp_err *err)
{
    sp_source source;
    sp_span section;
    sp_str near = { NULL, 0 };
    SP_TRY(scan(arena, text, &source, err));
    if (find_section(&source, h->heading, &section))
        return SP_OK;
    for (uint32_t i = 0; i < source.block_count; i++) {
        sp_str heading = source.blocks[i].kind == SP_BLOCK_HEADING ? sp_heading_text(&source, i) : SP_STR("");
        if (heading.len && sp_nearest_name(h->heading, &heading, 1) != SIZE_MAX)
            near = heading;
    }
    return refuse(h, "the file has no such heading", near, err);
}

static sp_status add_hidden(sp_arena *arena, const sp_place *here, hider *all, sp_str given, sp_err *err)
{
    const sp_read_limits limits = { .max_bytes = (uint64_t)sp_own_limit(SP_RULE_FILE_MAX_BYTES),
                                    .root = here->allowed };
    size_t hash = sp_str_find(given, SP_STR("#"), 0);
    hidden h = { .given = given, .file = sp_str_slice(given, 0, hash < given.len ? hash : given.len) };
    sp_file file;
    if (hash < given.len)
        h.heading = sp_str_slice(given, hash + 1, given.len);
    sp_str path = sp_path_append(arena, here->current, h.file);
    if (!path.ptr)
        return sp_err_memory(err);
    SP_TRY(sp_reader_read(all->inner, arena, path, limits, &file, err));
    h.real_path = file.real_path;
    if (sp_file_exists(&file) && h.heading.ptr)
        SP_TRY(check_heading(arena, &h, file.bytes, err));
    hidden *slot =
        SP_LIST_PUSH(arena, &all->items); /* a file that is not there: sp_without_check knows what was meant */
    if (!slot)
        return sp_err_memory(err);
    *slot = h;
    return SP_OK;
}

sp_status sp_without_init(sp_arena *arena, sp_place *here, sp_err *err)
{
    const sp_request *request = here->request;
    if (request->without_count == 0)
        return SP_OK;
    hider *all = SP_ARENA_NEW(arena, hider);
    if (!all)
        return sp_err_memory(err);
    all->inner = here->reader;
    for (size_t i = 0; i < request->without_count; i++)
        SP_TRY(add_hidden(arena, here, all, sp_str_of(request->without[i]), err));
    all->reader = (sp_reader){ .context = all, .read = read_hidden, .list = list_hidden };
    here->hider = all;
    here->reader = &all->reader;
    return SP_OK;
}

bool sp_without_hides(const sp_place *here, sp_str path)
{
    const hider *all = here->hider;
    for (size_t i = 0; all && i < all->items.count; i++)
        if (!all->items.items[i].heading.ptr && sp_str_eq(all->items.items[i].real_path, path))
            return true;
    return false;
}

static sp_status check_one(sp_arena *arena, const hidden *h, const sp_source *sources, uint32_t count, sp_err *err)
{
    sp_str *loaded = SP_ARENA_ARRAY(arena, sp_str, (size_t)count + 1);
    size_t loaded_count = 0;
    if (!loaded)
        return sp_err_memory(err);
    if (!sources && h->real_path.ptr)
        return SP_OK;
    for (uint32_t i = 0; i < count; i++) {
        if (!sources[i].is_loaded)
            continue;
        if (h->real_path.ptr && sp_str_eq(sources[i].real_path, h->real_path))
            return SP_OK;
        loaded[loaded_count++] = sources[i].path;
    }
    size_t near = sp_nearest_name(h->file, loaded, loaded_count);
    for (size_t i = 0; near == SIZE_MAX && i < loaded_count; i++)
        if (sp_str_eq_nocase(sp_path_base(loaded[i]), sp_path_base(h->file)))
            near = i;
    return refuse(h, h->real_path.ptr ? "the file is not in the prompt" : "there is no such file",
                  near == SIZE_MAX ? (sp_str){ NULL, 0 } : loaded[near], err);
}

sp_status sp_without_check(sp_arena *arena, const sp_place *here, const sp_source *sources, uint32_t count, sp_err *err)
{
    const hider *all = here->hider;
    for (size_t i = 0; all && i < all->items.count; i++)
        SP_TRY(check_one(arena, &all->items.items[i], sources, count, err));
    return SP_OK;
}
