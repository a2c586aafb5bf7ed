/*
 * settings.c - from settings files and the client's variables to a handful of switches.
 *
 * One row per setting says where it stands, what it has to be, and in which files it counts. The rows are checked for
 * every file, so that a value of the wrong kind, or in the wrong file, is told and not just without effect.
 */
#include "clients/claude_code/settings.h"

#include "base/diagnostic.h"
#include "base/near.h"
#include "base/numbers.h"
#include "base/types.h"
#include "model/source.h"
#include "sources/json_doc.h"
#include "sources/loader.h"

#include <stdlib.h>

/* ---- rows ------------------------------------------------------------------------------------------- */

typedef enum setting_key {
    CLAUDE_MD_EXCLUDES,
    CLAUDE_MD,
    AUTO_MEMORY_ENABLED,
    AUTO_MEMORY_DIRECTORY,
    INSTRUCTION_FILES,
    AGENTS_MD_PLUGIN,
    ENABLED_PLUGINS,
    ENV,
    MODEL,
    SKILL_OVERRIDES,
    SKILL_FRACTION,
    SKILL_DESC_CHARS,
    GIT_INSTRUCTIONS,
    ATTRIBUTION_COMMIT,
    ATTRIBUTION_PR,
    CO_AUTHORED_BY,
    ADDITIONAL_DIRECTORIES,
    SUBAGENT_HOOKS,
    NO_HOOKS,
    OUTPUT_STYLE,
    LANGUAGE,
} setting_key;

enum {
    IN_ALL = 1 << SP_SCOPE_USER | 1 << SP_SCOPE_PROJECT | 1 << SP_SCOPE_LOCAL | 1 << SP_SCOPE_SESSION |
             1 << SP_SCOPE_MANAGED,
    IN_TRUSTED = 1 << SP_SCOPE_USER | 1 << SP_SCOPE_SESSION | 1 << SP_SCOPE_MANAGED,
    IN_MANAGED = 1 << SP_SCOPE_MANAGED,
    MAX_KEYS = 4,
    MIN_NAME = 5, /* shorter ones are near to too much */
};

typedef struct setting_row {
    const char *keys[MAX_KEYS]; /* from the outermost object inwards */
    sp_json_kind kind;
    unsigned scopes; /* bit by scope: where it counts */
    const char *where;
} setting_row;

static const setting_row rows[] = {
    [CLAUDE_MD_EXCLUDES] = { { "claudeMdExcludes" }, SP_JSON_ARRAY, IN_ALL, NULL },
    [CLAUDE_MD] = { { "claudeMd" }, SP_JSON_TEXT, IN_MANAGED, "managed settings" },
    [AUTO_MEMORY_ENABLED] = { { "autoMemoryEnabled" }, SP_JSON_BOOL, IN_ALL, NULL },
    [AUTO_MEMORY_DIRECTORY] = { { "autoMemoryDirectory" }, SP_JSON_TEXT, IN_ALL, NULL },
    [INSTRUCTION_FILES] = { { "pluginConfigs", "agents-md@builtin", "options", "instructionFiles" },
                            SP_JSON_TEXT,
                            IN_TRUSTED,
                            "user, --settings and managed settings" },
    [AGENTS_MD_PLUGIN] = { { "enabledPlugins", "agents-md@builtin" }, SP_JSON_BOOL, IN_ALL, NULL },
    [ENABLED_PLUGINS] = { { "enabledPlugins" }, SP_JSON_OBJECT, IN_ALL, NULL },
    [ENV] = { { "env" }, SP_JSON_OBJECT, IN_ALL, NULL },
    [MODEL] = { { "model" }, SP_JSON_TEXT, IN_ALL, NULL },
    [SKILL_OVERRIDES] = { { "skillOverrides" }, SP_JSON_OBJECT, IN_ALL, NULL },
    [SKILL_FRACTION] = { { "skillListingBudgetFraction" }, SP_JSON_NUMBER, IN_ALL, NULL },
    [SKILL_DESC_CHARS] = { { "skillListingMaxDescChars" }, SP_JSON_NUMBER, IN_ALL, NULL },
    [GIT_INSTRUCTIONS] = { { "includeGitInstructions" }, SP_JSON_BOOL, IN_ALL, NULL },
    [ATTRIBUTION_COMMIT] = { { "attribution", "commit" }, SP_JSON_TEXT, IN_ALL, NULL },
    [ATTRIBUTION_PR] = { { "attribution", "pr" }, SP_JSON_TEXT, IN_ALL, NULL },
    [CO_AUTHORED_BY] = { { "includeCoAuthoredBy" }, SP_JSON_BOOL, IN_ALL, NULL },
    [ADDITIONAL_DIRECTORIES] = { { "permissions", "additionalDirectories" }, SP_JSON_ARRAY, IN_ALL, NULL },
    [SUBAGENT_HOOKS] = { { "hooks", "SubagentStart" }, SP_JSON_ARRAY, IN_ALL, NULL },
    [NO_HOOKS] = { { "disableAllHooks" }, SP_JSON_BOOL, IN_ALL, NULL },
    [OUTPUT_STYLE] = { { "outputStyle" }, SP_JSON_TEXT, IN_ALL, NULL },
    [LANGUAGE] = { { "language" }, SP_JSON_TEXT, IN_ALL, NULL },
};

static const char *name_of(const setting_row *row)
{
    const char *name = row->keys[0];
    for (size_t i = 0; i < MAX_KEYS && row->keys[i]; i++)
        name = row->keys[i];
    return name;
}

static const sp_json_node *node_of(const sp_settings_file *file, const setting_row *row)
{
    const sp_json_node *node = file->root;
    for (size_t i = 0; i < MAX_KEYS && row->keys[i] && node; i++)
        node = sp_json_member(node, row->keys[i]);
    return node && node->kind != SP_JSON_NULL ? node : NULL;
}

