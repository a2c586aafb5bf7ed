/* record.h - one line of JSON Lines. */
#ifndef SP_BASE_RECORD_H
#define SP_BASE_RECORD_H

#include "base/types.h"

typedef enum sp_record_state {
    SP_RECORD_TEXT,     /* the field is there, and is a text */
    SP_RECORD_NO_FIELD, /* it is not there */
    SP_RECORD_NO_TEXT,  /* it is a number, an object or the like */
} sp_record_state;

/* What sp_record_read finds in a record. */
typedef struct sp_record {
    sp_record_state state;
    sp_str text;      /* the field's, unescaped; borrowed from the record or from scratch */
    size_t at;        /* offset of the field's value, if it has one */
    size_t end;       /* offset of the record's last brace: a further member goes in front of it */
    bool is_empty;    /* and needs no comma then */
    uint32_t members; /* bit i: it has a member with the name members.items[i] */
} sp_record;

/* Reads one JSON object (RFC 8259, nested up to 1024 levels) and finds one of its texts. field is the name of a member,
 * or, where it begins with a slash, a JSON Pointer (RFC 6901) such as /messages/0/content, of up to 32 levels. Of
 * members with the same name the last counts. Half of a surrogate pair is U+FFFD. members are at most 32 further names
 * to look out for. scratch has room for record.len bytes. Errors: SP_ERR_INPUT with line and column for what is not
 * JSON, or no object; SP_ERR_USAGE for a pointer that is too deep. */
SP_MUST_USE sp_status sp_record_read(sp_str record, sp_str field, sp_str_list members, char *scratch, sp_record *ret,
                                     sp_err *err);

#endif
