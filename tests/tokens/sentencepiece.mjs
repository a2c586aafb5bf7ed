// sentencepiece.mjs - a tokenizer.json of a SentencePiece model, made as the converters of Hugging Face's transformers make it.
import { added, cut, file, metaspace, normal } from './variants.mjs';

// A protocol buffer: [number of the field, its value], a value being a number or bytes.
function fields(bytes) {
    const found = [];
    let at = 0;
    const number = () => {
        for (let value = 0, unit = 1; ; unit *= 128) {
            const byte = bytes[at++];
            value += (byte & 127) * unit;
            if (byte < 128) return value;
        }
    };
    const take = (len) => bytes.subarray(at, (at += len));
    while (at < bytes.length) {
        const key = number(), kind = key & 7;
        found.push([key >> 3, kind === 0 ? number() : kind === 5 ? take(4).readFloatLE() : kind === 1 ? take(8).readDoubleLE() : take(number())]);
    }
    return found;
}

const one = (list, number, missing) => list.find(([field]) => field === number)?.[1] ?? missing;

// Its pieces with their scores, which is the unknown one, and its table of characters in base64.
export function readModel(bytes) {
    const model = fields(bytes);
    const pieces = model.filter(([field]) => field === 1).map(([, piece]) => fields(piece));
    return {
        vocab: pieces.map((piece) => [one(piece, 1).toString(), one(piece, 2, 0)]),
        unknown: pieces.findIndex((piece) => one(piece, 3, 1) === 2),
        charsmap: one(fields(one(model, 3)), 2).toString('base64'),
    };
}

const replace = (pattern, content) => ({ type: 'Replace', pattern, content });

// The ways that published files go: XLM-RoBERTa and T5 as they were first, as they are now, and ALBERT.
export function sentencePieceFiles({ vocab, unknown, charsmap }) {
    const precompiled = { type: 'Precompiled', precompiled_charsmap: charsmap };
    const unigram = { type: 'Unigram', unk_id: unknown, vocab, byte_fallback: false };
    const words = cut({ type: 'WhitespaceSplit' }, metaspace());
    const specials = vocab.slice(0, 3).map(([word], id) => added(id, word));
    return {
        plain: file(unigram, { ...normal(precompiled), ...words, added_tokens: specials }),
        blanks: file(unigram, { ...normal(precompiled, replace({ Regex: ' {2,}' }, '▁')), ...cut(metaspace()), added_tokens: specials }),
        first: file(unigram, { ...normal(precompiled), ...cut(metaspace({ prepend_scheme: 'first' })), added_tokens: [...specials, added(vocab.length, '<mask>', { lstrip: true })] }),
        albert: file(unigram, { ...normal(replace({ String: '``' }, '"'), replace({ String: "''" }, '"'), { type: 'NFKD' }, { type: 'StripAccents' }, { type: 'Lowercase' }, precompiled), ...words, added_tokens: specials }),
    };
}
