/*
 * front_matter.c - finds the fences, then has what stands between them read: as YAML, line by line or with quotes.
 *
 * The readers know nothing of modes and diagnostics; what is said about a front matter is said here, so that a file
 * gets one message for one fault.
 */
#include "syntax/front_matter_parts.h"

#include "base/diagnostic.h"
#include "base/numbers.h"
#include "base/types.h"
#include "model/agent.h"
#include "model/profile.h"

#define BYTE_ORDER_MARK SP_STR("\xEF\xBB\xBF")

enum { FENCE_DASHES = 3 };

/* What every step needs to read and to speak. */
struct job {
    sp_arena *arena;
    const sp_profile *profile;
    sp_str path;
    sp_str text;
    sp_front_matter_mode mode;
    sp_diags *diags;
    sp_err *err;
};

/* Where the parts of the front matter stand. */
struct fences {
    size_t open;
    size_t begin; /* of the YAML */
    size_t end;
    size_t body;
    bool is_closed;
    bool is_long;
    bool is_inside_line; /* the dashes that close it are not alone on their line */
};

static sp_status say(const struct job *job, sp_level level, sp_rule_key rule, size_t offset, sp_str message)
{
    if (!message.ptr)
        return sp_err_memory(job->err);
    return sp_diag_add(job->diags, job->err, level, job->path, job->text, offset, rule, "%.*s", SP_STR_ARG(message));
}

/* ---- fences -------------------------------------------------------------------------------------------- */

/* Number of dashes when a line is nothing else, but for blanks behind them; else 0. */
static size_t count_dashes(sp_str line)
{
    size_t dashes = 0;
    while (dashes < line.len && line.ptr[dashes] == '-')
        dashes++;
    return sp_str_trim(line).len == dashes ? dashes : 0;
}

static void close_at(struct fences *fences, size_t line, size_t next, bool is_long)
{
    fences->end = line;
    fences->body = next;
    fences->is_closed = true;
    fences->is_long = is_long;
}

/* The closing fence is the first line of three dashes, and only where there is none at all the first longer one. */
static void find_closing_fence(sp_str text, struct fences *fences)
{
    size_t next;
    for (size_t at = fences->begin; at < text.len; at = next) {
        size_t dashes = count_dashes(sp_front_matter_line(text, at, text.len, &next));
        if (dashes == FENCE_DASHES) {
            close_at(fences, at, next, false);
            return;
        }
        if (dashes > FENCE_DASHES && !fences->is_closed)
            close_at(fences, at, next, true);
    }
}

/* Three dashes end it wherever they are (rule front-matter.closing). */
static void find_closing_dashes(sp_str text, struct fences *fences)
{
    size_t at = sp_str_find(text, SP_STR("---"), fences->begin);
    size_t next;
    if (at == SIZE_MAX)
        return;
    bool is_line = sp_str_trim(sp_front_matter_line(text, at + FENCE_DASHES, text.len, &next)).len == 0;
    close_at(fences, at, is_line ? next : at + FENCE_DASHES, false);
    fences->is_inside_line = !is_line || (at > fences->begin && text.ptr[at - 1] != '\n');
}

static bool find_fences(const sp_profile *profile, sp_str text, size_t begin, struct fences *fences)
{
    size_t next;
    *fences = (struct fences){ .open = begin };
    if (count_dashes(sp_front_matter_line(text, begin, text.len, &next)) != FENCE_DASHES)
        return false;
    fences->begin = next;
    if (sp_rule_holds(profile, SP_RULE_FM_CLOSING))
        find_closing_dashes(text, fences);
    else
        find_closing_fence(text, fences);
    return true;
}

bool sp_front_matter_span(const sp_profile *profile, sp_str text, size_t *ret_begin, size_t *ret_end)
{
    struct fences fences;
    size_t begin = sp_str_starts(text, BYTE_ORDER_MARK) ? BYTE_ORDER_MARK.len : 0;
    if (!find_fences(profile, text, begin, &fences) || !fences.is_closed)
        return false;
    *ret_begin = fences.begin;
    *ret_end = fences.end;
    return true;
}

/* A closing fence that came out too long, with a rule of three dashes further down in the body: what looks like the
 * front matter is then half the body. Only asked when it does not parse, and only believed when no known field follows.
 */
