/*
 * learned.c - the wording that capture --learn found, from the user's data directory.
 *
 * The directory of a client and version is CLIENT@VERSION. Its manifest lists the texts with their hashes: what does
 * not fit them is refused, as somebody changed it or only half of it is there.
 */
#include "base/cache.h"
#include "base/diagnostic.h"
#include "base/parse_json.h"
#include "base/types.h"
#include "clients/agents/agent_tools.h"
#include "load/steps.h"
#include "model/request.h"
#include "rules/wording.h"
#include "sources/client.h"

enum { MAX_TEXTS = 1024, MAX_TEXT_BYTES = 4 << 20, MAX_MANIFEST_BYTES = 1 << 20 };

typedef struct reading {
    sp_loader *loader;
    sp_arena *arena;
    sp_str above;   /* the directory of all clients */
    sp_str client;  /* whose wording */
    sp_str version; /* which is wanted; len 0: any */
    bool is_strict; /* and no other will do */
    sp_wording *to;
} reading;

/* ---- which directory ----------------------------------------------------------------------------------------- */

/* 2.1.330 is newer than 2.1.99: compares numbers by their value. */
static int compare_versions(sp_str a, sp_str b)
{
    size_t i = 0, j = 0;
    while (i < a.len || j < b.len) {
        unsigned long x = 0, y = 0;
        while (i < a.len && a.ptr[i] != '.')
            x = x * 10 + (unsigned long)(a.ptr[i++] & 15);
        while (j < b.len && b.ptr[j] != '.')
            y = y * 10 + (unsigned long)(b.ptr[j++] & 15);
        if (x != y)
            return x < y ? -1 : 1;
        i += i < a.len;
        j += j < b.len;
    }
    return 0;
}

/* "unknown" is what capture --learn calls that of a client that does not tell. */
static bool is_kept_version(sp_str version)
{
    return sp_wording_is_version(version) || sp_str_eq(version, SP_STR("unknown"));
}

static sp_status refuse_absent(const reading *r, sp_err *err)
{
    bool has_version = r->is_strict && r->version.len > 0;
    return sp_err_set(err, SP_ERR_INPUT,
                      "no templates of %.*s%s%.*s were learned: there is no %.*s/%.*s@%.*s; make them with "
                      "\"sysprompt capture %.*s --learn\"",
                      SP_STR_ARG(r->client), has_version ? " " : "", has_version ? (int)r->version.len : 0,
                      has_version ? r->version.ptr : "", SP_STR_ARG(r->above), SP_STR_ARG(r->client),
                      has_version ? (int)r->version.len : 1, has_version ? r->version.ptr : "*", SP_STR_ARG(r->client));
}

/* The wanted version if it was learned, else the newest there is. */
static sp_status choose_folder(reading *r, sp_err *err)
{
    sp_listing listing;
    sp_str found = { 0 };
    SP_TRY(sp_reader_list(&sp_reader_disk, r->arena, r->above, (sp_read_limits){ .origin = SP_ORIGIN_TRUSTED },
                          &listing, err));
    for (size_t i = 0; listing.state == SP_FILE_FOLDER && i < listing.count; i++) {
        sp_str name = listing.entries[i].name;
        bool is_client = sp_str_starts(name, r->client) && name.len > r->client.len && name.ptr[r->client.len] == '@';
        sp_str version = is_client ? sp_str_slice(name, r->client.len + 1, name.len) : (sp_str){ 0 };
        if (!is_client || !is_kept_version(version))
            continue;
        if (sp_str_eq(version, r->version)) {
            found = version;
            break;
        }
        if (!r->is_strict && (!found.ptr || compare_versions(found, version) < 0))
            found = version;
    }
    if (!found.ptr)
        return refuse_absent(r, err);
    r->to->client = r->client;
    r->to->version = found;
    r->to->folder =
        sp_str_format(r->arena, "%.*s/%.*s@%.*s", SP_STR_ARG(r->above), SP_STR_ARG(r->client), SP_STR_ARG(found));
    return r->to->folder.ptr ? SP_OK : sp_err_memory(err);
}

/* ---- manifest and texts ------------------------------------------------------------------------------------------ */

static sp_status refuse(const reading *r, const char *name, const char *why, sp_err *err)
{
    return sp_err_set(err, SP_ERR_INPUT, "%.*s/%s %s; make the templates again with \"sysprompt capture %.*s --learn\"",
                      SP_STR_ARG(r->to->folder), name, why, SP_STR_ARG(r->client));
}

static bool is_plain_name(sp_str name)
{
    for (size_t i = 0; i < name.len; i++)
        if (!strchr("abcdefghijklmnopqrstuvwxyz0123456789.-", name.ptr[i]))
            return false;
    return name.len > 0 && name.len < 200 && name.ptr[0] != '.';
}

static bool is_hash(const sp_json_node *sum)
{
    return sum->kind == SP_JSON_TEXT && sum->text.len == SP_SHA256_HEX - 1 &&
           strspn(sum->text.ptr, "0123456789abcdef") >= sum->text.len;
}

