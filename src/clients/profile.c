/* profile.c - from a name such as "claude-code@2.1.240" to the rows that hold then. */
#include "rules/profile.h"

#include "base/near.h"
#include "base/types.h"
#include "clients/clients.h"
#include "clients/profiles.h"
#include "model/profile.h"

#include <stdio.h>
#include <stdlib.h>

/* ---- versions and dates ------------------------------------------------------------------------------ */

enum { MAX_DIGITS = 8 };

/* Numbers with the mark between them, at most room of them; 0 when the text is something else. */
static size_t read_numbers(sp_str text, char mark, uint32_t *numbers, size_t room)
{
    size_t count = 0;
    for (size_t at = 0; count < room; at++) {
        uint32_t number = 0;
        size_t begin = at;
        for (; at < text.len && text.ptr[at] >= '0' && text.ptr[at] <= '9' && at - begin < MAX_DIGITS; at++)
            number = number * 10 + (uint32_t)(text.ptr[at] - '0');
        if (at == begin)
            return 0;
        numbers[count++] = number;
        if (at == text.len)
            return count;
        if (text.ptr[at] != mark)
            return 0;
    }
    return 0;
}

static uint32_t days_of(uint32_t year, uint32_t month)
{
    static const uint8_t days[] = { 31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31 };
    bool is_leap = (year % 4 == 0 && year % 100 != 0) || year % 400 == 0;
    return days[month - 1] + (month == 2 && is_leap ? 1u : 0u);
}

/* "2026-05-26" as 20260526, or 0. */
static uint32_t read_date(sp_str text)
{
    uint32_t parts[3];
    if (text.len != 10 || read_numbers(text, '-', parts, 3) != 3)
        return 0;
    bool is_day = parts[1] >= 1 && parts[1] <= 12 && parts[2] >= 1 && parts[2] <= days_of(parts[0], parts[1]);
    return is_day ? parts[0] * 10000 + parts[1] * 100 + parts[2] : 0;
}

static int compare_versions(const uint32_t a[3], const uint32_t b[3])
{
    for (size_t i = 0; i < 3; i++)
        if (a[i] != b[i])
            return a[i] < b[i] ? -1 : 1;
    return 0;
}

static sp_moment moment_of(const sp_client_version *version)
{
    sp_moment moment = { .date = read_date(sp_str_of(version->date)) };
    read_numbers(sp_str_of(version->version), '.', moment.version, 3);
    return moment;
}

/* Whether a moment is at or behind what a row's column says. */
static bool has_come(const sp_moment *at, const char *column)
{
    if (column[0] == '\0')
        return true; /* as in most rows */
    sp_str text = sp_str_of(column);
    uint32_t version[3] = { 0 };
    uint32_t date = read_date(text);
    if (date)
        return at->date >= date;
    return read_numbers(text, '.', version, 3) == 0 || compare_versions(at->version, version) >= 0;
}

static bool is_in_force(const sp_rule *rule, const sp_moment *at)
{
    return has_come(at, rule->since) && (rule->until[0] == '\0' || !has_come(at, rule->until));
}

/* ---- rows -------------------------------------------------------------------------------------------- */

static bool has_row(const sp_rule_table *table, sp_rule_key key)
{
    for (size_t i = 0; i < table->count; i++)
        if (table->rows[i].key == key)
            return true;
    return false;
}

/* The table that decides about a rule: the first that has it. */
static const sp_rule_table *table_of(const sp_client *client, sp_rule_key key)
{
    for (size_t i = 0; i < SP_COUNT_OF(client->tables) && client->tables[i]; i++)
        if (has_row(client->tables[i], key))
            return client->tables[i];
    return NULL;
}

/* The rows of one rule stand side by side. */
const sp_rule *sp_rule_history(const sp_profile *profile, sp_rule_key key, size_t *ret_count)
{
    const sp_rule_table *table = table_of(profile->client, key);
    const sp_rule *first = NULL;
    *ret_count = 0;
    for (size_t i = 0; table && i < table->count; i++) {
        if (table->rows[i].key != key)
            continue;
        first = first ? first : &table->rows[i];
        *ret_count += 1;
    }
    return first;
}

