import assert from 'node:assert/strict';
import { Emitter, MutableDisposable, Owner, toDisposable } from '../../src/shared/lifecycle.js';

suite('ownership', () => {
  test('disposes what it owns once, last registered first', () => {
    const order: string[] = [];
    const owner = new Owner();
    owner.register(toDisposable(() => order.push('first')));
    owner.register(toDisposable(() => order.push('second')));
    owner.dispose();
    owner.dispose();
    assert.deepEqual(order, ['second', 'first']);
  });

  test('disposes at once what is registered too late', () => {
    const owner = new Owner();
    owner.dispose();
    let isDisposed = false;
    owner.register(toDisposable(() => (isDisposed = true)));
    assert.equal(isDisposed, true);
  });

  test('replacing a held thing disposes the one before', () => {
    const held = new MutableDisposable();
    let count = 0;
    held.value = toDisposable(() => count++);
    held.value = undefined;
    assert.equal(count, 1);
  });

  test('a listener that throws does not keep the others from hearing', () => {
    const emitter = new Emitter<number>();
    const heard: number[] = [];
    emitter.event(() => {
      throw new Error('first listener fails');
    });
    emitter.event((value) => heard.push(value));
    assert.throws(() => emitter.fire(7), /first listener fails/);
    assert.deepEqual(heard, [7]);
  });
});
