/*
 * client_config.c - the client's own configuration, as far as it changes which instruction files there are.
 *
 * The client's table says where such files lie, how they are written and which settings count. A value that is not what
 * it has to be is said, and does not count; a file that the client would read and that is not read here is said too.
 */
#include "clients/plain/client_config.h"
#include "base/diagnostic.h"
#include "base/json.h"
#include "base/near.h"
#include "base/types.h"
#include "model/source.h"
#include "sources/json_doc.h"
#include "syntax/toml.h"

#include <stdlib.h>

typedef sp_list(sp_location) places;

/* ---- JSON -------------------------------------------------------------------------------------------------- */

/* Past the comment that begins at at, which is written over with blanks. */
static size_t blank_comment(char *text, size_t len, size_t at)
{
    bool is_line = text[at + 1] == '/';
    size_t end = at + 2;
    while (end < len && !(is_line ? text[end] == '\n' : text[end] == '/' && text[end - 1] == '*' && end > at + 2))
        end++;
    end += !is_line && end < len;
    for (size_t i = at; i < end; i++)
        text[i] = text[i] == '\n' ? '\n' : ' ';
    return end;
}

static size_t past_string(const char *text, size_t len, size_t at)
{
    for (at++; at < len && text[at] != '"'; at++)
        at += text[at] == '\\';
    return at + 1;
}

/* Writes blanks over comments and, if asked to, over a comma that nothing follows: all offsets stay. */
static void blank_extras(char *text, size_t len, bool commas)
{
    size_t comma = SIZE_MAX;
    for (size_t at = 0; at < len;) {
        char c = text[at];
        if (c == '/' && at + 1 < len && (text[at + 1] == '/' || text[at + 1] == '*')) {
            at = blank_comment(text, len, at);
            continue;
        }
        if (commas && comma != SIZE_MAX && (c == ']' || c == '}'))
            text[comma] = ' ';
        if (!strchr(" \t\r\n", c))
            comma = c == ',' ? at : SIZE_MAX;
        at = c == '"' ? past_string(text, len, at) : at + 1;
    }
}

/* ---- values ------------------------------------------------------------------------------------------------ */

static const sp_json_node *node_of(const sp_json_node *root, const sp_config_setting *setting)
{
    for (size_t i = 0; i < SP_CONFIG_MAX_KEYS && setting->keys[i] && root; i++)
        root = sp_json_member(root, setting->keys[i]);
    return root && root->kind != SP_JSON_NULL ? root : NULL;
}

static sp_status take_item(const sp_client_config *config, const sp_config_setting *setting, const sp_json_node *item,
                           sp_err *err)
{
    if (item->kind != SP_JSON_TEXT)
        return sp_config_wrong_kind(config, item, "a string", err);
    bool is_skills = setting->effect == SP_CONFIG_SKILLS;
    if (setting->effect != SP_CONFIG_FILES && !is_skills)
        return sp_config_add_name(config, setting->effect, item->offset, item->text, err);
    sp_configured *slot = is_skills ? SP_LIST_PUSH(config->arena, &config->to->skills)
                                    : SP_LIST_PUSH(config->arena, &config->to->configured);
    if (!slot)
        return sp_err_memory(err);
    *slot = (sp_configured){ config->path, config->text, item->offset, item->text, config->scope };
    return SP_OK;
}

