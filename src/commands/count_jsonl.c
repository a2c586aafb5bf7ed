/*
 * count_jsonl.c - JSON Lines in and out: each record with the number of tokens of one of its texts.
 *
 * A thread takes the next batch of whole lines, counts them, waits for its turn and writes them, so that what comes out
 * is in the order of what went in. In memory there are a few batches, or the longest record.
 *
 * A record goes out as the bytes it came as; the new member stands in front of its last brace.
 *
 * Standard output gets all that could be counted. A file of -o is whole or not there: it replaces what was there only
 * if every input was read to its end, as it does for the other ways to count.
 */
#include "base/file.h"
#include "base/json.h"
#include "base/record.h"
#include "base/system.h"
#include "base/types.h"
#include "commands/commands.h"
#include "commands/parallel.h"
#include "tokenizer/tokens.h"

#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum {
    BATCH_BYTES = 256 << 10,
    MANY_BYTES = 256 << 10,      /* worth another thread */
    MAX_RECORD_BYTES = 64 << 20, /* without the line feed. More is an error, not a reason to fill the memory */
    WAIT_MS = 100,               /* how long a thread waits for input before it looks whether others gave up */
};

/* Lines of one input, or the length of one that is too long, and why the input cannot be read any further. */
typedef struct batch {
    cli_text lines;
    uint64_t left_out_bytes;
    const char *path;
    uint64_t first_line;
    uint64_t number; /* of the batch */
    bool has_failure;
    sp_err failure;
} batch;

/* What a thread has for itself. */
typedef struct worker {
    batch batch;
    sp_buf out;
    sp_counter *counter; /* made for the first record */
    char *scratch;
    size_t scratch_len;
    uint64_t kept; /* records that got an error instead of a count */
} worker;

typedef struct job {
    const cli_counting *counting;
    const cli_inputs *inputs;
    sp_str field;
    sp_str members[2];   /* that a record must not have already: the one for tokens, and "error" */
    char *tokens_member; /* "tokens": in quotes, with the colon */
    /* reading, under its lock */
    pthread_mutex_t read_lock;
    size_t next_input;
    bool is_open;
    sp_stream stream;
    cli_text rest; /* a line that has only begun */
    uint64_t line;
    uint64_t batches;
    uint64_t bytes;
    cli_team team;
    /* writing, under its lock */
    pthread_mutex_t write_lock;
    pthread_cond_t turn;
    uint64_t written; /* batches */
    cli_output output;
    cli_exit code;
    bool is_stopped;
    uint64_t kept;
} job;

static void set_no_memory(sp_err *err)
{
    *err = (sp_err){ .status = SP_ERR_NO_MEMORY, .message = "out of memory" };
}

static bool is_stopped(job *j)
{
    pthread_mutex_lock(&j->write_lock);
    bool stopped = j->is_stopped;
    pthread_mutex_unlock(&j->write_lock);
    return stopped;
}

/* ---- reading --------------------------------------------------------------------------------------------- */

static void fail_batch(batch *b, const sp_err *err)
{
    b->has_failure = true;
    b->failure = *err;
}

/* Waits until there is something to read. False when another thread has given up meanwhile. */
static bool wait_for_input(job *j)
{
    struct pollfd wanted = { .fd = j->stream.descriptor, .events = POLLIN };
    if (!j->stream.is_borrowed || j->team.count == 0)
        return true;
    while (poll(&wanted, 1, WAIT_MS) == 0)
        if (is_stopped(j))
            return false;
    return true;
}

static bool grow(batch *b, size_t most)
{
    cli_text *t = &b->lines;
    size_t capacity = t->capacity < BATCH_BYTES ? BATCH_BYTES : t->capacity < most / 2 ? t->capacity * 2 : most;
    sp_err err;
    if (cli_set_capacity(t, capacity))
        return true;
    set_no_memory(&err);
    fail_batch(b, &err);
    return false;
}

/* The end of the last whole line, or 0. */
static size_t end_of_lines(const cli_text *t, size_t from)
{
    const char *last = t->len > from ? sp_last_byte(t->bytes + from, '\n', t->len - from) : NULL;
    return last ? (size_t)(last - t->bytes) + 1 : 0;
}

static bool read_some(job *j, batch *b, char *bytes, size_t room, size_t *ret_len)
{
    sp_err err;
    if (!wait_for_input(j))
        return false;
    if (sp_stream_read(&j->stream, bytes, room, ret_len, &err) == SP_OK)
        return true;
    fail_batch(b, &err);
    return false;
}

