/* import_extensions.c - the extensions of the files that Claude Code imports: all that were found among 590. */
#include "base/types.h"
#include "load/imports.h"

#include <stdlib.h>

/* In lower case, sorted for bsearch. */
static const char *const extensions[] = {
    "adoc",  "asciidoc", "astro", "bash",       "bat",      "c",     "cc",   "cfg",  "cjs", "clj",    "cljc",  "cljs",
    "cmake", "cmd",      "conf",  "config",     "cpp",      "cs",    "css",  "csv",  "cts", "cxx",    "dart",  "diff",
    "edn",   "ejs",      "elm",   "env",        "erb",      "erl",   "ex",   "exs",  "f",   "f90",    "f95",   "fish",
    "for",   "go",       "gql",   "gradle",     "graphql",  "h",     "hbs",  "hpp",  "hrl", "hs",     "htm",   "html",
    "hxx",   "ini",      "jade",  "java",       "js",       "json",  "jsx",  "kt",   "kts", "latex",  "less",  "lhs",
    "lock",  "log",      "lua",   "make",       "makefile", "md",    "mjs",  "ml",   "mli", "mts",    "org",   "patch",
    "php",   "pl",       "pm",    "properties", "proto",    "ps1",   "pug",  "py",   "pyi", "pyw",    "r",     "rake",
    "rb",    "rs",       "rst",   "sass",       "sbt",      "scala", "scss", "sh",   "sql", "svelte", "swift", "tex",
    "text",  "toml",     "ts",    "tsx",        "txt",      "vue",   "xml",  "yaml", "yml", "zsh",
};

static int compare(const void *key, const void *entry)
{
    return strcmp(key, *(const char *const *)entry);
}

bool sp_import_has_text_extension(sp_str path)
{
    char extension[16];
    sp_str name = sp_path_base(path);
    size_t dot = name.len;
    while (dot > 0 && name.ptr[dot - 1] != '.')
        dot--;
    if (dot <= 1) /* none, or a dot file */
        return true;
    size_t length = name.len - dot;
    if (length == 0 || length >= sizeof extension)
        return false;
    for (size_t i = 0; i < length; i++)
        extension[i] = sp_lower(name.ptr[dot + i]);
    extension[length] = '\0';
    return bsearch(extension, extensions, SP_COUNT_OF(extensions), sizeof *extensions, compare) != NULL;
}