static bool find_earlier_fence(sp_str text, struct fences *fences)
{
    struct fences earlier = *fences;
    size_t next;
    earlier.is_closed = false;
    for (size_t at = fences->begin; at < fences->end; at = next) {
        sp_str line = sp_front_matter_line(text, at, fences->end, &next);
        if (sp_known_key_of_line(line).len)
            earlier.is_closed = false;
        else if (count_dashes(line) > FENCE_DASHES && !earlier.is_closed)
            close_at(&earlier, at, next, true);
    }
    if (earlier.is_closed)
        *fences = earlier;
    return earlier.is_closed;
}

/* ---- no front matter -------------------------------------------------------------------------------------- */

/* Front matter that is not on the first line: blank lines, three dashes (perhaps indented), and a known field. With no
 * field it is a rule, as Markdown has them. */
static sp_status warn_if_late(const struct job *job, size_t begin, sp_front_matter *ret)
{
    size_t at = begin, next = begin;
    sp_str line = { "", 0 };
    while (next < job->text.len && sp_str_trim(line).len == 0) {
        at = next;
        line = sp_front_matter_line(job->text, at, job->text.len, &next);
    }
    sp_str below = sp_str_trim(sp_front_matter_line(job->text, next, job->text.len, &(size_t){ 0 }));
    if (count_dashes(sp_str_trim(line)) != FENCE_DASHES || sp_known_key_of_line(below).len == 0)
        return SP_OK;
    ret->was_reported = true;
    return say(job, SP_WARNING, SP_RULE_FM_NOT_FIRST, at,
               SP_STR("the --- that opens front matter has to be the first line and stand at its beginning: the client "
                      "sees no front matter here; delete what stands before it"));
}

static sp_status warn_unclosed(const struct job *job, const struct fences *fences, sp_front_matter *ret)
{
    ret->was_reported = true;
    return say(job, SP_WARNING, SP_RULE_FM_UNCLOSED, fences->open,
               SP_STR("nothing closes the front matter that begins here, so the file counts as having none; add a line "
                      "of three dashes (---) behind the last field"));
}

/* ---- duplicate keys ----------------------------------------------------------------------------------------- */

static const sp_field *last_of_key(const sp_field_list *fields, size_t index)
{
    for (size_t i = fields->count; i-- > index + 1;)
        if (sp_str_eq(fields->items[i].key, fields->items[index].key))
            return &fields->items[i];
    return NULL;
}

/* Keeps the last field of each key. The number of fields is limited, so comparing all with all is cheap. */
static sp_status keep_last(const struct job *job, sp_field_list *fields)
{
    size_t kept = 0;
    for (size_t i = 0; i < fields->count; i++) {
        const sp_field *last = last_of_key(fields, i);
        if (!last) {
            fields->items[kept++] = fields->items[i];
            continue;
        }
        sp_position place = sp_position_of(job->text, last->key_offset);
        SP_TRY(say(job, SP_WARNING, SP_RULE_FM_DUPLICATE_KEY, fields->items[i].key_offset,
                   sp_str_format(job->arena, "%.*s is given more than once; only the last one, on line %u, counts",
                                 SP_STR_ARG(fields->items[i].key), place.line)));
    }
    fields->count = kept;
    return SP_OK;
}

static sp_status take_fields(const struct job *job, sp_field_list *fields, sp_front_matter_state state,
                             sp_front_matter *ret)
{
    SP_TRY(keep_last(job, fields));
    ret->state = state;
    ret->fields = fields->items;
    ret->field_count = fields->count;
    return SP_OK;
}

/* ---- what is not YAML ------------------------------------------------------------------------------------------ */

static sp_status reject(const struct job *job, const sp_yaml_problem *problem, sp_front_matter *ret)
{
    ret->was_reported = true;
    return say(job, SP_FINDING, SP_RULE_FM_INVALID, problem->offset,
               sp_str_format(job->arena,
                             "the front matter is not valid YAML: %.*s; no field of it is read. To fix it, %.*s",
                             SP_STR_ARG(problem->what), SP_STR_ARG(problem->fix)));
}

