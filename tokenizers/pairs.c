/*
 * pairs.c - packs vocabularies. See pairs.h.
 *
 *   "SPV1"              4 bytes
 *   rank count          4 bytes, little-endian; the highest rank + 1
 *   single bytes        256 bytes, in order of rank
 *   coded               for every rank from 256: a flag, 1 if no token has this rank; else left, then right
 *
 * Numbers are coded bit by bit from the top, each bit with the odds seen so far after the same higher bits: a
 * binary tree with one adaptive probability a node, as in LZMA. For the right half the tree is chosen by
 * whether the left half starts with a blank, and by what kind of byte it ends in, because that says most
 * about what can follow.
 */
#include "pairs.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum {
    NUMBER_BITS = 18,
    KIND_COUNT = 12,
    PROBABILITY_BITS = 16,
    HEADER_LEN = 8 + 256,
};

/* One coder for both directions, so that packing and unpacking cannot drift apart: code_bit takes the bit to
 * write, or returns the bit that was read. */
typedef struct coder {
    bool packing;
    uint64_t low; /* packing */
    uint32_t range;
    uint32_t code;  /* unpacking */
    uint8_t *bytes; /* packing: grows; unpacking: the input */
    size_t len;
    size_t at;
    uint8_t held; /* packing: the last byte, kept back because a carry may still change it */
    size_t held_count;
} coder;

/* How fast a probability follows: quickly while it has seen little, slowly later. */
typedef struct odds {
    uint16_t zero;
    uint16_t seen;
} odds;

typedef struct model {
    odds *left;
    odds *right[KIND_COUNT];
    odds gap;
} model;

static void model_init(model *m)
{
    const size_t nodes = (size_t)1 << NUMBER_BITS;
    m->left = allocate(nodes, sizeof(odds));
    for (size_t i = 0; i < KIND_COUNT; i++)
        m->right[i] = allocate(nodes, sizeof(odds));
    m->gap = (odds){ 0, 0 };
}

static void model_release(model *m)
{
    free(m->left);
    for (size_t i = 0; i < KIND_COUNT; i++)
        free(m->right[i]);
}

/* Byte out, with the carry of the addition before it. */
static void shift_low(coder *c)
{
    if (c->low < 0xFF000000u || c->low > 0xFFFFFFFFu) {
        uint8_t carry = (uint8_t)(c->low >> 32);
        for (uint8_t byte = c->held; c->held_count > 0; c->held_count--, byte = 0xFF)
            c->bytes[c->len++] = (uint8_t)(byte + carry);
        c->held = (uint8_t)(c->low >> 24);
    }
    c->held_count++;
    c->low = (c->low & 0x00FFFFFFu) << 8;
}

static uint8_t next_byte(coder *c)
{
    return c->at < c->len ? c->bytes[c->at++] : 0;
}

static bool code_bit(coder *c, odds *o, bool bit)
{
    /* zero is stored as its distance from one half, so that calloc'd odds are even odds */
    uint32_t zero = (uint16_t)(o->zero + 0x8000u);
    uint32_t bound = (c->range >> PROBABILITY_BITS) * zero;
    if (!c->packing)
        bit = c->code >= bound;
    if (bit) {
        c->low += c->packing ? bound : 0;
        c->code -= bound;
        c->range -= bound;
    } else {
        c->range = bound;
    }
    if (o->seen < 60)
        o->seen++;
    uint32_t step = (uint32_t)o->seen * 2 + 3;
    zero = bit ? zero - zero * 2 / step : zero + (65536 - zero) * 2 / step;
    zero = zero < 64 ? 64 : zero > 65472 ? 65472 : zero;
    o->zero = (uint16_t)(zero - 0x8000u);
    while (c->range < 1u << 24) {
        c->range <<= 8;
        if (c->packing)
            shift_low(c);
        else
            c->code = c->code << 8 | next_byte(c);
    }
    return bit;
}

