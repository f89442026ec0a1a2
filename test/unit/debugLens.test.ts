import assert from 'node:assert/strict';
import fc from 'fast-check';
import { DebugSessions } from '../../src/core/lens/debug/debugSessions.js';
import { Intervals } from '../../src/core/lens/debug/intervals.js';
import { Lens } from '../../src/core/lens/lens.js';
import { classify } from '../../src/core/protocols/index.js';
import type { DebugPause, DebugSessionFacts } from '../../src/shared/debug.js';
import type { FlowFacts, ProcessFacts } from '../../src/shared/flow.js';
import { CaptureFeed } from './captureFeed.js';

const never = Number.POSITIVE_INFINITY;

function flow(parts: Partial<FlowFacts>): FlowFacts {
  return { id: 1, listenerId: 'dev', listenerName: 'dev', openedAt: 1000, client: { host: '127.0.0.1', port: 1 }, local: { host: '127.0.0.1', port: 2 }, failedUpstreams: [], notes: [], ...parts };
}

function program(pid: number, ...ancestors: number[]): ProcessFacts {
  return { pid, name: 'node', commandLine: 'node', ancestors };
}

function session(id: string, pids: number[], startedAt = 0, endedAt?: number): DebugSessionFacts {
  return { id, name: `name of ${id}`, type: 'node', startedAt, pids, ...(endedAt === undefined ? {} : { endedAt }) };
}

function pause(of: string, startedAt: number, endedAt?: number, pids: number[] = []): DebugPause {
  return { session: of, startedAt, reason: 'breakpoint', pids, ...(endedAt === undefined ? {} : { endedAt }) };
}

function sessions(known: DebugSessionFacts[], pauses: DebugPause[] = []): DebugSessions {
  const made = new DebugSessions();
  made.set({ sessions: known, pauses });
  return made;
}

suite('stretches of time', () => {
  test('cover what lies in them once, however they overlap', () => {
    const held = new Intervals([{ start: 10, end: 20 }, { start: 15, end: 30 }, { start: 30, end: 31 }, { start: 50, end: 60 }]);
    const cases: [number, number, number][] = [[0, 100, 31], [0, 10, 0], [12, 18, 6], [25, 55, 11], [31, 50, 0], [55, 55, 0], [60, 5, 0]];
    for (const [from, to, expected] of cases) assert.equal(held.overlap(from, to), expected, `${from}-${to}`);
  });

  test('that have not ended reach to wherever is asked', () => {
    assert.equal(new Intervals([{ start: 5, end: 8 }, { start: 10, end: never }, { start: 12, end: 13 }]).overlap(6, 1000), 992);
  });

  test('agree with counting millisecond by millisecond', () => {
    const part = fc.tuple(fc.nat(60), fc.nat(20)).map(([start, length]) => ({ start, end: start + length }));
    fc.assert(fc.property(fc.array(part, { maxLength: 12 }), fc.nat(80), fc.nat(80), (parts, from, to) => {
      let counted = 0;
      for (let at = from; at < to; at++) if (parts.some(({ start, end }) => start <= at && at < end)) counted++;
      assert.equal(new Intervals(parts).overlap(from, to), counted);
    }));
  });
});

suite('debug sessions of flows', () => {
  test('a flow belongs to the session of its client\'s program, and of whatever started that', () => {
    const known = sessions([session('shop', [100]), session('other', [200])]);
    assert.deepEqual(known.of(flow({ process: program(100, 7, 1) })), { session: 'shop' });
    assert.deepEqual(known.of(flow({ process: program(103, 102, 100, 1) })), { session: 'shop' });
    assert.deepEqual(known.of(flow({ process: program(999, 1) })), {});
    assert.deepEqual(known.of(flow({})), {});
  });

  test('the upstream\'s session counts too, and is named beside the client\'s when it is another', () => {
    const known = sessions([session('shop', [100]), session('stock', [200])]);
    const [shop, stock] = [program(100), program(200)];
    assert.deepEqual(known.of(flow({ process: program(1), upstreamProcess: stock })), { session: 'stock' });
    assert.deepEqual(known.of(flow({ process: shop, upstreamProcess: stock })), { session: 'shop', upstreamSession: 'stock' });
    assert.deepEqual(known.of(flow({ process: shop, upstreamProcess: program(101, 100) })), { session: 'shop' });
    assert.ok(known.owns('stock', flow({ process: shop, upstreamProcess: stock })));
  });

  test('a process id that comes again belongs to the session that had it at the time', () => {
    const known = sessions([session('first', [100], 0, 500), session('second', [100], 600)]);
    assert.deepEqual(known.of(flow({ process: program(100), openedAt: 100, closedAt: 200 })), { session: 'first' });
    assert.deepEqual(known.of(flow({ process: program(100), openedAt: 700 })), { session: 'second' });
    assert.deepEqual(known.of(flow({ process: program(100), openedAt: 510, closedAt: 520 })), {});
  });

  test('a session that was attached later has the flows that are open then', () => {
    const known = sessions([session('late', [100], 2000)]);
    assert.deepEqual(known.of(flow({ process: program(100), openedAt: 1000 })), { session: 'late' });
    assert.deepEqual(known.of(flow({ process: program(100), openedAt: 1000, closedAt: 1500 })), {});
  });

  test('what is told later counts for flows that were looked at before', () => {
    const known = sessions([session('shop', [])]);
    const facts = flow({ process: program(100) });
    assert.deepEqual(known.of(facts), {});
    known.set({ sessions: [session('shop', [100])], pauses: [pause('shop', 1000, 1010)] });
    assert.deepEqual(known.of(facts), { session: 'shop' });
    assert.equal(known.pausedBetween(facts, 0, 5000), 10);
  });
});

