// Sending again: what belongs together, where to, and what comes back from a real socket.

import assert from 'node:assert/strict';
import net, { type AddressInfo } from 'node:net';
import { isLoopback, replayPlan, targetOf } from '../../src/host/replay/replayPlan.js';
import { replay } from '../../src/host/replay/replaySocket.js';

const text = (bytes: Uint8Array): string => Buffer.from(bytes).toString();

suite('a client side said again', () => {
  test('is cut where its client waited', () => {
    const client = Buffer.from('abcdefgh');
    const steps = replayPlan([
      { from: 'client', offset: 0, length: 2 },
      { from: 'client', offset: 2, length: 1 },
      { from: 'upstream', offset: 0, length: 9 },
      { from: 'upstream', offset: 9, length: 9 },
      { from: 'client', offset: 3, length: 5 },
    ], client);
    assert.deepEqual(steps.map(({ bytes }) => text(bytes)), ['abc', 'defgh']);
  });

  test('of a server that speaks first waits for nothing in the beginning', () => {
    const steps = replayPlan([{ from: 'upstream', offset: 0, length: 3 }, { from: 'client', offset: 0, length: 1 }], Buffer.from('x'));
    assert.deepEqual(steps.map(({ bytes }) => text(bytes)), ['x']);
  });

  test('addresses as people write them', () => {
    assert.deepEqual(targetOf('8080'), { host: '127.0.0.1', port: 8080 });
    assert.deepEqual(targetOf('[::1]:80'), { host: '::1', port: 80 });
    assert.deepEqual(targetOf(' db.test:5432 '), { host: 'db.test', port: 5432 });
    for (const wrong of ['', 'host', '0', '70000', 'a:b', 'a:1:2', 'unix:/tmp/x']) assert.equal(targetOf(wrong), undefined, wrong);
    assert.ok(isLoopback('127.0.0.1') && isLoopback('::1') && isLoopback('localhost'));
    assert.ok(!isLoopback('10.0.0.1') && !isLoopback('127.0.0.1.example.com'));
  });

  test('waits for each answer before it goes on, and gathers all of them', async () => {
    const heard: string[] = [];
    const server = net.createServer((socket) => {
      socket.on('data', (data) => {
        heard.push(data.toString());
        socket.write(`${data.toString()}!`);
      });
      socket.on('error', () => undefined);
    });
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    try {
      const { port } = server.address() as AddressInfo;
      const { answer, isClosed } = await replay({ host: '127.0.0.1', port }, [{ bytes: Buffer.from('one'), waits: true }, { bytes: Buffer.from('two'), waits: true }], new AbortController().signal);
      assert.equal(text(answer), 'one!two!');
      assert.deepEqual(heard, ['one', 'two']);
      assert.equal(isClosed, false);
    } finally {
      await new Promise((resolve) => server.close(resolve));
    }
  });

  test('nobody listens there: a sentence that says where', async () => {
    const server = net.createServer();
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    const { port } = server.address() as AddressInfo;
    await new Promise((resolve) => server.close(resolve));
    await assert.rejects(replay({ host: '127.0.0.1', port }, [{ bytes: Buffer.from('x'), waits: true }], new AbortController().signal), new RegExp(`127\\.0\\.0\\.1:${port} \\(ECONNREFUSED\\)`));
  });
});
