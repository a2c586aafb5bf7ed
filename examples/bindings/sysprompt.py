#!/usr/bin/env python3
"""libsysprompt.so from Python, by ctypes: count a text, build a prompt, print the tokens of each source.

    sysprompt.py [DIRECTORY [AGENT]]      SYSPROMPT_LIBRARY names the library, if it is not installed
"""
import ctypes
import json
import os
import sys

library = ctypes.CDLL(os.environ.get("SYSPROMPT_LIBRARY", "libsysprompt.so.1"))
library.sp_run_json.argtypes = [ctypes.c_char_p, ctypes.POINTER(ctypes.c_void_p), ctypes.c_void_p, ctypes.c_void_p]
library.sp_free.argtypes = [ctypes.c_void_p]


def run(command, *operands, **options):
    """Runs a command of sysprompt; returns its result. Raises RuntimeError with the messages of one that fails."""
    request = {"command": command, "operands": operands, "options": options}
    answer = ctypes.c_void_p()
    if library.sp_run_json(json.dumps(request).encode(), ctypes.byref(answer), None, None) != 0:
        raise MemoryError
    try:
        document = json.loads(ctypes.string_at(answer))
    finally:
        library.sp_free(answer)
    if document["exit_code"] != 0:
        raise RuntimeError("; ".join(message["message"] for message in document["messages"]))
    return document["result"]


if __name__ == "__main__":
    directory, *agent = sys.argv[1:] or ["."]
    print(run("count", os.path.join(directory, "CLAUDE.md"))["tokens"], "tokens in CLAUDE.md")
    prompt = run("build", *agent, C=directory, encoding="o200k_base")
    print(prompt["tokens"], "tokens in the prompt,", len(prompt["text"].encode()), "bytes")
    for source in run("explain", *agent, C=directory, encoding="o200k_base")["sources"]:
        print(f'{source["tokens"]:6}  {source["path"] or "(generated)"}')
