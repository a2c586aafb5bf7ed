#include "base/sha256.h"
#include "base/types.h"

/* The first 32 bits of the fractional parts of the cube roots of the first 64 primes. */
static const uint32_t rounds[64] = {
    0x428a2f98, 0x71374491, 0xb5c0fbcf, 0xe9b5dba5, 0x3956c25b, 0x59f111f1, 0x923f82a4, 0xab1c5ed5,
    0xd807aa98, 0x12835b01, 0x243185be, 0x550c7dc3, 0x72be5d74, 0x80deb1fe, 0x9bdc06a7, 0xc19bf174,
    0xe49b69c1, 0xefbe4786, 0x0fc19dc6, 0x240ca1cc, 0x2de92c6f, 0x4a7484aa, 0x5cb0a9dc, 0x76f988da,
    0x983e5152, 0xa831c66d, 0xb00327c8, 0xbf597fc7, 0xc6e00bf3, 0xd5a79147, 0x06ca6351, 0x14292967,
    0x27b70a85, 0x2e1b2138, 0x4d2c6dfc, 0x53380d13, 0x650a7354, 0x766a0abb, 0x81c2c92e, 0x92722c85,
    0xa2bfe8a1, 0xa81a664b, 0xc24b8b70, 0xc76c51a3, 0xd192e819, 0xd6990624, 0xf40e3585, 0x106aa070,
    0x19a4c116, 0x1e376c08, 0x2748774c, 0x34b0bcb5, 0x391c0cb3, 0x4ed8aa4a, 0x5b9cca4f, 0x682e6ff3,
    0x748f82ee, 0x78a5636f, 0x84c87814, 0x8cc70208, 0x90befffa, 0xa4506ceb, 0xbef9a3f7, 0xc67178f2,
};

static uint32_t turned(uint32_t word, unsigned bits)
{
    return word >> bits | word << (32 - bits);
}

static void expand(const uint8_t block[64], uint32_t words[64])
{
    for (size_t i = 0; i < 16; i++)
        words[i] = (uint32_t)block[4 * i] << 24 | (uint32_t)block[4 * i + 1] << 16 | (uint32_t)block[4 * i + 2] << 8 |
                   block[4 * i + 3];
    for (size_t i = 16; i < 64; i++) {
        uint32_t a = words[i - 15];
        uint32_t b = words[i - 2];
        words[i] = words[i - 16] + words[i - 7] + (turned(a, 7) ^ turned(a, 18) ^ a >> 3) +
                   (turned(b, 17) ^ turned(b, 19) ^ b >> 10);
    }
}

static void mix(uint32_t state[8], const uint8_t block[64])
{
    uint32_t words[64];
    uint32_t s[8];
    expand(block, words);
    memcpy(s, state, sizeof s);
    for (size_t i = 0; i < 64; i++) {
        uint32_t choice = (s[4] & s[5]) ^ (~s[4] & s[6]);
        uint32_t majority = (s[0] & s[1]) ^ (s[0] & s[2]) ^ (s[1] & s[2]);
        uint32_t one = s[7] + (turned(s[4], 6) ^ turned(s[4], 11) ^ turned(s[4], 25)) + choice + rounds[i] + words[i];
        uint32_t two = (turned(s[0], 2) ^ turned(s[0], 13) ^ turned(s[0], 22)) + majority;
        memmove(s + 1, s, 7 * sizeof *s);
        s[4] += one;
        s[0] = one + two;
    }
    for (size_t i = 0; i < 8; i++)
        state[i] += s[i];
}

void sp_sha256_init(sp_sha256 *hash)
{
    /* of the square roots of the first 8 primes */
    static const uint32_t begin[8] = { 0x6a09e667, 0xbb67ae85, 0x3c6ef372, 0xa54ff53a,
                                       0x510e527f, 0x9b05688c, 0x1f83d9ab, 0x5be0cd19 };
    memcpy(hash->state, begin, sizeof begin);
    hash->len = 0;
}

void sp_sha256_add(sp_sha256 *hash, sp_str bytes)
{
    for (size_t at = 0; at < bytes.len;) {
        size_t used = hash->len % 64;
        size_t len = bytes.len - at < 64 - used ? bytes.len - at : 64 - used;
        memcpy(hash->block + used, bytes.ptr + at, len);
        hash->len += len;
        at += len;
        if (hash->len % 64 == 0)
            mix(hash->state, hash->block);
    }
}

void sp_sha256_finish(sp_sha256 *hash, char ret_hex[SP_SHA256_HEX])
{
    static const char zeros[64] = { 0 };
    static const char digits[] = "0123456789abcdef";
    uint64_t bits = hash->len * 8;
    char length[8];
    for (size_t i = 0; i < 8; i++)
        length[i] = (char)(bits >> (56 - 8 * i) & 0xFF);
    sp_sha256_add(hash, SP_STR("\x80"));
    sp_sha256_add(hash, (sp_str){ zeros, (120 - hash->len % 64) % 64 });
    sp_sha256_add(hash, (sp_str){ length, sizeof length });
    for (size_t i = 0; i < 64; i++)
        ret_hex[i] = digits[hash->state[i / 8] >> (28 - i % 8 * 4) & 15];
    ret_hex[64] = '\0';
}

void sp_sha256_of(sp_str bytes, char ret_hex[SP_SHA256_HEX])
{
    sp_sha256 hash;
    sp_sha256_init(&hash);
    sp_sha256_add(&hash, bytes);
    sp_sha256_finish(&hash, ret_hex);
}
