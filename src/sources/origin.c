/*
 * origin.c - the reader that judges links, and the table of places that it does it by.
 *
 * The path is judged as text, where it leads by the descriptor that is read from (base/file.c): a link that is swapped
 * in between changes nothing.
 */
#include "sources/origin.h"

#include "sources/bounds.h"
#include "sources/place.h"

/* A directory in which links must not lead out of some bounds. */
typedef struct place {
    sp_str folder;
    sp_bounds bounds;
    const char *what; /* what a link leads out of */
    bool is_above;    /* only for what clients look for right in it */
} place;

struct sp_origins {
    const sp_reader *inner;
    sp_reader reader;
    sp_place here; /* as it is without this reader, and with / for its root: whose the files of other places are */
    sp_paths own;  /* directories of the user and the administrator, but for the hidden ones at home */
    sp_list(place) places; /* the first is that of the launch directory */
};

/* ---- whose a path is ------------------------------------------------------------------------------------------ */

/* A file of the directory itself, or of a hidden one in it, as .claude is. */
static bool lies_right_in(sp_str path, sp_str folder)
{
    sp_str below = sp_path_below(path, folder);
    return below.len > 0 && (below.ptr[0] == '.' || !memchr(below.ptr, '/', below.len));
}

static bool holds(const place *p, sp_str path, bool was_named)
{
    if (!sp_path_is_within(path, p->folder) || (p->bounds.except.ptr && sp_path_is_within(path, p->bounds.except)))
        return false;
    return !p->is_above || (!was_named && lies_right_in(path, p->folder));
}

/* The innermost place that the path belongs to; NULL: its links may lead anywhere. */
static const place *place_of(const sp_origins *o, sp_str path, bool was_named)
{
    const place *found = NULL;
    for (size_t i = 0; i < o->places.count; i++) {
        const place *p = &o->places.items[i];
        if (holds(p, path, was_named) && (!found || p->folder.len > found->folder.len))
            found = p;
    }
    return found && found->folder.len > sp_bounds_own_length(o->here.home, &o->own, path) ? found : NULL;
}

/* A path as the user typed it: it may hold "..", and lead into the repository by a link in another directory. NULL: it
 * lies in none of the places. */
static sp_status place_of_named(const sp_origins *o, sp_arena *arena, sp_str path, const place **ret, sp_err *err)
{
    sp_file folder;
    sp_str plain = sp_path_join(arena, SP_STR("/"), path);
    if (!plain.ptr)
        return sp_err_memory(err);
    *ret = place_of(o, plain, true);
    if (*ret)
        return SP_OK;
    sp_str above = sp_str_dup(arena, sp_path_folder(path));
    if (!above.ptr)
        return sp_err_memory(err);
    SP_TRY(sp_reader_read(o->inner, arena, above, (sp_read_limits){ 0 }, &folder, err));
    if (folder.state != SP_FILE_FOLDER)
        return SP_OK;
    sp_str real = sp_path_join(arena, folder.real_path, sp_path_base(path));
    *ret = real.ptr ? place_of(o, real, true) : NULL;
    return real.ptr ? SP_OK : sp_err_memory(err);
}

static sp_status set_bounds(const sp_origins *o, sp_arena *arena, sp_str path, sp_read_limits *limits, sp_err *err)
{
    const place *found = NULL;
    const char *what;
    switch (limits->origin) {
    case SP_ORIGIN_TRUSTED:
        return SP_OK;
    case SP_ORIGIN_SEARCH:
        found = place_of(o, path, false);
        break;
    case SP_ORIGIN_REPOSITORY:
        found = &o->places.items[0];
        break;
    case SP_ORIGIN_COMMAND_LINE:
        SP_TRY(place_of_named(o, arena, path, &found, err));
        if (!found) /* it may lie in another repository, or lead into one */
            return sp_bounds_of_named(arena, &o->here, &o->own, path, &limits->bounds, &what, err);
        break;
    }
    if (found)
        limits->bounds = found->bounds;
    return SP_OK;
}

/* ---- the reader ------------------------------------------------------------------------------------------------- */

/* Of what is refused not even the size is told. */
static sp_status judged_read(void *context, sp_arena *arena, sp_str path, sp_read_limits limits, sp_file *ret,
                             sp_err *err)
{
    const sp_origins *o = context;
    if (limits.max_bytes > 0 || limits.hides_outside)
        SP_TRY(set_bounds(o, arena, path, &limits, err));
    SP_TRY(sp_reader_read(o->inner, arena, path, limits, ret, err));
    if (ret->state == SP_FILE_EXTERNAL)
        ret->size_bytes = 0;
    return SP_OK;
}

static sp_status judged_list(void *context, sp_arena *arena, sp_str path, sp_read_limits limits, sp_listing *ret,
                             sp_err *err)
{
    const sp_origins *o = context;
    SP_TRY(set_bounds(o, arena, path, &limits, err));
    return sp_reader_list(o->inner, arena, path, limits, ret, err);
}

/* ---- the table --------------------------------------------------------------------------------------------------- */

