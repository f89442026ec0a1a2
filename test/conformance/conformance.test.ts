// Runs every vector of every page whole, byte by byte, cut at each place, and at each length.
import assert from 'node:assert/strict';
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { compileListener, inspect, inspectMemory } from '../../src/core/engine/inspect.js';
import { classify, protocolOf, protocols } from '../../src/core/protocols/index.js';
import type { ListenerRule } from '../../src/shared/rules.js';
import { vectorsOf, type Vector } from './vectors.js';

const folder = join(__dirname, '..', '..', '..', 'test', 'conformance');
const pages = readdirSync(folder).filter((name) => name.endsWith('.md')).map((name) => name.slice(0, -3));
const nobody = new Uint8Array(0);

test('every protocol of the catalogue has a page', () => {
  assert.deepEqual(protocols.map(({ id }) => id).filter((id) => !pages.includes(id)), []);
});

for (const page of pages) {
  suite(`conformance: ${page}`, () => {
    for (const vector of vectorsOf(page, readFileSync(join(folder, `${page}.md`), 'utf8'))) {
      test(vector.title, () => {
        assert.ok(vector.expect !== undefined || vector.classify !== undefined, 'a vector expects something');
        if (vector.expect !== undefined) checkVerdict(vector, vector.expect);
        if (vector.classify !== undefined) checkClass(vector, vector.classify);
      });
    }
  });
}

function checkVerdict(vector: Vector, expected: NonNullable<Vector['expect']>): void {
  const protocol = protocolOf(vector.page);
  assert.ok(protocol, `${vector.page} is in the catalogue`);
  const matcher = protocol[expected.side];
  const bytes = vector[expected.side];
  const seen = Array.from({ length: bytes.length + 1 }, (_, length) => matcher.match(bytes.slice(0, length), false));
  const wanted = seen.map((_, length) => (expected.verdict === 'more' || length < expected.atByte ? 'more' : expected.verdict));
  assert.deepEqual(seen, wanted, 'verdict at each length');
  const settled = expected.verdict === 'more' ? 'no' : expected.verdict;
  assert.equal(matcher.match(bytes, true), settled, 'verdict once the speaker has ended');
  if (expected.side === 'client' && protocol.firstSpeaker !== 'server') checkRouting(vector, settled);
}

/** The route taken is the same however the bytes were cut. */
function checkRouting(vector: Vector, verdict: 'match' | 'no'): void {
  const list = compileListener(listener(vector.page));
  const wanted = verdict === 'match' ? 'route' : 'fallback';
  const judge = (cuts: readonly number[]): string => {
    const memory = inspectMemory(list);
    let kind = 'undecided';
    for (const length of [...cuts, vector.client.length]) {
      kind = inspect(list, vector.client.slice(0, length), { ended: false, isFinal: false, facts, memory }).kind;
      if (kind !== 'undecided') return kind;
    }
    return inspect(list, vector.client, { ended: false, isFinal: true, facts, memory }).kind;
  };
  assert.equal(judge([]), wanted, 'whole');
  assert.equal(judge(Array.from(vector.client, (_, i) => i + 1)), wanted, 'byte by byte');
  for (let cut = 0; cut < vector.client.length; cut++) assert.equal(judge([cut]), wanted, `cut at ${cut}`);
}

const facts = { remote: '127.0.0.1', process: null, isSilent: false };

function listener(id: string): ListenerRule {
  const to = { upstreams: [{ kind: 'tcp' as const, host: '127.0.0.1', port: 1 }], balance: 'first' as const };
  return {
    id: 't/t',
    name: 't',
    isEnabled: true,
    listen: { kind: 'tcp', host: '127.0.0.1', port: 0 },
    inspect: { timeoutMs: 300, maxBytes: 16384 },
    idleMs: 0,
    connectTimeoutMs: 1000,
    routes: [{ name: id, isEnabled: true, condition: { kind: 'protocol', ids: [id] }, to }],
    fallback: { ...to, whenSilent: false },
  };
}

/** The name at the end; on the way never another protocol's, and nothing but the same once it is settled. */
function checkClass(vector: Vector, expected: NonNullable<Vector['classify']>): void {
  const told = classify(vector.client, vector.server, vector.first);
  assert.deepEqual({ protocol: told.protocol, by: told.by, layers: told.layers }, expected);
  for (const side of ['client', 'server'] as const) {
    let settled: string | undefined;
    for (let length = 0; length <= vector[side].length; length++) {
      const part = vector[side].slice(0, length);
      const other = vector[side === 'client' ? 'server' : 'client'];
      const early = side === 'client' ? classify(part, nobody, vector.first) : classify(other, part, vector.first);
      const allowed = ['unknown', expected.protocol, ...expected.layers, ...(upgradesOf[expected.protocol] ?? []), ...(vector.early === undefined ? [] : [vector.early])];
      assert.ok(allowed.includes(early.protocol), `${side} bytes 0-${length} were called ${early.protocol}`);
      if (side === 'server' && early.isSettled) {
        settled ??= early.protocol;
        assert.equal(early.protocol, settled, 'a settled answer stays');
      }
    }
  }
}

/** What a protocol may be called before its own bytes are there. */
const upgradesOf: Readonly<Record<string, readonly string[]>> = { http1: ['websocket'] };
