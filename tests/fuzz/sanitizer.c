/* sanitizer.c - how the address sanitizer runs in every target. */

const char *__asan_default_options(void);

/* Memory that was freed is kept poisoned: 8 MB are enough for one execution. With the 256 MB by default each execution
 * gets memory that is new to the caches, and takes up to 1.6 times as long. A report has 12 frames of where memory was
 * allocated, which is deep enough to see who did, and of a new block the first 64 bytes are filled, not 4,096. */
__attribute__((used)) const char *__asan_default_options(void)
{
    return "quarantine_size_mb=8:malloc_context_size=12:max_malloc_fill_size=64";
}
