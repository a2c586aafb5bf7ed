/* table.c - one row per command, in the order of their use; help, manual pages and completions come from the rows. */
#include "commands/commands.h"

#define EXIT_USAGE "2\tusage, configuration, or input that cannot be read\n"
#define EXIT_SYSTEM "3\tout of memory, or the output could not be written\n"
#define EXIT_FINE "0\tfine\n"
#define EXIT_PROMPT                                                                                                    \
    EXIT_FINE "1\tthe client's rules refuse the agent (no description, invalid name, invalid YAML with --strict), or " \
              "a link leads out of the repository"

const cli_command cli_commands[] = {
    { "build", "[AGENT]", "print the prompt that a coding agent starts with",
      "AGENT is a path, a name that is looked up as the client does, or - for standard input. Without AGENT, print "
      "the files that a main session reads: instructions and the auto-memory index.\n"
      "Standard output gets the prompt and nothing else; warnings go to standard error.",
      "sysprompt build reviewer\tthe agent named reviewer, in this project\n"
      "sysprompt build -C ~/code/shop\ta main session that starts there\n"
      "sysprompt build reviewer -o prompt.txt\twrite a file, whole or not at all\n"
      "sysprompt build reviewer --format=anthropic\tsystem and messages for the Messages API\n"
      "sysprompt build reviewer --budget=8k --trim\tat most 8,000 tokens\n"
      "sysprompt build reviewer --budget=8k --plan\tlist the parts that --trim would remove\n",
      EXIT_PROMPT
      ", or the prompt is over its budget; nothing is printed unless --best-effort is given\n" EXIT_USAGE EXIT_SYSTEM,
      "explain prompt budgets clients templates", cli_build },
    { "explain", "[AGENT]", "explain each file of the prompt and all omissions",
      "List every source in load order with its reason and tokens, then all omissions with the rule that omits "
      "them. AGENT is as for build, or the file of a recorded request.\n"
      "The tokenizer is that of --encoding, of --model, or of the agent's or session's model. If no model is known, it "
      "is the tokenizer of the client's default model.",
      "sysprompt explain reviewer\tsources and omissions\n"
      "sysprompt explain --why docs/style.md:12\twhy that line is in the prompt, or is not\n"
      "sysprompt explain reviewer --tree\ttokens by file and heading\n"
      "sysprompt explain --by=file,line -n 5\tthe most expensive lines of each file\n"
      "sysprompt explain --touch src/db/orders.sql\tadd the rules that load for this file\n"
      "sysprompt explain reviewer --html prompt.html\ta page for the browser\n"
      "sysprompt explain reviewer --json | jq '.dropped[] | .path + \": \" + .why'\tevery omission, one per line\n",
      EXIT_PROMPT "; with --why, the file or line is not in the prompt. The explanation is printed all the "
                  "same\n" EXIT_USAGE EXIT_SYSTEM,
      "build prompt profiles accuracy", cli_explain },
    { "check", "[TARGET...]", "report problems the client ignores; enforce budgets",
      "Report every problem in the files that would load, errors first. TARGET is an agent, an instruction file, or a "
      "directory that the client starts in; the default is the current directory with all its agents.\n"
      "sysprompt.yaml sets budgets, severities and exceptions. In a file, <!-- sysprompt: ignore RULE --> applies "
      "to the next line and ignore-file to the whole file; in front matter, write the same after a #.\n"
      "--lock FILE builds a recorded prompt again and reports every difference. --capture FILE checks a request that a "
      "client sent: its files, its duplicates, its differences from the prediction, and budgets.",
      "sysprompt check\tthis directory and all its agents\n"
      "sysprompt check reviewer --fail-on=warning\tone agent; warnings fail, too\n"
      "sysprompt check --init\twrite a sysprompt.yaml with budgets\n"
      "sysprompt check --format=text --format=sarif=check.sarif\ta report for people and one for GitHub\n",
      EXIT_FINE
      "1\ta finding of the level of --fail-on or above, or a budget that is exceeded\n" EXIT_USAGE EXIT_SYSTEM,
      "ci yaml budgets diff rules.7", cli_check },
    { "diff", "[OLD [NEW]] [FILE]", "show growth by file and heading",
      "OLD and NEW are directories, git revisions (nothing is checked out), results of build --format=json, or two "
      "files. NEW defaults to the working tree, OLD to HEAD. OLD..NEW are two revisions; OLD...NEW is the common "
      "ancestor and NEW. An operand that exists as a file or directory is one; otherwise it is a revision.\n"
      "FILE after revisions compares this file alone, and REV:PATH is a file at a revision. A file alone is compared "
      "with HEAD.\n"
      "The prompts are those of the main session, or of --agent. A heading's tokens are those of the text directly "
      "below it. Moved text is reported as moved, not as new and gone.",
      "sysprompt diff\tchanges that are not committed yet\n"
      "sysprompt diff v1.0 --blame\tgrowth since a tag, with the commits that caused it\n"
      "sysprompt diff main..HEAD --agent reviewer\tone agent, between two revisions\n"
      "sysprompt diff origin/main...HEAD --all --format=markdown --fail-over=+5%\ta comment for a pull request; exit "
      "with 1 above 5 %\n"
      "sysprompt diff old.json new.json\ttwo saved prompts\n"
      "sysprompt diff v1.0 CLAUDE.md\tone file since a tag\n",
      EXIT_FINE "1\ta prompt grew by more than --fail-over allows\n" EXIT_USAGE EXIT_SYSTEM, "ci build check budgets",
      cli_diff },
    { "capture", "[CLIENT] [-- CMD]", "record what a client sends, and map it to files",
      "Run an installed client against a recorder on this machine, and attribute each byte of its request to a file "
      "and line, or to the client. Print the tokens of each part, and the three largest that you can change. Nothing "
      "is sent to anybody. CLIENT is claude-code, codex, gemini, opencode, copilot, droid, qwen or cline; without "
      "CLIENT, record each that "
      "is installed. The client gets an empty home directory and a dummy key, runs without the project's hooks and MCP "
      "servers, and, where the system permits, without a network.\n"
      "CMD is the client's program, with arguments for it. Without CLIENT it is any program; it finds the address "
      "in ANTHROPIC_BASE_URL, OPENAI_BASE_URL, GOOGLE_GEMINI_BASE_URL, OLLAMA_HOST or SYSPROMPT_CAPTURE_URL.\n"
      "--from reads requests from a file: a body, an array or JSON Lines of them, a HAR, the output of codex debug "
      "prompt-input, or a capture written with --save. -C, --home and --profile name the files that the client could "
      "read.",
      "sysprompt capture\teach client that is installed\n"
      "sysprompt capture claude-code --agent reviewer --touch src/a.py\ta subagent that reads a file\n"
      "sysprompt capture codex --verify\tcompare with the prediction\n"
      "sysprompt capture gemini -- ~/bin/gemini -m gemini-2.5-flash\tanother program, with arguments of yours\n"
      "sysprompt capture --from trace.har --save saved.jsonl\tkeep requests without the client's text\n"
      "sysprompt explain --capture saved.jsonl --tree\ttokens by file and heading\n"
      "sysprompt diff --capture saved.jsonl\tthe prediction and the request\n",
      EXIT_FINE "1\twith --verify, the request differs from the prediction\n"
                "2\tusage, no client found, a client that sends no request, or input that cannot be read\n" EXIT_SYSTEM,
      "recording explain diff", cli_capture },
    { "matrix", "[COLUMN...]", "show which client reads which file",
      "Print a table: a line for each file, a column for each client. A number is the tokens that load at the start; "
      "other files load on demand, are hidden by another file, or are not read. Equal columns are one. Findings "
      "follow: an empty file that hides another, a file that no client comes to, an order that surprises, text that "
      "is sent twice, a word that a client takes for an import.\n"
      "With --by=directory, the columns are directories to start in, with --by=agent, agents; COLUMN names them. "
      "Without COLUMN, show all that are found. All columns are counted with one tokenizer, o200k_base unless "
      "--encoding, --model or --tokenizer names another.",
      "sysprompt matrix\tall clients, in this directory\n"
      "sysprompt matrix --clients=claude-code,codex,copilot\tthree clients\n"
      "sysprompt matrix --by=directory --profile=codex\twhere in the repository to start\n"
      "sysprompt matrix --by=agent\tClaude Code's main session and its agents\n"
      "sysprompt matrix --format=markdown -o matrix.md\ta table for a pull request\n",
      EXIT_FINE EXIT_USAGE EXIT_SYSTEM, "profiles explain check", cli_matrix },
    { "count", "[FILE...]", "count the tokens of any file, like wc",
      "Without FILE, count standard input and print one number. Counts are exact, offline, for any bytes; for Claude "
      "models they are estimates with a range, as in ~12,340 (11,900..12,800). The encoding is o200k_base unless "
      "--encoding or --model names another.\n"
      "If FILE is a directory, count all regular files in it except those in .git; links are not followed. A file "
      "that cannot be read is reported, the others are counted, and -o writes nothing.\n"
      "--jsonl adds a member to each record and keeps its other bytes. It stops at a record that is not an object, "
      "is longer than 64 MiB, lacks the text, or has the new member already.",
      "sysprompt count CLAUDE.md docs/*.md\ttokens of each file, and their total\n"
      "sysprompt count --model=sonnet CLAUDE.md\tan estimate for a Claude model\n"
      "git diff | sysprompt count --model=gpt-4\ttokens of any output\n"
      "sysprompt count --gitignore --include='*.md' .\tMarkdown files of this directory\n"
      "sysprompt count --truncate=1000 long.txt > short.txt\tthe first 1,000 tokens\n"
      "sysprompt count --show hello.txt\tthe tokens themselves\n"
      "sysprompt count --models\tall models\n"
      "find . -name '*.md' -print0 | sysprompt count --files0-from=-\tfiles that another program names\n",
      EXIT_FINE EXIT_USAGE EXIT_SYSTEM, "accuracy tokenizers records", cli_count },
    { "list", "", "list agents or skills, and the files that are skipped",
      "List every agent of every place that the client reads: managed, --agents, the project up to the repository "
      "root, added directories, the home directory, and plugins. The tokens are those of the body, and of name and "
      "description, which the parent's context holds. The whole request of an agent depends on instructions, skills "
      "and "
      "memory as well; explain AGENT builds it. Below the agents are the files that do not load, with the reason.\n"
      "All agents are counted with the tokenizer of the session unless --encoding or --model names another. With "
      "--profile, list the agents of that client, if it has any.",
      "sysprompt list\tagents\n"
      "sysprompt list --skills\tskills and commands, and the limit on their descriptions\n"
      "sysprompt list --json | jq '.agents[] | select(.status == \"skipped\")'\tskipped "
      "files\n",
      EXIT_FINE "1\ttwo agents in one directory have the same name\n" EXIT_USAGE EXIT_SYSTEM, "prompt profiles",
      cli_list },
    { "rules", "[ID]", "list the client's rules with their sources",
      "Print each rule of the profile. Its grade is M (measured in the real client), A (current official page), B "
      "(older official page), C (observed by others) or D (our assumption).\n"
      "With an ID, print that rule in full; with a prefix such as import, or a pattern with *, all that match.",
      "sysprompt rules memory.bytes\tone rule with its source\n"
      "sysprompt rules import\tall rules on imports\n"
      "sysprompt rules --profile claude-code@2.1.240 --vs claude-code\tdifferences between two versions\n"
      "sysprompt rules --profiles\tall clients and versions\n",
      EXIT_FINE EXIT_USAGE EXIT_SYSTEM, "profiles rules.7", cli_rules },
    { "help", "[TOPIC]", "read the manual",
      "Print the help of a command or a topic of the manual. Without TOPIC, list the commands and topics.",
      "sysprompt help budgets\tset budgets, trim, record locks\n"
      "sysprompt help build\tthe same as sysprompt build --help\n"
      "sysprompt help rules.7\tthe topic, not the command of the same name\n",
      EXIT_FINE EXIT_USAGE EXIT_SYSTEM, "", NULL },
    { "completion", "bash|zsh|fish", "print the completions for a shell",
      "Completions know commands, options, their values, and the agents, skills, models, rules, profiles and git "
      "revisions at hand.",
      "source <(sysprompt completion bash)\tfor bash, in ~/.bashrc\n"
      "sysprompt completion zsh > ~/.zfunc/_sysprompt\tfor zsh, in a directory of $fpath\n"
      "sysprompt completion fish | source\tfor fish, in ~/.config/fish/config.fish\n",
      EXIT_FINE EXIT_USAGE EXIT_SYSTEM, "", NULL },
    { "manual", "[PAGE]", "print a manual page in the form that man reads",
      "PAGE is a name with its section, such as sysprompt-budgets.7; the default is sysprompt.1. The word pages "
      "lists all names.",
      "sysprompt manual | man -l -\tread sysprompt(1)\n"
      "sysprompt manual pages\tlist the pages\n",
      EXIT_FINE EXIT_USAGE EXIT_SYSTEM, "help", NULL },
};

const size_t cli_command_count = sizeof cli_commands / sizeof cli_commands[0];

bool cli_takes_command(const cli_command *command)
{
    return command && command->run == cli_capture;
}
