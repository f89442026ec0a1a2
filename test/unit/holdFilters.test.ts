// Filters that hold: what a message on its way cannot say is refused, so that nobody waits for nothing.
import assert from 'node:assert/strict';
import { Holds } from '../../src/core/engine/hold/holds.js';
import { defaultHoldMs } from '../../src/shared/hold.js';

suite('a filter that holds messages', () => {
  function problemsOf(filter: string): { message: string; start: number; end: number }[] {
    const holds = new Holds();
    const problems = holds.set([{ id: 'hold', filter, timeoutMs: defaultHoldMs, isOneShot: false }], []);
    assert.equal(holds.isOn, problems.length === 0);
    holds.dispose();
    return problems;
  }

  test('may ask about the message, its connection and its program', () => {
    for (const filter of ['http.method == "POST"', 'flow.process ~ "node*" and from == client', 'not problem', 'orders', 'bytes contains 0d0a']) assert.deepEqual(problemsOf(filter), [], filter);
  });

  test('is refused, with the place, when it asks for what is known later only', () => {
    for (const [filter, start, end] of [['flow.session == "shop"', 0, 12], ['redis and (flow.session ~ "s*" or problem)', 11, 23], ['redis and not marked', 14, 20]] as const) {
      const [problem] = problemsOf(filter);
      assert.ok(problem !== undefined, filter);
      assert.deepEqual([problem.start, problem.end], [start, end], filter);
      assert.match(problem.message, /on its way/);
    }
  });
});
