/*
 * file.h - the one way in: read a file, list a folder, resolve a link.
 *
 * Everything that a prompt is made of comes through an sp_reader, so that a prompt can be built from the working
 * tree (sp_reader_disk) or from a git revision that is laid over it (revision.h). What stands at a path may be
 * anything; a reader says what it found (sp_file_state) and fails only where the system refuses to answer.
 */
#ifndef SP_FILE_H
#define SP_FILE_H

#include "base/base.h"
#include "base/types.h"

typedef enum sp_file_state {
    SP_FILE_READ,     /* a regular file, read whole */
    SP_FILE_KNOWN,    /* a regular file that is known already (sp_read_limits): not read */
    SP_FILE_LARGE,    /* a regular file over the limit: not read */
    SP_FILE_OUTSIDE,  /* its real path is in none of the places that are allowed: not read */
    SP_FILE_EXTERNAL, /* a link on the path leads out of where links may lead: not read */
    SP_FILE_ABSENT,   /* nothing there */
    SP_FILE_DANGLING, /* a symbolic link to nothing, or to itself */
    SP_FILE_DENIED,   /* the system does not let us */
    SP_FILE_FOLDER,
    SP_FILE_SPECIAL, /* a FIFO, a socket, a device: not opened */
} sp_file_state;

typedef struct sp_file {
    sp_file_state state;
    sp_str bytes;
    sp_str real_path;    /* of what was opened, not of the name */
    uint64_t size_bytes; /* as the system gives it */
    uint64_t device;     /* device and inode together are the file's identity */
    uint64_t inode;
    bool was_dangling; /* of what limits refuse: it is a link whose target does not exist, */
    bool is_hidden;    /* or more generally, nothing was found there, so that it has no identity */
    uint32_t owner;    /* the number of the user whose it is */
    const char *what;  /* for messages: "a folder", "a FIFO", ...; NULL where the state says all */
} sp_file;

/* Real folders that a real path may lie in; items NULL is everywhere. */
typedef struct sp_places {
    const sp_str *items;
    size_t count;
} sp_places;

bool sp_places_hold(sp_places places, sp_str real_path);

/* Who asks for a path. The reader that sources/origin.h puts before the others judges links by it. */
typedef enum sp_origin {
    SP_ORIGIN_SEARCH,       /* a client looks there by itself: the place of the path decides */
    SP_ORIGIN_COMMAND_LINE, /* the user named it */
    SP_ORIGIN_REPOSITORY,   /* a file of the repository names it */
    SP_ORIGIN_TRUSTED,      /* its links may lead anywhere */
} sp_origin;

/* How far links may lead; never into a .git below one of the places. */
typedef struct sp_bounds {
    sp_places places;
    sp_str except; /* a directory in one of them that does not belong to it; ptr NULL: none */
} sp_bounds;

bool sp_bounds_hold(const sp_bounds *bounds, sp_str real_path);

typedef struct sp_read_limits {
    uint64_t max_bytes; /* 0 looks without reading: what is there is then SP_FILE_LARGE, or READ when it is empty */
    sp_places within;   /* the real path has to lie in both, else it is SP_FILE_OUTSIDE, */
    sp_places root;
    sp_bounds bounds; /* and in these, else it is SP_FILE_EXTERNAL */
    sp_origin origin;
    bool hides_outside; /* whether something is there is not told where the path leads out, links followed, also where
                         * it leads out and back: such a path is refused */
    bool is_unsorted;   /* of a directory: its entries as the file system has them, where the reader is of the disk */
    /* A file that this says is known is not read again; NULL knows none. */
    bool (*is_known)(const void *context, uint64_t device, uint64_t inode);
    const void *context;
} sp_read_limits;

/* SP_FILE_READ where the limits let a real path be read, else the state that says why not. */
sp_file_state sp_limits_judge(const sp_read_limits *limits, sp_str real_path);

typedef struct sp_entry {
    sp_str name;
    bool is_folder; /* also through a link */
    bool is_file;   /* a regular file, also through a link */
    bool is_link;
} sp_entry;

typedef struct sp_listing {
    sp_file_state state; /* SP_FILE_FOLDER when it was listed, else why not */
    const char *what;    /* as that of a file that cannot be opened; else NULL */
    sp_str real_path;
    sp_entry *entries; /* in order of their bytes, unless the limits say otherwise */
    size_t count;
    bool is_nothing; /* surely nothing has the name, not even a file; false is not known */
} sp_listing;

/* Where a file lies, or would be created. */
typedef struct sp_file_place {
    sp_str real_path; /* absolute and without links; ptr NULL: not known, or not a regular file */
    bool exists;
    uint64_t device; /* device and inode together are the file's identity, if it exists */
    uint64_t inode;
} sp_file_place;

typedef struct sp_reader {
    void *context; /* of the reader's own */
    sp_status (*read)(void *context, sp_arena *arena, sp_str path, sp_read_limits limits, sp_file *ret, sp_err *err);
    sp_status (*list)(void *context, sp_arena *arena, sp_str path, sp_read_limits limits, sp_listing *ret, sp_err *err);
} sp_reader;

/* Looks once, and reads what it found to its end. Errors: SP_ERR_INPUT with the system's reason. */
SP_MUST_USE static inline sp_status sp_reader_read(const sp_reader *reader, sp_arena *arena, sp_str path,
                                                   sp_read_limits limits, sp_file *ret, sp_err *err)
{
    return reader->read(reader->context, arena, path, limits, ret, err);
}

