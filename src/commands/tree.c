/* tree.c - explain as a tree: what the options on it say, and the tree itself. */
#include "attribute/tree.h"
#include "base/near.h"
#include "base/types.h"
#include "commands/commands.h"
#include "model/prompt.h"
#include "report/reports.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

enum {
    ROWS = 20,           /* in each row, for people, unless --rows says otherwise */
    WHOLE_SHARE = 10000, /* of --min: hundredths of a percent */
};

static const struct {
    const char *name;
    sp_tree_level level;
} levels[] = { { "file", SP_TREE_FILE },
               { "heading", SP_TREE_HEADING },
               { "kind", SP_TREE_KIND },
               { "block", SP_TREE_BLOCK },
               { "line", SP_TREE_LINE } };

enum { LEVEL_COUNT = sizeof levels / sizeof levels[0] };

/* The option that asks for a tree, or NULL. */
static const char *find_tree_option(const cli_options *options)
{
    const struct {
        const char *name;
        bool is_given;
    } all[] = { { "--tree", options->tree },
                { "--by", options->by },
                { "--depth", options->depth },
                { "--rows", options->rows },
                { "--min", options->min },
                { "--sort", options->sort >= 0 },
                { "--plain", options->plain },
                { "--csv", options->csv },
                { "--standalone", options->standalone },
                { "--marginal", options->marginal },
                { "--straddling", options->straddling } };
    for (size_t i = 0; i < sizeof all / sizeof all[0]; i++)
        if (all[i].is_given)
            return all[i].name;
    return NULL;
}

bool cli_wants_tree(const cli_options *options)
{
    return find_tree_option(options) != NULL;
}

/* ---- --by -------------------------------------------------------------------------------------------------------- */

static cli_exit unknown_level(const cli_options *options, const char *name, size_t len)
{
    sp_str names[LEVEL_COUNT];
    for (size_t i = 0; i < LEVEL_COUNT; i++)
        names[i] = (sp_str){ levels[i].name, strlen(levels[i].name) };
    size_t nearest = sp_nearest_name((sp_str){ name, len }, names, LEVEL_COUNT);
    return cli_usage_error(options, "--by takes some of file,heading,kind,block,line, not \"%.*s\"%s%s%s", (int)len,
                           name, nearest == SIZE_MAX ? "" : "; did you mean ",
                           nearest == SIZE_MAX ? "" : names[nearest].ptr, nearest == SIZE_MAX ? "" : "?");
}

static cli_exit add_level(const cli_options *options, cli_tree *tree, const char *name, size_t len)
{
    size_t found = 0;
    while (found < LEVEL_COUNT && (strlen(levels[found].name) != len || memcmp(levels[found].name, name, len) != 0))
        found++;
    if (found == LEVEL_COUNT)
        return unknown_level(options, name, len);
    for (size_t i = 0; i < tree->level_count; i++)
        if (tree->levels[i] == levels[found].level)
            return cli_usage_error(options, "--by has %s twice", levels[found].name);
    tree->levels[tree->level_count++] = levels[found].level;
    return CLI_OK;
}

static cli_exit read_levels(const cli_options *options, const char *list, cli_tree *tree)
{
    cli_exit code = CLI_OK;
    for (const char *name = list; name && code == CLI_OK;) {
        size_t len = strcspn(name, ",");
        code = add_level(options, tree, name, len);
        name = name[len] ? name + len + 1 : NULL;
    }
    return code;
}

/* ---- the others -------------------------------------------------------------------------------------------------- */

/* "2%", "0.5%", "12.25%", in hundredths of a percent. */
static bool parse_share(const char *text, size_t *ret)
{
    char digits[16] = "";
    size_t whole = strspn(text, "0123456789");
    size_t part = text[whole] == '.' ? strspn(text + whole + 1, "0123456789") : 0;
    const char *end = text + whole + (part ? part + 1 : 0);
    if (whole == 0 || whole > 3 || part > 2 || strcmp(end, "%") != 0)
        return false;
    snprintf(digits, sizeof digits, "%.*s%.*s%.*s", (int)whole, text, (int)part, text + whole + 1, (int)(2 - part),
             "00");
    return cli_parse_number(digits, ret) && *ret <= WHOLE_SHARE;
}

