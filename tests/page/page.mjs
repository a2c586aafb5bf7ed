/* page.mjs BROWSER FOLDER: what a reader of FOLDER's pages sees and does, at the widths of a desk and of a phone. */
import { readFileSync } from 'node:fs';
import assert from 'node:assert/strict';
import { open } from './browser.mjs';

const [program, folder] = process.argv.slice(2);
const only = process.env.ONLY; /* a part of the names of the tests to run */
const address = (name, hash = '') => 'file://' + folder + '/' + name + '.html' + hash;
const explained = (name) => JSON.parse(readFileSync(folder + '/' + name + '.json', 'utf8'));
const dataOf = (name) => JSON.parse(/<script id="data" type="application\/json">([^<]*)</.exec(readFileSync(folder + '/' + name + '.html', 'utf8'))[1]);
const DESK = { width: 1280, height: 800 };
const PHONE = { width: 390, height: 844 };
const numberIn = (text) => Number(text.replace(/[~,]/g, ''));

let passed = 0;
let failed = 0;
const browser = await open(program);
async function test(name, run) {
  if (only && !name.includes(only)) return;
  try {
    await run();
    passed++;
  } catch (error) {
    failed++;
    console.log('FAILED ' + name + '\n' + (error.stack || error));
  }
}
/* A page that was opened, and complained of nothing. */
async function opened(name, size = DESK, hash = '') {
  const page = await browser.page(size);
  await page.go(address(name, hash));
  return page;
}
function assertCalm(page) {
  assert.deepEqual(page.complaints, []);
  assert.deepEqual(page.requests.filter((url) => !url.startsWith('file://' + folder) && !url.startsWith('data:')), []);
  assert.equal(new Set(page.requests.filter((url) => url.startsWith('file:'))).size, 1);
}
const chosenText = 'Array.from(document.querySelectorAll(".row.chosen .tx"), (row) => row.textContent)';
/* Whether the first chosen row is in the window, and in nothing that hides it. */
const chosenIsSeen = `(() => {
  const at = document.querySelector('.row.chosen').getBoundingClientRect();
  const seen = document.elementFromPoint(at.left + at.width / 2, at.top + 9);
  return !!seen && !!seen.closest('.row.chosen');
})()`;
const middleOf = (page, find) => page.run(`(() => {
  const element = ${find};
  element.scrollIntoView({ block: 'nearest' });
  const at = element.getBoundingClientRect();
  return [at.left + at.width / 2, at.top + Math.min(9, at.height / 2)];
})()`);
const boxNamed = (name) => `[...document.querySelectorAll('.box')].find((box) => box.getAttribute('aria-label').startsWith(${JSON.stringify(name + ': ')}))`;

/* ---- every page, at both widths, light and dark --------------------------------------------------------- */

for (const name of ['estimate', 'exact', 'split', 'hostile', 'one', 'large', 'empty']) {
  const json = explained(name);
  for (const size of [DESK, PHONE]) {
    for (const dark of [false, true]) {
      await test([name, size.width, dark ? 'dark' : 'light'].join(' '), async () => {
        const page = await opened(name, { ...size, dark });
        await page.shot(`${folder}/${name}-${size.width}${dark ? '-dark' : ''}.png`);
        assertCalm(page);
        assert.deepEqual(await page.run('[document.documentElement.scrollWidth, document.body.scrollWidth]'), [size.width, size.width]);
        const lightness = await page.run('(getComputedStyle(document.body).backgroundColor.match(/[0-9.]+/g) || []).slice(0, 3).reduce((a, b) => a + Number(b), 0) / 765');
        assert.ok(dark ? lightness < 0.3 : lightness > 0.8, 'lightness ' + lightness);
      });
    }
    await test(name + ' ' + size.width + ': the sums are those of the JSON', async () => {
      const page = await opened(name, size);
      assert.equal(numberIn(await page.run('document.getElementById("tokens").textContent')), json.tokens);
      const rows = await page.run(`[...document.querySelectorAll('#tree .tr')].filter((row) => row.node && row.node.isFile)
        .map((row) => [row.node.isOurs ? null : row.node.path, row.children[1].textContent, row.children[2].textContent])`);
      const expected = new Map(json.sources.filter((source) => source.tokens || source.path).map((source) => [source.path, source.tokens]));
      for (const [path, tokens, share] of rows) {
        assert.equal(numberIn(tokens), expected.get(path), String(path));
        assert.equal(share, (Math.floor((expected.get(path) * 1000 + Math.floor(json.tokens / 2)) / json.tokens) / 10).toFixed(1) + '%');
      }
      assert.equal(rows.reduce((sum, row) => sum + numberIn(row[1]), 0), json.tokens);
      assert.equal(numberIn(await page.run('document.querySelector("#tree .sum").children[1].textContent')), json.tokens);
      const boxes = await page.run(`[...document.querySelectorAll('.box')].filter((box) => box.node ? box.node.isFile : box.inside.depth < 0)
        .reduce((sum, box) => sum + Number(/: ~?([0-9,]+) token/.exec(box.getAttribute('aria-label'))[1].replaceAll(',', '')), 0)`);
      assert.equal(boxes, json.tokens);
    });
  }
  await test(name + ': rows sum to the row that they are in', async () => {
    const page = await opened(name);
    for (let before = -1, now = 0; now !== before; before = now, now = await page.run('document.querySelectorAll("#tree .tr").length')) {
      await page.run('(() => { for (let row; (row = document.querySelector("#tree [aria-expanded=false]"));) { row.querySelector(".open").click(); if (document.querySelectorAll("#tree .tr").length > 500) return; } })()');
    }
    const wrong = await page.run(`[...document.querySelectorAll('#tree [aria-expanded=true]')].filter((row) =>
      [...document.querySelectorAll('#tree .tr')].filter((one) => one.node && one.node.parent === row.node)
        .reduce((sum, one) => sum + Number(one.children[1].textContent.replace(/[~,]/g, '')), 0) !== row.node.tokens).length`);
    assert.equal(wrong, 0);
  });
}

