// What a recording by filter holds, read back from its file.

import assert from 'node:assert/strict';
import { join } from 'node:path';
import { decoded, ExportDesk } from './exportDesk.js';

const t = 1_700_000_000_000;

suite('recording by filter', () => {
  let desk: ExportDesk;
  let file: string;
  setup(() => {
    desk = new ExportDesk();
    file = join(desk.folder, 'recorded.pcapng');
  });
  teardown(() => desk.dispose());

  const get = (path: string): string => `GET ${path} HTTP/1.1\r\nHost: a.test\r\n\r\n`;
  const answer = (status: string, body = ''): string => `HTTP/1.1 ${status}\r\nContent-Length: ${body.length}\r\n\r\n${body}`;

  /** Lines of what was recorded, by the number of the connection. */
  async function recorded(): Promise<Record<number, string[]>> {
    return Object.fromEntries((await decoded(file)).map(({ flow, messages }) => [flow.recorded.connection ?? 0, messages.map(({ summary }) => summary)]));
  }

  test('a request that fits is there with its answer, what does not fit is not, and flows without any are not either', async () => {
    await desk.lens.startRecording(file, { filter: 'http.status >= 500 or latency > 50ms' });
    desk.feed.open(1, { openedAt: t }).says(1, 'client', get('/good'), t + 1).says(1, 'upstream', answer('200 OK', 'x'), t + 2);
    desk.feed.open(2, { openedAt: t }).says(2, 'client', get('/other'), t + 2).says(2, 'upstream', answer('200 OK'), t + 3).close(2, t + 4);
    desk.push();
    // The answer may come later than its request, in pieces.
    desk.feed.says(1, 'client', get('/bad'), t + 10);
    desk.push();
    desk.feed.says(1, 'upstream', answer('500 Oops', 'why').slice(0, 30), t + 12);
    desk.push();
    desk.feed.says(1, 'upstream', answer('500 Oops', 'why').slice(30), t + 13).says(1, 'client', get('/slow'), t + 20).says(1, 'upstream', answer('200 OK'), t + 90).says(1, 'client', get('/quick'), t + 100).says(1, 'upstream', answer('200 OK'), t + 101).close(1, t + 110);
    desk.push();
    const { packets } = await desk.lens.stopRecording();
    assert.deepEqual(await recorded(), { 1: ['GET /bad', '500 Oops · text · 3 bytes', 'GET /slow', '200 OK'] });
    // SYN, SYN ACK, ACK; five pieces; FIN, FIN, ACK.
    assert.equal(packets, 11);
    const flow = (await decoded(file))[0]!.flow;
    assert.equal(flow.reason, 'clientClosed');
    assert.match(flow.comments.join(' '), /Of this connection only what fits a filter was recorded/);
  });

  test('what a connection is known by is read back, beside the words about the filter', async () => {
    await desk.lens.startRecording(file, { filter: 'flow.route == api' });
    desk.feed.open(1, { openedAt: t, route: 'api', upstream: '127.0.0.1:8080', process: { pid: 9, name: 'curl', commandLine: 'curl http://a.test/' } }).says(1, 'client', get('/'), t + 1).says(1, 'upstream', answer('200 OK'), t + 2).close(1);
    desk.push();
    await desk.lens.stopRecording();
    const { recorded: known } = (await decoded(file))[0]!.flow;
    assert.deepEqual([known.route, known.upstream, known.process], ['api', '127.0.0.1:8080', { pid: 9, name: 'curl', commandLine: 'curl http://a.test/' }]);
  });

  test('of a protocol that nobody could read in part, the connection is there as a whole once something fits', async () => {
    await desk.lens.startRecording(file, { filter: 'websocket and text contains hello' });
    const upgrade = 'GET /chat HTTP/1.1\r\nHost: a.test\r\nConnection: Upgrade\r\nUpgrade: websocket\r\nSec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\nSec-WebSocket-Version: 13\r\n\r\n';
    const upgraded = 'HTTP/1.1 101 Switching Protocols\r\nConnection: Upgrade\r\nUpgrade: websocket\r\nSec-WebSocket-Accept: s3pPLMBiTxaQ9kYGzzhZRbK+xOo=\r\n\r\n';
    const said = (text: string): Buffer => Buffer.concat([Buffer.from([0x81, text.length]), Buffer.from(text)]);
    for (const id of [1, 2]) desk.feed.open(id, { openedAt: t }).says(id, 'client', upgrade, t + 1).says(id, 'upstream', upgraded, t + 2).says(id, 'upstream', said('first'), t + 3);
    desk.push();
    desk.feed.says(1, 'upstream', said('hello'), t + 4).says(2, 'upstream', said('bye'), t + 4);
    desk.push();
    desk.feed.says(1, 'upstream', said('last'), t + 5).close(1, t + 6);
    desk.push();
    await desk.lens.stopRecording();
    const found = await recorded();
    assert.deepEqual(Object.keys(found), ['1']);
    assert.deepEqual(found[1]!.map((line) => /first|hello|last|GET|101/.exec(line)?.[0]), ['GET', '101', 'first', 'hello', 'last']);
  });

  test('what was said before the recording is not in it, and is understood all the same', async () => {
    desk.feed.open(1, { openedAt: t }).says(1, 'client', get('/early'), t + 1).says(1, 'upstream', answer('200 OK', 'body').slice(0, -2), t + 2);
    desk.push();
    await desk.lens.startRecording(file, { filter: 'http' });
    // The rest of a body that began before.
    desk.feed.says(1, 'upstream', 'dy', t + 3).says(1, 'client', get('/late'), t + 4).says(1, 'upstream', answer('404 Not Found'), t + 5).close(1);
    desk.push();
    await desk.lens.stopRecording();
    assert.deepEqual((await recorded())[1]!.slice(-2), ['GET /late', '404 Not Found']);
  });

  test('a request that is not answered by the end is judged as it is', async () => {
    await desk.lens.startRecording(file, { filter: 'waiting' });
    desk.feed.open(1, { openedAt: t }).says(1, 'client', get('/never'), t + 1);
    desk.push();
    await desk.lens.stopRecording();
    assert.deepEqual(await recorded(), { 1: ['GET /never'] });
  });

  test('bytes that the capture let go while they waited are a hole, and the file says how large', async () => {
    await desk.lens.startRecording(file, { filter: 'http.status == 500' });
    desk.feed.open(1, { openedAt: t }).says(1, 'client', get('/waits'), t + 1).open(2, { openedAt: t });
    desk.push();
    // More than the 16 segments of the feed's store.
    for (let round = 0; round < 40; round++) {
      desk.feed.says(2, 'client', Buffer.alloc(1 << 19, 1), t + 2 + round);
      desk.push();
    }
    desk.feed.says(1, 'upstream', answer('500 Oops'), t + 60).close(1, t + 61);
    desk.push();
    await desk.lens.stopRecording();
    const [one] = await decoded(file);
    assert.match(one!.flow.comments.join(' '), new RegExp(`${get('/waits').length} bytes before this were not kept`));
    assert.ok(one!.messages.some(({ summary }) => summary === '500 Oops'));
  });

  test('a filter that is wrong is refused with its place, and no file is made', async () => {
    await assert.rejects(desk.lens.startRecording(file, { filter: 'http.status >=' }), { code: 'filterInvalid', message: /^The filter cannot be used, at character 15: / });
    assert.deepEqual(desk.files(), []);
    assert.equal(desk.lens.isRecording, false);
  });
});
