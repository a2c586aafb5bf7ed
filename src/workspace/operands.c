#include "workspace/operands.h"
#include "base/types.h"

/* The first ".." or ":" that is none of a text in :/text or ^{/text}, whichever comes first. What ../ leads to is a
 * path: no name of git's begins with a slash. */
static const char *find_mark(const char *word)
{
    int depth = 0;
    for (const char *at = word; *at && word[0] != ':'; at++) {
        depth += (*at == '{') - (*at == '}');
        if (depth == 0 && (*at == ':' || (at[0] == '.' && at[1] == '.' && at[2] != '/')))
            return at;
    }
    return NULL;
}

static sp_status split(sp_arena *arena, const char *word, const char *mark, size_t mark_len, sp_str *ret_before,
                       sp_str *ret_behind, sp_err *err)
{
    *ret_before = sp_str_dup(arena, (sp_str){ word, (size_t)(mark - word) });
    *ret_behind = sp_str_dup(arena, sp_str_of(mark + mark_len));
    return ret_before->ptr && ret_behind->ptr ? SP_OK : sp_err_memory(err);
}

sp_status sp_revision_range_parse(sp_arena *arena, const char *word, sp_revision_range *ret, sp_err *err)
{
    const char *mark = find_mark(word);
    sp_str from;
    sp_str to;
    *ret = (sp_revision_range){ .from = NULL };
    if (!mark || *mark != '.')
        return SP_OK;
    bool is_of_ancestor = mark[2] == '.';
    SP_TRY(split(arena, word, mark, is_of_ancestor ? 3 : 2, &from, &to, err));
    *ret = (sp_revision_range){ from.len ? from.ptr : "HEAD", to.len ? to.ptr : "HEAD", is_of_ancestor };
    return SP_OK;
}

sp_status sp_revision_path_parse(sp_arena *arena, const char *word, sp_revision_path *ret, sp_err *err)
{
    const char *mark = find_mark(word);
    sp_str revision;
    sp_str path;
    *ret = (sp_revision_path){ .revision = NULL };
    if (!mark || *mark != ':')
        return SP_OK;
    SP_TRY(split(arena, word, mark, 1, &revision, &path, err));
    *ret = (sp_revision_path){ revision.ptr, path.ptr };
    return SP_OK;
}
