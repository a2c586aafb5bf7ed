/*
 * fuzz_record.c - any bytes as a JSON record: where things are is inside of it, and what is said of it is true.
 *
 * The first byte chooses the field.
 */
#include "base/record.h"
#include "base/types.h"

#include <stdint.h>
#include <stdlib.h>
#include <string.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void require(int holds)
{
    if (!holds)
        abort();
}

static const char *const fields[] = { "text", "/a/0/b", "/", "", "/a~1b/10", "/a" };

/* The record with a member more is a record too, in which that member is found. */
static void check_added(sp_str record, const sp_record *found)
{
    static const char member[] = ",\"added\":\"here\"";
    sp_err err;
    sp_record again;
    size_t skip = found->is_empty ? 1 : 0;
    size_t more = sizeof member - 1 - skip;
    char *longer = malloc(2 * (record.len + more));
    require(longer != NULL);
    memcpy(longer, record.ptr, found->end);
    memcpy(longer + found->end, member + skip, more);
    memcpy(longer + found->end + more, record.ptr + found->end, record.len - found->end);
    sp_str text = { longer, record.len + more };
    require(sp_record_read(text, (sp_str){ "added", 5 }, (sp_str_list){ 0 }, longer + text.len, &again, &err) == SP_OK);
    require(again.state == SP_RECORD_TEXT && again.text.len == 4 && memcmp(again.text.ptr, "here", 4) == 0);
    require(again.end == found->end + more && !again.is_empty);
    free(longer);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    if (size < 1)
        return 0;
    const char *field = fields[data[0] % (sizeof fields / sizeof fields[0])];
    sp_str record = { (const char *)data + 1, size - 1 };
    char *scratch = malloc(size);
    sp_record found = { 0 };
    sp_err err = { 0 };
    require(scratch != NULL);
    sp_status status =
        sp_record_read(record, (sp_str){ field, strlen(field) }, (sp_str_list){ 0 }, scratch, &found, &err);
    if (status == SP_OK) {
        require(found.end < record.len && record.ptr[found.end] == '}');
        require(found.state != SP_RECORD_TEXT || found.text.len < record.len);
        require(found.state == SP_RECORD_NO_FIELD || found.at < found.end);
        check_added(record, &found);
    } else {
        require(status == SP_ERR_INPUT && err.line > 0 && err.column > 0 && err.message[0]);
    }
    free(scratch);
    return 0;
}