/* ---- what a reader does ------------------------------------------------------------------------------------ */

/* The number of a line of the text, so that a change of order above it is none of this. */
const lineNumberOf = (name, line) => dataOf(name).messages[0].text.split('\n').indexOf(line) + 1;
const LAYOUT = ['## Layout', '', '- `src/` has the code, `tests/` the tests.', '- Prices live in `src/money.py`.'];

for (const size of [DESK, PHONE]) {
  await test(size.width + ': a click on a box shows its text', async () => {
    const page = await opened('exact', size);
    await page.click(...await middleOf(page, boxNamed('CLAUDE.md › Shop › Layout')));
    assert.deepEqual(await page.run(chosenText), LAYOUT);
    assert.equal(await page.run('location.hash'), '#CLAUDE.md/shop/layout');
    assert.ok(await page.run(chosenIsSeen));
    assert.match(await page.run('document.getElementById("here").textContent'), /CLAUDE\.md › Shop › Layout: 29 tokens, 6\.1%, lines 9-12/);
    assert.equal(await page.run('document.querySelector("#tree [aria-selected=true] .part").title'), 'Layout');
    await page.shot(`${folder}/chosen-${size.width}.png`);
    assertCalm(page);
  });
  await test(size.width + ': a link to a line', async () => {
    const line = 'A web shop in Python. Run `make check` before you commit.';
    const number = lineNumberOf('exact', line);
    const page = await opened('exact', size, `#L${number}`);
    assert.deepEqual(await page.run(chosenText), [line]);
    assert.ok(await page.run(chosenIsSeen));
    assert.equal(await page.run('document.getElementById("here").textContent'), `Line ${number}: CLAUDE.md:3, under Shop`);
  });
  await test(size.width + ': a link to a line of a million bytes', async () => {
    const page = await opened('large', size, '#L9000');
    const line = dataOf('large').messages[0].text.split('\n')[8999];
    assert.deepEqual(await page.run(chosenText), [line]);
    assert.ok(await page.run(chosenIsSeen));
    await page.shot(`${folder}/large-line-${size.width}.png`);
    assert.ok(await page.run('document.querySelectorAll("*").length') < 12000);
  });
}

await test('links to sections, lines, lists, and to nothing', async () => {
  const page = await opened('exact', DESK, '#docs/style.md/style');
  assert.equal((await page.run(chosenText))[0], '# Style');
  const style = lineNumberOf('exact', '# Style');
  for (const [hash, first] of [['#CLAUDE.md', '# Shop'], [`#L${style}-L${style + 2}`, '# Style'], ['#CLAUDE.md/shop/.', '# Shop']]) {
    await page.run(`location.hash = ${JSON.stringify(hash)}`);
    await page.settle();
    assert.equal((await page.run(chosenText))[0], first, hash);
  }
  await page.run('location.hash = "#CLAUDE.md/shop/."');
  await page.settle();
  assert.ok(!(await page.run(chosenText)).includes('## Layout'));
  await page.run('location.hash = "#left-out"');
  await page.settle();
  const list = await page.run('document.getElementById("dropped").innerText');
  for (const cut of explained('exact').dropped.filter((cut) => /comment|paths/.test(cut.rule)))
    for (const part of [cut.path + ':' + cut.lines[0], cut.rule, cut.why, String(cut.tokens)]) assert.ok(list.includes(part), part);
  for (const hash of ['#nothing', '#L99999', '#L0', '#%E0%A4%A', '#constructor', '#__proto__']) {
    await page.run(`location.hash = ${JSON.stringify(hash)}`);
    await page.settle();
  }
  assertCalm(page);
});

