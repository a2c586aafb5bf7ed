/* The page of `explain --html`. The prompt is untrusted text: it only ever becomes text nodes and attributes. */
'use strict';
(() => {
const $ = (id) => document.getElementById(id);
const data = JSON.parse($('data').textContent);
const narrow = matchMedia('(max-width: 899px)');

/* Children are texts or elements; of the properties, those with a dash and role are attributes. */
function make(tag, properties, ...children) {
  const element = document.createElement(tag);
  for (const [key, value] of Object.entries(properties || {})) {
    if (value === undefined || value === null) continue;
    if (key.includes('-') || key === 'role') element.setAttribute(key, value);
    else element[key] = value;
  }
  element.append(...children.filter((child) => child !== undefined && child !== null));
  return element;
}

const number = (n) => n.toString().replace(/\B(?=(\d{3})+$)/g, ',');
const tokens = (n) => (data.exact ? '' : '~') + number(n);
const plural = (n, what) => number(n) + ' ' + what + (n === 1 ? '' : 's');
const tokensInWords = (n) => tokens(n) + (n === 1 ? ' token' : ' tokens');
/* Rounded as explain's table does. */
function share(part, whole) {
  const permille = whole ? Math.floor((part * 1000 + Math.floor(whole / 2)) / whole) : 0;
  return Math.floor(permille / 10) + '.' + (permille % 10) + '%';
}
const range = (lines) => (lines ? lines[0] + (lines[1] > lines[0] ? '-' + lines[1] : '') : '');

/* ---- the model: nodes, lines, tokens ---------------------------------------------------------------- */

const OWN_WORDING = data.wording;
const OWN_KINDS = { header: 'headers, memory instructions', marker: 'markers' };
const HUES = [255, 155, 60, 330, 205, 105, 25, 290, 180, 0];
function slug(text) {
  return text.toLowerCase().replace(/[^\p{L}\p{N}_]+/gu, '-').replace(/^-+|-+$/g, '') || 'section';
}

const byId = new Map();
function giveId(node) {
  const own = node.isFile ? node.name : slug(node.name);
  let id = node.parent === root ? own : node.parent.id + '/' + own;
  if (/^(L\d+(-L?\d+)?|left-out|diagnostics)$/.test(id)) id += '/';
  for (let i = 2, first = id; byId.has(id); i++) id = first + '-' + i;
  node.id = id;
  byId.set(id, node);
}

const nodes = data.nodes.map((given) => {
  const source = data.sources[given.source];
  const isOurs = source.path === null;
  return {
    source: given.source, lines: given.lines, tokens: given.tokens, own: given.own_tokens, parentIndex: given.parent,
    given: given.name, kind: given.kind, path: source.path ?? OWN_WORDING, isOurs, children: [], depth: -1, parent: null, id: '',
  };
});
const root = nodes[0];
root.name = 'All files';
const childCounts = new Map();
for (const given of data.nodes) childCounts.set(given.parent, (childCounts.get(given.parent) || 0) + 1);
for (const [index, node] of nodes.entries()) {
  if (node === root) continue;
  node.parent = nodes[node.parentIndex];
  /* A file without headings is one row. */
  if (node.given === null && node.parentIndex > 0 && childCounts.get(node.parentIndex) === 1) {
    nodes[index] = node.parent;
    node.parent.own = node.own;
    continue;
  }
  node.parent.children.push(node);
  node.depth = node.parent.depth + 1;
  node.isFile = node.depth === 0;
  node.name = node.isFile ? node.path : node.given ?? (node.isOurs ? OWN_KINDS[node.kind] || node.kind : '(before the first heading)');
  giveId(node);
}
/* Text right below a heading that has headings below it is a part as well, so that parts sum to the whole. */
for (const node of new Set(nodes.slice(1))) {
  if (node.children.length && node.own > 0) {
    node.children.unshift({
      name: '(right below the heading)', ownOf: node, parent: node,
      source: node.source, path: node.path, lines: null, tokens: node.own, children: [], depth: node.depth + 1,
      isOurs: node.isOurs, id: node.id + '/.',
    });
    byId.set(node.id + '/.', node.children[0]);
  }
}
/* Each node's place in the order of a walk, so that what is below it is a run. */
{
  let at = 0;
  const walk = [[root, 0]];
  root.first = at++;
  while (walk.length) {
    const top = walk[walk.length - 1];
    if (top[1] === top[0].children.length) {
      top[0].last = at - 1;
      walk.pop();
    } else {
      const child = top[0].children[top[1]++];
      child.first = at++;
      walk.push([child, 0]);
    }
  }
}
const isBelow = (node, above) => node.first >= above.first && node.first <= above.last;
function chain(node) {
  const names = [];
  for (; node && node !== root; node = node.parent) names.unshift(node.name);
  return names;
}
/* A colour for each file; where there is one file only, for each of its sections. */
{
  const give = (node, hue) => {
    node.hue = hue;
    for (const child of node.children) give(child, hue);
  };
  let groups = root.children.filter((node) => !node.isOurs);
  while (groups.length === 1 && groups[0].children.length) groups = groups[0].children;
  give(root, HUES[0]);
  groups.forEach((node, i) => give(node, HUES[i % HUES.length]));
}
function colour(element, node) {
  element.style.setProperty('--hue', node.hue);
  if (node.isOurs) {
    element.style.setProperty('--chroma', 0.006);
    element.style.setProperty('--dot-c', 0.01);
  }
}

/* Lines of the prompt, as `sed -n 120p` counts them: they end at a line feed, and with their message. */
const text = data.messages.map((message) => message.text).join('');
const lines = { begin: [], end: [], segment: [], source: [], role: [] };
{
  let segment = 0;
  let segmentEnd = data.segments.length ? data.segments[0][2] : 0;
  let sourceLine = data.segments.length ? data.segments[0][3] : 0;
  let at = 0;
  let messageEnd = 0;
  const goTo = (to) => {
    for (;;) {
      const stop = Math.min(to, segmentEnd);
      for (; at < stop; at++) {
        const c = text.charCodeAt(at);
        sourceLine += c === 10 || (c === 13 && text.charCodeAt(at + 1) !== 10) ? 1 : 0;
      }
      if (segmentEnd > to || segment + 1 >= data.segments.length) return;
      segment++;
      segmentEnd += data.segments[segment][2];
      sourceLine = data.segments[segment][3];
    }
  };
  for (const message of data.messages) {
    let begin = messageEnd;
    messageEnd += message.text.length;
    while (begin < messageEnd) {
      const feed = text.indexOf('\n', begin);
      const end = feed < 0 || feed >= messageEnd ? messageEnd : feed + 1;
      goTo(begin);
      lines.begin.push(begin);
      lines.end.push(end);
      lines.segment.push(segment);
      lines.source.push(sourceLine);
      lines.role.push(begin === messageEnd - message.text.length && data.messages.length > 1 ? message.role : null);
      begin = end;
    }
  }
}
const lineCount = lines.begin.length;
const nodeOfLine = (line) => nodes[data.segments[lines.segment[line]][0]];

/* Index of the last item of a sorted list that is at most value, or -1. */
function lastUpTo(list, value) {
  let low = 0;
  let high = list.length;
  while (low < high) {
    const middle = (low + high) >> 1;
    if (list[middle] <= value) low = middle + 1;
    else high = middle;
  }
  return low - 1;
}
const lineAt = (offset) => Math.max(0, lastUpTo(lines.begin, offset));

/* Where each segment begins, and the first of each node. */
const segmentBegin = [];
const firstSegment = new Map();
data.segments.reduce((at, segment, i) => {
  segmentBegin.push(at);
  if (segment[2] > 0)
    for (let node = nodes[segment[0]], isOwn = true; node && node !== root; node = node.parent, isOwn = false) {
      if (isOwn && node.children[0] && node.children[0].ownOf && !firstSegment.has(node.children[0])) firstSegment.set(node.children[0], i);
      if (!firstSegment.has(node)) firstSegment.set(node, i);
    }
  return at + segment[2];
}, 0);

/* Where tokens begin: unpacked when they are wanted first. */
let tokenBegin = null;
function unpackTokens() {
  const digits = '0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz';
  const value = new Map([...digits].map((digit, i) => [digit, i]));
  const begins = new Uint32Array(data.tokens + 1);
  let count = 0;
  let at = 0;
  for (const message of data.messages) {
    const packed = message.token_lengths;
    for (let i = 0; i < packed.length; i++) {
      begins[count++] = at;
      if (packed[i] === '(') {
        const close = packed.indexOf(')', i);
        at += Number(packed.slice(i + 1, close));
        i = close;
      } else {
        at += value.get(packed[i]);
      }
    }
  }
  begins[count] = at;
  tokenBegin = begins;
}

/* ---- what is chosen ---------------------------------------------------------------------------------- */

const state = {
  node: null, /* chosen in the map or the tree */
  from: -1, to: -1, /* or lines of the prompt */
  zoom: root,
  bySize: false,
  showsTokens: false,
  query: '', matches: [], match: -1,
  tab: 'text',
};

function isChosenLine(line) {
  if (state.from >= 0) return line >= state.from && line <= state.to;
  if (!state.node) return false;
  const own = state.node.ownOf;
  return own ? nodeOfLine(line) === own : isBelow(nodeOfLine(line), state.node);
}

function address(node) {
  return '#' + node.id.split('/').map(encodeURIComponent).join('/');
}

function follow(hash) {
  if (location.hash === hash || location.hash === decodeURI(hash)) applyHash();
  else location.hash = hash;
}
const choose = (node) => follow(address(node));

function applyHash() {
  let wanted = location.hash.slice(1);
  try {
    wanted = decodeURIComponent(wanted);
  } catch { /* not one of ours */ }
  const asLines = /^L(\d+)(?:-L?(\d+))?$/.exec(wanted);
  let target = -1;
  state.node = null;
  state.from = state.to = -1;
  if (asLines && lineCount) {
    const within = (given) => Math.min(Math.max(Number(given), 1), lineCount) - 1;
    state.from = within(asLines[1]);
    state.to = Math.max(state.from, within(asLines[2] || asLines[1]));
    showTab('text');
    target = state.from;
  } else if (wanted === 'left-out' || wanted === 'diagnostics') {
    showTab(wanted === 'diagnostics' ? wanted : 'dropped');
    if (narrow.matches) $('reading').scrollIntoView();
  } else if (byId.has(wanted)) {
    state.node = byId.get(wanted);
    showTab('text');
    revealInTree(state.node);
    if (firstSegment.has(state.node)) target = firstLineOf(state.node);
  }
  markChosen();
  sayWhere();
  if (target >= 0) goToLine(target);
}

/* The line where a node's text begins: the first that is its own from the left, if there is one. */
function firstLineOf(node) {
  const line = lineAt(segmentBegin[firstSegment.get(node)]);
  return !isChosenLine(line) && line + 1 < lineCount && isChosenLine(line + 1) ? line + 1 : line;
}

function sayWhere() {
  const here = $('here');
  here.textContent = '';
  if (state.from >= 0) {
    const node = nodeOfLine(state.from);
    here.append('Line ' + (state.from + 1) + (state.to > state.from ? '-' + (state.to + 1) : '') + ': ',
      make('b', {}, node.isOurs ? OWN_WORDING : node.path + ':' + lines.source[state.from]),
      node.isFile || node.isOurs ? '' : ', under ' + node.name);
  } else if (state.node) {
    const names = chain(state.node);
    here.append(make('b', {}, names.join(' › ')), ': ' + tokensInWords(state.node.tokens) + ', ' +
      share(state.node.tokens, data.tokens) + (state.node.lines ? ', lines ' + range(state.node.lines) : ''));
  } else {
    here.append(plural(lineCount, 'line') + ' from ' + plural(data.sources.filter((s) => s.path !== null).length, 'file') +
      '. Choose a box of the map to read its text.');
  }
}

function markChosen() {
  for (const box of $('map').children) box.setAttribute('aria-pressed', String(box.node === state.node));
  for (const row of $('tree').children) if (row.node) row.setAttribute('aria-selected', String(row.node === state.node));
  redrawText();
}

/* ---- head ---------------------------------------------------------------------------------------------- */

/* The first request that the client sends: files and its own parts, as they were measured in one of its versions. */
function clientRequest() {
  if (!data.request_tokens) return data.request_note && 'not known, because ' + data.request_note;
  const window = data.window_tokens ? ', ' + share(data.request_tokens, data.window_tokens) + ' of the window' : '';
  const largest = data.request_parts.filter((part) => part.whose === 'user' && part.tokens).slice(0, 3).map((part) => part.part + ' ~' + number(part.tokens));
  return '~' + number(data.request_tokens) + ', as measured in ' + data.request_measured.version + window
    + (largest.length ? '; largest of yours: ' + largest.join(', ') : '');
}

function drawHead() {
  const agent = data.agent;
  const title = !agent ? 'main session' : agent.name ? 'agent ' + agent.name : 'an agent without a name';
  document.title = title + ': ' + tokensInWords(data.tokens) + ' - sysprompt';
  $('title').textContent = title;
  $('about').textContent = (agent && agent.description) || '';
  $('tokens').textContent = tokens(data.tokens);
  $('unit').textContent = data.tokens === 1 ? 'token' : 'tokens';
  if (!data.exact) {
    $('range').textContent = number(data.low) + ' to ' + number(data.high);
    $('range').title = 'An estimate: the range holds for 95 in 100 texts that it was not fitted to';
  }
  const model = agent && agent.model_resolved;
  const facts = [
    ['Counted with', data.encoding + (data.exact ? '' : ', an estimate')],
    ['Tokenizer', data.encoding_note],
    ['Model', model && model + (data.matches_model ? '' : ', which sees another number of tokens')],
    ['By the rules of', data.profile],
    ['Own wording', tokens(data.generated_tokens) + ', ' + share(data.generated_tokens, data.tokens)],
    ['As a request', data.request && tokens(data.request.tokens) + ' with its frame'],
    ["Client's request", clientRequest()],
  ];
  $('facts').append(...facts.filter((fact) => fact[1]).map(([name, value]) => make('div', {}, make('dt', {}, name), make('dd', {}, value))));
}

/* ---- map: squarified (Bruls, Huizing, van Wijk 2000) ------------------------------------------------------ */

/* Puts items with an area each into a rectangle, the largest first; calls place(item, x, y, width, height). */
function squarify(items, x, y, width, height, place) {
  let at = 0;
  while (at < items.length) {
    const side = Math.min(width, height);
    let sum = 0;
    let worst = Infinity;
    let end = at;
    while (end < items.length) {
      const next = sum + items[end].area;
      const thickness = next / side;
      const ratio = Math.max(thickness * thickness / items[end].area, items[at].area / (thickness * thickness));
      if (ratio > worst) break;
      worst = ratio;
      sum = next;
      end++;
    }
    const thickness = sum / side;
    let along = 0;
    for (; at < end; at++) {
      const length = items[at].area / thickness;
      if (width >= height) place(items[at], x, y + along, thickness, length);
      else place(items[at], x + along, y, length, thickness);
      along += length;
    }
    if (width >= height) {
      x += thickness;
      width -= thickness;
    } else {
      y += thickness;
      height -= thickness;
    }
  }
}

const SMALLEST_AREA = 90; /* square pixels; what is smaller is one box, "[N others]" */
const HEAD = 20;

function drawBox(node, x, y, width, height, isGroup, others) {
  const name = others ? '[' + plural(others, 'other') + ']' : node.name;
  const about = (others ? [...chain(node), name] : chain(node)).join(' › ') + ': ' + tokensInWords(others ? node.rest : node.tokens) +
    ', ' + share(others ? node.rest : node.tokens, data.tokens);
  const box = make('div', { className: isGroup ? 'box group' : 'box', role: 'button', tabIndex: -1, 'aria-label': about, 'aria-pressed': 'false' });
  const gap = 1;
  box.node = others ? null : node;
  box.inside = node;
  box.others = others;
  box.centre = [x + width / 2, isGroup ? y + HEAD / 2 : y + height / 2];
  box.style.left = x + gap + 'px';
  box.style.top = y + gap + 'px';
  box.style.width = Math.max(1, width - 2 * gap) + 'px';
  box.style.height = Math.max(1, height - 2 * gap) + 'px';
  box.style.setProperty('--shade', isGroup ? Math.max(0.012, 0.065 - 0.018 * node.depth) : 0);
  colour(box, node);
  if (width > 34 && height > 17) {
    const label = !others && node.isFile && width < 260 ? name.slice(name.lastIndexOf('/') + 1) : name;
    box.append(make('span', { className: 'name' }, label));
    if (isGroup) box.append(' ');
    if (isGroup || height > 36) box.append(make('span', { className: 'size' }, tokens(others ? node.rest : node.tokens)));
  }
  if (width < 20 || height < 12) box.style.padding = '0';
  $('map').append(box);
}

function layOut(node, x, y, width, height) {
  const whole = node.children.reduce((sum, child) => sum + child.tokens, 0);
  const scale = whole ? width * height / whole : 0;
  const items = node.children.filter((child) => child.tokens > 0).map((child) => ({ node: child, area: child.tokens * scale }));
  items.sort((a, b) => b.area - a.area);
  let shown = items.length;
  while (shown > 0 && items[shown - 1].area < SMALLEST_AREA) shown--;
  const small = items.splice(shown);
  if (small.length === 1) items.push(small[0]);
  else if (small.length) {
    node.rest = small.reduce((sum, item) => sum + item.node.tokens, 0);
    items.push({ node, others: small.length, area: node.rest * scale });
  }
  squarify(items, x, y, width, height, (item, left, top, wide, high) => {
    const isGroup = !item.others && item.node.children.length > 0 && wide > 60 && high > HEAD + 24;
    drawBox(item.node, left, top, wide, high, isGroup, item.others);
    if (isGroup) layOut(item.node, left + 4, top + HEAD, wide - 8, high - HEAD - 4);
  });
}

function drawMap() {
  const map = $('map');
  const hadFocus = map.contains(document.activeElement);
  map.textContent = '';
  if (map.clientWidth < 20) return;
  layOut(state.zoom, 0, 0, map.clientWidth, map.clientHeight);
  const current = [...map.children].find((box) => box.node && box.node === state.node) || map.firstChild;
  if (current) current.tabIndex = 0;
  if (hadFocus && current) current.focus({ preventScroll: true });
  if (!map.firstChild) map.append(make('p', { className: 'none' }, 'There is nothing in this prompt.'));
  for (const box of map.children) if (box.node) box.setAttribute('aria-pressed', String(box.node === state.node));
  drawCrumbs();
}

function drawCrumbs() {
  const crumbs = $('crumbs');
  const path = [];
  for (let node = state.zoom; node; node = node.parent) path.unshift(node);
  crumbs.textContent = '';
  path.forEach((node, i) => {
    if (i) crumbs.append('›');
    crumbs.append(i === path.length - 1 ? make('span', {}, node.name)
      : make('button', { type: 'button', onclick: () => zoomTo(node) }, node.name));
  });
  const inside = state.node && zoomable(state.node);
  if (inside && inside !== state.zoom)
    crumbs.append(make('button', { type: 'button', className: 'why', onclick: () => zoomTo(inside) }, 'Zoom into ' + inside.name));
}

/* What a box can be enlarged to: itself, or what it is in. */
function zoomable(node) {
  return node.children.length ? node : node.parent;
}
function zoomTo(node) {
  state.zoom = node;
  drawMap();
}

/* The nearest box in a direction. */
function neighbour(box, dx, dy) {
  let best = null;
  let least = Infinity;
  for (const other of $('map').children) {
    if (other === box || !other.centre) continue;
    const x = other.centre[0] - box.centre[0];
    const y = other.centre[1] - box.centre[1];
    const ahead = x * dx + y * dy;
    if (ahead <= 1) continue;
    const distance = ahead + 2.5 * Math.abs(x * dy + y * dx);
    if (distance < least) {
      least = distance;
      best = other;
    }
  }
  return best;
}

function focusOnly(element, all) {
  for (const other of all) other.tabIndex = -1;
  element.tabIndex = 0;
  element.focus();
}

const ARROWS = { ArrowLeft: [-1, 0], ArrowRight: [1, 0], ArrowUp: [0, -1], ArrowDown: [0, 1] };

function openBox(box) {
  if (box.others) zoomTo(box.inside);
  else choose(box.node);
}

function listenToMap() {
  const map = $('map');
  const boxOf = (event) => event.target.closest('.box');
  map.addEventListener('click', (event) => {
    const box = boxOf(event);
    if (!box) return;
    focusOnly(box, map.children);
    openBox(box);
    drawCrumbs();
  });
  map.addEventListener('dblclick', (event) => {
    const box = boxOf(event);
    if (box) zoomTo(zoomable(box.inside));
  });
  map.addEventListener('keydown', (event) => {
    const box = boxOf(event);
    if (!box || event.ctrlKey || event.metaKey || event.altKey) return;
    const arrow = ARROWS[event.key];
    if (arrow) {
      const next = neighbour(box, ...arrow);
      if (next) focusOnly(next, map.children);
    } else if (event.key === 'Enter' || event.key === ' ') {
      openBox(box);
      drawCrumbs();
    } else if (event.key === 'z') {
      zoomTo(zoomable(box.inside));
    } else if ((event.key === 'Escape' || event.key === 'Backspace') && state.zoom.parent) {
      zoomTo(state.zoom.parent);
    } else {
      return;
    }
    event.preventDefault();
  });
  const show = (box, x, y) => showTip(box.getAttribute('aria-label'), box.node && box.node.lines, x, y);
  map.addEventListener('pointermove', (event) => {
    const box = boxOf(event);
    if (box && event.pointerType !== 'touch') show(box, event.clientX, event.clientY);
    else hideTip();
  });
  map.addEventListener('pointerleave', hideTip);
  map.addEventListener('focusin', (event) => {
    const box = boxOf(event);
    if (box && box.matches(':focus-visible')) {
      const at = box.getBoundingClientRect();
      show(box, at.left + Math.min(40, at.width / 2), at.top + Math.min(30, at.height));
    }
  });
  map.addEventListener('focusout', hideTip);
  new ResizeObserver(() => requestAnimationFrame(drawMap)).observe(map);
}

function showTip(words, at, x, y) {
  const tip = $('tip');
  const colon = words.lastIndexOf(': ');
  tip.textContent = '';
  tip.append(make('b', {}, words.slice(0, colon)), words.slice(colon + 2) + (at ? ', lines ' + range(at) : ''));
  tip.hidden = false;
  const size = tip.getBoundingClientRect();
  tip.style.left = Math.max(4, Math.min(x + 14, innerWidth - size.width - 6)) + 'px';
  tip.style.top = (y + 18 + size.height > innerHeight ? Math.max(4, y - size.height - 10) : y + 18) + 'px';
}
function hideTip() {
  $('tip').hidden = true;
}

/* ---- tree ------------------------------------------------------------------------------------------------ */

const opened = new Set();
const MAX_ROWS_AT_FIRST = 60;

/* Level by level, as long as it stays readable. */
function openSome() {
  let shown = root.children.length;
  let level = root.children;
  while (level.length) {
    const below = level.flatMap((node) => node.children);
    if (shown + below.length > MAX_ROWS_AT_FIRST) return;
    for (const node of level) if (node.children.length) opened.add(node);
    shown += below.length;
    level = below;
  }
}

function inOrder(children) {
  return state.bySize ? [...children].sort((a, b) => b.tokens - a.tokens) : children;
}

/* The end of a path says most, and is what a narrow column would lose. */
function fileName(node) {
  const slash = node.isOurs ? -1 : node.name.lastIndexOf('/');
  return slash < 0 ? [node.name] : [node.name.slice(slash + 1), make('small', {}, node.name.slice(0, slash))];
}

function treeRow(node) {
  const isOpen = opened.has(node);
  const dot = make('span', { className: 'dot' });
  const row = make('div', {
    className: 'tr', role: 'row', tabIndex: -1, 'aria-level': node.depth + 1, 'aria-selected': String(node === state.node),
    'aria-expanded': node.children.length ? String(isOpen) : null,
  },
  make('span', { className: node.isFile ? 'part file' : 'part', role: 'gridcell', title: node.name },
    make('span', { className: 'open', 'aria-hidden': 'true' }, node.children.length ? (isOpen ? '▾' : '▸') : ''),
    node.isFile ? dot : null, ...(node.isFile ? fileName(node) : [node.name])),
  make('span', { role: 'gridcell' }, tokens(node.tokens)),
  make('span', { className: 'share', role: 'gridcell' }, share(node.tokens, data.tokens)),
  make('i', { 'aria-hidden': 'true' }));
  row.node = node;
  row.style.setProperty('--level', node.depth);
  row.lastChild.style.width = (data.tokens ? 100 * node.tokens / data.tokens : 0) + '%';
  colour(row, node);
  return row;
}

function addRows(rows, children) {
  for (const node of inOrder(children)) {
    rows.push(treeRow(node));
    if (opened.has(node)) addRows(rows, node.children);
  }
}

function drawTree() {
  const tree = $('tree');
  const focused = document.activeElement && document.activeElement.node;
  const hadFocus = tree.contains(document.activeElement);
  const at = tree.scrollTop;
  const rows = [];
  addRows(rows, root.children);
  tree.replaceChildren(
    make('div', { className: 'tr head', role: 'row' },
      make('span', { role: 'columnheader' }, make('button', { type: 'button', title: 'In the order of the prompt', 'aria-pressed': String(!state.bySize), onclick: () => sortTree(false) }, 'File and heading')),
      make('span', { role: 'columnheader' }, make('button', { type: 'button', title: 'The largest first', 'aria-pressed': String(state.bySize), onclick: () => sortTree(true) }, 'Tokens' + (state.bySize ? ' ▾' : ''))),
      make('span', { role: 'columnheader' }, 'Share')),
    ...rows,
    make('div', { className: 'tr sum', role: 'row' }, make('span', { role: 'gridcell' }, 'Total'),
      make('span', { role: 'gridcell' }, tokens(data.tokens)), make('span', { role: 'gridcell' }, data.tokens ? '100.0%' : '0.0%')));
  tree.scrollTop = at;
  const current = rows.find((row) => row.node === (hadFocus ? focused : state.node)) || rows[0];
  if (current) current.tabIndex = 0;
  if (current && hadFocus) current.focus({ preventScroll: true });
}
function sortTree(bySize) {
  state.bySize = bySize;
  drawTree();
}

function revealInTree(node) {
  for (let above = node.parent; above && above !== root; above = above.parent) opened.add(above);
  drawTree();
  const tree = $('tree');
  const row = [...tree.children].find((one) => one.node === node);
  if (!row) return;
  const top = row.offsetTop - tree.firstChild.offsetHeight - tree.offsetTop + tree.clientTop;
  if (top < tree.scrollTop || top > tree.scrollTop + tree.clientHeight - 90) tree.scrollTop = top - tree.clientHeight / 3;
}

function fold(node, isOpen) {
  if (isOpen) opened.add(node);
  else opened.delete(node);
  drawTree();
}

function listenToTree() {
  const tree = $('tree');
  tree.addEventListener('click', (event) => {
    const row = event.target.closest('.tr');
    if (!row || !row.node) return;
    if (event.target.closest('.open') && row.node.children.length) {
      fold(row.node, !opened.has(row.node));
    } else {
      focusOnly(row, tree.querySelectorAll('.tr'));
      choose(row.node);
      drawCrumbs();
    }
  });
  tree.addEventListener('keydown', (event) => {
    const row = event.target.closest('.tr');
    if (!row || !row.node || event.target !== row) return;
    const rows = [...tree.children].filter((one) => one.node);
    const at = rows.indexOf(row);
    const node = row.node;
    let next = null;
    if (event.key === 'ArrowDown') next = rows[at + 1];
    else if (event.key === 'ArrowUp') next = rows[at - 1];
    else if (event.key === 'Home') next = rows[0];
    else if (event.key === 'End') next = rows[rows.length - 1];
    else if (event.key === 'ArrowRight' && node.children.length && !opened.has(node)) fold(node, true);
    else if (event.key === 'ArrowRight') next = node.children.length ? rows[at + 1] : null;
    else if (event.key === 'ArrowLeft' && opened.has(node)) fold(node, false);
    else if (event.key === 'ArrowLeft') next = rows.find((one) => one.node === node.parent);
    else if (event.key === 'Enter' || event.key === ' ') choose(node);
    else return;
    if (next) focusOnly(next, rows);
    event.preventDefault();
  });
}

/* ---- text --------------------------------------------------------------------------------------------------- */

/* A chunk is a run of rows. It holds plain text until it comes near the window, and rows while it is there. A row is a
 * line, or a part of a very long one. */
const ROWS_IN_CHUNK = 50;
const LONGEST_ROW = 2000;
const chunks = [];
const drawn = new Set();
let watcher = null;

function partsOf(line) {
  const parts = [];
  for (let begin = lines.begin[line]; ;) {
    let end = Math.min(begin + LONGEST_ROW, lines.end[line]);
    if (end < lines.end[line] && (text.charCodeAt(end) & 0xFC00) === 0xDC00) end--;
    parts.push({ line, begin, end });
    begin = end;
    if (begin >= lines.end[line]) return parts;
  }
}

function fileHead(node) {
  const source = data.sources[node.source];
  const about = [source.scope === 'named' ? source.kind : source.scope + ' ' + source.kind];
  if (source.importer) about.push('from ' + source.importer.path + ':' + source.importer.line);
  else if (source.reason !== source.kind) about.push(source.reason.replaceAll('_', ' '));
  if (source.trigger) about.push('for ' + source.trigger);
  const head = make('div', { className: 'file-head' }, make('b', {}, source.path),
    make('span', {}, tokensInWords(source.tokens) + ', ' + share(source.tokens, data.tokens)), make('span', {}, about.join(', ')));
  colour(head, node);
  return head;
}

function layOutText() {
  const pane = $('text');
  const children = [];
  let chunk = null;
  let file = -1;
  for (let line = 0; line < lineCount; line++) {
    const node = nodeOfLine(line);
    let head = null;
    if (lines.role[line]) head = make('div', { className: 'file-head' }, make('b', {}, lines.role[line] + ' message'));
    if (head) children.push(head);
    const isNew = !node.isOurs && node.source !== file;
    if (isNew) {
      file = node.source;
      children.push(fileHead(node));
    }
    for (const part of partsOf(line)) {
      if (!chunk || head || isNew && part.begin === lines.begin[line] || chunk.rows.length >= ROWS_IN_CHUNK) {
        chunk = { rows: [], element: make('div', { className: 'chunk' }) };
        chunk.element.chunk = chunk;
        chunks.push(chunk);
        children.push(chunk.element);
        head = null;
      }
      chunk.rows.push(part);
    }
  }
  for (const one of chunks) {
    one.element.style.containIntrinsicBlockSize = 'auto ' + 20 * one.rows.reduce((sum, row) => sum + 1 + Math.floor((row.end - row.begin) / 90), 0) + 'px';
    undraw(one);
  }
  pane.replaceChildren(...children);
  if (!lineCount) pane.append(make('p', { className: 'none' }, 'This prompt is empty.'));
}

function undraw(chunk) {
  const last = chunk.rows[chunk.rows.length - 1];
  drawn.delete(chunk);
  chunk.element.replaceChildren(make('div', { className: 'raw' }, text.slice(chunk.rows[0].begin, last.end)));
}

/* Control characters, and what would turn the order of the text or hide in it. Joiners between letters or pictures are
 * how these are written. */
const CONTROL = new RegExp('[\\u0000-\\u0008\\u000B-\\u001F\\u007F-\\u009F\\u00AD\\u061C\\u200B\\u200E\\u200F\\u2028-\\u202E\\u2060-\\u2069\\uFEFF]' +
  '|[\\u{E0000}-\\u{E007F}]|(?<![\\p{L}\\p{M}\\p{Extended_Pictographic}\\u{1F3FB}-\\u{1F3FF}])[\\u200C\\u200D]', 'u');
const CONTROLS = new RegExp('(' + CONTROL.source + ')', 'u');

function addText(element, words) {
  if (!CONTROL.test(words)) {
    element.append(words);
    return;
  }
  for (const [i, part] of words.split(CONTROLS).entries()) {
    if (part === '') continue;
    if (i % 2) element.append(make('span', { className: 'control', 'data-code': 'U+' + part.codePointAt(0).toString(16).toUpperCase().padStart(4, '0') }, part));
    else element.append(part);
  }
}

/* Where the look of the text changes between begin and end. */
function cutsIn(begin, end) {
  const cuts = [begin, end];
  if (state.showsTokens)
    for (let i = lastUpTo(tokenBegin, begin) + 1; i < tokenBegin.length && tokenBegin[i] < end; i++) cuts.push(tokenBegin[i]);
  const length = state.query.length;
  for (let i = Math.max(0, lastUpTo(state.matches, begin - length)); length && i < state.matches.length && state.matches[i] < end; i++)
    for (const at of [state.matches[i], state.matches[i] + length]) if (at > begin && at < end) cuts.push(at);
  return [...new Set(cuts)].sort((a, b) => a - b);
}

function look(at) {
  const classes = [];
  let title = null;
  if (state.showsTokens) {
    const token = lastUpTo(tokenBegin, at);
    let same = token;
    while (same > 0 && tokenBegin[same - 1] === tokenBegin[token]) same--;
    classes.push('k' + token % 2);
    if (same < token) title = token - same + 1 + ' tokens';
  }
  if (state.query) {
    const match = lastUpTo(state.matches, at);
    if (match >= 0 && at < state.matches[match] + state.query.length) classes.push(match === state.match ? 'm now' : 'm');
  }
  return { className: classes.join(' '), title };
}

function drawRow(row) {
  const line = row.line;
  const node = nodeOfLine(line);
  const isFirst = row.begin === lines.begin[line];
  const source = node.isOurs ? [make('span', {}, 'sysprompt')]
    : [make('span', {}, node.path.slice(node.path.lastIndexOf('/') + 1)), ':' + lines.source[line]];
  let end = row.end;
  if (end === lines.end[line] && text[end - 1] === '\n') end -= text[end - 2] === '\r' && end - 2 >= row.begin ? 2 : 1;
  const shown = make('span', { className: 'tx' });
  const element = make('div', { className: 'row' + (node.isOurs ? ' ours' : '') + (isChosenLine(line) ? ' chosen' : '') },
    isFirst ? make('a', { className: 'ln', href: '#L' + (line + 1), 'aria-label': 'Line ' + (line + 1) }, line + 1) : null,
    isFirst ? make('span', { className: 'sm', title: node.isOurs ? OWN_WORDING : node.path + ':' + lines.source[line] }, ...source) : null,
    shown);
  colour(element, node);
  if (!state.showsTokens && !state.query) {
    addText(shown, text.slice(row.begin, end));
  } else {
    const cuts = cutsIn(row.begin, end);
    for (let i = 0; i + 1 < cuts.length; i++) {
      const part = make('span', look(cuts[i]));
      addText(part, text.slice(cuts[i], cuts[i + 1]));
      shown.append(part);
    }
  }
  return element;
}

function draw(chunk) {
  drawn.add(chunk);
  chunk.element.replaceChildren(...chunk.rows.map(drawRow));
}
function redrawText() {
  for (const chunk of drawn) draw(chunk);
}

function watch() {
  if (watcher) watcher.disconnect();
  watcher = new IntersectionObserver((entries) => {
    for (const entry of entries) {
      const chunk = entry.target.chunk;
      if (entry.isIntersecting && !drawn.has(chunk)) draw(chunk);
      else if (!entry.isIntersecting && drawn.has(chunk)) undraw(chunk);
    }
  }, { root: narrow.matches ? null : $('text'), rootMargin: '600px 0px' });
  for (const chunk of chunks) watcher.observe(chunk.element);
}

function rowAt(offset) {
  const chunk = chunks[Math.max(0, lastUpTo(chunks.map((one) => one.rows[0].begin), offset))];
  if (!drawn.has(chunk)) draw(chunk);
  return chunk.element.children[Math.max(0, lastUpTo(chunk.rows.map((row) => row.begin), offset))];
}

/* On a phone the bar stands in front of the text: what is scrolled to has to be below it. */
function leaveRoomForBar() {
  $('text').style.setProperty('--bar', document.querySelector('.bar').offsetHeight + 'px');
}

/* In the window already, and not far down. */
function isReadable(row) {
  const top = row.getBoundingClientRect().top;
  return top >= $('here').getBoundingClientRect().bottom && top < innerHeight * 0.6;
}

/* Chunks on the way there get their real heights only then, so once more. */
function scrollToOffset(offset, block) {
  const go = () => rowAt(offset).scrollIntoView({ block });
  leaveRoomForBar();
  if (isReadable(rowAt(offset))) return;
  go();
  requestAnimationFrame(() => {
    go();
    requestAnimationFrame(go);
  });
}
function goToLine(line) {
  scrollToOffset(lines.begin[line], 'start');
}

/* ---- search --------------------------------------------------------------------------------------------------- */

const MOST_MATCHES = 100000;

function search(query) {
  state.query = query;
  state.matches = [];
  state.match = -1;
  if (query) {
    const wanted = new RegExp(query.replace(/[.*+?^${}()|[\]\\]/g, '\\$&'), 'gi');
    for (let found; state.matches.length < MOST_MATCHES && (found = wanted.exec(text));) state.matches.push(found.index);
  }
  if (state.matches.length) goToMatch(Math.max(0, lastUpTo(state.matches, topOffset() - 1) + 1) % state.matches.length);
  else redrawText();
  sayFound();
}

/* Where the reader is. */
function topOffset() {
  if (state.from >= 0) return lines.begin[state.from];
  if (state.node && firstSegment.has(state.node)) return segmentBegin[firstSegment.get(state.node)];
  return 0;
}

function goToMatch(index) {
  state.match = index;
  showTab('text');
  redrawText();
  scrollToOffset(state.matches[index], 'center');
  sayFound();
}
function step(by) {
  const count = state.matches.length;
  if (count) goToMatch((state.match + by + count) % count);
}
function sayFound() {
  $('found').textContent = !state.query ? '' : !state.matches.length ? 'none'
    : number(state.match + 1) + ' / ' + number(state.matches.length) + (state.matches.length >= MOST_MATCHES ? '+' : '');
  $('previous').disabled = $('next').disabled = state.matches.length === 0;
}

function listenToSearch() {
  const input = $('search');
  let timer = 0;
  input.addEventListener('input', () => {
    clearTimeout(timer);
    timer = setTimeout(() => search(input.value), 120);
  });
  input.addEventListener('keydown', (event) => {
    if (event.key === 'Enter') {
      clearTimeout(timer);
      if (input.value !== state.query) search(input.value);
      else step(event.shiftKey ? -1 : 1);
    } else if (event.key === 'Escape') {
      input.value = '';
      search('');
      input.blur();
    } else {
      return;
    }
    event.preventDefault();
  });
  $('next').addEventListener('click', () => step(1));
  $('previous').addEventListener('click', () => step(-1));
  document.addEventListener('keydown', (event) => {
    if (event.key !== '/' || event.ctrlKey || event.metaKey || event.altKey || event.target.matches('input')) return;
    event.preventDefault();
    input.focus();
    input.select();
  });
}

/* ---- what was left out, and what was said ------------------------------------------------------------------------ */

function item(count, where, what, rule, level) {
  return make('div', { className: count === null ? 'item' : 'item counted' },
    count === null ? null : make('div', { className: 'n' }, ...count),
    make('div', {}, make('p', { className: 'where' + (level ? ' ' + level : '') }, where), make('p', {}, what), rule ? make('code', {}, rule) : null));
}

function drawDropped() {
  const pane = $('dropped');
  const trifles = new Set(data.trifles);
  const itemOf = (cut) => item([cut.tokens === null ? '?' : tokens(cut.tokens), make('small', {}, cut.tokens === 1 ? 'token' : 'tokens')],
    cut.path + (cut.lines ? ':' + range(cut.lines) : ''),
    cut.why + (cut.importer ? ' (asked for by ' + cut.importer.path + ':' + cut.importer.line + ')' : ''), cut.rule);
  const worth = data.dropped.filter((cut, i) => !trifles.has(i));
  const rest = data.dropped.filter((cut, i) => trifles.has(i));
  pane.append(...worth.map(itemOf));
  const named = data.diagnostics.some((said) => said.level === 'error') ? ' but what the errors name' : '';
  if (!worth.length) pane.append(make('p', { className: 'none' }, 'Nothing' + named + ' was left out' + (rest.length ? ' but front matter and blank lines around texts.' : '.')));
  if (rest.length) {
    const sum = rest.reduce((total, cut) => total + (cut.tokens || 0), 0);
    pane.append(make('details', {}, make('summary', {}, 'Front matter and blank lines around texts: ' + tokensInWords(sum) + ' in ' + plural(rest.length, 'place')), ...rest.map(itemOf)));
  }
  $('tab-dropped').querySelector('b').textContent = worth.length;
}

function drawDiagnostics() {
  const pane = $('diagnostics');
  pane.append(...data.diagnostics.map((said) => item(null, said.level + ': ' + said.path + (said.line ? ':' + said.line + ':' + said.column : ''), said.message, said.rule, said.level)));
  if (!data.diagnostics.length) pane.append(make('p', { className: 'none' }, 'No warnings and no notes.'));
  $('tab-diagnostics').querySelector('b').textContent = data.diagnostics.length;
}

function showTab(name) {
  state.tab = name;
  for (const one of ['text', 'dropped', 'diagnostics']) {
    $(one).hidden = one !== name;
    $('tab-' + one).setAttribute('aria-selected', String(one === name));
    $('tab-' + one).tabIndex = one === name ? 0 : -1;
  }
}

function listenToTabs() {
  const tabs = ['text', 'dropped', 'diagnostics'];
  const hashes = { dropped: '#left-out', diagnostics: '#diagnostics' };
  for (const name of tabs) {
    $('tab-' + name).addEventListener('click', () => {
      if (hashes[name]) follow(hashes[name]);
      else showTab(name);
    });
    $('tab-' + name).addEventListener('keydown', (event) => {
      const by = { ArrowRight: 1, ArrowLeft: tabs.length - 1 }[event.key];
      if (!by) return;
      const next = tabs[(tabs.indexOf(name) + by) % tabs.length];
      $('tab-' + next).focus();
      $('tab-' + next).click();
    });
  }
}

/* ---- the rest ---------------------------------------------------------------------------------------------------------- */

function listenToTheme() {
  const dark = matchMedia('(prefers-color-scheme: dark)');
  const set = (theme) => { document.documentElement.dataset.theme = theme; };
  try {
    const kept = localStorage.getItem('sysprompt-theme');
    if (kept === 'light' || kept === 'dark') set(kept);
  } catch { /* a file may have no storage */ }
  $('theme').addEventListener('click', () => {
    const now = document.documentElement.dataset.theme || (dark.matches ? 'dark' : 'light');
    set(now === 'dark' ? 'light' : 'dark');
    try {
      localStorage.setItem('sysprompt-theme', document.documentElement.dataset.theme);
    } catch { /* then it holds for now */ }
  });
}

function listenToTokens() {
  const button = $('show-tokens');
  button.disabled = !data.exact;
  button.title = data.exact ? 'Show where each token ends'
    : 'The tokenizer of this encoding is not public: how many tokens there are is an estimate, and where they end is not known';
  button.addEventListener('click', () => {
    if (!tokenBegin) unpackTokens();
    state.showsTokens = !state.showsTokens;
    button.setAttribute('aria-pressed', String(state.showsTokens));
    showTab('text');
    redrawText();
  });
}

drawHead();
drawDropped();
drawDiagnostics();
openSome();
drawTree();
layOutText();
showTab('text');
sayWhere();
sayFound();
listenToMap();
listenToTree();
listenToSearch();
listenToTabs();
listenToTheme();
listenToTokens();
watch();
narrow.addEventListener('change', watch);
addEventListener('hashchange', applyHash);
drawMap();
if (location.hash) applyHash();
})();
