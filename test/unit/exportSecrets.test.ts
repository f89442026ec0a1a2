// No secret leaves the machine unasked: every kind of them, said in every protocol that carries some, is looked for in every format.
import assert from 'node:assert/strict';
import { readFileSync, readdirSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { deflateRawSync, gunzipSync, gzipSync } from 'node:zlib';
import { exportFormats, copyForms } from '../../src/shared/export.js';
import { isSecretKey, maskedHeader, secretSpans, withoutSecrets } from '../../src/core/lens/export/secretText.js';
import { valueIn } from '../../src/core/lens/export/valuePlace.js';
import type { Speaker } from '../../src/shared/flow.js';
import { ExportDesk, decoded } from './exportDesk.js';

type Said = [Speaker, Buffer | string];

/** In every value that must not be seen; letters and digits, so that no coding but compression and bases hides it. */
const mark = 'Zq7Wvk3Yt';

const get = (more: string): Said => ['client', `GET / HTTP/1.1\r\nHost: a.test\r\n${more}\r\n`];
const post = (type: string, body: Buffer | string, more = ''): Said => ['client', Buffer.concat([Buffer.from(`POST / HTTP/1.1\r\nHost: a.test\r\nContent-Type: ${type}\r\nContent-Length: ${Buffer.byteLength(body)}\r\n${more}\r\n`), Buffer.from(body)])];
const ok: Said = ['upstream', 'HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok'];
const json = `{"user":"ada","password":"${mark}1","list":[{"apiKey":"${mark}2","csrfToken":"${mark}3"}],"credentials":{"a":"${mark}4","b":["${mark}5"]},"pin":{"session_id":"${mark}\\"6"}}`;
const chunked = (...pieces: (Buffer | string)[]): Buffer => Buffer.concat([...pieces.flatMap((piece) => [Buffer.from(`${Buffer.byteLength(piece).toString(16)}\r\n`), Buffer.from(piece), Buffer.from('\r\n')]), Buffer.from('0\r\n\r\n')]);
const answer = (more: string, body: Buffer): Said => ['upstream', Buffer.concat([Buffer.from(`HTTP/1.1 200 OK\r\nContent-Type: application/json\r\n${more}\r\n`), body])];

const upgrade: Said[] = [
  ['client', 'GET /ws HTTP/1.1\r\nHost: a.test\r\nConnection: Upgrade\r\nUpgrade: websocket\r\nSec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\nSec-WebSocket-Version: 13\r\n\r\n'],
  ['upstream', 'HTTP/1.1 101 Switching Protocols\r\nConnection: Upgrade\r\nUpgrade: websocket\r\nSec-WebSocket-Accept: s3pPLMBiTxaQ9kYGzzhZRbK+xOo=\r\n\r\n'],
];
const frame = (first: number, text: string | Buffer, isMasked: boolean): Buffer => {
  const payload = Buffer.from(text);
  const head = payload.length < 126 ? [payload.length] : [126, payload.length >> 8, payload.length & 255];
  if (!isMasked) return Buffer.concat([Buffer.from([first, ...head]), payload]);
  const key = [0x37, 0xfa, 0x21, 0x3d];
  return Buffer.concat([Buffer.from([first, head[0]! | 0x80, ...head.slice(1), ...key]), Buffer.from(payload.map((byte, i) => byte ^ key[i & 3]!))]);
};

const h2 = (type: number, flags: number, stream: number, payload: Buffer): Buffer => Buffer.concat([Buffer.from([0, payload.length >> 8, payload.length & 255, type, flags, 0, 0, 0, stream]), payload]);
/** A literal that goes into the table (RFC 7541 §6.2.1), written plainly. */
const literal = (name: string, value: string): Buffer => Buffer.concat([Buffer.from([0x40, name.length]), Buffer.from(name), Buffer.from([value.length]), Buffer.from(value)]);
const http2Start: Said[] = [['client', Buffer.concat([Buffer.from('PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n'), h2(4, 0, 0, Buffer.alloc(0))])], ['upstream', h2(4, 0, 0, Buffer.alloc(0))]];
const pseudo = Buffer.concat([Buffer.from([0x83, 0x86, 0x84]), literal(':authority', 'a.test'), literal('content-type', 'application/json')]);

const resp = (...words: string[]): string => `*${words.length}\r\n${words.map((word) => `$${word.length}\r\n${word}\r\n`).join('')}`;
const pgMessage = (type: string, body: string): Buffer => {
  const head = Buffer.alloc(5);
  head.write(type, 'latin1');
  head.writeUInt32BE(4 + Buffer.byteLength(body), 1);
  return Buffer.concat([head, Buffer.from(body)]);
};
const pgStartup = Buffer.concat([Buffer.from([0, 0, 0, 33, 0, 3, 0, 0]), Buffer.from('user\0shop\0database\0shop\0\0')]);
pgStartup.writeUInt32BE(pgStartup.length, 0);
const mqtt = (text: string): Buffer => Buffer.concat([Buffer.from([text.length >> 8, text.length & 255]), Buffer.from(text)]);
const mqttConnect = Buffer.concat([mqtt('MQTT'), Buffer.from([4, 0xc2, 0, 60]), mqtt('client'), mqtt('ada'), mqtt(`${mark}-mqtt`)]);

/** What is said, by what it shows. */
/** As logins are written. */
const coded = (text: string): string => Buffer.from(text, 'latin1').toString('base64');
const mysqlPacket = (sequence: number, body: Buffer): Buffer => Buffer.concat([Buffer.from([body.length & 255, body.length >> 8, 0, sequence]), body]);

const conversations: Record<string, Said[]> = {
  'headers': [get(`Authorization: Bearer ${mark}.x\r\nCookie: a=${mark}; b=${mark}\r\nX-Api-Key: ${mark}\r\nProxy-Authorization: Basic ${Buffer.from(`ada:${mark}`).toString('base64')}\r\nX-Custom-Token: ${mark}\r\nReferer: http://ada:${mark}@b.test/?access_token=${mark}\r\n`), ['upstream', `HTTP/1.1 302 Found\r\nSet-Cookie: sid=${mark}; HttpOnly\r\nLocation: /next?token=${mark}\r\nContent-Length: 0\r\n\r\n`]],
  'query': [['client', `GET /x?api_key=${mark}&user=ada&X-Amz-Signature=${mark} HTTP/1.1\r\nHost: a.test\r\n\r\n`], ok],
  'JSON': [post('application/json', json), answer(`Content-Length: ${json.length}\r\n`, Buffer.from(json))],
  'JSON in JSON': [post('application/json', JSON.stringify({ inner: JSON.stringify({ password: `${mark}` }) })), ok],
  'form': [post('application/x-www-form-urlencoded', `user=ada&password=${mark}&next=%2F&client_secret=${mark}%21`), ok],
  'multipart': [post('multipart/form-data; boundary=xx', `--xx\r\nContent-Disposition: form-data; name="password"\r\n\r\n${mark}\r\n--xx--\r\n`), ok],
  'XML': [post('application/xml', `<login token="${mark}"><password>${mark}</password></login>`), ok],
  'gzip': [post('application/json', gzipSync(Buffer.from(json)), 'Content-Encoding: gzip\r\n'), answer(`Content-Encoding: gzip\r\nContent-Length: ${gzipSync(Buffer.from(json)).length}\r\n`, gzipSync(Buffer.from(json)))],
  'chunks, cut inside the secret': [get(''), answer('Transfer-Encoding: chunked\r\n', chunked(`{"password":"${mark.slice(0, 4)}`, `${mark.slice(4)}"}`))],
  'chunks of gzip': [get(''), answer('Transfer-Encoding: chunked\r\nContent-Encoding: gzip\r\n', (() => { const body = gzipSync(Buffer.from(json)); return chunked(body.subarray(0, 20), body.subarray(20)); })())],
  'a coding that is not known': [post('application/json', `xx"password":"${mark}"`, 'Content-Encoding: secret-sauce\r\n'), ok],
  'a head that is not whole': [['client', `GET / HTTP/1.1\r\nHost: a.test\r\nAuthorization: Bearer ${mark}`]],
  'a body that is not whole': [['client', `POST / HTTP/1.1\r\nHost: a.test\r\nContent-Type: application/json\r\nContent-Length: 5000\r\n\r\n{"password":"${mark}`]],
  'over two reads': [['client', `GET / HTTP/1.1\r\nHost: a.test\r\nAuthorization: Bearer ${mark.slice(0, 5)}`], ['client', `${mark.slice(5)}\r\n\r\n`], ok],
  'server-sent events': [get(''), ['upstream', Buffer.concat([Buffer.from('HTTP/1.1 200 OK\r\nContent-Type: text/event-stream\r\nTransfer-Encoding: chunked\r\n\r\n'), chunked(`data: {"token":"${mark}"}\n\n`, `data: {"token":"${mark}`, `${mark}"}\n\n`)])]],
  'WebSocket': [...upgrade, ['client', frame(0x81, json, true)], ['upstream', frame(0x81, `{"token":"${mark}"}`, false)]],
  'WebSocket in fragments': [...upgrade, ['client', Buffer.concat([frame(0x01, `{"password":"${mark.slice(0, 3)}`, true), frame(0x80, `${mark.slice(3)}"}`, true)])]],
  'WebSocket, compressed': [...upgrade.map(([from, text]): Said => [from, String(text).replace('\r\n\r\n', '\r\nSec-WebSocket-Extensions: permessage-deflate\r\n\r\n')]), ['client', frame(0xc1, deflateRawSync(Buffer.from(json), { finishFlush: 2 }).subarray(0, -4), true)]],
  'HTTP/2 headers': [...http2Start, ['client', h2(1, 5, 1, Buffer.concat([pseudo, literal('authorization', `Bearer ${mark}`), literal('cookie', `a=${mark}`), literal('x-api-key', mark)]))], ['client', h2(1, 5, 3, Buffer.concat([Buffer.from([0x83, 0x86, 0x84, 0xbe, 0xbf, 0xc0])]))], ['upstream', h2(1, 5, 1, Buffer.concat([Buffer.from([0x88]), literal('set-cookie', `s=${mark}`)]))]],
  'HTTP/2 headers in several frames': [...http2Start, ['client', (() => { const block = Buffer.concat([pseudo, literal('authorization', `Bearer ${mark}`)]); return Buffer.concat([h2(1, 1, 1, block.subarray(0, block.length - 4)), h2(9, 4, 1, block.subarray(block.length - 4))]); })()]],
  'HTTP/2 path': [...http2Start, ['client', h2(1, 5, 1, Buffer.concat([Buffer.from([0x82, 0x86]), literal(':path', `/x?token=${mark}`), literal(':authority', 'a.test')]))]],
  'HTTP/2 bodies': [...http2Start, ['client', Buffer.concat([h2(1, 4, 1, pseudo), h2(0, 0, 1, Buffer.from(`{"password":"${mark.slice(0, 4)}`)), h2(0, 1, 1, Buffer.from(`${mark.slice(4)}"}`))])], ['upstream', Buffer.concat([h2(1, 4, 1, Buffer.concat([Buffer.from([0x88]), literal('content-encoding', 'gzip')])), h2(0, 1, 1, gzipSync(Buffer.from(json)))])]],
  'gRPC': [...http2Start, ['client', Buffer.concat([h2(1, 4, 1, Buffer.concat([Buffer.from([0x83, 0x86]), literal(':path', '/a.B/C'), literal(':authority', 'a.test'), literal('content-type', 'application/grpc'), literal('te', 'trailers')])), h2(0, 1, 1, (() => { const text = `Bearer ${mark}Bearer`; const body = Buffer.concat([Buffer.from([0x0a, text.length]), Buffer.from(text)]); return Buffer.concat([Buffer.from([0, 0, 0, 0, body.length]), body]); })())])]],
  'Redis': [['client', resp('AUTH', 'ada', mark)], ['upstream', '+OK\r\n'], ['client', resp('CONFIG', 'SET', 'requirepass', mark)], ['upstream', '+OK\r\n'], ['client', resp('SET', 'session', json)], ['upstream', '+OK\r\n']],
  'PostgreSQL': [['client', pgStartup], ['upstream', pgMessage('R', '\0\0\0\x03')], ['client', pgMessage('p', `${mark}\0`)], ['upstream', Buffer.concat([pgMessage('R', '\0\0\0\0'), pgMessage('Z', 'I')])], ['client', pgMessage('Q', `ALTER ROLE ada PASSWORD '${mark}'\0`)], ['upstream', Buffer.concat([pgMessage('C', 'ALTER ROLE\0'), pgMessage('Z', 'I')])]],
  'MQTT': [['client', Buffer.concat([Buffer.from([0x10, mqttConnect.length]), mqttConnect])], ['upstream', Buffer.from([0x20, 2, 0, 0])], ['client', Buffer.concat([Buffer.from([0x30, 5 + 24]), mqtt('a/b'), Buffer.from(`{"token":"${mark}","x":1}`)])]],
  'SMTP': [['upstream', '220 a.test ESMTP\r\n'], ['client', 'EHLO me\r\n'], ['upstream', '250-a.test\r\n250 AUTH PLAIN LOGIN\r\n'], ['client', `AUTH PLAIN ${mark}\r\n`], ['upstream', '235 ok\r\n']],
  'FTP': [['upstream', '220 ready\r\n'], ['client', 'USER ada\r\n'], ['upstream', '331 password\r\n'], ['client', `PASS ${mark}\r\n`], ['upstream', '230 in\r\n']],
  'IMAP': [['upstream', '* OK IMAP4rev1 ready\r\n'], ['client', `a1 LOGIN ada ${mark}\r\n`], ['upstream', 'a1 OK done\r\n']],
  'NATS': [['upstream', 'INFO {"server_id":"x","version":"2"}\r\n'], ['client', `CONNECT {"user":"ada","pass":"${mark}","auth_token":"${mark}","verbose":false}\r\nPING\r\n`], ['upstream', 'PONG\r\n']],
  'HTTP Basic': [['client', `GET / HTTP/1.1\r\nHost: a.test\r\nAuthorization: Basic ${coded(`ada:${mark}`)}\r\nProxy-Authorization: Basic ${coded(`ada:${mark}`)}\r\n\r\n`], ok],
  'tokens in a path and in redirects': [['client', `GET /callback?code=1&access_token=${mark}&id_token=${mark}#refresh_token=${mark} HTTP/1.1\r\nHost: a.test\r\nReferer: http://a.test/?api_key=${mark}\r\n\r\n`], ['upstream', `HTTP/1.1 302 Found\r\nLocation: http://ada:${mark}@b.test/?token=${mark}\r\nContent-Length: 0\r\n\r\n`]],
  'Redis, other logins': [['client', [resp('HELLO', '3', 'AUTH', 'ada', mark), resp('ACL', 'SETUSER', 'ada', `>${mark}`), resp('MIGRATE', 'h', '6379', 'k', '0', '100', 'AUTH', mark), `AUTH ${mark}\r\n`].join('')], ['upstream', '+OK\r\n+OK\r\n+OK\r\n+OK\r\n']],
  'PostgreSQL, values of a prepared statement': [['client', pgStartup], ['upstream', Buffer.concat([pgMessage('R', '\0\0\0\0'), pgMessage('Z', 'I')])], ['client', Buffer.concat([pgMessage('P', `\0INSERT INTO users (name, password) VALUES ('ada', '${mark}')\0\0\0`), pgMessage('S', ''), pgMessage('Q', `CREATE USER MAPPING FOR ada SERVER s OPTIONS (user 'ada', password '${mark}')\0`), pgMessage('Q', `SELECT dblink('host=h password=${mark}')\0`)])]],
  'SMTP, login in steps': [['upstream', '220 a.test ESMTP\r\n'], ['client', 'EHLO me\r\n'], ['upstream', '250-a.test\r\n250 AUTH PLAIN LOGIN\r\n'], ['client', 'AUTH LOGIN\r\n'], ['upstream', '334 VXNlcm5hbWU6\r\n'], ['client', `${coded('ada')}\r\n`], ['upstream', '334 UGFzc3dvcmQ6\r\n'], ['client', `${coded(mark)}\r\n`], ['upstream', '235 ok\r\n'], ['client', `AUTH PLAIN ${coded(`\0ada\0${mark}`)}\r\n`], ['upstream', '235 ok\r\n']],
  'POP3': [['upstream', '+OK POP3 ready\r\n'], ['client', 'USER ada\r\n'], ['upstream', '+OK\r\n'], ['client', `PASS ${mark}\r\n`], ['upstream', '+OK in\r\n']],
  'IMAP, login by a mechanism': [['upstream', '* OK IMAP4rev1 ready\r\n'], ['client', `a1 AUTHENTICATE PLAIN ${coded(`\0ada\0${mark}`)}\r\n`], ['upstream', 'a1 OK done\r\n'], ['client', `a2 LOGIN "ada" "${mark}"\r\n`], ['upstream', 'a2 OK done\r\n']],
  'MySQL': [['upstream', mysqlPacket(0, Buffer.concat([Buffer.from('\x0a8.0.0\0\x01\0\0\0abcdefgh\0', 'latin1'), Buffer.from([0xff, 0xff, 0x21, 2, 0, 0xff, 0xdf, 21]), Buffer.alloc(10), Buffer.from('ijklmnopqrst\0mysql_clear_password\0')]))], ['client', mysqlPacket(1, Buffer.concat([Buffer.from([0x8d, 0xa6, 0x0f, 0, 0, 0, 0, 1, 0x21]), Buffer.alloc(23), Buffer.from('ada\0'), Buffer.from([mark.length + 1]), Buffer.from(`${mark}\0mysql_clear_password\0`)]))], ['upstream', mysqlPacket(2, Buffer.from([0, 0, 0, 2, 0, 0, 0]))], ['client', mysqlPacket(0, Buffer.from(`\x03ALTER USER ada IDENTIFIED BY '${mark}'`))], ['upstream', mysqlPacket(1, Buffer.from([0, 0, 0, 2, 0, 0, 0]))]],
  'LDAP': [['client', Buffer.concat([Buffer.from([0x30, 12 + mark.length + 3, 2, 1, 1, 0x60, 7 + mark.length + 3, 2, 1, 3, 4, 3]), Buffer.from('ada'), Buffer.from([0x80, mark.length]), Buffer.from(mark)])], ['upstream', Buffer.from([0x30, 12, 2, 1, 1, 0x61, 7, 10, 1, 0, 4, 0, 4, 0])]],
  'STOMP': [['client', `CONNECT\naccept-version:1.2\nhost:a.test\nlogin:ada\npasscode:${mark}\n\n\0`], ['upstream', 'CONNECTED\nversion:1.2\n\n\0']],
  'a protocol that nobody knows': [['client', `\x01\x02hello password=${mark}\nsecret: ${mark}\n`], ['upstream', `\x03{"token":"${mark}"}`]],
};

/** A file, and what is in it when what is coded is undone. */
function* unfolded(file: string): Generator<string> {
  for (const path of statSync(file).isDirectory() ? readdirSync(file).map((name) => join(file, name)) : [file]) {
    const bytes = readFileSync(path);
    const text = bytes.toString('latin1');
    yield text;
    for (const [run] of text.matchAll(/[A-Za-z0-9+/]{16,}={0,2}/g)) yield Buffer.from(run, 'base64').toString('latin1');
    // Columns of a dump, put together.
    yield Buffer.from([...text.matchAll(/^[0-9a-f]{8} {2}((?:[0-9a-f]{2} {1,2}){1,16})/gm)].map(([, bytesText = '']) => bytesText.replace(/ /g, '')).join(''), 'hex').toString('latin1');
    for (let at = bytes.indexOf(Buffer.from([0x1f, 0x8b, 8])); 0 <= at; at = bytes.indexOf(Buffer.from([0x1f, 0x8b, 8]), at + 1)) {
      try {
        yield gunzipSync(bytes.subarray(at), { finishFlush: 2 }).toString('latin1');
      } catch (fault) {
        // What was overwritten is no gzip any more, which is what is asked for.
        assert.match(String(fault), /./);
      }
    }
  }
}

suite('exports: secrets', () => {
  let desk: ExportDesk;
  setup(() => {
    desk = new ExportDesk();
  });
  teardown(() => desk.dispose());

  const hear = (said: readonly Said[], id = 1, isClosed = true): void => {
    desk.feed.open(id, { route: 'api', process: { pid: 1, name: 'app', commandLine: `app --password=${mark} --api-key ${mark}` } });
    for (const [i, [from, bytes]] of said.entries()) desk.feed.says(id, from, bytes, 2000 + i);
    if (isClosed) desk.feed.close(id);
  };

  for (const [what, said] of Object.entries(conversations)) {
    test(`${what}: in no format, of a flow that ended and of one that goes on`, async () => {
      const isPart = /not whole/.test(what);
      hear(said, 1, !isPart);
      hear(said, 2, false);
      desk.push();
      for (const format of exportFormats) {
        const { file, masked } = await desk.export(format);
        for (const text of unfolded(file)) {
          const at = text.indexOf(mark);
          assert.equal(at, -1, `${format}: ${JSON.stringify(text.slice(Math.max(0, at - 60), at + 60))}`);
          // Half of one is one, too.
          for (const half of [mark.slice(0, 6), mark.slice(3)]) assert.equal(text.indexOf(half), -1, `${format}: ${half}`);
        }
        if (format !== 'har') assert.ok(0 < masked, format);
      }
      for (const index of said.keys()) for (const form of copyForms) {
        const copied = await desk.lens.exporter.copyAs({ flow: 1, index, form, withSecrets: false });
        for (const text of [copied?.text ?? '', ...[...(copied?.text ?? '').matchAll(/[A-Za-z0-9+/]{16,}/g)].map(([run]) => Buffer.from(run, 'base64').toString('latin1'))]) assert.ok(!text.includes(mark), `${form}: ${text}`);
      }
    });

    test(`${what}: masked bytes leave the conversation as it is`, async () => {
      hear(said);
      const [asIs, masked] = [await desk.push().export('pcapng', { withSecrets: true }), await desk.export('pcapng')];
      const shapes = async (file: string): Promise<string[]> => (await decoded(file)).flatMap(({ messages }) => messages.map(({ from, kind, range, protocol }) => `${from} ${kind} ${protocol} ${range.start}-${range.end}`));
      assert.deepEqual(await shapes(masked.file), await shapes(asIs.file));
      assert.ok(statSync(asIs.file).size - 4096 < statSync(masked.file).size);
    });
  }

  test('with secrets, bytes are as they were, and fields have them', async () => {
    hear(conversations['headers']!);
    hear(conversations['Redis']!, 2);
    desk.push();
    for (const format of exportFormats) {
      const { file, masked } = await desk.export(format, { withSecrets: true });
      assert.equal(masked, 0);
      assert.ok([...unfolded(file)].some((text) => text.includes(mark)), format);
    }
    const { text } = await desk.export('jsonl', { withSecrets: true });
    assert.match(text, new RegExp(`"name":"argument","range":\\{[^}]*\\},"text":"${mark}"`));
    assert.match(text, new RegExp(`"name":"authorization"[^}]*\\},"text":"Bearer ${mark}`));
  });
});

suite('secrets in texts', () => {
  test('names behind which a secret stands, and names that only look like it', () => {
    for (const name of ['password', 'Password', 'user_password', 'newPassword', 'db.password', 'access_token', 'csrfToken', 'X-Api-Key', 'apikey', 'client_secret', 'Authorization', 'Set-Cookie', 'PHPSESSID', 'aws_secret_access_key', 'X-Amz-Signature', 'jwt', 'sig']) assert.ok(isSecretKey(name), name);
    for (const name of ['nextPageToken', 'page_token', 'max_tokens', 'tokens', 'passenger', 'key', 'keyboard', 'author', 'secretary', 'design', 'signal', 'compass', '', 'x'.repeat(100)]) assert.ok(!isSecretKey(name), name);
  });

  test('values are masked, names, quotes and what is around them stay', () => {
    const cases: [string, string][] = [
      ['{"password":"a\\"b","n":1}', '{"password":"••••••","n":1}'],
      ['{"token": 12345, "max_tokens": 7}', '{"token": "••••••", "max_tokens": 7}'],
      ["{'password': 'abc'}", "{'password': '••••••'}"],
      ['"{\\"password\\":\\"abc\\",\\"x\\":1}"', '"{\\"password\\":\\"••••••\\",\\"x\\":1}"'],
      ['a=1&password=abc&b=2', 'a=1&password=••••••&b=2'],
      ['postgres://ada:abc@db/x', 'postgres://ada:••••••@db/x'],
      ['Authorization: Bearer abc.def\r\nAccept: */*', 'Authorization: Bearer ••••••\r\nAccept: */*'],
      ['password: "abc"', 'password: "••••••"'],
      ['<password>abc</password>', '<password>••••••</password>'],
      ["CREATE USER a IDENTIFIED BY 'it''s'", "CREATE USER a IDENTIFIED BY '••••••'"],
      ["INSERT INTO users (id, \"password\") VALUES (1, 'it''s'), (f(2, 'x'), 'b') RETURNING 'c'", "INSERT INTO users (id, \"password\") VALUES (1, '••••••'), (f(2, 'x'), '••••••') RETURNING 'c'"],
      [`INSERT INTO t (token) VALUES ${"('abc'), ".repeat(2000)}('abc')`, `INSERT INTO t (token) VALUES ${"('••••••'), ".repeat(2000)}('••••••')`],
      ['x eyJhbGciOiJIUzI1NiJ9.eyJzdWIiOiIxIn0.abc-_ y', 'x •••••• y'],
      ['key ghp_abcdefghijklmnopqrstuvwxyz0123456789', 'key ••••••'],
      ['the password is needed, and a token, too', 'the password is needed, and a token, too'],
      ['Basic authentication is used', 'Basic authentication is used'],
    ];
    for (const [text, expected] of cases) assert.equal(withoutSecrets(text).text, expected);
  });

  test('of headers the scheme and the names of cookies stay', () => {
    assert.equal(maskedHeader('Authorization', 'Digest username="ada"'), 'Digest ••••••');
    assert.equal(maskedHeader('Cookie', 'a=1; b=2'), 'a=••••••; b=••••••');
    assert.equal(maskedHeader('Set-Cookie', 'a=1; Path=/; Max-Age=3'), 'a=••••••; Path=/; Max-Age=3');
    assert.equal(maskedHeader('Accept', 'text/html'), undefined);
  });

  test('hostile texts take no time', () => {
    // Each would take minutes if one pattern tried again from every place.
    const size = 128 << 10;
    for (const piece of ['eyJ', 'a', '\\', '"password":{', 'password', '<token ', 'name="token"\r\nx\r\n', 'mysql ', '-----BEGIN PRIVATE KEY-----', '://a:', ' --', 'PASSWORD \'', '"token"', 'Bearer ', '=', 'a://', "insert into a (password) values ('", 'insert into a (password) values (']) {
      const text = piece.repeat(Math.ceil(size / piece.length));
      const before = process.cpuUsage().user;
      secretSpans(text);
      assert.ok(process.cpuUsage().user - before < 4_000_000, `${JSON.stringify(piece)}: ${(process.cpuUsage().user - before) / 1000} ms`);
    }
  });

  test('the value in the bytes of a field', () => {
    const cases: [string, string][] = [['$6\r\nsecret\r\n', 'secret'], ['\x06secret', 'secret'], ['\0\x06secret', 'secret'], ['\0\0\0\x06secret', 'secret'], ['\x12\x06secret', 'secret'], ['"secret"', 'secret'], ['secret\0', 'secret'], ['secret\r\n', 'secret'], ['secret', 'secret'], ['\x02pass\0\x07\0\0\0secret\0', 'secret'], ['\x05payload\0\x06\0\0\0\0secret', 'secret']];
    for (const [text, expected] of cases) {
      const { start, end } = valueIn(Buffer.from(text, 'latin1'));
      assert.equal(text.slice(start, end), expected, JSON.stringify(text));
    }
  });
});