await test('a long name hides no line of a phone', async () => {
  const page = await opened('one', PHONE, '#L13');
  assert.deepEqual(await page.run(chosenText), ['And more.']);
  assert.ok(await page.run(chosenIsSeen));
});

await test('a link to what was left out, on a phone', async () => {
  const page = await opened('exact', PHONE, '#left-out');
  const top = await page.run('document.querySelector("#dropped .item").getBoundingClientRect().top');
  assert.ok(top > 0 && top < PHONE.height - 200, 'at ' + top);
  await page.shot(folder + '/left-out-390.png');
  assertCalm(page);
});

await test('colours: a file each, or where there is one file a section each', async () => {
  const hues = (page) => page.run('[...document.querySelectorAll("#tree .tr")].filter((row) => row.node && !row.node.isOurs && row.node.isFile).map((row) => row.node.hue)');
  const several = await hues(await opened('exact'));
  assert.equal(new Set(several).size, several.length);
  const one = await opened('one');
  assert.equal((await hues(one)).length, 1);
  assert.ok(await one.run('new Set([...document.querySelectorAll(".box")].map((box) => box.style.getPropertyValue("--hue"))).size') >= 3);
});

await test('search', async () => {
  const page = await opened('exact');
  const text = dataOf('exact').messages[0].text;
  const count = text.match(/test/gi).length;
  await page.press('/');
  await page.type('TEST');
  await page.run('new Promise((done) => setTimeout(done, 250))');
  assert.equal(await page.run('document.getElementById("found").textContent'), '1 / ' + count);
  assert.equal((await page.run('document.querySelectorAll(".m.now").length')), 1);
  await page.press('Enter');
  assert.equal(await page.run('document.getElementById("found").textContent'), '2 / ' + count);
  await page.press('Enter', 8);
  await page.press('Enter', 8);
  assert.equal(await page.run('document.getElementById("found").textContent'), count + ' / ' + count);
  assert.ok(await page.run('(() => { const at = document.querySelector(".m.now").getBoundingClientRect(); return at.top > 100 && at.bottom < innerHeight; })()'));
  await page.shot(folder + '/search-1280.png');
  await page.press('Escape');
  assert.equal(await page.run('document.querySelectorAll(".m").length'), 0);
  await page.press('/');
  await page.type('no such text .*(');
  await page.run('new Promise((done) => setTimeout(done, 250))');
  assert.equal(await page.run('document.getElementById("found").textContent'), 'none');
  assertCalm(page);
});

await test('search in a million bytes', async () => {
  const page = await opened('large');
  const count = dataOf('large').messages[0].text.match(/section 3/gi).length;
  await page.press('/');
  await page.type('section 3');
  await page.run('new Promise((done) => setTimeout(done, 300))');
  assert.equal(await page.run('document.getElementById("found").textContent'), '1 / ' + count);
  for (let i = 0; i < 3; i++) await page.press('Enter', 8);
  assert.ok(await page.run('(() => { const at = document.querySelector(".m.now").getBoundingClientRect(); return at.top > 100 && at.bottom < innerHeight; })()'));
});

await test('tokens', async () => {
  for (const name of ['exact', 'split', 'hostile']) {
    const page = await opened(name, { width: 1280, height: 4000 });
    await page.run('document.getElementById("show-tokens").click()');
    await page.settle();
    const digits = '0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz';
    let expected = [];
    for (const message of dataOf(name).messages) {
      let at = 0;
      for (const length of message.token_lengths.match(/\(\d+\)|./g).map((one) => (one[0] === '(' ? Number(one.slice(1, -1)) : digits.indexOf(one)))) {
        expected.push(message.text.slice(at, at + length));
        at += length;
      }
      assert.equal(at, message.text.length);
    }
    /* Line ends are not shown, and end a row. */
    expected = expected.flatMap((token) => token.split(/\r?\n/)).filter((part) => part !== '');
    assert.deepEqual(await page.run(`[...document.querySelectorAll('.tx > span')].map((part) => part.textContent)`), expected, name);
    await page.shot(`${folder}/tokens-${name}.png`);
    assertCalm(page);
  }
  const estimate = await opened('estimate');
  assert.equal(await estimate.run('document.getElementById("show-tokens").disabled'), true);
});

