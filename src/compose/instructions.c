/* instructions.c - the instruction files, one after the other, each under a line that says what it is. */
#include "compose/composer.h"

static const char *const scope_names[] = {
    [SP_SCOPE_NAMED] = "",           [SP_SCOPE_MANAGED] = "managed ", [SP_SCOPE_USER] = "user ",
    [SP_SCOPE_PROJECT] = "project ", [SP_SCOPE_LOCAL] = "local ",     [SP_SCOPE_ADDED] = "project ",
    [SP_SCOPE_SESSION] = "",         [SP_SCOPE_PLUGIN] = "", /* agents only */
};

static sp_segment_kind segment_kind(const sp_source *source)
{
    switch (source->kind) {
    case SP_SOURCE_RULE:
        return SP_SEGMENT_RULE;
    case SP_SOURCE_IMPORT:
        return SP_SEGMENT_IMPORT;
    default:
        return SP_SEGMENT_INSTRUCTIONS;
    }
}

/* What the header says a file is: "user instructions", "project rule", "imported by CLAUDE.md". */
static sp_str describe(const sp_composer *composer, const sp_source *source)
{
    if (source->kind == SP_SOURCE_IMPORT)
        return sp_str_format(composer->arena, "imported by %.*s",
                             SP_STR_ARG(composer->docs->sources[source->importer].name));
    return sp_str_format(composer->arena, "%s%s", scope_names[source->scope],
                         source->kind == SP_SOURCE_RULE ? "rule" : "instructions");
}

static sp_status add_header(sp_composer *composer, const sp_source *source, sp_err *err)
{
    const sp_text_value values[] = { { "name", source->name }, { "scope", describe(composer, source) } };
    if (!values[1].value.ptr)
        return sp_err_memory(err);
    SP_TRY(sp_compose_gap(composer, err));
    SP_TRY(sp_compose_own(
        composer, SP_SEGMENT_HEADER,
        sp_text_fill(composer->arena, composer->docs->texts[SP_TEXT_FILE_HEADER], values, SP_COUNT_OF(values)), err));
    return sp_compose_gap(composer, err);
}

static sp_status add_file(sp_composer *composer, uint32_t index, sp_err *err)
{
    const sp_source *source = &composer->docs->sources[index];
    const sp_parsed *parsed = &composer->docs->parsed[index];
    if (sp_compose_is_blank(source, parsed, source->content_begin, source->bytes.len))
        return sp_compose_cut(composer, index, 0, source->bytes.len, SP_RULE_CHAIN_EMPTY,
                              SP_STR("there is no text in it"), err);
    SP_TRY(sp_compose_cut_front(composer, index, err));
    SP_TRY(add_header(composer, source, err));
    return sp_compose_slice(composer, index, segment_kind(source), source->content_begin, source->bytes.len, err);
}

sp_status sp_compose_instructions(sp_composer *composer, sp_err *err)
{
    for (uint32_t i = 0; i < composer->docs->count; i++) {
        const sp_source *source = &composer->docs->sources[i];
        if (source->is_loaded && source->kind != SP_SOURCE_AGENT && source->kind != SP_SOURCE_MEMORY)
            SP_TRY(add_file(composer, i, err));
    }
    return SP_OK;
}
