/*
 * learned.c - the client's own wording around files, where it was learned: each run of files is a message whose bytes
 * are those that the client sends.
 *
 * Nothing is added between texts here but what was learned, so the gaps that our own wording keeps to do not apply.
 */
#include "base/diagnostic.h"
#include "base/types.h"
#include "compose/composer.h"
#include "model/prompt.h"
#include "model/source.h"
#include "rules/wording.h"

/* The text filled in, as a segment of that frame. */
static sp_status add_worded(sp_composer *composer, sp_str text, const sp_source *before, const sp_source *file,
                            uint32_t frame, sp_err *err)
{
    sp_text_value values[SP_WORDING_VALUES];
    sp_wording_place place = composer->docs->wording_place;
    place.memory = composer->docs->memory_path;
    place.found = file ? file->parsed->found_path : (sp_str){ 0 };
    place.agent = composer->docs->agent ? composer->docs->agent->name : (sp_str){ 0 };
    size_t count = sp_wording_values(composer->arena, &place, before, file, values);
    if (count == 0)
        return sp_err_memory(err);
    composer->is_learned = true;
    composer->frame = frame;
    sp_status status =
        sp_compose_own(composer, SP_SEGMENT_HEADER, sp_text_fill(composer->arena, text, values, count), err);
    composer->is_learned = false;
    composer->frame = SP_NONE;
    return status;
}

/* A file of which the client's wording is not known gets none, and that is said. */
static sp_status say_missing(sp_composer *composer, const sp_source *source, sp_str class, bool is_borrowed,
                             sp_err *err)
{
    const sp_wording *wording = composer->docs->wording;
    return sp_diag_add(composer->diags, err, SP_WARNING, source->path, (sp_str){ 0 }, SP_WHOLE_FILE,
                       SP_RULE_TEMPLATES_LEARNED,
                       "the wording of %.*s %.*s around a file of the class %.*s was not learned; %s",
                       SP_STR_ARG(wording->client), SP_STR_ARG(wording->version), SP_STR_ARG(class),
                       is_borrowed ? "that around another kind of file or scope is used" : "none is used");
}

/* The client sends more around that file than was learned, and that is said once for a run of files. */
static sp_status say_partial(sp_composer *composer, const sp_source *source, sp_err *err)
{
    const sp_wording *wording = composer->docs->wording;
    return sp_diag_add(composer->diags, err, SP_WARNING, source->path, (sp_str){ 0 }, SP_WHOLE_FILE,
                       SP_RULE_TEMPLATES_LEARNED,
                       "%.*s %.*s sends it in a longer text, of which only the wording next to files was learned",
                       SP_STR_ARG(wording->client), SP_STR_ARG(wording->version));
}

/* The file that was read when the source loaded, or one that imports it; ptr NULL: none was. */
static sp_str trigger_of(const sp_docs *docs, uint32_t index)
{
    while (!docs->sources[index].trigger.ptr && docs->sources[index].importer != SP_NONE)
        index = docs->sources[index].importer;
    return docs->sources[index].trigger;
}

/* Whether both are of one message: those of another read are in one of their own. */
static bool is_together(const sp_docs *docs, uint32_t a, uint32_t b)
{
    sp_str first = trigger_of(docs, a), second = trigger_of(docs, b);
    return !first.ptr || !second.ptr || sp_str_eq(first, second);
}

static bool is_open(const sp_composer *composer, sp_run_family family, uint32_t index)
{
    return composer->run.class.ptr && composer->run.family == family &&
           is_together(composer->docs, composer->run.source, index);
}

sp_status sp_learned_enter(sp_composer *composer, sp_run_family family, uint32_t index, sp_err *err)
{
    const sp_docs *docs = composer->docs;
    const sp_source *file = &docs->sources[index];
    sp_str class = sp_wording_class(composer->arena, docs->sources, file);
    if (!class.ptr)
        return sp_err_memory(err);
    if (!is_open(composer, family, index))
        SP_TRY(sp_learned_leave(composer, err));
    sp_learned_run *run = &composer->run;
    const sp_source *before = run->class.ptr ? &docs->sources[run->source] : NULL;
    sp_worded found = before ? sp_wording_between(composer->arena, docs->wording, family, run->class, class)
                             : sp_wording_begin(composer->arena, docs->wording, family, class);
    if (found.has_failed)
        return sp_err_memory(err);
    if (!found.text.ptr || found.is_borrowed)
        SP_TRY(say_missing(composer, file, class, found.text.ptr != NULL, err));
    if (!before && sp_wording_is_partial(docs->wording, family))
        SP_TRY(say_partial(composer, file, err));
    if (!before || !found.text.ptr)
        SP_TRY(sp_compose_gap(composer, err));
    *run = (sp_learned_run){ family, class, index };
    return found.text.ptr ? add_worded(composer, found.text, before, file, before ? index : SP_NONE, err) : SP_OK;
}

/* The end of an agent's run for the agent's model. Where no file names one it is the session's, which others decide. */
static sp_status end_for_model(sp_composer *composer, sp_str *end, sp_err *err)
{
    const sp_docs *docs = composer->docs;
    const sp_wording *wording = docs->wording;
    bool is_known;
    if (!docs->model.ptr)
        return SP_OK;
    SP_TRY(sp_wording_end_for(composer->arena, wording, docs->model, end, &is_known, err));
    if (is_known)
        return SP_OK;
    return sp_diag_add(
        composer->diags, err, SP_WARNING, docs->sources[docs->agent_source].path, (sp_str){ 0 }, SP_WHOLE_FILE,
        SP_RULE_TEMPLATES_LEARNED,
        "the wording of %.*s %.*s for the model %.*s was not learned; that for its default model is used",
        SP_STR_ARG(wording->client), SP_STR_ARG(wording->version), SP_STR_ARG(docs->model));
}

