/* test_base.c - base/ and the small parts of emit/: text, arenas, paths, UTF-8, places, JSON, escaping, tables. */
#include "base/diag.h"
#include "base/diagnostic.h"
#include "base/escape.h"
#include "base/file.h"
#include "base/json.h"
#include "base/system.h"
#include "base/types.h"
#include "report/reports.h"
#include "report/table.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cmocka.h>
#include <jansson.h>

static void expect_str(sp_str actual, const char *expected)
{
    if (!sp_str_eq(actual, sp_str_of(expected)))
        fail_msg("\"%.*s\" is not \"%s\"", SP_STR_ARG(actual), expected);
}

/* ---- sp_str ------------------------------------------------------------------------------------------ */

static void test_parts_of_str(void **state)
{
    (void)state;
    const char *text = "abcdef";
    sp_str whole = { text + 1, 4 };
    assert_true(sp_str_is_part(whole, whole));
    assert_true(sp_str_is_part((sp_str){ text + 1, 0 }, whole));
    assert_true(sp_str_is_part((sp_str){ text + 5, 0 }, whole)); /* at the end */
    assert_false(sp_str_is_part((sp_str){ text, 1 }, whole));
    assert_false(sp_str_is_part((sp_str){ text + 4, 2 }, whole));
    assert_false(sp_str_is_part((sp_str){ text + 6, 0 }, whole));
    assert_false(sp_str_is_part((sp_str){ text, 6 }, whole));
    assert_false(sp_str_is_part((sp_str){ text, 0 }, (sp_str){ NULL, 0 }));
}

static void test_str(void **state)
{
    (void)state;
    sp_str none = { NULL, 0 };
    assert_true(sp_str_eq(none, SP_STR("")));
    assert_true(sp_str_of(NULL).ptr == NULL && sp_str_of(NULL).len == 0);
    assert_true(sp_str_eq(sp_str_slice(SP_STR("abcd"), 1, 3), SP_STR("bc")));
    assert_true(sp_str_slice(none, 0, 0).ptr == NULL);
    assert_true(sp_str_eq_nocase(SP_STR("aZ[\xC3\x89"), SP_STR("Az[\xC3\x89")));
    assert_false(sp_str_eq_nocase(SP_STR("\xC3\xA9"), SP_STR("\xC3\x89"))); /* ASCII only */
    assert_false(sp_str_eq_nocase(SP_STR("@"), SP_STR("`")));
    assert_true(sp_str_cmp(SP_STR("a"), SP_STR("ab")) < 0 && sp_str_cmp(SP_STR("b"), SP_STR("ab")) > 0);
    assert_true(sp_str_cmp(SP_STR("\xFF"), SP_STR("a")) > 0); /* bytes are unsigned */
    assert_true(sp_str_cmp(none, SP_STR("")) == 0);
    assert_true(sp_str_starts(SP_STR("abc"), SP_STR("")) && sp_str_starts(SP_STR("abc"), SP_STR("abc")));
    assert_false(sp_str_starts(SP_STR("ab"), SP_STR("abc")));
    assert_true(sp_str_ends(SP_STR("abc"), SP_STR("bc")) && !sp_str_ends(SP_STR("c"), SP_STR("bc")));
    expect_str(sp_str_trim(SP_STR(" \t\r\n a b \n")), "a b");
    expect_str(sp_str_trim(SP_STR(" \n")), "");
}

static void test_str_find(void **state)
{
    (void)state;
    sp_str text = { "a\0bab", 5 };
    assert_int_equal(sp_str_find(text, SP_STR("ab"), 0), 3);
    assert_int_equal(sp_str_find(text, SP_STR("\0"), 0), 1);
    assert_int_equal(sp_str_find(text, SP_STR("a"), 1), 3);
    assert_true(sp_str_find(text, SP_STR("a"), 4) == SIZE_MAX);
    assert_true(sp_str_find(text, SP_STR("a"), 6) == SIZE_MAX);
    assert_int_equal(sp_str_find(text, SP_STR(""), 5), 5);
    assert_true(sp_str_find((sp_str){ 0 }, SP_STR("a"), 0) == SIZE_MAX);
}

/* ---- sp_buf ------------------------------------------------------------------------------------------ */

static void test_buf(void **state)
{
    (void)state;
    sp_buf buf = { 0 };
    sp_buf_add(&buf, (sp_str){ NULL, 0 });
    assert_null(buf.ptr);
    for (int i = 0; i < 1000; i++)
        sp_buf_format(&buf, "%d,", i);
    sp_buf_add_char(&buf, '\0');
    assert_false(buf.failed);
    assert_int_equal(buf.len, 3891); /* 10 * 2 + 90 * 3 + 900 * 4 and the NUL */
    assert_true(sp_str_starts(sp_buf_str(&buf), SP_STR("0,1,2,")));
    assert_true(sp_str_ends(sp_buf_str(&buf), (sp_str){ "998,999,", 9 }));
    sp_buf_release(&buf);
    assert_true(!buf.ptr && !buf.len && !buf.capacity);
}

static void test_buf_valid_utf8(void **state)
{
    static const char text[] = "a\0\xff\xfe\xe2\x82\0z";
    const sp_str s = { text, sizeof text - 1 };
    sp_buf buf = { 0 };
    (void)state;
    sp_buf_add_valid_utf8(&buf, s, true);
    static const char kept[] = "a\0\xEF\xBF\xBD\xEF\xBF\xBD\xEF\xBF\xBD\0z";
    assert_true(sp_str_eq(sp_buf_str(&buf), (sp_str){ kept, sizeof kept - 1 }));
    sp_buf_release(&buf);
    sp_buf_add_valid_utf8(&buf, s, false);
    expect_str(sp_buf_str(&buf), "a\xEF\xBF\xBD\xEF\xBF\xBD\xEF\xBF\xBD\xEF\xBF\xBD\xEF\xBF\xBDz");
    sp_buf_release(&buf);
}

