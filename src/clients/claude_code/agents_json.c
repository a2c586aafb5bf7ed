/*
 * agents_json.c - agents from --agents: each member of one object is a definition, whose fields are those of a file's
 * front matter, with the body as "prompt". The client does not start with a definition that it does not understand, so
 * that is an error here, not a file that is skipped.
 */
#include "base/diagnostic.h"
#include "base/map.h"
#include "base/types.h"
#include "clients/agents/agents.h"
#include "clients/claude_code/agent_fields.h"
#include "model/agent.h"
#include "model/agent_list.h"
#include "model/profile.h"
#include "model/source.h"
#include "sources/client.h"
#include "sources/json_doc.h"

/* message: formatted in an arena, so ptr NULL when memory was short. */
static sp_status refuse(const sp_json_doc *doc, size_t offset, sp_str message, sp_err *err)
{
    if (!message.ptr)
        return sp_err_memory(err);
    return sp_err_at(err, SP_ERR_INPUT, doc->path, doc->text, offset, sp_rule_id(SP_RULE_AGENT_JSON), "%.*s",
                     SP_STR_ARG(message));
}

/* ---- fields, as if they stood in front matter --------------------------------------------------------- */

static bool is_scalar(const sp_json_node *node)
{
    return node->kind == SP_JSON_TEXT || node->kind == SP_JSON_NUMBER || node->kind == SP_JSON_BOOL;
}

static sp_value_kind kind_of(const sp_json_node *node)
{
    if (node->kind == SP_JSON_NULL)
        return SP_VALUE_NULL;
    if (is_scalar(node))
        return SP_VALUE_SCALAR;
    for (const sp_json_node *item = node->first; item; item = item->next)
        if (node->kind == SP_JSON_OBJECT || !is_scalar(item))
            return SP_VALUE_NESTED;
    return node->kind == SP_JSON_OBJECT ? SP_VALUE_NESTED : SP_VALUE_LIST;
}

static sp_status to_field(sp_arena *arena, const sp_json_node *node, sp_field *ret, sp_err *err)
{
    sp_field field = { .key = node->key, .kind = kind_of(node), .key_offset = node->key_offset };
    field.value_offset = node->offset;
    if (field.kind == SP_VALUE_SCALAR)
        field.value = node->text;
    if (field.kind == SP_VALUE_LIST) {
        sp_str *items = SP_ARENA_ARRAY(arena, sp_str, node->count + 1);
        size_t *offsets = SP_ARENA_ARRAY(arena, size_t, node->count + 1);
        if (!items || !offsets)
            return sp_err_memory(err);
        size_t count = 0;
        for (const sp_json_node *item = node->first; item; item = item->next, count++) {
            items[count] = item->text;
            offsets[count] = item->offset;
        }
        field.items = (sp_str_list){ items, count };
        field.item_offsets = offsets;
    }
    *ret = field;
    return SP_OK;
}

/* The members but for the prompt, each key once, with the name in front of them. */
static sp_status to_front_matter(sp_arena *arena, const sp_json_node *definition, sp_front_matter *ret, sp_err *err)
{
    sp_field *fields = SP_ARENA_ARRAY(arena, sp_field, definition->count + 1);
    size_t count = 0;
    if (!fields)
        return sp_err_memory(err);
    fields[count++] = (sp_field){
        .key = SP_STR("name"),
        .kind = SP_VALUE_SCALAR,
        .value = definition->key,
        .key_offset = definition->key_offset,
        .value_offset = definition->key_offset,
    };
    for (const sp_json_node *member = definition->first; member; member = member->next) {
        bool is_field = !sp_str_eq(member->key, SP_STR("prompt")) && !sp_str_eq(member->key, SP_STR("name"));
        for (const sp_json_node *later = member->next; later; later = later->next)
            is_field = is_field && !sp_str_eq(later->key, member->key);
        if (is_field)
            SP_TRY(to_field(arena, member, &fields[count++], err));
    }
    *ret = (sp_front_matter){ .state = SP_FRONT_MATTER_STRICT, .fields = fields, .field_count = count };
    return SP_OK;
}

/* ---- definitions ---------------------------------------------------------------------------------------- */

