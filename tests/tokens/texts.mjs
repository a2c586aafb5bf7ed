// texts.mjs - random texts of every kind that could go wrong in a tokenizer. One depends on the seed, its block and its place
// there alone, and on what was put into tokens before.

export function makeRandom(seed, block) {
    let a = Math.imul(seed ^ 0x9e3779b9, 0x85ebca6b) ^ Math.imul(block + 1, 0xc2b2ae35);
    return (limit) => { // mulberry32
        a = (a + 0x6d2b79f5) | 0;
        let t = Math.imul(a ^ (a >>> 15), 1 | a);
        t = (t + Math.imul(t ^ (t >>> 7), 61 | t)) ^ t;
        return ((t ^ (t >>> 14)) >>> 0) % limit;
    };
}

// First and last code points, by what the patterns make of them; written out, so that no Node.js has another opinion.
const classes = {
    lower: [[0x61, 0x7a], [0x61, 0x7a], [0xdf, 0xf6], [0x3b1, 0x3c9], [0x430, 0x44f], [0x10428, 0x1044f], [0x1d41a, 0x1d433], [0x17f, 0x17f]],
    upper: [[0x41, 0x5a], [0x41, 0x5a], [0xc0, 0xd6], [0x391, 0x3a1], [0x410, 0x42f], [0x10400, 0x10427], [0x1d400, 0x1d419], [0x212a, 0x212a], [0x1e9e, 0x1e9e]],
    title: [[0x1c5, 0x1c5], [0x1c8, 0x1c8], [0x1f2, 0x1f2], [0x1f88, 0x1f8f], [0x1ffc, 0x1ffc]],
    modifier: [[0x2b0, 0x2c1], [0x2ec, 0x2ee], [0x3005, 0x3005], [0x30fc, 0x30fe], [0x1d2c, 0x1d6a], [0xa717, 0xa71f], [0x1e030, 0x1e06d]],
    other: [[0x5d0, 0x5ea], [0x627, 0x64a], [0x915, 0x939], [0xe01, 0xe30], [0x3041, 0x3096], [0x30a1, 0x30fa], [0x4e00, 0x9fff], [0xac00, 0xd7a3], [0x20000, 0x2a6df], [0x1100, 0x1112]],
    mark: [[0x300, 0x36f], [0x483, 0x489], [0x591, 0x5bd], [0x64b, 0x65f], [0x93e, 0x94d], [0xe34, 0xe3a], [0x20d0, 0x20f0], [0xfe00, 0xfe0f], [0xe0100, 0xe01ef], [0x1d165, 0x1d169]],
    digit: [[0x30, 0x39], [0x30, 0x39], [0x660, 0x669], [0x966, 0x96f], [0xff10, 0xff19], [0x1d7ce, 0x1d7ff]],
    number: [[0xb2, 0xb3], [0xbc, 0xbe], [0x2160, 0x2188], [0x2460, 0x249b], [0x3007, 0x3007], [0x12400, 0x1246e], [0x1ccf0, 0x1ccf9]],
    sign: [[0x21, 0x2f], [0x3a, 0x40], [0x5b, 0x60], [0x7b, 0x7e], [0xa1, 0xa9], [0x2010, 0x2027], [0x20a0, 0x20c0], [0x3001, 0x3003], [0x1f300, 0x1f64f], [0x1f3fb, 0x1f3ff]],
    slash: [[0x2f, 0x2f], [0x2f, 0x2f], [0x5c, 0x5c], [0x0a, 0x0a]],
    quote: [[0x27, 0x27], [0x27, 0x27], [0x22, 0x22], [0x60, 0x60], [0x2019, 0x2019], [0x2bc, 0x2bc], [0xff07, 0xff07]],
    space: [[0x20, 0x20]],
    blank: [[0x09, 0x0d], [0x20, 0x20], [0x85, 0x85], [0xa0, 0xa0], [0x1680, 0x1680], [0x2000, 0x200a], [0x2028, 0x2029], [0x202f, 0x202f], [0x205f, 0x205f], [0x3000, 0x3000]],
    almostBlank: [[0x180e, 0x180e], [0x200b, 0x200f], [0x2060, 0x2060], [0xfeff, 0xfeff], [0xad, 0xad], [0x1c, 0x1f], [0x2800, 0x2800], [0x3164, 0x3164]],
    lineEnd: [[0x0a, 0x0a], [0x0a, 0x0a], [0x0d, 0x0d], [0x0b, 0x0c], [0x85, 0x85], [0x2028, 0x2029]],
    control: [[0x00, 0x00], [0x00, 0x1f], [0x7f, 0x9f]],
    private: [[0xe000, 0xf8ff], [0xf0000, 0xffffd], [0x100000, 0x10fffd]],
    nonCharacter: [[0xfdd0, 0xfdef], [0xfffe, 0xffff], [0x1fffe, 0x1ffff], [0x10fffe, 0x10ffff]],
    unassigned: [[0x378, 0x379], [0x870, 0x8ff], [0x1c80, 0x1c8f], [0x2fe0, 0x2fef], [0x323b0, 0x33479], [0x40000, 0xdffff], [0xa7cb, 0xa7f1]],
    recent: [[0x31350, 0x323af], [0x2ebf0, 0x2ee5d], [0x10d40, 0x10d8f], [0x105c0, 0x105ff], [0x11380, 0x113e2], [0x11f00, 0x11f59], [0x1e4d0, 0x1e4f9], [0x13460, 0x143ff], [0x16d40, 0x16d79], [0x897, 0x897]],
    edge: [[0x7e, 0x81], [0x7fe, 0x801], [0xd7fe, 0xd7ff], [0xe000, 0xe001], [0xfffc, 0x10001], [0x10fffd, 0x10ffff]],
    any: [[0x80, 0x24f], [0x250, 0x2fff], [0x3000, 0xd7ff], [0xe000, 0xffff], [0x10000, 0x13fff], [0x14000, 0x1ffff], [0x20000, 0x10ffff]],
};
const ascii = { lower: [[0x61, 0x7a]], upper: [[0x41, 0x5a]], digit: [[0x30, 0x39]], sign: [[0x21, 0x2f], [0x3a, 0x40]], any: [[0, 0x7f]],
                space: [[0x20, 0x20]], blank: [[0x09, 0x0d], [0x20, 0x20]], lineEnd: [[0x0a, 0x0a], [0x0d, 0x0d]], quote: [[0x27, 0x27]], slash: [[0x2f, 0x2f]] };