/* What does not fit into memory leaves the buffer failed, with what it had, and swallows the rest. */
static void test_buf_fails_once_and_for_all(void **state)
{
    (void)state;
    sp_buf buf = { 0 };
    sp_buf_add(&buf, SP_STR("kept"));
    sp_buf_add(&buf, (sp_str){ "", SIZE_MAX / 2 + 2 });
    assert_true(buf.failed);
    sp_buf_add(&buf, SP_STR("lost"));
    sp_buf_format(&buf, "%s", "lost");
    expect_str(sp_buf_str(&buf), "kept");
    sp_buf_release(&buf);
    assert_false(buf.failed);
}

/* ---- sp_arena ---------------------------------------------------------------------------------------- */

enum { OBJECTS = 6000 };

/* What is handed out is zeroed and aligned, never moves and never overlaps, whatever the sizes. */
static void use_arena(void)
{
    static unsigned char *objects[OBJECTS];
    static size_t sizes[OBJECTS];
    sp_arena arena = { 0 };
    for (size_t i = 0; i < OBJECTS; i++) {
        sizes[i] = i % 97 == 0 ? 70000 + i * 150 : i * 7 % 400;
        objects[i] = sp_arena_alloc(&arena, sizes[i], 1);
        assert_non_null(objects[i]);
        assert_int_equal((uintptr_t)objects[i] % _Alignof(max_align_t), 0);
        for (size_t b = 0; b < sizes[i]; b++)
            assert_int_equal(objects[i][b], 0);
        memset(objects[i], (int)(i % 255 + 1), sizes[i]);
    }
    for (size_t i = 0; i < OBJECTS; i++)
        for (size_t b = 0; b < sizes[i]; b++)
            assert_int_equal(objects[i][b], i % 255 + 1);
    sp_arena_release(&arena);
    assert_null(arena.head);
    sp_arena_release(&arena);
}

/* The second time with memory that was used and given back. Blocks become as large as they may. */
static void test_arena(void **state)
{
    (void)state;
    use_arena();
    use_arena();
}

/* A large object between small ones leaves the room of the current block to them. */
static void test_arena_keeps_the_room_of_its_block(void **state)
{
    (void)state;
    sp_arena arena = { 0 };
    char *before = sp_arena_alloc(&arena, 16, 1);
    assert_non_null(sp_arena_alloc(&arena, 1 << 20, 1));
    char *after = sp_arena_alloc(&arena, 16, 1);
    assert_in_range(after - before, 16, 32); /* with what a sanitizer wants between them */
    sp_arena_release(&arena);
}

/* Room for what may be needed costs nothing until it is used: no more than an array of its size in the C library. */
static void test_arena_leaves_large_objects_alone(void **state)
{
    (void)state;
    enum { LARGE = 256 << 20, PAGE = 4096 };
    sp_arena arena = { 0 };
    unsigned char *in_memory = malloc(LARGE / PAGE);
    char *object = sp_arena_alloc(&arena, LARGE, 1);
    assert_non_null(in_memory);
    assert_non_null(object);
    char *first_page = object + PAGE - (uintptr_t)object % PAGE;
    assert_int_equal(mincore(first_page, LARGE - PAGE, in_memory), 0);
    size_t touched = 0;
    for (size_t i = 0; i < LARGE / PAGE - 1; i++)
        touched += in_memory[i] & 1;
    assert_true(touched < 1024);
    free(in_memory);
    sp_arena_release(&arena);
}

static void test_arena_overflow(void **state)
{
    (void)state;
    sp_arena arena = { 0 };
    assert_null(sp_arena_alloc(&arena, SIZE_MAX, 2));
    assert_null(sp_arena_alloc(&arena, SIZE_MAX / 2 + 1, 2));
    assert_null(sp_arena_alloc(&arena, SIZE_MAX, 1));
    assert_null(sp_arena_alloc(&arena, SIZE_MAX - 20, 1));
    assert_null(sp_str_dup(&arena, (sp_str){ "", SIZE_MAX }).ptr);
    sp_arena_release(&arena);
}

static void test_arena_texts(void **state)
{
    (void)state;
    sp_arena arena = { 0 };
    sp_str copy = sp_str_dup(&arena, (sp_str){ "a\0b", 3 });
    assert_memory_equal(copy.ptr, "a\0b", 4);
    assert_non_null(sp_str_dup(&arena, (sp_str){ NULL, 0 }).ptr);
    expect_str(sp_str_format(&arena, "%s-%d", "x", 7), "x-7");
    sp_list(uint32_t) list = { 0 };
    for (uint32_t i = 0; i < 1000; i++) {
        uint32_t *slot = SP_LIST_PUSH(&arena, &list);
        assert_non_null(slot);
        assert_int_equal(*slot, 0);
        *slot = i;
    }
    for (uint32_t i = 0; i < 1000; i++)
        assert_int_equal(list.items[i], i);
    sp_arena_release(&arena);
}

/* ---- sp_reader_disk ------------------------------------------------------------------------------------ */

static void write_file(const char *path, size_t length)
{
    FILE *file = fopen(path, "wb");
    assert_non_null(file);
    for (size_t i = 0; i < length; i++)
        assert_true(fputc('a' + (int)(i % 26), file) != EOF);
    assert_int_equal(fclose(file), 0);
}

/* In the current folder: files, folders, links of every kind, a FIFO. */
static void make_tree(void)
{
    assert_int_equal(mkdir("in", 0755) | mkdir("in/below", 0755) | mkdir("out", 0755), 0);
    write_file("in/empty", 0);
    write_file("in/file", 100);
    write_file("in/below/file", 70000);
    write_file("in/secret", 5);
    write_file("out/file", 7);
    assert_int_equal(chmod("in/secret", 0), 0);
    assert_int_equal(link("in/file", "in/twin"), 0);
    assert_int_equal(mkfifo("in/fifo", 0644), 0);
    assert_int_equal(symlink("file", "in/link") | symlink("below", "in/folder") | symlink("../out", "in/up"), 0);
    assert_int_equal(symlink("nowhere", "in/dangling") | symlink("circle", "in/circle"), 0);
    assert_int_equal(symlink("../out/file", "in/leads-out") | symlink("fifo", "in/to-fifo"), 0);
    assert_int_equal(symlink("..", "in/below/back"), 0);
}

