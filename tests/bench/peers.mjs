// peers.mjs - measures an npm tokenizer the way bench_tokenize measures ours; count prints what bench_cold times.
//
//   node peers.mjs NODE_MODULES tiktoken|gpt-tokenizer ENCODING passes PASSES FILE      lines "NAME ENCODING, tiktoken.first, 5.8"
//   node peers.mjs NODE_MODULES tiktoken|gpt-tokenizer ENCODING count FILE...           the number of tokens of all files
//
// The vocabulary is loaded before the clock of `passes` starts. Only what is needed is loaded: one encoding, without the others.
import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { basename, resolve } from 'node:path';

const [modules, peer, encoding, operation, ...rest] = process.argv.slice(2);
const require = createRequire(resolve(modules, 'peers.js'));

function counter() {
    if (peer === 'gpt-tokenizer') {
        const { countTokens } = require(`gpt-tokenizer/encoding/${encoding}`);
        return (text) => countTokens(text, { allowedSpecial: new Set(), disallowedSpecial: new Set() });
    }
    const { Tiktoken } = require('tiktoken/lite');
    const { bpe_ranks, special_tokens, pat_str } = require(`tiktoken/encoders/${encoding}.json`);
    const reference = new Tiktoken(bpe_ranks, special_tokens, pat_str);
    return (text) => reference.encode_ordinary(text).length;
}

const count = counter();
if (operation === 'count') {
    console.log(rest.reduce((sum, file) => sum + count(readFileSync(file, 'utf8')), 0));
} else {
    const [passes, file] = rest;
    const bytes = readFileSync(file), text = bytes.toString();
    for (let pass = 0; pass < Number(passes); pass++) {
        const begin = performance.now();
        count(text);
        const speed = bytes.length / (performance.now() - begin) / 1e3;
        console.log(`${basename(file, '.txt')} ${encoding}\t${peer}.${pass === 0 ? 'first' : 'again'}\t${speed.toFixed(3)}`);
    }
}