typedef struct builder {
    sp_arena *arena;
    const sp_place *here;
    sp_origins *origins;
    sp_err *err;
} builder;

static sp_status add_place(builder *b, place wanted)
{
    place *slot = SP_LIST_PUSH(b->arena, &b->origins->places);
    if (!slot)
        return sp_err_memory(b->err);
    *slot = wanted;
    return SP_OK;
}

/* The work trees that links of this one may lead to. */
static sp_status find_bounds(const builder *b, sp_str repository, sp_bounds *ret)
{
    sp_paths trees = { 0 };
    SP_TRY(sp_place_find_family(b->arena, b->here, repository, &trees, b->err));
    *ret = sp_bounds_of_trees(b->here, &trees);
    return SP_OK;
}

static sp_status add_repository(builder *b, sp_str repository)
{
    sp_bounds bounds;
    SP_TRY(find_bounds(b, repository, &bounds));
    for (size_t i = 0; i < bounds.places.count; i++)
        SP_TRY(add_place(b, (place){ bounds.places.items[i], bounds, "the repository", false }));
    return SP_OK;
}

/* A directory that bounds the links in it. */
static sp_status add_folder(builder *b, sp_str folder, const char *what)
{
    sp_paths only = { 0 };
    SP_TRY(sp_paths_add(b->arena, &only, folder, b->err));
    return add_place(b, (place){ folder, sp_bounds_of_trees(b->here, &only), what, false });
}

/* The repository around a directory, or that directory itself. */
static sp_status add_around(builder *b, sp_str folder, const char *what)
{
    sp_str repository;
    SP_TRY(sp_place_repository_of(b->arena, b->here, folder, &repository, b->err));
    return repository.ptr ? add_repository(b, repository) : add_folder(b, folder, what);
}

/* The directories above: one in a repository has its bounds, of the others each has its own. At home nobody but the
 * user puts files, and / bounds nothing. */
static sp_status add_above(builder *b, sp_str inner)
{
    const sp_place *here = b->here;
    sp_str repository = { NULL, 0 };
    bool is_over = false; /* there is no further repository */
    sp_bounds bounds = { 0 };
    for (sp_str folder = inner; !sp_str_eq(folder, here->root);) {
        folder = sp_path_folder(folder);
        if (sp_str_eq(folder, SP_STR("/")))
            break;
        if (here->home.ptr && sp_str_eq(folder, here->home))
            continue;
        bool is_within = repository.ptr && sp_path_is_within(folder, repository);
        if (!is_within && !is_over) {
            SP_TRY(sp_place_repository_of(b->arena, here, folder, &repository, b->err));
            is_within = repository.ptr != NULL;
            is_over = !is_within && !(here->home.ptr && sp_path_is_within(folder, here->home));
            if (is_within)
                SP_TRY(find_bounds(b, repository, &bounds));
        }
        SP_TRY(add_folder(b, folder, "its directory"));
        place *added = &b->origins->places.items[b->origins->places.count - 1];
        added->is_above = true;
        if (is_within) {
            added->bounds = bounds;
            added->what = "its repository";
        }
    }
    return SP_OK;
}

/* The directory of a file that an administrator manages. */
static sp_status add_managed(builder *b, const char *path)
{
    const sp_place *here = b->here;
    return sp_paths_add(b->arena, &b->origins->own, sp_path_join(b->arena, here->root, sp_path_folder(sp_str_of(path))),
                        b->err);
}

static sp_status add_own(builder *b)
{
    const sp_place *here = b->here;
    const sp_client *client = here->profile->client;
    if (here->user_dir.ptr)
        SP_TRY(sp_paths_add(b->arena, &b->origins->own, here->user_dir, b->err));
    for (size_t i = 0; i < client->place_count; i++)
        if (client->places[i].anchor == SP_ANCHOR_ROOT)
            SP_TRY(add_managed(b, client->places[i].path));
    for (size_t i = 0; i < client->config_count; i++)
        if (client->configs[i].anchor == SP_ANCHOR_ROOT)
            SP_TRY(add_managed(b, client->configs[i].path));
    return SP_OK;
}

static sp_status add_all(builder *b)
{
    const sp_place *here = b->here;
    SP_TRY(add_own(b));
    SP_TRY(add_around(b, here->launch, "the launch directory"));
    SP_TRY(add_above(b, b->origins->places.items[0].folder));
    for (size_t i = 0; i < here->added.count; i++)
        SP_TRY(add_around(b, here->added.items[i], "the added directory"));
    for (size_t i = 0; i < here->plugins.count; i++)
        SP_TRY(add_around(b, here->plugins.items[i], "the plugin"));
    return SP_OK;
}

sp_status sp_origins_init(sp_arena *arena, sp_place *here, sp_err *err)
{
    if (here->request->allow_external_links)
        return SP_OK;
    sp_origins *o = SP_ARENA_NEW(arena, sp_origins);
    builder b = { arena, here, o, err };
    if (!o)
        return sp_err_memory(err);
    o->inner = here->reader;
    o->here = *here;
    o->here.root = SP_STR("/");
    o->here.allowed = (sp_places){ 0 };
    SP_TRY(add_all(&b));
    o->reader = (sp_reader){ .context = o, .read = judged_read, .list = judged_list };
    here->origins = o;
    here->reader = &o->reader;
    return SP_OK;
}

