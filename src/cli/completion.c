/*
 * completion.c - completions for bash, zsh and fish, made of the same tables as the help.
 *
 * Names that depend on the project, such as agents, are not in the scripts: these ask `sysprompt completion KIND`,
 * which prints one name a line.
 */
#include "cli/cli.h"

#include <stddef.h>
#include <stdio.h>
#include <string.h>

/* ---- names ---------------------------------------------------------------------------------------- */

/* A kind of names: the command and option whose JSON has them, and where they are in it. */
typedef struct name_kind {
    const char *name;
    const char *command; /* NULL: the topics of the manual */
    const char *option;
    const char *list;
    const char *member;
} name_kind;

static const name_kind kinds[] = {
    { "agents", "list", "json", "agents", "name" },          { "skills", "list", "skills", "skills", "name" },
    { "models", "count", "models", "models", "id" },         { "rules", "rules", "json", "rules", "id" },
    { "profiles", "rules", "profiles", "profiles", "name" }, { "topics", NULL, NULL, NULL, NULL },
};
enum { KIND_COUNT = sizeof kinds / sizeof kinds[0] };

/* The kind of the values of an option, or of the operands of a command. Revisions are asked of git. */
static const struct {
    const char *option;
    const char *command;
    const char *kind;
} uses[] = {
    { "model", NULL, "models" },  { "agent", NULL, "agents" }, { "against", NULL, "agents" },
    { "rev", NULL, "revisions" }, { NULL, "build", "agents" }, { NULL, "explain", "agents" },
    { NULL, "check", "agents" },  { NULL, "rules", "rules" },  { NULL, "diff", "revisions" },
    { NULL, "help", "topics" },
};

/* One of option and command is NULL. The result is NULL for names of files. */
static const char *kind_of(const char *option, const char *command)
{
    for (size_t i = 0; i < sizeof uses / sizeof uses[0]; i++)
        if ((option && uses[i].option && strcmp(option, uses[i].option) == 0) ||
            (command && uses[i].command && strcmp(command, uses[i].command) == 0))
            return uses[i].kind;
    return NULL;
}

static void add_aliases(cli_page *page, sp_document *document, size_t model)
{
    sp_str alias;
    sp_err err;
    char pointer[64];
    for (size_t i = 0; i < 100; i++) {
        snprintf(pointer, sizeof pointer, "/models/%zu/aliases/%zu", model, i);
        if (sp_document_string(document, pointer, &alias, &err) != SP_OK)
            return;
        cli_page_add(page, "%.*s\n", (int)alias.len, alias.ptr);
    }
}

static void add_names(cli_page *page, sp_document *document, const name_kind *k)
{
    char pointer[64];
    size_t count = 0;
    sp_err err;
    snprintf(pointer, sizeof pointer, "/%s", k->list);
    if (sp_document_length(document, pointer, &count, &err) != SP_OK)
        return;
    for (size_t i = 0; i < count; i++) {
        sp_str name;
        snprintf(pointer, sizeof pointer, "/%s/%zu/%s", k->list, i, k->member);
        if (sp_document_string(document, pointer, &name, &err) == SP_OK && !memchr(name.ptr, '*', name.len))
            cli_page_add(page, "%.*s\n", (int)name.len, name.ptr);
        if (strcmp(k->name, "models") == 0)
            add_aliases(page, document, i);
    }
}

/* Prints nothing where there is nothing to complete, such as in a project that cannot be read. */
static void add_kind(cli_page *page, const name_kind *k)
{
    sp_err err;
    sp_document *document = NULL;
    sp_options *options = sp_options_new();
    bool is_set = options && sp_options_set(options, k->option, NULL, &err) == SP_OK &&
                  (strcmp(k->option, "json") == 0 || sp_options_set(options, "json", NULL, &err) == SP_OK);
    if (is_set && (sp_run(options, k->command, &document, &err) == SP_OK || document))
        add_names(page, document, k);
    sp_document_free(document);
    sp_options_free(options);
}

static void add_topics(cli_page *page)
{
    for (size_t i = 0; sp_command_at(i); i++)
        cli_page_add(page, "%s\n", sp_command_at(i)->name);
    for (size_t i = 0; cli_topic_at(i); i++)
        if (!cli_find(cli_topic_at(i)->name))
            cli_page_add(page, "%s\n", cli_topic_at(i)->name);
}

/* ---- what all shells need ----------------------------------------------------------------------------- */