/* A byte order mark is no part of the first record. */
static size_t mark_len(const job *j, const cli_text *t)
{
    static const char mark[] = "\xEF\xBB\xBF";
    size_t len = sizeof mark - 1;
    return j->line == 1 && t->len >= len && memcmp(t->bytes, mark, len) == 0 ? len : 0;
}

static void fail_long_line(const job *j, batch *b)
{
    sp_err err = { .status = SP_ERR_INPUT, .line = (uint32_t)j->line, .column = 1, .rule = "count.jsonl" };
    snprintf(err.path, sizeof err.path, "%.500s", j->stream.path);
    snprintf(err.message, sizeof err.message, "the record is longer than %d MiB; records are separated by line feeds",
             MAX_RECORD_BYTES >> 20);
    fail_batch(b, &err);
}

/* Reads over the rest of a line of which too much is there already. */
static bool skip_line(job *j, batch *b, size_t *ret_end)
{
    cli_text *t = &b->lines;
    uint64_t skipped = t->len - mark_len(j, t);
    const char *end;
    do {
        if (!read_some(j, b, t->bytes, BATCH_BYTES, &t->len))
            return false;
        end = memchr(t->bytes, '\n', t->len);
        skipped += end ? (size_t)(end - t->bytes) : t->len;
    } while (!end && t->len > 0);
    b->left_out_bytes = skipped;
    *ret_end = end ? (size_t)(end - t->bytes) + 1 : 0;
    return true;
}

static bool too_long(job *j, batch *b, size_t *ret_end)
{
    if (j->counting->options->keep_going)
        return skip_line(j, b, ret_end);
    fail_long_line(j, b);
    return false;
}

/* Reads until there is a whole line, and puts its end, or that of the last one, in *ret_end. At the end of the input
 * whatever is there is a line. There is room for the longest record and its line feed and for no more, so that what is
 * too long does not depend on how the input arrives. */
static bool read_lines(job *j, batch *b, size_t *ret_end)
{
    cli_text *t = &b->lines;
    *ret_end = end_of_lines(t, 0); /* there are some behind a line that was read over */
    while (*ret_end == 0) {
        size_t len;
        size_t most = MAX_RECORD_BYTES + 1 + mark_len(j, t);
        if (t->len == most)
            return too_long(j, b, ret_end);
        if (t->len == t->capacity && !grow(b, most))
            return false;
        if (!read_some(j, b, t->bytes + t->len, (t->capacity < most ? t->capacity : most) - t->len, &len))
            return false;
        t->len += len;
        *ret_end = len > 0 ? end_of_lines(t, t->len - len) : t->len;
        if (len == 0)
            break;
    }
    if (*ret_end == t->len && t->len == 0) {
        sp_stream_close(&j->stream);
        j->is_open = false;
    }
    return true;
}

static bool keep_rest(job *j, batch *b, size_t end)
{
    cli_text *t = &b->lines;
    size_t left = t->len - end;
    if (left > j->rest.capacity && !cli_set_capacity(&j->rest, left))
        return false;
    if (left > 0)
        memcpy(j->rest.bytes, t->bytes + end, left);
    j->rest.len = left;
    t->len = end;
    return true;
}

static uint64_t count_lines(const cli_text *t)
{
    uint64_t lines = 0;
    const char *end = t->bytes + t->len;
    for (const char *at = t->bytes; at < end && (at = memchr(at, '\n', (size_t)(end - at))); at++)
        lines++;
    return lines;
}

/* The next input. False if it cannot be opened. */
static bool open_input(job *j, batch *b)
{
    const cli_input *input = &j->inputs->items[j->next_input++];
    sp_err err;
    if (input->failure) {
        fail_batch(b, input->failure);
        return false;
    }
    if (sp_stream_open(input->path, &j->stream, &err) != SP_OK) {
        fail_batch(b, &err);
        return false;
    }
    j->is_open = true;
    j->line = 1;
    return true;
}

static void drop_mark(const job *j, cli_text *t)
{
    size_t len = mark_len(j, t);
    if (len == 0)
        return;
    memmove(t->bytes, t->bytes + len, t->len - len);
    t->len -= len;
    (void)cli_note(j->counting->options, "%s begins with a byte order mark, which is left out", j->stream.path);
}

