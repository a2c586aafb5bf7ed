/*
 * front_matter_parts.h - the ways to read what stands between the fences, private to front_matter*.c.
 *
 * They take the whole file and the byte range between its fences, so that every offset they hand out is one into the
 * file as it was read, whatever its line ends.
 */
#ifndef SP_FRONT_MATTER_PARTS_H
#define SP_FRONT_MATTER_PARTS_H

#include "base/types.h"
#include "rules/profile.h"
#include "syntax/front_matter.h"

typedef sp_list(sp_field) sp_field_list;

typedef enum sp_yaml_verdict {
    SP_YAML_OK,
    SP_YAML_BROKEN,  /* not YAML, or no mapping: reading line by line may help */
    SP_YAML_REFUSED, /* YAML that is not read, by a rule of ours */
} sp_yaml_verdict;

/* The problem of a text with merge keys, where they are not read. */
#define SP_YAML_MERGE_KEY "a merge key (<<)"

typedef struct sp_yaml_problem {
    size_t offset;
    sp_rule_key rule; /* when refused */
    sp_str what;      /* "': ' in a value without quotes": fits behind "not valid YAML:" */
    sp_str fix;       /* "put the value in double quotes": fits behind a comma or a full stop */
} sp_yaml_problem;

/* What libyaml says about a text that is not YAML, with its marks as offsets. sigil_offset is where a *, & or ! stands
 * that libyaml took for an alias, an anchor or a tag, or SIZE_MAX. */
typedef struct sp_yaml_complaint {
    const char *problem;
    const char *context;
    size_t problem_offset;
    size_t context_offset;
    size_t sigil_offset;
} sp_yaml_complaint;

/* front_matter_explain.c: the same in our words. Fails only with SP_ERR_NO_MEMORY. */
SP_MUST_USE sp_status sp_yaml_explain(sp_arena *arena, sp_str text, size_t begin, size_t end,
                                      const sp_yaml_complaint *complaint, sp_yaml_problem *ret, sp_err *err);

/* What to say about more fields than are read. what.ptr or fix.ptr is NULL when memory is short. */
sp_yaml_problem sp_too_many_fields(sp_arena *arena, size_t offset);
/* What to say about a tab at the head of a line. */
sp_yaml_problem sp_tab_problem(size_t offset);

/* front_matter_yaml.c: the fields by libyaml, every one of them in file order and equal keys as often as they occur.
 * *ret_problem is filled unless the verdict is OK. Fails only with SP_ERR_NO_MEMORY. */
SP_MUST_USE sp_status sp_yaml_fields(sp_arena *arena, sp_str text, size_t begin, size_t end,
                                     sp_yaml_verdict *ret_verdict, sp_field_list *ret_fields,
                                     sp_yaml_problem *ret_problem, sp_err *err);

/* front_matter_tabs.c: the same as Claude Code's parser reads them at first. */
SP_MUST_USE sp_status sp_first_fields(sp_arena *arena, sp_str text, size_t begin, size_t end,
                                      sp_yaml_verdict *ret_verdict, sp_field_list *ret_fields,
                                      sp_yaml_problem *ret_problem, sp_err *err);

typedef struct sp_recovered {
    sp_field_list fields;
    bool has_too_many; /* more fields than are read: none is, and stopped is where the first one beyond them stands */
    size_t stopped;
    size_t known_count; /* how many of them have a key that we know */
    bool is_unindented; /* a value goes on in lines that are neither indented nor look like a field */
} sp_recovered;

/* front_matter_recover.c: the fields line by line. Fails only with SP_ERR_NO_MEMORY. */
SP_MUST_USE sp_status sp_recover_fields(sp_arena *arena, sp_str text, size_t begin, size_t end, sp_recovered *ret,
                                        sp_err *err);

/* front_matter_quote.c: the fields by libyaml once more, now with quotes around values that need them. *ret_fields is
 * filled when the verdict is OK. Fails only with SP_ERR_NO_MEMORY. */
SP_MUST_USE sp_status sp_quoted_fields(sp_arena *arena, sp_str text, size_t begin, size_t end,
                                       sp_yaml_verdict *ret_verdict, sp_field_list *ret_fields, sp_err *err);

/* Where the YAML of the text's front matter begins and ends. False: it has none that is closed. */
bool sp_front_matter_span(const sp_profile *profile, sp_str text, size_t *ret_begin, size_t *ret_end);

/* The known key that opens a field on this line, or an empty text. */
sp_str sp_known_key_of_line(sp_str line);

/* Does that known key hold free text? */
bool sp_is_text_key(sp_str key);

/* A line of text[at..end), without its end; *ret_next is where the following one begins. LF, CRLF and lone CR end it.
 */
sp_str sp_front_matter_line(sp_str text, size_t at, size_t end, size_t *ret_next);

#endif