static bool takes_file(const sp_option_info *option)
{
    return option->argument && (strcmp(option->argument, "FILE") == 0 || strcmp(option->argument, "DIR") == 0);
}

static bool has_values(const sp_option_info *option)
{
    return sp_option_value_at(option, 0) != NULL;
}

/* The values of an option that has_values. */
static void print_values(cli_page *out, const sp_option_info *option)
{
    for (size_t i = 0; sp_option_value_at(option, i); i++)
        cli_page_add(out, "%s%s", i ? " " : "", sp_option_value_at(option, i));
}

/* Operands that are words, as in "bash|zsh|fish", and not names of files. */
static bool has_words(const sp_command_info *command)
{
    return strchr(command->operands, '|') != NULL;
}

static void print_words(cli_page *out, const sp_command_info *command)
{
    for (const char *c = command->operands; *c; c++)
        cli_page_add(out, "%c", *c == '|' ? ' ' : *c);
}

static void print_commands(cli_page *out)
{
    for (size_t i = 0; sp_command_at(i); i++)
        cli_page_add(out, "%s%s", i ? " " : "", sp_command_at(i)->name);
}

/* ---- bash ---------------------------------------------------------------------------------------- */

static void print_bash_words(cli_page *out, const sp_command_info *command)
{
    for (size_t i = 0; sp_option_at(command->name, i); i++) {
        const sp_option_info *option = sp_option_at(command->name, i);
        if (option->name)
            cli_page_add(out, " --%s", option->name);
        else
            cli_page_add(out, " -%c", option->letter);
    }
}

static void print_bash_values(cli_page *out)
{
    for (size_t i = 0; sp_option_at(NULL, i); i++) {
        const sp_option_info *option = sp_option_at(NULL, i);
        if (has_values(option)) {
            cli_page_add(out, "    --%s) values=\"", option->name);
            print_values(out, option);
            cli_page_add(out, "%s", "\" ;;\n");
        } else if (option->name && kind_of(option->name, NULL)) {
            cli_page_add(out, "    --%s) kind=%s command=--%s ;;\n", option->name, kind_of(option->name, NULL),
                         option->name);
        }
    }
}

static void print_bash(cli_page *out)
{
    cli_page_add(
        out, "%s",
        "# bash completion for sysprompt\n"
        "_sysprompt_names() {\n"
        "    if [ \"$1\" = revisions ]; then\n"
        "        git for-each-ref --format='%(refname:short)' 2>/dev/null\n"
        "    else\n"
        "        \"${COMP_WORDS[0]}\" completion \"$1\" 2>/dev/null\n"
        "    fi\n"
        "}\n"
        "_sysprompt() {\n"
        "    local cur=${COMP_WORDS[COMP_CWORD]} prev=${COMP_WORDS[COMP_CWORD-1]} command= words= operands= "
        "values= kind= word\n"
        "    if [ \"$cur\" = = ]; then cur=; elif [ \"$prev\" = = ]; then prev=${COMP_WORDS[COMP_CWORD-2]}; fi\n"
        "    for word in \"${COMP_WORDS[@]:1:COMP_CWORD-1}\"; do\n"
        "        case $word in -*) ;; *) command=$word; break ;; esac\n"
        "    done\n"
        "    case $prev in\n");
    print_bash_values(out);
    cli_page_add(out, "%s",
                 "    esac\n"
                 "    case $command in\n");
    for (size_t i = 0; sp_command_at(i); i++) {
        cli_page_add(out, "    %s) words=\"", sp_command_at(i)->name);
        print_bash_words(out, sp_command_at(i));
        if (has_words(sp_command_at(i))) {
            cli_page_add(out, "%s", "\" operands=\"");
            print_words(out, sp_command_at(i));
        } else if (kind_of(NULL, sp_command_at(i)->name)) {
            cli_page_add(out, "\" kind=\"%s", kind_of(NULL, sp_command_at(i)->name));
        }
        cli_page_add(out, "%s", "\" ;;\n");
    }
    cli_page_add(out, "%s", "    -*) ;;\n    *) values=\"");
    print_commands(out);
    cli_page_add(
        out, "%s",
        "\" ;;\n"
        "    esac\n"
        "    if [ -n \"$values\" ]; then\n"
        "        COMPREPLY=($(compgen -W \"$values\" -- \"$cur\"))\n"
        "    elif [ \"${cur#-}\" != \"$cur\" ]; then\n"
        "        COMPREPLY=($(compgen -W \"$words\" -- \"$cur\"))\n"
        "    elif [ -n \"$operands\" ]; then\n"
        "        COMPREPLY=($(compgen -W \"$operands\" -- \"$cur\"))\n"
        "    elif [ -n \"$kind\" ]; then\n"
        "        COMPREPLY=($(compgen -W \"$(_sysprompt_names $kind)\" -- \"$cur\" || compgen -f -- \"$cur\"))\n"
        "    else\n"
        "        COMPREPLY=($(compgen -f -- \"$cur\"))\n"
        "    fi\n"
        "}\n"
        "complete -o filenames -F _sysprompt sysprompt\n");
}

