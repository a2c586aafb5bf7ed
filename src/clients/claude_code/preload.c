/* preload.c - the skills that an agent lists, as sources: those the model may not see, or that are not there, too. */
#include "base/diagnostic.h"
#include "base/near.h"
#include "base/types.h"
#include "clients/claude_code/skills.h"
#include "model/agent.h"
#include "model/skill_list.h"
#include "model/source.h"

typedef struct job {
    sp_loader *loader;
    sp_found_skills found;
    size_t entry; /* of the agent's list */
    sp_err *err;
} job;

static sp_str entry_of(const job *j)
{
    return j->loader->agent->skills.items[j->entry];
}

/* Says something at the entry; fields of --agents do not stand in the source. */
static sp_status say(const job *j, sp_level level, sp_rule_key rule, sp_str message)
{
    const sp_agent *agent = j->loader->agent;
    const sp_source *source = &j->loader->sources.items[agent->source];
    bool is_json = agent->front_matter == SP_FRONT_MATTER_NONE;
    sp_str text = source->bytes;
    if (!message.ptr)
        return sp_err_memory(j->err);
    if (is_json)
        text = (sp_str){ NULL, 0 };
    return sp_diag_add(j->loader->diags, j->err, level, source->path, text,
                       is_json ? SP_WHOLE_FILE : agent->skill_offsets[j->entry], rule, "%.*s", SP_STR_ARG(message));
}

/* ---- looking it up ------------------------------------------------------------------------------------------ */

static bool has_name(const sp_found_skill *skill)
{
    return skill->listed.status != SP_SKILL_SKIPPED && skill->listed.status != SP_SKILL_SHADOWED;
}

/* The last part of the name of a plugin's skill, or of a command in a directory. */
static bool is_called_by_last_part(const sp_found_skill *skill, sp_str name)
{
    sp_str full = skill->listed.name;
    bool has_parts = skill->listed.scope == SP_SCOPE_PLUGIN || skill->listed.is_command;
    return has_parts && full.len > name.len && sp_str_ends(full, name) && full.ptr[full.len - name.len - 1] == ':';
}

static bool is_called(const sp_found_skill *skill, sp_str name, int way)
{
    if (way == 0)
        return sp_str_eq(skill->listed.name, name);
    return way == 1 ? sp_str_eq(skill->folder_name, name) && skill->listed.scope != SP_SCOPE_PLUGIN
                    : is_called_by_last_part(skill, name);
}

/* By its name; then by its folder's; then by the last part of a name that has several; then by another path to the
 * same file.
 */
static sp_found_skill *look_up(const job *j, sp_str name)
{
    enum { WAYS = 3 };
    for (int way = 0; way < WAYS; way++)
        for (size_t i = 0; i < j->found.count; i++)
            if (has_name(&j->found.items[i]) && is_called(&j->found.items[i], name, way))
                return &j->found.items[i];
    for (size_t i = 0; i < j->found.count; i++) {
        const sp_found_skill *skill = &j->found.items[i];
        bool is_same_file = skill->listed.status == SP_SKILL_SKIPPED && skill->listed.winner != SP_NONE;
        if (is_same_file && sp_str_eq(skill->folder_name, name))
            return &j->found.items[skill->listed.winner];
    }
    return NULL;
}

/* ---- one entry -------------------------------------------------------------------------------------------- */

static sp_wanted wanted_of(const sp_found_skill *skill)
{
    return (sp_wanted){ .path = skill->path,
                        .kind = SP_SOURCE_SKILL,
                        .scope = skill->listed.scope,
                        .reason = "preload",
                        .importer = SP_NONE };
}

/* Its file is there, and the client does not load it; or a directory that may hold it is not read. */
static const sp_found_skill *find_skipped(const job *j)
{
    const sp_found_skill *external = NULL;
    for (size_t i = 0; i < j->found.count; i++) {
        const sp_found_skill *skill = &j->found.items[i];
        if (skill->listed.status == SP_SKILL_SKIPPED && sp_str_eq(skill->folder_name, entry_of(j)))
            return skill;
        if (!external && sp_skill_is_external(skill) && skill->folder_name.len == 0)
            external = skill;
    }
    return external;
}