/* What is wrong with a definition, as the end of a sentence, and where; NULL when nothing is. */
static const char *find_problem(const sp_json_node *definition, size_t *ret_offset)
{
    const sp_json_node *prompt = sp_json_member(definition, "prompt");
    const sp_json_node *description = sp_json_member(definition, "description");
    *ret_offset = definition->offset;
    if (definition->kind != SP_JSON_OBJECT)
        return "has to be an object with description and prompt";
    if (definition->count > (size_t)sp_own_limit(SP_RULE_FM_MAX_KEYS))
        return "has too many fields";
    *ret_offset = description ? description->offset : definition->offset;
    if (!description || description->kind != SP_JSON_TEXT || sp_str_trim(description->text).len == 0)
        return "needs a \"description\", a text that says when to use the agent";
    *ret_offset = prompt ? prompt->offset : definition->offset;
    if (!prompt || prompt->kind != SP_JSON_TEXT)
        return "needs a \"prompt\", a text";
    return NULL;
}

static sp_status check_definition(sp_arena *arena, const sp_json_doc *doc, const sp_json_node *definition, sp_err *err)
{
    size_t offset;
    const char *problem = find_problem(definition, &offset);
    if (!problem)
        return SP_OK;
    return refuse(doc, offset, sp_str_format(arena, "the definition of %.*s %s", SP_STR_ARG(definition->key), problem),
                  err);
}

static sp_status warn_of_tools(const sp_profile *profile, sp_found_agent *found, const sp_json_doc *doc,
                               const sp_json_node *definition, sp_err *err)
{
    static const char *const keys[] = { "tools", "disallowedTools" };
    bool is_known = sp_rule_holds(profile, SP_RULE_AGENT_JSON_TOOLS);
    for (size_t i = 0; is_known && i < SP_COUNT_OF(keys); i++) {
        const sp_json_node *tools = sp_json_member(definition, keys[i]);
        if (tools && tools->kind == SP_JSON_TEXT)
            SP_TRY(sp_diag_add(&found->diags, err, sp_rule_level(profile, SP_RULE_AGENT_JSON_TOOLS, SP_WARNING),
                               doc->path, doc->text, tools->offset, SP_RULE_AGENT_JSON_TOOLS,
                               "%s must be a list of strings: with one string the client does not start", keys[i]));
    }
    return SP_OK;
}

static sp_status warn_of_empty_prompt(const sp_profile *profile, sp_found_agent *found, const sp_json_doc *doc,
                                      const sp_json_node *definition, sp_err *err)
{
    const sp_json_node *prompt = sp_json_member(definition, "prompt");
    if (prompt->text.len || !sp_rule_has_effect(profile, SP_RULE_AGENT_JSON_FILE, SP_EFFECT_WARN))
        return SP_OK;
    return sp_diag_add(&found->diags, err, SP_WARNING, doc->path, doc->text, prompt->offset, SP_RULE_AGENT_JSON_FILE,
                       "%s refuses --agents with an empty prompt", sp_profile_name(profile));
}

static sp_status warn_of_file(sp_loader *loader, const sp_json_doc *doc, sp_err *err)
{
    bool is_file = !sp_str_eq(doc->path, SP_STR("--agents"));
    if (!is_file || !sp_rule_has_effect(loader->here->profile, SP_RULE_AGENT_JSON_FILE, SP_EFFECT_WARN))
        return SP_OK;
    return sp_diag_add(loader->diags, err, SP_WARNING, doc->path, (sp_str){ 0 }, SP_WHOLE_FILE, SP_RULE_AGENT_JSON_FILE,
                       "%s does not take the path of a file, only the JSON itself: --agents \"$(cat FILE)\"",
                       sp_profile_name(loader->here->profile));
}