/* The setting in that file, if it is of the right kind and counts there. */
static const sp_json_node *setting_in(const sp_settings_file *file, setting_key key)
{
    const sp_json_node *node = node_of(file, &rows[key]);
    return node && node->kind == rows[key].kind && rows[key].scopes >> file->scope & 1 ? node : NULL;
}

/* The setting in the last file that has it; NULL for none. */
static const sp_json_node *find_setting(const sp_settings *settings, setting_key key, const sp_settings_file **ret_file)
{
    for (size_t i = settings->files.count; i-- > 0;) {
        const sp_json_node *node = setting_in(&settings->files.items[i], key);
        *ret_file = &settings->files.items[i];
        if (node)
            return node;
    }
    return NULL;
}

/* Settings that are being read. */
typedef struct reading {
    sp_arena *arena;
    sp_place *here;
    sp_settings *to; /* of here */
    sp_diags *diags;
} reading;

/* ---- messages ------------------------------------------------------------------------------------------ */

static sp_status say(reading *r, const sp_settings_file *file, size_t offset, sp_rule_key rule, sp_str message,
                     sp_err *err)
{
    if (!message.ptr)
        return sp_err_memory(err);
    return sp_diag_add(r->diags, err, SP_WARNING, file->path, file->text, offset, rule, "%.*s", SP_STR_ARG(message));
}

/* "autoMemoryEnabled in .claude/settings.json:3" */
static sp_status told_by(sp_arena *arena, const char *name, const sp_settings_file *file, const sp_json_node *node,
                         sp_str *ret, sp_err *err)
{
    sp_position place = sp_position_of(file->text, node->offset);
    *ret = sp_str_format(arena, "%s in %.*s:%u", name, SP_STR_ARG(file->path), place.line);
    return ret->ptr ? SP_OK : sp_err_memory(err);
}

static sp_status check_row(reading *r, const sp_settings_file *file, const setting_row *row, sp_err *err)
{
    const sp_json_node *node = node_of(file, row);
    if (!node)
        return SP_OK;
    if (node->kind != row->kind)
        return say(r, file, node->offset, SP_RULE_SETTINGS_TYPE,
                   sp_str_format(r->arena, "%s has to be %s, but is %s; it is ignored", name_of(row),
                                 sp_json_kind_name(row->kind), sp_json_kind_name(node->kind)),
                   err);
    if (!(row->scopes >> file->scope & 1))
        return say(r, file, node->key_offset, SP_RULE_SETTINGS_IGNORED,
                   sp_str_format(r->arena, "%s counts only in %s; it is ignored here", name_of(row), row->where), err);
    return SP_OK;
}

/* ---- reading files ------------------------------------------------------------------------------------ */

static bool is_listed(const sp_settings *settings, sp_str absolute)
{
    for (size_t i = 0; i < settings->files.count; i++)
        if (sp_str_eq(settings->files.items[i].absolute, absolute))
            return true;
    return false;
}

/* "pluginConfigs, agents-md@builtin, options": what stands around the setting. */
static sp_str objects_around(sp_arena *arena, const setting_row *row)
{
    sp_str path = sp_str_of(row->keys[0]);
    for (size_t i = 1; i + 1 < MAX_KEYS && row->keys[i + 1] && path.ptr; i++)
        path = sp_str_format(arena, "%.*s, %s", SP_STR_ARG(path), row->keys[i]);
    return path;
}

/* A setting that counts within an object, and stands outside of it. */
static sp_status check_level(reading *r, const sp_settings_file *file, const sp_json_node *node, sp_err *err)
{
    for (size_t i = 0; i < SP_COUNT_OF(rows); i++) {
        if (!rows[i].keys[1] || !sp_str_eq(node->key, sp_str_of(name_of(&rows[i]))))
            continue;
        sp_str around = objects_around(r->arena, &rows[i]);
        if (!around.ptr)
            return sp_err_memory(err);
        return say(r, file, node->key_offset, SP_RULE_SETTINGS_NAME,
                   sp_str_format(r->arena, "%.*s does not count here; it belongs in %.*s", SP_STR_ARG(node->key),
                                 SP_STR_ARG(around)),
                   err);
    }
    return SP_OK;
}

/* A setting whose name is nearly that of one that counts would be without effect, and without a word. */
static sp_status check_names(reading *r, const sp_settings_file *file, sp_err *err)
{
    sp_str names[SP_COUNT_OF(rows)];
    for (size_t i = 0; i < SP_COUNT_OF(rows); i++)
        names[i] = sp_str_of(rows[i].keys[0]);
    for (const sp_json_node *node = file->root->first; node; node = node->next) {
        SP_TRY(check_level(r, file, node, err));
        size_t near = node->key.len >= MIN_NAME ? sp_near(node->key, names, SP_COUNT_OF(rows)) : SIZE_MAX;
        if (near == SIZE_MAX || sp_str_eq(node->key, names[near]))
            continue;
        SP_TRY(say(r, file, node->key_offset, SP_RULE_SETTINGS_NAME,
                   sp_str_format(r->arena, "there is no setting %.*s; did you mean %.*s?", SP_STR_ARG(node->key),
                                 SP_STR_ARG(names[near])),
                   err));
    }
    return SP_OK;
}

static sp_status push(reading *r, sp_scope scope, const sp_json_doc *doc, sp_err *err)
{
    sp_settings_file *file = SP_LIST_PUSH(r->arena, &r->to->files);
    if (!file)
        return sp_err_memory(err);
    *file = (sp_settings_file){ scope, doc->absolute, doc->path, doc->text, doc->root };
    for (size_t i = 0; i < SP_COUNT_OF(rows); i++)
        SP_TRY(check_row(r, file, &rows[i], err));
    return check_names(r, file, err);
}

static sp_status refuse_link(reading *r, sp_str path, const sp_file *file, sp_err *err)
{
    sp_str why = sp_origin_why(r->arena, r->here, path, file->real_path);
    if (!why.ptr)
        return sp_err_memory(err);
    return sp_diag_add(r->diags, err, SP_FINDING, sp_place_shown(r->here, path), (sp_str){ 0 }, SP_WHOLE_FILE,
                       SP_RULE_LINK_EXTERNAL, "no settings are read from here: %.*s", SP_STR_ARG(why));
}

