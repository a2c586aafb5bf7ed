/*
 * blocks.c - which basic blocks a program runs that was compiled with -fsanitize-coverage=trace-pc: a bit for each
 * address of its code, in the file that BLOCKS names, which is made. For tests/mutation/score; linked to the
 * program, and not compiled with that option itself.
 */
#include <fcntl.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <unistd.h>

extern const char __executable_start, etext; /* of the linker */

void __sanitizer_cov_trace_pc(void);

static uint8_t *bits;

/* A file that is mapped has all that ran, however the program ends. */
__attribute__((constructor)) static void begin(void)
{
    const char *path = getenv("BLOCKS");
    size_t size = (size_t)(&etext - &__executable_start) / 8 + 1;
    int file = path ? open(path, O_RDWR | O_CREAT | O_CLOEXEC, 0600) : -1;
    if (file < 0)
        return;
    void *mapped =
        ftruncate(file, (off_t)size) == 0 ? mmap(NULL, size, PROT_READ | PROT_WRITE, MAP_SHARED, file, 0) : MAP_FAILED;
    if (mapped != MAP_FAILED)
        bits = mapped;
    close(file);
}

void __sanitizer_cov_trace_pc(void)
{
    size_t at = (size_t)((const char *)__builtin_return_address(0) - &__executable_start);
    if (bits)
        (void)__atomic_fetch_or(&bits[at / 8], (uint8_t)(1u << at % 8), __ATOMIC_RELAXED);
}