/* A list of strings or, where it names one file, a string. Names of a later file replace those of an earlier one. */
static sp_status take_names(const sp_client_config *config, const sp_config_setting *setting, const sp_json_node *node,
                            sp_err *err)
{
    bool is_list = node->kind == SP_JSON_ARRAY;
    bool may_be_one = setting->effect == SP_CONFIG_NAMES || setting->effect == SP_CONFIG_ADDED_NAMES;
    if (!is_list && (node->kind != SP_JSON_TEXT || !may_be_one))
        return sp_config_wrong_kind(config, node, may_be_one ? "a name or a list of names" : "a list of strings", err);
    if (setting->effect == SP_CONFIG_NAMES)
        config->to->names.count = 0;
    if (setting->effect == SP_CONFIG_MORE_NAMES || setting->effect == SP_CONFIG_ADDED_NAMES)
        config->to->more_names.count = 0;
    if (setting->effect == SP_CONFIG_ROOT_MARKERS) {
        config->to->has_markers = true;
        config->to->markers.count = 0;
    }
    if (!is_list)
        return take_item(config, setting, node, err);
    for (const sp_json_node *item = node->first; item; item = item->next)
        SP_TRY(take_item(config, setting, item, err));
    return SP_OK;
}

enum { MAX_DIGITS = 18 };

static sp_status take_bytes(const sp_client_config *config, const sp_json_node *node, sp_err *err)
{
    int64_t value = 0;
    bool is_number = node->kind == SP_JSON_NUMBER && node->text.len <= MAX_DIGITS;
    for (size_t i = 0; i < node->text.len && is_number; i++) {
        is_number = node->text.ptr[i] >= '0' && node->text.ptr[i] <= '9';
        value = value * 10 + (node->text.ptr[i] - '0');
    }
    if (!is_number)
        return sp_config_wrong_kind(config, node, "a number of bytes", err);
    config->to->has_chain_bytes = true;
    config->to->chain_bytes = value;
    return SP_OK;
}

/* Instead of the same one of an earlier file. */
static sp_status take_text(const sp_client_config *config, const sp_config_setting *setting, const sp_json_node *node,
                           sp_err *err)
{
    sp_client_setup *to = config->to;
    size_t i = 0;
    if (node->kind != SP_JSON_TEXT)
        return sp_config_wrong_kind(config, node, "a string", err);
    while (i < to->texts.count && to->texts.items[i].setting != setting)
        i++;
    sp_setup_text *slot = i < to->texts.count ? &to->texts.items[i] : SP_LIST_PUSH(config->arena, &to->texts);
    if (!slot)
        return sp_err_memory(err);
    *slot = (sp_setup_text){ setting, config->path, node->text, config->scope };
    return SP_OK;
}

/* What the user says of one directory; SP_TRUST_UNKNOWN: nothing. */
static sp_trust trust_of(const sp_json_node *projects, sp_str directory)
{
    for (const sp_json_node *project = projects->first; project; project = project->next) {
        const sp_json_node *level = project->kind == SP_JSON_OBJECT ? sp_json_member(project, "trust_level") : NULL;
        if (!sp_str_eq(project->key, directory) || !level || level->kind != SP_JSON_TEXT)
            continue;
        if (sp_str_eq(level->text, SP_STR("trusted")))
            return SP_TRUSTED;
        if (sp_str_eq(level->text, SP_STR("untrusted")))
            return SP_UNTRUSTED;
    }
    return SP_TRUST_UNKNOWN;
}

/* Of the launch directory, else of the repository, as the client sees them. A project does not speak for itself. */
static sp_status take_trust(const sp_client_config *config, const sp_json_node *node, sp_err *err)
{
    const sp_place *here = config->here;
    const sp_str asked[] = { here->launch, here->repository };
    sp_trust trust = SP_TRUST_UNKNOWN;
    if (node->kind != SP_JSON_OBJECT || config->scope == SP_SCOPE_PROJECT)
        return SP_OK;
    for (size_t i = 0; i < SP_COUNT_OF(asked) && trust == SP_TRUST_UNKNOWN; i++) {
        sp_str seen = sp_place_seen(config->arena, here, asked[i]);
        if (!seen.ptr)
            return sp_err_memory(err);
        trust = trust_of(node, seen);
        if (trust == SP_TRUST_UNKNOWN)
            trust = trust_of(node, asked[i]);
    }
    config->to->trust = trust;
    config->to->trust_by = config->path;
    return SP_OK;
}

