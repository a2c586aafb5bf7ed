// variants.mjs - tokenizer.json files of our own, small ones, for every part that the published ones do not have.

const letters = Array.from('abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789.,;:!?-_/()[]{}"\'#*<>=+|@$%&éüößñçàΩλждиאבجमि中文字日本語한국어ーあいう€™😀');
const syllables = ['th', 'he', 'in', 'er', 'an', 're', 'on', 'at', 'en', 'nd', 'ti', 'es', 'or', 'te', 'of', 'ed', 'is', 'it', 'al', 'ar', 'st', 'to', 'nt', 'ng', 'se', 'ha', 'as', 'ou', 'io', 'le',
    'the', 'ing', 'and', 'ion', 'ent', 'hello', 'world', 'return', 'import', 'args', 'text', '10', '00', '000', '...', '://', 'при', '中文', '日本'];

export const added = (id, content, more = {}) => ({ id, content, single_word: false, lstrip: false, rstrip: false, normalized: false, special: true, ...more });

export const file = (model, more) => ({ version: '1.0', truncation: null, padding: null, added_tokens: [], normalizer: null, pre_tokenizer: null, post_processor: null, decoder: null, ...more, model });

const ids = (list) => Object.fromEntries([...new Set(list)].map((token, id) => [token, id]));

// BERT's file around a list of its words, in which what begins a word has a mark, and not what goes on in one.
export function bert(words) {
    const specials = ['[PAD]', '[UNK]', '[CLS]', '[SEP]', '[MASK]'];
    const spelled = words.map((word) => (word === '▁' ? '[unused0]' : /^\[.*\]$/.test(word) ? word : word.startsWith('▁') ? word.slice(1) : `##${word}`));
    return file({ type: 'WordPiece', unk_token: '[UNK]', continuing_subword_prefix: '##', max_input_chars_per_word: 100, vocab: Object.fromEntries(spelled.map((word, id) => [word, id])) }, {
        added_tokens: specials.map((word) => added(spelled.indexOf(word), word)),
        normalizer: { type: 'BertNormalizer', clean_text: true, handle_chinese_chars: true, strip_accents: null, lowercase: true },
        pre_tokenizer: { type: 'BertPreTokenizer' },
        decoder: { type: 'WordPiece', prefix: '##', cleanup: true },
    });
}

// Every syllable can be merged from its letters, from the left.
function merged(prefix = '', suffix = '') {
    const vocab = new Set(['<unk>', '▁', ' ', '<|endoftext|>', ...letters]), merges = [];
    const step = (left, right, whole) => {
        for (const token of [left, right, whole]) vocab.add(token);
        merges.push(`${left} ${right}`);
    };
    for (const syllable of syllables) {
        const points = Array.from(syllable);
        for (const last of ['', suffix]) {
            let whole = points[0];
            points.slice(1).forEach((letter, i) => {
                const right = prefix + letter + (i + 2 === points.length ? last : '');
                step(whole, right, whole + right.slice(prefix.length));
                whole += right.slice(prefix.length);
            });
        }
    }
    if (prefix || suffix) for (const letter of letters) for (const token of [prefix + letter, letter + suffix, prefix + letter + suffix]) vocab.add(token);
    return { vocab: ids(vocab), merges: [...new Set(merges)] };
}

function marked() {
    const { vocab, merges } = merged();
    for (const [left, right] of [['▁', '▁'], ['▁▁', '▁▁'], ['▁', 't'], ['▁t', 'he'], ['▁', 'a'], ['▁', 'hello']])
        if (!merges.includes(`${left} ${right}`)) {
            merges.push(`${left} ${right}`);
            for (const token of [left, right, left + right]) vocab[token] ??= Object.keys(vocab).length;
        }
    return { vocab, merges };
}

const bytes = Array.from({ length: 256 }, (_, byte) => `<0x${byte.toString(16).toUpperCase().padStart(2, '0')}>`);

