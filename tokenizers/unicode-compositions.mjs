// unicode-compositions.mjs - for maintainers: writes src/tokenizer/compositions.h from what Node.js knows of Unicode. No
// version changes what two characters compose to.
//
//   node unicode-compositions.mjs > ../src/tokenizer/compositions.h
const hex = (code) => '0x' + code.toString(16).toUpperCase().padStart(4, '0');
const pairs = [];
for (let code = 0x80; code <= 0xffff; code++) {
    const whole = String.fromCodePoint(code);
    const isSyllable = code >= 0xac00 && code <= 0xd7a3;
    if (isSyllable || whole.normalize('NFC') !== whole) continue;
    const parts = [...whole.normalize('NFD')];
    for (let i = 1; i < parts.length; i++) { // marks may come in any order
        const [first, ...others] = parts.toSpliced(i, 1).join('').normalize('NFC');
        if (others.length === 0 && (first + parts[i]).normalize('NFC') === whole)
            pairs.push([parts[i].codePointAt(0), first.codePointAt(0), code]);
    }
}
pairs.sort(([second, first], [otherSecond, otherFirst]) => second - otherSecond || first - otherFirst);
const rows = pairs.map(([second, first, code]) => `{ ${hex(second)}, ${hex(first)}, ${hex(code)} },`);
console.log(`/*
 * compositions.h - made by tokenizers/unicode-compositions.mjs: do not edit.
 *
 * What two characters of the basic plane compose to in NFC, but for Hangul. In order.
 */
#ifndef SP_TOKENIZER_COMPOSITIONS_H
#define SP_TOKENIZER_COMPOSITIONS_H

#include <stdint.h>

/* clang-format off */
static const struct {
    uint16_t second;
    uint16_t first;
    uint16_t whole;
} compositions[] = {`);
for (let at = 0; at < rows.length; at += 4) console.log('    ' + rows.slice(at, at + 4).join(' '));
console.log(`};
/* clang-format on */

#endif`);