static sp_status take_agents(const sp_client_config *config, const sp_json_node *node, sp_err *err)
{
    if (node->kind != SP_JSON_OBJECT)
        return sp_config_wrong_kind(config, node, "an object", err);
    for (const sp_json_node *member = node->first; member; member = member->next) {
        sp_configured_agent *slot = SP_LIST_PUSH(config->arena, &config->to->agents);
        if (!slot)
            return sp_err_memory(err);
        *slot = (sp_configured_agent){ config->path, config->text, member, config->scope };
    }
    return SP_OK;
}

/* What else such a list holds changes nothing. */
static sp_status take_skills_off(const sp_client_config *config, const sp_json_node *node, sp_err *err)
{
    for (const sp_json_node *item = node->kind == SP_JSON_ARRAY ? node->first : NULL; item; item = item->next) {
        const sp_json_node *enabled = item->kind == SP_JSON_OBJECT ? sp_json_member(item, "enabled") : NULL;
        const sp_json_node *which = enabled ? sp_json_member(item, "path") : NULL;
        if (enabled && !which)
            which = sp_json_member(item, "name");
        if (!which || which->kind != SP_JSON_TEXT || enabled->kind != SP_JSON_BOOL || enabled->is_true)
            continue;
        sp_configured *slot = SP_LIST_PUSH(config->arena, &config->to->skills_off);
        if (!slot)
            return sp_err_memory(err);
        *slot = (sp_configured){ config->path, config->text, item->offset, which->text, config->scope };
    }
    return SP_OK;
}

static sp_status take_setting(const sp_client_config *config, const sp_config_setting *setting,
                              const sp_json_node *node, sp_err *err)
{
    switch (setting->effect) {
    case SP_CONFIG_TOTAL_BYTES:
        return take_bytes(config, node, err);
    case SP_CONFIG_TRUST:
        return take_trust(config, node, err);
    case SP_CONFIG_SESSION:
        if (node->kind != SP_JSON_TEXT)
            return sp_config_wrong_kind(config, node, "a string", err);
        config->to->session_agent = node->text;
        return SP_OK;
    case SP_CONFIG_AGENTS:
        return take_agents(config, node, err);
    case SP_CONFIG_SKILLS_OFF:
        return take_skills_off(config, node, err);
    case SP_CONFIG_SYSTEM_TEXT:
    case SP_CONFIG_SYSTEM_FILE:
        return take_text(config, setting, node, err);
    default:
        return take_names(config, setting, node, err);
    }
}

/* Of a member of an object that is not one of the names, and nearly is. */
static sp_status warn_if_misspelt(const sp_client_config *config, const sp_json_node *member, const sp_str *names,
                                  size_t count, sp_err *err)
{
    for (size_t i = 0; i < count; i++)
        if (sp_str_eq(member->key, names[i]))
            return SP_OK;
    size_t near = sp_near(member->key, names, count);
    if (near == SIZE_MAX)
        return SP_OK;
    sp_str who = sp_client_who(config->here->profile->client);
    return sp_config_warn_by(config, SP_RULE_CONFIG_UNKNOWN_KEY, member->key_offset,
                             sp_str_format(config->arena, "%.*s ignores the key %.*s; did you mean %.*s?",
                                           SP_STR_ARG(who), SP_STR_ARG(member->key), SP_STR_ARG(names[near])),
                             err);
}

/* Misspelt names of settings, in the object that is below that key, or in all of the file. */
static sp_status warn_of_misspelt(const sp_client_config *config, const sp_json_node *object, const char *above,
                                  sp_err *err)
{
    const sp_client *client = config->here->profile->client;
    sp_str *names = SP_ARENA_ARRAY(config->arena, sp_str, client->setting_count + 1);
    size_t count = 0;
    if (!names)
        return sp_err_memory(err);
    for (size_t i = 0; i < client->setting_count; i++) {
        const char *const *keys = client->settings[i].keys;
        if (!above)
            names[count++] = sp_str_of(keys[0]);
        else if (keys[1] && strcmp(keys[0], above) == 0)
            names[count++] = sp_str_of(keys[1]);
    }
    for (const sp_json_node *member = object->first; member; member = member->next)
        SP_TRY(warn_if_misspelt(config, member, names, count, err));
    return SP_OK;
}

