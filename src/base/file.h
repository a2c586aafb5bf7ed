/*
 * file.h - the one way in: read a file, list a folder, resolve a link.
 *
 * Everything that a prompt is made of comes through an sp_reader, so that a prompt can be built from the working
 * tree (sp_reader_disk) or from something that only looks like one. What stands at a path may be anything; a reader
 * says what it found (sp_file_state) and fails only where the system refuses to answer.
 */
#ifndef SP_FILE_H
#define SP_FILE_H

#include "base/base.h"

typedef enum sp_file_state {
    SP_FILE_READ,     /* a regular file, read whole */
    SP_FILE_ABSENT,   /* nothing there */
    SP_FILE_DANGLING, /* a symbolic link to nothing, or to itself */
    SP_FILE_FOLDER,
    SP_FILE_SPECIAL, /* a FIFO, a socket, a device */
    SP_FILE_LARGE,   /* a regular file over the limit: not read */
    SP_FILE_OUTSIDE, /* its real path is in none of the folders that are allowed: not read */
} sp_file_state;

typedef struct sp_file {
    sp_file_state state;
    sp_str bytes;
    sp_str real_path;    /* of the descriptor that was read, not of the name */
    uint64_t size_bytes; /* as the system gives it */
    uint64_t device;     /* device and inode together are the file's identity */
    uint64_t inode;
    const char *what; /* for messages: "a folder", "a FIFO", ... */
} sp_file;

typedef struct sp_read_limits {
    uint64_t max_bytes;
    const sp_str *within; /* real folders; a file elsewhere is SP_FILE_OUTSIDE. NULL allows every place */
    size_t within_count;
} sp_read_limits;

typedef struct sp_entry {
    sp_str name;
    bool is_folder; /* also through a link */
} sp_entry;

typedef struct sp_reader {
    /* Opens once, asks the descriptor, reads it to its end. Errors: SP_ERR_INPUT with the system's reason. */
    sp_status (*read)(sp_arena *arena, sp_str path, sp_read_limits limits, sp_file *ret, sp_err *err);
    /* The entries in order of their bytes; none for a folder that is not there. */
    sp_status (*list)(sp_arena *arena, sp_str path, sp_entry **ret, size_t *ret_count, sp_err *err);
    /* The path with every link resolved, or ptr NULL where there is nothing. */
    sp_status (*resolve)(sp_arena *arena, sp_str path, sp_str *ret, sp_err *err);
} sp_reader;

extern const sp_reader sp_reader_disk;

/* SP_ERR_INPUT for a file that had to be read and is ABSENT, DANGLING, a FOLDER or SPECIAL, with what to do about it.
 */
sp_status sp_err_unread(sp_err *err, sp_str path, const sp_file *file);

/* Reads standard input, or whatever descriptor the caller was given, to its end. name is for messages. */
SP_MUST_USE sp_status sp_read_descriptor(int descriptor, sp_str name, uint64_t max_bytes, sp_buf *buf, sp_err *err);

/* The descriptor behind -, /dev/stdin or /dev/fd/N, or -1. The caller opened it, so it may be a pipe. */
int sp_descriptor_of(sp_str path);

/* ---- paths: plain text, nothing is looked up --------------------------------------------------- */

/* folder/name with . and .. and doubled slashes taken out. An absolute name stands alone. */
sp_str sp_path_join(sp_arena *arena, sp_str folder, sp_str name);
/* The part before the last slash ("/" for "/x", "." for "x"). Borrowed from path. */
sp_str sp_path_folder(sp_str path);
/* The part after the last slash. Borrowed from path. */
sp_str sp_path_base(sp_str path);
/* Whether path is folder itself or lies below it. */
bool sp_path_is_within(sp_str path, sp_str folder);
/* path as seen from folder: without the prefix when below it, else unchanged. Borrowed. */
sp_str sp_path_below(sp_str path, sp_str folder);

#endif
