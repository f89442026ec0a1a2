// Parts of the engine that need no socket.

import assert from 'node:assert/strict';
import { BufferPool, readSizes } from '../../src/core/engine/buffers.js';
import { Deadlines } from '../../src/core/engine/deadlines.js';
import { describeEnd } from '../../src/core/engine/endings.js';
import { listenFault } from '../../src/core/engine/listenFault.js';
import { FirstFlight } from '../../src/core/engine/firstFlight.js';
import { RateMeter } from '../../src/core/engine/rateMeter.js';
import { ReadMemory } from '../../src/core/engine/readMemory.js';
import { Dialer } from '../../src/core/engine/upstreams/dial.js';
import { UpstreamPool } from '../../src/core/engine/upstreams/pool.js';
import { CaptureStore, segmentBytes } from '../../src/core/capture/store.js';
import { verbatim } from '../../src/shared/sentences.js';

suite('read memory', () => {
  const memory = (store?: CaptureStore): ReadMemory => new ReadMemory(new BufferPool(), () => store);
  const fill = (of: ReadMemory, times: number): Uint8Array => {
    let buffer = of.first();
    for (let count = 0; count < times; count++) buffer = of.next(buffer.length, false) ?? buffer;
    return buffer;
  };

  test('starts at 4 KiB and grows while reads fill it, to 1 MiB', () => {
    const sizes = [0, 1, 2, 3, 4].map((times) => fill(memory(), times).length);
    assert.deepEqual(sizes, [...readSizes, readSizes[3]]);
  });

  test('only so many directions hold the largest memory at a time; the others stay one size below', () => {
    const pool = new BufferPool();
    const all = Array.from({ length: 70 }, () => new ReadMemory(pool, () => undefined));
    const sizes = all.map((of) => fill(of, 3).length);
    assert.deepEqual([sizes.filter((size) => size === readSizes[3]).length, sizes.filter((size) => size === readSizes[2]).length], [64, 6]);
    all[0]?.release();
    assert.equal(fill(all[69] ?? memory(), 1).length, readSizes[3]);
  });

  test('thin reads make it smaller again, but not the first few', () => {
    const of = memory();
    fill(of, 3);
    let reads = 0;
    while (of.next(10, false) === undefined) reads++;
    assert.equal(reads, 7);
  });

  test('a busy direction reads into the ring, slice after slice', () => {
    const store = new CaptureStore(8);
    const of = memory(store);
    let slice = fill(of, 3);
    assert.equal(slice.length, segmentBytes);
    const positions: (number | undefined)[] = [];
    const read = segmentBytes / 4;
    for (let count = 0; count < 5; count++) {
      positions.push(of.commit(slice.subarray(0, read)));
      slice = of.next(read, false) ?? slice;
    }
    assert.deepEqual(positions.slice(1, 4).map((position, index) => (position ?? 0) - (positions[index] ?? 0)), [read, read, read]);
    assert.equal(store.allocated, 2, 'the fifth read is in another segment');
  });

  test('memory that is still being written from is not handed out again before the write is done', () => {
    const pool = new BufferPool();
    const one = new ReadMemory(pool, () => undefined);
    const first = one.first();
    one.next(first.length, true);
    const other = new ReadMemory(pool, () => undefined);
    assert.notEqual(other.first().byteOffset, first.byteOffset);
    one.freeRetired();
    const third = new ReadMemory(pool, () => undefined);
    assert.equal(third.first(), first);
  });

  test('an idle direction gives up its lease and its large buffer', () => {
    const store = new CaptureStore(4);
    const held = [memory(store), memory(store), memory(store)];
    for (const of of held) fill(of, 3);
    assert.equal(store.lease(), undefined);
    assert.equal(held[0]?.shrink().length, readSizes[0]);
    assert.ok(store.lease());
  });
});

suite('deadlines', () => {
  test('fire in order, each thing once, and not when removed', async () => {
    const fired: string[] = [];
    await new Promise<void>((resolve) => {
      const deadlines = new Deadlines<string>(10, (item) => {
        fired.push(item);
        if (item === 'last') resolve();
      });
      for (const item of ['one', 'removed', 'two', 'last']) deadlines.add(item);
      deadlines.remove('removed');
    });
    assert.deepEqual(fired, ['one', 'two', 'last']);
  });

  test('something added again starts its time again', async () => {
    const fired: string[] = [];
    await new Promise<void>((resolve) => {
      const deadlines = new Deadlines<string>(10, (item) => {
        fired.push(item);
        if (item === 'first') resolve();
      });
      deadlines.add('first');
      deadlines.add('second');
      deadlines.remove('first');
      deadlines.add('first');
    });
    assert.deepEqual(fired, ['second', 'first']);
  });
});