function withBytes({ vocab, merges }) {
    for (const byte of bytes) vocab[byte] ??= Object.keys(vocab).length;
    return { vocab, merges };
}

const bpe = (parts, more = {}) => ({ type: 'BPE', dropout: null, unk_token: null, continuing_subword_prefix: null, end_of_word_suffix: null, fuse_unk: false, byte_fallback: false, ignore_merges: false, ...parts, ...more });

const scored = (first) => [...first.map((token) => [token, 0]), ...[...new Set(['▁', ...letters, ...syllables, ...syllables.map((s) => `▁${s}`), '▁▁', '▁▁▁'])].map((token, i) => [token, -2 - ((i * 7919) % 1000) / 100])];

const unigram = (more = {}) => ({ type: 'Unigram', unk_id: 0, vocab: scored(['<unk>', '<s>', '</s>']), byte_fallback: false, ...more });

const wordPiece = (more = {}) => ({ type: 'WordPiece', unk_token: '[UNK]', continuing_subword_prefix: '##', max_input_chars_per_word: 100,
    vocab: ids(['[PAD]', '[UNK]', '[CLS]', '[SEP]', '[MASK]', ...letters, ...letters.map((l) => `##${l}`), ...syllables, ...syllables.map((s) => `##${s}`)]), ...more });

export const metaspace = (more = {}) => ({ type: 'Metaspace', replacement: '▁', prepend_scheme: 'always', split: true, ...more });
const split = (pattern, behavior, invert = false) => ({ type: 'Split', pattern, behavior, invert });
const sequence = (key, ...list) => ({ type: 'Sequence', [key]: list });
export const cut = (...list) => ({ pre_tokenizer: list.length === 1 ? list[0] : sequence('pretokenizers', ...list) });
export const normal = (...list) => ({ normalizer: list.length === 1 ? list[0] : sequence('normalizers', ...list) });
const plain = (unk = {}) => bpe(merged(), { unk_token: '<unk>', ...unk });