static const char *const names[] = {
    "in",
    "in/empty",
    "in/file",
    "in/below/file",
    "in/secret",
    "in/twin",
    "in/fifo",
    "in/link",
    "in/folder/file",
    "in/up/file",
    "in/dangling",
    "in/circle",
    "in/leads-out",
    "in/to-fifo",
    "in/below/back",
    "in/below/back/file",
    "in/file/more",
    "in/absent",
    "in/file/",
    "in/./file",
    "in/below/../file",
    "in//file",
    "in/file/.",
    "out/file",
    "in/folder/../file",
};

static bool is_file_known(const void *context, uint64_t device, uint64_t inode)
{
    const struct stat *info = context;
    return info->st_dev == device && info->st_ino == inode;
}

static sp_file read_at(sp_arena *arena, sp_str path, sp_read_limits limits)
{
    sp_err err;
    sp_file file;
    assert_int_equal(sp_reader_read(&sp_reader_disk, arena, path, limits, &file, &err), SP_OK);
    return file;
}

/* A path with "/." in front takes the way of what is looked up first, with links followed. */
static void expect_one_answer(sp_arena *arena, sp_str path, sp_read_limits limits)
{
    sp_file file = read_at(arena, path, limits);
    sp_file other = read_at(arena, sp_str_format(arena, "/.%.*s", SP_STR_ARG(path)), limits);
    if (file.state != other.state || !sp_str_eq(file.bytes, other.bytes) || file.what != other.what ||
        !sp_str_eq(file.real_path, other.real_path) || file.size_bytes != other.size_bytes ||
        file.device != other.device || file.inode != other.inode)
        fail_msg("%.*s: state %d or %d, real path %.*s or %.*s", SP_STR_ARG(path), (int)file.state, (int)other.state,
                 SP_STR_ARG(file.real_path), SP_STR_ARG(other.real_path));
}

static void expect_one_answer_each(sp_arena *arena, sp_str here)
{
    static const uint64_t max_bytes[] = { 0, 99, 100, 1 << 20 };
    struct stat known;
    sp_str within[] = { sp_path_join(arena, here, SP_STR("in")), sp_path_join(arena, here, SP_STR("in/below")) };
    assert_int_equal(stat("in/file", &known), 0);
    for (size_t i = 0; i < SP_COUNT_OF(names) * SP_COUNT_OF(max_bytes) * 8; i++) {
        sp_str path = sp_str_format(arena, "%.*s/%s", SP_STR_ARG(here), names[i % SP_COUNT_OF(names)]);
        size_t rest = i / SP_COUNT_OF(names);
        sp_read_limits limits = { .max_bytes = max_bytes[rest % SP_COUNT_OF(max_bytes)] };
        rest /= SP_COUNT_OF(max_bytes);
        if (rest & 1)
            limits.within = (sp_places){ within, 1 };
        if (rest & 2)
            limits.root = (sp_places){ within + 1, 1 };
        if (rest & 4)
            limits.is_known = is_file_known, limits.context = &known;
        expect_one_answer(arena, path, limits);
    }
    sp_file file =
        read_at(arena, sp_path_join(arena, here, SP_STR("in/below/file")), (sp_read_limits){ .max_bytes = 1 << 20 });
    assert_true(file.state == SP_FILE_READ && file.bytes.len == 70000 && file.bytes.ptr[27] == 'b');
}

/* In a folder of its own, which is left and taken away again. */
static void in_new_folder(void (*check)(sp_arena *arena, sp_str here))
{
    char folder[] = "/tmp/test_base.XXXXXX";
    char before[4096];
    sp_arena arena = { 0 };
    assert_non_null(getcwd(before, sizeof before));
    assert_non_null(mkdtemp(folder));
    char *here = realpath(folder, NULL);
    assert_non_null(here);
    assert_int_equal(chdir(here), 0);
    make_tree();
    check(&arena, sp_str_of(here));
    assert_int_equal(chdir(before), 0);
    sp_str command = sp_str_format(&arena, "rm -rf '%s'", here);
    assert_int_equal(system(command.ptr), 0);
    free(here);
    sp_arena_release(&arena);
}

/* As readdir has it, although the kernel calls it an error. */
static void test_removed_directory_ends(void **state)
{
    (void)state;
    char path[] = "/tmp/test_base.XXXXXX";
    sp_directory directory;
    const char *name;
    unsigned char type;
    assert_non_null(mkdtemp(path));
    assert_true(sp_directory_open(path, false, &directory));
    assert_int_equal(rmdir(path), 0);
    do
        assert_true(sp_directory_next(&directory, &name, &type));
    while (name);
    sp_directory_close(&directory);
}

/* Whatever stands at a path, and whatever is allowed: both ways of reading it say the same. */
static void test_reading_has_one_answer(void **state)
{
    (void)state;
    in_new_folder(expect_one_answer_each);
}

/* ---- paths ------------------------------------------------------------------------------------------- */

static void test_path_join(void **state)
{
    (void)state;
    static const char *const examples[][3] = {
        { "/a", "b", "/a/b" },
        { "/a/", "b/", "/a/b" },
        { "/a", "/b", "/b" },
        { "/a", "../b", "/b" },
        { "/a", "../../../b", "/b" },
        { "/", "b", "/b" },
        { "/", "..", "/" },
        { "/a/b", "..", "/a" },
        { "/a", "..", "/" },
        { "/a", ".", "/a" },
        { "/a//b/./c", "", "/a/b/c" },
        { "a", "b", "a/b" },
        { "a", "..", "." },
        { "a", "../..", ".." },
        { "a", "../../b", "../b" },
        { "..", "..", "../.." },
        { "", "", "." },
        { "", "a", "a" },
        { ".", "./a/.", "a" },
        { "/a", "b..c/...", "/a/b..c/..." },
        { "a/b", "../../../..", "../.." },
        { "/", "//x//y", "/x/y" },
    };
    sp_arena arena = { 0 };
    for (size_t i = 0; i < SP_COUNT_OF(examples); i++) {
        sp_str joined = sp_path_join(&arena, sp_str_of(examples[i][0]), sp_str_of(examples[i][1]));
        expect_str(joined, examples[i][2]);
        assert_int_equal(joined.ptr[joined.len], '\0');
    }
    sp_arena_release(&arena);
}