await test('the keyboard alone', async () => {
  const page = await opened('exact');
  const focused = () => page.run('document.activeElement.getAttribute("aria-label") || document.activeElement.innerText');
  for (let i = 0; i < 12 && !(await page.run('document.activeElement.matches(".box")')); i++) await page.press('Tab');
  assert.ok(await page.run('document.activeElement.matches(".box")'));
  const seen = new Set([await focused()]);
  for (const key of ['ArrowRight', 'ArrowDown', 'ArrowDown', 'ArrowRight', 'ArrowUp']) {
    await page.press(key);
    seen.add(await focused());
  }
  assert.ok(seen.size >= 5, [...seen].join('\n'));
  assert.equal(await page.run('document.getElementById("tip").hidden'), false);
  await page.run(boxNamed('CLAUDE.md › Shop › Layout') + '.focus()');
  await page.press('Enter');
  assert.deepEqual(await page.run(chosenText), LAYOUT);
  await page.press('z');
  assert.match(await page.run('document.getElementById("crumbs").innerText'), /CLAUDE\.md\s*›\s*Shop/);
  assert.equal(await page.run('document.querySelectorAll(".box").length'), 2);
  await page.shot(folder + '/zoomed-1280.png');
  await page.press('Escape');
  await page.press('Escape');
  assert.ok(await page.run('document.querySelectorAll(".box").length') > 6);
  await page.run('document.querySelector("#tree .tr[tabindex=\'0\']").focus()');
  await page.press('ArrowUp');
  const row = await focused();
  await page.press('Enter');
  assert.ok(row.startsWith(await page.run('document.querySelector("#tree [aria-selected=true] .part").innerText')));
  await page.run('document.querySelector("#tree [aria-expanded=true]").focus()');
  const count = await page.run('document.querySelectorAll("#tree .tr").length');
  await page.press('ArrowLeft');
  assert.ok(await page.run('document.querySelectorAll("#tree .tr").length') < count);
  await page.press('ArrowRight');
  assert.equal(await page.run('document.querySelectorAll("#tree .tr").length'), count);
  assertCalm(page);
});

await test('a box says what it is under the pointer', async () => {
  const page = await opened('estimate');
  await page.hover(...await middleOf(page, boxNamed('docs/style.md › Style')));
  assert.match(await page.run('document.getElementById("tip").innerText'), /^docs\/style\.md › Style\s+~37 tokens, 5\.5%, lines 1-4$/);
  await page.shot(folder + '/hover-1280.png');
});

await test('the switch of light and dark', async () => {
  const page = await opened('exact');
  const paper = () => page.run('getComputedStyle(document.body).backgroundColor');
  const before = await paper();
  await page.run('document.getElementById("theme").click()');
  assert.notEqual(await paper(), before);
  await page.dark(true);
  await page.run('document.getElementById("theme").click()');
  assert.equal(await paper(), before);
});

await test('sorted by size', async () => {
  const page = await opened('exact');
  await page.run('[...document.querySelectorAll("#tree .head button")][1].click()');
  const sizes = await page.run(`[...document.querySelectorAll('#tree .tr')].filter((row) => row.node && row.node.isFile).map((row) => row.node.tokens)`);
  assert.deepEqual(sizes, [...sizes].sort((a, b) => b - a));
});

await test('a hostile prompt is text', async () => {
  const page = await opened('hostile');
  assert.equal(await page.run('typeof hacked'), 'undefined');
  assert.deepEqual(await page.run('[document.images.length, document.scripts.length, document.styleSheets.length]'), [0, 2, 1]);
  assert.equal(await page.run('document.getElementById("title").textContent'), 'agent <img src=x onerror=hacked=1>');
  const shown = await page.run('Array.from(document.querySelectorAll(".row .tx"), (row) => row.textContent).join("\\n")');
  assert.equal(shown, dataOf('hostile').messages[0].text.replace(/\r?\n/g, '\n').replace(/\n$/, ''));
  assert.deepEqual(await page.run('Array.from(document.querySelectorAll(".control"), (one) => one.dataset.code)'), ['U+202E', 'U+202C', 'U+001B', 'U+2028', 'U+000D']);
  for (const id of ['a.md/constructor', 'a.md/constructor-2']) {
    await page.run(`location.hash = ${JSON.stringify('#' + id)}`);
    await page.settle();
    assert.equal((await page.run(chosenText))[0], '# constructor', id);
  }
  await page.run('document.getElementById("tab-diagnostics").click()');
  await page.settle();
  assert.equal(await page.run('document.querySelectorAll("#diagnostics .item").length'), explained('hostile').diagnostics.length);
  await page.shot(folder + '/diagnostics-1280.png');
  assertCalm(page);
  /* And what got in all the same would not run. */
  await page.run(`(() => { const script = document.createElement('script'); script.textContent = 'hacked = 7'; document.body.append(script); })()`);
  await page.run(`document.body.insertAdjacentHTML('beforeend', '<img src=x onerror=hacked=8><iframe srcdoc="<script>parent.hacked=9</script>"></iframe>')`);
  await page.settle();
  assert.equal(await page.run('typeof hacked'), 'undefined');
  assert.ok(page.complaints.length > 0);
});

await browser.close();
console.log(`${passed} passed, ${failed} failed`);
process.exit(failed ? 1 : 0);
