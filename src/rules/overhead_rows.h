/* overhead_rows.h - the rows of one client, three lists: included once for each, with SP_PARTS_FILE, which holds them,
 * and SP_PARTS_NAME, which the names of the lists begin with. */
#include "rules/overheads.h"

#ifdef SP_PARTS_FILE
#define SP_PARTS_JOIN(name, list) name##list
#define SP_PARTS_LIST(name, list) SP_PARTS_JOIN(name, list)

/* clang-format off */
#define SP_PARTS_OF(...)
#define SP_PART_TOOLS(...)
#define SP_PARTS_FITS(text, column) (sizeof(text) <= sizeof((sp_overhead *)0)->column)
#define SP_PART(version_, kind_, model_, part_, of_, ...) \
    _Static_assert(SP_PARTS_FITS(version_, version) && SP_PARTS_FITS(kind_, kind) && SP_PARTS_FITS(model_, model) && \
                       SP_PARTS_FITS(part_, part) && SP_PARTS_FITS(of_, of), "too long for its column in sp_overhead");
#include SP_PARTS_FILE
#undef SP_PARTS_OF
#undef SP_PART
#undef SP_PART_TOOLS
#undef SP_PARTS_FITS
#define SP_PARTS_OF(version, model, date, b3, a3, b4, a4) { version, model, date, { { b3, a3 }, { b4, a4 } } },
#define SP_PART(...)
#define SP_PART_TOOLS(...)
static const sp_overhead_set SP_PARTS_LIST(SP_PARTS_NAME, _sets)[] = {
#include SP_PARTS_FILE
};
#undef SP_PARTS_OF
#undef SP_PART
#define SP_PARTS_OF(...)
#define SP_PART(version, kind, model, part, of, size, cl100k, o200k, v3, v47, paths) \
    { version, kind, model, part, of, size, { cl100k, o200k, v3, v47 }, paths },
static const sp_overhead SP_PARTS_LIST(SP_PARTS_NAME, _rows)[] = {
#include SP_PARTS_FILE
};
#undef SP_PART
#undef SP_PART_TOOLS
#define SP_PART(...)
#define SP_PART_TOOLS(version, kind, model, names) { version, kind, model, names },
static const sp_overhead_tools SP_PARTS_LIST(SP_PARTS_NAME, _tools)[] = {
#include SP_PARTS_FILE
};
#undef SP_PARTS_OF
#undef SP_PART
#undef SP_PART_TOOLS
#undef SP_PARTS_JOIN
#undef SP_PARTS_LIST
#undef SP_PARTS_NAME
#undef SP_PARTS_FILE
/* clang-format on */
#endif