suite('time at breakpoints', () => {
  const facts = flow({ process: program(100), upstreamProcess: program(200) });
  const both = [session('shop', [100]), session('stock', [200]), session('other', [300])];

  test('counts the client\'s and the upstream\'s, overlapping times once, and nobody else\'s', () => {
    const known = sessions(both, [pause('shop', 1000, 1100), pause('other', 1000, 9000), pause('stock', 1050, 1200), pause('stock', 1300, 1400)]);
    assert.equal(known.pausedBetween(facts, 900, 2000), 300);
    assert.equal(known.pausedBetween(facts, 1080, 1350), 170);
  });

  test('goes on while the program is held', () => {
    assert.equal(sessions(both, [pause('stock', 1500)]).pausedBetween(facts, 1000, 4600), 3100);
  });

  test('counts for the programs that were held, not for others of the session nor for those they started', () => {
    const one = [session('shop', [100, 101])];
    const known = sessions(one, [pause('shop', 1000, 1100, [101])]);
    assert.equal(known.pausedBetween(flow({ process: program(101) }), 0, 5000), 100);
    assert.equal(known.pausedBetween(flow({ process: program(100) }), 0, 5000), 0);
    assert.equal(known.pausedBetween(flow({ process: program(102, 101) }), 0, 5000), 0);
    assert.equal(sessions(one, [pause('shop', 1000, 1100)]).pausedBetween(flow({ process: program(102, 101) }), 0, 5000), 100);
  });

  test('stays quick to ask with as many pauses as are kept', () => {
    const pauses = Array.from({ length: 12_000 }, (_, index) => pause('shop', index * 10, index * 10 + 4));
    const known = sessions(both, pauses);
    // The oldest 2,000 are over the bound.
    assert.equal(known.pausedBetween(facts, 0, 200_000), 10_000 * 4);
  });
});

suite('debug sessions in lens', () => {
  test('rows carry their session, and lists narrow to it or to a time', () => {
    const feed = new CaptureFeed().open(1, { process: program(100), openedAt: 1000 }).open(2, { process: program(5), openedAt: 2000 }).close(2, 2500).open(3, { process: program(101, 100), openedAt: 3000 });
    const lens = new Lens({ classify, now: () => 10_000 });
    lens.ingest(feed.take());
    const query = { order: 'opened', start: 0, count: 10 } as const;
    assert.deepEqual(lens.listFlows(query).rows.map((row) => row.session), [undefined, undefined, undefined]);
    lens.setDebug({ sessions: [session('shop', [100])], pauses: [] });
    assert.deepEqual([3, 2].map((id) => lens.debug.wordsFor(lens.getFlow(id))), [['name of shop', 'shop'], []]);
    assert.deepEqual(lens.listFlows(query).rows.map((row) => row.session), ['shop', undefined, 'shop']);
    assert.equal(lens.getFlow(3).session, 'shop');
    assert.deepEqual(lens.listFlows({ ...query, session: 'shop' }).rows.map(({ id }) => id), [1, 3]);
    assert.deepEqual(lens.listFlows({ ...query, from: 2600 }).rows.map(({ id }) => id), [1, 3]);
    assert.deepEqual(lens.listFlows({ ...query, from: 2400 }).rows.map(({ id }) => id), [1, 2, 3]);
  });
});