/* ---- zsh ----------------------------------------------------------------------------------------- */

/* Inside '...' of _arguments: brackets, colons and quotes have a meaning. */
static void print_zsh_text(cli_page *out, const char *text)
{
    for (; *text; text++) {
        if (*text == '\'')
            cli_page_add(out, "%s", "'\\''");
        else if (strchr("[]:\\", *text))
            cli_page_add(out, "\\%c", *text);
        else
            cli_page_add(out, "%c", *text);
    }
}

static void print_zsh_option(cli_page *out, const sp_option_info *option)
{
    cli_page_add(out, "%s", " \\\n            '");
    if (option->type == SP_OPTION_VALUES)
        cli_page_add(out, "%c", '*');
    if (option->name)
        cli_page_add(out, "--%s%s[", option->name, option->argument ? "=" : "");
    else
        cli_page_add(out, "-%c[", option->letter);
    print_zsh_text(out, option->help);
    cli_page_add(out, "%c", ']');
    if (has_values(option)) {
        cli_page_add(out, "%s", ":value:(");
        print_values(out, option);
        cli_page_add(out, "%c", ')');
    } else if (option->name && kind_of(option->name, NULL)) {
        cli_page_add(out, ":%s:_sysprompt_names %s", option->name, kind_of(option->name, NULL));
    } else if (option->argument) {
        cli_page_add(out, ":%s:%s", option->argument, takes_file(option) ? "_files" : "");
    }
    cli_page_add(out, "%c", '\'');
}

static void print_zsh(cli_page *out)
{
    cli_page_add(out, "%s",
                 "#compdef sysprompt\n"
                 "_sysprompt_names() {\n"
                 "    local -a names\n"
                 "    if [[ $1 == revisions ]]; then\n"
                 "        names=(${(f)\"$(git for-each-ref --format='%(refname:short)' 2>/dev/null)\"})\n"
                 "    else\n"
                 "        names=(${(f)\"$(sysprompt completion $1 2>/dev/null)\"})\n"
                 "    fi\n"
                 "    compadd -a names\n"
                 "    [[ -z $2 ]] || _files\n"
                 "}\n"
                 "_sysprompt() {\n"
                 "    local command=$words[2]\n"
                 "    if (( CURRENT == 2 )); then\n"
                 "        local -a commands=(");
    for (size_t i = 0; sp_command_at(i); i++) {
        cli_page_add(out, "%s'%s:", i ? " " : "", sp_command_at(i)->name);
        print_zsh_text(out, sp_command_at(i)->summary);
        cli_page_add(out, "%c", '\'');
    }
    cli_page_add(out, "%s",
                 ")\n"
                 "        _describe command commands\n"
                 "        return\n"
                 "    fi\n"
                 "    shift words; (( CURRENT-- ))\n"
                 "    case $command in\n");
    for (size_t i = 0; sp_command_at(i); i++) {
        cli_page_add(out, "    %s)\n        _arguments", sp_command_at(i)->name);
        for (size_t j = 0; sp_option_at(sp_command_at(i)->name, j); j++)
            print_zsh_option(out, sp_option_at(sp_command_at(i)->name, j));
        cli_page_add(out, "%s", " \\\n            '");
        if (has_words(sp_command_at(i))) {
            cli_page_add(out, "%s", "1:word:(");
            print_words(out, sp_command_at(i));
            cli_page_add(out, "%s", ")'\n        ;;\n");
        } else if (kind_of(NULL, sp_command_at(i)->name)) {
            cli_page_add(out, "*:name:_sysprompt_names %s files'\n        ;;\n", kind_of(NULL, sp_command_at(i)->name));
        } else {
            cli_page_add(out, "%s", "*:file:_files'\n        ;;\n");
        }
    }
    cli_page_add(out, "%s", "    esac\n}\n_sysprompt \"$@\"\n");
}