static void test_paths(void **state)
{
    (void)state;
    static const char *const parts[][3] = {
        { "/a/b", "/a", "b" }, { "/a", "/", "a" }, { "a", ".", "a" }, { "a/b", "a", "b" }, { "/", "/", "" },
    };
    for (size_t i = 0; i < SP_COUNT_OF(parts); i++) {
        expect_str(sp_path_folder(sp_str_of(parts[i][0])), parts[i][1]);
        expect_str(sp_path_base(sp_str_of(parts[i][0])), parts[i][2]);
    }
    assert_true(sp_path_is_within(SP_STR("/a"), SP_STR("/a")) && sp_path_is_within(SP_STR("/a/b"), SP_STR("/a")));
    assert_true(sp_path_is_within(SP_STR("/a"), SP_STR("/")) && sp_path_is_within(SP_STR("/"), SP_STR("/")));
    assert_false(sp_path_is_within(SP_STR("/ab"), SP_STR("/a"))); /* a sibling whose name begins so */
    assert_false(sp_path_is_within(SP_STR("/"), SP_STR("/a")));
    expect_str(sp_path_below(SP_STR("/a/b/c"), SP_STR("/a")), "b/c");
    expect_str(sp_path_below(SP_STR("/a"), SP_STR("/")), "a");
    expect_str(sp_path_below(SP_STR("/a"), SP_STR("/a")), "/a");
    expect_str(sp_path_below(SP_STR("/ab"), SP_STR("/a")), "/ab");
}

/* ---- UTF-8 ------------------------------------------------------------------------------------------- */

/* Unicode 16.0, table 3-7, written once more in another way: the lead byte's row, and what may follow. */
static size_t reference_length(const unsigned char *p, size_t room, size_t *ret_bad)
{
    static const struct {
        unsigned char first, last, low, high;
        size_t length;
    } rows[] = {
        { 0x00, 0x7F, 0, 0, 1 },       { 0xC2, 0xDF, 0x80, 0xBF, 2 }, { 0xE0, 0xE0, 0xA0, 0xBF, 3 },
        { 0xE1, 0xEC, 0x80, 0xBF, 3 }, { 0xED, 0xED, 0x80, 0x9F, 3 }, { 0xEE, 0xEF, 0x80, 0xBF, 3 },
        { 0xF0, 0xF0, 0x90, 0xBF, 4 }, { 0xF1, 0xF3, 0x80, 0xBF, 4 }, { 0xF4, 0xF4, 0x80, 0x8F, 4 },
    };
    *ret_bad = 1;
    for (size_t i = 0; i < SP_COUNT_OF(rows); i++) {
        if (p[0] < rows[i].first || p[0] > rows[i].last)
            continue;
        for (size_t n = 1; n < rows[i].length; n++) {
            unsigned char low = n == 1 ? rows[i].low : 0x80;
            unsigned char high = n == 1 ? rows[i].high : 0xBF;
            if (n >= room || p[n] < low || p[n] > high)
                return 0;
            *ret_bad = n + 1;
        }
        return rows[i].length;
    }
    return 0;
}

/* Every sequence of up to four bytes out of the edges of every class, cut off at every length. */
static void test_utf8_classes(void **state)
{
    (void)state;
    static const unsigned char edges[] = { 0x00, 0x41, 0x7F, 0x80, 0x8F, 0x90, 0x9F, 0xA0, 0xBF, 0xC0, 0xC1, 0xC2, 0xDF,
                                           0xE0, 0xE1, 0xEC, 0xED, 0xEE, 0xEF, 0xF0, 0xF1, 0xF3, 0xF4, 0xF5, 0xFF };
    const size_t count = SP_COUNT_OF(edges);
    for (size_t i = 0; i < count * count * count * count; i++) {
        unsigned char bytes[4] = { edges[i % count], edges[i / count % count], edges[i / count / count % count],
                                   edges[i / count / count / count] };
        for (size_t room = 1; room <= 4; room++) {
            uint32_t code = 0;
            size_t bad = 0;
            size_t expected_bad;
            size_t expected = reference_length(bytes, room, &expected_bad);
            size_t length = sp_utf8_decode((sp_str){ (const char *)bytes, room }, 0, &code, &bad);
            if (length != expected || (length == 0 && bad != expected_bad))
                fail_msg("%02x %02x %02x %02x, %zu: length %zu, bad %zu", bytes[0], bytes[1], bytes[2], bytes[3], room,
                         length, bad);
        }
    }
}

static void test_utf8_round_trip(void **state)
{
    (void)state;
    for (uint32_t code = 0; code < 0x110000; code++) {
        char bytes[4];
        uint32_t back = 0;
        size_t bad;
        if (code == 0xD800)
            code = 0xE000;
        size_t length = sp_utf8_encode(code, bytes);
        if (sp_utf8_decode((sp_str){ bytes, length }, 0, &back, &bad) != length || back != code)
            fail_msg("U+%04X comes back as U+%04X", code, back);
    }
}

/* The substitution examples of Unicode 16.0, tables 3-8 to 3-11: where each bad run begins. */
/* Bytes that are not UTF-8 are told by their bits: those of the form 10xxxxxx begin nothing. */
static void test_utf8_characters(void **state)
{
    (void)state;
    sp_str text = SP_STR("a\xC3\xA9\xF0\x9F\x98\x80\xFF\x80z");
    assert_int_equal(sp_utf8_count(text), 5);
    assert_int_equal(sp_utf8_count(SP_STR("")), 0);
    assert_int_equal(sp_utf8_after(text, 0, 0), 0);
    assert_int_equal(sp_utf8_after(text, 0, 2), 3);
    assert_int_equal(sp_utf8_after(text, 1, 2), 7);
    assert_int_equal(sp_utf8_after(text, 0, 4), 9);
    assert_int_equal(sp_utf8_after(text, 0, 5), text.len);
    assert_int_equal(sp_utf8_after(text, 0, 99), text.len);
}

