// Decoding beside traffic: all speed where processors are idle, a small share where they are wanted.
import assert from 'node:assert/strict';
import { Pace, type ProcessorTimes } from '../../src/core/lens/pace.js';

const slice = 12;

/** A machine on which others want so many processors, for traffic of so many reads, and work that goes on as the pace lets it for so long. */
function run(pace: Pace, machine: Machine, wanted: number, forMs: number, readsPerMs = 5): { share: number; longestRestMs: number } {
  const until = machine.now + forMs;
  let worked = 0;
  let longestRestMs = 0;
  while (machine.now < until) {
    const took = pace.sliceMs(slice);
    machine.pass(took, wanted, 1);
    worked += took;
    if (0 < wanted) pace.passed(took * readsPerMs);
    const rest = pace.worked(took);
    longestRestMs = Math.max(longestRestMs, rest);
    machine.pass(rest, wanted, 0);
    if (0 < wanted) pace.passed(rest * readsPerMs);
  }
  return { share: worked / forMs, longestRestMs };
}

class Machine {
  now = 1000;
  private idleMs = 0;
  constructor(readonly count: number) {}

  readonly times = (): ProcessorTimes => ({ count: this.count, idleMs: this.idleMs, allMs: this.now * this.count });

  /** @param own processors that decoding takes meanwhile; the others get what it leaves */
  pass(ms: number, wanted: number, own: number): void {
    this.now += ms;
    this.idleMs += ms * Math.max(0, this.count - own - wanted);
  }

  pace(): Pace {
    return new Pace({ now: () => this.now, times: this.times });
  }
}

suite('the pace of decoding beside traffic', () => {
  test('an idle machine gives all of one processor', () => {
    const machine = new Machine(2);
    const { share, longestRestMs } = run(machine.pace(), machine, 0, 5000);
    assert.ok(0.99 < share && longestRestMs === 0, `${share}`);
  });

  test('one that is wanted whole gives a twenty-fifth', () => {
    for (const count of [2, 4, 8]) {
      const machine = new Machine(count);
      const pace = machine.pace();
      run(pace, machine, count, 1000);
      const { share } = run(pace, machine, count, 5000);
      assert.ok(Math.abs(share - 0.04 * count) < 0.02, `${count} processors: ${share}`);
    }
  });

  test('traffic keeps room to grow in what is left to it', () => {
    const machine = new Machine(2);
    const pace = machine.pace();
    run(pace, machine, 1, 2000);
    const { share } = run(pace, machine, 1, 5000);
    assert.ok(0.2 < share && share < 0.6, `${share}`);
  });

  test('goes on at full speed within half a second once the others are done', () => {
    const machine = new Machine(2);
    const pace = machine.pace();
    run(pace, machine, 2, 5000);
    run(pace, machine, 0, 500);
    const { share } = run(pace, machine, 0, 1000);
    assert.ok(0.95 < share, `${share}`);
  });

  test('when no traffic passes, or a little, nothing is given way to', () => {
    for (const readsPerMs of [0, 0.1]) {
      const machine = new Machine(2);
      const { share } = run(machine.pace(), machine, 2, 5000, readsPerMs);
      assert.ok(0.99 < share, `${share}`);
    }
  });

  test('a few messages do not wait, however busy the machine is', () => {
    const machine = new Machine(2);
    const pace = machine.pace();
    run(pace, machine, 2, 5000);
    machine.pass(1000, 2, 0);
    assert.equal(pace.worked(4), 0);
    assert.equal(pace.worked(4), 0);
  });

  test('a system that tells nothing of its processors leaves it to the priority', () => {
    const pace = new Pace({ now: () => performance.now(), times: () => ({ count: 0, idleMs: 0, allMs: 0 }) });
    assert.equal(pace.sliceMs(slice), slice);
    assert.equal(pace.worked(1000), 0);
  });
});
