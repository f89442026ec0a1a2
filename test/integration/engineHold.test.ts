// Messages that are held on their way: what stands, what goes on, what is done instead, and that bytes stay in order whatever happens.

import assert from 'node:assert/strict';
import http from 'node:http';
import type { AddressInfo } from 'node:net';
import { HoldServer } from '../../src/core/engine/hold/holdServer.js';
import { maxWaitingBytes } from '../../src/core/engine/hold/holdGate.js';
import { defaultHoldMs, type HeldMessage, type HoldRule, type HoldStatus } from '../../src/shared/hold.js';
import { EngineBench, hears, hearsAll, listener, socketKinds, to } from './support/engineBench.js';

const get = (key: string): string => `*2\r\n$3\r\nGET\r\n$${key.length}\r\n${key}\r\n`;

function rule(filter: string, parts: Partial<HoldRule> = {}): HoldRule {
  return { id: 'r', filter, timeoutMs: defaultHoldMs, isOneShot: false, ...parts };
}

for (const { kind, sockets } of socketKinds) {
  suite(`holding messages over ${kind}`, () => {
    let bench: EngineBench;
    let holds: HoldServer;
    let last: HoldStatus;
    let wake: () => void;

    setup(async () => {
      bench = await EngineBench.make(await sockets());
      last = { rules: [], held: [] };
      wake = () => undefined;
      holds = new HoldServer(bench.engine, (status) => {
        last = status;
        wake();
      });
    });
    teardown(async () => {
      holds.dispose();
      await bench.close();
    });

    async function untilHeld(count: number): Promise<HeldMessage[]> {
      while (last.held.length !== count) await new Promise<void>((resolve) => (wake = resolve));
      return last.held;
    }

    /** A Redis-like server that answers each command with +name. */
    async function redis(heard: string[]): Promise<number> {
      const upstream = await bench.server((socket) => {
        socket.on('data', (data) => {
          heard.push(data.toString());
          for (const _ of data.toString().matchAll(/GET/g)) socket.write('+ok\r\n');
        });
        socket.on('end', () => socket.end());
      });
      return bench.port(listener({ fallback: { ...to(upstream), whenSilent: false } }));
    }

    test('a request that matches stands; nothing of it goes on until it is let go', async () => {
      const heard: string[] = [];
      const port = await redis(heard);
      await holds.set([rule('summary ~ "*secret*"')]);
      const client = await bench.client(port);
      client.write(get('plain'));
      assert.equal(await hears(client, '+ok'), '+ok\r\n');
      client.write(get('secret'));
      const [held] = await untilHeld(1);
      assert.match(held!.summary, /GET secret/);
      assert.equal(held!.from, 'client');
      assert.deepEqual(heard, [get('plain')]);
      assert.equal(Buffer.from((holds.read(held!.id))!.bytes).toString(), get('secret'));
      await bench.feed.until(() => bench.feed.flows.get(1)?.touches?.length === 1);
      assert.equal(bench.feed.flows.get(1)!.touches![0]!.what, 'held');

      assert.deepEqual(holds.decide(held!.id, { kind: 'release' }), { isDone: true });
      assert.equal(await hears(client, '+ok'), '+ok\r\n');
      assert.deepEqual(heard, [get('plain'), get('secret')]);
      assert.deepEqual(holds.decide(held!.id, { kind: 'release' }), { isDone: false });
      await bench.feed.until(() => bench.feed.flows.get(1)?.touches?.[0]?.what === 'released');
    });

    test('behind a held message its speaker waits, in order, and its end too', async () => {
      const heard: string[] = [];
      const port = await redis(heard);
      await holds.set([rule('summary ~ "*a"', { isOneShot: true })]);
      const client = await bench.client(port);
      client.write(get('a') + get('b'));
      client.end(get('c'));
      const [held] = await untilHeld(1);
      assert.deepEqual(heard, []);
      holds.decide(held!.id, { kind: 'release' });
      assert.equal((await hearsAll(client)).toString(), '+ok\r\n+ok\r\n+ok\r\n');
      assert.equal(heard.join(''), get('a') + get('b') + get('c'));
      assert.equal((await bench.feed.closed(1)).endReason, 'bothClosed');
      assert.equal(holds.status().rules[0]!.isArmed, false);
    });

    test('other bytes go on in its place, and the capture keeps what was said', async () => {
      const heard: string[] = [];
      const port = await redis(heard);
      await holds.set([rule('summary ~ "*old*"')]);
      const client = await bench.client(port);
      client.write(get('old'));
      const [held] = await untilHeld(1);
      holds.decide(held!.id, { kind: 'replace', bytes: Buffer.from(get('changed')) });
      await hears(client, '+ok');
      assert.deepEqual(heard, [get('changed')]);
      await bench.feed.until(() => bench.feed.flows.get(1)?.touches?.[0]?.what === 'replaced');
      assert.equal(bench.feed.flows.get(1)!.touches![0]!.bytes, get('changed').length);
      assert.equal(bench.feed.bytes(1, 'client').toString(), get('old'));
    });

    test('a dropped request is never heard; one that is answered here neither', async () => {
      const heard: string[] = [];
      const port = await redis(heard);
      await holds.set([rule('from == client')]);
      const client = await bench.client(port);
      client.write(get('a'));
      holds.decide((await untilHeld(1))[0]!.id, { kind: 'drop' });
      await untilHeld(0);
      client.write(get('b'));
      holds.decide((await untilHeld(1))[0]!.id, { kind: 'answer', bytes: Buffer.from('+here\r\n') });
      assert.equal(await hears(client, '+here'), '+here\r\n');
      assert.deepEqual(heard, []);
    });

    test('an answer can be held and changed as well', async () => {
      const port = await redis([]);
      await holds.set([rule('from == upstream')]);
      const client = await bench.client(port);
      client.write(get('a'));
      const [held] = await untilHeld(1);
      assert.equal(held!.from, 'upstream');
      holds.decide(held!.id, { kind: 'replace', bytes: Buffer.from('+changed\r\n') });
      assert.equal(await hears(client, '+changed'), '+changed\r\n');
    });

    test('nobody decides: the message goes on when its time is up, and the flow says so', async () => {
      const heard: string[] = [];
      const port = await redis(heard);
      await holds.set([rule('from == client', { timeoutMs: 1000 })]);
      const client = await bench.client(port);
      client.write(get('a'));
      const [held] = await untilHeld(1);
      assert.equal(Math.round(held!.releasesAt - held!.heldAt), 1000);
      assert.equal(await hears(client, '+ok'), '+ok\r\n');
      await bench.feed.until(() => bench.feed.flows.get(1)?.touches?.[0]?.what === 'timedOut');
      assert.ok(1000 <= bench.feed.flows.get(1)!.touches![0]!.heldMs + 5);
    });

    test('no rules any more: everything goes on, and later bytes take the short way', async () => {
      const heard: string[] = [];
      const port = await redis(heard);
      await holds.set([rule('from == client')]);
      const client = await bench.client(port);
      client.write(get('a'));
      await untilHeld(1);
      await holds.set([]);
      assert.equal(await hears(client, '+ok'), '+ok\r\n');
      client.write(get('b'));
      assert.equal(await hears(client, '+ok'), '+ok\r\n');
      assert.deepEqual(heard, [get('a'), get('b')]);
      assert.deepEqual(last.held, []);
    });

    test('a rule that comes while a connection is open holds its next message', async () => {
      const heard: string[] = [];
      const port = await redis(heard);
      const client = await bench.client(port);
      client.write(get('a'));
      await hears(client, '+ok');
      await holds.set([rule('protocol == redis and from == client')]);
      client.write(get('b'));
      const [held] = await untilHeld(1);
      assert.match(held!.summary, /GET b/);
      assert.equal(held!.start, get('a').length);
      holds.decide(held!.id, { kind: 'release' });
      await hears(client, '+ok');
      assert.deepEqual(heard, [get('a'), get('b')]);
    });

    test('the client leaves while its message stands: it is held no more', async () => {
      const port = await redis([]);
      await holds.set([rule('from == client')]);
      const client = await bench.client(port);
      client.write(get('a'));
      await untilHeld(1);
      client.resetAndDestroy();
      await untilHeld(0);
      assert.equal((await bench.feed.closed(1)).endReason, 'clientReset');
    });

    test('a client that waits for "100 Continue" gets it: half a message does not wait for ever', async () => {
      const server = http.createServer((request, response) => {
        let body = '';
        request.on('data', (data: Buffer) => (body += data.toString()));
        request.on('end', () => response.end(`got ${body}`));
      });
      await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
      try {
        const port = await bench.port(listener({ fallback: { ...to((server.address() as AddressInfo).port), whenSilent: false } }));
        await holds.set([rule('summary ~ "*nothing*"')]);
        const answer = await new Promise<string>((resolve, reject) => {
          const request = http.request({ host: '127.0.0.1', port, method: 'POST', agent: false, headers: { expect: '100-continue', 'content-length': 4 } });
          request.on('continue', () => request.end('body'));
          request.on('response', (response) => {
            let text = '';
            response.on('data', (data: Buffer) => (text += data.toString())).on('end', () => resolve(text));
          });
          request.on('error', reject);
          request.flushHeaders();
        });
        assert.equal(answer, 'got body');
      } finally {
        server.closeAllConnections();
        await new Promise((resolve) => server.close(resolve));
      }
    });

    test('a speaker that says more than may wait is not read further, and loses nothing', async () => {
      const heard: Buffer[] = [];
      let total = 0;
      const upstream = await bench.server((socket) => {
        socket.on('data', (data: Buffer) => {
          heard.push(data);
          total += data.length;
        });
        socket.on('end', () => socket.end());
      });
      const port = await bench.port(listener({ fallback: { ...to(upstream), whenSilent: false } }));
      await holds.set([rule('summary ~ "*first*"')]);
      const client = await bench.client(port);
      const bulk = Buffer.alloc(1.5 * maxWaitingBytes, get('x'));
      client.write(get('first'));
      const [held] = await untilHeld(1);
      client.end(bulk);
      assert.equal(total, 0);
      holds.decide(held!.id, { kind: 'release' });
      await hearsAll(client);
      assert.equal(Buffer.concat(heard).equals(Buffer.concat([Buffer.from(get('first')), bulk])), true);
    });

    test('a wrong filter is told with its place, and is not in force', async () => {
      const { problems, rules } = await holds.set([rule('protocol = redis'), rule('from == client', { id: 'good' })]);
      assert.deepEqual(problems.map(({ rule: id }) => id), ['r']);
      assert.ok(problems[0]!.message.length > 0);
      assert.deepEqual(rules.map(({ id }) => id), ['good']);
    });
  });
}
