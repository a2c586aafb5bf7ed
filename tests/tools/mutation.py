#!/usr/bin/env python3
"""Mutation score: how many small mistakes in the loader, the trimmer and the checker the tests notice.

  mutation.py COPY COUNT [--seed N] [--only load,trim,check] [--seconds N]

COPY is a directory that becomes a copy of the repository with a build of its own. COUNT random places each get one change
(another comparison, a constant off by one, a condition turned around, a statement left out), one at a time. A change whose
object file is the same as before, or that does not compile, is none, and neither is one that tests/tools/equivalent-mutants lists
with the reason why nothing could notice it. The cases of the area that run the changed place are tried one after the other,
then its unit tests and the seeds of its fuzz targets, until one fails. Prints the changes that nothing noticed, and the score.
"""
import bisect, concurrent.futures, os, random, re, shutil, subprocess, sys, tempfile, time

AREAS = {
    "trim": (["src/trim"], ["budget", "budget-marker", "budget-notes", "budget-order", "budget-parts", "lock", "units"],
             ["test_trim"], ["trim", "prompt"]),
    "load": (["src/load", "src/sources"],
             ["import", "chain", "touch", "env", "append", "settings", "names", "memory", "text", "texts", "rev", "without",
              "opencode", "copilot", "codex", "gemini", "qwen", "droid", "cline", "documented", "skills", "agent", "bare",
              "layout", "why", "unread", "matrix", "list", "rules", "explain", "cache", "page", "map", "lock"],
             ["test_prompt", "test_agent"], ["load"]),
    "check": (["src/check"], ["check", "project-config", "units", "usage", "budget", "rev", "list", "matrix", "explain"],
              [], ["check", "config"]),
}
SECONDS_EACH = 20  # of the processor, of a case's processes: a change may make a loop endless
WAIT_SECONDS = 300  # on a machine that has other work

CHANGES = [(re.compile(pattern), change) for pattern, change in [
    (r" == ", " != "), (r" != ", " == "), (r" < ", " <= "), (r" <= ", " < "), (r" > ", " >= "), (r" >= ", " > "),
    (r" < ", " > "), (r" && ", " || "), (r" \|\| ", " && "), (r" \+ 1\b", ""), (r" - 1\b", ""), (r" \+ ", " - "),
    (r" - ", " + "), (r"\btrue\b", "false"), (r"\bfalse\b", "true"), (r"\+\+;", ";"), (r"\bif \(", "if (!("),
    (r"!(?=[a-z])", ""), (r"\bcontinue;", "break;"), (r"\bbreak;", ";"), (r" \+= ", " = "), (r" \|= ", " = "),
    (r"\b0\b", "1"), (r"\b1\b", "0"), (r"\bSP_NONE\b", "0"), (r"^\s+SP_TRY\(.*\);$", ""), (r"^\s+\w[\w>.\[\]-]* = .*;$", ""),
    (r"\bSP_WARNING\b", "SP_NOTE"), (r"\bSP_ERROR\b", "SP_WARNING"),
]]


def code_lines(text):
    """The lines of functions: index and line, without comments, texts and what is outside of them."""
    depth, in_comment = 0, False
    for number, line in enumerate(text.split("\n")):
        bare = re.sub(r'"(\\.|[^"\\])*"|\'(\\.|[^\'\\])+\'|/\*.*?\*/', lambda m: "@" * len(m.group()), line)
        if in_comment or bare.lstrip().startswith("/*"):
            in_comment = "*/" not in line
            continue
        if depth and not bare.startswith("#"):
            yield number, bare
        depth += bare.count("{") - bare.count("}") if not bare.startswith(("typedef", "enum", "static const")) or depth else 0


def mutants(copy, directories):
    found = []
    for directory in directories:
        for name in sorted(os.listdir(os.path.join(copy, directory))):
            if not name.endswith(".c"):
                continue
            path = os.path.join(directory, name)
            with open(os.path.join(copy, path)) as file:
                text = file.read()
            for number, bare in code_lines(text):
                for pattern, change in CHANGES:
                    found += [(path, number, match.start(), match.end(), change) for match in pattern.finditer(bare)]
    return found


