// "Copy As" curl, HTTPie and fetch: what the real program sends, run by a real shell or Node, is what was captured, byte for byte.
import assert from 'node:assert/strict';
import { once } from 'node:events';
import { createServer, type IncomingMessage } from 'node:http';
import { createServer as createHttp2Server, connect as connectHttp2 } from 'node:http2';
import { connect, type AddressInfo } from 'node:net';
import { gzipSync } from 'node:zlib';
import { missingServers } from '../../scripts/debian.mjs';
import type { CopyForm } from '../../src/shared/export.js';
import { findProgram, isCI, program, succeed } from './real/programs.js';
import { Workers } from './support/workers.js';

interface Heard {
  method: string;
  url: string;
  version: string;
  headers: string[];
  body: string;
}

const binary = Buffer.from(Array.from({ length: 700 }, (_, i) => (i * 7) & 255));
const length = (body: string | Buffer): string => `Content-Length: ${Buffer.byteLength(body)}\r\n`;
const form = '--xx\r\nContent-Disposition: form-data; name="a"; filename="ä.bin"\r\n\r\n';

/** Requests as a client writes them. */
const requests: Record<string, Buffer> = {
  'a plain GET': Buffer.from('GET /x?a=1&b=%20%27 HTTP/1.1\r\nHost: shop.test\r\nUser-Agent: me/1.0\r\nAccept: text/*\r\n\r\n'),
  'no header but Host': Buffer.from('GET / HTTP/1.1\r\nHost: shop.test\r\n\r\n'),
  'quotes and what a shell acts upon': Buffer.from(`GET /it's?q=$(id)\`id\`;|&<>*!%22"\\[a-b]{c,d} HTTP/1.1\r\nHost: shop.test\r\nX-Odd: it's $HOME "x" \`id\` \\ ! %s ~\r\nX-Ünicode: nö\r\nX-Empty:\r\nX-Percent: 100% %d\r\n\r\n`.replace('X-Ünicode', 'X-Unicode')),
  'dots in the path': Buffer.from('GET /a/../b/./c HTTP/1.1\r\nHost: shop.test\r\n\r\n'),
  'HEAD': Buffer.from('HEAD /x HTTP/1.1\r\nHost: shop.test\r\nAccept-Encoding: gzip\r\n\r\n'),
  'OPTIONS *': Buffer.from('OPTIONS * HTTP/1.1\r\nHost: shop.test\r\n\r\n'),
  'HTTP/1.0': Buffer.from('GET /old HTTP/1.0\r\nHost: shop.test\r\n\r\n'),
  'a form': Buffer.from(`POST /login HTTP/1.1\r\nHost: shop.test\r\nContent-Type: application/x-www-form-urlencoded\r\n${length("user=ada&password=it's+100%25")}\r\nuser=ada&password=it's+100%25`),
  'JSON with line feeds': Buffer.from(`PUT /x HTTP/1.1\r\nHost: shop.test\r\nContent-Type: application/json\r\n${length('{\n "a": "it\'s $x \\\\ ä€😀"\n}\n')}\r\n{\n "a": "it's $x \\\\ ä€😀"\n}\n`),
  'a body without a type, that begins with @': Buffer.from(`POST /x HTTP/1.1\r\nHost: shop.test\r\n${length('@/etc/passwd')}\r\n@/etc/passwd`),
  'a multipart body': Buffer.concat([Buffer.from(`POST /x HTTP/1.1\r\nHost: shop.test\r\nContent-Type: multipart/form-data; boundary=xx\r\n${length(Buffer.concat([Buffer.from(form), binary, Buffer.from('\r\n--xx--\r\n')]))}\r\n${form}`), binary, Buffer.from('\r\n--xx--\r\n')]),
  'bytes': Buffer.concat([Buffer.from(`PATCH /x HTTP/1.1\r\nHost: shop.test\r\nContent-Type: application/octet-stream\r\n${length(binary)}\r\n`), binary]),
  'many bytes': Buffer.concat([Buffer.from(`POST /x HTTP/1.1\r\nHost: shop.test\r\n${length(Buffer.alloc(300_000, 0x80))}\r\n`), Buffer.alloc(300_000, 0x80)]),
  'a compressed body': (() => {
    const body = gzipSync(Buffer.from('{"a":1}'));
    return Buffer.concat([Buffer.from(`POST /x HTTP/1.1\r\nHost: shop.test\r\nContent-Encoding: gzip\r\nContent-Type: application/json\r\n${length(body)}\r\n`), body]);
  })(),
  'chunks': Buffer.from('POST /x HTTP/1.1\r\nHost: shop.test\r\nTransfer-Encoding: chunked\r\nContent-Type: text/plain\r\n\r\n5\r\nhello\r\n7\r\n, world\r\n0\r\n\r\n'),
  'a secret': Buffer.from('GET /x?token=abc HTTP/1.1\r\nHost: shop.test\r\nAuthorization: Bearer abc.def\r\nCookie: a=1; b="2"\r\n\r\n'),
};

const missing = missingServers().map(({ name }) => name);
/** Every shell that is here reads the command. */
const shells = ['dash', 'bash', 'sh'].filter((name) => findProgram(name) !== undefined).slice(0, 2);

/** Headers that a program adds when the request has none, or keeps for itself. */
const ownHeaders: Partial<Record<CopyForm, RegExp>> = { fetch: /^(?:accept: \*\/\*|accept-language: \*|sec-fetch-mode: cors|user-agent: node|accept-encoding: gzip, deflate|host: 127\.|transfer-encoding:)/, httpie: /^(?:accept-encoding: gzip, deflate|user-agent: HTTPie)/ };

