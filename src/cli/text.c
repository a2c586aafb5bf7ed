/* text.c - text that grows. */
#include "cli/cli.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>

static bool reserve(cli_page *page, size_t more)
{
    size_t needed = 0, capacity = 0;
    if (__builtin_add_overflow(page->len, more, &needed) || __builtin_mul_overflow(needed, (size_t)2, &capacity))
        page->failed = true;
    if (page->failed || needed <= page->capacity)
        return !page->failed;
    char *grown = realloc(page->bytes, capacity);
    if (!grown) {
        page->failed = true;
        return false;
    }
    page->bytes = grown;
    page->capacity = capacity;
    return true;
}

void cli_page_add(cli_page *page, const char *format, ...)
{
    va_list args;
    va_start(args, format);
    int length = vsnprintf(NULL, 0, format, args);
    va_end(args);
    page->failed = page->failed || length < 0;
    if (page->failed || !reserve(page, (size_t)length + 1))
        return;
    va_start(args, format);
    vsnprintf(page->bytes + page->len, (size_t)length + 1, format, args);
    va_end(args);
    page->len += (size_t)length;
}

cli_exit cli_page_finish(const sp_options *options, const char *path, cli_page *page)
{
    sp_err err = { .status = SP_ERR_NO_MEMORY, .message = "out of memory" };
    sp_status status = page->failed ? err.status : cli_save_whole(path, page->bytes, page->len, &err);
    free(page->bytes);
    *page = (cli_page){ 0 };
    return status == SP_OK ? CLI_OK : cli_print_error(options, &err, NULL);
}
