#!/usr/bin/env python3
"""The share of lines that ran, by directory: what a build of FLAVOUR=cover has counted.

  coverage.py BUILD [--counts DIRECTORY] [--functions N]

BUILD is build/cover. --counts takes what was counted with GCOV_PREFIX=DIRECTORY; --functions also lists the N functions
with the most lines that never ran.
"""
import collections, concurrent.futures, fnmatch, json, os, subprocess, sys

AT_ONCE = 20  # files for one gcov


def counts_of(build, counts=None, files=("src/*.c",)):
    """{file: {line: times}} and [(lines that never ran, lines, file, function)] of the sources that a pattern names."""
    objects = os.path.abspath(build) + "/obj/"
    found = []
    for directory, _, names in os.walk(objects + "src"):
        for name in names:
            source = os.path.relpath(os.path.join(directory, name), objects)[:-5] + ".c"
            if name.endswith(".gcno") and any(fnmatch.fnmatch(source, file) for file in files):
                found.append(beside_notes(objects, source[:-2], counts))
    lines, functions = collections.defaultdict(dict), []
    batches = [found[i : i + AT_ONCE] for i in range(0, len(found), AT_ONCE)]
    with concurrent.futures.ThreadPoolExecutor(os.cpu_count()) as pool:
        for text in pool.map(run_gcov, batches):
            for document in text.splitlines():
                add_lines(json.loads(document), lines, functions)
    return lines, functions


def beside_notes(objects, source, counts):
    """The counts of a source: a file beside the compiler's notes on it, whether it is there or not."""
    notes = objects + source + ".gcno"
    if not counts:
        return notes[:-5] + ".gcda"
    copy = os.path.abspath(counts) + notes
    os.makedirs(os.path.dirname(copy), exist_ok=True)
    if not os.path.exists(copy):
        os.symlink(notes, copy)
    return copy[:-5] + ".gcda"


def run_gcov(paths):
    done = subprocess.run(["gcov", "--json-format", "--stdout"] + paths, capture_output=True, text=True)
    if done.returncode == 0:
        return done.stdout
    if len(paths) == 1:  # a program that was killed may leave half of a file
        print("no counts of %s: %s" % (paths[0], done.stderr.strip()), file=sys.stderr)
        return ""
    return "".join(run_gcov([path]) for path in paths)


def add_lines(document, lines, functions):
    for file in document["files"]:
        name = file["file"]
        if not name.startswith("src/") or not name.endswith(".c"):
            continue
        missed = collections.Counter()
        for line in file["lines"]:
            number = line["line_number"]
            lines[name][number] = lines[name].get(number, 0) + line["count"]
            missed[line.get("function_name")] += line["count"] == 0
        for function in file["functions"]:
            size = function["end_line"] - function["start_line"] + 1
            functions.append((missed[function["name"]], size, name, function["name"]))


def share(lines):
    """Lines that ran, and lines."""
    return sum(1 for file in lines.values() for n in file.values() if n), sum(len(file) for file in lines.values())


def percent(ran, all_lines):
    return "%.1f %%" % (100 * ran / all_lines) if all_lines else "-"


def main():
    counts = sys.argv[sys.argv.index("--counts") + 1] if "--counts" in sys.argv else None
    lines, functions = counts_of(sys.argv[1], counts)
    directories = collections.defaultdict(dict)
    for file in lines:
        directories[os.path.dirname(file)][file] = lines[file]
    for directory in sorted(directories):
        ran, count = share(directories[directory])
        print("%-28s %6d of %6d  %s" % (directory, ran, count, percent(ran, count)))
    ran, count = share(lines)
    print("%-28s %6d of %6d  %s" % ("lines", ran, count, percent(ran, count)))
    if "--functions" in sys.argv:
        for missed, size, file, name in sorted(functions, reverse=True)[: int(sys.argv[sys.argv.index("--functions") + 1])]:
            print("%4d of %4d lines never ran: %s %s" % (missed, size, file, name))
    least = float(os.environ.get("COVERAGE", "0"))
    return 100 * ran < least * count


if __name__ == "__main__":
    sys.exit(main())