/* Two rules with a text between them are a way to begin a document, too: nothing of it is taken away. */
static sp_status warn_nothing_found(const struct job *job, const struct fences *fences, const sp_yaml_problem *problem,
                                    sp_front_matter *ret)
{
    ret->was_reported = true;
    ret->body_begin = fences->open;
    return say(
        job, SP_WARNING, SP_RULE_FM_INVALID, problem->offset,
        sp_str_format(job->arena,
                      "the front matter is not valid YAML: %.*s. Read line by line it holds no known field, so it "
                      "is kept as text. To fix it, %.*s",
                      SP_STR_ARG(problem->what), SP_STR_ARG(problem->fix)));
}

/* What else is said where the client does not recover. */
static const char *consequence(const struct job *job, bool is_unindented)
{
    const sp_rule *unindented = sp_rule_of(job->profile, SP_RULE_FM_UNINDENTED);
    if (is_unindented && unindented && unindented->confidence != 'D') /* somebody saw it */
        return ", and the client skips the file, because a value goes on in lines that are neither indented nor `key: "
               "value`";
    return job->mode == SP_FRONT_MATTER_AGAIN
               ? ", and the client skips the file, because it is not YAML with quotes around the values either"
               : "";
}

static sp_status warn_recovered(const struct job *job, const sp_yaml_problem *problem, const sp_recovered *recovered)
{
    bool is_skipped = job->mode == SP_FRONT_MATTER_AGAIN;
    sp_rule_key rule = recovered->is_unindented ? SP_RULE_FM_UNINDENTED
                       : is_skipped             ? SP_RULE_FM_SECOND_READING
                                                : SP_RULE_FM_RECOVERED;
    if (!sp_rule_holds(job->profile, rule))
        return SP_OK;
    return say(job, sp_rule_level(job->profile, rule, SP_WARNING), rule, problem->offset,
               sp_str_format(
                   job->arena, "the front matter is not valid YAML: %.*s. It was read line by line%s. To fix it, %.*s",
                   SP_STR_ARG(problem->what), consequence(job, recovered->is_unindented), SP_STR_ARG(problem->fix)));
}

static sp_status warn_carriage_returns(const struct job *job, const struct fences *fences)
{
    size_t at = sp_str_find(sp_str_slice(job->text, 0, fences->body), SP_STR("\r\n"), fences->open);
    if (at == SIZE_MAX || !sp_rule_holds(job->profile, SP_RULE_FM_CRLF))
        return SP_OK;
    return say(
        job, sp_rule_level(job->profile, SP_RULE_FM_CRLF, SP_WARNING), SP_RULE_FM_CRLF, at,
        SP_STR("the client skips a file whose front matter is not valid YAML and has CRLF line ends, as this one "
               "does; fix the YAML, or save the file with LF line ends"));
}

static sp_status warn_lost(const struct job *job, const sp_recovered *recovered)
{
    for (size_t i = 0; i < recovered->fields.count; i++) {
        const sp_field *field = &recovered->fields.items[i];
        if (field->kind == SP_VALUE_NESTED)
            SP_TRY(
                say(job, SP_WARNING, SP_RULE_FM_LOST_FIELD, field->key_offset,
                    sp_str_format(job->arena,
                                  "%.*s is nested, and that is lost when front matter is read line by line; make the "
                                  "front matter valid YAML to keep it",
                                  SP_STR_ARG(field->key))));
    }
    return SP_OK;
}

static sp_status refuse(const struct job *job, const sp_yaml_problem *problem, sp_front_matter *ret)
{
    ret->was_reported = true;
    if (!problem->what.ptr || !problem->fix.ptr)
        return sp_err_memory(job->err);
    return say(job, SP_FINDING, problem->rule, problem->offset,
               sp_str_format(job->arena, "the front matter has %.*s, so no field of it is read; %.*s",
                             SP_STR_ARG(problem->what), SP_STR_ARG(problem->fix)));
}

static sp_status note_quoted(const struct job *job, const sp_yaml_problem *problem)
{
    return say(job, SP_NOTE, SP_RULE_RULE_RECOVERED, problem->offset,
               sp_str_format(job->arena,
                             "the front matter is not valid YAML: %.*s. The client reads it a second time, with quotes "
                             "around the values, so its fields count; for other tools, %.*s",
                             SP_STR_ARG(problem->what), SP_STR_ARG(problem->fix)));
}

