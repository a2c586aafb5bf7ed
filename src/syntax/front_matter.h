/*
 * front_matter.h - the YAML at the head of a file, strictly if it can be, line by line if it must be.
 *
 * Real agent files are often not valid YAML (one in ten in project folders), and the client tolerates some of that.
 * So libyaml comes first; where it fails, a line-based reading recovers the known keys, always with a warning that
 * names the place and the fix. The recovery never replaces the strict result, it only follows it.
 */
#ifndef SP_FRONT_MATTER_H
#define SP_FRONT_MATTER_H

#include "base/diag.h"
#include "base/types.h"
#include "model/agent.h"
#include "model/profile.h"
#include "rules/profile.h"

typedef enum sp_value_kind {
    SP_VALUE_NULL,
    SP_VALUE_SCALAR,
    SP_VALUE_LIST,   /* of scalars; nested values in it make it a SP_VALUE_NESTED */
    SP_VALUE_NESTED, /* a mapping or deeper: of a list the scalars are kept that lie in lists only */
} sp_value_kind;

typedef struct sp_field {
    sp_str key;
    sp_value_kind kind;
    sp_str value;      /* of a scalar, as text: typing is per field */
    bool is_quoted;    /* the scalar was written in quotes or as a block */
    sp_str_list items; /* of a list */
    const size_t *item_offsets;
    const bool *item_is_text; /* as YAML 1.2 reads it: not a number, a truth value or nothing */
    size_t key_offset;        /* into the text, for messages */
    size_t value_offset;
} sp_field;

typedef struct sp_front_matter {
    sp_front_matter_state state;
    bool was_reported; /* state NONE, and a diagnostic already says why */
    size_t body_begin; /* where the text after it begins: 0 (or past a BOM) when there is none */
    sp_field *fields;  /* in file order, each key once */
    size_t field_count;
} sp_front_matter;

/* One reading of a front matter. */
typedef struct sp_front_reading {
    bool is_tried; /* false: the client does not read it in that way */
    bool is_read;
    sp_field *fields; /* each key once */
    size_t field_count;
    sp_str problem; /* where it is not read: why, and where */
    size_t problem_offset;
} sp_front_reading;

/* A client's readings of a front matter: as YAML, and with quotes around values where that failed. */
typedef struct sp_front_readings {
    bool has_front_matter;
    sp_front_reading first;
    sp_front_reading second;
} sp_front_readings;

typedef enum sp_front_matter_mode {
    SP_FRONT_MATTER_RECOVER,     /* agents: read line by line what is not valid YAML */
    SP_FRONT_MATTER_STRICT_ONLY, /* --strict: what is not valid YAML is a finding, and no field is read */
    SP_FRONT_MATTER_AGAIN, /* agents, where the client was measured: as rules, and line by line where it gives up */
    SP_FRONT_MATTER_QUOTE, /* rules: what is not valid YAML is read again with quotes around its values */
} sp_front_matter_mode;

/* Reads the front matter of text. Every oddity becomes a diagnostic with path, line and column. A file without front
 * matter is SP_OK with state NONE. Fails only with SP_ERR_NO_MEMORY. */
SP_MUST_USE sp_status sp_front_matter_read(sp_arena *arena, const sp_profile *profile, sp_str path, sp_str text,
                                           sp_front_matter_mode mode, sp_diags *diags, sp_front_matter *ret,
                                           sp_err *err);

/* The client's own readings of the front matter of text, without a diagnostic; has_second: it makes a second attempt.
 * Fails only with SP_ERR_NO_MEMORY. */
SP_MUST_USE sp_status sp_front_matter_readings(sp_arena *arena, const sp_profile *profile, sp_str text, bool has_second,
                                               sp_front_readings *ret, sp_err *err);

/* Whether YAML 1.2 makes a string of what is written without quotes: not a number, a truth value or nothing. */
bool sp_yaml_is_string(sp_str plain);

/* Whether the value is a string for the client. */
static inline bool sp_field_is_string(const sp_field *field)
{
    return field->kind == SP_VALUE_SCALAR && (field->is_quoted || sp_yaml_is_string(field->value));
}

/* The field of that exact key, or NULL. */
const sp_field *sp_front_matter_find(const sp_front_matter *front_matter, const char *key);

#endif