/* The characters are those for which JavaScript's "".trim.call(c) is empty. */
static void test_utf8_spaces(void **state)
{
    static const uint32_t spaces[] = { 0x9,    0xA,    0xB,    0xC,    0xD,    0x20,   0xA0,   0x1680, 0x2000,
                                       0x2001, 0x2002, 0x2003, 0x2004, 0x2005, 0x2006, 0x2007, 0x2008, 0x2009,
                                       0x200A, 0x2028, 0x2029, 0x202F, 0x205F, 0x3000, 0xFEFF };
    size_t next = 0;
    (void)state;
    for (uint32_t code = 0; code <= 0x10FFFF; code++) {
        bool is_space = next < SP_COUNT_OF(spaces) && spaces[next] == code;
        assert_int_equal(sp_code_is_space(code), is_space);
        next += is_space;
    }
    assert_int_equal(next, SP_COUNT_OF(spaces));
    assert_int_equal(sp_utf16_units(0xFFFF), 1);
    assert_int_equal(sp_utf16_units(0x10000), 2);
}

static void test_utf8_subparts(void **state)
{
    (void)state;
    static const struct {
        const char *bytes;
        size_t lengths[10];
    } examples[] = {
        { "\xC0\xAF\xE0\x80\xBF\xF0\x81\x82", { 1, 1, 1, 1, 1, 1, 1, 1 } },
        { "\xED\xA0\x80\xED\xBF\xBF\xED\xAF", { 1, 1, 1, 1, 1, 1, 1, 1 } },
        { "\xF4\x91\x92\x93\xFF\x41\x80\xBF\x42", { 1, 1, 1, 1, 1, 1, 1 } },
        { "\xE1\x80\xE2\xF0\x91\x92\xF1\xBF\x41", { 2, 1, 3, 2 } },
    };
    for (size_t i = 0; i < SP_COUNT_OF(examples); i++) {
        sp_str text = sp_str_of(examples[i].bytes);
        size_t found = 0;
        for (size_t at = sp_utf8_find_invalid(text, 0); at != SIZE_MAX; at = sp_utf8_find_invalid(text, at)) {
            uint32_t code;
            size_t bad = 0;
            assert_int_equal(sp_utf8_decode(text, at, &code, &bad), 0);
            assert_int_equal(bad, examples[i].lengths[found]);
            found++;
            at += bad;
        }
        assert_int_equal(examples[i].lengths[found], 0);
    }
}

/* The search steps over eight bytes at a time: a bad byte is found at every distance. */
static void test_utf8_find_invalid(void **state)
{
    (void)state;
    char text[40];
    for (size_t bad = 0; bad < sizeof text; bad++)
        for (size_t from = 0; from <= sizeof text; from++) {
            memset(text, 'a', sizeof text);
            text[bad] = '\x80';
            size_t found = sp_utf8_find_invalid((sp_str){ text, sizeof text }, from);
            assert_true(found == (from <= bad ? bad : SIZE_MAX));
        }
    assert_true(sp_utf8_find_invalid((sp_str){ NULL, 0 }, 0) == SIZE_MAX);
}

/* What the search is held to: a character at a time. */
static size_t first_invalid(sp_str text)
{
    for (size_t at = 0, length; at < text.len; at += length) {
        uint32_t code;
        size_t bad;
        length = sp_utf8_decode(text, at, &code, &bad);
        if (length == 0)
            return at;
    }
    return SIZE_MAX;
}

/* The search looks at 64 bytes at once. Any two bytes, with what could follow them, around the end of a block. */
static void test_utf8_pairs(void **state)
{
    (void)state;
    char text[80];
    for (unsigned pair = 0; pair < 0x10000; pair++)
        for (unsigned more = 0; more < 3; more++)
            for (size_t at = 60; at <= 64; at++) {
                memset(text, 'a', sizeof text);
                text[at] = (char)(pair >> 8);
                text[at + 1] = (char)pair;
                memset(text + at + 2, 0x80, more);
                sp_str all = { text, sizeof text };
                assert_true(sp_utf8_find_invalid(all, 0) == first_invalid(all));
            }
}

/* All characters are found to be good, one behind the other. */
static void test_utf8_all(void **state)
{
    (void)state;
    static char text[4 * 0x110000];
    size_t len = 0;
    for (uint32_t code = 0; code < 0x110000; code++)
        if (code < 0xD800 || code > 0xDFFF)
            len += sp_utf8_encode(code, text + len);
    for (size_t from = 0; from < 0x80; from++)
        assert_true(sp_utf8_find_invalid((sp_str){ text, len }, from) == SIZE_MAX);
    for (size_t bad = len / 2; bad < len / 2 + 200; bad++) {
        char good = text[bad];
        text[bad] = '\xFE';
        size_t found = sp_utf8_find_invalid((sp_str){ text, len }, 0);
        assert_true(found <= bad && bad - found < 4 && found == first_invalid((sp_str){ text, len }));
        text[bad] = good;
    }
}

/* ---- places ------------------------------------------------------------------------------------------- */

static void test_places(void **state)
{
    (void)state;
    sp_str text = SP_STR("ab\r\n\xC3\xA9\xF0\x9F\x91\xA9x\rlone\n\xFFy");
    static const struct {
        size_t offset;
        uint32_t line, column;
        const char *shown;
    } examples[] = {
        { 0, 1, 1, "ab" },
        { 2, 1, 3, "ab" },
        { 3, 1, 4, "ab" },
        { 4, 2, 1, "\xC3\xA9\xF0\x9F\x91\xA9x" },
        { 6, 2, 2, "\xC3\xA9\xF0\x9F\x91\xA9x" },
        { 10, 2, 3, "\xC3\xA9\xF0\x9F\x91\xA9x" },
        { 12, 3, 1, "lone" },
        { 16, 3, 5, "lone" },
        { 17, 4, 1, "\xFFy" },
        { 18, 4, 2, "\xFFy" },
        { 19, 4, 3, "\xFFy" },
        { 99, 4, 3, "\xFFy" },
    };
    for (size_t i = 0; i < SP_COUNT_OF(examples); i++) {
        sp_position place = sp_position_of(text, examples[i].offset);
        assert_int_equal(place.line, examples[i].line);
        assert_int_equal(place.column, examples[i].column);
        expect_str(sp_line_at(text, examples[i].offset), examples[i].shown);
    }
    assert_int_equal(sp_position_of((sp_str){ 0 }, 0).line, 1);
    expect_str(sp_line_at((sp_str){ "", 0 }, 0), "");
    expect_str(sp_line_at(SP_STR("a\n"), 2), "");
}

