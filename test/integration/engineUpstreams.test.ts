// Upstreams that refuse, hang, close at once or die: the flow says so, and another one gets the first flight.

import assert from 'node:assert/strict';
import { once } from 'node:events';
import net, { type AddressInfo } from 'node:net';
import { Worker } from 'node:worker_threads';
import type { Balance } from '../../src/shared/rules.js';
import { EngineBench, hears, hearsAll, listener, outcome, route, socketKinds, starts, tcp, to } from './support/engineBench.js';

/** @returns a port on which nobody listens */
async function freePort(): Promise<number> {
  const server = net.createServer();
  await once(server.listen(0, '127.0.0.1'), 'listening');
  const { port } = server.address() as AddressInfo;
  await new Promise((resolve) => server.close(resolve));
  return port;
}

/**
 * A server that hangs: its thread sleeps, so nobody accepts, and once the queue of one is full the kernel drops further
 * connection requests. (Linux; elsewhere a full queue may refuse instead.)
 */
async function hangingServer(): Promise<{ port: number; end: () => Promise<unknown> }> {
  const code = `const { parentPort } = require('node:worker_threads');
    const server = require('node:net').createServer().listen({ port: 0, host: '127.0.0.1', backlog: 1 }, () => {
      parentPort.postMessage(server.address().port);
      Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0);
    });`;
  const worker = new Worker(code, { eval: true });
  const [port] = (await once(worker, 'message')) as [number];
  const fillers = Array.from({ length: 4 }, () => net.connect(port, '127.0.0.1').on('error', () => undefined));
  await Promise.all(fillers.slice(0, 2).map((socket) => once(socket, 'connect')));
  return {
    port,
    end: () => {
      for (const socket of fillers) socket.destroy();
      return worker.terminate();
    },
  };
}

for (const { kind, sockets } of socketKinds) {
  suite(`upstreams over ${kind}`, () => {
    let bench: EngineBench;
    setup(async () => void (bench = await EngineBench.make(await sockets())));
    teardown(() => bench.close());

    const several = (ports: number[], balance: Balance = 'first') => listener({ connectTimeoutMs: 150, routes: [route('all', starts('A'), { upstreams: ports.map((port) => tcp(port)), balance })] });
    const ask = async (port: number): Promise<string> => {
      const client = await bench.client(port);
      client.write('A!');
      const answer = await hears(client, '!');
      client.destroy();
      return answer;
    };

    test('one that hangs is given up on after the connect timeout', async function () {
      if (process.platform !== 'linux') return assert.ok(true, 'a full accept queue hangs on Linux only');
      const hanging = await hangingServer();
      const port = await bench.port(several([hanging.port]));
      const client = await bench.client(port);
      client.write('A!');
      await hearsAll(client);
      const facts = await bench.feed.closed(1);
      assert.equal(facts.endReason, 'connectTimeout');
      assert.match(facts.endDetail ?? '', new RegExp(`127.0.0.1:${hanging.port} did not accept`));
      await hanging.end();
    });

    test('the first one refuses, the second one hears the first flight', async () => {
      const refused = await freePort();
      const port = await bench.port(several([refused, await bench.echo('second')]));
      assert.equal(await ask(port), 'second:A!');
      await bench.feed.closed(1);
      const facts = bench.feed.flows.get(1);
      assert.deepEqual(facts?.failedUpstreams.map((failed) => failed.upstream), [`127.0.0.1:${refused}`]);
      const [status] = bench.engine.status().listeners[0]?.routes[0]?.upstreams ?? [];
      assert.equal(status?.health, 'failing');
      assert.equal(status?.lastFailure?.reason, 'connectRefused');
      assert.match(status?.lastFailure?.detail ?? '', /refused the connection/);
      assert.equal(await ask(port), 'second:A!');
      await bench.feed.closed(2);
      assert.deepEqual(bench.feed.flows.get(2)?.failedUpstreams, [], 'a failing upstream is tried last for a while');
    });

    for (const [how, close] of [['closes', (socket: net.Socket) => socket.end()], ['resets', (socket: net.Socket) => socket.resetAndDestroy()]] as const) {
      test(`the first one accepts and ${how} at once, the second one hears the first flight`, async () => {
        const port = await bench.port(several([await bench.server(close), await bench.echo('second')]));
        assert.equal(await ask(port), 'second:A!');
        const facts = await bench.feed.closed(1);
        assert.match(facts.failedUpstreams[0]?.reason ?? '', /closed it at once/);
      });
    }

    test('one that has answered and then closes is not tried again elsewhere', async () => {
      const port = await bench.port(several([await bench.server((socket) => socket.end('bye')), await bench.echo('second')]));
      const client = await bench.client(port);
      client.write('A!');
      assert.equal((await hearsAll(client)).toString(), 'bye');
      client.end();
      assert.equal((await bench.feed.closed(1)).endReason, 'upstreamClosed');
    });

    test('all refuse: the last reason is the flow\'s', async () => {
      const port = await bench.port(several([await freePort(), await freePort()]));
      const client = await bench.client(port);
      client.write('A!');
      await hearsAll(client);
      const facts = await bench.feed.closed(1);
      assert.equal(facts.endReason, 'connectRefused');
      assert.equal(facts.failedUpstreams.length, 2);
    });

    test('one that dies in mid-stream resets the client, and the next connection works', async () => {
      let count = 0;
      const upstream = await bench.server((socket) => {
        if (count++ > 0) return void socket.pipe(socket);
        socket.write('half an ans');
        socket.once('data', () => socket.resetAndDestroy());
      });
      const port = await bench.port(several([upstream]));
      const client = await bench.client(port);
      const end = outcome(client);
      client.write('A!');
      client.write('more');
      assert.equal(await end, 'ECONNRESET');
      assert.equal((await bench.feed.closed(1)).endReason, 'upstreamReset');
      assert.equal(await ask(port), 'A!');
    });

    test('round robin takes turns, least connections prefers the idle one', async () => {
      const names = ['a', 'b', 'c'];
      const ports = await Promise.all(names.map((name) => bench.echo(name)));
      const turns = await bench.port(several(ports, 'roundRobin'));
      const answers = [await ask(turns), await ask(turns), await ask(turns), await ask(turns)];
      assert.deepEqual(answers, ['a:A!', 'b:A!', 'c:A!', 'a:A!']);
      await bench.engine.apply({ listeners: [] }, { captureMemoryMB: 1, confirmedExposures: [], resolvesProcesses: false });
      const least = await bench.port(several(ports, 'leastConnections'));
      const held = await Promise.all([0, 1, 2].map(() => bench.client(least)));
      const first: string[] = [];
      for (const client of held) {
        client.write('A!');
        first.push(await hears(client, '!'));
      }
      assert.deepEqual([...first].sort(), ['a:A!', 'b:A!', 'c:A!']);
      held[1]?.destroy();
      await bench.feed.until(() => [...bench.feed.flows.values()].some((flow) => flow.listenerName === 'test' && flow.endReason !== undefined && 6 <= flow.id));
      assert.equal(await ask(least), first[1]);
    });

    test('a name that does not exist is a reason of its own', async () => {
      const port = await bench.port(listener({ routes: [route('all', { kind: 'always' }, to(tcp(80, 'no-such-host.invalid')))] }));
      await hearsAll(await bench.client(port));
      const facts = await bench.feed.closed(1);
      assert.equal(facts.endReason, 'connectFailed');
      assert.match(facts.endDetail ?? '', /host name .* not found/);
    });
  });
}