static sp_status warn_unread(reading *r, sp_str path, const sp_file *file, sp_err *err)
{
    sp_str shown = sp_place_shown(r->here, path);
    if (file->state == SP_FILE_EXTERNAL)
        return refuse_link(r, path, file, err);
    if (file->state == SP_FILE_LARGE)
        return sp_diag_add(r->diags, err, SP_FINDING, shown, (sp_str){ 0 }, SP_WHOLE_FILE, SP_RULE_SETTINGS_MAX_BYTES,
                           "has %s bytes, and with a settings file of more than %s the client does not start",
                           SP_NUMBER(file->size_bytes),
                           SP_NUMBER(sp_rule_value(r->here->profile, SP_RULE_SETTINGS_MAX_BYTES)));
    return sp_diag_add(r->diags, err, SP_WARNING, shown, (sp_str){ 0 }, SP_WHOLE_FILE, SP_RULE_SETTINGS_INVALID,
                       "no settings are read from here: it %s",
                       file->state == SP_FILE_DANGLING  ? "is a link whose target does not exist"
                       : file->state == SP_FILE_DENIED  ? "cannot be read: permission denied"
                       : file->state == SP_FILE_OUTSIDE ? "leads outside of --root"
                                                        : "is not a file");
}

static sp_str problem_of(reading *r, const sp_json_doc *doc)
{
    if (!doc->root)
        return sp_str_format(r->arena, "is not JSON: %s", doc->problem.what);
    return sp_str_format(r->arena, "has to be an object, but is %s", sp_json_kind_name(doc->root->kind));
}

static bool is_object(const sp_json_doc *doc)
{
    return doc->root && doc->root->kind == SP_JSON_OBJECT;
}

static size_t problem_offset(const sp_json_doc *doc)
{
    return doc->root ? doc->root->offset : doc->problem.offset;
}

static sp_status read_file(reading *r, sp_scope scope, sp_str path, sp_err *err)
{
    sp_file file;
    if (!path.ptr)
        return sp_err_memory(err);
    uint64_t max_bytes = (uint64_t)sp_rule_value(r->here->profile, SP_RULE_SETTINGS_MAX_BYTES);
    sp_read_limits limits = { .max_bytes = max_bytes, .root = r->here->allowed };
    if (is_listed(r->to, path))
        return SP_OK;
    SP_TRY(sp_reader_read(r->here->reader, r->arena, path, limits, &file, err));
    if (file.state == SP_FILE_ABSENT)
        return SP_OK;
    if (file.state != SP_FILE_READ)
        return warn_unread(r, path, &file, err);
    sp_json_doc doc = { .path = sp_place_shown(r->here, path), .absolute = path, .text = file.bytes };
    sp_json_node *root;
    SP_TRY(sp_settings_parse(r->arena, scope, doc.text, &root, &doc.problem, err));
    doc.root = root;
    if (!root && doc.problem.is_limit)
        return sp_settings_refuse(r->diags, doc.path, doc.text, doc.problem.offset, err);
    for (size_t i = 0; root && i < SP_COUNT_OF(rows); i++)
        SP_TRY(sp_settings_keep(r->diags, scope, doc.path, doc.text, root, (sp_setting_keys){ rows[i].keys, MAX_KEYS },
                                err));
    if (is_object(&doc))
        return push(r, scope, &doc, err);
    sp_str problem = problem_of(r, &doc);
    if (!problem.ptr)
        return sp_err_memory(err);
    return sp_diag_add(r->diags, err, SP_WARNING, doc.path, doc.text, problem_offset(&doc), SP_RULE_SETTINGS_INVALID,
                       "%.*s; nothing is taken from this file", SP_STR_ARG(problem));
}

/* managed-settings.json, then what lies in managed-settings.d, by name. */
static sp_status read_managed(reading *r, sp_err *err)
{
    sp_listing listing;
    sp_str folder = sp_path_join(r->arena, r->here->root, SP_STR("etc/claude-code"));
    sp_str parts = sp_path_join(r->arena, folder, SP_STR("managed-settings.d"));
    if (!folder.ptr || !parts.ptr)
        return sp_err_memory(err);
    SP_TRY(read_file(r, SP_SCOPE_MANAGED, sp_path_join(r->arena, folder, SP_STR("managed-settings.json")), err));
    SP_TRY(
        sp_reader_list(r->here->reader, r->arena, parts, (sp_read_limits){ .root = r->here->allowed }, &listing, err));
    if (listing.state == SP_FILE_DENIED || listing.state == SP_FILE_OUTSIDE)
        return warn_unread(r, parts, &(sp_file){ .state = listing.state }, err);
    for (size_t i = 0; listing.state == SP_FILE_FOLDER && i < listing.count; i++) {
        sp_str name = listing.entries[i].name;
        if (sp_str_ends(name, SP_STR(".json")) && name.ptr[0] != '.')
            SP_TRY(read_file(r, SP_SCOPE_MANAGED, sp_path_join(r->arena, parts, name), err));
    }
    return SP_OK;
}

static sp_status read_named(reading *r, sp_err *err)
{
    sp_json_doc doc;
    if (!r->here->request->settings_json)
        return SP_OK;
    SP_TRY(sp_json_doc_read(r->arena, r->here, r->here->request->settings_json, "--settings", &doc, err));
    if (is_object(&doc))
        return push(r, SP_SCOPE_SESSION, &doc, err);
    sp_str problem = problem_of(r, &doc);
    if (!problem.ptr)
        return sp_err_memory(err);
    return sp_err_at(err, SP_ERR_INPUT, doc.path, doc.text, problem_offset(&doc), sp_rule_id(SP_RULE_SETTINGS_INVALID),
                     "%.*s", SP_STR_ARG(problem));
}

