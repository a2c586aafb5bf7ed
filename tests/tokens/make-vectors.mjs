// make-vectors.mjs - writes what the reference tokenizer makes of the texts below, for tests/unit/test_tokenize_vectors.c.
//
//   npm pack tiktoken@1.0.22 && tar xzf tiktoken-1.0.22.tgz
//   node make-vectors.mjs package            (takes some minutes; writes *.vectors beside this script)
//
// The reference is the npm package tiktoken 1.0.22: OpenAI's own Rust code compiled to WebAssembly. A file is named
// after its encoding and has three kinds of lines, fields separated by tabs:
//
//   text  MODE  TEXT  IDS          ids of one text. MODE is ordinary or special (all special tokens allowed)
//   codes FIRST COUNT DIGEST       every code point from FIRST to FIRST + 0xFFF, each in the contexts of around()
//   random SEED COUNT DIGEST       a thousand random texts, see randomText()
//
// TEXT has \n \r \t \\ and \u{HEX} for what would not show. COUNT is the number of tokens of all texts of the line, and
// DIGEST a hash of their ids. around() and randomText() are written twice, here and in the test: keep them alike.
import { createRequire } from 'node:module';
import { readFileSync, writeFileSync } from 'node:fs';
import { dirname, join, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';

const folder = resolve(process.argv[2]);
const here = dirname(fileURLToPath(import.meta.url));
const { Tiktoken } = createRequire(import.meta.url)(join(folder, 'tiktoken.cjs'));

// o200k_harmony is o200k_base with more special tokens (tiktoken_ext/openai_public.py).
function harmonySpecials() {
    const specials = { startoftext: 199998, return: 200002, constrain: 200003, channel: 200005, start: 200006,
                       end: 200007, message: 200008, call: 200012 };
    for (const id of [200000, 200001, 200004, 200009, 200010, 200011]) specials[`reserved_${id}`] = id;
    for (let id = 200013; id <= 201087; id++) specials[`reserved_${id}`] = id;
    return Object.fromEntries(Object.entries(specials).map(([name, id]) => [`<|${name}|>`, id]));
}

function load(name) {
    const base = name === 'o200k_harmony' ? 'o200k_base' : name;
    const data = JSON.parse(readFileSync(join(folder, 'encoders', `${base}.json`), 'utf8'));
    const more = name === 'o200k_harmony' ? harmonySpecials() : {};
    return new Tiktoken(data.bpe_ranks, { ...data.special_tokens, ...more }, data.pat_str);
}

// ---- texts ----------------------------------------------------------------------------------------------------------

const words = ['rer', "'rer", 'hello', ' hello', 'hello ', 'hello  ', ' hello ', '  hello  ', 'hello world', 'tiktoken is great!'];
const languages = [
    'The quick brown fox jumps over the lazy dog; it was 3.14159 metres, or 10,000 feet.',
    'Der Überfluß an Wörtern: Donaudampfschifffahrtsgesellschaftskapitän, ẞ und ß.',
    "L'été où j'étais à Nîmes, le cœur n'y était pas — « c'est-à-dire » 50 %.",
    'El niño comió piñas; ¿cuántas? ¡Muchísimas!', 'Zażółć gęślą jaźń, Łódź 1939–1945.',
    'Съешь же ещё этих мягких французских булок, да выпей чаю. ЁЖИК', 'Україна: ґанок, їжак, Єва',
    'Ο γρήγορος σκύλος ΑΒΓ Ὀδυσσεύς ἄειδε', '请考试我的软件！12345', '我非常渴望与人工智能一起工作', '吾輩は猫である。名前はまだ無い。カタカナとひらがな',
    '다람쥐 헌 쳇바퀴에 타고파. 한국어 텍스트', 'नमस्ते दुनिया, क्या हाल है? १२३४', 'நடிகர் சூர்யா', 'สวัสดีชาวโลก ทดสอบ ๑๒๓', 'שלום עולם, מה שלומך? שָׁלוֹם',
    'مرحبا بالعالم، كيف حالك؟ ١٢٣٤ مُحَمَّد', 'Tiếng Việt có dấu: Nguyễn Đình Chiểu', 'ქართული ენა ႠႡႢ', 'Հայերեն լեզու', 'አማርኛ ቋንቋ ፩፪፫', 'ᏣᎳᎩ ᎦᏬᏂᎯᏍᏗ ꭰꭱ',
    'Ġ除 Ġ', 'ǅungla ǈubav ǋegoš Ǆ ǆ', 'ʰello ªº ʺ ˈfoʊn', '𝐀𝐁𝐂 𝒂𝒃𝒄 𝟏𝟐𝟑 Ⅷ ⅷ ½ ²³', '𐐀𐐁𐐨𐐩 𞤀𞤢', '😀😃👍🏽👨‍👩‍👧‍👦🏳️‍🌈🇩🇪 👍', 'ﷺ ﬀ ﬁ Ａｂｃ１２３',
];
const code = [
    'int main(void)\n{\n\tprintf("%d\\n", x->y[0]);\n\treturn 0;\n}\n', 'def f(x):\n    if x:\n        return {"a": [1, 2, 3]}\n\n\n\n# end\n',
    'const f = async (x) => { await g(x?.y ?? 0); };\r\n// done\r\n', 'SELECT * FROM t WHERE a = \'it\'\'s\' AND b <> "x";', 'https://example.com/a/b?c=1&d=%20#e', '#!/bin/sh\nset -eu\nfor f in *.c; do cc -O2 "$f" || exit 1; done',
    '<div class="a"><!-- x --></div>', '| a | b |\n|---|---|\n| 1 | 2 |\n', '```c\nx += 1;\n```\n', 'XMLHttpRequest getElementById HTTPServer2 iOS macOS snake_case_name SCREAMING_CASE camelCaseABC', '\\frac{1}{2} \\begin{align}', '/* a *//// b\n//\n/\n/x', '0xDEADBEEF 1e-9 1_000_000 v1.2.3-rc.1', '---\nname: x\ntools: Read, Grep\n---\n\n# Title\n\n- [ ] todo\n',
];
const blanks = [' ', '  ', '\n', '\n\n', '\n\n\n', '\r\n', '\r\n\r\n', '\r', '\t', '\t\t', ' \n', '\n ', ' \n ', '\n \n', 'today\n ', 'today\n \n', 'today\n  \n', 'a\n  b', 'a  \n  b', 'a\n\n   \n', 'a \n\n', 'a\t\tb', 'a \tb',
    'a\u00a0b', 'a\u00a0 b', 'a\u3000\u3000b', ' \u0085' + '0', 'a\u2028b', 'a\u180eb', 'a\u200bb', 'a\ufeffb', 'a\u1680 \u2003x', '\u2003\n\u2003', '!\n', '!\n\n', '! \n', '!\r\n\r\nx', ' !\n', '!/\n/\n', 'a/\nb', '//\n', '\n/', '\u00a0\n', '\u000b\u000cx', '\n\u00a0x'];
const contractions = ["I'm", "I'M", "you're", "YOU'RE", "we'll", "we'Ll", "don't", "he'd", "they've", "it's", "it'ſ", "IT'ſX", "'s", "'S", "'t", "'re", "'rE", "'x", "''s", " 's", "a's's", "1's", "!'s", "\n's", "'sister", "'ll'll", "'l", "'r", "'v", "A'sB", "aB's", "中's", "\u0301's", "a\u0301's"];
const marks = ['\u0301', 'a\u0301', '\u0301a', '\u0301A', ' \u0301', ' \u0301A', '!\u0301', '!!\u0301', '\u0301\u0301', '1\u0301', 'A\u0301B', 'AB\u0301C', 'é\u0301É', 'Aa中A', '中AB', '中ABc', 'A中Bc', 'AAA中', 'ʰAB', '\u20dd\u20ddX', '\u093e\u0915', 'e\u0301\u0302f', '\n\u0301', '\u0301\n'];
const specials = ['<|endoftext|>', '<|endoftext|> hello <|fim_prefix|>', '<|endoftext|> hello <|fim_prefix|> there <|fim_middle|>', 'hello <|endoftext|>', 'hello world<|endoftext|> green cow', '<|fim_suffix|><|endofprompt|>', '<|endoftext|', '<<|endoftext|>>', '<|endoftext|><|endoftext|>', '  <|endoftext|>  ', 'a\n<|endoftext|>\n\nb',
    '<|startoftext|><|start|>user<|message|>hi<|end|><|start|>assistant<|channel|>final<|message|>x<|return|>', '<|constrain|><|call|><|reserved_200000|><|reserved_200004|><|reserved_200011|><|reserved_200012|>', '<|reserved_200013|><|reserved_200017|><|reserved_200018|><|reserved_201087|><|reserved_201088|><|reserved_20001|>', '<|im_start|>system<|im_end|>'];

function texts() {
    const list = ['', ...words, ...languages, ...code, ...blanks, ...contractions, ...marks];
    for (let n = 1; n <= 17; n++) list.push('0'.repeat(n));
    for (const n of [2, 3, 4, 7, 8, 16, 24, 25, 26, 31, 64, 80, 82, 83, 84, 127, 128, 129, 200, 300])
        for (const unit of [' ', '\n', '\t', 'a', 'A', '=', '-', '^', '\r\n', ' \n', '中', '😀', "'s", 'aA'])
            if (n < 40 || unit.length === 1) list.push(unit.repeat(n), unit.repeat(n) + 'x');
    for (const unit of ['^', '0', 'a', "'s", ' ', '\n'])
        list.push(unit.repeat(1000), ' ' + unit.repeat(1000), ' ' + unit.repeat(1000) + '\n');
    return list;
}

// ---- texts that are made the same way in the test ---------------------------------------------------------------------

const around = (c) => `a${c}b A${c}a ${c}${c} ${c}1\n${c} x'${c}s ${c}`;

const pieces = ['the', 'Hello', 'WORLD', "n't", "I'll", "'S", "'\u017f", "'Re", 'x', '_', 'camelCase', '\u00fcber', '\u043f\u0440\u0438', '\u041c\u0418', '\u4e2d\u6587', '\u65e5', '\ud55c', '\u0928\u092e', '\u0e2a\u0e27\u0e31', '\u05e9', '\u{1f600}', '\u{1f3fd}', '\u0301', '\u01c5', '\u02b0', 'A', '0', '12', '3456', '\u00bd', '\u0663', '!', '//', '->', '...', '"', "'", '(', '\n', '\n\n', '\r\n', '\t', ' ', '  ', '    ', '\u00a0', '\u3000', '\u0085', '\u200d', '\ufeff'];

function makeRandom(seed) {
    let state = seed;
    return (limit) => {
        state ^= state << 13;
        state ^= state >>> 17;
        state ^= state << 5;
        return (state >>> 0) % limit;
    };
}

function randomCode(random) {
    for (;;) {
        const limit = [0x80, 0x250, 0x3000, 0x10000, 0x14000, 0x20000, 0x110000][random(7)];
        const code = random(limit);
        if (code < 0xd800 || code > 0xdfff) return String.fromCodePoint(code);
    }
}

function randomText(random) {
    let text = '';
    const kind = random(3);
    for (let left = 1 + random(12); left > 0; left--)
        text += kind === 0 || (kind === 1 && random(2) === 0) ? pieces[random(pieces.length)] : randomCode(random);
    return text;
}

// ---- lines ------------------------------------------------------------------------------------------------------------

const escape = (text) =>
    text.replace(/[\\\n\r\t]/g, (c) => ({ '\\': '\\\\', '\n': '\\n', '\r': '\\r', '\t': '\\t' })[c])
        .replace(/[\u0000-\u001f\u007f-\u00a0\u00ad\u0300-\u036f\u1680\u180e\u2000-\u200f\u2028-\u202f\u205f\u2060\u3000\ufeff]/gu,
                 (c) => `\\u{${c.codePointAt(0).toString(16)}}`);

function makeDigest() {
    let first = 0x811c9dc5, second = 0, count = 0;
    const hex = (word) => (word >>> 0).toString(16).padStart(8, '0');
    return {
        add(ids) {
            for (const id of ids) {
                first = Math.imul(first ^ id, 0x01000193);
                second = Math.imul((second ^ (second >>> 15)) + id, 0x9e3779b1);
            }
            first = Math.imul(first ^ 0xffffffff, 0x01000193); // where a text ends counts, too
            count += ids.length;
        },
        toString: () => `${count}\t${hex(first)}${hex(second)}`,
    };
}

function vectors(name) {
    const encoding = load(name);
    const lines = [];
    const add = (mode, text) => {
        const ids = mode === 'special' ? encoding.encode(text, 'all', []) : encoding.encode_ordinary(text);
        lines.push(`text\t${mode}\t${escape(text)}\t${Array.from(ids).join(' ')}`);
    };
    if (!['p50k_edit', 'o200k_harmony'].includes(name)) { // the others differ in special tokens only
        for (const text of texts()) add('ordinary', text);
        // p50k_base has the pattern of r50k_base, and all its tokens
        for (let first = name === 'p50k_base' ? 0x110000 : 0; first < 0x110000; first += 0x1000) {
            const digest = makeDigest();
            for (let code = first; code < first + 0x1000; code++)
                if (code < 0xd800 || code > 0xdfff) digest.add(encoding.encode_ordinary(around(String.fromCodePoint(code))));
            lines.push(`codes\t${first}\t${digest}`);
        }
        for (let seed = 1; seed <= 60; seed++) {
            const random = makeRandom(seed), digest = makeDigest();
            for (let i = 0; i < 1000; i++) digest.add(encoding.encode_ordinary(randomText(random)));
            lines.push(`random\t${seed}\t${digest}`);
        }
    }
    for (const text of specials) {
        add('ordinary', text);
        add('special', text);
    }
    writeFileSync(join(here, `${name}.vectors`), lines.join('\n') + '\n');
}

for (const name of ['r50k_base', 'p50k_base', 'p50k_edit', 'cl100k_base', 'o200k_base', 'o200k_harmony']) vectors(name);