export function variants() {
    const size = Object.keys(merged().vocab).length;
    const cases = {
        'bert-uncased': file(wordPiece(), { ...normal({ type: 'BertNormalizer', clean_text: true, handle_chinese_chars: true, strip_accents: null, lowercase: true }), ...cut({ type: 'BertPreTokenizer' }),
            added_tokens: ['[PAD]', '[UNK]', '[CLS]', '[SEP]', '[MASK]'].map((content, id) => added(id, content)) }),
        'bert-cased': file(wordPiece({ max_input_chars_per_word: 7 }), { ...normal({ type: 'BertNormalizer', clean_text: true, handle_chinese_chars: false, strip_accents: false, lowercase: false }), ...cut({ type: 'BertPreTokenizer' }) }),
        'wordlevel': file({ type: 'WordLevel', vocab: ids(['<unk>', ...letters, ...syllables]), unk_token: '<unk>' }, cut({ type: 'Whitespace' })),
        'unigram-metaspace': file(unigram(), { ...normal({ type: 'NFKC' }, { type: 'Replace', pattern: { Regex: ' {2,}' }, content: ' ' }), ...cut(metaspace()) }),
        'unigram-bytes': file(unigram({ vocab: [...scored(['<unk>']), ...bytes.map((byte) => [byte, -20])], byte_fallback: true }), cut(metaspace({ prepend_scheme: 'first' }))),
        'unigram-whole': file(unigram(), { ...normal({ type: 'Prepend', prepend: '▁' }, { type: 'Replace', pattern: { String: ' ' }, content: '▁' }) }),
        'unigram-no-split': file(unigram(), cut({ type: 'WhitespaceSplit' }, metaspace({ split: false }))),
        'sentencepiece': file(bpe(withBytes(marked()), { unk_token: '<unk>', fuse_unk: true, byte_fallback: true }), { ...normal({ type: 'Prepend', prepend: '▁' }, { type: 'Replace', pattern: { String: ' ' }, content: '▁' }),
            added_tokens: [added(0, '<unk>'), added(1000, '<s>'), added(1001, '<|endoftext|>')] }),
        'gemma-like': file(bpe(withBytes(marked()), { unk_token: '<unk>', fuse_unk: true, byte_fallback: true }), { ...normal({ type: 'Replace', pattern: { String: ' ' }, content: '▁' }), ...cut(split({ String: ' ' }, 'MergedWithPrevious')) }),
        'metaspace-never': file(bpe(marked(), { unk_token: '<unk>', fuse_unk: true }), cut(metaspace({ prepend_scheme: 'never' }))),
        'metaspace-first-added': file(bpe(marked(), { unk_token: '<unk>' }), { ...cut(metaspace({ prepend_scheme: 'first' })), added_tokens: [added(1000, 'hello', { special: false, normalized: true }), added(1001, '<|endoftext|>')] }),
        'prefix-suffix': file(bpe(merged('##', '</w>'), { unk_token: '<unk>', continuing_subword_prefix: '##', end_of_word_suffix: '</w>' }), cut({ type: 'WhitespaceSplit' })),
        'suffix': file(bpe(merged('', '</w>'), { unk_token: '<unk>', end_of_word_suffix: '</w>', fuse_unk: true }), { ...normal({ type: 'NFC' }, { type: 'Replace', pattern: { Regex: '\\s+' }, content: ' ' }, { type: 'Lowercase' }), ...cut({ type: 'BertPreTokenizer' }) }),
        'no-unknown': file(plain({ unk_token: null }), cut({ type: 'Whitespace' })),
        'whole-pieces': file(plain({ ignore_merges: true }), cut({ type: 'Punctuation', behavior: 'Contiguous' })),
        'strip': file(plain(), normal({ type: 'Strip', strip_left: true, strip_right: true })),
        'strip-accents': file(plain(), normal({ type: 'NFD' }, { type: 'StripAccents' })),
        'nfkd-lower': file(plain(), normal({ type: 'NFKD' }, { type: 'Lowercase' })),
        'delimiter': file(plain(), cut({ type: 'CharDelimiterSplit', delimiter: 'e' })),
        'digits': file(plain(), cut({ type: 'Digits', individual_digits: true })),
        'digit-runs': file(plain(), cut({ type: 'Digits', individual_digits: false })),
        'added-flags': file(plain(), { ...normal({ type: 'Lowercase' }), added_tokens: [added(0, 'the', { special: false, single_word: true }), added(size, '<mask>', { lstrip: true }), added(3, '<|endoftext|>', { rstrip: true }),
            added(size + 1, 'Return', { special: false, normalized: true }), added(0, 'ret', { special: false, normalized: true }), added(size + 2, '  ', { special: false })] }),
    };
    for (const behavior of ['Isolated', 'Removed', 'MergedWithPrevious', 'MergedWithNext', 'Contiguous'])
        for (const invert of [false, true]) {
            const name = `split-${behavior.toLowerCase()}${invert ? '-inverted' : ''}`;
            cases[name] = file(plain(), cut(split({ Regex: '[aeiou0-9]|th|\\s' }, behavior, invert)));
            cases[`${name}-text`] = file(plain(), cut(split({ String: 'e' }, behavior, invert)));
        }
    cases['split-empty'] = file(plain(), cut(split({ Regex: '(?=[a-m])|x*' }, 'Isolated')));
    cases['split-lines'] = file(plain(), cut(split({ Regex: '^.|.$' }, 'Isolated')));
    for (const behavior of ['Isolated', 'Removed', 'MergedWithPrevious', 'MergedWithNext'])
        cases[`punctuation-${behavior.toLowerCase()}`] = file(plain(), cut({ type: 'Punctuation', behavior }));
    return cases;
}
