/* A browser without a window, driven over two pipes (the DevTools protocol); no package is needed.
 *
 *   const browser = await open('chromium');
 *   const page = await browser.page({ width: 1280, height: 800 });
 *   await page.go('file:///tmp/page.html');
 *   await page.run('document.title');
 *   await browser.close();
 */
import { spawn } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

export async function open(program) {
  const home = mkdtempSync(join(tmpdir(), 'page-browser-'));
  const flags = ['--headless=new', '--remote-debugging-pipe', '--no-first-run', '--disable-gpu', '--disable-extensions', '--hide-scrollbars',
    '--disable-background-networking', '--disable-dev-shm-usage', '--force-color-profile=srgb', '--user-data-dir=' + home];
  if (process.getuid() === 0) flags.push('--no-sandbox');
  const child = spawn(program, flags, { stdio: ['ignore', 'ignore', 'pipe', 'pipe', 'pipe'], env: { ...process.env, HOME: home } });
  let said = '';
  child.stderr.on('data', (bytes) => { said = (said + bytes).slice(-2000); });
  const [toBrowser, fromBrowser] = [child.stdio[3], child.stdio[4]];
  const waiting = new Map();
  const listeners = new Set();
  let next = 1;
  let rest = Buffer.alloc(0);
  const fail = (why) => {
    for (const { reject } of waiting.values()) reject(new Error(why + '\n' + said));
    waiting.clear();
  };
  child.on('error', (error) => fail(String(error)));
  child.on('exit', () => fail('the browser ended'));
  toBrowser.on('error', () => fail('the browser takes no more'));
  fromBrowser.on('data', (bytes) => {
    rest = Buffer.concat([rest, bytes]);
    for (let end; (end = rest.indexOf(0)) >= 0; rest = rest.subarray(end + 1)) {
      const message = JSON.parse(rest.subarray(0, end).toString());
      const asked = waiting.get(message.id);
      waiting.delete(message.id);
      if (!asked) for (const listener of listeners) listener(message);
      else if (message.error) asked.reject(new Error(asked.method + ': ' + message.error.message));
      else asked.resolve(message.result);
    }
  });
  const send = (method, params = {}, sessionId = undefined) => new Promise((resolve, reject) => {
    waiting.set(next, { method, resolve, reject });
    toBrowser.write(JSON.stringify({ id: next++, method, params, sessionId }) + '\0');
  });

  async function page({ width, height, dark = false }) {
    const { targetId } = await send('Target.createTarget', { url: 'about:blank' });
    const { sessionId } = await send('Target.attachToTarget', { targetId, flatten: true });
    const ask = (method, params) => send(method, params, sessionId);
    const complaints = []; /* exceptions, and what the console says above "info" */
    const requests = [];
    let loaded = () => {};
    listeners.add((message) => {
      if (message.sessionId !== sessionId) return;
      const { method, params } = message;
      if (method === 'Runtime.exceptionThrown') complaints.push(params.exceptionDetails.exception?.description || params.exceptionDetails.text);
      if (method === 'Runtime.consoleAPICalled' && params.type !== 'log') complaints.push(params.type + ': ' + params.args.map((one) => one.value ?? one.description).join(' '));
      if (method === 'Log.entryAdded' && params.entry.level !== 'verbose') complaints.push(params.entry.text);
      if (method === 'Network.requestWillBeSent') requests.push(params.request.url);
      if (method === 'Page.loadEventFired') loaded();
    });
    for (const domain of ['Page', 'Runtime', 'Log', 'Network']) await ask(domain + '.enable');
    await ask('Emulation.setDeviceMetricsOverride', { width, height, deviceScaleFactor: 1, mobile: false });
    await ask('Emulation.setEmulatedMedia', { features: [{ name: 'prefers-color-scheme', value: dark ? 'dark' : 'light' }] });
    const run = async (expression) => {
      const { result, exceptionDetails } = await ask('Runtime.evaluate', { expression, awaitPromise: true, returnByValue: true });
      if (exceptionDetails) throw new Error(expression + ': ' + (exceptionDetails.exception?.description || exceptionDetails.text));
      return result.value;
    };
    /* Two frames and what they started. */
    const settle = () => run('new Promise((done) => requestAnimationFrame(() => requestAnimationFrame(() => setTimeout(done, 60))))');
    return {
      complaints, requests, run, settle,
      async go(url) {
        const whenLoaded = new Promise((resolve) => { loaded = resolve; });
        await ask('Page.navigate', { url });
        await whenLoaded;
        await settle();
      },
      async click(x, y, count = 1) {
        for (const type of ['mouseMoved', 'mousePressed', 'mouseReleased']) await ask('Input.dispatchMouseEvent', { type, x, y, button: type === 'mouseMoved' ? 'none' : 'left', clickCount: count });
        await settle();
      },
      async hover(x, y) {
        await ask('Input.dispatchMouseEvent', { type: 'mouseMoved', x, y });
        await settle();
      },
      async press(key, modifiers = 0) {
        const text = key === 'Enter' ? '\r' : key.length === 1 ? key : undefined;
        const windowsVirtualKeyCode = { Enter: 13, Escape: 27, Tab: 9, ArrowLeft: 37, ArrowUp: 38, ArrowRight: 39, ArrowDown: 40, ' ': 32 }[key];
        await ask('Input.dispatchKeyEvent', { type: 'keyDown', key, code: key, text, modifiers, windowsVirtualKeyCode });
        await ask('Input.dispatchKeyEvent', { type: 'keyUp', key, code: key, modifiers, windowsVirtualKeyCode });
        await settle();
      },
      async type(words) {
        await ask('Input.insertText', { text: words });
        await settle();
      },
      async dark(isDark) {
        await ask('Emulation.setEmulatedMedia', { features: [{ name: 'prefers-color-scheme', value: isDark ? 'dark' : 'light' }] });
        await settle();
      },
      async shot(path) {
        const { data } = await ask('Page.captureScreenshot', { format: 'png' });
        writeFileSync(path, Buffer.from(data, 'base64'));
      },
    };
  }
  return {
    page,
    async close() {
      const ended = new Promise((resolve) => { child.on('exit', resolve); });
      await send('Browser.close').catch(() => {});
      setTimeout(() => child.kill('SIGKILL'), 5000).unref();
      await ended;
      rmSync(home, { recursive: true, force: true, maxRetries: 5 });
    },
  };
}