static sp_status warn_of_unknown_keys(const sp_client_config *config, const sp_json_node *root, sp_err *err)
{
    const sp_client *client = config->here->profile->client;
    if (!sp_rule_holds(config->here->profile, SP_RULE_CONFIG_UNKNOWN_KEY))
        return SP_OK;
    SP_TRY(warn_of_misspelt(config, root, NULL, err));
    for (size_t i = 0; i < client->setting_count; i++) {
        const char *const *keys = client->settings[i].keys;
        const sp_json_node *object = keys[1] ? sp_json_member(root, keys[0]) : NULL;
        if (object && object->kind == SP_JSON_OBJECT)
            SP_TRY(warn_of_misspelt(config, object, keys[0], err));
    }
    return SP_OK;
}

static sp_status take_settings(const sp_client_config *config, sp_json_node *root, sp_err *err)
{
    const sp_client *client = config->here->profile->client;
    for (size_t i = 0; i < client->setting_count; i++)
        SP_TRY(sp_settings_keep(config->diags, config->scope, sp_place_shown(config->here, config->path), config->text,
                                root, (sp_setting_keys){ client->settings[i].keys, SP_CONFIG_MAX_KEYS }, err));
    if (root->kind != SP_JSON_OBJECT)
        return sp_config_wrong_kind(config, root, "an object", err);
    for (size_t i = 0; i < client->setting_count; i++) {
        const sp_config_setting *setting = &client->settings[i];
        const sp_json_node *node = node_of(root, setting);
        if (node)
            SP_TRY(take_setting(config, setting, node, err));
    }
    return warn_of_unknown_keys(config, root, err);
}

/* ---- forms --------------------------------------------------------------------------------------------------- */

static sp_status refuse_values(const sp_client_config *config, size_t offset, sp_err *err)
{
    return sp_settings_refuse(config->diags, sp_place_shown(config->here, config->path), config->text, offset, err);
}

static sp_status read_json(const sp_client_config *config, sp_config_form form, sp_err *err)
{
    sp_json_node *root;
    sp_json_problem problem;
    sp_str text = sp_str_dup(config->arena, config->text);
    if (!text.ptr)
        return sp_err_memory(err);
    blank_extras((char *)text.ptr, text.len, form == SP_CONFIG_JSONC);
    if (form == SP_CONFIG_JSONC && sp_str_trim(text).len == 0)
        return SP_OK;
    SP_TRY(sp_settings_parse(config->arena, config->scope, text, &root, &problem, err));
    if (!root && problem.is_limit)
        return refuse_values(config, problem.offset, err);
    if (!root)
        return sp_config_refuse(config, problem.offset, "JSON", sp_str_of(problem.what), err);
    return take_settings(config, root, err);
}

/* At most so many: the parser takes memory for each before anybody can count them. */
static size_t count_values(sp_str toml)
{
    static const char marks[] = { '.', ',', '=', '[', '{' };
    size_t count = 0;
    for (size_t i = 0; i < toml.len; i++)
        count += memchr(marks, toml.ptr[i], sizeof marks) != NULL;
    return count;
}

static sp_status read_toml(const sp_client_config *config, sp_err *err)
{
    sp_json_node *root;
    sp_toml_problem problem;
    if (sp_settings_are_bound(config->scope) &&
        count_values(config->text) > (size_t)sp_own_limit(SP_RULE_SETTINGS_VALUES))
        return refuse_values(config, SP_WHOLE_FILE, err);
    SP_TRY(sp_toml_parse(config->arena, config->text, &root, &problem, err));
    if (root)
        return take_settings(config, root, err);
    if (!problem.is_limit)
        return sp_config_refuse(config, problem.offset, "TOML", problem.what, err);
    return sp_config_warn(config, problem.offset,
                          sp_str_format(config->arena,
                                        "too large for sysprompt (%.*s); nothing is taken from this file",
                                        SP_STR_ARG(problem.what)),
                          err);
}