const wide = Object.values(classes), narrow = Object.values(ascii);

const words = ['the', 'Hello', 'WORLD', 'x', '_', 'camelCase', 'XMLHttpRequest', 'iOS', 'über', 'ÜBER', 'при', 'МИР', 'Привет', '中文', '日本語', '한국어', 'हिन्दी',
    'ไทย', 'שָׁלוֹם', 'مُحَمَّد', '😀', '👩🏽‍💻', '🇩🇪', 'ǅungla', 'ʰa', 'é', 'A\u0301b', '0', '12', '3456', '10,000', '3.14', '½', 'Ⅷ', '->', '...', '://', '/* ', ' */', '//\n', '!\n', '<|endoftext|>', '<|fim_prefix|>',
    '\n', '\n\n', '\r\n', '\r\n\r\n', '\t', '\t\t', ' ', '  ', '    ', ' \n', '\n ', ' \r\n ', '\u00a0', '\u3000', '\u0085', '\u200d', '\ufeff', '\0', '():', '{}', '    return ', '#include <', 'don', 'they', 'I', 'WE'];
const endings = ['s', 't', 'd', 'm', 're', 've', 'll', 'S', 'T', 'D', 'M', 'RE', 'VE', 'LL', 'rE', 'Re', 'vE', 'Ve', 'lL', 'Ll', 'ſ', 'l', 'r', 'v', 'x', 'l\u0301', 'ſt', 'lſ', '\u212a', 'İ', 'ı'];
const starts = ['', '', ' ', 'x', 'X', 'don', 'WE', ' I', 'é', 'ÜB', '中', '1', '\n', 'a\u0301', '_', 'ǅ', "'"];
const plain = `Take the text as it is, then count; don't guess. It's 10,000 tokens at most (or 3.5 bytes each), they've said so: "we'll see".

  1. A heading of the file, in lower-case, and HTTPServer2 or snake_case_name = 0x1F;
\tfor (size_t i = 0; i < len; i++) {\r\n\t\tsum += table[i]->value / 2; /* never 0 */\r\n\t}
def f(self, *args, **kwargs):\n    if not args:\n        raise ValueError("no args: %r" % (kwargs,))\n    return {k: v for k, v in sorted(kwargs.items())}\n\n\n
https://example.com/a/b?c=1&d=%20#e  | a | b |\n|---|---|\n---\nname: reviewer\ntools: [Read, Grep]\n---\n\nYOU MUST NOT do that. I'M SURE, you'd AGREE!!!\n`;

