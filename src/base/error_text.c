/*
 * error_text.c - errno in words. The C libraries word some codes each in their own way, and a message should not depend
 * on which one the program was linked with.
 */
#include "base/system.h"

#include <errno.h>
#include <string.h>

#include "base/base.h"

static const struct {
    int code;
    const char *text;
} errors[] = {
    { EPERM, "Operation not permitted" },
    { ENOENT, "No such file or directory" },
    { EINTR, "Interrupted system call" },
    { EIO, "Input/output error" },
    { ENXIO, "No such device or address" },
    { E2BIG, "Argument list too long" },
    { ENOEXEC, "Exec format error" },
    { EBADF, "Bad file descriptor" },
    { ECHILD, "No child processes" },
    { EAGAIN, "Resource temporarily unavailable" },
    { ENOMEM, "Cannot allocate memory" },
    { EACCES, "Permission denied" },
    { EFAULT, "Bad address" },
    { EBUSY, "Device or resource busy" },
    { EEXIST, "File exists" },
    { EXDEV, "Invalid cross-device link" },
    { ENODEV, "No such device" },
    { ENOTDIR, "Not a directory" },
    { EISDIR, "Is a directory" },
    { EINVAL, "Invalid argument" },
    { ENFILE, "Too many open files in system" },
    { EMFILE, "Too many open files" },
    { ENOTTY, "Inappropriate ioctl for device" },
    { ETXTBSY, "Text file busy" },
    { EFBIG, "File too large" },
    { ENOSPC, "No space left on device" },
    { ESPIPE, "Illegal seek" },
    { EROFS, "Read-only file system" },
    { EMLINK, "Too many links" },
    { EPIPE, "Broken pipe" },
    { ENAMETOOLONG, "File name too long" },
    { ENOLCK, "No locks available" },
    { ENOSYS, "Function not implemented" },
    { ENOTEMPTY, "Directory not empty" },
    { ELOOP, "Too many levels of symbolic links" },
    { EOVERFLOW, "Value too large for defined data type" },
    { EILSEQ, "Invalid or incomplete multibyte or wide character" },
    { EADDRINUSE, "Address already in use" },
    { EADDRNOTAVAIL, "Cannot assign requested address" },
    { EAFNOSUPPORT, "Address family not supported by protocol" },
    { ENETDOWN, "Network is down" },
    { ENETUNREACH, "Network is unreachable" },
    { ECONNREFUSED, "Connection refused" },
    { ECONNRESET, "Connection reset by peer" },
    { ETIMEDOUT, "Connection timed out" },
    { ESTALE, "Stale file handle" },
    { EDQUOT, "Disk quota exceeded" },
};

/* The codes that are not listed are left to the C library: strerror keeps them apart for each thread in glibc 2.32 and
 * musl. */
const char *sp_error_text(int code)
{
    for (size_t i = 0; i < SP_COUNT_OF(errors); i++)
        if (errors[i].code == code)
            return errors[i].text;
    return strerror(code);
}