/* At every place of texts in which line ends, and bytes that are nearly one, stand anywhere. */
static void test_line_ends(void **state)
{
    (void)state;
    static const char bytes[] = "\n\r\t\v\f\0\x8A\x8D\x80\xFF"
                                "a";
    char text[40];
    uint32_t random = 1;
    for (size_t round = 0; round < 20000; round++) {
        size_t length = round % (sizeof text + 1);
        for (size_t i = 0; i < length; i++) {
            random = random * 1664525 + 1013904223;
            size_t among = SP_COUNT_OF(bytes) - round % 3; /* with both line ends, with CR alone, with none */
            text[i] = bytes[SP_COUNT_OF(bytes) - among + (random >> 16) % among];
        }
        for (size_t from = 0; from <= length; from++) {
            size_t end = from;
            while (end < length && text[end] != '\n' && text[end] != '\r')
                end++;
            assert_int_equal(sp_line_end((sp_str){ text, length }, from), end);
        }
    }
}

/* ---- sp_err -------------------------------------------------------------------------------------------- */

static void test_err(void **state)
{
    (void)state;
    sp_err err;
    static char long_text[3000];
    for (size_t i = 0; i + 2 < sizeof long_text; i += 2)
        memcpy(long_text + i, "\xC3\xA9", 2);
    assert_int_equal(
        sp_err_at(&err, SP_ERR_INPUT, sp_str_of(long_text), SP_STR("a\nbc"), 3, "some.rule", "x%s", long_text),
        SP_ERR_INPUT);
    assert_int_equal(err.line, 2);
    assert_int_equal(err.column, 2);
    assert_string_equal(err.rule, "some.rule");
    assert_true(sp_utf8_find_invalid(sp_str_of(err.message), 0) == SIZE_MAX); /* cut between characters */
    assert_true(sp_str_ends(sp_str_of(err.message), SP_STR("...")));
    assert_true(sp_utf8_find_invalid(sp_str_of(err.path), 0) == SIZE_MAX);
    assert_true(sp_str_starts(sp_str_of(err.path), SP_STR("...\xC3")));
    assert_int_equal(sp_err_memory(&err), SP_ERR_NO_MEMORY);
    assert_string_equal(err.message, "out of memory");
    assert_true(err.path[0] == '\0' && err.line == 0);
}

/* ---- JSON ---------------------------------------------------------------------------------------------- */

static json_t *parsed(const sp_buf *buf)
{
    json_error_t wrong;
    json_t *root = json_loadb(buf->ptr, buf->len, JSON_ALLOW_NUL, &wrong);
    if (!root)
        fail_msg("%d:%d: %s in %.*s", wrong.line, wrong.column, wrong.text, (int)buf->len, buf->ptr);
    return root;
}

/* Every character comes back; controls, also those above ASCII, never stand in the text as they are. */
static void test_json_characters(void **state)
{
    (void)state;
    for (uint32_t code = 0; code < 0x3000; code++) {
        char bytes[5] = "";
        size_t length = code < 0xD800 ? sp_utf8_encode(code, bytes) : 0;
        sp_buf buf = { 0 };
        sp_json json = { .out = &buf };
        sp_json_begin_line(&json, NULL, '[');
        sp_json_str(&json, NULL, (sp_str){ bytes, length });
        sp_json_end(&json);
        json_t *root = parsed(&buf);
        const json_t *value = json_array_get(root, 0);
        assert_int_equal(json_string_length(value), length);
        assert_memory_equal(json_string_value(value), bytes, length);
        for (size_t i = 0; i + 1 < buf.len; i++)
            assert_false((unsigned char)buf.ptr[i] < 0x20 || buf.ptr[i] == 0x7F);
        if (code >= 0x80 && code < 0xA0)
            assert_true(sp_str_find(sp_buf_str(&buf), SP_STR("\\u00"), 0) != SIZE_MAX);
        json_decref(root);
        sp_buf_release(&buf);
    }
}

static void test_json_invalid_utf8(void **state)
{
    (void)state;
    sp_buf buf = { 0 };
    sp_json json = { .out = &buf };
    sp_json_begin(&json, NULL, '{');
    sp_json_str(&json, "k\"\xFF", (sp_str){ "\xE1\x80\xE2\xF0\x91\x92\xF1\xBF\x41\xC3", 10 });
    sp_json_str(&json, "none", (sp_str){ NULL, 0 });
    sp_json_end(&json);
    json_t *root = parsed(&buf);
    assert_string_equal(json_string_value(json_object_get(root, "k\"\xEF\xBF\xBD")),
                        "\xEF\xBF\xBD\xEF\xBF\xBD\xEF\xBF\xBD\xEF\xBF\xBD\x41\xEF\xBF\xBD");
    assert_true(json_is_null(json_object_get(root, "none")));
    json_decref(root);
    sp_buf_release(&buf);
}

static void test_json_layout(void **state)
{
    (void)state;
    sp_buf buf = { 0 };
    sp_json json = { .out = &buf };
    sp_json_begin(&json, NULL, '{');
    sp_json_uint(&json, "n", UINT64_MAX);
    sp_json_begin(&json, "empty", '[');
    sp_json_end(&json);
    sp_json_begin(&json, "rows", '[');
    sp_json_begin_line(&json, NULL, '{');
    sp_json_bool(&json, "yes", true);
    sp_json_pair(&json, "lines", 1, 2);
    sp_json_begin(&json, "inner", '{'); /* what stands on a line stays on it */
    sp_json_null(&json, "x");
    sp_json_end(&json);
    sp_json_end(&json);
    sp_json_end(&json);
    sp_json_end(&json);
    expect_str(sp_buf_str(&buf), "{\n  \"n\": 18446744073709551615,\n  \"empty\": [],\n  \"rows\": [\n"
                                 "    {\"yes\": true, \"lines\": [1, 2], \"inner\": {\"x\": null}}\n  ]\n}\n");
    sp_buf_release(&buf);
}

