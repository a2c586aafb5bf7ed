/* front_matter_readings.c - a front matter as the client reads it, reading by reading, for whoever asks why. */
#include "syntax/front_matter_parts.h"

/* The last field of each key counts. */
static void keep_last(sp_field_list *fields)
{
    size_t kept = 0;
    for (size_t i = 0; i < fields->count; i++) {
        size_t later = i + 1;
        while (later < fields->count && !sp_str_eq(fields->items[later].key, fields->items[i].key))
            later++;
        if (later == fields->count)
            fields->items[kept++] = fields->items[i];
    }
    fields->count = kept;
}

/* Anchors, tags and merge keys are no obstacle. */
static sp_front_reading conclude(sp_yaml_verdict verdict, sp_field_list *fields, const sp_yaml_problem *problem)
{
    bool is_read = verdict == SP_YAML_OK || (verdict == SP_YAML_REFUSED && problem->rule == SP_RULE_FM_REFUSED);
    if (!is_read)
        return (sp_front_reading){ .is_tried = true, .problem = problem->what, .problem_offset = problem->offset };
    keep_last(fields);
    return (
        sp_front_reading){ .is_tried = true, .is_read = true, .fields = fields->items, .field_count = fields->count };
}

sp_status sp_front_matter_readings(sp_arena *arena, const sp_profile *profile, sp_str text, bool has_second,
                                   sp_front_readings *ret, sp_err *err)
{
    sp_yaml_verdict verdict = SP_YAML_BROKEN;
    sp_field_list fields = { 0 };
    sp_yaml_problem problem = { 0 };
    size_t begin = 0;
    size_t end = 0;
    *ret = (sp_front_readings){ .has_front_matter = sp_front_matter_span(profile, text, &begin, &end) };
    bool is_large = end - begin > (size_t)sp_own_limit(SP_RULE_FM_MAX_BYTES);
    if (!ret->has_front_matter || is_large)
        return SP_OK;
    SP_TRY((has_second ? sp_first_fields : sp_yaml_fields)(arena, text, begin, end, &verdict, &fields, &problem, err));
    ret->first = conclude(verdict, &fields, &problem);
    if (ret->first.is_read || !has_second)
        return SP_OK;
    SP_TRY(sp_quoted_fields(arena, text, begin, end, &verdict, &fields, err));
    problem.rule = SP_RULE_FM_REFUSED;
    ret->second = conclude(verdict, &fields, &problem); /* the first reading's problem, which quotes do not cure */
    return SP_OK;
}