/* The lines at hand, in the buffer that held the rest, and the rest in the one that held the lines before. */
static void read_batch(job *j, batch *b)
{
    size_t end = 0;
    sp_err err;
    cli_text mine = j->rest;
    j->rest = b->lines;
    j->rest.len = 0;
    b->lines = mine;
    b->path = j->stream.path;
    b->first_line = j->line;
    if (!read_lines(j, b, &end) || !keep_rest(j, b, end)) {
        set_no_memory(&err);
        if (!b->has_failure)
            fail_batch(b, &err);
        b->lines.len = 0;
        sp_stream_close(&j->stream);
        j->is_open = false;
    }
    if (b->left_out_bytes > 0) {
        b->lines.len = 0;
        j->line++;
    }
    drop_mark(j, &b->lines);
    j->line += count_lines(&b->lines);
    j->bytes += b->lines.len;
}

/* False at the end of the last input. */
static bool take_batch(job *j, batch *b)
{
    pthread_mutex_lock(&j->read_lock);
    bool has_input = !is_stopped(j) && (j->is_open || j->next_input < j->inputs->count);
    if (has_input) {
        b->has_failure = false;
        b->lines.len = 0;
        b->left_out_bytes = 0;
        b->number = j->batches++;
        if (j->is_open || open_input(j, b))
            read_batch(j, b);
        if (j->bytes > MANY_BYTES)
            cli_team_start(&j->team);
    }
    pthread_mutex_unlock(&j->read_lock);
    return has_input;
}

/* ---- one record ------------------------------------------------------------------------------------------ */

static bool is_blank(const char *line, size_t len)
{
    for (size_t i = 0; i < len; i++)
        if (line[i] != ' ' && line[i] != '\t' && line[i] != '\r')
            return false;
    return true;
}

static bool make_scratch(worker *w, size_t len)
{
    if (len <= w->scratch_len)
        return true;
    char *grown = realloc(w->scratch, len);
    if (!grown)
        return false;
    w->scratch = grown;
    w->scratch_len = len;
    return true;
}

/* Where in the line offset is: its column, in characters. */
static uint32_t column_of(const char *line, size_t offset)
{
    uint32_t column = 1;
    for (size_t i = 0; i < offset; i++)
        column += ((unsigned char)line[i] & 0xC0) != 0x80;
    return column;
}

/* Why a record that was read cannot be counted; false if it can. */
static bool has_problem(const job *j, const char *line, const sp_record *record, sp_err *err)
{
    *err = (sp_err){ .status = SP_ERR_INPUT, .line = 1, .column = 1, .rule = "count.jsonl" };
    if (record->members & 1)
        snprintf(err->message, sizeof err->message,
                 "the record has a member \"%.200s\" already; name another with --tokens-field", j->members[0].ptr);
    else if (record->state == SP_RECORD_NO_FIELD)
        snprintf(err->message, sizeof err->message,
                 "the record has no field \"%.200s\"; name the one that holds the text with --field", j->field.ptr);
    else if (record->state == SP_RECORD_NO_TEXT)
        snprintf(err->message, sizeof err->message, "the field \"%.200s\" is not a text", j->field.ptr);
    else
        return false;
    if (record->state == SP_RECORD_NO_TEXT && !(record->members & 1))
        err->column = column_of(line, record->at);
    return true;
}

/* The record with one more member: its name in quotes and a colon, and its value. */
static void add_record(worker *w, const char *line, size_t len, const sp_record *record, const char *member,
                       const char *value, size_t value_len)
{
    sp_buf_add(&w->out, (sp_str){ line, record->end });
    if (!record->is_empty)
        sp_buf_add(&w->out, SP_STR(","));
    sp_buf_add(&w->out, sp_str_of(member));
    sp_buf_add(&w->out, (sp_str){ value, value_len });
    sp_buf_add(&w->out, (sp_str){ line + record->end, len - record->end });
    sp_buf_add(&w->out, SP_STR("\n"));
}

/* A line of its own for what is no record, or already has such a member. line is NULL for what was left out. */
static bool add_wrapped(worker *w, const char *line, size_t len, const char *message, size_t message_len)
{
    char *quoted = NULL;
    size_t quoted_len;
    sp_err err;
    if (line && sp_json_quote((sp_str){ line, len }, &quoted, &quoted_len, &err) != SP_OK)
        return false;
    sp_buf_add(&w->out, SP_STR("{\"error\":"));
    sp_buf_add(&w->out, (sp_str){ message, message_len });
    sp_buf_add(&w->out, SP_STR(",\"record\":"));
    if (quoted)
        sp_buf_add(&w->out, (sp_str){ quoted, quoted_len });
    else
        sp_buf_add(&w->out, SP_STR("null"));
    sp_buf_add(&w->out, SP_STR("}\n"));
    free(quoted);
    return true;
}

