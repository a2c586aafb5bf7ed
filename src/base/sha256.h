/*
 * sha256.h - SHA-256 (FIPS 180-4), to say which bytes something was made of.
 *
 *   sp_sha256 hash;
 *   sp_sha256_init(&hash);
 *   sp_sha256_add(&hash, text);
 *   sp_sha256_finish(&hash, hex);   -> 64 hexadecimal digits and a NUL
 */
#ifndef SP_SHA256_H
#define SP_SHA256_H

#include "base/base.h"
#include "base/types.h"

enum { SP_SHA256_HEX = 65 };

typedef struct sp_sha256 {
    uint32_t state[8];
    uint64_t len;
    uint8_t block[64];
} sp_sha256;

void sp_sha256_init(sp_sha256 *hash);
void sp_sha256_add(sp_sha256 *hash, sp_str bytes);
void sp_sha256_finish(sp_sha256 *hash, char ret_hex[SP_SHA256_HEX]);
/* All three for one text. */
void sp_sha256_of(sp_str bytes, char ret_hex[SP_SHA256_HEX]);

#endif