static sp_status skip_with(const job *j, const sp_found_skill *skill)
{
    sp_wanted wanted = wanted_of(skill);
    sp_rule_key rule = skill->listed.rule;
    if (sp_skill_is_external(skill))
        return sp_loader_leave_out_link(j->loader, &wanted, &skill->file, j->err);
    SP_TRY(say(j, SP_WARNING, rule,
               sp_str_format(j->loader->arena, "the client goes on without the skill %.*s: %.*s (%.*s)",
                             SP_STR_ARG(entry_of(j)), SP_STR_ARG(skill->listed.why), SP_STR_ARG(skill->listed.path))));
    return sp_loader_skip(j->loader, &wanted, &skill->file, rule, skill->listed.why, j->err);
}

static sp_str advice_on_missing(const job *j)
{
    sp_arena *arena = j->loader->arena;
    sp_str *names = SP_ARENA_ARRAY(arena, sp_str, j->found.count + 1);
    if (!names)
        return (sp_str){ NULL, 0 };
    for (size_t i = 0; i < j->found.count; i++)
        names[i] = has_name(&j->found.items[i]) ? j->found.items[i].listed.name : (sp_str){ "", 0 };
    size_t near = sp_near(entry_of(j), names, j->found.count);
    if (near != SIZE_MAX)
        return sp_str_format(arena, "did you mean %.*s?", SP_STR_ARG(names[near]));
    return j->found.count ? SP_STR("sysprompt list --skills shows what there is")
                          : SP_STR("no skills are found, here, above up to the repository root, or at home");
}

/* It stands on the list of what is left out under the name that its file would have. */
static sp_status skip_missing(const job *j)
{
    sp_loader *loader = j->loader;
    sp_file file = { .state = SP_FILE_ABSENT };
    sp_wanted wanted = { .kind = SP_SOURCE_SKILL, .scope = SP_SCOPE_PROJECT, .reason = "preload", .importer = SP_NONE };
    sp_str advice = advice_on_missing(j);
    sp_str below = sp_str_format(loader->arena, ".claude/skills/%.*s/SKILL.md", SP_STR_ARG(entry_of(j)));
    if (!advice.ptr || !below.ptr)
        return sp_err_memory(j->err);
    SP_TRY(say(j, SP_WARNING, SP_RULE_SKILL_MISSING,
               sp_str_format(loader->arena, "there is no skill %.*s, and the client goes on without it; %.*s",
                             SP_STR_ARG(entry_of(j)), SP_STR_ARG(advice))));
    wanted.path = sp_path_append(loader->arena, loader->here->launch, below);
    if (!wanted.path.ptr)
        return sp_err_memory(j->err);
    return sp_loader_skip(loader, &wanted, &file, SP_RULE_SKILL_MISSING,
                          sp_str_format(loader->arena, "there is no such skill; %.*s", SP_STR_ARG(advice)), j->err);
}

static sp_status skip_again(const job *j, const sp_found_skill *skill)
{
    sp_wanted wanted = wanted_of(skill);
    SP_TRY(say(j, SP_WARNING, SP_RULE_SKILL_TWICE,
               sp_str_format(j->loader->arena, "the skill %.*s is listed twice; it is preloaded once",
                             SP_STR_ARG(entry_of(j)))));
    return sp_loader_skip_twin(j->loader, &wanted, &skill->file, SP_RULE_SKILL_TWICE,
                               SP_STR("it is listed twice, and in the prompt once"), j->err);
}

/* !`date` stands for the output of a command. Nobody runs a command for a look at a prompt. */
static sp_status note_commands(const job *j, const sp_found_skill *skill)
{
    size_t at = sp_str_find(skill->file.bytes, SP_STR("!`"), skill->body_begin);
    if (at == SIZE_MAX)
        return SP_OK;
    return sp_diag_add(j->loader->diags, j->err, SP_NOTE, skill->listed.path, skill->file.bytes, at,
                       SP_RULE_SKILL_COMMANDS,
                       "the client may put the output of this command in its place; sysprompt runs none and keeps the "
                       "text");
}

