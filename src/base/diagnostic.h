/* diagnostic.h - one message about one place. */
#ifndef SP_BASE_DIAGNOSTIC_H
#define SP_BASE_DIAGNOSTIC_H

#include "base/level.h"
#include "base/types.h"

/* A rule, as a number: rules/keys.h has the names, rules/ids.h the ids. There is room for more of them, so that an
 * array with a place for each keeps its size when one is added. */
typedef uint16_t sp_rule_key;

enum { SP_RULE_NONE = 0, SP_RULE_ROOM = 512 };

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