/* With --keep-going: the record goes out with what is wrong with it. record is NULL for what is none. */
static bool add_error(worker *w, const char *line, size_t len, const sp_record *record, const sp_err *problem)
{
    char *quoted;
    size_t quoted_len;
    sp_err err;
    bool done = true;
    char message[sizeof problem->message + 64];
    int message_len =
        snprintf(message, sizeof message, "line %u, column %u: %s", problem->line, problem->column, problem->message);
    if (sp_json_quote((sp_str){ message, (size_t)message_len }, &quoted, &quoted_len, &err) != SP_OK)
        return false;
    if (record && record->members == 0)
        add_record(w, line, len, record, "\"error\":", quoted, quoted_len);
    else
        done = add_wrapped(w, line, len, quoted, quoted_len);
    free(quoted);
    w->kept++;
    return done;
}

/* "12", or for an estimate {"estimate":12,"low":11,"high":13}. */
static int write_tokens(char *value, size_t size, const worker *w, const sp_encoding *encoding, size_t tokens)
{
    if (sp_encoding_is_exact(encoding))
        return snprintf(value, size, "%zu", tokens);
    sp_range range = sp_counter_range(w->counter);
    return snprintf(value, size, "{\"estimate\":%zu,\"low\":%zu,\"high\":%zu}", tokens, range.low, range.high);
}

/* What goes out in the place of a record that was too long to be read. */
static bool add_left_out(worker *w)
{
    sp_err problem = { .status = SP_ERR_INPUT, .line = (uint32_t)w->batch.first_line, .column = 1 };
    snprintf(problem.message, sizeof problem.message,
             "the record has %llu bytes and is left out; the limit is %d MiB, and records are separated by line feeds",
             (unsigned long long)w->batch.left_out_bytes, MAX_RECORD_BYTES >> 20);
    return add_error(w, NULL, 0, NULL, &problem);
}

/* Counts one line. On failure *err says why, with line 1: the first of these lines. */
static bool count_line(const job *j, worker *w, const char *line, size_t len, uint64_t number, sp_err *err)
{
    const cli_counting *c = j->counting;
    size_t members = c->options->keep_going ? 2 : 1;
    size_t tokens;
    char value[112];
    sp_record record;
    set_no_memory(err);
    if (!make_scratch(w, len))
        return false;
    bool is_record = sp_record_read((sp_str){ line, len }, j->field, (sp_str_list){ j->members, members }, w->scratch,
                                    &record, err) == SP_OK;
    if (!is_record || has_problem(j, line, &record, err)) {
        err->line = (uint32_t)number;
        if (!c->options->keep_going || err->status != SP_ERR_INPUT)
            return false;
        bool kept = add_error(w, line, len, is_record ? &record : NULL, err);
        set_no_memory(err);
        return kept && !w->out.failed;
    }
    if ((!w->counter && cli_counter_new(c, &w->counter, err) != SP_OK) ||
        sp_counter_count(w->counter, record.text, &tokens, err) != SP_OK)
        return false;
    int value_len = write_tokens(value, sizeof value, w, c->encoding, tokens);
    add_record(w, line, len, &record, j->tokens_member, value, (size_t)value_len);
    set_no_memory(err);
    return !w->out.failed;
}

/* ---- batches ------------------------------------------------------------------------------------------------ */

static void count_lines_of(const job *j, worker *w)
{
    batch *b = &w->batch;
    uint64_t number = b->first_line;
    sp_err err;
    w->out.len = 0;
    w->kept = 0;
    for (size_t at = 0; at < b->lines.len; number++) {
        const char *line = b->lines.bytes + at;
        const char *end = memchr(line, '\n', b->lines.len - at);
        size_t len = end ? (size_t)(end - line) : b->lines.len - at;
        at += len + 1;
        if (is_blank(line, len)) {
            sp_buf_add(&w->out, (sp_str){ line, len });
            sp_buf_add(&w->out, SP_STR("\n"));
        } else if (!count_line(j, w, line, len, number, &err)) {
            if (err.path[0] == '\0' && err.status == SP_ERR_INPUT)
                snprintf(err.path, sizeof err.path, "%.500s", b->path);
            fail_batch(b, &err);
            return;
        }
    }
}

/* All lines up to the first that cannot be counted. */
static void count_batch(const job *j, worker *w)
{
    sp_err err;
    count_lines_of(j, w);
    bool is_whole = w->batch.left_out_bytes == 0 || add_left_out(w);
    if (is_whole && !w->out.failed)
        return;
    set_no_memory(&err);
    fail_batch(&w->batch, &err);
}

