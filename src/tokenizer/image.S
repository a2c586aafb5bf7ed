/* image.S - puts the vocabularies (build/gen/encodings.bin, made by tokenizers/image-build.c) into the binary.
 * Read-only, position-independent, aligned to a page, so that an unused vocabulary costs no memory. */
#if defined(__APPLE__)
    .const_data
#define NAME _sp_image
    .private_extern NAME
#elif defined(__wasm__)
    .section .rodata.sp_image, "", @
#define NAME sp_image
    .hidden NAME
    .type NAME, @object
#else
    .section .rodata.sp_image, "a"
#define NAME sp_image
    .hidden NAME
#endif
    .globl NAME
    .p2align 12
NAME:
    .incbin "encodings.bin"
    .p2align 6
#if defined(__wasm__)
.Lend:
    .size NAME, .Lend - NAME
#elif defined(__ELF__)
    .type NAME, %object
    .size NAME, . - NAME
    .section .note.GNU-stack, "", %progbits
#if defined(__CET__) /* nothing here is jumped to */
#include <cet.h>
#endif
#endif
