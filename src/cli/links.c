/*
 * links.c - links of a repository on the path of an output.
 *
 * Whoever clones a repository gets its links, too. One that leads out of it, or into its .git, would make a file of the
 * user's choice, such as prompt.txt, another one of the repository's choice, such as .git/config, which names programs
 * for git to run. So the path is walked as the system would walk it, and each link that lies in a repository is judged.
 * A checkout may come without .git, so where there is no repository, the working directory counts as one. A link of the
 * user's own lies in neither. Whoever can put a link there meanwhile can write to the repository anyway.
 */
#include "cli/cli.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <sys/stat.h>
#include <unistd.h>

enum { MOST_LINKS = 40 }; /* as for the system */

typedef struct walk {
    char here[PATH_MAX]; /* absolute and without links; "" for the root */
    char rest[PATH_MAX]; /* still to go */
    char name[PATH_MAX];
    char link[2 * PATH_MAX];
    char repository[PATH_MAX]; /* that the link lies in, */
    const char *what;          /* and what that is called */
    char target[PATH_MAX];
    unsigned link_count;
} walk; /* too much for a small stack */

/* False, with errno, when it does not fit. */
static bool copy(char to[PATH_MAX], const char *from)
{
    size_t len = strlen(from);
    errno = ENAMETOOLONG;
    if (len >= PATH_MAX)
        return false;
    memcpy(to, from, len + 1);
    return true;
}

static bool begin(walk *w, const char *path)
{
    if (path[0] != '/' && !getcwd(w->here, sizeof w->here))
        return false;
    if (path[0] == '/' || strcmp(w->here, "/") == 0)
        w->here[0] = '\0';
    return copy(w->rest, path);
}

static void go_up(walk *w)
{
    char *slash = strrchr(w->here, '/');
    if (slash)
        *slash = '\0';
}

static bool go_down(walk *w, const char *name)
{
    size_t len = strlen(w->here), name_len = strlen(name);
    errno = ENAMETOOLONG;
    if (name_len >= PATH_MAX - 1 - len)
        return false;
    w->here[len] = '/';
    memcpy(w->here + len + 1, name, name_len + 1);
    return true;
}

/* Takes the next name off the rest; false at the end. */
static bool take_name(walk *w)
{
    const char *at = w->rest + strspn(w->rest, "/");
    size_t len = strcspn(at, "/");
    memcpy(w->name, at, len);
    w->name[len] = '\0';
    memmove(w->rest, at + len, strlen(at + len) + 1);
    return len > 0;
}

/* Goes on where the link leads that the walk has come to. */
static bool follow(walk *w)
{
    ssize_t len = readlink(w->here, w->link, PATH_MAX - 1);
    if (len < 0)
        return false;
    snprintf(w->link + len, sizeof w->link - (size_t)len, "/%s", w->rest);
    go_up(w);
    if (w->link[0] == '/')
        w->here[0] = '\0';
    errno = ELOOP;
    return w->link_count++ < MOST_LINKS && copy(w->rest, w->link);
}

/* Whether a path lies below a directory. Both are absolute and without links. */
static bool is_below(const char *path, const char *directory)
{
    size_t len = strlen(directory);
    return strncmp(path, directory, len) == 0 && path[len] == '/';
}

static bool is_or_holds(const char *directory, const char *path)
{
    return strcmp(path, directory) == 0 || is_below(path, directory);
}

static bool find_home(char home[PATH_MAX])
{
    const char *value = getenv("HOME");
    return value && realpath(value, home);
}

/* Home, and what holds it, is full of the user's own links. */
static bool holds_home(const char *directory)
{
    char home[PATH_MAX];
    return find_home(home) && is_or_holds(directory, home);
}

/* As sp_place_repository_of: with dotfiles under version control home would be the repository of every directory in it,
 * whoever that came from. So it is one of what is right in it alone. */
static bool is_around_home(const char *repository, const char *link)
{
    char home[PATH_MAX], folder[PATH_MAX];
    snprintf(folder, sizeof folder, "%s", link);
    *strrchr(folder, '/') = '\0';
    return find_home(home) && is_or_holds(repository, home) && is_below(folder, home);
}

/* Sets the repository that the link lies in, or the working directory in its place; false for neither. */
static bool find_repository(walk *w)
{
    char *repository = w->repository;
    struct stat info;
    w->what = "the repository";
    snprintf(repository, sizeof w->repository, "%s", w->here);
    for (char *slash = strrchr(repository, '/'); slash; slash = strrchr(repository, '/')) {
        *slash = '\0';
        snprintf(w->link, sizeof w->link, "%s/.git", repository);
        if (lstat(w->link, &info) == 0 && !is_around_home(repository, w->here))
            return true;
    }
    w->what = "the working directory";
    return getcwd(repository, sizeof w->repository) && is_below(w->here, repository) && !holds_home(repository);
}

static bool holds_git(const char *path)
{
    static const char git[] = ".git";
    for (const char *at = path; *at; at += strcspn(at, "/")) {
        at += strspn(at, "/");
        if (strcspn(at, "/") == strlen(git) && strncasecmp(at, git, strlen(git)) == 0)
            return true;
    }
    return false;
}

static sp_status refuse(const char *path, const walk *w, const char *how, sp_err *err)
{
    *err = (sp_err){ .status = SP_ERR_OUTPUT };
    snprintf(err->path, sizeof err->path, "%.500s", path);
    snprintf(err->message, sizeof err->message,
             "cannot write: %.250s is a symbolic link in %s and leads %s, to %.500s; if you mean that place, name it "
             "instead of the link",
             w->here + strlen(w->repository) + 1, w->what, how, w->target);
    return err->status;
}

/* Puts the real path of the repository into w->link, "" for the root. The walk has it as the user wrote it, and where
 * the file system ignores case, that cannot be compared with another path. */
static bool resolve_repository(walk *w)
{
    if (!realpath(*w->repository ? w->repository : "/", w->link))
        return false;
    if (strcmp(w->link, "/") == 0)
        w->link[0] = '\0';
    return true;
}

/* The link that the walk has come to. Where it leads nowhere, opening the output will say so. */
static sp_status judge(const char *path, walk *w, sp_err *err)
{
    if (!find_repository(w) || !realpath(w->here, w->target) || !resolve_repository(w))
        return SP_OK;
    if (strcmp(w->target, w->link) != 0 && !is_below(w->target, w->link))
        return refuse(path, w, "out of it", err);
    return holds_git(w->target + strlen(w->link)) ? refuse(path, w, "into a .git directory", err) : SP_OK;
}

static sp_status check(const char *path, walk *w, sp_err *err)
{
    struct stat info;
    if (!begin(w, path))
        return cli_fail_at(path, "write", err);
    while (take_name(w)) {
        if (strcmp(w->name, ".") == 0)
            continue;
        if (strcmp(w->name, "..") == 0) {
            go_up(w);
            continue;
        }
        if (!go_down(w, w->name))
            return cli_fail_at(path, "write", err);
        if (lstat(w->here, &info) != 0)
            return SP_OK; /* opening it says why */
        if (!S_ISLNK(info.st_mode))
            continue;
        sp_status status = judge(path, w, err);
        if (status != SP_OK)
            return status;
        if (!follow(w))
            return cli_fail_at(path, "write", err);
    }
    return SP_OK;
}

sp_status cli_check_links(const char *path, sp_err *err)
{
    walk *w = calloc(1, sizeof *w);
    if (!w) {
        *err = (sp_err){ .status = SP_ERR_NO_MEMORY, .message = "out of memory" };
        return err->status;
    }
    sp_status status = check(path, w, err);
    free(w);
    return status;
}
