// Conversations through one listener: client says, upstream hears, on both ways to read.

import assert from 'node:assert/strict';
import net from 'node:net';
import { EngineBench, hears, hearsAll, listener, outcome, route, socketKinds, starts, to } from './support/engineBench.js';

for (const { kind, sockets } of socketKinds) {
  suite(`forwarding over ${kind}`, () => {
    let bench: EngineBench;
    setup(async () => void (bench = await EngineBench.make(await sockets())));
    teardown(() => bench.close());

    test('the client says, the upstream hears and answers, and the flow says who closed', async () => {
      const port = await bench.port(listener({ fallback: { ...to(await bench.echo('up')), whenSilent: false } }));
      const client = await bench.client(port);
      client.write('hello');
      assert.equal(await hears(client, 'hello'), 'up:hello');
      client.end();
      await hearsAll(client);
      const facts = await bench.feed.closed(1);
      assert.equal(facts.endReason, 'clientClosed');
      assert.equal(facts.route, 'default');
      assert.equal(bench.feed.bytes(1, 'client').toString(), 'hello');
      assert.equal(bench.feed.bytes(1, 'upstream').toString(), 'up:hello');
    });

    test('routes in order: the first that matches takes the first flight, however it is cut', async () => {
      const [first, second, other] = [await bench.echo('first'), await bench.echo('second'), await bench.echo('other')];
      const port = await bench.port(
        listener({ routes: [route('long', starts('ABCDEFGH'), to(first)), route('short', starts('AB'), to(second))], fallback: { ...to(other), whenSilent: false } }),
      );
      const cases: [string[], string][] = [
        [['ABCDEFGH!'], 'first:ABCDEFGH!'],
        [[...'ABCDEFGH!'], 'first:ABCDEFGH!'],
        [['ABCDx', 'y!'], 'second:ABCDxy!'],
        [['Z', '!'], 'other:Z!'],
      ];
      for (const [pieces, expected] of cases) {
        const client = await bench.client(port);
        for (const piece of pieces) await new Promise((resolve) => client.write(piece, resolve));
        assert.equal(await hears(client, '!'), expected);
        client.destroy();
      }
    });

    test('bytes that match B and could still be A wait for the inspect timeout, then go to B', async () => {
      const port = await bench.port(listener({ routes: [route('a', starts('ABCDEFGH'), to(await bench.echo('a'))), route('b', starts('AB'), to(await bench.echo('b')))] }));
      const client = await bench.client(port);
      client.write('ABCD');
      assert.equal(await hears(client, 'ABCD'), 'b:ABCD');
      await bench.feed.until(() => bench.feed.flows.get(1)?.connectedAt !== undefined);
      assert.equal(bench.feed.flows.get(1)?.trace?.decidedBy, 'deadline');
    });

    test('the client closes its half after the request; the answer still comes', async () => {
      const upstream = await bench.server(async (socket) => {
        const heard = await hearsAll(socket);
        socket.end(`you said ${heard.toString()}`);
      });
      const port = await bench.port(listener({ fallback: { ...to(upstream), whenSilent: false } }));
      const client = await bench.client(port);
      client.end('question');
      assert.equal((await hearsAll(client)).toString(), 'you said question');
      assert.equal((await bench.feed.closed(1)).endReason, 'bothClosed');
    });

    test('the upstream closes its half first; the client still talks', async () => {
      let heard: Promise<Buffer> | undefined;
      const upstream = await bench.server((socket) => {
        heard = hearsAll(socket);
        socket.end('greeting');
      });
      const port = await bench.port(listener({ routes: [route('all', { kind: 'always' }, to(upstream))] }));
      const client = await bench.client(port);
      assert.equal((await hearsAll(client)).toString(), 'greeting');
      client.write('still ');
      client.end('here');
      const facts = await bench.feed.closed(1);
      assert.equal((await heard)?.toString(), 'still here');
      assert.equal(facts.endReason, 'bothClosed');
      assert.match(facts.endDetail ?? '', /closed its half/);
    });

    test('a reset passes on as a reset, each way', async () => {
      const ends: Promise<string>[] = [];
      const upstream = await bench.server((socket) => {
        ends.push(outcome(socket));
        socket.write('ready');
        socket.on('data', (data) => {
          if (data.toString() === 'die') socket.resetAndDestroy();
        });
      });
      const port = await bench.port(listener({ routes: [route('all', { kind: 'always' }, to(upstream))] }));
      const first = await bench.client(port);
      await hears(first, 'ready');
      first.resetAndDestroy();
      assert.equal((await bench.feed.closed(1)).endReason, 'clientReset');
      assert.equal(await ends[0], 'ECONNRESET');

      const second = await bench.client(port);
      await hears(second, 'ready');
      const end = outcome(second);
      second.write('die');
      assert.equal(await end, 'ECONNRESET');
      assert.equal((await bench.feed.closed(2)).endReason, 'upstreamReset');
    });

    test('a refused connection says so, closes the client, and the next one works', async () => {
      const gone = net.createServer().listen(0, '127.0.0.1');
      await new Promise((resolve) => gone.once('listening', resolve));
      const { port: refused } = gone.address() as net.AddressInfo;
      await new Promise((resolve) => gone.close(resolve));
      const port = await bench.port(listener({ routes: [route('bad', starts('bad'), to(refused))], fallback: { ...to(await bench.echo()), whenSilent: false } }));
      const client = await bench.client(port);
      client.write('bad');
      assert.equal((await hearsAll(client)).length, 0);
      const facts = await bench.feed.closed(1);
      assert.equal(facts.endReason, 'connectRefused');
      assert.match(facts.endDetail ?? '', new RegExp(`127.0.0.1:${refused} refused`));
      const next = await bench.client(port);
      next.write('good');
      assert.equal(await hears(next, 'good'), 'good');
    });
  });
}