/* ---- text that is safe to look at ------------------------------------------------------------------------ */

static void test_escape(void **state)
{
    (void)state;
    static const struct {
        sp_str text;
        const char *escaped;
    } examples[] = {
        { { "plain \xC3\xA9 \xF0\x9F\x91\xA9\ttab", 17 }, "plain \xC3\xA9 \xF0\x9F\x91\xA9\ttab" },
        { { "\x1b[31m", 5 }, "\\x1b[31m" },
        { { "a\0b\n\r\x7f", 6 }, "a\\x00b\\x0a\\x0d\\x7f" },
        { { "\xC2\x9B"
            "1m",
            4 },
          "<U+009B>1m" },                      /* C1: a terminal's other way to begin a sequence */
        { { "\xE2\x80\xAE", 3 }, "<U+202E>" }, /* right to left from here */
        { { "\xE2\x81\xA6\xE2\x80\x8B\xEF\xBB\xBF", 9 }, "<U+2066><U+200B><U+FEFF>" },
        { { "\xE2\x80\xA8", 3 }, "<U+2028>" },
        { { "\xF3\xA0\x81\x81", 4 }, "<U+E0041>" }, /* a tag */
        { { "\xEE\x80\x80", 3 }, "<U+E000>" },      /* private use */
        { { "\xC2\xAD", 2 }, "<U+00AD>" },
        { { "\xFF\xE2\x80", 3 }, "\\xff\\xe2\\x80" },
        { { NULL, 0 }, "" },
    };
    for (size_t i = 0; i < SP_COUNT_OF(examples); i++) {
        char *escaped;
        size_t length;
        sp_err err;
        assert_int_equal(sp_text_escape(examples[i].text, &escaped, &length, &err), SP_OK);
        assert_string_equal(escaped, examples[i].escaped);
        assert_int_equal(length, strlen(escaped));
        free(escaped);
    }
}

/* Whatever the bytes, what comes out is UTF-8 and holds no control but the tab. */
static void test_escape_any_bytes(void **state)
{
    (void)state;
    for (unsigned i = 0; i < 65536; i++) {
        char bytes[3] = { (char)(i >> 8), (char)(i & 0xFF), 'x' };
        char *escaped;
        size_t length;
        sp_err err;
        assert_int_equal(sp_text_escape((sp_str){ bytes, 3 }, &escaped, &length, &err), SP_OK);
        for (size_t at = 0; at < length;) {
            uint32_t code;
            size_t bad;
            size_t step = sp_utf8_decode((sp_str){ escaped, length }, at, &code, &bad);
            if (step == 0 || (code < 0x20 && code != '\t') || (code >= 0x7F && code < 0xA0))
                fail_msg("%02x %02x comes out as %s", i >> 8, i & 0xFF, escaped);
            at += step;
        }
        free(escaped);
    }
}

/* ---- tables -------------------------------------------------------------------------------------------- */

static void test_table_width(void **state)
{
    (void)state;
    assert_int_equal(sp_table_width(SP_STR("abc")), 3);
    assert_int_equal(sp_table_width(SP_STR("\xE4\xBD\xA0\xE5\xA5\xBD")), 4); /* two wide characters */
    assert_int_equal(sp_table_width(SP_STR("e\xCC\x81")), 1);                /* a combining accent */
    assert_int_equal(sp_table_width(SP_STR("\xF0\x9F\x91\xA9")), 2);
    assert_int_equal(sp_table_width(SP_STR("\xFF")), 1);
    assert_int_equal(sp_table_width((sp_str){ NULL, 0 }), 0);
    for (uint32_t code = 1; code <= 0x10FFFF; code += code == 0xD7FF ? 0x801 : 1) {
        char bytes[4];
        sp_str character = { bytes, sp_utf8_encode(code, bytes) };
        assert_true(sp_table_width(character) <= character.len);
    }
}

static void test_table(void **state)
{
    (void)state;
    static const sp_column columns[] = { { "n", true }, { "name", false }, { "why", false } };
    static const sp_style plain = { 0 };
    sp_buf out = { 0 };
    sp_table table = { .out = &out, .columns = columns, .column_count = 3, .style = &plain };
    sp_table_row(&table, (sp_str[]){ SP_STR("1"), SP_STR("\xE4\xBD\xA0"), SP_STR("wide") });
    sp_table_row(&table, (sp_str[]){ SP_STR("1,000"), SP_STR("e\xCC\x81"), SP_STR("one cell") });
    sp_table_row(&table, (sp_str[]){ SP_STR(""), SP_STR("\x1b[m"), SP_STR("escaped") });
    sp_table_row(&table, (sp_str[]){ SP_STR("2"), SP_STR("no end"), SP_STR("") });
    sp_table_end(&table);
    expect_str(sp_buf_str(&out), "    n  name    why\n"
                                 "    1  \xE4\xBD\xA0      wide\n"
                                 "1,000  e\xCC\x81       one cell\n"
                                 "       \\x1b[m  escaped\n"
                                 "    2  no end\n");
    sp_buf_release(&out);
}

static void test_table_numbers(void **state)
{
    (void)state;
    char buffer[32];
    expect_str(sp_number_text(buffer, 0), "0");
    expect_str(sp_number_text(buffer, 999), "999");
    expect_str(sp_number_text(buffer, 1000), "1,000");
    expect_str(sp_number_text(buffer, UINT64_MAX), "18,446,744,073,709,551,615");
}

/* ---- diagnostics ---------------------------------------------------------------------------------------- */

static sp_str rendered(const sp_diagnostic *diagnostic, unsigned width)
{
    char *bytes;
    size_t length;
    sp_err err;
    sp_style style = { .width_columns = width };
    assert_int_equal(sp_diagnostic_render(diagnostic, SP_STR("some.rule"), true, &style, &bytes, &length, &err), SP_OK);
    return (sp_str){ bytes, length };
}