suite('copy as a request of HTTP', function () {
  this.timeout(60_000);
  const workers = new Workers();
  const heard: Heard[] = [];
  let port = 0;
  let http2Port = 0;
  const server = createServer((request, response) => void hear(request).then(() => response.end('ok')));
  const http2Server = createHttp2Server();

  suiteSetup(async () => {
    http2Server.on('request', (request: unknown, response: { end(text: string): void }) => void hear(request as IncomingMessage).then(() => response.end('ok')));
    for (const one of [server, http2Server]) await once(one.listen(0, '127.0.0.1'), 'listening');
    const ports = await workers.listen({ http: (server.address() as AddressInfo).port, http2: (http2Server.address() as AddressInfo).port });
    [port, http2Port] = [ports.get('http')!, ports.get('http2')!];
  });
  suiteTeardown(async () => {
    await workers.close();
    server.closeAllConnections();
    server.close();
    http2Server.close();
  });

  async function hear(request: IncomingMessage): Promise<void> {
    const body: Buffer[] = [];
    for await (const piece of request) body.push(piece as Buffer);
    const headers = request.rawHeaders.flatMap((name, i) => (i % 2 === 0 ? [`${name.toLowerCase()}: ${request.rawHeaders[i + 1]}`] : []));
    heard.push({ method: request.method!, url: request.url!, version: request.httpVersion, headers: headers.filter((line) => !/^(?:connection|content-length|:scheme)/.test(line)).sort(), body: Buffer.concat(body).toString('hex') });
  }

  /** Lets the command of the newest connection run. @returns what the server heard, of the request as captured and of the command */
  async function again(form: CopyForm, withSecrets: boolean, write: () => Promise<void>, shell = shells[0]!): Promise<{ first: Heard; second: Heard; command: string; masked: number; notes: string[] }> {
    heard.length = 0;
    const before = (await workers.lens.request('lens/summary', null)).totalFlows;
    await write();
    await workers.untilClosed(before + 1);
    const { rows } = await workers.lens.request('flows/list', { order: 'opened', start: before, count: 1 });
    const flow = rows[0]!.id;
    const { rows: messages } = await workers.lens.request('messages/list', { flow, start: 0, count: 100 });
    const index = messages.find(({ kind }) => kind === 'request')!.index;
    assert.ok((await workers.lens.request('copy/forms', { flow, index })).forms.includes(form));
    const copied = await workers.lens.request('copy/as', { flow, index, form, withSecrets });
    assert.ok(copied !== null);
    if (form === 'fetch') await succeed(process.execPath, ['--input-type=module'], { input: copied.text });
    else await succeed(shell, [], { input: copied.text.replace(/\bcurl /, `${program('curl')} --silent --show-error --max-time 20 `).replace(/\bhttp /, `${findProgram('http')} --timeout 20 `) });
    await workers.untilClosed(before + 2);
    assert.equal(heard.length, 2, copied.text);
    return { first: heard[0]!, second: heard[1]!, command: copied.text, masked: copied.masked, notes: copied.notes };
  }

  async function write(bytes: Buffer): Promise<void> {
    const socket = connect(port, '127.0.0.1');
    socket.end(bytes);
    socket.resume();
    await once(socket, 'close');
  }

  /** Without what a program adds by itself. */
  function compared(form: CopyForm, { headers, ...heard }: Heard): Heard {
    return { ...heard, headers: headers.filter((line) => ownHeaders[form]?.test(line) !== true) };
  }

  for (const [what, bytes] of Object.entries(requests)) {
    for (const shell of shells) {
      test(`curl in ${shell}, ${what}: the server hears the same again`, async () => {
        const { first, second, command } = await again('curl', true, () => write(bytes), shell);
        assert.deepEqual(second, first, command);
      });
    }
  }

  for (const form of ['httpie', 'fetch'] as const) {
    // What is not installed is left out, and named at the end of `npm test`.
    if (form === 'httpie' && missing.includes('httpie') && !isCI) continue;
    for (const [i, [what, bytes]] of Object.entries(requests).entries()) {
      if (/OPTIONS \*/.test(what)) continue;
      test(`${form}, ${what}: the server hears the same again, or the copy says what differs`, async () => {
        const { first, second, command, notes } = await again(form, true, () => write(bytes), shells[i % shells.length]);
        const [wanted, got] = [compared(form, first), compared(form, second)];
        const differs = notes.join(' ');
        if (/the target its own way/.test(differs)) wanted.url = got.url;
        const own = /sets these headers itself: ([^.]+)\./.exec(differs)?.[1]?.toLowerCase().split(', ') ?? [];
        wanted.headers = wanted.headers.filter((line) => !own.includes(line.split(':')[0]!));
        if (/speaks HTTP\/1\.1/.test(differs)) wanted.version = '1.1';
        assert.deepEqual(got, wanted, command);
      });
    }
  }

  test('HTTP/2 with a body', async () => {
    const { first, second, command } = await again('curl', true, async () => {
      const session = connectHttp2(`http://127.0.0.1:${http2Port}`);
      const stream = session.request({ ':method': 'POST', ':path': '/two?x=1', ':authority': 'shop.test', 'content-type': 'application/json', 'x-odd': "it's" });
      stream.end('{"a":"it\'s"}');
      await once(stream.resume(), 'end');
      await new Promise<void>((resolve) => session.close(resolve));
    });
    assert.deepEqual({ ...second, headers: second.headers.filter((line) => !line.startsWith('host:')) }, { ...first, headers: first.headers }, command);
  });

  test('secrets are masked unless they are asked for, and the command says nothing of them', async () => {
    const { second, command, masked } = await again('curl', false, () => write(requests['a secret']!));
    assert.ok(!command.includes('abc'), command);
    assert.ok(2 <= masked);
    assert.equal(second.method, 'GET');
  });
});
