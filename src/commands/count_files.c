/*
 * count_files.c - counts of many files, or of one that is large, with all processors.
 *
 * Each thread takes the next file, or the next part of a large file that another one has begun. A large file is read
 * piece by piece, cut where the counts of both sides add up (sp_cut_after), and so never in memory as a whole, unless
 * it has no place to cut it. Results go to the file's own place in a table, so the order is that of the inputs.
 */
#include "base/file.h"
#include "base/types.h"
#include "commands/commands.h"
#include "commands/parallel.h"
#include "report/reports.h"
#include "tokenizer/tokens.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum {
    PART_BYTES = 256 << 10, /* of a large file that is counted at a time */
    TAIL_BYTES = 64 << 10,  /* the end of it in which the cut is looked for first */
    MANY_FILES = 32,        /* as many, or */
    MANY_BYTES = 256 << 10, /* as much: worth another thread, which costs 50 us */
};

/* What a thread works with. */
typedef struct hand {
    cli_text text;
    sp_counter *counter; /* made for the first text */
} hand;

/* A file that is larger than a part. */
typedef struct large {
    struct large *next;
    size_t file;
    pthread_mutex_t lock; /* for reading: one thread reads while the others count */
    sp_stream stream;
    cli_text rest;  /* what was read and not counted */
    bool is_read;   /* to its end */
    bool is_over;   /* the same, as it is known outside of its lock */
    unsigned users; /* threads that count parts of it */
} large;

typedef struct work {
    const cli_counting *counting;
    const cli_input *inputs;
    sp_file_count *files;
    sp_counted *counted; /* of each file */
    sp_err **failures;   /* of each file, or NULL */
    bool *is_lost;       /* a failure that there was no memory to keep */
    size_t next;
    size_t end;
    size_t bytes;  /* that were read */
    unsigned busy; /* threads that may come upon a large file */
    large *larges; /* those that are not over */
    pthread_mutex_t lock;
    pthread_cond_t changed;
    cli_team team;
} work;

/* ---- failures -------------------------------------------------------------------------------------------- */

/* The first one counts. */
static void keep_failure(work *w, size_t file, const sp_err *err)
{
    sp_err *copy = malloc(sizeof *copy);
    if (copy)
        *copy = *err;
    pthread_mutex_lock(&w->lock);
    if (!w->failures[file]) {
        w->failures[file] = copy;
        w->is_lost[file] = !copy;
        copy = NULL;
    }
    pthread_mutex_unlock(&w->lock);
    free(copy);
}

static void keep_no_memory(work *w, size_t file)
{
    const sp_err err = { .status = SP_ERR_NO_MEMORY, .message = "out of memory" };
    keep_failure(w, file, &err);
}

/* ---- reading and counting ---------------------------------------------------------------------------------- */

/* The beginning of the text in hand. */
static void count_text(work *w, size_t file, hand *h, size_t len)
{
    size_t tokens;
    sp_err err;
    const cli_counting *c = w->counting;
    sp_str beginning = { h->text.bytes, len };
    if ((!h->counter && cli_counter_new(c, &h->counter, &err) != SP_OK) ||
        sp_counter_count(h->counter, beginning, &tokens, &err) != SP_OK) {
        keep_failure(w, file, &err);
        return;
    }
    sp_counted counted = sp_counter_counted(h->counter);
    pthread_mutex_lock(&w->lock);
    w->files[file].bytes += len;
    sp_counted_add(&w->counted[file], &counted);
    w->bytes += len;
    pthread_mutex_unlock(&w->lock);
}

/* ---- large files -------------------------------------------------------------------------------------------- */

/* A place to cut the beginning of a text in its second half, or its length. Not in the first: a text that can be cut
 * only there would go in crumbs, each with a copy of all the rest. */
static size_t find_cut(const cli_counting *c, const cli_text *t)
{
    sp_str beginning = { t->bytes, t->len };
    size_t tail = t->len / 2 > TAIL_BYTES ? t->len - TAIL_BYTES : t->len / 2;
    size_t cut = sp_cut_after(c->encoding, beginning, tail);
    return cut < t->len ? cut : sp_cut_after(c->encoding, beginning, t->len / 2);
}

/* Fills t, which holds the beginning, up to the next cut, which is put in *ret_cut. The text grows until there is one,
 * or until the file is over. */
static bool read_part(work *w, large *l, cli_text *t, size_t *ret_cut)
{
    sp_err err;
    for (;;) {
        if (!cli_fill(&l->stream, t, &l->is_read, &err)) {
            keep_failure(w, l->file, &err);
            return false;
        }
        *ret_cut = l->is_read ? t->len : find_cut(w->counting, t);
        if (l->is_read || *ret_cut < t->len)
            return true;
        if (t->capacity > SIZE_MAX / 2 || !cli_set_capacity(t, t->capacity * 2)) {
            keep_no_memory(w, l->file);
            return false;
        }
    }
}

