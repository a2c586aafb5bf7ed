/*
 * table.h - makes the table of a list of rules. It is included once for each, in the file that uses the table:
 *
 *   #define RULE_LIST "rules/cline.def"
 *   #define RULE_TABLE sp_cline_rules
 *   #include "rules/table.h"
 *
 * The rows and their texts are one object, and a row says how far its texts are from it (sp_rule_text). So no row has
 * an address that the dynamic linker must fill in when the program starts: two thousand of them took a twentieth of the
 * time of a short run. The rows of a list are told apart by the line that each begins on.
 */
#include "base/types.h"
#include "rules/rows.h"

#include <stddef.h>

#ifdef RULE_LIST
/* clang-format off */
#define RULE_PASTE(table, what, line) table##_##what##_##line
#define RULE_NAME(table, what, line) RULE_PASTE(table, what, line)
#define RULE_ROW(what) RULE_NAME(RULE_TABLE, what, __LINE__)
#define RULE_OF_TABLE(what) RULE_NAME(RULE_TABLE, what, all)

/* The number of each row. */
#define SP_RULE(...) RULE_ROW(number),
enum {
#include RULE_LIST
    RULE_OF_TABLE(count)
};
#undef SP_RULE

#define SP_RULE(key, value, unit_, effect, since_, until_, confidence, source, text) \
    _Static_assert(sizeof(unit_) <= sizeof((sp_rule *)0)->unit && sizeof(since_) <= sizeof((sp_rule *)0)->since && \
                       sizeof(until_) <= sizeof((sp_rule *)0)->until, "too long for its column in sp_rule"); \
    char RULE_ROW(of)[sizeof(source)]; \
    char RULE_ROW(tells)[sizeof(text)];
struct RULE_OF_TABLE(list) {
    sp_rule rows[RULE_OF_TABLE(count)];
    struct RULE_OF_TABLE(texts) {
#include RULE_LIST
    } texts;
};
#undef SP_RULE

#define RULE_FROM_ROW(field) \
    (int32_t)offsetof(struct RULE_OF_TABLE(list), texts.field) - \
    (int32_t)(offsetof(struct RULE_OF_TABLE(list), rows) + RULE_ROW(number) * sizeof(sp_rule))
#define SP_RULE(key, value, unit, effect, since, until, confidence, source, text) \
    { SP_RULE_##key, SP_EFFECT_##effect, value, unit, since, until, confidence, RULE_FROM_ROW(RULE_ROW(of)), \
      RULE_FROM_ROW(RULE_ROW(tells)) },
static const struct RULE_OF_TABLE(list) RULE_OF_TABLE(data) = {
    {
#include RULE_LIST
    },
#undef SP_RULE
#define SP_RULE(key, value, unit, effect, since, until, confidence, source, text) source, text,
    {
#include RULE_LIST
    },
};
#undef SP_RULE

extern const sp_rule_table RULE_TABLE;
const sp_rule_table RULE_TABLE = { RULE_OF_TABLE(data).rows, RULE_OF_TABLE(count) };

#undef RULE_PASTE
#undef RULE_NAME
#undef RULE_ROW
#undef RULE_OF_TABLE
#undef RULE_FROM_ROW
#undef RULE_TABLE
#undef RULE_LIST
/* clang-format on */
#endif