/* ---- files that another file names ------------------------------------------------------------------------- */

static sp_status refuse(sp_arena *arena, const sp_namer *namer, bool by_link, sp_str *ret_why, sp_err *err)
{
    *ret_why = by_link ? sp_str_format(arena, "leads out of %s by a symbolic link", namer->what)
                       : sp_str_format(arena, "lies outside of %s", namer->what);
    return ret_why->ptr ? SP_OK : sp_err_memory(err);
}

sp_status sp_namer_judge(sp_arena *arena, const sp_namer *namer, sp_str absolute, bool is_real, sp_str *ret_why,
                         sp_err *err)
{
    *ret_why = (sp_str){ NULL, 0 };
    if (!namer->within.ptr)
        return SP_OK;
    if (!sp_path_is_within(absolute, namer->within))
        return refuse(arena, namer, is_real, ret_why, err);
    sp_str below = sp_path_below(absolute, namer->within);
    if (sp_path_is_in_git(below) || sp_str_eq_nocase(sp_path_base(below), SP_STR(".git")))
        *ret_why = SP_STR("lies in a .git directory");
    return SP_OK;
}

/* Reads an absolute path by its links, after its words were judged. */
static sp_status read_judged(sp_arena *arena, const sp_namer *namer, sp_str absolute, uint64_t max_bytes, sp_file *ret,
                             sp_str *ret_why, sp_err *err)
{
    sp_read_limits limits = { .max_bytes = max_bytes };
    if (namer->within.ptr) {
        limits.within = (sp_places){ &namer->within, 1 };
        limits.hides_outside = true;
    }
    SP_TRY(sp_reader_read(&sp_reader_disk, arena, absolute, limits, ret, err));
    if (ret->state == SP_FILE_OUTSIDE)
        return refuse(arena, namer, true, ret_why, err);
    return ret->real_path.ptr ? sp_namer_judge(arena, namer, ret->real_path, true, ret_why, err) : SP_OK;
}

sp_status sp_namer_look(sp_arena *arena, const sp_namer *namer, sp_str path, sp_str *ret_why, sp_err *err)
{
    sp_file file;
    sp_str plain = sp_path_join(arena, namer->folder, path), absolute = sp_path_append(arena, namer->folder, path);
    if (!plain.ptr || !absolute.ptr)
        return sp_err_memory(err);
    SP_TRY(sp_namer_judge(arena, namer, plain, false, ret_why, err));
    return ret_why->ptr || !namer->within.ptr ? SP_OK : read_judged(arena, namer, absolute, 0, &file, ret_why, err);
}

sp_status sp_namer_read(sp_arena *arena, const sp_namer *namer, sp_str path, uint64_t max_bytes, sp_file *ret,
                        sp_str *ret_why, sp_err *err)
{
    sp_str absolute = namer->within.ptr
                          ? sp_path_join(arena, namer->folder, path)
                          : sp_path_append(arena, namer->folder, path); /* the user's .. is the system's */
    *ret = (sp_file){ .state = SP_FILE_ABSENT };
    if (!absolute.ptr)
        return sp_err_memory(err);
    SP_TRY(sp_namer_judge(arena, namer, absolute, false, ret_why, err));
    if (ret_why->ptr)
        return SP_OK;
    SP_TRY(read_judged(arena, namer, absolute, max_bytes, ret, ret_why, err));
    if (ret_why->ptr)
        *ret = (sp_file){ .state = SP_FILE_EXTERNAL };
    return SP_OK;
}

/* ---- for messages ------------------------------------------------------------ */

bool sp_origin_holds(const sp_place *here, sp_str real_path)
{
    return !here->origins || sp_bounds_hold(&here->origins->places.items[0].bounds, real_path);
}

const char *sp_origin_of_launch(const sp_place *here)
{
    return here->origins ? here->origins->places.items[0].what : "the repository";
}

sp_str sp_origin_where(sp_arena *arena, const sp_place *here, sp_str path, sp_str real_path)
{
    const place *found = here->origins ? place_of(here->origins, path, false) : NULL;
    sp_str to = sp_place_shown(here, real_path);
    if (sp_path_is_in_git(real_path))
        return sp_str_format(arena, "leads into a .git directory, to %.*s", SP_STR_ARG(to));
    return sp_str_format(arena, "leads out of %s, to %.*s", found ? found->what : "the repository", SP_STR_ARG(to));
}

sp_str sp_origin_why(sp_arena *arena, const sp_place *here, sp_str path, sp_str real_path)
{
    sp_str where = sp_origin_where(arena, here, path, real_path);
    if (!where.ptr)
        return where;
    return sp_str_format(arena, "it %.*s; --external-links=allow follows the link", SP_STR_ARG(where));
}