/* ---- files --------------------------------------------------------------------------------------------------- */

static sp_status say_unread(const sp_client_config *config, const sp_file *file, sp_err *err)
{
    if (file->state != SP_FILE_LARGE && file->state != SP_FILE_READ)
        return SP_OK;
    return sp_diag_add(config->diags, err, SP_NOTE, sp_place_shown(config->here, config->path), (sp_str){ 0 },
                       SP_WHOLE_FILE, SP_RULE_CHAIN_CONFIGURED,
                       "the client reads this configuration file, and it is not read here");
}

/* The user's own file, where trust is written, as a message shows it. ptr NULL: out of memory. */
static sp_str users_file(const sp_client_config *config)
{
    const sp_place *here = config->here;
    const sp_client *client = here->profile->client;
    const sp_config_file *own = client->configs, *end = own + client->config_count;
    while (own < end && own->anchor != SP_ANCHOR_HOME)
        own++;
    if (own == end)
        return SP_STR("the user's configuration");
    if (!here->home.ptr)
        return sp_str_format(config->arena, "~/%s", own->path);
    sp_str path = sp_place_path(config->arena, here, SP_ANCHOR_HOME, here->home, own->path);
    return path.ptr ? sp_place_shown(here, path) : path;
}

/* A path as a key of TOML, in which a string of JSON is one, too. */
static sp_status quote_key(const sp_client_config *config, sp_str path, sp_str *ret, sp_err *err)
{
    char *quoted;
    size_t length;
    SP_TRY(sp_json_quote(path, &quoted, &length, err));
    *ret = sp_str_dup(config->arena, (sp_str){ quoted, length });
    free(quoted);
    return ret->ptr ? SP_OK : sp_err_memory(err);
}

/* The project as the user's own file has to name it: by its real path, unless that file lies inside --root, too. */
static sp_str project_named(const sp_client_config *config)
{
    const sp_place *here = config->here;
    bool is_inside = here->home.ptr && sp_path_is_within(here->home, here->root);
    return is_inside ? sp_place_seen(config->arena, here, here->repository) : here->repository;
}

static sp_status say_untrusted(const sp_client_config *config, const sp_file *file, sp_err *err)
{
    const sp_place *here = config->here;
    sp_str own = users_file(config), project = project_named(config);
    if (file->state != SP_FILE_LARGE && file->state != SP_FILE_READ)
        return SP_OK;
    if (!own.ptr || !project.ptr)
        return sp_err_memory(err);
    SP_TRY(quote_key(config, project, &project, err));
    return sp_diag_add(config->diags, err, SP_NOTE, sp_place_shown(here, config->path), (sp_str){ 0 }, SP_WHOLE_FILE,
                       SP_RULE_CHAIN_TRUST,
                       "not read, not even for errors, as the user %s; if it should count, write "
                       "[projects.%.*s] and trust_level = \"trusted\" to %.*s",
                       config->to->trust == SP_UNTRUSTED ? "does not trust the project"
                                                         : "has not said that the project is trusted",
                       SP_STR_ARG(project), SP_STR_ARG(own));
}

static sp_status refuse_link(const sp_client_config *config, const sp_file *file, sp_err *err)
{
    sp_str why = sp_origin_why(config->arena, config->here, config->path, file->real_path);
    if (!why.ptr)
        return sp_err_memory(err);
    return sp_diag_add(config->diags, err, SP_FINDING, sp_place_shown(config->here, config->path), (sp_str){ 0 },
                       SP_WHOLE_FILE, SP_RULE_LINK_EXTERNAL, "no settings are read from here: %.*s", SP_STR_ARG(why));
}