/* The next part, to be counted outside of the lock: t gets it, and what was in t is of no more use. */
static bool take_part(work *w, large *l, cli_text *t, size_t *ret_cut)
{
    cli_text mine = l->rest;
    l->rest = *t;
    l->rest.len = 0;
    *t = mine;
    if (!read_part(w, l, t, ret_cut))
        return false;
    size_t left = t->len - *ret_cut;
    if (left > l->rest.capacity && !cli_set_capacity(&l->rest, left > PART_BYTES ? left : PART_BYTES)) {
        keep_no_memory(w, l->file);
        return false;
    }
    if (left > 0)
        memcpy(l->rest.bytes, t->bytes + *ret_cut, left);
    l->rest.len = left;
    return true;
}

/* Returns whether that was the last part. */
static bool count_part(work *w, large *l, hand *h)
{
    size_t cut;
    pthread_mutex_lock(&l->lock);
    bool has_part = !l->is_read && take_part(w, l, &h->text, &cut);
    l->is_read = l->is_read || !has_part;
    bool is_over = l->is_read;
    pthread_mutex_unlock(&l->lock);
    if (has_part)
        count_text(w, l->file, h, cut);
    return is_over;
}

/* With the lock held: takes it off the list once it is over, and drops it when nobody works on it any more. */
static void leave(work *w, large *l, bool is_over)
{
    large **at = &w->larges;
    while (*at && *at != l)
        at = &(*at)->next;
    if (*at == l && is_over)
        *at = l->next;
    l->is_over = l->is_over || is_over;
    if (--l->users > 0 || !l->is_over)
        return;
    sp_stream_close(&l->stream);
    pthread_mutex_destroy(&l->lock);
    free(l->rest.bytes);
    free(l);
}

/* The file that has filled t and goes on: to be counted in parts, by whoever has time. */
static void begin_large(work *w, size_t file, sp_stream *stream, cli_text *t)
{
    large *l = malloc(sizeof *l);
    if (!l) {
        keep_no_memory(w, file);
        sp_stream_close(stream);
        return;
    }
    *l = (large){ .file = file, .stream = *stream, .rest = *t };
    *t = (cli_text){ 0 };
    pthread_mutex_init(&l->lock, NULL);
    pthread_mutex_lock(&w->lock);
    l->next = w->larges;
    w->larges = l;
    pthread_cond_broadcast(&w->changed);
    pthread_mutex_unlock(&w->lock);
}

/* ---- files ------------------------------------------------------------------------------------------------------ */

static void count_file(work *w, size_t file, hand *h)
{
    cli_text *t = &h->text;
    sp_stream stream;
    sp_err err;
    bool is_over = false;
    const cli_input *input = &w->inputs[file];
    w->files[file].path = (sp_str){ input->path, strlen(input->path) };
    if (input->failure) {
        keep_failure(w, file, input->failure);
        return;
    }
    if (sp_stream_open(input->path, &stream, &err) != SP_OK) {
        keep_failure(w, file, &err);
        return;
    }
    t->len = 0;
    bool has_room = t->capacity >= PART_BYTES || cli_set_capacity(t, PART_BYTES);
    bool was_read = has_room && cli_fill(&stream, t, &is_over, &err);
    if (was_read && !is_over) {
        begin_large(w, file, &stream, t);
        return;
    }
    if (was_read)
        count_text(w, file, h, t->len);
    else if (has_room)
        keep_failure(w, file, &err);
    else
        keep_no_memory(w, file);
    sp_stream_close(&stream);
}

/* ---- threads ----------------------------------------------------------------------------------------------------- */

/* With the lock held, which the functions below give back for the time that the work takes. */

static void do_part(work *w, large *l, hand *h)
{
    l->users++;
    pthread_mutex_unlock(&w->lock);
    bool is_over = count_part(w, l, h);
    pthread_mutex_lock(&w->lock);
    leave(w, l, is_over);
}

static void do_file(work *w, hand *h)
{
    size_t file = w->next++;
    w->busy++;
    pthread_mutex_unlock(&w->lock);
    count_file(w, file, h);
    pthread_mutex_lock(&w->lock);
    w->busy--;
    if (w->busy == 0 && w->next == w->end)
        pthread_cond_broadcast(&w->changed);
}

/* False: there is nothing to do by now. */
static bool do_something(work *w, hand *h)
{
    size_t files = w->end - w->next;
    if (w->larges || files >= MANY_FILES || (files > 0 && w->bytes > MANY_BYTES))
        cli_team_start(&w->team);
    if (w->larges)
        do_part(w, w->larges, h);
    else if (files > 0)
        do_file(w, h);
    else
        return false;
    return true;
}

static void work_on(void *context)
{
    work *w = context;
    hand h = { 0 };
    pthread_mutex_lock(&w->lock);
    while (do_something(w, &h) || w->busy > 0)
        if (!w->larges && w->next == w->end && w->busy > 0)
            pthread_cond_wait(&w->changed, &w->lock);
    pthread_mutex_unlock(&w->lock);
    free(h.text.bytes);
    sp_counter_free(h.counter);
}

static void count_range(work *w, size_t begin, size_t end)
{
    if (begin == end)
        return;
    w->next = begin;
    w->end = end;
    w->bytes = 0;
    w->team = (cli_team){ .size = w->counting->jobs, .work = work_on, .context = w };
    work_on(w);
    cli_team_join(&w->team);
}