static sp_status read_with_quotes(const struct job *job, const struct fences *fences, const sp_yaml_problem *problem,
                                  sp_front_matter *ret)
{
    sp_yaml_verdict verdict;
    sp_field_list fields;
    SP_TRY(sp_quoted_fields(job->arena, job->text, fences->begin, fences->end, &verdict, &fields, job->err));
    if (verdict != SP_YAML_OK)
        return reject(job, problem, ret);
    SP_TRY(note_quoted(job, problem));
    return take_fields(job, &fields, SP_FRONT_MATTER_RECOVERED, ret);
}

/* Anchors and tags do not stop the client; a pattern that begins with ! and has no quotes is lost as a tag.
 */
static sp_status take_without_tags(const struct job *job, const sp_yaml_problem *problem, sp_field_list *fields,
                                   sp_front_matter *ret)
{
    if (!sp_str_eq(problem->what, SP_STR(SP_YAML_MERGE_KEY)))
        SP_TRY(
            say(job, SP_WARNING, problem->rule, problem->offset,
                sp_str_format(job->arena, "the front matter has %.*s, and the client reads the value without it; %.*s",
                              SP_STR_ARG(problem->what), SP_STR_ARG(problem->fix))));
    return take_fields(job, fields, SP_FRONT_MATTER_STRICT, ret);
}

/* As the client reads an agent. *ret_is_read is whether it gets anywhere. */
static sp_status read_again(const struct job *job, const struct fences *fences, const sp_yaml_problem *problem,
                            sp_front_matter *ret, bool *ret_is_read)
{
    sp_yaml_verdict verdict;
    sp_field_list fields;
    SP_TRY(sp_quoted_fields(job->arena, job->text, fences->begin, fences->end, &verdict, &fields, job->err));
    *ret_is_read = verdict == SP_YAML_OK;
    if (!*ret_is_read)
        return SP_OK;
    SP_TRY(say(job, SP_WARNING, SP_RULE_FM_RECOVERED, problem->offset,
               sp_str_format(job->arena,
                             "the front matter is not valid YAML: %.*s. The client reads it a second time, with quotes "
                             "around the values. To fix it, %.*s",
                             SP_STR_ARG(problem->what), SP_STR_ARG(problem->fix))));
    return take_fields(job, &fields, SP_FRONT_MATTER_RECOVERED, ret);
}

static sp_status recover(const struct job *job, const struct fences *fences, const sp_yaml_problem *problem,
                         sp_front_matter *ret)
{
    sp_recovered recovered;
    SP_TRY(sp_recover_fields(job->arena, job->text, fences->begin, fences->end, &recovered, job->err));
    if (recovered.has_too_many) {
        sp_yaml_problem too_many = sp_too_many_fields(job->arena, recovered.stopped);
        return refuse(job, &too_many, ret);
    }
    if (recovered.known_count == 0)
        return warn_nothing_found(job, fences, problem, ret);
    SP_TRY(warn_recovered(job, problem, &recovered));
    SP_TRY(warn_carriage_returns(job, fences));
    SP_TRY(warn_lost(job, &recovered));
    return take_fields(job, &recovered.fields, SP_FRONT_MATTER_RECOVERED, ret);
}

/* ---- between the fences --------------------------------------------------------------------------------------------
 */

static sp_status refuse_size(const struct job *job, const struct fences *fences, sp_front_matter *ret)
{
    ret->was_reported = true;
    return say(job, SP_FINDING, SP_RULE_FM_MAX_BYTES, fences->open,
               sp_str_format(job->arena,
                             "the front matter has %s bytes, more than the %s that are read, so no field of it is "
                             "read; move text into the body",
                             SP_NUMBER(fences->end - fences->begin), SP_NUMBER(sp_own_limit(SP_RULE_FM_MAX_BYTES))));
}