/* What was learned is a subagent's run: a session that is started as the agent has all but the end of every subagent,
 * such as the instructions for a memory without text. */
static sp_status end_for_session(sp_composer *composer, sp_str *end, sp_err *err)
{
    sp_worded common = sp_wording_end(composer->arena, composer->docs->wording, SP_RUN_AGENT, SP_STR("agent"));
    if (common.has_failed)
        return sp_err_memory(err);
    bool is_more = common.text.ptr && !common.is_borrowed && sp_str_ends(*end, common.text);
    *end = is_more ? sp_str_slice(*end, 0, end->len - common.text.len) : SP_STR("");
    return SP_OK;
}

sp_status sp_learned_leave_as(sp_composer *composer, sp_str class, sp_err *err)
{
    const sp_docs *docs = composer->docs;
    sp_learned_run run = composer->run;
    if (!run.class.ptr)
        return SP_OK;
    composer->run = (sp_learned_run){ 0 };
    sp_worded found = sp_wording_end(composer->arena, docs->wording, run.family, class.ptr ? class : run.class);
    if (found.has_failed)
        return sp_err_memory(err);
    if (found.text.ptr && run.family == SP_RUN_AGENT)
        SP_TRY((docs->is_as_session ? end_for_session : end_for_model)(composer, &found.text, err));
    if (found.text.ptr)
        SP_TRY(add_worded(composer, found.text, &docs->sources[run.source], NULL, SP_NONE, err));
    return sp_compose_end_run(composer, err);
}

/* The last text of a request may have other white space at its end. */
static sp_status leave_last(sp_composer *composer, sp_err *err)
{
    sp_str class = sp_str_format(composer->arena, "last.%.*s", SP_STR_ARG(composer->run.class));
    return class.ptr ? sp_learned_leave_as(composer, class, err) : sp_err_memory(err);
}

static bool is_last(const sp_composer *composer)
{
    const sp_docs *docs = composer->docs;
    if (composer->run.family == SP_RUN_INSTRUCTIONS)
        return docs->is_chain_last;
    return composer->run.family == SP_RUN_TOUCHED && !sp_wording_find(docs->wording, SP_STR("touched.separate")).ptr;
}

sp_status sp_learned_leave(sp_composer *composer, sp_err *err)
{
    return composer->run.class.ptr && is_last(composer) ? leave_last(composer, err)
                                                        : sp_learned_leave_as(composer, (sp_str){ 0 }, err);
}

sp_status sp_learned_leave_touched(sp_composer *composer, sp_err *err)
{
    const sp_docs *docs = composer->docs;
    if (!sp_wording_find(docs->wording, SP_STR("touched.separate")).ptr)
        return SP_OK;
    bool is_agents_md = sp_wording_is_agents_md(docs->sources, &docs->sources[composer->run.source]);
    for (uint32_t i = composer->run.source + 1; i < docs->count; i++) {
        if (!docs->sources[i].is_loaded || !sp_is_of_chain(docs->sources[i].kind))
            continue;
        if (!is_together(docs, composer->run.source, i))
            break;
        bool is_next_agents_md = sp_wording_is_agents_md(docs->sources, &docs->sources[i]);
        if (is_agents_md && is_next_agents_md) /* these are one text */
            return SP_OK;
        if (is_agents_md || !is_next_agents_md)
            return sp_learned_leave(composer, err);
    }
    return is_agents_md ? sp_learned_leave(composer, err) : leave_last(composer, err);
}

sp_status sp_learned_cut(sp_composer *composer, uint32_t index, bool *ret_is_known, sp_err *err)
{
    const sp_source *source = &composer->docs->sources[index];
    const sp_wording *wording = composer->docs->wording;
    sp_text_value values[SP_WORDING_CUT_VALUES];
    size_t count = sp_wording_cut_values(source->memory_cut, values);
    sp_str text = sp_wording_cut(wording, source->memory_cut->kind);
    *ret_is_known = text.ptr != NULL;
    if (!text.ptr)
        return sp_diag_add(composer->diags, err, SP_WARNING, source->path, (sp_str){ 0 }, SP_WHOLE_FILE,
                           SP_RULE_TEMPLATES_LEARNED,
                           "the wording of %.*s %.*s after a memory file that is cut (%s) was not learned; our own is "
                           "used; learn it again with \"sysprompt capture %.*s --learn\"",
                           SP_STR_ARG(wording->client), SP_STR_ARG(wording->version), source->memory_cut->kind,
                           SP_STR_ARG(wording->client));
    composer->is_learned = true;
    sp_status status = sp_compose_marker(composer, index, source->bytes.len - 1,
                                         sp_text_fill(composer->arena, text, values, count), err);
    composer->is_learned = false;
    return status;
}

sp_span sp_learned_span(const sp_composer *composer, sp_run_family family, uint32_t index, size_t end)
{
    const sp_source *source = &composer->docs->sources[index];
    sp_wording_trims trims = sp_wording_trims_of(composer->docs->wording, family);
    sp_span text = sp_compose_trim(source, source->content_begin, end);
    if (!trims.begin)
        text.begin = source->content_begin;
    if (!trims.end)
        text.end = end;
    return text;
}