/* What a descriptor gives depends on who reads first, so those are counted one after the other, before the others. */
static void count_inputs(work *w, size_t count)
{
    size_t begin = 0;
    for (size_t i = 0; i < count; i++)
        if (cli_is_descriptor(w->inputs[i].path))
            count_range(w, i, i + 1);
    for (size_t i = 0; i < count; i++)
        if (cli_is_descriptor(w->inputs[i].path)) {
            count_range(w, begin, i);
            begin = i + 1;
        }
    count_range(w, begin, count);
}

/* ---- results ----------------------------------------------------------------------------------------------------- */

cli_exit cli_print_counts(const cli_counting *c, const sp_file_count *files, size_t count)
{
    char *bytes;
    size_t len;
    sp_err err;
    const cli_options *options = c->options;
    sp_format format = cli_format(options);
    sp_total total = (sp_total)options->total;
    bool is_bare = count == 1 && strcmp(files[0].path.ptr, "-") == 0 && total != SP_TOTAL_ALWAYS;
    if (is_bare)
        total = SP_TOTAL_ONLY;
    if (sp_counts_render(c->encoding, files, count, format, total, &bytes, &len, &err) != SP_OK)
        return cli_fail(options, &err);
    cli_exit code = cli_write(options, options->output, bytes, len);
    free(bytes);
    cli_counting as_json = *c;
    cli_options json_options;
    as_json.options = &json_options;
    return code == CLI_OK && cli_wants_result(options, &json_options) ? cli_print_counts(&as_json, files, count) : code;
}

/* What fails in counting, memory or a tokenizer, does not know the name of what is counted. */
static cli_exit fail_for(const work *w, size_t file, sp_err failure)
{
    const char *path = w->inputs[file].path;
    if (failure.status == SP_ERR_NO_MEMORY && w->counting->jobs > 1)
        snprintf(failure.message, sizeof failure.message, "out of memory with %u threads; fewer need less: see --jobs",
                 w->counting->jobs);
    if (failure.path[0] == '\0' && strcmp(path, "-") != 0)
        snprintf(failure.path, sizeof failure.path, "%.500s", path);
    return cli_fail(w->counting->options, &failure);
}

/* Like wc: what cannot be read is reported, in its place, and the others are counted. Returns the exit code; the number
 * of files that were read is put in *ret_read. */
static cli_exit print_failures(work *w, size_t count, size_t *ret_read)
{
    static const sp_err no_memory = { .status = SP_ERR_NO_MEMORY, .message = "out of memory" };
    cli_exit code = CLI_OK;
    *ret_read = 0;
    for (size_t i = 0; i < count && code != CLI_SYSTEM; i++) {
        const sp_err *failure = w->is_lost[i] ? &no_memory : w->failures[i];
        w->files[i].is_unread = failure != NULL;
        *ret_read += !failure;
        if (failure)
            code = fail_for(w, i, *failure);
    }
    return code;
}

static void sum_up(work *w, size_t count)
{
    const sp_encoding *encoding = w->counting->encoding;
    for (size_t i = 0; i < count; i++) {
        w->files[i].tokens = sp_counted_tokens(encoding, &w->counted[i]);
        w->files[i].range = sp_counted_range(encoding, &w->counted[i]);
    }
}

static cli_exit print_results(work *w, size_t count)
{
    size_t read;
    sum_up(w, count);
    cli_exit code = print_failures(w, count, &read);
    if (code == CLI_SYSTEM || (read == 0 && count > 0))
        return code;
    const char *output = w->counting->options->output;
    if (code != CLI_OK && output && strcmp(output, "-") != 0) {
        sp_err err = { .status = SP_ERR_INPUT, .message = "is not written, because not every file could be read" };
        snprintf(err.path, sizeof err.path, "%.500s", output);
        return cli_fail(w->counting->options, &err);
    }
    cli_exit printed = cli_print_counts(w->counting, w->files, count);
    return printed == CLI_OK ? code : printed;
}

cli_exit cli_count_files(const cli_counting *counting, const cli_inputs *inputs)
{
    size_t count = inputs->count;
    size_t room = count > 0 ? count : 1;
    work w = {
        .counting = counting,
        .inputs = inputs->items,
        .files = calloc(room, sizeof *w.files),
        .counted = calloc(room, sizeof *w.counted),
        .failures = calloc(room, sizeof(void *)),
        .is_lost = calloc(room, sizeof *w.is_lost),
        .lock = PTHREAD_MUTEX_INITIALIZER,
        .changed = PTHREAD_COND_INITIALIZER,
    };
    sp_err err = { .status = SP_ERR_NO_MEMORY, .message = "out of memory" };
    bool has_room = w.files && w.counted && w.failures && w.is_lost;
    if (has_room)
        count_inputs(&w, count);
    cli_exit code = has_room ? print_results(&w, count) : cli_fail(counting->options, &err);
    for (size_t i = 0; i < count && w.failures; i++)
        free(w.failures[i]);
    free(w.files);
    free(w.counted);
    free(w.failures);
    free(w.is_lost);
    return code;
}