def changed(line, begin, end, change):
    if change == "if (!(":  # the condition's own bracket closes one more
        depth = 0
        for at in range(end - 1, len(line)):
            depth += (line[at] == "(") - (line[at] == ")")
            if depth == 0:
                return line[:begin] + change + line[end:at] + "))" + line[at + 1 :]
    return line[:begin] + change + line[end:]


class Build:
    def __init__(self, copy):
        self.copy = copy
        os.makedirs(copy, exist_ok=True)
        subprocess.run(["bash", "-c", 'git ls-files -z | tar --null -T - -cf - | tar -xf - -C "$0"', copy], check=True)
        self.programs = sorted({"build/tests/" + name for _, _, units, _ in AREAS.values() for name in units} |
                               {"build/tests/fuzz_" + name for _, _, _, fuzz in AREAS.values() for name in fuzz})
        self.make(["build/sysprompt", "build/tests/api_server", "build/tests/record_command", "build/tests/http_post"] + self.programs)
        with open(copy + "/build/obj/command") as file:
            self.compiler = file.read().split()
        self.links, self.objects = {}, {}
        for program in ["build/sysprompt"] + self.programs:
            os.remove(os.path.join(copy, program))
            told = self.make(["-n", "V=1", program]).stdout
            self.links[program] = [line for line in told.split("\n") if line.endswith(" -o " + program) or
                                   " -o %s" % program in line][-1]
            self.link(program)

    def make(self, words):
        return subprocess.run(["make", "-s", "-j2"] + words, cwd=self.copy, capture_output=True, text=True, check=True)

    def link(self, program):
        return subprocess.run(self.links[program], shell=True, cwd=self.copy, capture_output=True).returncode == 0

    def compile(self, path):
        """The object file; None if it does not compile."""
        made = self.object_of(path)
        done = subprocess.run(self.compiler + ["-w", "-c", path, "-o", made], cwd=self.copy, capture_output=True)
        if done.returncode:
            return None
        with open(made, "rb") as file:
            return file.read()

    def object_of(self, path):
        return os.path.join(self.copy, "build/obj", path[:-2] + ".o")

    def unchanged(self, path):
        """The object file of the file as it is in the repository."""
        if path not in self.objects:
            self.objects[path] = self.compile(path)
        return self.objects[path]


class Blocks:
    """Which cases run a place: each ran once with a build that notes its basic blocks (blocks.c)."""

    def __init__(self, copy):
        self.copy, self.program, self.cases = copy, os.path.join(copy, "build/blocks/sysprompt"), {}
        subprocess.run(["gcc", "-O1", "-c", "tests/tools/blocks.c", "-o", "build/blocks.o"], cwd=copy, check=True)
        subprocess.run(["make", "-s", "-j2", "OUT=build/blocks", "CFLAGS=-O0 -w -g -fsanitize-coverage=trace-pc -U_FORTIFY_SOURCE",
                        "LDFLAGS=build/blocks.o", "build/blocks/sysprompt"], cwd=copy, check=True)
        base, found = self.addresses()
        lines = subprocess.run(["addr2line", "-e", self.program], input="".join("%x\n" % (base + at - 1) for at in found),
                               capture_output=True, text=True, check=True).stdout.split("\n")
        self.places = {}  # of the address behind a block's call
        for at, line in zip(found, lines):
            path, _, number = line.split(" ")[0].rpartition(":")
            if number.isdigit() and "/src/" in path:
                self.places[at] = (path[path.index("/src/") + 1 :], int(number))
        self.lines = {}
        for path, number in self.places.values():
            self.lines.setdefault(path, set()).add(number)
        self.lines = {path: sorted(numbers) for path, numbers in self.lines.items()}

    def addresses(self):
        """Where the code begins, and the addresses behind all calls of a block, from there."""
        names = subprocess.run(["nm", self.program], capture_output=True, text=True, check=True).stdout
        base = int(re.search(r"^(\w+) . __executable_start$", names, re.M).group(1), 16)
        code = subprocess.run(["objdump", "-d", "--no-show-raw-insn", self.program], capture_output=True, text=True, check=True).stdout
        found = re.findall(r"call .*<__sanitizer_cov_trace_pc(?:@plt)?>\n(?:\n\w+ <.*>:\n)? *(\w+):", code)
        return base, [int(at, 16) - base for at in found]

    def add(self, case, path):
        """Of the file that it left."""
        try:
            with open(path, "rb") as file:
                bits = file.read()
            os.unlink(path)
        except FileNotFoundError:
            return
        for match in re.finditer(rb"[^\0]", bits):
            for bit in range(8):
                at = match.start() * 8 + bit
                if match.group()[0] >> bit & 1 and at in self.places:
                    self.cases.setdefault(self.places[at], set()).add(case)

    def cases_of(self, path, line):
        """The line lies in the block that begins last before it."""
        lines = self.lines.get(path, [])
        i = bisect.bisect_right(lines, line)
        return self.cases.get((path, lines[i - 1]), set()) if i else set()


