/* image.S - puts the vocabularies (build/gen/encodings.bin, made by tokenizers/image-build.c) into the binary.
 * Read-only, position-independent, aligned to a page, so that an unused vocabulary costs no memory. */
#if defined(__APPLE__)
    .const_data
#define NAME _sp_image
#else
    .section .rodata.sp_image, "a"
#define NAME sp_image
    .hidden NAME
#endif
    .globl NAME
    .balign 4096
NAME:
    .incbin "encodings.bin"
    .balign 64
#if defined(__ELF__)
    .type NAME, %object
    .size NAME, . - NAME
    .section .note.GNU-stack, "", %progbits
#endif
