// Mutated vectors and random bytes through every matcher, condition and the rule reader: nothing throws, hangs or grows.
import assert from 'node:assert/strict';
import { parseRules } from '../../src/core/config/parse.js';
import { editRules } from '../../src/core/config/edit.js';
import { template } from '../../src/core/config/template.js';
import { compileListener, h2AckFilter, inspect, inspectMemory } from '../../src/core/engine/inspect.js';
import { classify, protocols } from '../../src/core/protocols/index.js';
import { clientHello } from '../../src/core/protocols/tlsHello.js';
import type { Condition, RuleEdit } from '../../src/shared/rules.js';
import { factor, guarded as guardedBy, random, seed } from './random.js';
import { conformanceVectors, hello, joined, listener } from '../unit/samples.js';

const rounds = 4000 * factor;

suite(`fuzz, seed ${seed}`, function () {
  this.timeout(120_000 * factor);
  const next = random(seed);
  const below = (count: number): number => Math.floor(next() * count);
  const pick = <T>(list: readonly T[]): T => list[below(list.length)] as T;
  const samples = [...conformanceVectors().flatMap(({ client, server }) => [client, server]), hello({ sni: 'a.test', alpn: ['h2'] }), hello({ sni: 'b.test', recordBytes: 9 })].filter((bytes) => 0 < bytes.length);

  function mutated(): Uint8Array {
    let bytes: Uint8Array = pick(samples).slice();
    for (let i = below(5); 0 <= i; i--) {
      const at = below(bytes.length + 1);
      const kind = below(5);
      if (kind === 0) bytes[at % Math.max(1, bytes.length)] = below(256);
      else if (kind === 1) bytes = bytes.slice(0, at);
      else if (kind === 2) bytes = joined(bytes.slice(0, at), Uint8Array.from({ length: below(40) }, () => below(256)), bytes.slice(at));
      else if (kind === 3) bytes = joined(bytes.slice(0, at), pick(samples), bytes.slice(at));
      else bytes = joined(bytes.slice(0, at), bytes.slice(at + below(20)));
    }
    return bytes;
  }

  const guarded = (what: string, bytes: Uint8Array, run: () => void): void => guardedBy(what, () => Buffer.from(bytes).toString('hex'), run);

  test('matchers and classification answer', () => {
    for (let i = 0; i < rounds; i++) {
      const bytes = mutated();
      for (const protocol of protocols) {
        guarded(protocol.id, bytes, () => {
          for (const matcher of [protocol.client, protocol.server]) {
            const verdict = matcher.match(bytes, false);
            if (verdict !== 'more') assert.equal(matcher.match(joined(bytes, pick(samples)), false), verdict, 'stable');
            assert.notEqual(matcher.match(bytes, true), 'more');
          }
        });
      }
      guarded('classify', bytes, () => void classify(bytes, mutated(), pick(['client', 'server', undefined] as const)));
      guarded('hello', bytes, () => void clientHello(bytes));
    }
  });

  test('a list decides the same whole and cut, with a trace that fits', () => {
    const conditions: Condition[] = [
      { kind: 'protocol', ids: ['grpc'] },
      { kind: 'http', host: ['a*'], headers: [{ name: 'upgrade', values: ['*'] }] },
      { kind: 'tls', sni: ['*.test'] },
      { kind: 'pattern', source: '[A-Z]{3,5} .*\\bx', flags: 'i', maxBytes: 300 },
      { kind: 'any', of: [{ kind: 'protocol', ids: ['redis', 'postgres'] }, { kind: 'payload', offset: 4, hex: ['00', '2f'] }] },
      { kind: 'not', of: { kind: 'protocol', ids: ['http1', 'tls'] } },
    ];
    const list = compileListener(listener(conditions));
    const facts = { remote: '::1', process: null, isSilent: false };
    const nameOf = (outcome: ReturnType<typeof inspect>): string => (outcome.kind === 'route' ? String(outcome.route) : outcome.kind);
    for (let i = 0; i < rounds; i++) {
      const bytes = mutated();
      guarded('inspect', bytes, () => {
        const whole = inspect(list, bytes, { ended: true, isFinal: false, facts });
        const memory = inspectMemory(list);
        let told = inspect(list, bytes.slice(0, below(bytes.length + 1)), { ended: false, isFinal: false, facts, memory });
        if (told.kind === 'undecided') told = inspect(list, bytes, { ended: true, isFinal: false, facts, memory });
        assert.equal(nameOf(told), nameOf(whole));
        assert.ok(whole.trace(1).steps.every(({ atByte, why }) => 0 <= atByte && atByte <= bytes.length && why !== ''));
      });
    }
  });

  test('the acknowledgement filter loses nothing but nine bytes', () => {
    for (let i = 0; i < rounds; i++) {
      const bytes = mutated();
      guarded('filter', bytes, () => {
        const filter = h2AckFilter();
        let passed = 0;
        for (let at = 0; at < bytes.length; ) {
          const step = 1 + below(30);
          for (const piece of filter.push(bytes.slice(at, at + step))) passed += piece.length;
          at += step;
        }
        for (const piece of filter.end()) passed += piece.length;
        assert.equal(passed, bytes.length - (filter.isDone ? 9 : 0));
      });
    }
  });

  test('broken rule files have problems at places that exist, and edits of them do not throw', () => {
    const pieces = ['{', '}', '[', ']', ',', ':', '"', '//', '/*', '*/', '\\', 'true', 'null', '1e9', '"to"', '"match"', '\n', '\r', '"__proto__"', '{"protocol":{}}'];
    for (let i = 0; i < rounds / 10; i++) {
      let text = template;
      for (let k = below(6); 0 <= k; k--) {
        const at = below(text.length + 1);
        text = text.slice(0, at) + pick(pieces) + text.slice(at + below(30));
      }
      const bytes = Buffer.from(text);
      guarded('parse', bytes, () => {
        const { problems, rules } = parseRules(text, 's');
        assert.ok(problems.every(({ start, end, message }) => 0 <= start && start <= end && end <= text.length && message !== ''));
        if (rules !== undefined) for (const one of rules.listeners) compileListener(one);
        const routes = ['listeners', 0, 'routes'];
        const edits: RuleEdit[] = [{ kind: 'move', path: routes, from: below(9), to: below(9) }, { kind: 'remove', path: [...routes, below(9)] }, { kind: 'set', path: [...routes, below(9), 'to'], value: '1' }, { kind: 'insert', path: routes, index: below(9), value: {} }];
        editRules(text, [pick(edits)]);
      });
    }
  });
});
