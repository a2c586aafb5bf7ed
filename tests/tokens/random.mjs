// random.mjs - holds our ids against the reference tokenizer's, on random texts of every kind that could go wrong.
//
//   node random.mjs NODE_MODULES CHECK_IDS [COUNT [SEED [PATH...]]]        (make check-tokens COUNT=.. SEED=.. PATHS="..")
//
// The reference is npm's tiktoken 1.0.22 (OpenAI's Rust code as WebAssembly, Unicode 16). Each text is encoded by r50k_base,
// cl100k_base and o200k_base, every tenth block by p50k_base too; CHECK_IDS compares ids, count, token ends and the decoded
// bytes, by each PATH through the tokenizer (default: every one that this processor has). A text depends on SEED, its block
// and its place there alone. One that differs is made as short as it gets and printed as JSON, once for each that is left;
// the run ends after the tenth.
import { execFileSync, spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { availableParallelism } from 'node:os';
import { createInterface } from 'node:readline';
import { isMainThread, parentPort, Worker, workerData } from 'node:worker_threads';
import { fileURLToPath } from 'node:url';
import { join, resolve } from 'node:path';
import { textsOf, tokens } from './texts.mjs';

const BLOCK = 1000, FAILURES = 10;
const names = ['r50k_base', 'p50k_base', , 'cl100k_base', 'o200k_base']; // as sp_encoding_at numbers them

// ---- the reference and ours -------------------------------------------------------------------------------------------

const { modules, checker, count, seed, paths } = isMainThread ? arguments_() : workerData.options;

function arguments_() {
    const [modules, checker, count = '5000000', seed = '1', ...paths] = process.argv.slice(2);
    const giveUp = (why) => {
        console.error(why);
        process.exit(2);
    };
    if (!checker || !(Number(count) > 0)) giveUp('usage: node random.mjs NODE_MODULES CHECK_IDS [COUNT [SEED [PATH...]]]');
    const known = execFileSync(checker, ['--list-paths'], { encoding: 'utf8' }).trim().split('\n');
    const unknown = paths.find((path) => !known.includes(path));
    if (unknown !== undefined) giveUp(`this processor has no path ${unknown}; it has ${known.join(', ')}`);
    return { modules, checker, count: Number(count), seed: Number(seed), paths: paths.length ? paths : known };
}

function loadReference() {
    const folder = resolve(modules, 'tiktoken');
    const { Tiktoken } = createRequire(import.meta.url)(join(folder, 'tiktoken.cjs'));
    const data = (name) => JSON.parse(readFileSync(join(folder, 'encoders', `${name}.json`), 'utf8'));
    const decoder = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true });
    for (const line of data('o200k_base').bpe_ranks.split('\n'))
        for (const token of line.split(' ').slice(2)) {
            try {
                tokens.push(decoder.decode(Buffer.from(token, 'base64')));
            } catch { /* a token that is part of a character */ }
        }
    return names.map((name) => {
        const { bpe_ranks, special_tokens, pat_str } = data(name);
        return new Tiktoken(bpe_ranks, special_tokens, pat_str);
    });
}

// The records that check_ids reads: five numbers, the text, its ids.
class Records {
    bytes = Buffer.allocUnsafe(1 << 20);
    used = 0;
    add(encoding, block, index, text, ids) {
        const most = 20 + text.length * 3 + ids.length * 4;
        if (this.bytes.length - this.used < most) {
            const larger = Buffer.allocUnsafe((this.bytes.length + most) * 2);
            this.bytes.copy(larger, 0, 0, this.used);
            this.bytes = larger;
        }
        const start = this.used;
        const len = this.bytes.write(text, start + 20);
        this.used += 20 + len;
        const raw = Buffer.from(ids.buffer, ids.byteOffset, ids.byteLength);
        raw.copy(this.bytes, this.used);
        this.used += raw.length;
        [encoding, block, index, len, ids.length].forEach((number, i) => this.bytes.writeUInt32LE(number, start + 4 * i));
        return len;
    }
    take = () => this.bytes.subarray(0, this.used);
}

function differs(path, encoding, reference, text) {
    const record = new Records();
    record.add(encoding, 0, 0, text, reference[encoding].encode_ordinary(text));
    return spawnSync(checker, ['--path', path], { input: record.take(), timeout: 30_000 }).status !== 0;
}

