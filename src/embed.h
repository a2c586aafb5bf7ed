/*
 * embed.h - a file's bytes in the program, as they are, and a NUL after them: no generated C, no quoting. It is
 * looked for where #include looks.
 *
 *   SP_EMBED(page_html, "report/page/page.html")
 *   ... sp_embedded(page_html)                             -> sp_str
 *
 * It includes nothing of ours, so that every layer may use it, src/cli too.
 *
 * The length is stored in front of the bytes and not as a label after them: linkers for macOS may move each label's
 * bytes on their own.
 */
#ifndef SP_EMBED_H
#define SP_EMBED_H

#include <stdint.h>

#if defined(__wasm__)
#define SP_EMBED_ASM(key, file)                                                                                        \
    __asm__(".section .rodata." #key ",\"\",@\n"                                                                       \
            ".p2align 2\n"                                                                                             \
            ".type " #key "_length,@object\n" #key "_length:\n"                                                        \
            ".int32 .L" #key "_end-" #key "\n"                                                                         \
            ".size " #key "_length,4\n"                                                                                \
            ".type " #key ",@object\n" #key ":\n"                                                                      \
            ".incbin \"" file "\"\n"                                                                                   \
            ".L" #key "_end:\n"                                                                                        \
            ".int8 0\n"                                                                                                \
            ".size " #key ",.L" #key "_end-" #key "+1\n");
#elif defined(__APPLE__)
#define SP_EMBED_ASM(key, file) SP_EMBED_LABELS("__TEXT,__const", "_" #key, file)
#else
#define SP_EMBED_ASM(key, file) SP_EMBED_LABELS(".rodata", #key, file)
#endif

#define SP_EMBED_LABELS(section, label, file)                                                                          \
    __asm__(".pushsection " section "\n"                                                                               \
            ".p2align 2\n" label "_length:\n"                                                                          \
            ".long 2f-1f\n" label ":\n"                                                                                \
            "1:.incbin \"" file "\"\n"                                                                                 \
            "2:.byte 0\n"                                                                                              \
            ".popsection\n");

#define SP_EMBED(key, file)                                                                                            \
    SP_EMBED_ASM(key, file)                                                                                            \
    extern const uint32_t key##_length __attribute__((visibility("hidden")));                                          \
    extern const char(key)[] __attribute__((visibility("hidden")));

#define sp_embedded(key) ((sp_str){ (key), (key##_length) })

#endif
