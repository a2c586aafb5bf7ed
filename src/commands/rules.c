/* rules.c - the rules of a profile, one of them in full, or where two profiles disagree. */
#include "base/types.h"
#include "clients/profiles.h"
#include "commands/commands.h"
#include "model/profile.h"
#include "report/reports.h"

#include <stdlib.h>
#include <string.h>
#include <unistd.h>

cli_exit cli_open_profile(const cli_options *options, const char *name, sp_profile **ret)
{
    sp_err err;
    sp_str text = { name, name ? strlen(name) : 0 };
    if (sp_profile_open(text, ret, &err) != SP_OK)
        return cli_fail(options, &err);
    return CLI_OK;
}

static cli_exit render(const cli_options *options, const sp_profile *profile, const sp_profile *other)
{
    char *bytes;
    size_t len;
    sp_err err;
    sp_status status;
    sp_style style = cli_style(options, STDOUT_FILENO);
    sp_format format = cli_format(options);
    const char *id = options->operand_count ? options->operands[0] : NULL;
    sp_str wanted = { id, id ? strlen(id) : 0 };
    if (options->profiles)
        status = sp_profiles_render(format, &style, &bytes, &len, &err);
    else
        status = sp_rules_render(profile, wanted, other, format, &style, &bytes, &len, &err);
    if (status != SP_OK)
        return cli_fail(options, &err);
    cli_exit code = cli_write(options, options->output, bytes, len);
    free(bytes);
    cli_options as_json;
    return code == CLI_OK && cli_wants_result(options, &as_json) ? render(&as_json, profile, other) : code;
}

cli_exit cli_rules(const cli_options *options)
{
    sp_profile *profile = NULL;
    sp_profile *other = NULL;
    if (options->operand_count > 1)
        return cli_usage_error(options, "one rule at a time; \"%s\" is one too many", options->operands[1]);
    if (options->profiles && options->operand_count)
        return cli_usage_error(options, "--profiles lists all profiles; leave out \"%s\"", options->operands[0]);
    if (options->vs && options->operand_count)
        return cli_usage_error(options, "--vs compares all rules; leave out \"%s\"", options->operands[0]);
    cli_exit code = cli_open_profile(options, options->profile, &profile);
    if (code == CLI_OK && options->vs)
        code = cli_open_profile(options, options->vs, &other);
    if (code == CLI_OK)
        code = render(options, profile, other);
    sp_profile_free(profile);
    sp_profile_free(other);
    return code;
}