static sp_status read_file(sp_client_config config, const sp_config_file *place, sp_str path, sp_err *err)
{
    sp_wanted wanted = { .path = path, .kind = SP_SOURCE_AGENT, .scope = place->scope, .importer = SP_NONE };
    sp_file file;
    sp_str *slot;
    if (!path.ptr)
        return sp_err_memory(err);
    config.path = path;
    config.scope = place->scope;
    for (size_t i = 0; i < config.to->configs.count; i++)
        if (sp_str_eq(config.to->configs.items[i], path))
            return SP_OK;
    SP_TRY(sp_place_read(config.arena, config.here, &wanted, &file, err));
    if (place->form == SP_CONFIG_UNREAD)
        return say_unread(&config, &file, err);
    if (place->needs_trust && config.to->trust != SP_TRUSTED)
        return say_untrusted(&config, &file, err);
    if (file.state == SP_FILE_DENIED || file.state == SP_FILE_LARGE)
        return sp_place_refuse(config.arena, config.here, &wanted, &file, err);
    if (file.state == SP_FILE_EXTERNAL)
        return refuse_link(&config, &file, err);
    if (file.state != SP_FILE_READ)
        return SP_OK;
    config.text = file.bytes;
    slot = SP_LIST_PUSH(config.arena, &config.to->configs);
    if (!slot)
        return sp_err_memory(err);
    *slot = path;
    return place->form == SP_CONFIG_TOML ? read_toml(&config, err) : read_json(&config, place->form, err);
}

/* ---- what comes of it ------------------------------------------------------------------------------------------ */

/* The place with another name in its last part. */
static sp_status add_renamed(sp_arena *arena, places *all, const sp_location *place, sp_str name, sp_err *err)
{
    sp_str path = sp_str_of(place->path);
    sp_str folder = sp_str_slice(path, 0, path.len - sp_path_base(path).len);
    sp_str renamed = sp_str_format(arena, "%.*s%.*s", SP_STR_ARG(folder), SP_STR_ARG(name));
    sp_location *slot = SP_LIST_PUSH(arena, all);
    if (!slot || !renamed.ptr)
        return sp_err_memory(err);
    *slot = *place;
    slot->path = renamed.ptr;
    slot->hides_outside = !sp_str_eq(name, sp_path_base(path));
    return SP_OK;
}

/* A place as the table has it, or one for each of the names that stand for its own. */
static sp_status add_place(sp_arena *arena, const sp_client_setup *setup, places *all, const sp_location *place,
                           sp_err *err)
{
    bool is_own = setup->names.count == 0 || place->kind == SP_SOURCE_RULE;
    sp_str own = sp_path_base(sp_str_of(place->path));
    size_t count = is_own ? 1 : setup->names.count;
    for (size_t n = 0; n < count; n++)
        SP_TRY(add_renamed(arena, all, place, is_own ? own : setup->names.items[n], err));
    return SP_OK;
}

/* Whether one of the table's places has that name already. */
static bool is_usual_name(const sp_location *run, size_t count, sp_str name)
{
    for (size_t i = 0; i < count; i++)
        if (sp_str_eq(sp_path_base(sp_str_of(run[i].path)), name))
            return true;
    return false;
}

static bool is_named(const sp_location *place)
{
    return place->kind == SP_SOURCE_INSTRUCTIONS && place->scope != SP_SCOPE_LOCAL;
}

/* The places of one of the client's own names, each with another name; then all that have no such name. */
static sp_status set_places_in_turn(sp_arena *arena, sp_client_setup *setup, sp_err *err)
{
    places all = { 0 };
    sp_str own = sp_path_base(sp_str_of(setup->places[0].path));
    for (size_t n = 0; n < setup->names.count; n++)
        for (size_t i = 0; i < setup->place_count; i++)
            if (is_named(&setup->places[i]) && sp_str_eq(sp_path_base(sp_str_of(setup->places[i].path)), own))
                SP_TRY(add_renamed(arena, &all, &setup->places[i], setup->names.items[n], err));
    for (size_t i = 0; i < setup->place_count; i++)
        if (!is_named(&setup->places[i]))
            SP_TRY(add_renamed(arena, &all, &setup->places[i], sp_path_base(sp_str_of(setup->places[i].path)), err));
    setup->places = all.items;
    setup->place_count = all.count;
    return SP_OK;
}

