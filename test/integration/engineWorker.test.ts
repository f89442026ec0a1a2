// The built engine worker, spoken to as the editor speaks to it.

import assert from 'node:assert/strict';
import net from 'node:net';
import { join } from 'node:path';
import { MessageChannel, Worker } from 'node:worker_threads';
import { nodePort } from '../../src/core/engine/nodePort.js';
import type { EngineContract, EngineEvents } from '../../src/shared/protocol.js';
import { Rpc } from '../../src/shared/rpc.js';
import { FeedLog, listener, outcome, route, settings, to } from './support/engineBench.js';

suite('engine worker', () => {
  let worker: Worker;
  let rpc: Rpc<EngineEvents, EngineContract>;
  setup(() => {
    worker = new Worker(join(__dirname, '../../engine.js'));
    rpc = new Rpc<EngineEvents, EngineContract>(nodePort(worker), (fault) => assert.fail(String(fault)));
  });
  teardown(async () => {
    rpc.dispose();
    await worker.terminate();
  });

  test('applies, starts, reports status, feeds lens, and closes everything', async () => {
    const states: string[] = [];
    rpc.on('engine/status', (status) => void states.push(status.listeners[0]?.state ?? 'none'));
    const { port1, port2 } = new MessageChannel();
    const feed = new FeedLog(port2);
    await rpc.request('capture/attach', { port: port1 }, [port1]);
    const upstream = net.createServer((socket) => socket.pipe(socket));
    await new Promise<void>((resolve) => upstream.listen(0, '127.0.0.1', resolve));
    const { port: target } = upstream.address() as net.AddressInfo;
    await rpc.request('rules/apply', { rules: { listeners: [listener({ routes: [route('all', { kind: 'always' }, to(target))] })] }, settings });
    const started = await rpc.request('listeners/start', {});
    const address = started.listeners[0]?.address;
    assert.ok(address?.kind === 'tcp');

    const client = net.connect(address.port, '127.0.0.1');
    client.write('hello');
    await new Promise((resolve) => client.once('data', resolve));
    await feed.until(() => feed.totals.get(1)?.upstream === 5);
    assert.equal(feed.bytes(1, 'upstream').toString(), 'hello');
    const end = outcome(client);
    assert.deepEqual(await rpc.request('flows/close', { ids: [1] }), { closed: 1 });
    await end;

    await rpc.request('engine/close', null);
    assert.equal((await feed.closed(1)).endReason, 'closedByPerson');
    assert.ok(states.includes('listening'), states.join());
    await new Promise((resolve) => upstream.close(resolve));
    port2.close();
  });

  test('an unknown listener is an error with its code, and the worker lives on', async () => {
    await assert.rejects(rpc.request('listeners/start', { id: 'nobody' }), { code: 'unknownListener' });
    assert.deepEqual((await rpc.request('listeners/stop', {})).listeners, []);
  });
});