/* Of the last table first, so that what an earlier one says about a rule takes its place, also where it says that the
 * rule does not hold at that time. */
static void choose_rows(sp_profile *profile)
{
    for (size_t t = SP_COUNT_OF(profile->client->tables); t-- > 0;) {
        const sp_rule_table *table = profile->client->tables[t];
        for (size_t i = 0; table && i < table->count; i++) {
            const sp_rule *row = &table->rows[i];
            if (i == 0 || row[-1].key != row->key)
                profile->rows[row->key] = NULL;
            if (is_in_force(row, &profile->at))
                profile->rows[row->key] = row;
        }
    }
}

/* ---- names ------------------------------------------------------------------------------------------- */

static sp_status unknown_name(sp_str name, sp_err *err)
{
    enum { MOST = 64 }; /* a unit test asserts that there are fewer */
    sp_str names[MOST] = { { NULL, 0 } };
    char list[MOST * 12] = "";
    size_t used = 0;
    for (size_t i = 0; i < sp_client_count && i < MOST && used < sizeof list; i++) {
        names[i] = sp_str_of(sp_clients[i]->name);
        used += (size_t)snprintf(list + used, sizeof list - used, "%s%s",
                                 i == 0                     ? ""
                                 : i + 1 == sp_client_count ? " and "
                                                            : ", ",
                                 sp_clients[i]->name);
    }
    size_t nearest = sp_near(name, names, sp_client_count < MOST ? sp_client_count : MOST);
    if (nearest != SIZE_MAX)
        return sp_err_set(err, SP_ERR_USAGE, "there is no profile %.*s; did you mean %.*s?", SP_STR_ARG(name),
                          SP_STR_ARG(names[nearest]));
    return sp_err_set(err, SP_ERR_USAGE, "there is no profile %.*s; there are %s", SP_STR_ARG(name), list);
}

static sp_status unknown_version(const sp_client *client, sp_str version, const char *what, sp_err *err)
{
    const sp_client_version *oldest = &client->versions[0];
    const sp_client_version *newest = &client->versions[client->version_count - 1];
    return sp_err_set(
        err, SP_ERR_USAGE,
        "%s@%.*s: %s; the rules are known from %s (%s) to %s (%s): give a version or a date between them, "
        "or latest",
        client->name, SP_STR_ARG(version), what, oldest->version, oldest->date, newest->version, newest->date);
}

/* The last known version that came out by then, or of that number or a lower one. */
static bool has_passed(const sp_moment *known, const sp_moment *asked)
{
    return asked->date ? known->date <= asked->date : compare_versions(known->version, asked->version) <= 0;
}

/* "2.1" is the newest known 2.1.x. False: none is known. */
static bool find_newest_of(const sp_client *client, const uint32_t *asked, size_t count, sp_moment *ret)
{
    for (size_t i = client->version_count; i-- > 0;) {
        *ret = moment_of(&client->versions[i]);
        if (memcmp(ret->version, asked, count * sizeof *asked) == 0)
            return true;
    }
    return false;
}

static sp_status set_version(sp_profile *profile, sp_str text, sp_err *err)
{
    const sp_client *client = profile->client;
    sp_moment asked = { .date = read_date(text) };
    sp_moment newest = moment_of(&client->versions[client->version_count - 1]);
    if (sp_str_eq(text, SP_STR("latest"))) {
        profile->at = newest;
        return SP_OK;
    }
    size_t parts = asked.date ? 0 : read_numbers(text, '.', asked.version, 3);
    if (!asked.date && parts == 0)
        return unknown_version(client, text, "that is neither a version nor a date", err);
    if (parts > 0 && parts < 3 && find_newest_of(client, asked.version, parts, &profile->at))
        return SP_OK;
    bool is_later = asked.date ? asked.date > newest.date : compare_versions(asked.version, newest.version) > 0;
    if (is_later)
        return unknown_version(client, text, "that is later than what is known", err);
    size_t i = client->version_count;
    sp_moment known = { 0 };
    while (i-- > 0) {
        known = moment_of(&client->versions[i]);
        if (has_passed(&known, &asked))
            break;
    }
    if (i == SIZE_MAX)
        return unknown_version(client, text, "that is earlier than what is known", err);
    profile->at = known;
    if (asked.date)
        profile->at.date = asked.date;
    else
        memcpy(profile->at.version, asked.version, sizeof asked.version);
    return SP_OK;
}