static sp_status read_text(reading *r, const sp_json_node *row, sp_wording_text *ret, sp_err *err)
{
    char hash[SP_SHA256_HEX];
    const sp_json_node *name = sp_json_member(row, "name");
    const sp_json_node *sum = sp_json_member(row, "sha256");
    if (!name || name->kind != SP_JSON_TEXT || !is_plain_name(name->text) || !sum || !is_hash(sum))
        return refuse(r, "manifest.json", "names no text", err);
    sp_str learned = sp_str_dup(r->arena, sum->text);
    sp_str file = learned.ptr ? sp_wording_file(r->arena, name->text, learned.ptr) : learned;
    if (!file.ptr)
        return sp_err_memory(err);
    ret->name = sp_str_dup(r->arena, name->text);
    SP_TRY(sp_cache_read(r->arena, r->to->folder.ptr, file.ptr, MAX_TEXT_BYTES, &ret->text, err));
    if (!ret->text.ptr)
        return refuse(r, file.ptr, "cannot be read", err);
    sp_sha256_of(ret->text, hash);
    if (!sp_str_eq(sum->text, sp_str_of(hash)))
        return refuse(r, file.ptr, "is not the one that was learned", err);
    return ret->name.ptr ? SP_OK : sp_err_memory(err);
}

static sp_status read_manifest(reading *r, sp_err *err)
{
    sp_str bytes;
    sp_json_node *root = NULL;
    sp_json_problem problem;
    SP_TRY(sp_cache_read(r->arena, r->to->folder.ptr, "manifest.json", MAX_MANIFEST_BYTES, &bytes, err));
    if (!bytes.ptr)
        return refuse(r, "manifest.json", "cannot be read", err);
    SP_TRY(sp_json_parse(r->arena, bytes, 16, &root, &problem, err));
    const sp_json_node *schema = root ? sp_json_member(root, "schema") : NULL;
    const sp_json_node *rows = root ? sp_json_member(root, "texts") : NULL;
    if (!schema || !sp_str_eq(schema->text, SP_STR("sysprompt.templates/1")) || !rows || rows->kind != SP_JSON_ARRAY ||
        rows->count > MAX_TEXTS)
        return refuse(r, "manifest.json", "is not a list of learned templates", err);
    sp_wording_text *texts = SP_ARENA_ARRAY(r->arena, sp_wording_text, rows->count + 1);
    if (!texts)
        return sp_err_memory(err);
    for (const sp_json_node *row = rows->first; row; row = row->next)
        SP_TRY(read_text(r, row, &texts[r->to->count++], err));
    r->to->texts = texts;
    sp_wording_hash(r->to);
    return SP_OK;
}

/* ---- the request --------------------------------------------------------------------------------------------------
 */

bool sp_wants_learned(const sp_request *request)
{
    const char *name = request->texts_dir;
    return name && (strcmp(name, "learned") == 0 || strncmp(name, "learned@", 8) == 0);
}

static sp_status say_other_version(const reading *r, sp_err *err)
{
    if (r->version.len == 0 || sp_str_eq(r->version, r->to->version))
        return SP_OK;
    return sp_diag_add(r->loader->diags, err, SP_NOTE, r->to->folder, (sp_str){ 0 }, SP_WHOLE_FILE,
                       SP_RULE_TEMPLATES_VERSION, "the templates are those of %.*s %.*s, the rules those of %.*s",
                       SP_STR_ARG(r->client), SP_STR_ARG(r->to->version), SP_STR_ARG(r->version));
}

sp_status sp_load_learned(sp_loader *loader, sp_docs *docs, sp_err *err)
{
    const sp_place *here = loader->here;
    const sp_request *request = here->request;
    sp_str label = sp_str_of(sp_profile_name(here->profile));
    size_t at = sp_str_find(label, SP_STR("@"), 0);
    sp_str asked = sp_str_of(request->texts_dir);
    reading r = { .loader = loader, .arena = loader->arena, .to = SP_ARENA_NEW(loader->arena, sp_wording) };
    if (!r.to)
        return sp_err_memory(err);
    r.client = sp_str_dup(r.arena, sp_str_slice(label, 0, at == SIZE_MAX ? label.len : at));
    r.version = at == SIZE_MAX ? SP_STR("") : sp_str_slice(label, at + 1, label.len);
    r.is_strict = asked.len > strlen("learned");
    if (r.is_strict)
        r.version = sp_str_slice(asked, strlen("learned@"), asked.len);
    if (r.is_strict && !is_kept_version(r.version))
        return sp_err_set(err, SP_ERR_USAGE,
                          "--templates=learned@%.*s names no version; expected a digit, then digits, letters, hyphens "
                          "and single dots",
                          SP_STR_ARG(r.version));
    if (!request->learned_dir)
        return sp_err_set(err, SP_ERR_USAGE, "--templates=learned needs a data directory; set HOME or XDG_DATA_HOME");
    r.above = sp_str_dup(r.arena, sp_str_of(request->learned_dir));
    if (!r.client.ptr || !r.above.ptr)
        return sp_err_memory(err);
    SP_TRY(choose_folder(&r, err));
    SP_TRY(read_manifest(&r, err));
    SP_TRY(say_other_version(&r, err));
    docs->wording = r.to;
    docs->wording_place = (sp_wording_place){
        .launch = here->launch,
        .repository = here->repository,
        .home = here->home,
        .today = request->today,
    };
    return SP_OK;
}

/* Two texts may follow: a reminder that goes with a tool, unless settings take it away, and a subagent's git status. */
bool sp_learned_chain_is_last(const sp_loader *loader)
{
    const sp_place *here = loader->here;
    const char *tool = here->profile->client->reminder_tool;
    if (!tool)
        return false;
    bool is_subagent = loader->agent && !here->request->as_session;
    bool has_status =
        is_subagent && sp_place_has_git_status(here) && sp_rule_holds(here->profile, SP_RULE_AGENT_GIT_PLACE);
    bool is_reminded = !here->settings.git_off.is_on && !here->settings.attribution_off.is_on;
    return !has_status && !(is_reminded && sp_tool_is_given(loader->agent, sp_str_of(tool)));
}