static cli_exit read_numbers(const cli_options *options, cli_tree *tree)
{
    tree->view.row_limit = options->csv || options->json ? 0 : ROWS;
    if (options->depth && (!cli_parse_number(options->depth, &tree->view.depth_limit) || tree->view.depth_limit == 0))
        return cli_usage_error(options, "--depth takes a number of levels from 1 on, not \"%s\"", options->depth);
    if (options->rows && !cli_parse_number(options->rows, &tree->view.row_limit))
        return cli_usage_error(options, "--rows takes a number of rows, or 0 for all, not \"%s\"", options->rows);
    if (options->min && !parse_share(options->min, &tree->min_share) &&
        !cli_parse_number(options->min, &tree->view.min_tokens))
        return cli_usage_error(options,
                               "--min takes a number of tokens such as 50, or a share from 0.01%% to 100%%, not \"%s\"",
                               options->min);
    return CLI_OK;
}

cli_exit cli_read_tree(const cli_options *options, cli_tree *ret)
{
    cli_tree tree = { .view = { .standalone = options->standalone,
                                .marginal = options->marginal,
                                .lists_straddlers = options->straddling },
                      .format = options->json    ? SP_TREE_JSON
                                : options->csv   ? SP_TREE_CSV
                                : options->plain ? SP_TREE_PLAIN
                                                 : SP_TREE_TABLE };
    cli_exit code = read_levels(options, options->by, &tree);
    if (code == CLI_OK)
        code = read_numbers(options, &tree);
    if (options->sort >= 0)
        tree.view.sort = (sp_tree_sort)options->sort;
    *ret = tree;
    return code;
}

/* ---- the tree ---------------------------------------------------------------------------------------------------- */

/* The least number of tokens that is at least that share. */
static size_t tokens_of_share(size_t whole, size_t share)
{
    size_t parts = whole % WHOLE_SHARE * share;
    return whole / WHOLE_SHARE * share + parts / WHOLE_SHARE + (parts % WHOLE_SHARE > 0);
}

/* All that a tree is drawn from, to be released whatever happens. */
typedef struct drawn {
    sp_tree *tree;
    sp_node_cost *costs;
    sp_straddler *straddlers;
    char *bytes;
    size_t len;
} drawn;

static sp_status draw(const cli_options *options, const sp_prompt *prompt, const cli_tree *asked, drawn *d, sp_err *err)
{
    sp_tree_options levels_asked = { asked->levels, asked->level_count };
    sp_tree_view view = asked->view;
    sp_style style = cli_style(options, STDOUT_FILENO);
    if (asked->min_share)
        view.min_tokens = tokens_of_share(prompt->tokens, asked->min_share);
    sp_status status = sp_tree_build(prompt, &levels_asked, &d->tree, err);
    if (status == SP_OK && (view.standalone || view.marginal))
        status = sp_tree_costs(prompt, d->tree, &d->costs, err);
    if (status == SP_OK && view.lists_straddlers)
        status = sp_straddlers_find(prompt, &d->straddlers, &view.straddler_count, err);
    view.tree = d->tree;
    view.costs = d->costs;
    view.straddlers = d->straddlers;
    return status == SP_OK ? sp_tree_render(prompt, &view, asked->format, &style, &d->bytes, &d->len, err) : status;
}

cli_exit cli_write_tree(const cli_options *options, const sp_prompt *prompt, const cli_tree *asked)
{
    drawn d = { 0 };
    sp_err err;
    cli_exit code = draw(options, prompt, asked, &d, &err) == SP_OK
                        ? cli_write(options, options->output, d.bytes, d.len)
                        : cli_fail(options, &err);
    sp_tree_free(d.tree);
    free(d.costs);
    free(d.straddlers);
    free(d.bytes);
    cli_options as_json;
    cli_tree tree;
    if (code == CLI_OK && cli_wants_result(options, &as_json) && cli_read_tree(&as_json, &tree) == CLI_OK)
        code = cli_write_tree(&as_json, prompt, &tree);
    return code;
}
