/* described.c - one place after the other, each from the launch directory up; the first of a name has it. */
#include "clients/plain/described.h"

#include "base/map.h"
#include "base/parse_json.h"
#include "base/types.h"
#include "clients/plain/client_config.h"
#include "sources/client.h"
#include "sources/walk.h"
#include "syntax/front_matter.h"
#include "syntax/toml.h"

typedef struct finder {
    sp_loader *loader;
    const sp_agent_table *table;
    sp_described_list *found;
    sp_map names;
    sp_err *err;
} finder;

typedef struct agent_text {
    const sp_json_node *toml;
    sp_front_matter front;
    bool is_malformed;
} agent_text;

/* ptr NULL where it is absent, no string, or blank. */
static sp_str value_of(const agent_text *text, const char *key)
{
    sp_str value = { NULL, 0 };
    if (text->toml) {
        const sp_json_node *node = sp_json_member(text->toml, key);
        value = node && node->kind == SP_JSON_TEXT ? node->text : value;
    } else {
        const sp_field *field = sp_front_matter_find(&text->front, key);
        value = field && field->kind == SP_VALUE_SCALAR ? field->value : value;
    }
    value = value.ptr ? sp_str_trim(value) : value;
    return value.len ? value : (sp_str){ NULL, 0 };
}

static sp_status read_text(finder *f, sp_str path, sp_str bytes, agent_text *ret)
{
    sp_arena *arena = f->loader->arena;
    sp_diags unsaid = { .arena = arena };
    sp_toml_problem problem;
    sp_json_node *root;
    *ret = (agent_text){ .toml = NULL };
    if (!sp_str_ends(path, SP_STR(".toml"))) {
        SP_TRY(sp_front_matter_read(arena, f->loader->here->profile, path, bytes, SP_FRONT_MATTER_STRICT_ONLY, &unsaid,
                                    &ret->front, f->err));
        for (size_t i = 0; i < unsaid.count; i++)
            ret->is_malformed = ret->is_malformed || unsaid.items[i].rule == SP_RULE_FM_INVALID;
        return SP_OK;
    }
    SP_TRY(sp_toml_parse(arena, bytes, &root, &problem, f->err));
    ret->toml = root;
    ret->is_malformed = !root;
    return SP_OK;
}

/* Why the client does not list it; ptr NULL: it does. */
static sp_status judge(finder *f, const agent_text *text, sp_described_agent *agent)
{
    sp_arena *arena = f->loader->arena;
    if (text->is_malformed)
        agent->why = SP_STR("the client cannot read its fields, as they are not valid TOML or YAML; mend them");
    for (const char *const *key = f->table->needs; *key && !agent->why.ptr; key++) {
        if (value_of(text, *key).ptr)
            continue;
        agent->why = sp_str_format(arena, "it has no %s; add one", *key);
        if (!agent->why.ptr)
            return sp_err_memory(f->err);
    }
    if (agent->why.ptr)
        return SP_OK;
    uint32_t *slot = sp_map_slot(arena, &f->names, agent->name);
    if (!slot)
        return sp_err_memory(f->err);
    if (*slot == SP_NONE) {
        *slot = (uint32_t)f->found->count;
        return SP_OK;
    }
    agent->why = sp_str_format(arena, "%.*s comes first and has the name; rename one to have both",
                               SP_STR_ARG(sp_place_shown(f->loader->here, f->found->items[*slot].path)));
    return agent->why.ptr ? SP_OK : sp_err_memory(f->err);
}

static sp_status add_file(finder *f, sp_scope scope, sp_str path)
{
    sp_file file;
    agent_text text;
    const sp_wanted wanted = { .path = path, .kind = SP_SOURCE_AGENT, .scope = scope, .importer = SP_NONE };
    sp_str stem = sp_path_base(path);
    SP_TRY(sp_place_read(f->loader->arena, f->loader->here, &wanted, &file, f->err));
    if (file.state != SP_FILE_READ)
        return SP_OK;
    SP_TRY(read_text(f, path, file.bytes, &text));
    sp_described_agent agent = { .path = path, .scope = scope, .name = value_of(&text, "name") };
    agent.description = value_of(&text, "description");
    if (!agent.name.ptr)
        agent.name = sp_str_slice(stem, 0, stem.len - strlen(f->table->ending));
    if (!agent.description.ptr)
        agent.description = SP_STR("");
    SP_TRY(judge(f, &text, &agent));
    sp_described_agent *slot = SP_LIST_PUSH(f->loader->arena, f->found);
    if (!slot)
        return sp_err_memory(f->err);
    *slot = agent;
    return SP_OK;
}

static sp_status add_directory(finder *f, sp_scope scope, sp_str directory)
{
    const sp_walk_options options = { .ending = f->table->ending, .lenient = f->loader->diags };
    sp_walk walk;
    if (!directory.ptr)
        return sp_err_memory(f->err);
    SP_TRY(sp_place_walk_with(f->loader->arena, f->loader->here, directory, &options, &walk, f->err));
    for (size_t i = 0; i < walk.files.count; i++)
        if (f->table->is_deep || sp_str_eq(sp_path_folder(walk.files.items[i]), directory))
            SP_TRY(add_file(f, scope, walk.files.items[i]));
    return SP_OK;
}

sp_status sp_described_agents_find(sp_loader *loader, sp_described_list *ret, sp_err *err)
{
    const sp_place *here = loader->here;
    const sp_agent_table *table = here->profile->client->described_agents;
    finder f = { .loader = loader, .table = table, .found = ret, .err = err };
    sp_client_setup setup = { .trust = SP_TRUST_UNKNOWN };
    sp_diags unsaid = { .arena = loader->arena }; /* loading says it */
    *ret = (sp_described_list){ 0 };
    if (table && table->needs_trust)
        SP_TRY(sp_load_client_config(loader->arena, here, &unsaid, &setup, err));
    for (size_t i = 0; table && i < table->place_count; i++) {
        const sp_agent_folder *at = &table->places[i];
        sp_paths folders;
        if (table->needs_trust && at->scope == SP_SCOPE_PROJECT && setup.trust != SP_TRUSTED)
            continue;
        SP_TRY(sp_place_folders(loader->arena, here, at->anchor, &folders, err));
        for (size_t n = folders.count; n-- > 0;)
            SP_TRY(add_directory(&f, at->scope,
                                 sp_place_path(loader->arena, here, at->anchor, folders.items[n], at->path)));
    }
    return SP_OK;
}