/* ---- fish ---------------------------------------------------------------------------------------- */

static void print_fish_text(cli_page *out, const char *text)
{
    cli_page_add(out, "%c", '\'');
    for (; *text; text++)
        cli_page_add(out, *text == '\'' || *text == '\\' ? "\\%c" : "%c", *text);
    cli_page_add(out, "%c", '\'');
}

/* " -a '(...)'", which runs when it is asked. */
static void print_fish_names(cli_page *out, const char *kind)
{
    if (strcmp(kind, "revisions") == 0)
        cli_page_add(out, "%s", " -a '(git for-each-ref --format=\"%(refname:short)\" 2>/dev/null)'");
    else
        cli_page_add(out, " -a '(sysprompt completion %s 2>/dev/null)'", kind);
}

static void print_fish_option(cli_page *out, const sp_command_info *command, const sp_option_info *option)
{
    cli_page_add(out, "complete -c sysprompt -n '__fish_seen_subcommand_from %s'", command->name);
    if (option->letter)
        cli_page_add(out, " -s %c", option->letter);
    if (option->name)
        cli_page_add(out, " -l %s", option->name);
    if (has_values(option)) {
        cli_page_add(out, "%s", " -x -a '");
        print_values(out, option);
        cli_page_add(out, "%c", '\'');
    } else if (option->name && kind_of(option->name, NULL)) {
        cli_page_add(out, "%s", " -x");
        print_fish_names(out, kind_of(option->name, NULL));
    } else if (option->argument) {
        cli_page_add(out, "%s", takes_file(option) ? " -r -F" : " -x");
    }
    cli_page_add(out, "%s", " -d ");
    print_fish_text(out, option->help);
    cli_page_add(out, "%c", '\n');
}

static void print_fish(cli_page *out)
{
    for (size_t i = 0; sp_command_at(i); i++) {
        cli_page_add(out, "complete -c sysprompt -n __fish_use_subcommand -x -a %s -d ", sp_command_at(i)->name);
        print_fish_text(out, sp_command_at(i)->summary);
        cli_page_add(out, "%c", '\n');
        if (has_words(sp_command_at(i))) {
            cli_page_add(out, "complete -c sysprompt -n '__fish_seen_subcommand_from %s' -x -a '",
                         sp_command_at(i)->name);
            print_words(out, sp_command_at(i));
            cli_page_add(out, "%s", "'\n");
        } else if (kind_of(NULL, sp_command_at(i)->name)) {
            cli_page_add(out, "complete -c sysprompt -n '__fish_seen_subcommand_from %s'", sp_command_at(i)->name);
            print_fish_names(out, kind_of(NULL, sp_command_at(i)->name));
            cli_page_add(out, "%c", '\n');
        }
        for (size_t j = 0; sp_option_at(sp_command_at(i)->name, j); j++)
            print_fish_option(out, sp_command_at(i), sp_option_at(sp_command_at(i)->name, j));
    }
}

cli_exit cli_completion(const sp_options *options)
{
    static const struct {
        const char *name;
        void (*print)(cli_page *);
    } shells[] = { { "bash", print_bash }, { "zsh", print_zsh }, { "fish", print_fish } };
    static const sp_err unknown = { .status = SP_ERR_USAGE,
                                    .message = "name one shell: bash, zsh or fish; or a kind of names that they ask "
                                               "for: agents, skills, models, rules, profiles or topics" };
    const char *shell = sp_options_operand(options, 1) ? NULL : sp_options_operand(options, 0);
    for (size_t i = 0; shell && i < sizeof shells / sizeof shells[0]; i++)
        if (strcmp(shells[i].name, shell) == 0) {
            cli_page script = { 0 };
            shells[i].print(&script);
            return cli_page_finish(options, sp_options_get(options, "output"), &script);
        }
    for (size_t i = 0; shell && i < KIND_COUNT; i++)
        if (strcmp(kinds[i].name, shell) == 0) {
            cli_page names = { 0 };
            if (kinds[i].command)
                add_kind(&names, &kinds[i]);
            else
                add_topics(&names);
            return cli_page_finish(options, sp_options_get(options, "output"), &names);
        }
    return cli_print_error(options, &unknown, "completion");
}