/* Former names, and clients without a measured rule: all that is known of them is documented. */
static sp_str usual_name(sp_str name)
{
    static const char documented[] = ":documented";
    size_t length = sizeof documented - 1;
    if (sp_str_eq(name, SP_STR("claude-code-observed")))
        return SP_STR("claude-code");
    return sp_str_ends(name, sp_str_of(documented)) ? sp_str_slice(name, 0, name.len - length) : name;
}

static const sp_client *find_named(sp_str name)
{
    for (size_t i = 0; i < sp_client_count; i++)
        if (sp_str_eq(name, sp_str_of(sp_clients[i]->name)))
            return sp_clients[i];
    return NULL;
}

static const sp_client *find_client(sp_str name)
{
    const sp_client *client = find_named(name);
    return client ? client : find_named(usual_name(name));
}

/* A date stays a date: the rules of a version may change while it is the newest. */
static void set_label(sp_profile *profile, sp_str version)
{
    const uint32_t *v = profile->at.version;
    if (version.ptr && read_date(version))
        snprintf(profile->label, sizeof profile->label, "%s@%.*s", profile->client->name, SP_STR_ARG(version));
    else if (profile->client->version_count)
        snprintf(profile->label, sizeof profile->label, "%s@%u.%u.%u", profile->client->name, v[0], v[1], v[2]);
    else
        snprintf(profile->label, sizeof profile->label, "%s", profile->client->name);
}

sp_status sp_profile_init(sp_profile *profile, sp_str text, sp_err *err)
{
    sp_profile made = { .client = sp_clients[0] };
    const char *mark = text.ptr ? memchr(text.ptr, '@', text.len) : NULL;
    sp_str name = mark ? sp_str_slice(text, 0, (size_t)(mark - text.ptr)) : text;
    if (text.ptr)
        made.client = find_client(name);
    if (!made.client)
        return unknown_name(name, err);
    if (mark && made.client->version_count == 0)
        return sp_err_set(err, SP_ERR_USAGE, "%s has no versions here; write --profile %s", made.client->name,
                          made.client->name);
    sp_str version = mark ? sp_str_slice(text, name.len + 1, text.len) : (sp_str){ NULL, 0 };
    if (mark)
        SP_TRY(set_version(&made, version, err));
    else if (made.client->version_count)
        made.at = moment_of(&made.client->versions[made.client->version_count - 1]);
    made.is_pinned = mark != NULL;
    set_label(&made, version);
    choose_rows(&made);
    *profile = made;
    return SP_OK;
}

sp_status sp_profile_choose(sp_arena *arena, const sp_profile *wanted, const sp_profile **ret, sp_err *err)
{
    sp_profile *profile = SP_ARENA_NEW(arena, sp_profile);
    if (!profile)
        return sp_err_memory(err);
    *ret = profile;
    if (!wanted)
        return sp_profile_init(profile, (sp_str){ NULL, 0 }, err);
    *profile = *wanted;
    return SP_OK;
}

sp_status sp_profile_open(sp_str name, sp_profile **ret_profile, sp_err *err)
{
    sp_profile *made = malloc(sizeof *made);
    if (!made)
        return sp_err_memory(err);
    sp_status status = sp_profile_init(made, name, err);
    if (status == SP_OK)
        *ret_profile = made;
    else
        free(made);
    return status;
}

void sp_profile_free(sp_profile *profile)
{
    free(profile);
}

const char *sp_profile_at(size_t index)
{
    return index < sp_client_count ? sp_clients[index]->name : NULL;
}