static uint32_t code_number(coder *c, odds *tree, uint32_t number)
{
    uint32_t node = 1;
    for (int i = NUMBER_BITS - 1; i >= 0; i--)
        node = node << 1 | code_bit(c, &tree[node], number >> i & 1);
    return node - (1u << NUMBER_BITS);
}

static bool is_letter(uint8_t byte)
{
    return (byte | 32) >= 'a' && (byte | 32) <= 'z';
}

static size_t kind_of(const vocab *v, uint32_t rank)
{
    const token *t = &v->tokens[rank];
    uint8_t first = v->bytes[t->at], last = v->bytes[t->at + t->len - 1];
    size_t kind = last >= 0xE0 ? 5 : last >= 0xC0 ? 4 : last >= 0x80 ? 3 : last <= ' ' ? 2 : is_letter(last) ? 1 : 0;
    return 2 * kind + (first == ' ');
}

/* Codes every rank from 256 on. When unpacking, the vocabulary fills up as the numbers come in. */
static void code_ranks(coder *c, vocab *v, model *m)
{
    for (uint32_t rank = 256; rank < v->count; rank++) {
        token *t = &v->tokens[rank];
        if (code_bit(c, &m->gap, c->packing && t->len == 0))
            continue;
        uint32_t left = code_number(c, m->left, t->left);
        if (left >= rank || v->tokens[left].len == 0)
            fail("packed vocabulary: rank %u cannot start with rank %u", rank, left);
        uint32_t right = code_number(c, m->right[kind_of(v, left)], t->right);
        if (right >= rank || v->tokens[right].len == 0)
            fail("packed vocabulary: rank %u cannot end with rank %u", rank, right);
        if (c->packing)
            continue;
        uint8_t bytes[1024];
        const token *l = &v->tokens[left], *r = &v->tokens[right];
        if (l->len + r->len > sizeof bytes)
            fail("packed vocabulary: rank %u is too long", rank);
        memcpy(bytes, v->bytes + l->at, l->len);
        memcpy(bytes + l->len, v->bytes + r->at, r->len);
        vocab_add(v, rank, bytes, l->len + r->len);
        t->left = left;
        t->right = right;
    }
}

uint8_t *pairs_pack(const vocab *v, size_t *ret_len)
{
    vocab copy = *v; /* code_ranks does not write to it when packing */
    model m;
    model_init(&m);
    coder c = { .packing = true, .range = UINT32_MAX, .bytes = allocate(HEADER_LEN + 8 * (size_t)v->count, 1) };
    memcpy(c.bytes, "SPV1", 4);
    for (size_t i = 0; i < 4; i++)
        c.bytes[4 + i] = (uint8_t)(v->count >> (8 * i));
    for (size_t i = 0; i < 256; i++) {
        if (v->tokens[i].len != 1)
            fail("rank %zu is not a single byte", i);
        c.bytes[8 + i] = v->bytes[v->tokens[i].at];
    }
    c.len = HEADER_LEN;
    code_ranks(&c, &copy, &m);
    for (int i = 0; i < 5; i++)
        shift_low(&c);
    model_release(&m);
    *ret_len = c.len;
    return c.bytes;
}

void pairs_unpack(vocab *v, const uint8_t *packed, size_t len)
{
    if (len < HEADER_LEN || memcmp(packed, "SPV1", 4) != 0)
        fail("not a packed vocabulary");
    uint32_t count = 0;
    for (size_t i = 0; i < 4; i++)
        count |= (uint32_t)packed[4 + i] << (8 * i);
    if (count < 256 || count >= 1u << NUMBER_BITS)
        fail("packed vocabulary: %u ranks", count);
    vocab_start(v, count, (size_t)count * 128);
    for (uint32_t i = 0; i < 256; i++)
        vocab_add(v, i, &packed[8 + i], 1);
    coder c = { .range = UINT32_MAX, .bytes = (uint8_t *)(uintptr_t)packed, .len = len, .at = HEADER_LEN };
    for (int i = 0; i < 4; i++)
        c.code = c.code << 8 | next_byte(&c);
    model m;
    model_init(&m);
    code_ranks(&c, v, &m);
    model_release(&m);
}