static sp_status read_between(const struct job *job, struct fences *fences, sp_front_matter *ret)
{
    sp_yaml_verdict verdict;
    sp_field_list fields;
    sp_yaml_problem problem;
    if (fences->end - fences->begin > (size_t)sp_own_limit(SP_RULE_FM_MAX_BYTES))
        return refuse_size(job, fences, ret);
    bool has_quotes = job->mode == SP_FRONT_MATTER_QUOTE || job->mode == SP_FRONT_MATTER_AGAIN;
    if (has_quotes)
        SP_TRY(
            sp_first_fields(job->arena, job->text, fences->begin, fences->end, &verdict, &fields, &problem, job->err));
    else
        SP_TRY(
            sp_yaml_fields(job->arena, job->text, fences->begin, fences->end, &verdict, &fields, &problem, job->err));
    bool is_by_line = !sp_rule_holds(job->profile, SP_RULE_FM_CLOSING);
    if (verdict == SP_YAML_BROKEN && is_by_line && !fences->is_long && find_earlier_fence(job->text, fences))
        SP_TRY(
            sp_yaml_fields(job->arena, job->text, fences->begin, fences->end, &verdict, &fields, &problem, job->err));
    if (fences->is_long)
        SP_TRY(say(job, SP_WARNING, SP_RULE_FM_LONG_FENCE, fences->end,
                   SP_STR("this line is taken for the end of the front matter, but has more than three dashes; write "
                          "--- and nothing else")));
    if (fences->is_inside_line)
        SP_TRY(
            say(job, SP_WARNING, SP_RULE_FM_CLOSING, fences->end,
                SP_STR("the client takes these three dashes for the end of the front matter, and the rest of the line "
                       "for text; write fewer dashes, or put --- on a line of its own")));
    ret->body_begin = fences->body;
    if (verdict == SP_YAML_OK)
        return take_fields(job, &fields, SP_FRONT_MATTER_STRICT, ret);
    if (verdict == SP_YAML_REFUSED && has_quotes && problem.rule == SP_RULE_FM_REFUSED)
        return take_without_tags(job, &problem, &fields, ret);
    if (verdict == SP_YAML_REFUSED)
        return refuse(job, &problem, ret);
    if (job->mode == SP_FRONT_MATTER_STRICT_ONLY)
        return reject(job, &problem, ret);
    bool is_read = false;
    if (job->mode == SP_FRONT_MATTER_AGAIN)
        SP_TRY(read_again(job, fences, &problem, ret, &is_read));
    if (is_read)
        return SP_OK;
    return job->mode == SP_FRONT_MATTER_QUOTE ? read_with_quotes(job, fences, &problem, ret)
                                              : recover(job, fences, &problem, ret);
}

static sp_status note_byte_order_mark(const struct job *job)
{
    if (sp_rule_has_effect(job->profile, SP_RULE_FM_BOM, SP_EFFECT_REFUSE))
        return say(job, SP_FINDING, SP_RULE_FM_BOM, 0,
                   SP_STR("a byte order mark stands before the front matter: this version of the client skips the "
                          "file; save it without the mark"));
    if (!sp_rule_holds(job->profile, SP_RULE_FM_BOM))
        return SP_OK;
    return say(job, SP_NOTE, SP_RULE_FM_BOM, 0,
               SP_STR("a byte order mark stands before the front matter; clients before 2.1.239 skip the file"));
}

sp_status sp_front_matter_read(sp_arena *arena, const sp_profile *profile, sp_str path, sp_str text,
                               sp_front_matter_mode mode, sp_diags *diags, sp_front_matter *ret, sp_err *err)
{
    const struct job job = { arena, profile, path, text, mode, diags, err };
    bool has_mark = sp_str_starts(text, BYTE_ORDER_MARK);
    size_t begin = has_mark ? BYTE_ORDER_MARK.len : 0;
    sp_front_matter front_matter = { .state = SP_FRONT_MATTER_NONE, .body_begin = begin };
    struct fences fences;
    if (!find_fences(profile, text, begin, &fences)) {
        SP_TRY(warn_if_late(&job, begin, &front_matter));
    } else if (!fences.is_closed) {
        SP_TRY(warn_unclosed(&job, &fences, &front_matter));
    } else {
        if (has_mark)
            SP_TRY(note_byte_order_mark(&job));
        front_matter.body_begin = fences.body;
        SP_TRY(read_between(&job, &fences, &front_matter));
    }
    *ret = front_matter;
    return SP_OK;
}

const sp_field *sp_front_matter_find(const sp_front_matter *front_matter, const char *key)
{
    for (size_t i = 0; i < front_matter->field_count; i++)
        if (sp_str_eq(front_matter->fields[i].key, sp_str_of(key)))
            return &front_matter->fields[i];
    return NULL;
}