const pick = (random, list) => list[random(list.length)];

function character(random, ranges) {
    const [first, last] = pick(random, ranges);
    return String.fromCodePoint(first + random(last - first + 1));
}

const lengths = [1, 2, 3, 4, 7, 8, 9, 15, 16, 17, 24, 31, 32, 33, 63, 64, 65, 66, 127, 128, 129];

// Of one class, as long as a vector or a bit more or less; or one character again and again.
function run(random, ranges, longest) {
    const same = random(3) === 0 && character(random, ranges);
    let text = '';
    for (let left = Math.min(pick(random, lengths), longest); left > 0; left--) text += same || character(random, ranges);
    return text;
}

// ASCII up to some bytes before a multiple of 64, so that what follows lies across it.
function toEdge(random, text) {
    const filler = pick(random, ['a', ' ', 'A', '1', '.', '\n', 'ab ', 'aB', "'s", '/']);
    const left = (64 - (Buffer.byteLength(text) % 64) + 64 - random(6)) % 64;
    return filler.repeat(Math.ceil(left / filler.length)).slice(0, left);
}

function mutated(random, length) {
    const from = random(plain.length);
    let text = plain.repeat(1 + Math.ceil(length / plain.length)).slice(from, from + length);
    for (let left = random(4); left > 0; left--) {
        const at = random(text.length + 1);
        text = text.slice(0, at) + part(random, '', 8) + text.slice(at + random(3));
    }
    return text.toWellFormed();
}

export const tokens = []; // the tokens that are text: glued together they make pieces with many ways to merge

function part(random, text, longest) {
    switch (random(12)) {
    case 0: case 1: return pick(random, words);
    case 2: case 3: return pick(random, starts) + (random(8) ? "'" : pick(random, ['’', "''", 'ʼ'])) + pick(random, endings) + pick(random, starts);
    case 4: return character(random, pick(random, wide));
    case 5: return random(2) ? character(random, pick(random, narrow)) : character(random, classes.any);
    case 6: return run(random, pick(random, wide), longest);
    case 7: return run(random, pick(random, narrow), longest);
    case 8: return ' '.repeat(random(4)) + pick(random, ['', '\n', '\r\n', '\t']) + pick(random, words);
    case 9: return toEdge(random, text);
    default: return pick(random, tokens);
    }
}

function mixture(random, length) {
    const kinds = random(3) === 0 && [pick(random, wide), pick(random, wide), pick(random, narrow)]; // few classes, dense
    let text = '';
    while (text.length < length) text += kinds ? character(random, pick(random, kinds)) : part(random, text, length);
    return text;
}

function randomText(random) {
    const size = random(1000);
    if (size === 0) return mixture(random, 5000 + random(3000));
    if (size === 1) return mutated(random, 5000 + random(3000));
    const length = size < 700 ? 1 + random(40) : size < 930 ? 1 + random(120) : 1 + random(400);
    return random(5) === 0 ? mutated(random, length) : mixture(random, length);
}

export function textsOf(seed, block, count) {
    const random = makeRandom(seed, block);
    return Array.from({ length: count }, () => randomText(random));
}