/* Whether the local settings of the repository's root count as well as those of the launch directory. */
static bool has_local_root(const reading *r, sp_scope scope)
{
    sp_str why;
    return scope == SP_SCOPE_LOCAL && r->here->has_repository && !sp_str_eq(r->here->repository, r->here->launch) &&
           sp_rule_holds(r->here->profile, SP_RULE_SETTINGS_LOCAL_ROOT) &&
           sp_place_leaves_out(r->here, scope, SP_SOURCE_INSTRUCTIONS, &why) == SP_RULE_NONE;
}

static sp_status read_files(reading *r, sp_err *err)
{
    static const struct {
        sp_scope scope;
        const char *path; /* below ~/.claude for the user's, below the launch directory for the others */
    } places[] = {
        { SP_SCOPE_USER, "settings.json" },
        { SP_SCOPE_PROJECT, ".claude/settings.json" },
        { SP_SCOPE_LOCAL, ".claude/settings.local.json" },
    };
    for (size_t i = 0; i < SP_COUNT_OF(places); i++) {
        sp_str why;
        sp_str above = places[i].scope == SP_SCOPE_USER ? r->here->user_dir : r->here->launch;
        if (has_local_root(r, places[i].scope))
            SP_TRY(read_file(r, SP_SCOPE_LOCAL, sp_path_join(r->arena, r->here->repository, sp_str_of(places[i].path)),
                             err));
        if (above.ptr && sp_place_leaves_out(r->here, places[i].scope, SP_SOURCE_INSTRUCTIONS, &why) == SP_RULE_NONE)
            SP_TRY(read_file(r, places[i].scope, sp_path_join(r->arena, above, sp_str_of(places[i].path)), err));
    }
    SP_TRY(read_named(r, err));
    return read_managed(r, err);
}

/* ---- variables ------------------------------------------------------------------------------------------- */

/* A variable of the client: env of the settings files comes before what it was started with. ptr NULL: not set. */
static sp_status find_variable(reading *r, const char *name, sp_setting_text *ret, sp_err *err)
{
    const sp_settings *settings = r->to;
    const char *const *variables = r->here->request->client_env;
    size_t length = strlen(name);
    *ret = (sp_setting_text){ 0 };
    for (size_t i = settings->files.count; i-- > 0;) {
        const sp_settings_file *file = &settings->files.items[i];
        const sp_json_node *env = setting_in(file, ENV);
        const sp_json_node *node = sp_json_member(env, name);
        if (!node || node->kind == SP_JSON_NULL)
            continue;
        ret->text = node->text;
        return told_by(r->arena, name, file, node, &ret->by, err);
    }
    for (; variables && *variables; variables++) {
        if (strncmp(*variables, name, length) != 0 || (*variables)[length] != '=')
            continue;
        ret->text = sp_str_dup(r->arena, sp_str_of(*variables + length + 1));
        ret->by = sp_str_format(r->arena, "%s in the environment", name);
        return ret->text.ptr && ret->by.ptr ? SP_OK : sp_err_memory(err);
    }
    return SP_OK;
}

static bool is_yes(sp_str text)
{
    return sp_str_eq(text, SP_STR("1")) || sp_str_eq_nocase(text, SP_STR("true")) ||
           sp_str_eq_nocase(text, SP_STR("yes")) || sp_str_eq_nocase(text, SP_STR("on"));
}

static sp_status take_variable(reading *r, const char *name, sp_switch *ret, sp_err *err)
{
    sp_setting_text variable;
    SP_TRY(find_variable(r, name, &variable, err));
    *ret = (sp_switch){ is_yes(variable.text), variable.by };
    return SP_OK;
}

/* ---- single settings ---------------------------------------------------------------------------------------- */

/* CLAUDE_CODE_DISABLE_AUTO_MEMORY decides if it is set, also with 0, which turns memory on. */
static sp_status take_memory(reading *r, sp_err *err)
{
    sp_settings *settings = r->to;
    const sp_settings_file *file;
    SP_TRY(take_variable(r, "CLAUDE_CODE_DISABLE_AUTO_MEMORY", &settings->memory_off, err));
    if (settings->memory_off.by.len)
        return SP_OK;
    if (r->here->bare_by.ptr) {
        settings->memory_off = (sp_switch){ true, r->here->bare_by };
        return SP_OK;
    }
    const sp_json_node *node = find_setting(settings, AUTO_MEMORY_ENABLED, &file);
    if (!node || node->is_true)
        return SP_OK;
    settings->memory_off.is_on = true;
    return told_by(r->arena, "autoMemoryEnabled", file, node, &settings->memory_off.by, err);
}

static sp_status take_text(reading *r, setting_key key, sp_setting_text *ret, sp_err *err)
{
    const sp_settings_file *file;
    const sp_json_node *node = find_setting(r->to, key, &file);
    if (!node)
        return SP_OK;
    ret->text = node->text;
    ret->path = file->absolute;
    ret->shown = file->path;
    ret->file = file;
    ret->offset = node->offset;
    return told_by(r->arena, name_of(&rows[key]), file, node, &ret->by, err);
}

static sp_status take_memory_dir(reading *r, sp_err *err)
{
    sp_setting_text *dir = &r->to->memory_dir;
    const sp_settings_file *file;
    SP_TRY(take_text(r, AUTO_MEMORY_DIRECTORY, dir, err));
    bool is_usable = dir->text.len && (dir->text.ptr[0] == '/' || sp_str_starts(dir->text, SP_STR("~/"))) &&
                     !memchr(dir->text.ptr, '\0', dir->text.len);
    if (!dir->text.ptr || is_usable)
        return SP_OK;
    *dir = (sp_setting_text){ 0 };
    const sp_json_node *node = find_setting(r->to, AUTO_MEMORY_DIRECTORY, &file);
    return say(r, file, node->offset, SP_RULE_SETTINGS_TYPE,
               SP_STR("autoMemoryDirectory has to be an absolute path or one that begins with ~/; it is ignored"), err);
}