def run_case(copy, case, work, build="build", blocks=None):
    """Whether the case's output is as expected."""
    place = tempfile.mkdtemp(dir=work)
    folder, here = os.path.join(copy, case), os.path.join(place, "input")
    try:
        shutil.copytree(folder + "/input", here, symlinks=True) if os.path.isdir(folder + "/input") else os.mkdir(here)
        environment = {"HOME": here + "/home", "LC_ALL": "C", "TERM": "dumb", "SHELL": "/bin/sh", "GIT_CONFIG_NOSYSTEM": "1",
                       "ANTHROPIC_BASE_URL": "http://127.0.0.1:9",
                       "PATH": "%s:%s/%s:%s/build/tests:%s" % (place, copy, build, copy, os.environ["PATH"])}
        if blocks:
            environment["BLOCKS"] = blocks
        script = "ulimit -t %d\n" % SECONDS_EACH + \
            'if [ -f "$0/setup" ]; then eval "$(<"$0/setup")" || exit 99; fi\nexec sh -c "sysprompt $(<"$0/args")"'
        stdin = folder + "/stdin" if os.path.isfile(folder + "/stdin") else "/dev/null"
        with open(stdin, "rb") as given:
            done = subprocess.run(["bash", "-c", script, folder], cwd=here, env=environment, stdin=given, capture_output=True,
                                  timeout=WAIT_SECONDS)
        got = {"stdout": done.stdout, "stderr": done.stderr, "status": b"%d" % done.returncode}
        for part, text in got.items():
            wanted = b"0" if part == "status" else b""
            if os.path.isfile(os.path.join(folder, part)):
                with open(os.path.join(folder, part), "rb") as file:
                    wanted = file.read()
            if text != (wanted.strip() if part == "status" else wanted):
                return False
        return True
    except (subprocess.TimeoutExpired, OSError):
        return False
    finally:
        shutil.rmtree(place, onerror=lambda *_: subprocess.run(["bash", "-c", 'chmod -R u+rwx "$0"; rm -rf "$0"', place]))


def cases_of(copy, areas):
    found = []
    for area in areas:
        for directory, _, names in os.walk(os.path.join(copy, "tests/cases", area)):
            if "args" in names:
                found.append(os.path.relpath(directory, copy))
    return sorted(found)


def first_failure(copy, cases, work, pool):
    at_once = 16
    for i in range(0, len(cases), at_once):
        some = cases[i : i + at_once]
        for case, is_good in zip(some, pool.map(lambda case: run_case(copy, case, work), some)):
            if not is_good:
                return case
    return None


def program_fails(build, area):
    _, _, units, fuzz = AREAS[area]
    for name in units + ["fuzz_" + target for target in fuzz]:
        program = "build/tests/" + name
        if not build.link(program):
            continue
        seeds = []
        if name.startswith("fuzz_"):
            directory = "tests/fuzz/corpus/" + name[5:]
            directory = directory if os.path.isdir(os.path.join(build.copy, directory)) else "tests/fuzz/corpus/project"
            seeds = [os.path.join(directory, file) for file in sorted(os.listdir(os.path.join(build.copy, directory)))]
        try:
            done = subprocess.run([program] + seeds, cwd=build.copy, capture_output=True, timeout=300)
        except subprocess.TimeoutExpired:
            return name
        if done.returncode:
            return name
    return None


