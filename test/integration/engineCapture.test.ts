// What lens is told: all of it, in order, bounded; and what happens when lens is slow, records, or goes.

import assert from 'node:assert/strict';
import { once } from 'node:events';
import type net from 'node:net';
import { MessageChannel } from 'node:worker_threads';
import { notKept } from '../../src/core/capture/store.js';
import { EngineBench, FeedLog, hears, listener, route, settings, socketKinds, to } from './support/engineBench.js';

const megabyte = 1 << 20;

for (const { kind, sockets } of socketKinds) {
  suite(`capture over ${kind}`, () => {
    let bench: EngineBench;
    setup(async () => void (bench = await EngineBench.make(await sockets())));
    teardown(() => bench.close());

    const sink = (): Promise<number> => bench.server((socket) => socket.resume().on('end', () => socket.end()));
    const all = (port: number) => listener({ routes: [route('all', { kind: 'always' }, to(port))] });
    const say = async (client: net.Socket, bytes: number): Promise<void> => {
      const piece = Buffer.alloc(megabyte, 'capture ');
      for (let sent = 0; sent < bytes; sent += piece.length) if (!client.write(piece)) await once(client, 'drain');
    };

    test('chunks carry speaker, time and bytes, in the order they were read', async () => {
      const port = await bench.port(all(await bench.echo()));
      const client = await bench.client(port);
      const start = Date.now() - 5;
      for (const word of ['one', 'two']) {
        client.write(word);
        await hears(client, word);
      }
      client.destroy();
      await bench.feed.closed(1);
      assert.deepEqual(bench.feed.chunks.map(({ flow, from, length }) => [flow, from, length]), [[1, 'client', 3], [1, 'upstream', 3], [1, 'client', 3], [1, 'upstream', 3]]);
      const times = bench.feed.chunks.map((chunk) => chunk.at);
      assert.deepEqual([...times].sort((a, b) => a - b), times);
      assert.ok(start <= (times[0] ?? 0) && (times[3] ?? 0) <= Date.now() + 5);
      assert.equal(bench.feed.bytes(1, 'client').toString(), 'onetwo');
    });

    test('capture off: no chunks, but totals and flows', async () => {
      const [address] = await bench.run([all(await bench.echo())], { captureMemoryMB: 0 });
      assert.ok(address?.kind === 'tcp');
      const client = await bench.client(address.port);
      client.write('hello');
      await hears(client, 'hello');
      client.end();
      await bench.feed.closed(1);
      assert.deepEqual(bench.feed.totals.get(1), { client: 5, upstream: 5 });
      assert.equal(bench.feed.chunks.length, 0);
    });

    test('lens acknowledges nothing: traffic goes on, the channel holds a few batches, and later all is accounted for', async function () {
      this.timeout(20_000);
      bench.feed.acknowledges = false;
      const port = await bench.port(all(await sink()));
      const client = await bench.client(port);
      await say(client, 64 * megabyte);
      client.end();
      await once(client.resume(), 'end');
      assert.ok(bench.feed.batches <= 4, `${bench.feed.batches} batches under way`);
      bench.feed.acknowledges = true;
      bench.feed.notify('capture/ack', { batches: bench.feed.batches });
      await bench.feed.closed(1);
      assert.equal(bench.feed.chunks.reduce((sum, chunk) => sum + chunk.length, 0), 64 * megabyte);
    });

    test('while a recording runs the traffic waits for lens, and nothing is lost', async function () {
      this.timeout(30_000);
      const total = 48 * megabyte;
      const port = await bench.port(all(await sink()));
      bench.feed.notify('capture/mode', { waitsForLens: true });
      bench.feed.acknowledges = false;
      const client = await bench.client(port);
      const said = say(client, total).then(() => client.end());
      const stuck = await bench.settledBytes();
      assert.ok(stuck <= 9 * megabyte, `${stuck} bytes forwarded into a ring of 8 MB`);
      // Each acknowledgement lets the ring turn; whoever reads on every batch misses nothing.
      let kept = 0;
      let handled = 0;
      const read = (): void => {
        for (; handled < bench.feed.chunks.length; handled++) {
          const chunk = bench.feed.chunks[handled];
          assert.ok(chunk && bench.feed.reader?.isKept(chunk.position), 'kept until it is acknowledged');
          kept += chunk.length;
        }
      };
      let acknowledged = 0;
      while (bench.feed.flows.get(1)?.closedAt === undefined) {
        read();
        const batches = bench.feed.batches - acknowledged;
        acknowledged += batches;
        bench.feed.notify('capture/ack', { batches });
        await bench.feed.until(() => acknowledged < bench.feed.batches);
      }
      read();
      await said;
      assert.equal(kept, total);
    });

    test('a recording that ends lets waiting traffic go on', async function () {
      this.timeout(20_000);
      const port = await bench.port(all(await sink()));
      bench.feed.notify('capture/mode', { waitsForLens: true });
      bench.feed.acknowledges = false;
      const client = await bench.client(port);
      const said = say(client, 32 * megabyte);
      await bench.settledBytes();
      bench.feed.notify('capture/mode', { waitsForLens: false });
      await said;
      client.end();
      await once(client.resume(), 'end');
    });

    test('lens goes in the middle of a recording: traffic goes on', async function () {
      this.timeout(20_000);
      const port = await bench.port(all(await sink()));
      bench.feed.notify('capture/mode', { waitsForLens: true });
      bench.feed.acknowledges = false;
      const client = await bench.client(port);
      const said = say(client, 32 * megabyte);
      await bench.settledBytes();
      bench.feed.port.close();
      await said;
      client.end();
      await once(client.resume(), 'end');
    });

    test('a second lens hears of live flows, and its offsets begin where they stand', async () => {
      const port = await bench.port(all(await bench.echo()));
      const client = await bench.client(port);
      client.write('before');
      await hears(client, 'before');
      const { port1, port2 } = new MessageChannel();
      const second = new FeedLog(port2);
      bench.engine.attach(port1);
      client.write('after');
      await hears(client, 'after');
      client.end();
      await second.closed(1);
      const ofClient = second.chunks.filter((chunk) => chunk.from === 'client');
      assert.deepEqual(ofClient.map(({ length, position }) => [length, position === notKept]), [[6, true], [5, false]]);
      port2.close();
    });

    test('the memory limit can change while traffic flows', async function () {
      this.timeout(20_000);
      const rule = all(await sink());
      const port = await bench.port(rule);
      const client = await bench.client(port);
      for (const captureMemoryMB of [8, 2, 0, 16]) {
        await bench.engine.apply({ listeners: [rule] }, { ...settings, captureMemoryMB });
        await say(client, 12 * megabyte);
      }
      client.end();
      await bench.feed.closed(1);
      assert.equal(bench.feed.totals.get(1)?.client, 48 * megabyte);
      const last = bench.feed.chunks.at(-1);
      assert.equal(bench.feed.reader?.isKept(last?.position ?? notKept), true);
    });
  });
}
