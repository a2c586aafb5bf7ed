#!/usr/bin/env python3
"""Trees with patterns made at random: count --gitignore finds the files that git itself would add, count --include those
that it would ignore with these patterns, and count --exclude those that it would not.

    tests/tools/gitignore_trees.py BUILD [SEED [ROUNDS]]
"""
import json, os, random, shutil, subprocess, sys, tempfile

program = os.path.join(os.path.abspath(sys.argv[1]), "sysprompt")
seed = int(sys.argv[2]) if len(sys.argv) > 2 else 1
rounds = int(sys.argv[3]) if len(sys.argv) > 3 else 60
random.seed(seed)
env = dict(os.environ, HOME="/nonexistent", XDG_CONFIG_HOME="/nonexistent", GIT_CONFIG_NOSYSTEM="1", LC_ALL="C")

NAMES = ["a", "b", "ab", "a.b", "foo", "bar", "x1", ".h", "A", "a b", "c\\d", "[x]", "a*b", "!n", "#h", "foo.md", "foo.txt",
         "b-c", "é"]
ATOMS = ["a", "b", "x", "1", ".", "*", "**", "?", "/", "[ab]", "[!a]", "[^b]", "[a-c]", "[]x]", "[[:alpha:]]", "[[:digit:]1]",
         "[[:none:]]", "[a", "\\a", "\\*", "\\", "foo", "bar", "**/", "/**", "*.md", "a/", "!", "#", " ", "\\ ", "ab", "[a-]",
         "[--a]", "[\\]]", "[x-\\z]", "\\[x\\]", "\\!n", "\\#h", "é", "[é]", "-", "\\/", "//", "[[:", "[[:alpha:]", "[/]",
         "[a/]", "[.-0]"]


def pattern():
    kind = random.random()
    if kind < 0.25:
        return random.choice(NAMES) + random.choice(["", "/", "", "  "])
    if kind < 0.35:
        parts = (random.choice(NAMES + ["*", "**", "?"]) for _ in range(random.randint(1, 3)))
        return "/".join(parts) + random.choice(["", "/", "/*", "/**"])
    return "".join(random.choice(ATOMS) for _ in range(random.randint(1, 5)))


def patterns():
    lines = [("!" if random.random() < 0.25 else "") + ("/" if random.random() < 0.15 else "") + pattern()
             + random.choice(["", "", "", " ", "\r", "/"]) for _ in range(random.randint(0, 5))]
    return random.choice(["", "", "\ufeff"]) + random.choice(["\n", "\n\n"]).join(lines) + random.choice(["\n", ""])


def write(path, text):
    with open(path, "w", newline="") as file:
        file.write(text)


def make(folder, depth):
    os.makedirs(folder, exist_ok=True)
    for name in random.sample(NAMES, random.randint(1, 6)):
        path = os.path.join(folder, name)
        if depth and random.random() < 0.45:
            make(path, depth - 1)
        else:
            write(path, "x")
    if random.random() < 0.35:
        write(os.path.join(folder, ".gitignore"), patterns())


def counted(top, folder, options):
    result = subprocess.run([program, "count", "--json", *options, folder], cwd=top, env=env, capture_output=True)
    if result.returncode != 0:
        return [b"exit %d: " % result.returncode + result.stderr]
    return sorted(os.fsencode(os.path.normpath(file["path"])) for file in json.loads(result.stdout)["files"])


def listed(top, *options):
    git = subprocess.run(["git", "ls-files", "-z", "-o", *options], cwd=top, env=env, capture_output=True, check=True)
    return sorted(name for name in git.stdout.split(b"\0") if name)


def agrees(top, folder, options, expected):
    found = counted(top, folder, options)
    if found != expected:
        print("seed %d, %s %s: only git: %s; only we: %s" % (
            seed, options, folder, [name for name in expected if name not in found][:5],
            [name for name in found if name not in expected][:5]))
    return found == expected


# Without "!": which of two patterns counts is another matter there, as git does not look into a folder it ignores.
def check_choice(top):
    chosen = [text for text in (pattern().rstrip(" ") for _ in range(random.randint(1, 3))) if text and text[0] not in "!#"]
    if not chosen:
        return True
    given = ["--exclude=" + text for text in chosen]
    return (agrees(top, ".", [text.replace("ex", "in", 1) for text in given], listed(top, "-i", *given))
            and agrees(top, ".", given, listed(top, *given)))


def check(top):
    shutil.rmtree(top, ignore_errors=True)
    make(top, 3)
    subprocess.run(["git", "init", "-q", top], env=env, check=True)
    write(top + "/.gitignore", patterns() + patterns())
    if random.random() < 0.4:
        write(top + "/.git/info/exclude", patterns())
    wanted = listed(top, "--exclude-standard")
    folders = [os.path.relpath(path, top) for path, _, _ in os.walk(top) if "/.git" not in path]
    # a folder that is named is walked also when it is ignored, so ask only about one that is not
    below = random.choice([name for name in folders if name == "." or subprocess.run(
        ["git", "check-ignore", "-q", name], cwd=top, env=env).returncode == 1])
    for folder in {".", below}:
        expected = [name for name in wanted if folder == "." or name.startswith(os.fsencode(folder) + b"/")]
        if not agrees(top, folder, ["--gitignore"], expected):
            return False
    return check_choice(top)


with tempfile.TemporaryDirectory() as work:
    failed = sum(not check(os.path.join(work, "tree")) for _ in range(rounds))
print("%d trees, %d failed" % (rounds, failed))
sys.exit(failed > 0)