suite('upstream pool', () => {
  const destination = (balance: 'first' | 'roundRobin' | 'leastConnections') => ({ upstreams: [1, 2, 3].map((port) => ({ kind: 'tcp' as const, host: 'h', port })), balance });
  const ports = (pool: UpstreamPool, now: number): string => pool.order(now).map((upstream) => upstream.text.slice(2)).join('');

  test('first keeps the order, round robin takes turns', () => {
    const first = new UpstreamPool(destination('first'));
    assert.deepEqual([ports(first, 0), ports(first, 0)], ['123', '123']);
    const turns = new UpstreamPool(destination('roundRobin'));
    assert.deepEqual([ports(turns, 0), ports(turns, 0), ports(turns, 0), ports(turns, 0)], ['123', '231', '312', '123']);
  });

  test('least connections prefers the idle one, and takes turns among equals', () => {
    const pool = new UpstreamPool(destination('leastConnections'));
    const [one, two] = pool.upstreams;
    assert.ok(one && two);
    one.live = 2;
    two.live = 1;
    assert.equal(ports(pool, 0), '321');
    one.live = two.live = 0;
    assert.deepEqual([ports(pool, 0)[0], ports(pool, 0)[0]], ['2', '3']);
  });

  test('one that failed comes last for 10 s, or until it accepts', () => {
    const pool = new UpstreamPool(destination('first'));
    pool.upstreams[0]?.failed({ reason: 'connectRefused', detail: verbatim('refused'), at: 1000 });
    assert.equal(ports(pool, 2000), '231');
    assert.equal(ports(pool, 12_000), '123');
    pool.upstreams[0]?.accepted();
    assert.equal(ports(pool, 2000), '123');
    assert.equal(pool.upstreams[0]?.status().health, 'healthy');
  });

  test('counts and health go on under changed rules', () => {
    const before = new UpstreamPool(destination('first'));
    before.upstreams[1]?.failed({ reason: 'connectRefused', detail: verbatim('refused'), at: 1 });
    const after = new UpstreamPool(destination('roundRobin'), before.upstreams);
    assert.equal(after.upstreams[1], before.upstreams[1]);
  });
});

suite('small parts of the engine', () => {
  test('a first flight grows in order', () => {
    const flight = new FirstFlight();
    const all: number[] = [];
    for (let value = 0; value < 3000; value++) {
      flight.append(Uint8Array.of(value & 0xff));
      all.push(value & 0xff);
    }
    assert.deepEqual([...flight.view()], all);
    flight.clear();
    assert.equal(flight.size, 0);
  });

  test('IP literals and localhost need no look-up', () => {
    const dialer = new Dialer();
    const target = (host: string): unknown => dialer.targets({ kind: 'tcp', host, port: 1 }, 0);
    assert.deepEqual(target('127.0.0.1'), [{ ip: '127.0.0.1', port: 1 }]);
    assert.deepEqual(target('::1'), [{ ip: '::1', port: 1 }]);
    assert.deepEqual(target('api.localhost'), [{ ip: '127.0.0.1', port: 1 }, { ip: '::1', port: 1 }]);
    assert.deepEqual(dialer.targets({ kind: 'path', path: '/tmp/x' }, 0), [{ path: '/tmp/x' }]);
  });

  test('bytes per second over the last second or two', () => {
    const rate = new RateMeter();
    assert.equal(rate.sample(0, 0), 0);
    assert.equal(rate.sample(500, 500), 500);
    assert.equal(rate.sample(2000, 2000), 1000);
    assert.equal(rate.sample(2000, 3000), 0);
  });

  test('endings name who closed first and what still came', () => {
    assert.deepEqual(describeEnd('client', 0, 'h:1'), { reason: 'clientClosed', detail: 'The client closed the connection.' });
    assert.deepEqual(describeEnd('upstream', 0, 'h:1'), { reason: 'upstreamClosed', detail: 'h:1 closed the connection.' });
    assert.deepEqual(describeEnd('client', 1, 'h:1'), { reason: 'bothClosed', detail: 'The client closed its half; h:1 sent 1 more byte and closed too.' });
  });
});

suite('why a listener cannot listen', () => {
  const fault = (code: string): NodeJS.ErrnoException => Object.assign(new Error(`listen ${code}`), { code });
  const tcp = { kind: 'tcp', host: '127.0.0.1', port: 81 } as const;
  const holder = async (): Promise<string> => 'nginx (42)';

  const cases: [string, Parameters<typeof listenFault>[0], string, string, RegExp][] = [
    ['a port that another program has names it', tcp, 'EADDRINUSE', 'portInUse', /127\.0\.0\.1:81 is in use by nginx \(42\)/],
    ['a low port says that it needs rights', tcp, 'EACCES', 'portNotAllowed', /may not listen on 127\.0\.0\.1:81: ports below 1024/],
    ['a socket in a folder of others says that, not ports', { kind: 'path', path: '/srv/x.sock' }, 'EACCES', 'socketNotAllowed', /unix:\/srv\/x\.sock: its folder is missing or not writable/],
    ['an address of another machine says so', tcp, 'EADDRNOTAVAIL', 'addressNotAvailable', /has no address 127\.0\.0\.1:81/],
  ];
  for (const [name, address, code, expected, words] of cases) {
    test(name, async () => {
      const error = await listenFault(address, fault(code), holder);
      assert.equal(error.code, expected);
      assert.match(error.message, words);
    });
  }
});
