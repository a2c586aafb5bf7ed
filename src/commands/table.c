/* table.c - one row per command; the help comes from the rows. */
#include "commands/commands.h"

/* The order is that of the FOR_ bits in options.c. */
const cli_command cli_commands[] = {
    { "build", "[AGENT]", "print the prompt a coding agent starts with",
      "AGENT is a path, a name that is looked up as the client does, or - for standard input. Without one, what a "
      "main\n"
      "session reads from files: the CLAUDE.md chain and the auto-memory index.\n"
      "stdout gets the prompt and nothing else; warnings go to stderr.",
      "  sysprompt build reviewer                    the agent named reviewer, in this project\n"
      "  sysprompt build agents/reviewer.md -o p.txt to a file, whole or not at all\n"
      "  sysprompt build -C ~/code/shop              what a main session starts with there\n"
      "  sysprompt build reviewer --format=anthropic system and messages for the Messages API\n"
      "  sysprompt build body.md --memory=MEMORY.md --instructions=CLAUDE.md\n"
      "  sysprompt build reviewer --budget=8k --trim  cut until it has at most 8,000 tokens\n"
      "  sysprompt build reviewer --budget=8k --plan  what would be cut\n",
      cli_build },
    { "explain", "[AGENT]", "show where it comes from, what it costs, and what is left out",
      "AGENT as for build. Every source in load order with the reason it is there and its tokens; below, every part "
      "of\n"
      "a file that is not in the prompt, with the rule that says so. Or, with --tree, where the tokens are.\n"
      "Without --encoding or --model, the model of the agent or the session chooses the\n"
      "tokenizer; where that is not known, the client's default.",
      "  sysprompt explain reviewer\n"
      "  sysprompt explain reviewer --tree                   which headings the tokens are in\n"
      "  sysprompt explain --by=file,line -n 5               the dearest lines of each file\n"
      "  sysprompt explain reviewer --vs claude-code@2.1.86  what another version makes of it\n"
      "  sysprompt explain --why docs/style.md:12            why that line is in the prompt, or is not\n"
      "  sysprompt explain reviewer --json | jq '.dropped[] | .path + \": \" + .why'\n",
      cli_explain },
    { "count", "[FILE...]", "count tokens, like wc",
      "Without a FILE it counts standard input and prints one integer. The counts are exact, offline, for any bytes;\n"
      "for a Claude model they are an estimate with its range, as in ~12,340 (11,900..12,800).\n"
      "A FILE that is a folder stands for all regular files in it and below, binary ones too; links in it are not\n"
      "followed, and .git is left out. What cannot be read is reported, and the rest is counted; -o writes no file "
      "then.\n"
      "The encoding is o200k_base unless --encoding or --model says otherwise.\n"
      "--jsonl adds a member to each record and leaves its other bytes alone; blank lines stay. It ends at the first\n"
      "record that is no JSON object, is longer than 64 MiB, has no such text or has the new member already.",
      "  sysprompt count CLAUDE.md docs/*.md\n"
      "  sysprompt count --gitignore --include='*.md' .\n"
      "  git diff | sysprompt count --model=gpt-4\n"
      "  sysprompt count --model=sonnet CLAUDE.md\n"
      "  sysprompt count --models\n"
      "  find . -name '*.md' -print0 | sysprompt count --files0-from=-\n"
      "  sysprompt count --jsonl --field=body < pages.jsonl > counted.jsonl\n"
      "  sysprompt count --encode hello.txt\n"
      "  sysprompt count --show hello.txt\n"
      "  sysprompt count --truncate=1000 long.txt > short.txt\n",
      cli_count },
    { "list", "", "show the agents or skills, which file has a name, and what is skipped",
      "Every agent of every place the client looks at: managed, --agents, the project up to the repository root,\n"
      "added directories, the home directory, plugins. With --profile gemini, copilot or opencode those of the\n"
      "folders that client has for agents; the others have none. Tokens are those of the body, and of name and "
      "description, "
      "which\n"
      "the parent's context holds. Below them what does not load, with the rule that says so.\n"
      "Without --encoding or --model, the session's tokenizer counts all of them.\n"
      "With --skills the same for skills and commands: what of each the session lists, against the limit on the whole.",
      "  sysprompt list\n"
      "  sysprompt list --skills\n"
      "  sysprompt list --json | jq '.agents[] | select(.status == \"skipped\") | .path + \": \" + .why'\n",
      cli_list },
    { "rules", "[ID]", "print the documented rules with their sources",
      "Each rule of the profile with its number, what it does, since when, and how sure it is: A the newest official\n"
      "page, B official but older, C observed in public, D our own choice. With an ID, that rule in full and its "
      "source;\n"
      "with the beginning of some, such as import, or with a * in it, all that match.",
      "  sysprompt rules memory.bytes\n"
      "  sysprompt rules import\n"
      "  sysprompt rules --profile claude-code@2.1.240 --vs claude-code\n"
      "  sysprompt rules --profile codex --json\n",
      cli_rules },
    { "manual", "", "print the manual page", "In the form that man reads.", "  sysprompt manual | man -l -\n", NULL },
    { "completion", "bash|zsh|fish", "print the completions for a shell", "Made of the same tables as the help.",
      "  sysprompt completion bash > ~/.local/share/bash-completion/completions/sysprompt\n", NULL },
    { "check", "[TARGET...]", "fail on what the client swallows in silence, and on budgets",
      "Everything that build and list would say about all agents and the main session, and what a client passes over\n"
      "in silence: worst first, each once. A TARGET is an agent, an instruction file, or a directory that the client "
      "is\n"
      "launched in; without one it is the current directory with all its agents.\n"
      "sysprompt.yaml gives rules another severity, ignores some of them, and sets budgets. In a file,\n"
      "<!-- sysprompt: ignore RULE --> is about the next line, ignore-file about all of it; in front matter\n"
      "the same stands behind a #.\n"
      "--lock FILE builds a prompt again as build --lock FILE did, and fails on whatever is not as it was then.",
      "  sysprompt check\n"
      "  sysprompt check reviewer --fail-on=warning\n"
      "  sysprompt check --format=text --format=sarif=check.sarif --format=junit=check.xml\n",
      cli_check },
    { "diff", "[OLD [NEW]] [FILE]", "show what grew between two sides, by file and heading",
      "OLD and NEW are folders, saved results of build --format=json, git revisions (nothing is checked out), or two\n"
      "texts. Without NEW it is the working tree, without OLD too HEAD; OLD..NEW are two revisions, and OLD...NEW the\n"
      "common ancestor and NEW. What is there as a file or folder is one, else it is a revision.\n"
      "A revision and a text compare the text with what it was there; alone it is compared with HEAD. FILE behind two\n"
      "revisions is all that is compared of them, and REV:PATH is a file at a revision.\n"
      "A heading's tokens are those of the text right under it. What moved, with or without changes, is told apart "
      "from\n"
      "what is new and what is gone. The prompts are those of the main session, or of --agent.",
      "  sysprompt diff                              what is not committed yet\n"
      "  sysprompt diff main..HEAD --agent reviewer\n"
      "  sysprompt diff v1.0 --blame                 and which commit added the most to each heading\n"
      "  sysprompt diff origin/main...HEAD --all --format=markdown --fail-over=+5%\n"
      "  sysprompt diff old.json new.json\n"
      "  sysprompt diff CLAUDE.md.orig CLAUDE.md\n"
      "  sysprompt diff v1.0 CLAUDE.md               what it was at v1.0, and what it is\n",
      cli_diff },
    { "capture", "[CLIENT] [-- CMD]", "record what a client sends, and map it to files",
      "Run an installed client against a recorder on this machine, and attribute each byte of\n"
      "its request to a file and line, or to the client. Print the tokens of each part, and\n"
      "the three largest that you can change. Nothing is sent to anybody. CLIENT is\n"
      "claude-code, codex, gemini, opencode or copilot; without one, each that is installed.\n"
      "It runs with an empty home directory and a dummy key, without the project's hooks and\n"
      "MCP servers, and, where the system permits, without a network.\n"
      "CMD is the client's program, with arguments for it. Without CLIENT it is any\n"
      "program; it finds the address in ANTHROPIC_BASE_URL, OPENAI_BASE_URL,\n"
      "GOOGLE_GEMINI_BASE_URL, OLLAMA_HOST or SYSPROMPT_CAPTURE_URL.\n"
      "--from reads a request from a file: a body, an array or JSON Lines of them, a HAR, the\n"
      "output of codex debug prompt-input, or a capture written with --save. -C, --home and\n"
      "--profile say which files the client could read.\n"
      "--verify compares the request with the prediction; exit code 1 reports a difference.",
      "  sysprompt capture                                   each client that is installed\n"
      "  sysprompt capture codex --verify\n"
      "  sysprompt capture claude-code --agent reviewer --touch src/a.py\n"
      "  sysprompt capture gemini -- ~/bin/gemini -m gemini-2.5-flash\n"
      "  sysprompt capture --from request.json --verify\n"
      "  sysprompt capture --from trace.har --save saved.jsonl   without the client's text\n"
      "  sysprompt explain --capture saved.jsonl --tree\n"
      "  sysprompt diff --capture saved.jsonl                the prediction and the request\n",
      cli_capture },
};

const size_t cli_command_count = sizeof cli_commands / sizeof cli_commands[0];

bool cli_takes_command(const cli_command *command)
{
    return command && command->run == cli_capture;
}
