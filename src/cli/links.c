/*
 * links.c - links of a repository on the path of an output.
 *
 * Whoever clones a repository gets its links, too. One that leads out of it, or into its .git, would make a file of the
 * user's choice, such as prompt.txt, another one of the repository's choice, such as .git/config, which names programs
 * for git to run. So the path is walked as the system would walk it, and each link that lies in a repository is judged.
 * A link of the user's own lies in none. Whoever can put a link there meanwhile can write to the repository anyway.
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
    unsigned link_count;
} walk;

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
static bool take_name(walk *w, char name[PATH_MAX])
{
    const char *at = w->rest + strspn(w->rest, "/");
    size_t len = strcspn(at, "/");
    memcpy(name, at, len);
    name[len] = '\0';
    memmove(w->rest, at + len, strlen(at + len) + 1);
    return len > 0;
}

/* Goes on where the link leads that the walk has come to. */
static bool follow(walk *w)
{
    char text[PATH_MAX], rest[2 * PATH_MAX];
    ssize_t len = readlink(w->here, text, sizeof text - 1);
    if (len < 0)
        return false;
    text[len] = '\0';
    snprintf(rest, sizeof rest, "%s/%s", text, w->rest);
    go_up(w);
    if (text[0] == '/')
        w->here[0] = '\0';
    errno = ELOOP;
    return w->link_count++ < MOST_LINKS && copy(w->rest, rest);
}

/* Sets the repository that a file lies in; false for none. */
static bool find_repository(const char *file, char ret[PATH_MAX])
{
    char mark[PATH_MAX + sizeof "/.git"];
    struct stat info;
    snprintf(ret, PATH_MAX, "%s", file);
    for (char *slash = strrchr(ret, '/'); slash; slash = strrchr(ret, '/')) {
        *slash = '\0';
        snprintf(mark, sizeof mark, "%s/.git", ret);
        if (lstat(mark, &info) == 0)
            return true;
    }
    return false;
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

static sp_status refuse(const char *path, const walk *w, const char *repository, const char *how, const char *target,
                        sp_err *err)
{
    *err = (sp_err){ .status = SP_ERR_OUTPUT };
    snprintf(err->path, sizeof err->path, "%.500s", path);
    snprintf(
        err->message, sizeof err->message,
        "cannot write: %.250s is a symbolic link in the repository and leads %s, to %.500s; if you mean that place, "
        "name it instead of the link",
        w->here + strlen(repository) + 1, how, target);
    return err->status;
}

/* The link that the walk has come to. Where it leads nowhere, opening the output will say so. */
static sp_status judge(const char *path, const walk *w, sp_err *err)
{
    char repository[PATH_MAX], target[PATH_MAX];
    if (!find_repository(w->here, repository) || !realpath(w->here, target))
        return SP_OK;
    size_t len = strlen(repository);
    if (strncmp(target, repository, len) != 0 || (target[len] != '/' && target[len] != '\0'))
        return refuse(path, w, repository, "out of it", target, err);
    return holds_git(target + len) ? refuse(path, w, repository, "into a .git directory", target, err) : SP_OK;
}

sp_status cli_check_links(const char *path, sp_err *err)
{
    char name[PATH_MAX];
    walk w = { .link_count = 0 };
    struct stat info;
    if (!begin(&w, path))
        return cli_fail_at(path, "write", err);
    while (take_name(&w, name)) {
        if (strcmp(name, ".") == 0)
            continue;
        if (strcmp(name, "..") == 0) {
            go_up(&w);
            continue;
        }
        if (!go_down(&w, name))
            return cli_fail_at(path, "write", err);
        if (lstat(w.here, &info) != 0)
            return SP_OK; /* opening it says why */
        if (!S_ISLNK(info.st_mode))
            continue;
        sp_status status = judge(path, &w, err);
        if (status != SP_OK)
            return status;
        if (!follow(&w))
            return cli_fail_at(path, "write", err);
    }
    return SP_OK;
}
