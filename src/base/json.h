/*
 * json.h - writing JSON into an sp_buf. Commas and indentation are the writer's business.
 *
 *   sp_json json = { .out = &buf };
 *   sp_json_begin(&json, NULL, '{');
 *   sp_json_str(&json, "name", name);
 *   sp_json_end(&json);
 *
 * A key is NULL inside an array and for the outermost value. Bytes that are not UTF-8 become U+FFFD, so the output
 * is always valid JSON. A buffer that ran out of memory says so (sp_buf.failed).
 */
#ifndef SP_JSON_H
#define SP_JSON_H

#include "base/base.h"
#include "base/types.h"

enum { SP_JSON_MAX_DEPTH = 16 };

typedef struct sp_json {
    sp_buf *out;
    bool is_inert; /* $ and ` are escaped, too: a shell that is given the file by mistake runs nothing of it */
    unsigned depth;
    char closers[SP_JSON_MAX_DEPTH];
    bool has_items[SP_JSON_MAX_DEPTH];
    bool on_one_line[SP_JSON_MAX_DEPTH];
} sp_json;

void sp_json_begin(sp_json *json, const char *key, char bracket);      /* '{' or '[' */
void sp_json_begin_line(sp_json *json, const char *key, char bracket); /* the same, all on one line */
void sp_json_end(sp_json *json);
void sp_json_str(sp_json *json, const char *key, sp_str value); /* null when ptr is NULL */
/* The same for a path; one that is not UTF-8 stands a second time as KEY_bytes, percent-encoded (RFC 3986), so that it
 * can be found. */
void sp_json_path(sp_json *json, const char *key, sp_str path);
void sp_json_uint(sp_json *json, const char *key, uint64_t value);
/* null for 0: lines, and what is not known */
void sp_json_uint_or_null(sp_json *json, const char *key, uint64_t value);
/* A number that is written already. */
void sp_json_number(sp_json *json, const char *key, sp_str value);
void sp_json_bool(sp_json *json, const char *key, bool value);
void sp_json_null(sp_json *json, const char *key);
/* [first, last] */
void sp_json_pair(sp_json *json, const char *key, uint64_t first, uint64_t last);

/* text as a JSON string, in quotes; what is not UTF-8 becomes U+FFFD. *ret is malloc'd and ends in NUL. Fails only with
 * SP_ERR_NO_MEMORY. */
SP_MUST_USE sp_status sp_json_quote(sp_str text, char **ret, size_t *ret_len, sp_err *err);

#endif
