/*
 * The library from C: count a text, build a prompt, print the tokens of each source.
 *
 *   cc sysprompt.c $(pkg-config --cflags --libs sysprompt) -o example && ./example [DIRECTORY [AGENT]]
 */
#include <sysprompt.h>

#include <stdio.h>

static int fail(const sp_err *err)
{
    fprintf(stderr, "%s\n", err->message);
    return 1;
}

int main(int argc, char **argv)
{
    sp_err err;
    sp_document *document = NULL;
    sp_str text = { "Hello, world!", 13 };
    size_t tokens, sources = 0;
    if (sp_count(sp_encoding_for_model((sp_str){ "gpt-4o", 6 }), text, SP_SPECIAL_AS_TEXT, &tokens, &err) != SP_OK)
        return fail(&err);
    printf("%zu tokens in \"%s\"\n", tokens, text.ptr);
    sp_options *options = sp_options_new();
    if (!options || sp_options_set(options, "C", argc > 1 ? argv[1] : ".", &err) != SP_OK ||
        sp_options_set(options, "encoding", "o200k_base", &err) != SP_OK ||
        (argc > 2 && sp_options_add_operand(options, argv[2], &err) != SP_OK) ||
        sp_run(options, "explain", &document, &err) != SP_OK ||
        sp_document_length(document, "sources", &sources, &err) != SP_OK)
        return fail(&err);
    for (size_t i = 0; i < sources; i++) {
        char name[64];
        double count = 0;
        sp_str path = { "(generated)", 11 };
        snprintf(name, sizeof name, "/sources/%zu/tokens", i);
        if (sp_document_number(document, name, &count, &err) != SP_OK)
            return fail(&err);
        snprintf(name, sizeof name, "/sources/%zu/path", i);
        (void)!sp_document_string(document, name, &path, &err); /* null for generated wording */
        printf("%6.0f  %.*s\n", count, (int)path.len, path.ptr);
    }
    sp_document_free(document);
    sp_options_free(options);
    return 0;
}