static sp_status take_definition(sp_agent_finder *finder, sp_json_doc *doc, const sp_json_node *definition, sp_err *err)
{
    static const sp_agent_place place = { .scope = SP_SCOPE_SESSION };
    sp_arena *arena = finder->loader->arena;
    sp_found_agent *found = NULL;
    sp_front_matter fields;
    SP_TRY(check_definition(arena, doc, definition, err));
    SP_TRY(sp_agents_push(finder, &place, doc->absolute, &found, err));
    found->form = SP_AGENT_JSON;
    found->listed.name = definition->key;
    found->listed.body = sp_json_member(definition, "prompt")->text;
    found->listed.path = sp_str_format(arena, "%.*s#%.*s", SP_STR_ARG(doc->path), SP_STR_ARG(definition->key));
    if (!found->listed.path.ptr)
        return sp_err_memory(err);
    found->diags.last = doc->last;
    SP_TRY(to_front_matter(arena, definition, &fields, err));
    SP_TRY(sp_agent_take(arena, finder->loader->here->profile, finder->loader->here->request->models, doc->path,
                         doc->text, SP_AGENT_JSON, &fields, &found->diags, &found->listed.agent, err));
    SP_TRY(warn_of_tools(finder->loader->here->profile, found, doc, definition, err));
    SP_TRY(warn_of_empty_prompt(finder->loader->here->profile, found, doc, definition, err));
    doc->last = found->diags.last;
    sp_agents_judge(found);
    found->listed.agent.front_matter = SP_FRONT_MATTER_NONE; /* JSON it was */
    if (found->listed.status != SP_AGENT_SKIPPED)
        return SP_OK;
    return sp_err_at(err, SP_ERR_INPUT, doc->path, doc->text, definition->key_offset, sp_rule_id(SP_RULE_AGENT_JSON),
                     "%.*s", SP_STR_ARG(found->listed.why));
}

/* Of two members of one name the client sees the last one only. *ret has the index of the last one for each name. */
static sp_status find_last(sp_arena *arena, const sp_json_node *root, sp_map *ret, sp_err *err)
{
    uint32_t index = 0;
    for (const sp_json_node *member = root->first; member; member = member->next, index++) {
        uint32_t *slot = sp_map_slot(arena, ret, member->key);
        if (!slot)
            return sp_err_memory(err);
        *slot = index;
    }
    return SP_OK;
}

/* One message, about the first of them. */
static sp_status warn_of_duplicates(sp_loader *loader, const sp_json_doc *doc, const sp_json_node *first, size_t count,
                                    sp_err *err)
{
    sp_str more = SP_STR("");
    if (count == 0)
        return SP_OK;
    if (count > 1)
        more = sp_str_format(loader->arena, "; %zu more definitions are lost like that", count - 1);
    if (!more.ptr)
        return sp_err_memory(err);
    return sp_diag_add(loader->diags, err, SP_WARNING, doc->path, doc->text, first->key_offset, SP_RULE_AGENT_JSON,
                       "%.*s is given again further down, and only the last one counts%.*s", SP_STR_ARG(first->key),
                       SP_STR_ARG(more));
}

static sp_status take_definitions(sp_agent_finder *finder, sp_json_doc *doc, sp_err *err)
{
    const sp_json_node *first_lost = NULL;
    size_t lost = 0;
    uint32_t index = 0;
    sp_map last = { 0 };
    SP_TRY(find_last(finder->loader->arena, doc->root, &last, err));
    for (const sp_json_node *member = doc->root->first; member; member = member->next, index++) {
        if (sp_map_find(&last, member->key) == index) {
            SP_TRY(take_definition(finder, doc, member, err));
            continue;
        }
        first_lost = first_lost ? first_lost : member;
        lost++;
    }
    finder->tree++;
    return warn_of_duplicates(finder->loader, doc, first_lost, lost, err);
}

sp_status sp_agents_add_json(sp_agent_finder *finder, sp_err *err)
{
    sp_loader *loader = finder->loader;
    sp_json_doc doc;
    if (!loader->here->request->agents_json)
        return SP_OK;
    SP_TRY(sp_json_doc_read(loader->arena, loader->here, loader->here->request->agents_json, "--agents", &doc, err));
    SP_TRY(warn_of_file(loader, &doc, err));
    if (!doc.root)
        return refuse(&doc, doc.problem.offset, sp_str_format(loader->arena, "is not JSON: %s", doc.problem.what), err);
    if (doc.root->kind != SP_JSON_OBJECT)
        return refuse(&doc, doc.root->offset,
                      sp_str_format(loader->arena, "has to be an object with a name for each agent, but is %s",
                                    sp_json_kind_name(doc.root->kind)),
                      err);
    return take_definitions(finder, &doc, err);
}