/* Rule skills.variables: what the client puts in the place of variables in the text. */
static sp_status note_variables(const job *j, const sp_found_skill *skill, sp_parsed *parsed)
{
    const sp_place *here = j->loader->here;
    sp_arena *arena = j->loader->arena;
    if (!sp_rule_holds(here->profile, SP_RULE_SKILL_VARIABLES))
        return SP_OK;
    parsed->arguments = skill->arguments;
    parsed->project_dir = sp_place_seen(arena, here, here->launch);
    if (!skill->listed.is_command)
        parsed->skill_dir = sp_place_seen(arena, here, sp_path_folder(skill->path));
    return parsed->project_dir.ptr && (skill->listed.is_command || parsed->skill_dir.ptr) ? SP_OK
                                                                                          : sp_err_memory(j->err);
}

static sp_status load(const job *j, const sp_found_skill *skill)
{
    sp_wanted wanted = wanted_of(skill);
    uint32_t index = SP_NONE;
    for (size_t i = 0; i < skill->diags.count; i++) {
        sp_diagnostic *diag = SP_LIST_PUSH(j->loader->arena, j->loader->diags);
        if (!diag)
            return sp_err_memory(j->err);
        *diag = skill->diags.items[i];
    }
    SP_TRY(note_commands(j, skill));
    if (sp_str_trim(skill->listed.body).len == 0)
        SP_TRY(say(j, SP_WARNING, SP_RULE_CHAIN_EMPTY,
                   sp_str_format(j->loader->arena, "the skill %.*s has no text", SP_STR_ARG(entry_of(j)))));
    SP_TRY(sp_loader_add(j->loader, &wanted, &skill->file, &index, j->err));
    return index == SP_NONE ? SP_OK : note_variables(j, skill, j->loader->sources.items[index].parsed);
}

/* Rule skills.twice: which entries of the list ask for the same skill again. */
static bool was_asked_for(const job *j)
{
    for (size_t i = 0; i < j->entry; i++)
        if (sp_str_eq(j->loader->agent->skills.items[i], entry_of(j)))
            return sp_rule_has_effect(j->loader->here->profile, SP_RULE_SKILL_TWICE, SP_EFFECT_SKIP);
    return false;
}

static sp_status take_entry(const job *j)
{
    sp_found_skill *skill = look_up(j, entry_of(j));
    const sp_found_skill *skipped = skill ? NULL : find_skipped(j);
    if (!skill)
        return skipped ? skip_with(j, skipped) : skip_missing(j);
    if (was_asked_for(j))
        return skip_again(j, skill);
    return skill->listed.status == SP_SKILL_HIDDEN ? skip_with(j, skill) : load(j, skill);
}

static sp_status warn_of_versions(const job *j)
{
    if (!sp_rule_has_effect(j->loader->here->profile, SP_RULE_SKILL_PRELOAD, SP_EFFECT_WARN))
        return SP_OK;
    return say(j, SP_WARNING, SP_RULE_SKILL_PRELOAD,
               SP_STR("some versions of the client were seen to start an agent without the skills that it lists, and "
                      "with --agent none preloads them; here they are in the prompt"));
}

sp_status sp_load_skills(sp_loader *loader, sp_err *err)
{
    job j = { .loader = loader, .err = err };
    if (loader->agent && loader->agent->skills.count && loader->here->request->as_session)
        return say(&j, SP_NOTE, SP_RULE_AGENT_AS_SESSION,
                   SP_STR("its skills are not preloaded in a session that is started as the agent"));
    if (!loader->agent || loader->agent->skills.count == 0 ||
        !sp_rule_holds(loader->here->profile, SP_RULE_SKILL_PRELOAD))
        return SP_OK;
    SP_TRY(sp_skills_find(loader, &j.found, err));
    SP_TRY(warn_of_versions(&j));
    for (j.entry = 0; j.entry < loader->agent->skills.count; j.entry++)
        SP_TRY(take_entry(&j));
    return SP_OK;
}