/* The entries of a folder, if its real path lies within the limits. */
SP_MUST_USE static inline sp_status sp_reader_list(const sp_reader *reader, sp_arena *arena, sp_str path,
                                                   sp_read_limits limits, sp_listing *ret, sp_err *err)
{
    return reader->list(reader->context, arena, path, limits, ret, err);
}

/* Whether there is a regular file, read or not. */
static inline bool sp_file_exists(const sp_file *file)
{
    return file->state == SP_FILE_READ || file->state == SP_FILE_KNOWN || file->state == SP_FILE_LARGE;
}

/* Takes the words of the real path for the identity of a file of which nothing may be told: two hard links out there
 * are two files then, as two absent ones are. */
void sp_file_identify(sp_file *file);

/* Fills in an error for a file that was named and cannot be read. */
sp_status sp_err_unread(sp_err *err, sp_str path, const sp_file *file);

/* Whether a relative path can be there: the listing has its first part. */
bool sp_listing_may_have(const sp_listing *listing, sp_str path);

extern const sp_reader sp_reader_disk;

/* The target of the link at path, as it is written; ptr NULL where there is none. path.ptr ends in NUL. Fails only with
 * SP_ERR_NO_MEMORY. */
SP_MUST_USE sp_status sp_file_link(sp_arena *arena, sp_str path, sp_str *ret, sp_err *err);

/* Where an absolute path leads by the links on it, whether something is there or not: from the first part on that is
 * not there, or after 40 links, by its words. on_link, which may be NULL, is given the path of each link on the way,
 * which ends in NUL and lives until it returns; what it fails with ends the walk. */
SP_MUST_USE sp_status sp_file_follow(sp_arena *arena, sp_str path,
                                     sp_status (*on_link)(void *context, sp_str link, sp_err *err), void *context,
                                     sp_str *ret, sp_err *err);

/* For qsort: entries in order of their bytes. */
int sp_entry_compare(const void *a, const void *b);

/* Reads standard input, or whatever descriptor the caller was given, to its end. name is for messages. */
SP_MUST_USE sp_status sp_read_descriptor(int descriptor, sp_str name, uint64_t max_bytes, sp_buf *buf, sp_err *err);

/* What stands at path, through links, without opening it: state is SP_FILE_READ for a regular file. Errors:
 * SP_ERR_INPUT with the system's reason. */
SP_MUST_USE sp_status sp_file_look(sp_str path, sp_file *ret, sp_err *err);

/* How many of the first bytes of a regular file are in head; 0: none, or it is another kind of file, which is not
 * opened, or it cannot be read. Allocates nothing. */
size_t sp_file_head(const char *path, char *head, size_t room);

/* The descriptor behind -, /dev/stdin or /dev/fd/N, or -1. The caller opened it, so it may be a pipe. */
int sp_descriptor_of(sp_str path);

/* ---- paths: plain text, nothing is looked up --------------------------------------------------- */

/* folder/name with ., .. and doubled slashes taken out as text, as the client does. An absolute name stands alone. */
sp_str sp_path_join(sp_arena *arena, sp_str folder, sp_str name);
/* folder/name as the user wrote it: a .. behind a link means what it means to the system. */
sp_str sp_path_append(sp_arena *arena, sp_str folder, sp_str name);
/* The part before the last slash ("/" for "/x", "." for "x"). Borrowed from path. */
sp_str sp_path_folder(sp_str path);
/* The part after the last slash. Borrowed from path. */
sp_str sp_path_base(sp_str path);
/* Whether path is folder itself or lies below it. */
bool sp_path_is_within(sp_str path, sp_str folder);
/* Whether a part of the path is .git with something below it, also .GIT, which is the same where the file system does
 * not tell case apart. Such files hold credentials, and programs that git runs. */
bool sp_path_is_in_git(sp_str path);
/* path as seen from folder: without the prefix when below it, else unchanged. Borrowed. */
sp_str sp_path_below(sp_str path, sp_str folder);

/* Reads a file whole, whatever it holds; path "-" is standard input, and /dev/stdin and /dev/fd/N are the caller's
 * descriptors. *ret_bytes is malloc'd, the caller frees it, and it is never NULL. A folder, a FIFO, a device and
 * anything else that cannot be read is SP_ERR_INPUT. */
SP_MUST_USE sp_status sp_file_load(const char *path, char **ret_bytes, size_t *ret_len, sp_err *err);

/* A file that is read piece by piece, in memory that does not grow with it. */
typedef struct sp_stream {
    const char *path; /* for messages: "<stdin>" for -. Borrowed from the caller until sp_stream_close */
    int descriptor;
    bool is_borrowed;    /* the caller's descriptor, which stays open */
    uint64_t size_bytes; /* as the system gives it; 0 where it does not know */
    uint64_t read_bytes; /* until now */
} sp_stream;

/* Opens what sp_file_load would read, with the same errors. *ret is the caller's, to be closed. */
SP_MUST_USE sp_status sp_stream_open(const char *path, sp_stream *ret, sp_err *err);

/* Reads up to room bytes, which is above 0: as many as are there by now, waiting only when there are none. *ret_len is
 * 0 at the end. Errors: SP_ERR_INPUT with the system's reason. */
SP_MUST_USE sp_status sp_stream_read(sp_stream *stream, char *buffer, size_t room, size_t *ret_len, sp_err *err);

void sp_stream_close(sp_stream *stream);

#endif