static const struct {
    const char *name;
    sp_instruction_mode mode;
} modes[] = {
    { "claude-md-or-agents-md", SP_CLAUDE_MD_OR_AGENTS_MD },
    { "claude-md-and-agents-md", SP_CLAUDE_MD_AND_AGENTS_MD },
    { "claude-md", SP_CLAUDE_MD_ONLY },
    { "managed-only", SP_MANAGED_ONLY },
};

static sp_status take_named_mode(reading *r, sp_err *err)
{
    sp_settings *settings = r->to;
    const sp_settings_file *file;
    const sp_json_node *node = find_setting(settings, INSTRUCTION_FILES, &file);
    if (!node)
        return SP_OK;
    for (size_t i = 0; i < SP_COUNT_OF(modes); i++)
        if (sp_str_eq(node->text, sp_str_of(modes[i].name))) {
            settings->mode = modes[i].mode;
            return told_by(r->arena, "instructionFiles", file, node, &settings->mode_by, err);
        }
    return say(r, file, node->offset, SP_RULE_SETTINGS_TYPE,
               SP_STR("instructionFiles has to be claude-md-or-agents-md, claude-md-and-agents-md, claude-md or "
                      "managed-only; it is ignored"),
               err);
}

/* Without its built-in plugin the client reads no AGENTS.md, whatever the mode. */
static sp_status take_mode(reading *r, sp_err *err)
{
    sp_settings *settings = r->to;
    const sp_settings_file *file;
    const sp_json_node *plugin = find_setting(settings, AGENTS_MD_PLUGIN, &file);
    if (!plugin || plugin->is_true)
        return take_named_mode(r, err);
    settings->mode = SP_CLAUDE_MD_ONLY;
    return told_by(r->arena, "agents-md@builtin", file, plugin, &settings->mode_by, err);
}

/* ---- skills, git ----------------------------------------------------------------------------------------- */

/* A text of digits only, and more than 0. */
static bool is_count(sp_str text)
{
    bool has_more = false;
    for (size_t i = 0; i < text.len; i++) {
        if (text.ptr[i] < '0' || text.ptr[i] > '9')
            return false;
        has_more = has_more || text.ptr[i] != '0';
    }
    return has_more && text.len <= 9;
}

/* "0.02", "1e-2": above 0 and at most 1. Not strtod, which asks the locale what a point is. */
static double fraction_of(sp_str text)
{
    double value = 0;
    int exponent = 0;
    size_t at = 0;
    for (bool is_behind = false; at < text.len && text.ptr[at] != 'e' && text.ptr[at] != 'E'; at++) {
        char c = text.ptr[at];
        if (c == '-')
            return 0;
        if (c == '.') {
            is_behind = true;
        } else {
            value = value * 10 + (c - '0');
            exponent -= is_behind;
        }
    }
    long shift = at < text.len ? strtol(text.ptr + at + 1, NULL, 10) : 0; /* a brace or a comma ends it */
    for (exponent += shift > 400 ? 400 : shift < -400 ? -400 : (int)shift; exponent > 0; exponent--)
        value *= 10;
    for (; exponent < 0; exponent++)
        value /= 10;
    return value > 0 && value <= 1 ? value : 0;
}

/* What is not usable is said, and counts as absent. */
static sp_status warn_unusable(reading *r, setting_key key, const char *expected, sp_setting_text *setting, sp_err *err)
{
    const sp_settings_file *file = NULL;
    const sp_json_node *node = find_setting(r->to, key, &file);
    *setting = (sp_setting_text){ 0 };
    return say(r, file, node->offset, SP_RULE_SETTINGS_TYPE,
               sp_str_format(r->arena, "%s has to be %s; it is ignored", name_of(&rows[key]), expected), err);
}

static sp_status take_skill_numbers(reading *r, sp_err *err)
{
    sp_settings *settings = r->to;
    SP_TRY(take_text(r, SKILL_FRACTION, &settings->skill_fraction, err));
    settings->skill_share = fraction_of(settings->skill_fraction.text);
    if (settings->skill_fraction.text.ptr && settings->skill_share == 0)
        SP_TRY(warn_unusable(r, SKILL_FRACTION, "above 0 and at most 1", &settings->skill_fraction, err));
    SP_TRY(take_text(r, SKILL_DESC_CHARS, &settings->skill_max_chars, err));
    if (settings->skill_max_chars.text.ptr && !is_count(settings->skill_max_chars.text))
        SP_TRY(warn_unusable(r, SKILL_DESC_CHARS, "a whole number above 0", &settings->skill_max_chars, err));
    SP_TRY(find_variable(r, "SLASH_COMMAND_TOOL_CHAR_BUDGET", &settings->skill_budget, err));
    if (!is_count(settings->skill_budget.text))
        settings->skill_budget = (sp_setting_text){ 0 };
    return SP_OK;
}

/* The variable decides if it is set, also with 0. */
static sp_status take_git(reading *r, sp_err *err)
{
    sp_settings *settings = r->to;
    const sp_settings_file *file;
    SP_TRY(take_variable(r, "CLAUDE_CODE_DISABLE_GIT_INSTRUCTIONS", &settings->git_off, err));
    const sp_json_node *node = find_setting(settings, GIT_INSTRUCTIONS, &file);
    if (settings->git_off.by.len || !node || node->is_true)
        return SP_OK;
    settings->git_off.is_on = true;
    return told_by(r->arena, "includeGitInstructions", file, node, &settings->git_off.by, err);
}

/* Two empty texts, or includeCoAuthoredBy without any text: the client says nothing of how commits are signed. Measured
 * in 2.1.286 and 2.1.330. */
static sp_status take_attribution(reading *r, sp_err *err)
{
    const sp_settings_file *file;
    sp_switch *off = &r->to->attribution_off;
    const sp_json_node *pull = find_setting(r->to, ATTRIBUTION_PR, &file);
    const sp_json_node *commit = find_setting(r->to, ATTRIBUTION_COMMIT, &file);
    if (commit && pull && commit->text.len == 0 && pull->text.len == 0) {
        off->is_on = true;
        return told_by(r->arena, "attribution", file, commit, &off->by, err);
    }
    const sp_json_node *signs = find_setting(r->to, CO_AUTHORED_BY, &file);
    if (commit || pull || !signs || signs->is_true)
        return SP_OK;
    off->is_on = true;
    return told_by(r->arena, "includeCoAuthoredBy", file, signs, &off->by, err);
}

