// What exports hold, read back by others than those who wrote it.
import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { readFileSync, readdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';
import { conversationsOf } from '../conformance/conversations.js';
import { decode } from '../conformance/decoding.js';
import { code, fenced } from '../../src/core/lens/export/markdown.js';
import { indented } from '../../src/core/lens/export/documentText.js';
import { piped, quoted, word, writer } from '../../src/core/lens/export/copy/shell.js';
import { RowSet } from '../../src/shared/rowSet.js';
import { harProblems } from './harSchema.js';
import { ExportDesk, decoded } from './exportDesk.js';

const t = 1_700_000_000_000;
const json = '{"user":"ada","n":12345678901234567890,"list":[1,{"a":"b, c"}],"empty":{}}';
const html = '<p>`</p>\n```\nend\n';

function hearHttp(desk: ExportDesk): ExportDesk {
  const body = gzipSync(Buffer.from(json));
  desk.feed
    .open(1, { openedAt: t, decidedAt: t + 1, connectedAt: t + 3, route: 'api', upstream: '127.0.0.1:8080', process: { pid: 9, name: 'curl', commandLine: 'curl http://a.test/' } })
    .says(1, 'client', `POST /cart?next=%2Fhome&x=1 HTTP/1.1\r\nHost: a.test\r\nCookie: theme=dark\r\nContent-Type: application/json\r\nContent-Length: ${json.length}\r\n\r\n${json}`, t + 4)
    .says(1, 'upstream', Buffer.concat([Buffer.from(`HTTP/1.1 200 OK\r\nSet-Cookie: theme=light; Path=/; Expires=Wed, 21 Oct 2026 07:28:00 GMT; HttpOnly\r\nContent-Type: application/json\r\nContent-Encoding: gzip\r\nContent-Length: ${body.length}\r\n\r\n`), body]), t + 10)
    .says(1, 'client', 'GET /picture HTTP/1.1\r\nHost: a.test\r\n\r\nGET /page HTTP/1.1\r\nHost: a.test\r\n\r\n', t + 20)
    .says(1, 'upstream', Buffer.concat([Buffer.from('HTTP/1.1 200 OK\r\nContent-Type: image/png\r\nTransfer-Encoding: chunked\r\n\r\n4\r\n'), Buffer.from([0x89, 0x50, 0x4e, 0x47]), Buffer.from('\r\n3\r\n'), Buffer.from([0, 255, 254]), Buffer.from('\r\n0\r\n\r\n')]), t + 25)
    .says(1, 'upstream', `HTTP/1.1 404 Not Found\r\nContent-Type: text/html\r\nContent-Length: ${html.length}\r\n\r\n${html}`, t + 28)
    .close(1, t + 30);
  return desk.push();
}

/** @returns names and values of `har.log.entries` */
function entriesOf(text: string): any[] {
  return (JSON.parse(text) as { log: { entries: any[] } }).log.entries;
}

suite('exports', () => {
  let desk: ExportDesk;
  setup(() => {
    desk = new ExportDesk();
  });
  teardown(() => desk.dispose());

  test('pcapng: every conversation of the conformance pages reads back message for message', async function () {
    this.timeout(60_000);
    const folder = join(process.cwd(), 'test', 'conformance');
    const vectors = readdirSync(folder).filter((name) => name.endsWith('.md')).flatMap((name) => conversationsOf(name.slice(0, -3), readFileSync(join(folder, name), 'utf8'))).filter(({ sayings }) => sayings.every((saying) => 'bytes' in saying));
    assert.ok(100 < vectors.length, `${vectors.length} conversations`);
    for (const [i, { sayings }] of vectors.entries()) {
      const id = i + 1;
      desk.feed.open(id, { openedAt: t + id });
      for (const [at, saying] of sayings.entries()) if ('bytes' in saying) desk.feed.says(id, saying.from, saying.bytes, t + 1000 + at);
      desk.feed.close(id, t + 5000);
    }
    const { file, flows } = await desk.push().export('pcapng', { withSecrets: true });
    assert.equal(flows, vectors.length);
    const back = new Map((await decoded(file)).map((one) => [one.flow.recorded.connection, one.messages]));
    const shape = (messages: readonly { from: string; kind: string; summary: string; range: { start: number; end: number } }[]): string[] => messages.map(({ from, kind, summary, range }) => `${from} ${range.start}-${range.end} ${kind} ${summary}`);
    for (const [i, { page, title, sayings }] of vectors.entries()) assert.deepEqual(shape(back.get(i + 1) ?? []), shape(decode(sayings)), `${page}: ${title}`);
  });

  test('pcapng: packets of all connections are in the order of time, and say who spoke', async () => {
    for (const id of [1, 2, 3]) desk.feed.open(id, { openedAt: t + id, process: { pid: id, name: `app-${id}`, commandLine: `app ${id}` } });
    for (let i = 0; i < 30; i++) desk.feed.says(1 + (i % 3), i % 2 === 0 ? 'client' : 'upstream', `line ${i}\n`, t + 100 + i);
    const { file } = await desk.push().export('pcapng');
    const flows = await decoded(file);
    assert.deepEqual(flows.map(({ flow }) => flow.recorded.process?.name), ['app-1', 'app-2', 'app-3']);
    const bytes = readFileSync(file);
    const times: number[] = [];
    for (let at = 0; at < bytes.length; at += bytes.readUInt32LE(at + 4)) if (bytes.readUInt32LE(at) === 6) times.push(bytes.readUInt32LE(at + 12) * 2 ** 32 + bytes.readUInt32LE(at + 16));
    assert.deepEqual(times, [...times].sort((a, b) => a - b));
  });

  test('pcapng: of chosen messages a conversation remains that can be read, with the answers', async () => {
    hearHttp(desk);
    const { file } = await desk.export('pcapng', { what: { rows: [{ flow: 1, index: 2 }] } });
    const [flow] = await decoded(file);
    assert.deepEqual(flow!.messages.map(({ summary }) => summary), ['GET /picture', '200 OK · png · 7 bytes']);
    assert.match(flow!.flow.comments.join(' '), /2 of its messages/);
  });

  test('rows of the list: each request with its answers, or as messages of their own', async () => {
    hearHttp(desk);
    desk.feed.open(2, { openedAt: t + 40 }).says(2, 'client', '*1\r\n$4\r\nPING\r\n', t + 41).says(2, 'upstream', '+PONG\r\n', t + 42);
    desk.push();
    const { ledger, decoder } = desk.lens.messages;
    const watching = decoder.watch();
    while (ledger.end < 8) decoder.advance();
    watching.dispose();
    const rowOf = (summary: string): number => Array.from({ length: ledger.end }, (_, row) => row).find((row) => ledger.summary(row).startsWith(summary))!;
    const messages = RowSet.of([rowOf('GET /page'), rowOf('PING')]).pack();
    const summaries = async (areAlone: boolean): Promise<string[][]> => {
      const { file } = await desk.export('pcapng', { what: { messages, areAlone } });
      return (await decoded(file)).map((flow) => flow.messages.map(({ summary }) => summary));
    };
    assert.deepEqual(await summaries(false), [['GET /page', '404 Not Found · html · 17 bytes'], ['PING', 'PONG']]);
    assert.deepEqual(await summaries(true), [['GET /page'], ['PING']]);
    assert.deepEqual(await desk.lens.exporter.survey({ messages, areAlone: false }).then(({ flows, messages: rows }) => [flows, rows]), [2, 2]);
  });

  test('HAR: valid by its format, with times, sizes, cookies, query and bodies', async () => {
    const { text, notes } = await hearHttp(desk).export('har', { withSecrets: true });
    assert.deepEqual(harProblems(JSON.parse(text)), []);
    assert.deepEqual(notes, []);
    const [first, second, third] = entriesOf(text);
    assert.equal(first.startedDateTime, new Date(t + 4).toISOString());
    assert.equal(first.request.url, 'http://a.test/cart?next=%2Fhome&x=1');
    assert.deepEqual(first.request.queryString, [{ name: 'next', value: '/home' }, { name: 'x', value: '1' }]);
    assert.deepEqual(first.request.cookies, [{ name: 'theme', value: 'dark' }]);
    assert.equal(first.request.postData.text, json);
    assert.equal(first.response.content.text, json);
    assert.equal(first.response.content.compression, first.response.content.size - first.response.bodySize);
    assert.deepEqual(first.response.cookies, [{ name: 'theme', value: 'light', path: '/', expires: '2026-10-21T07:28:00.000Z', httpOnly: true, secure: false }]);
    assert.deepEqual(first.timings, { blocked: -1, dns: -1, connect: 2, send: 0, wait: 4, receive: 0, ssl: -1 });
    assert.deepEqual([first.serverIPAddress, first.connection, first._program], ['127.0.0.1', '1', 'curl (9)']);
    assert.deepEqual([second.response.content.encoding, second.response.content.text, second.response.bodySize], ['base64', 'iVBORwD//g==', 7]);
    assert.deepEqual([third.request.url, third.response.status, third.response.statusText, third.response.content.text], ['http://a.test/page', 404, 'Not Found', html]);
  });

  test('HAR: what never came is said, other protocols are counted', async () => {
    desk.feed.open(1, { openedAt: t }).says(1, 'client', 'GET /late HTTP/1.1\r\nHost: a.test\r\n\r\n', t + 1);
    desk.feed.open(2, { openedAt: t }).says(2, 'client', '*1\r\n$4\r\nPING\r\n', t + 1).says(2, 'upstream', '+PONG\r\n', t + 2);
    const { text, notes } = await desk.push().export('har');
    const [entry] = entriesOf(text);
    assert.deepEqual(harProblems(JSON.parse(text)), []);
    assert.deepEqual([entry.response.status, entry.comment], [0, 'No answer has come yet.']);
    assert.match(notes.join(' '), /1 connection speaks no HTTP/);
  });

  test('HAR: messages of a WebSocket stand with their handshake', async () => {
    desk.feed.open(1, { openedAt: t })
      .says(1, 'client', 'GET /chat HTTP/1.1\r\nHost: a.test\r\nConnection: Upgrade\r\nUpgrade: websocket\r\nSec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\nSec-WebSocket-Version: 13\r\n\r\n', t + 1)
      .says(1, 'upstream', 'HTTP/1.1 101 Switching Protocols\r\nConnection: Upgrade\r\nUpgrade: websocket\r\nSec-WebSocket-Accept: s3pPLMBiTxaQ9kYGzzhZRbK+xOo=\r\n\r\n', t + 2)
      .says(1, 'client', Buffer.from([0x81, 0x85, 0x37, 0xfa, 0x21, 0x3d, 0x7f, 0x9f, 0x4d, 0x51, 0x58]), t + 500)
      .says(1, 'upstream', Buffer.from([0x82, 2, 0xff, 0xfe]), t + 1500).close(1);
    const { text } = await desk.push().export('har');
    assert.deepEqual(harProblems(JSON.parse(text)), []);
    const [entry] = entriesOf(text);
    assert.deepEqual([entry.response.status, entry._resourceType], [101, 'websocket']);
    assert.deepEqual(entry._webSocketMessages, [{ type: 'send', time: (t + 500) / 1000, opcode: 1, data: 'Hello' }, { type: 'receive', time: (t + 1500) / 1000, opcode: 2, data: '//4=' }]);
  });

  test('JSON Lines: every line is JSON; messages with fields, bodies as text or base64', async () => {
    const { text, messages } = await hearHttp(desk).export('jsonl');
    const lines = text.trimEnd().split('\n').map((line) => JSON.parse(line) as any);
    assert.deepEqual(lines.map(({ event }) => event), ['flow', ...Array.from({ length: 6 }, () => 'message')]);
    assert.equal(messages, 6);
    assert.equal(lines[1].content.text, json);
    assert.equal(lines.find(({ summary }) => /png/.test(summary ?? '')).content.base64, 'iVBORwD//g==');
    assert.deepEqual([lines[0].client, lines[0].route, lines[0].process.name], ['127.0.0.1:40001', 'api', 'curl']);
  });

  test('raw: a file per direction with exactly its bytes', async () => {
    hearHttp(desk);
    const { file, files } = await desk.export('raw', { withSecrets: true });
    assert.equal(files, 2);
    assert.deepEqual(readdirSync(file).sort(), ['connection-1-client.bin', 'connection-1-upstream.bin']);
    const piece = desk.lens.readBytes({ flow: 1, from: 'upstream', start: 0, length: 100_000 });
    assert.deepEqual(new Uint8Array(readFileSync(join(file, 'connection-1-upstream.bin'))), piece.bytes);
  });

  test('hex dump: every byte, offsets and text beside it, one line per sixteen', async () => {
    desk.feed.open(1).says(1, 'client', Buffer.from(Array.from({ length: 40 }, (_, i) => i * 6)), t + 0.25);
    const { text } = await desk.push().export('hexdump');
    assert.match(text, /^O 2023-11-14 22:13:20\.000250$/m);
    assert.match(text, /^00000010 {2}60 66 6c 72 78 7e 84 8a {2}90 96 9c a2 a8 ae b4 ba {2}\|`flrx~\.\.\.\.\.\.\.\.\.\.\|$/m);
    assert.match(text, /^00000020 {2}c0 c6 cc d2 d8 de e4 ea {27}\|\.{8}\|$/m);
  });

  test('Markdown: fences cannot be left by what is in them', async () => {
    const { text } = await hearHttp(desk).export('markdown');
    assert.match(text, /^\| Client \| `127\.0\.0\.1:40001, curl \(9\)` \|$/m);
    assert.match(text, /^```json\n\{"user":"ada"/m);
    assert.ok(text.includes(`\n\`\`\`\`html\n${html}\`\`\`\`\n`), text);
    assert.equal(code('a `b`'), '`` a `b` ``');
    assert.equal(fenced('x', 'plaintext'), '```\nx\n```');
  });

  test('what was there before stays when an export fails or is cancelled, and nothing half remains', async () => {
    hearHttp(desk);
    await assert.rejects(desk.export('jsonl', { file: join(desk.folder, 'no', 'such', 'folder.jsonl') }), { code: 'exportFailed', message: /folder\.jsonl was not written: there is no such folder; choose one that is there\./ });
    const file = join(desk.folder, 'before.har');
    writeFileSync(file, 'before');
    for (let id = 10; id < 14; id++) {
      desk.feed.open(id);
      for (let i = 0; i < 300; i++) desk.feed.says(id, 'client', `GET /${i}?token=abc HTTP/1.1\r\nHost: a.test\r\n\r\n`);
    }
    desk.push();
    const running = desk.export('pcapng', { file, job: 99 });
    setImmediate(() => desk.lens.exporter.cancel(99));
    await assert.rejects(running, { code: 'requestCancelled' });
    assert.equal(readFileSync(file, 'utf8'), 'before');
    assert.deepEqual(desk.files(), ['before.har']);
    await assert.rejects(desk.export('jsonl', { file: '/dev/full/x' }), { code: 'exportFailed' });
  });

  test('connections that are gone are named, those that are there are exported', async () => {
    hearHttp(desk);
    const { flows, notes } = await desk.export('jsonl', { what: { flows: [1, 77] } });
    assert.equal(flows, 1);
    assert.match(notes.join(' '), /1 of the connections are no longer kept/);
  });

  test('a survey counts what an export would hold', async () => {
    desk.feed.open(1).says(1, 'client', 'GET /?token=abc HTTP/1.1\r\nHost: a.test\r\n\r\n');
    assert.deepEqual(await desk.push().lens.exporter.survey('all'), { flows: 1, bytes: 42, secrets: 1, isWhole: true });
  });
});

suite('words for a shell', () => {
  /** What `printf '%s'` writes of a word, by the real shell. */
  const said = (one: string): Buffer => execFileSync('sh', ['-c', `printf '%s' ${one}`]);

  test('a word is what was meant, byte for byte', () => {
    for (const text of ['plain', '', "it's", 'a b', '$HOME `id` "x" \\ !', '*?[a]', '~', '-n', 'ä€😀', 'tab\tand\nline', 'a=b;c|d&e>f', '%s %d', 'esc \u001b[31m', 'bell\u0007', "'", "''"]) {
      assert.equal(said(word(text)).toString('utf8'), text, word(text));
    }
    assert.equal(quoted("a'b"), `'a'\\''b'`);
  });

  test('bytes of any kind come out of a pipe as they are', () => {
    for (const bytes of [Buffer.from([0, 1, 2, 0x27, 0x25, 0x5c, 0x30, 0xff, 0x0a, 0x0d, 0x37]), Buffer.from(Array.from({ length: 256 }, (_, i) => i)), Buffer.alloc(20_000, 7), Buffer.from('%s\\n$x')]) {
      assert.deepEqual(execFileSync('sh', ['-c', piped(bytes, 'cat')]), bytes);
    }
    assert.equal(writer(Buffer.from('a\r\n')), `printf 'a\\r\\n'`);
  });
});

suite('texts of messages', () => {
  test('JSON is laid out without changing a token of it', () => {
    assert.equal(indented('{"a":[1,{"b":"x, {y}: \\"z\\""}],"big":12345678901234567890,"a":{},"c":[ ]}'), '{\n  "a": [\n    1,\n    {\n      "b": "x, {y}: \\"z\\""\n    }\n  ],\n  "big": 12345678901234567890,\n  "a": {},\n  "c": []\n}');
  });

  test('a body comes with its language, a conversation without times, what is gone as nothing', async () => {
    const desk = new ExportDesk();
    try {
      const { exporter } = hearHttp(desk).lens;
      const body = await exporter.body({ flow: 1, index: 0 });
      assert.deepEqual([body?.name, body?.language], ['1-0-POST-cart.json', 'json']);
      assert.match(body!.text, /^\{\n {2}"user": "ada",\n {2}"n": 12345678901234567890/);
      assert.equal(await exporter.body({ flow: 1, index: 2 }), null);
      assert.equal(await exporter.body({ flow: 1, index: 999 }), null);
      assert.match((await exporter.body({ flow: 1, index: 4 }))!.name, /\.hex\.txt$/);
      const { text } = await exporter.flowText(1);
      assert.match(text, /^→ POST \/cart/m);
      assert.doesNotMatch(text.split('\n\n').slice(1).join('\n\n'), /22:13:20/);
      await assert.rejects(exporter.flowText(5), { code: 'unknownFlow' });
    } finally {
      desk.dispose();
    }
  });
});