/* A file that cannot be read does not keep the others from being counted, but a record that is wrong does: it may be
 * the first of many. */
static bool ends_everything(const sp_err *failure)
{
    return failure->status != SP_ERR_INPUT || failure->line > 0;
}

/* With the lock held, when it is this batch's turn. */
static void write_batch(job *j, worker *w)
{
    const cli_options *options = j->counting->options;
    cli_exit written = CLI_OK;
    if (w->out.len > 0)
        written = cli_output_add(&j->output, w->out.ptr, w->out.len);
    j->kept += w->kept;
    if (written == CLI_OK && w->batch.has_failure)
        j->code = cli_fail(options, &w->batch.failure);
    else if (written != CLI_OK)
        j->code = written;
    j->is_stopped = written != CLI_OK || (w->batch.has_failure && ends_everything(&w->batch.failure));
}

static void hand_in(job *j, worker *w)
{
    pthread_mutex_lock(&j->write_lock);
    while (j->written != w->batch.number)
        pthread_cond_wait(&j->turn, &j->write_lock);
    if (!j->is_stopped)
        write_batch(j, w);
    j->written++;
    pthread_cond_broadcast(&j->turn);
    pthread_mutex_unlock(&j->write_lock);
}

static void work_on(void *context)
{
    job *j = context;
    worker w = { 0 };
    while (take_batch(j, &w.batch)) {
        count_batch(j, &w);
        hand_in(j, &w);
    }
    free(w.batch.lines.bytes);
    sp_buf_release(&w.out);
    sp_counter_free(w.counter);
    free(w.scratch);
}

/* ---- all of it ------------------------------------------------------------------------------------------------ */

static sp_str named(const char *name, const char *otherwise)
{
    name = name ? name : otherwise;
    return (sp_str){ name, strlen(name) };
}

static cli_exit prepare(job *j)
{
    const cli_options *options = j->counting->options;
    char *quoted;
    size_t len;
    sp_err err;
    j->field = named(options->field, "text");
    j->members[0] = named(options->tokens_field, "tokens");
    j->members[1] = named("error", NULL);
    if (options->keep_going && strcmp(j->members[0].ptr, "error") == 0)
        return cli_usage_error(options,
                               "with --keep-going a member \"error\" says what is wrong; name another for the tokens");
    if (sp_json_quote(j->members[0], &quoted, &len, &err) != SP_OK)
        return cli_fail(options, &err);
    j->tokens_member = malloc(len + 2);
    if (j->tokens_member)
        snprintf(j->tokens_member, len + 2, "%s:", quoted);
    free(quoted);
    set_no_memory(&err);
    return j->tokens_member ? CLI_OK : cli_fail(options, &err);
}

static cli_exit run(job *j)
{
    const cli_options *options = j->counting->options;
    cli_exit code = cli_output_open(options, options->output, true, &j->output);
    if (code != CLI_OK)
        return code;
    work_on(j);
    cli_team_join(&j->team);
    if (j->is_open) /* a record that is wrong ended it */
        sp_stream_close(&j->stream);
    cli_exit closed = cli_output_close(&j->output, j->code == CLI_OK);
    if (j->code == CLI_OK)
        j->code = closed;
    if (j->kept > 0 && j->code == CLI_OK)
        j->code = cli_note(options, "records without a count, which have a member \"error\" instead: %llu",
                           (unsigned long long)j->kept);
    return j->code;
}

cli_exit cli_count_jsonl(const cli_counting *counting, const cli_inputs *inputs)
{
    job *j = calloc(1, sizeof *j);
    sp_err err;
    if (!j) {
        set_no_memory(&err);
        return cli_fail(counting->options, &err);
    }
    j->counting = counting;
    j->inputs = inputs;
    j->team = (cli_team){ .size = counting->jobs, .work = work_on, .context = j };
    pthread_mutex_init(&j->read_lock, NULL);
    pthread_mutex_init(&j->write_lock, NULL);
    pthread_cond_init(&j->turn, NULL);
    cli_exit code = prepare(j);
    if (code == CLI_OK)
        code = run(j);
    pthread_cond_destroy(&j->turn);
    pthread_mutex_destroy(&j->write_lock);
    pthread_mutex_destroy(&j->read_lock);
    free(j->tokens_member);
    free(j->rest.bytes);
    free(j);
    return code;
}