/* Further names come last where the first file that is there counts; the user's own files have none of them then. */
static sp_status set_places(sp_arena *arena, sp_client_setup *setup, sp_err *err)
{
    places all = { 0 };
    for (size_t begin = 0, end = 0; sp_setup_next_run(setup, &begin, &end);) {
        const sp_location *last = &setup->places[end - 1];
        bool is_first = last->pick == SP_PICK_FIRST || last->pick == SP_PICK_FIRST_FILE;
        bool adds = last->scope == SP_SCOPE_PROJECT ? is_first || last->pick == SP_PICK_ALL : last->pick == SP_PICK_ALL;
        for (size_t i = begin; i < end; i++)
            SP_TRY(add_place(arena, setup, &all, &setup->places[i], err));
        for (size_t i = 0; adds && i < setup->more_names.count; i++)
            if (!is_usual_name(&setup->places[begin], end - begin, setup->more_names.items[i]))
                SP_TRY(add_renamed(arena, &all, last, setup->more_names.items[i], err));
    }
    setup->places = all.items;
    setup->place_count = all.count;
    return SP_OK;
}

/* Where a variable moves the user's directory to; without it, some clients do not start. */
static sp_status check_moved(sp_arena *arena, const sp_place *here, sp_err *err)
{
    const sp_client *client = here->profile->client;
    sp_listing listing;
    if (!client->needs_moved || !here->moved.ptr)
        return SP_OK;
    SP_TRY(sp_reader_list(here->reader, arena, here->moved, (sp_read_limits){ .root = here->allowed }, &listing, err));
    if (listing.state == SP_FILE_FOLDER)
        return SP_OK;
    if (listing.state == SP_FILE_DENIED || listing.state == SP_FILE_OUTSIDE)
        return sp_err_at(err, SP_ERR_INPUT, sp_place_shown(here, here->moved), (sp_str){ 0 }, 0, NULL,
                         "the directory that %s names %s", client->moved_by,
                         listing.state == SP_FILE_DENIED ? "cannot be read: permission denied"
                                                         : "leads outside of --root");
    return sp_err_at(err, SP_ERR_INPUT, sp_place_shown(here, here->moved), (sp_str){ 0 }, 0, NULL,
                     "not a directory, and %s does not start with %s naming it; make the directory, or unset the "
                     "variable",
                     sp_profile_title(here->profile), client->moved_by);
}

sp_status sp_load_client_config(sp_arena *arena, const sp_place *here, sp_diags *diags, sp_client_setup *ret,
                                sp_err *err)
{
    const sp_client *client = here->profile->client;
    const sp_client_config config = { .arena = arena, .here = here, .diags = diags, .to = ret };
    *ret = (sp_client_setup){ .places = client->places, .place_count = client->place_count };
    SP_TRY(check_moved(arena, here, err));
    for (size_t i = 0; i < client->config_count; i++) {
        sp_paths folders;
        if (client->configs[i].scope == SP_SCOPE_PROJECT && sp_place_off_by(here, client->config_off_by))
            continue;
        SP_TRY(sp_place_folders(arena, here, client->configs[i].anchor, &folders, err));
        for (size_t f = 0; f < folders.count; f++)
            SP_TRY(read_file(
                config, &client->configs[i],
                sp_place_path(arena, here, client->configs[i].anchor, folders.items[f], client->configs[i].path), err));
    }
    if (ret->names.count && client->has_names_in_turn)
        return set_places_in_turn(arena, ret, err);
    if (ret->names.count || ret->more_names.count)
        SP_TRY(set_places(arena, ret, err));
    return sp_config_find_places(arena, here, ret, diags, err);
}
