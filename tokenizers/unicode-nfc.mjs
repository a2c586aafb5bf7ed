// unicode-nfc.mjs - for maintainers: writes src/tokenizer/nfc.h from the Unicode data of Node.js (20 or later; 17.0 is what
// the file is of). A later version of Unicode changes no character that an earlier one has.
//
//   node unicode-nfc.mjs > ../src/tokenizer/nfc.h
const PLANE = 0x10000;
const toText = (...codes) => String.fromCodePoint(...codes);
const toCodes = (text) => [...text].map((character) => character.codePointAt(0));
const isSyllable = (code) => code >= 0xac00 && code <= 0xd7a3;
const isSurrogate = (code) => code >= 0xd800 && code <= 0xdfff;
const codes = [...Array(PLANE).keys()].filter((code) => code >= 0x80 && !isSurrogate(code));

// What a character decomposes to: another, or two, of which the first may decompose again.
const isDecomposed = (code) => {
    const parts = toText(code).normalize('NFD');
    return !isSyllable(code) && parts !== toText(code) && toCodes(parts).every((part) => part < PLANE);
};
const decomposed = codes.filter(isDecomposed);
const wholeOf = new Map(decomposed.toReversed().map((code) => [toText(code).normalize('NFD'), code]));
const decompositions = decomposed.map((code) => {
    const parts = toCodes(toText(code).normalize('NFD'));
    const rest = toText(...parts.slice(0, -1));
    return [code, parts.length < 3 ? parts[0] : wholeOf.get(rest), parts.length > 1 ? parts.at(-1) : 0];
});
const compositions = decompositions
    .filter(([code, , second]) => second && toText(code).normalize('NFC') === toText(code))
    .map(([code, first, second]) => [second, first, code]);
compositions.sort(([second, first], [otherSecond, otherFirst]) => second - otherSecond || first - otherFirst);

// Marks are ordered by their combining class. Which of two is the higher, normalization shows.
const isReordered = (one, other) => toText(one, other).normalize('NFD') !== toText(one, other);
const compare = (one, other) => isReordered(one, other) - isReordered(other, one);
const [LOWEST, HIGHEST] = [0x0334, 0x0345];
const isMark = (code) => isReordered(code, LOWEST) || isReordered(HIGHEST, code);
const marks = codes.filter((code) => toText(code).normalize('NFD') === toText(code) && isMark(code));
const classes = [];
for (const mark of [...marks].sort(compare))
    if (!classes.length || compare(classes.at(-1)[0], mark)) classes.push([mark]);
    else classes.at(-1).push(mark);
const rankOf = new Map(classes.flatMap((members, i) => members.map((mark) => [mark, i + 1])));
const ranks = [];
for (const mark of marks) {
    const last = ranks.at(-1);
    if (last && last[1] === mark - 1 && last[2] === rankOf.get(mark)) last[1] = mark;
    else ranks.push([mark, mark, rankOf.get(mark)]);
}

// All that NFC may change, or that may change what is before it.
const seconds = new Set(compositions.map(([second]) => second));
const isWhole = (code) => toText(code).normalize('NFC') === toText(code);
const isJamo = (code) => code >= 0x1161 && code <= 0x11c2;
const isSpecial = (code) =>
    rankOf.has(code) || seconds.has(code) || isJamo(code) || (isDecomposed(code) && !isWhole(code));
const words = [];
const blocks = [];
for (let at = 0; at < PLANE; at += 64) {
    let bits = 0n;
    for (let i = 0; i < 64; i++)
        if (at + i >= 0x80 && !isSurrogate(at + i) && isSpecial(at + i)) bits |= 1n << BigInt(i);
    if (!words.includes(bits)) words.push(bits);
    blocks.push(words.indexOf(bits));
}

const hex = (code) => '0x' + code.toString(16).toUpperCase().padStart(4, '0');
const rows = (table, perLine) => {
    for (let at = 0; at < table.length; at += perLine) console.log('    ' + table.slice(at, at + perLine).join(' '));
};
const row = (numbers) => `{ ${numbers.join(', ')} },`;
const rowOfCodes = (numbers) => row(numbers.map(hex));

console.log(`/*
 * nfc.h - made by tokenizers/unicode-nfc.mjs from Unicode ${process.versions.unicode}: do not edit.
 *
 * What NFC makes of the characters of the basic plane, where that is in it, but for Hangul.
 */
#ifndef SP_TOKENIZER_NFC_H
#define SP_TOKENIZER_NFC_H

#include <stdint.h>

/* clang-format off */
static const struct decomposition { /* in order; of one character second is 0 */
    uint16_t whole, first, second;
} decompositions[] = {`);
rows(decompositions.map(rowOfCodes), 4);
console.log(`};

static const struct composition { /* in order */
    uint16_t second, first, whole;
} compositions[] = {`);
rows(compositions.map(rowOfCodes), 4);
console.log(`};

static const struct mark_rank { /* in order; of a higher class, a higher rank */
    uint16_t first, last;
    uint8_t rank;
} mark_ranks[] = {`);
rows(ranks.map(([first, last, rank]) => row([hex(first), hex(last), rank])), 4);
console.log(`};

/* Which characters may be changed, or change what is before them: bits of 64 at a time, */
static const uint64_t special_bits[] = {`);
rows(words.map((bits) => `0x${bits.toString(16).toUpperCase().padStart(16, '0')},`), 5);
console.log(`};

/* and where those of each 64 are. */
static const uint8_t special_blocks[] = {`);
rows(blocks.map((block) => `${block},`), 24);
console.log(`};
/* clang-format on */

#endif`);
