// What somebody sends to whoever looks: markup, escapes, marks of direction, NUL, a line of 10 MB, a connection of 100 MB. All of it is text, none of it runs.
import assert from 'node:assert/strict';
import { once } from 'node:events';
import net, { type AddressInfo } from 'node:net';
import { DetailPage } from './detailPage.js';
import { Editor } from './editor.js';
import { openListener, pictureFailures, type TestWindow } from './windows.js';

/** Would mark the page if it ran; an escape that colours terminals, one that turns the line around, NUL, and a line end that is none in HTTP. */
const markup = '<img src=x onerror="document.body.dataset.ran=1"><script>document.body.dataset.ran=2</script>';
const hostile = `${markup}\u001b[31mred\u001b[0m \u202egnp.exe\u202c \u0000nul`;
/** The same as it is to be read. */
const shown = /<img src=x onerror="document\.body\.dataset\.ran=1"><script>document\.body\.dataset\.ran=2<\/script>\\e\[31mred\\e\[0m \\u202egnp\.exe\\u202c \\0nul/;

/** It ends with a dollar, which no row can cut in two. */
const lineBytes = 10_000_000;
const hugeBytes = 100_000_000;
const huge = Buffer.concat([Buffer.alloc(hugeBytes - 8, 'all work and no play \n'), Buffer.from('\nTHE-END')]);
/** Elements of a page with lists, details and overview; a page that grows with its bytes has many more. */
const mostElements = 4000;
const mostCharacters = 400_000;

suite('a person looks at what was meant to harm', () => {
  let editor: Editor;
  let opened: TestWindow;
  let server: net.Server;
  let client: net.Socket;
  let detail: DetailPage;

  suiteSetup(async () => {
    server = net.createServer((socket) => {
      let heard = '';
      socket.on('error', () => undefined).setEncoding('latin1').on('data', (said: string) => {
        heard += said;
        if (!heard.endsWith('\r\n\r\n')) return;
        const body = /^GET \/line/.test(heard) ? `${'<b>long</b> '.repeat(lineBytes / 12)}$` : /^GET \/huge/.test(heard) ? huge : Buffer.from(hostile);
        socket.write(`HTTP/1.1 200 OK\r\nContent-Type: text/html\r\nX-Note: ${markup}\r\nContent-Length: ${body.length}\r\n\r\n`);
        socket.write(body);
        heard = '';
      });
    });
    server.listen(0, '127.0.0.1');
    await once(server, 'listening');
    opened = await openListener(8120, { default: String((server.address() as AddressInfo).port) });
    const { port } = opened;
    ({ editor } = opened);
    client = net.connect(port, '127.0.0.1');
    await once(client, 'connect');
    await ask(`/${markup.replaceAll(' ', '/')}`, hostile.length);
    await editor.runCommand('Port Prism: Open Traffic Inspector');
    detail = await DetailPage.opened(editor);
  });

  suiteTeardown(async () => {
    client?.destroy();
    await opened?.close();
    server?.close();
  });

  pictureFailures(() => editor);

  /** One request; resolves when its answer's body has come. */
  function ask(path: string, bytes: number): Promise<void> {
    return new Promise((resolve, reject) => {
      let heard = 0;
      const hear = (said: Buffer): void => {
        heard += said.length;
        if (heard < bytes) return;
        client.off('data', hear).off('error', reject);
        resolve();
      };
      client.on('data', hear).once('error', reject).write(`GET ${path} HTTP/1.1\r\nhost: x\r\n\r\n`);
    });
  }

  /** Nothing ran, nothing became an element, no character is left that hides or turns others. */
  async function assertHarmless(): Promise<void> {
    const found = await detail.frame.evaluate(() => ({
      ran: document.body.dataset.ran,
      elements: [...document.querySelectorAll('img, b, main script, #root script')].length,
      // Only what is drawn: the state of the page is kept as data.
      unseen: /[\u0000-\u0008\u000b-\u001f\u202a-\u202e\u2066-\u2069]/.test(document.querySelector('#root')?.textContent ?? ''),
    }));
    assert.deepEqual(found, { ran: undefined, elements: 0, unseen: false });
  }

  async function assertSmall(): Promise<void> {
    const { elements, characters } = await detail.frame.evaluate(() => ({ elements: document.querySelectorAll('*').length, characters: document.body.textContent?.length ?? 0 }));
    assert.ok(elements < mostElements, `${elements} elements`);
    assert.ok(characters < mostCharacters, `${characters} characters`);
  }

  const bytesPanel = (name: 'text' | 'body' | 'hex'): string => `#bytes-${name}-panel`;

  test('in the list, in fields, as text, as body and in the conversation it stands as it is', async () => {
    await detail.choose('http.status == 200', '<img');
    await detail.tab('Decoded');
    await detail.frame.locator('.message-list .is-field', { hasText: 'onerror="document' }).first().waitFor();
    await detail.frame.locator('.message-list .is-message', { hasText: '200 OK' }).click();
    await assertHarmless();
    await detail.bytesTab('Body');
    await detail.frame.locator(bytesPanel('body')).getByText(/onerror="document/).first().waitFor();
    await assertHarmless();
    await detail.bytesTab('Text');
    await detail.frame.locator(bytesPanel('text')).getByText(/onerror="document/).first().waitFor();
    await assertHarmless();
    await editor.screenshot('hostile text');
    await detail.tab('Conversation');
    await detail.followAs('Text');
    const rows = await detail.until(() => detail.followed(), (all) => all.some((row) => row.includes('nul')), 'the answer, followed');
    // Behind the mark of who spoke.
    assert.match(rows.map((row) => row.slice(2)).join(''), shown);
    await assertHarmless();
    await editor.screenshot('hostile conversation');
  });

  test('a line of 10 MB is cut into rows: its end is one key away, and the page stays small', async () => {
    await ask('/line', lineBytes);
    await detail.choose('http.path == "/line"', '/line');
    await detail.tab('Decoded');
    await detail.frame.locator('.message-list .is-message', { hasText: '200 OK' }).click();
    await detail.bytesTab('Body');
    await detail.frame.locator(bytesPanel('body')).getByText(/<b>long<\/b>/).first().waitFor();
    await assertSmall();
    await detail.bytesTab('Text');
    await detail.frame.locator(`${bytesPanel('text')} .text-row`, { hasText: 'HTTP/1.1 200 OK' }).first().waitFor();
    await detail.frame.locator(`${bytesPanel('text')} .vlist-viewport`).first().focus();
    await editor.page.keyboard.press('Control+End');
    await detail.frame.locator(`${bytesPanel('text')} .text-row`, { hasText: '$' }).waitFor();
    await assertSmall();
    await assertHarmless();
    await editor.screenshot('line of 10 MB');
  });

  test('a connection of 100 MB is followed to its end and back, and the next key has its effect', async () => {
    await ask('/huge', hugeBytes);
    await detail.choose('http.path == "/huge"', '/huge');
    await detail.tab('Conversation');
    await detail.followAs('Text');
    const follow = detail.frame.locator('.follow .vlist-viewport').first();
    await follow.focus();
    await editor.page.keyboard.press('End');
    await detail.until(() => detail.followed(), (rows) => rows.at(-1)?.endsWith('THE-END') === true && rows.some((row) => row.includes('all work and no play')), 'its end');
    await assertSmall();
    await editor.page.keyboard.press('Home');
    await detail.until(() => detail.followed(), (rows) => rows.some((row) => row.includes('GET /')), 'its start');
    await assertSmall();
    await detail.frame.locator('.exchange-row').first().click();
    await editor.page.keyboard.press('?');
    await detail.frame.locator('.cheat-sheet').waitFor();
    await editor.page.keyboard.press('Escape');
    await editor.screenshot('connection of 100 MB');
  });
});
