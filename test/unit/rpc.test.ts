import assert from 'node:assert/strict';
import { MuxError, portInUse } from '../../src/shared/errors.js';
import { Rpc, type Contract, type Port } from '../../src/shared/rpc.js';

interface Calculator extends Contract {
  requests: { add: { params: { a: number; b: number }; result: number }; listen: { params: null; result: null }; hang: { params: null; result: null } };
  notifications: { ping: string };
}
interface Nothing extends Contract {
  requests: Record<string, never>;
  notifications: Record<string, never>;
}

/** Two ports that hear each other, cloning what they carry as a real channel does. */
function channel(): [Port, Port] {
  const listeners: [Set<(message: unknown) => void>, Set<(message: unknown) => void>] = [new Set(), new Set()];
  const end = (own: 0 | 1): Port => ({
    post: (message) => {
      const copy: unknown = structuredClone(message);
      queueMicrotask(() => listeners[own === 0 ? 1 : 0].forEach((listener) => listener(copy)));
    },
    onMessage: (listener) => {
      listeners[own].add(listener);
      return { dispose: () => void listeners[own].delete(listener) };
    },
  });
  return [end(0), end(1)];
}

function pair() {
  const faults: unknown[] = [];
  const [here, there] = channel();
  const server = new Rpc<Calculator, Nothing>(here, (fault) => faults.push(fault));
  const client = new Rpc<Nothing, Calculator>(there, (fault) => faults.push(fault));
  return { server, client, faults };
}

suite('rpc', () => {
  test('a request is answered with what the handler returns', async () => {
    const { server, client } = pair();
    server.handle('add', async ({ a, b }) => a + b);
    assert.equal(await client.request('add', { a: 2, b: 3 }), 5);
  });

  test('a failing handler replies with code, sentence and details', async () => {
    const { server, client, faults } = pair();
    server.handle('listen', () => {
      throw portInUse('127.0.0.1:3000', 'node (12)');
    });
    await assert.rejects(client.request('listen', null), (fault) => {
      assert.ok(fault instanceof MuxError);
      assert.equal(fault.code, 'portInUse');
      assert.match(fault.message, /node \(12\)/);
      assert.equal(fault.details.address, '127.0.0.1:3000');
      return true;
    });
    assert.deepEqual(faults, [], 'what a person can mend is not reported as a bug');
  });

  test('disposal rejects what is pending', async () => {
    const { server, client } = pair();
    server.handle('hang', () => new Promise(() => undefined));
    const waiting = client.request('hang', null);
    client.dispose();
    await assert.rejects(waiting, { code: 'requestCancelled' });
    await assert.rejects(client.request('hang', null), { code: 'requestCancelled' });
  });

  test('a notification listener that throws is reported and the others still hear', async () => {
    const { server, client, faults } = pair();
    const heard = new Promise<string>((resolve) => {
      server.on('ping', () => {
        throw new Error('listener fails');
      });
      server.on('ping', resolve);
    });
    client.notify('ping', 'hello');
    assert.equal(await heard, 'hello');
    assert.equal(faults.length, 1);
  });

  test('refuses to wait for more than its bound of requests', async () => {
    const { server, client } = pair();
    server.handle('hang', () => new Promise(() => undefined));
    const waiting = Array.from({ length: 1000 }, () => client.request('hang', null));
    await assert.rejects(client.request('hang', null), /Too many requests/);
    client.dispose();
    const settled = await Promise.allSettled(waiting);
    assert.ok(settled.every((entry) => entry.status === 'rejected'));
  });

  test('messages that are not ours are left alone', async () => {
    const [here, there] = channel();
    const server = new Rpc<Calculator, Nothing>(here, (fault) => assert.fail(String(fault)));
    server.handle('add', ({ a, b }) => a + b);
    for (const junk of [null, 7, 'text', {}, { kind: 'request' }, { kind: 'reply', id: 99 }]) there.post(junk);
    const client = new Rpc<Nothing, Calculator>(there, (fault) => assert.fail(String(fault)));
    assert.equal(await client.request('add', { a: 1, b: 1 }), 2);
  });
});