// Takes away what can go and makes an x of what can be one, as long as the text still differs.
function minimised(path, encoding, reference, text) {
    let codes = Array.from(text), tries = 4000;
    const still = (candidate) => tries-- > 0 && differs(path, encoding, reference, candidate.join(''));
    for (let size = codes.length >> 1; size >= 1; size >>= 1)
        for (let at = 0; at < codes.length;) {
            const candidate = codes.toSpliced(at, size);
            if (still(candidate)) codes = candidate;
            else at += size;
        }
    for (let at = 0; at < codes.length; at++)
        if (codes[at] !== 'x' && still(codes.with(at, 'x'))) codes[at] = 'x';
    return codes.join('');
}

const escaped = (text) => JSON.stringify(text).replace(/[^ -~]/g, (c) => '\\u' + c.charCodeAt(0).toString(16).padStart(4, '0'));

async function work({ worker, workers }) {
    const reference = loadReference();
    const ours = paths.map((path) => {
        const child = spawn(checker, ['--path', path], { stdio: ['pipe', 'pipe', 'inherit'] });
        child.stdin.on('error', () => {}); // its exit code tells
        const lines = [], ended = once(child, 'close');
        createInterface({ input: child.stdout }).on('line', (line) => lines.push(line));
        return { path, child, lines, ended };
    });
    let sent = 0, bytes = 0, written;
    for (let block = worker; block * BLOCK < count; block += workers) {
        const records = new Records();
        for (const [index, text] of textsOf(seed, block, Math.min(BLOCK, count - block * BLOCK)).entries())
            for (const encoding of block % 10 ? [0, 3, 4] : [0, 1, 3, 4]) {
                const ids = reference[encoding].encode_ordinary(text);
                bytes += records.add(encoding, block, index, text, ids);
                sent++;
            }
        await written; // the last block: so one is compared while the next is made
        written = Promise.all(ours.map(({ child }) => new Promise((done) => child.stdin.write(records.take(), done))));
        if (ours.some(({ lines, child }) => lines.length >= FAILURES || child.exitCode !== null)) break;
        parentPort.postMessage({ done: sent });
    }
    const failures = [];
    for (const { path, child, lines, ended } of ours) {
        child.stdin.end();
        const [code, signal] = await ended;
        const seen = lines.at(-1) === `${sent} texts`;
        for (const line of lines.slice(0, FAILURES)) {
            const [, name, block, index, fault] = /^(\w+) (\d+) (\d+) (.*)$/.exec(line) ?? [];
            if (!name) continue;
            const encoding = names.indexOf(name), text = textsOf(seed, Number(block), BLOCK)[index];
            const shortest = minimised(path, encoding, reference, text);
            if (failures.some((other) => other.path === path && other.name === name && other.text === shortest)) continue;
            failures.push({ path, name, block, index, fault, text: shortest, expected: [...reference[encoding].encode_ordinary(shortest)] });
        }
        if (!seen && failures.length === 0) failures.push({ path, name: '', fault: `check_ids saw not all of ${sent} texts (exit code ${code}, signal ${signal})` });
    }
    parentPort.postMessage({ sent, bytes, failures });
}

// ---- the whole ------------------------------------------------------------------------------------------------------------

async function main() {
    const begin = Date.now(), workers = Math.min(2, availableParallelism(), Math.ceil(count / BLOCK));
    const done = [];
    let shown = 0;
    const results = await Promise.all(Array.from({ length: workers }, (_, worker) => new Promise((settle, reject) => {
        const thread = new Worker(fileURLToPath(import.meta.url), { workerData: { worker, workers, options: { modules, checker, count, seed, paths } } });
        thread.on('error', reject).on('message', (message) => {
            if (message.failures) settle(message);
            done[worker] = message.done ?? message.sent;
            if (process.stderr.isTTY && Date.now() - shown > 1000) {
                shown = Date.now();
                process.stderr.write(`\r${done.reduce((a, b) => a + b, 0)} texts `);
            }
        });
    })));
    const failures = results.flatMap((result) => result.failures);
    const sum = (what) => results.reduce((all, result) => all + result[what], 0);
    for (const { path, name, block, index, fault, text, expected } of failures)
        console.log(text === undefined ? `FAIL ${path} ${fault}` : `FAIL ${path} ${name} ${fault}: ${escaped(text)}, expected ${JSON.stringify(expected)} (seed ${seed}, block ${block}, text ${index})`);
    console.log(`${count} texts of seed ${seed}, ${sum('sent')} encodings of ${(sum('bytes') / 1e6).toFixed(0)} MB, on each of ${paths.join(', ')}: ` +
                `${failures.length ? 'NOT EQUAL' : 'all equal'}, ${((Date.now() - begin) / 1000).toFixed(0)} s`);
    process.exitCode = failures.length ? 1 : 0;
}

await (isMainThread ? main() : work(workerData));