sp_status sp_settings_find_override(sp_arena *arena, const sp_place *here, sp_str skill, sp_setting_text *ret,
                                    sp_err *err)
{
    const sp_settings *settings = &here->settings;
    *ret = (sp_setting_text){ 0 };
    for (size_t i = settings->files.count; i-- > 0;) {
        const sp_json_node *overrides = setting_in(&settings->files.items[i], SKILL_OVERRIDES);
        const sp_json_node *found = NULL;
        for (const sp_json_node *node = overrides ? overrides->first : NULL; node; node = node->next)
            if (node->kind == SP_JSON_TEXT && sp_str_eq(node->key, skill))
                found = node;
        if (!found)
            continue;
        ret->text = found->text;
        return told_by(arena, "skillOverrides", &settings->files.items[i], found, &ret->by, err);
    }
    return SP_OK;
}

/* ---- plugins -------------------------------------------------------------------------------------------- */

enum { MAX_PLUGINS_NAMED = 5 };

static sp_str list_plugins(sp_arena *arena, const sp_json_node *plugins)
{
    sp_buf names = { 0 };
    size_t count = 0;
    for (const sp_json_node *node = plugins->first; node; node = node->next) {
        bool is_on = node->kind == SP_JSON_BOOL && node->is_true && !sp_str_ends(node->key, SP_STR("@builtin"));
        if (is_on && count++ < MAX_PLUGINS_NAMED)
            sp_buf_format(&names, "%s%.*s", count > 1 ? ", " : "", SP_STR_ARG(node->key));
    }
    if (count > MAX_PLUGINS_NAMED)
        sp_buf_format(&names, " and %zu more", count - MAX_PLUGINS_NAMED);
    return sp_buf_move(&names, arena);
}

sp_status sp_settings_note_plugins(const sp_loader *loader, sp_err *err)
{
    const sp_settings *settings = &loader->here->settings;
    for (size_t i = 0; i < settings->files.count; i++) {
        const sp_settings_file *file = &settings->files.items[i];
        const sp_json_node *plugins = setting_in(file, ENABLED_PLUGINS);
        sp_str names = plugins ? list_plugins(loader->arena, plugins) : SP_STR("");
        if (!names.ptr)
            return sp_err_memory(err);
        if (names.len)
            SP_TRY(sp_diag_add(
                loader->diags, err, SP_NOTE, file->path, file->text, plugins->key_offset, SP_RULE_AGENT_PLUGIN,
                "enables %.*s; agents of installed plugins are listed only with --plugin-dir", SP_STR_ARG(names)));
    }
    return SP_OK;
}

/* ---- hooks ---------------------------------------------------------------------------------------------- */

