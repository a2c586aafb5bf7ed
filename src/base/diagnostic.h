/* diagnostic.h - one message about one place. */
#ifndef SP_BASE_DIAGNOSTIC_H
#define SP_BASE_DIAGNOSTIC_H

#include "base/types.h"

/* A rule, as a number: rules/keys.h has the names, rules/ids.h the ids. A type without its names, so that a new rule
 * compiles nothing again but the files that name rules. */
typedef uint16_t sp_rule_key;

enum { SP_RULE_NONE = 0 };

typedef enum sp_level {
    SP_NOTE = 0, /* worth knowing; nothing is wrong */
    SP_WARNING,  /* something did not go the way the author meant; the prompt is built all the same */
    SP_FINDING,  /* the client's rules refuse this, or it is not safe: the prompt can be built but should not be used */
} sp_level;

/* One message about one place. line and column are 0 where it is about a whole file. Text from outside is
 * in here as it came: escape it before it reaches a terminal (sp_text_escape). */
typedef struct sp_diagnostic {
    sp_level level;
    uint32_t line;
    uint32_t column;
    sp_str path;
    sp_str message;
    sp_rule_key rule;
    sp_str source_line; /* the line it is about, without its line end; empty when line is 0 */
} sp_diagnostic;

#endif