static void expect_diagnostic(sp_str source_line, uint32_t column, const char *expected)
{
    sp_diagnostic diagnostic = { .level = SP_WARNING,
                                 .line = 7,
                                 .column = column,
                                 .path = SP_STR("a\x1b.md"),
                                 .message = SP_STR("it\nis"),
                                 .source_line = source_line };
    sp_str text = rendered(&diagnostic, 80);
    sp_buf whole = { 0 };
    sp_buf_format(&whole, "a\\x1b.md:7:%u: warning: it\\x0ais [some.rule]\n%s", column, expected);
    sp_buf_add_char(&whole, '\0');
    expect_str(text, whole.ptr);
    sp_buf_release(&whole);
    free((char *)text.ptr);
}

static void test_diagnostic_caret(void **state)
{
    (void)state;
    expect_diagnostic(SP_STR("plain"), 3, "    7 | plain\n      |   ^\n");
    expect_diagnostic(SP_STR("end"), 4, "    7 | end\n      |    ^\n");
    expect_diagnostic(SP_STR("\xE4\xBD\xA0\xE5\xA5\xBDx"), 3, "    7 | \xE4\xBD\xA0\xE5\xA5\xBDx\n      |     ^\n");
    expect_diagnostic(SP_STR("e\xCC\x81x"), 3, "    7 | e\xCC\x81x\n      |  ^\n");
    expect_diagnostic(SP_STR("\x1b[mx"), 2, "    7 | \\x1b[mx\n      |     ^\n");
    expect_diagnostic(SP_STR("\xFF\xFFx"), 3, "    7 | \\xff\\xffx\n      |         ^\n");
    expect_diagnostic(SP_STR("\ta\tb"), 4, "    7 | \ta\tb\n      | \t \t^\n"); /* tabs take what they take above */
    expect_diagnostic(SP_STR(""), 1, "");
}

/* Of a long line what is near the column is shown, and no line is wider than the terminal. */
static void test_diagnostic_long_line(void **state)
{
    (void)state;
    char line[1001] = "";
    memset(line, 'a', 1000);
    line[499] = 'X';
    for (unsigned width = 0; width < 200; width += 20) {
        sp_diagnostic diagnostic = {
            .line = 1, .column = 500, .path = SP_STR("p"), .message = SP_STR("m"), .source_line = { line, 1000 }
        };
        sp_str text = rendered(&diagnostic, width);
        size_t first = sp_str_find(text, SP_STR("\n"), 0) + 1;
        size_t second = sp_str_find(text, SP_STR("\n"), first) + 1;
        size_t mark = sp_str_find(text, SP_STR("X"), first);
        size_t caret = sp_str_find(text, SP_STR("^"), second);
        assert_true(mark < second && mark - first == caret - second);
        assert_true(second - first - 1 <= (width > 40 ? width : 80));
        free((char *)text.ptr);
    }
}

/* The place that is walked to from an earlier one is the place itself, and messages in any order have theirs. */
static void test_places_in_steps(void **state)
{
    (void)state;
    sp_str text = SP_STR("a\xC3\xA9\r\nb\rc\n\n\xFFz\xE4\xBD\xA0 end");
    sp_arena arena = { 0 };
    sp_diags diags = { .arena = &arena };
    sp_err err;
    sp_position place = { 1, 1 };
    for (size_t at = 0, last = 0; at <= text.len; at++) {
        if (at < text.len && ((unsigned char)text.ptr[at] & 0xC0) == 0x80)
            continue;
        place = sp_position_after(text, place, last, at);
        last = at;
        assert_int_equal(place.line, sp_position_of(text, at).line);
        assert_int_equal(place.column, sp_position_of(text, at).column);
    }
    static const size_t offsets[] = { 0, 9, 5, 11, 11, 2, 14 };
    for (size_t i = 0; i < SP_COUNT_OF(offsets); i++) {
        assert_int_equal(sp_diag_add(&diags, &err, SP_NOTE, SP_STR("a"), text, offsets[i], 7, "m"), SP_OK);
        assert_int_equal(diags.items[i].line, sp_position_of(text, offsets[i]).line);
        assert_int_equal(diags.items[i].column, sp_position_of(text, offsets[i]).column);
        assert_true(sp_str_eq(diags.items[i].source_line, sp_line_at(text, offsets[i])));
    }
    sp_arena_release(&arena);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_str),
        cmocka_unit_test(test_parts_of_str),
        cmocka_unit_test(test_places_in_steps),
        cmocka_unit_test(test_str_find),
        cmocka_unit_test(test_buf),
        cmocka_unit_test(test_buf_valid_utf8),
        cmocka_unit_test(test_buf_fails_once_and_for_all),
        cmocka_unit_test(test_arena),
        cmocka_unit_test(test_arena_keeps_the_room_of_its_block),
        cmocka_unit_test(test_arena_leaves_large_objects_alone),
        cmocka_unit_test(test_arena_overflow),
        cmocka_unit_test(test_arena_texts),
        cmocka_unit_test(test_reading_has_one_answer),
        cmocka_unit_test(test_removed_directory_ends),
        cmocka_unit_test(test_path_join),
        cmocka_unit_test(test_paths),
        cmocka_unit_test(test_utf8_classes),
        cmocka_unit_test(test_utf8_round_trip),
        cmocka_unit_test(test_utf8_characters),
        cmocka_unit_test(test_utf8_spaces),
        cmocka_unit_test(test_utf8_subparts),
        cmocka_unit_test(test_utf8_find_invalid),
        cmocka_unit_test(test_utf8_pairs),
        cmocka_unit_test(test_utf8_all),
        cmocka_unit_test(test_places),
        cmocka_unit_test(test_line_ends),
        cmocka_unit_test(test_err),
        cmocka_unit_test(test_json_characters),
        cmocka_unit_test(test_json_invalid_utf8),
        cmocka_unit_test(test_json_layout),
        cmocka_unit_test(test_escape),
        cmocka_unit_test(test_escape_any_bytes),
        cmocka_unit_test(test_table_width),
        cmocka_unit_test(test_table),
        cmocka_unit_test(test_table_numbers),
        cmocka_unit_test(test_diagnostic_caret),
        cmocka_unit_test(test_diagnostic_long_line),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