static bool is_list_of_names(sp_str matcher)
{
    static const char others[] = "-_:| ";
    for (size_t i = 0; i < matcher.len; i++) {
        char c = matcher.ptr[i];
        bool is_plain = (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9');
        if (!is_plain && !memchr(others, c, sizeof others - 1))
            return false;
    }
    return matcher.len > 0;
}

/* A matcher is a name, or several with | between them. Any other may be a regular expression, and may match. */
static bool may_match(sp_str matcher, sp_str name)
{
    if (!is_list_of_names(matcher))
        return true;
    for (size_t begin = 0, end; begin <= matcher.len; begin = end + 1) {
        end = sp_str_find(matcher, SP_STR("|"), begin);
        end = end == SIZE_MAX ? matcher.len : end;
        if (sp_str_eq(sp_str_trim(sp_str_slice(matcher, begin, end)), name))
            return true;
    }
    return false;
}

static bool may_run_for(const sp_json_node *hook, sp_str agent)
{
    const sp_json_node *matcher = sp_json_member(hook, "matcher");
    return !matcher || matcher->kind != SP_JSON_TEXT || may_match(matcher->text, agent);
}

sp_status sp_settings_note_hooks(const sp_loader *loader, sp_str agent, sp_err *err)
{
    const sp_settings *settings = &loader->here->settings;
    const sp_settings_file *last;
    const sp_json_node *off = find_setting(settings, NO_HOOKS, &last);
    if ((off && off->is_true) || !sp_rule_holds(loader->here->profile, SP_RULE_AGENT_HOOK_CONTEXT))
        return SP_OK;
    for (size_t i = 0; i < settings->files.count; i++) {
        const sp_settings_file *file = &settings->files.items[i];
        const sp_json_node *hooks = setting_in(file, SUBAGENT_HOOKS);
        const sp_json_node *hook = hooks ? hooks->first : NULL;
        while (hook && !may_run_for(hook, agent))
            hook = hook->next;
        if (hook)
            SP_TRY(sp_diag_add(loader->diags, err, SP_NOTE, file->path, file->text, hook->offset,
                               SP_RULE_AGENT_HOOK_CONTEXT,
                               "what this hook says when the agent starts is a part of its first context; sysprompt "
                               "runs no hooks"));
    }
    return SP_OK;
}

/* ---- claudeMdExcludes ------------------------------------------------------------------------------------------ */

static size_t count_patterns(const sp_settings *settings)
{
    size_t count = 0;
    for (size_t i = 0; i < settings->files.count; i++) {
        const sp_json_node *list = setting_in(&settings->files.items[i], CLAUDE_MD_EXCLUDES);
        count += list ? list->count : 0;
    }
    return count;
}

/* What keeps a pattern from matching, and the rule that says so; NULL for nothing. */
static const char *problem_of_pattern(const sp_json_node *node, const sp_glob *glob, sp_rule_key *ret)
{
    static const char absolute[] = "/*?[{\\"; /* what a pattern for absolute paths may begin with */
    *ret = SP_RULE_SETTINGS_PATTERN;
    if (glob->state == SP_GLOB_INVALID)
        return "nothing closes a [ in this pattern, so it matches nothing; write \\\\[ for a [ in a name";
    if (node->text.len == 0 || !memchr(absolute, node->text.ptr[0], sizeof absolute - 1))
        return "this pattern matches nothing, because it is compared with absolute paths; begin it with / or **/";
    *ret = glob->state == SP_GLOB_OVER_BYTES ? SP_RULE_RULE_PATTERN_BYTES : SP_RULE_RULE_PATTERNS;
    return glob->state != SP_GLOB_FINE
               ? "the braces of this pattern stand for too many patterns, so they are taken as they are"
               : NULL;
}

enum { MAX_PATTERN_PROBLEMS = 20 };

static sp_status add_pattern(reading *r, const sp_settings_file *file, const sp_json_node *node, sp_glob_budget *budget,
                             size_t *problems, sp_err *err)
{
    sp_settings *settings = r->to;
    sp_exclude exclude = { .file = file, .offset = node->offset };
    sp_rule_key rule = SP_RULE_SETTINGS_TYPE;
    const char *problem = "claudeMdExcludes holds patterns, which are texts; this is ignored";
    if (node->kind == SP_JSON_TEXT) {
        SP_TRY(sp_glob_compile(r->arena, node->text, budget, &exclude.glob, err));
        settings->excludes[settings->exclude_count++] = exclude;
        problem = problem_of_pattern(node, &exclude.glob, &rule);
    }
    if (!problem || (*problems)++ >= MAX_PATTERN_PROBLEMS)
        return SP_OK;
    return say(r, file, node->offset, rule, sp_str_of(problem), err);
}

static sp_status take_excludes(reading *r, sp_err *err)
{
    sp_settings *settings = r->to;
    sp_glob_budget budget = { (uint64_t)sp_rule_value(r->here->profile, SP_RULE_RULE_PATTERNS),
                              (uint64_t)sp_rule_value(r->here->profile, SP_RULE_RULE_PATTERN_BYTES) };
    size_t problems = 0;
    settings->excludes = SP_ARENA_ARRAY(r->arena, sp_exclude, count_patterns(settings) + 1);
    if (!settings->excludes)
        return sp_err_memory(err);
    for (size_t i = 0; i < settings->files.count; i++) {
        const sp_json_node *list = setting_in(&settings->files.items[i], CLAUDE_MD_EXCLUDES);
        for (const sp_json_node *node = list ? list->first : NULL; node; node = node->next)
            SP_TRY(add_pattern(r, &settings->files.items[i], node, &budget, &problems, err));
    }
    if (problems <= MAX_PATTERN_PROBLEMS)
        return SP_OK;
    const sp_settings_file *last = &settings->files.items[settings->files.count - 1];
    return say(r, last, 0, SP_RULE_SETTINGS_PATTERN,
               sp_str_format(r->arena, "of all settings files, %zu more patterns of claudeMdExcludes are wrong",
                             problems - MAX_PATTERN_PROBLEMS),
               err);
}

/* The path as the client would see it where --root stands for /. */
static sp_str seen_path(const sp_place *here, sp_str path)
{
    bool is_moved = !sp_str_eq(here->root, SP_STR("/")) && sp_path_is_within(path, here->root);
    return is_moved ? sp_str_slice(path, here->root.len, path.len) : path;
}

const sp_exclude *sp_settings_find_exclude(const sp_place *here, sp_str path, sp_str real_path)
{
    const sp_settings *settings = &here->settings;
    for (size_t i = 0; i < settings->exclude_count; i++) {
        const sp_glob *glob = &settings->excludes[i].glob;
        if (sp_glob_match(glob, seen_path(here, path), true) ||
            (real_path.ptr && sp_glob_match(glob, seen_path(here, real_path), true)))
            return &settings->excludes[i];
    }
    return NULL;
}

sp_str sp_settings_name_exclude(sp_arena *arena, const sp_exclude *exclude)
{
    sp_position place = sp_position_of(exclude->file->text, exclude->offset);
    return sp_str_format(arena, "claudeMdExcludes in %.*s:%u", SP_STR_ARG(exclude->file->path), place.line);
}

/* ---- permissions.additionalDirectories --------------------------------------------------------------------------- */

/* A file of the repository, which names directories of the repository alone. */
static bool is_bound(const reading *r, const sp_settings_file *file)
{
    return r->here->origins && (file->scope == SP_SCOPE_PROJECT || file->scope == SP_SCOPE_LOCAL);
}

/* Whether that file may name the path: one of the repository, or of a directory that an option adds. */
static bool may_name(const reading *r, const sp_settings_file *file, sp_str path)
{
    sp_places added = { r->here->added.items, r->here->added.count };
    return !is_bound(r, file) || sp_origin_holds(r->here, path) || (added.count && sp_places_hold(added, path));
}

/* What the setting names: ret->state is SP_FILE_OUTSIDE for what cannot be known, and SP_FILE_EXTERNAL for what this
 * file may not name. The path is judged before anything looks there, so that its existence is not told either. */
static sp_status find_granted(reading *r, const sp_settings_file *file, sp_str name, sp_file *ret, sp_err *err)
{
    sp_str above = r->here->launch;
    *ret = (sp_file){ .state = SP_FILE_OUTSIDE };
    if (memchr(name.ptr, '\0', name.len) || (sp_str_starts(name, SP_STR("~/")) && !r->here->home.ptr))
        return SP_OK;
    if (sp_str_starts(name, SP_STR("~/")) || sp_str_starts(name, SP_STR("/"))) {
        above = name.ptr[0] == '~' ? r->here->home : r->here->root;
        name = sp_str_slice(name, 1 + (name.ptr[0] == '~'), name.len);
    }
    while (sp_str_starts(name, SP_STR("/")))
        name = sp_str_slice(name, 1, name.len);
    sp_str path = sp_path_join(r->arena, above, name);
    if (!path.ptr)
        return sp_err_memory(err);
    ret->state = SP_FILE_EXTERNAL;
    if (!may_name(r, file, path))
        return SP_OK;
    sp_read_limits limits = { .root = r->here->allowed };
    if (is_bound(r, file) && sp_origin_holds(r->here, path)) {
        limits.origin = SP_ORIGIN_REPOSITORY;
        limits.hides_outside = true;
    }
    SP_TRY(sp_reader_read(r->here->reader, r->arena, path, limits, ret, err));
    if (ret->real_path.ptr && !may_name(r, file, ret->real_path))
        ret->state = SP_FILE_EXTERNAL;
    return SP_OK;
}

/* Nothing of the prompt is missing without it, so it is a note, and not link.external, which fails. */
static sp_status tell_external(reading *r, const sp_settings_file *file, const sp_json_node *node, sp_err *err)
{
    return sp_diag_add(r->diags, err, SP_NOTE, file->path, file->text, node->offset, SP_RULE_CHAIN_GRANTED,
                       "additionalDirectories names %.*s, which leads out of %s; nothing is read there without "
                       "--external-links=allow",
                       SP_STR_ARG(node->text), sp_origin_of_launch(r->here));
}

static sp_status tell_no_folder(reading *r, const sp_settings_file *file, const sp_json_node *node, sp_file_state state,
                                sp_err *err)
{
    if (state == SP_FILE_OUTSIDE || state == SP_FILE_DENIED)
        return SP_OK;
    bool is_absent = state == SP_FILE_ABSENT || state == SP_FILE_DANGLING;
    return sp_diag_add(r->diags, err, SP_NOTE, file->path, file->text, node->offset, SP_RULE_CHAIN_GRANTED,
                       "additionalDirectories names %.*s, %s", SP_STR_ARG(node->text),
                       is_absent ? "and there is no such folder" : "which is no folder");
}

/* What is read from such a folder by other rules says so itself. */
static bool is_known_folder(reading *r, sp_str folder)
{
    const sp_paths *lists[] = { &r->here->added, &r->here->granted };
    for (size_t i = 0; i < SP_COUNT_OF(lists); i++)
        for (size_t j = 0; j < lists[i]->count; j++)
            if (sp_str_eq(lists[i]->items[j], folder))
                return true;
    return sp_path_is_within(r->here->launch, folder) || sp_path_is_within(folder, r->here->launch);
}

static sp_status take_directory(reading *r, const sp_settings_file *file, const sp_json_node *node, sp_err *err)
{
    sp_file found;
    sp_str by;
    if (node->kind != SP_JSON_TEXT)
        return say(r, file, node->offset, SP_RULE_SETTINGS_TYPE,
                   SP_STR("additionalDirectories holds folders, which are texts; this is ignored"), err);
    SP_TRY(find_granted(r, file, node->text, &found, err));
    if (found.state == SP_FILE_EXTERNAL)
        return tell_external(r, file, node, err);
    if (found.state != SP_FILE_FOLDER)
        return tell_no_folder(r, file, node, found.state, err);
    sp_str folder = found.real_path;
    if (is_known_folder(r, folder))
        return SP_OK;
    SP_TRY(told_by(r->arena, "additionalDirectories", file, node, &by, err));
    SP_TRY(sp_paths_add(r->arena, &r->here->granted, folder, err));
    return sp_paths_add(r->arena, &r->here->granted_by, by, err);
}

static sp_status take_directories(reading *r, sp_err *err)
{
    for (size_t i = 0; i < r->to->files.count; i++) {
        const sp_settings_file *file = &r->to->files.items[i];
        const sp_json_node *list = setting_in(file, ADDITIONAL_DIRECTORIES);
        for (const sp_json_node *node = list ? list->first : NULL; node; node = node->next)
            SP_TRY(take_directory(r, file, node, err));
    }
    return SP_OK;
}

/* ---- the whole -------------------------------------------------------------------------------------------------- */

sp_status sp_settings_read(sp_arena *arena, sp_place *here, sp_diags *diags, sp_err *err)
{
    sp_settings *settings = &here->settings;
    reading reader = { arena, here, settings, diags };
    reading *r = &reader;
    if (!sp_rule_holds(here->profile, SP_RULE_SETTINGS_ORDER))
        return SP_OK;
    SP_TRY(read_files(r, err));
    SP_TRY(take_memory(r, err));
    SP_TRY(take_memory_dir(r, err));
    SP_TRY(take_mode(r, err));
    SP_TRY(take_excludes(r, err));
    SP_TRY(take_directories(r, err));
    SP_TRY(take_text(r, CLAUDE_MD, &settings->claude_md, err));
    SP_TRY(find_variable(r, "ANTHROPIC_MODEL", &settings->model, err));
    if (!settings->model.text.len)
        SP_TRY(take_text(r, MODEL, &settings->model, err));
    settings->model.text = sp_claude_code_aliased_model(r->arena, here->profile, settings->model.text);
    if (settings->model.text.len && !settings->model.text.ptr)
        return sp_err_memory(err);
    SP_TRY(take_text(r, OUTPUT_STYLE, &settings->output_style, err));
    SP_TRY(take_text(r, LANGUAGE, &settings->language, err));
    SP_TRY(take_variable(r, "CLAUDE_CODE_DISABLE_CLAUDE_MDS", &settings->instructions_off, err));
    SP_TRY(take_variable(r, "CLAUDE_CODE_ADDITIONAL_DIRECTORIES_CLAUDE_MD", &settings->added_on, err));
    SP_TRY(take_skill_numbers(r, err));
    SP_TRY(take_git(r, err));
    SP_TRY(take_attribution(r, err));
    SP_TRY(find_variable(r, "CLAUDE_CODE_SUBAGENT_MODEL", &settings->subagent_model, err));
    return take_variable(r, "CLAUDE_CODE_SUBAGENT_MODEL_FORCE", &settings->subagent_model_first, err);
}
