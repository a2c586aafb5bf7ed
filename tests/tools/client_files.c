/*
 * client_files.c - the files of a repository that the tables of the clients name, for tests/checks/trust. A line of
 * each row:
 *
 *   file PROFILE PATH                   a file that is read; of a directory of rules, agents or skills, one in it
 *   directory PROFILE PATH KIND         such a directory: rules, agents or skills
 *   setting PROFILE PATH FORM KEY...    a key of a configuration file, json or toml, from the outermost object inwards
 */
#include "clients/clients.h"
#include "sources/client.h"

#include <stdio.h>
#include <string.h>

static bool is_in_repository(sp_anchor anchor)
{
    return anchor != SP_ANCHOR_ROOT && anchor != SP_ANCHOR_HOME && anchor != SP_ANCHOR_USER;
}

static void print_files(const char *profile, const char *path, const char *kind, const char *name, const char *ending)
{
    bool is_below = strcmp(path, ".") != 0;
    printf("file %s %s%s%s%s\n", profile, is_below ? path : "", is_below ? "/" : "", name, ending);
    if (is_below)
        printf("directory %s %s %s\n", profile, path, kind);
}

static void print_places(const sp_client *client)
{
    for (size_t i = 0; i < client->place_count; i++) {
        const sp_location *place = &client->places[i];
        const char *ending = place->ending ? place->ending : client->rule_ending ? client->rule_ending : ".md";
        if (!is_in_repository(place->anchor))
            continue;
        if (place->kind != SP_SOURCE_RULE) {
            printf("file %s %s\n", client->name, place->path);
            continue;
        }
        print_files(client->name, place->path, "rules", "x", ending);
        if (client->by_title)
            print_files(client->name, place->path, "rules", "x", ".txt");
    }
    for (size_t i = 0; client->ignore_files && client->ignore_files[i]; i++)
        printf("file %s %s\n", client->name, client->ignore_files[i]);
}

static void print_agents(const sp_client *client)
{
    const sp_agent_table *described = client->described_agents;
    for (size_t i = 0; i < client->agent_place_count; i++)
        if (is_in_repository(client->agent_places[i].anchor))
            print_files(client->name, client->agent_places[i].path, "agents", "x", ".md");
    for (size_t i = 0; described && i < described->place_count; i++)
        if (is_in_repository(described->places[i].anchor))
            print_files(client->name, described->places[i].path, "agents", "x", described->ending);
}

static void print_skills(const sp_client *client)
{
    for (size_t i = 0; i < client->skill_place_count; i++)
        if (is_in_repository(client->skill_places[i].anchor))
            print_files(client->name, client->skill_places[i].path, "skills",
                        client->skill_places[i].is_commands ? "s" : "s/SKILL", ".md");
}

static void print_settings(const sp_client *client, const sp_config_file *file)
{
    const char *form = file->form == SP_CONFIG_TOML ? "toml" : "json";
    printf("file %s %s\n", client->name, file->path);
    for (size_t i = 0; i < client->setting_count; i++) {
        printf("setting %s %s %s", client->name, file->path, form);
        for (size_t n = 0; n < SP_CONFIG_MAX_KEYS && client->settings[i].keys[n]; n++)
            printf(" %s", client->settings[i].keys[n]);
        putchar('\n');
    }
}

int main(void)
{
    for (size_t i = 0; i < sp_client_count; i++) {
        const sp_client *client = sp_clients[i];
        print_places(client);
        print_agents(client);
        print_skills(client);
        for (size_t n = 0; n < client->config_count; n++)
            if (is_in_repository(client->configs[n].anchor) && client->configs[n].path[0] != '$')
                print_settings(client, &client->configs[n]);
    }
    for (size_t i = 0; i < sp_stray_count; i++)
        if (sp_strays[i].kind == SP_SOURCE_RULE)
            print_files("claude-code", sp_strays[i].path, "rules", "x", ".md");
        else
            printf("file claude-code %s\n", sp_strays[i].path);
    return fflush(stdout) == 0 ? 0 : 1;
}