def equivalents(copy):
    """Lines of file, line as it is, line as it is changed and reason, tabs between them."""
    with open(os.path.join(copy, "tests/tools/equivalent-mutants")) as file:
        rows = [line.rstrip("\n").split("\t") for line in file if line.strip() and not line.startswith("#")]
    return {(path, before, after) for path, before, after, _ in rows}


def main():
    words = sys.argv[1:]
    copy, count = os.path.abspath(words[0]), int(words[1])
    option = lambda name, usual: words[words.index(name) + 1] if name in words else usual
    areas = option("--only", "load,trim,check").split(",")
    until = time.monotonic() + float(option("--seconds", "1e9"))
    build = Build(copy)
    known = equivalents(copy)
    random.seed(int(option("--seed", "1")))
    todo = [(area, mutant) for area in areas for mutant in mutants(copy, AREAS[area][0])]
    random.shuffle(todo)
    scores = {area: [0, 0] for area in areas}
    work = tempfile.mkdtemp()
    with concurrent.futures.ThreadPoolExecutor(2) as pool:
        cases = {}
        for area in areas:
            cases[area] = cases_of(copy, AREAS[area][1])
            cases[area] = [case for case, is_good in zip(cases[area], pool.map(lambda c: run_case(copy, c, work), cases[area]))
                           if is_good]
            print("%s: %d cases" % (area, len(cases[area])), flush=True)
        blocks = Blocks(copy)
        every = sorted(set(case for area in areas for case in cases[area]))
        for i in range(0, len(every), 16):
            files = {case: os.path.join(work, "%d.blocks" % n) for n, case in enumerate(every[i : i + 16])}
            list(pool.map(lambda case: run_case(copy, case, work, "build/blocks", files[case]), files))
            for case, file in files.items():
                blocks.add(case, file)
        print("their blocks are known", flush=True)
        for area, (path, number, begin, end, change) in todo:
            if sum(score[1] for score in scores.values()) >= count or time.monotonic() > until:
                break
            with open(os.path.join(copy, path)) as file:
                text = file.read()
            lines = text.split("\n")
            before = build.unchanged(path)
            lines[number] = changed(lines[number], begin, end, change)
            with open(os.path.join(copy, path), "w") as file:
                file.write("\n".join(lines))
            after = build.compile(path)
            killer = None
            told = (path, text.split("\n")[number].strip(), lines[number].strip())
            is_mutant, running = after is not None and after != before and told not in known, ()
            if is_mutant and build.link("build/sysprompt"):
                running = blocks.cases_of(path, number + 1)
                killer = first_failure(copy, [case for case in cases[area] if case in running], work, pool)
                if killer:  # what noticed one change notices the next one sooner
                    cases[area].remove(killer)
                    cases[area].insert(0, killer)
                else:
                    killer = program_fails(build, area)
            with open(os.path.join(copy, path), "w") as file:
                file.write(text)
            with open(build.object_of(path), "wb") as file:
                file.write(before)
            if not is_mutant:
                continue
            scores[area][0] += killer is not None
            scores[area][1] += 1
            if not killer:
                print("survived %d cases: %s:%d: %s -> %s" % (len(running), path, number + 1, told[1], told[2]), flush=True)
            elif "--all" in words:
                print("noticed: %s:%d by %s" % (path, number + 1, killer), flush=True)
    shutil.rmtree(work, ignore_errors=True)
    for area, (killed, tried) in scores.items():
        print("%s: %d of %d noticed" % (area, killed, tried))
    killed, tried = (sum(score[i] for score in scores.values()) for i in (0, 1))
    print("mutation score: %d of %d, %.1f %%" % (killed, tried, 100 * killed / max(tried, 1)))


main()
