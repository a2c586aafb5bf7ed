"""The prompt that a coding agent starts with: sysprompt's commands, called in this process.

    import sysprompt
    sysprompt.run("count", "CLAUDE.md")["tokens"]
    sysprompt.run("explain", "reviewer", C="project")["sources"]

Operands and options are those of the command line: an option's name with its dashes inside, or underscores for them; True
for an option without a value, a list for a repeated one. The result is the command's JSON document.
"""
from __future__ import annotations

import ctypes
import json
import os
from typing import Any, List, Optional

__all__ = ["Error", "run", "program"]

_HERE = os.path.dirname(os.path.abspath(__file__))
_library: Optional[ctypes.CDLL] = None


class Error(RuntimeError):
    """A command that failed: its exit code, its messages, and result, its JSON document, or None.

    Errors, warnings and notes that check found come after the messages, as PATH:LINE:COLUMN: LEVEL: MESSAGE [RULE].
    """

    def __init__(self, exit_code: int, messages: List[str], result: Any) -> None:
        super().__init__("; ".join(messages) or f"exit code {exit_code}")
        self.exit_code = exit_code
        self.messages = messages
        self.result = result


def _load() -> ctypes.CDLL:
    global _library
    if _library is None:
        _library = ctypes.CDLL(os.path.join(_HERE, "libsysprompt.so"))
        _library.sp_run_json.argtypes = [ctypes.c_char_p, ctypes.POINTER(ctypes.c_void_p), ctypes.c_void_p, ctypes.c_void_p]
        _library.sp_run_json.restype = ctypes.c_int
        _library.sp_free.argtypes = [ctypes.c_void_p]
        _library.sp_free.restype = None
    return _library


def _finding(found: Any) -> str:
    place = ":".join(str(found[key]) for key in ("path", "line", "column") if found.get(key))
    return f"{place}: {found['level']}: {found['message']} [{found['rule']}]"


def run(command: str, *operands: str, **options: Any) -> Any:
    """Runs a command and returns its JSON document. Raises Error if its exit code is not 0, as that of check with an error."""
    library = _load()
    named = {name.replace("_", "-"): value for name, value in options.items()}
    request = json.dumps({"command": command, "operands": operands, "options": named})
    answer = ctypes.c_void_p()
    if library.sp_run_json(request.encode(), ctypes.byref(answer), None, None) != 0:
        raise MemoryError
    try:
        document = json.loads(ctypes.string_at(answer.value or 0))
    finally:
        library.sp_free(answer)
    if document["exit_code"] != 0:
        result = document.get("result")
        found = result.get("findings", []) if isinstance(result, dict) else []
        raise Error(document["exit_code"], [m["message"] for m in document["messages"]] + [_finding(f) for f in found], result)
    return document["result"]


def program() -> str:
    """The path of the program that came with this module."""
    return os.path.join(_HERE, "sysprompt")


def _main() -> None:
    import sys

    os.execv(program(), ["sysprompt", *sys.argv[1:]])
