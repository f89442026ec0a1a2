import assert from 'node:assert/strict';
import { InOrder } from '../../src/host/rules/inOrder.js';

suite('tasks in order', () => {
  const file = {};

  test('a task begins when the one before has ended, however long that takes', async () => {
    const inOrder = new InOrder();
    const seen: string[] = [];
    let finish: (() => void) | undefined;
    const gone = inOrder.run(file, async () => {
      await new Promise<void>((resolve) => (finish = resolve));
      seen.push('gone');
    });
    const back = inOrder.run(file, () => Promise.resolve(void seen.push('back again')));
    await inOrder.run({}, () => Promise.resolve(void seen.push('another file')));
    finish?.();
    await Promise.all([gone, back]);
    assert.deepEqual(seen, ['another file', 'gone', 'back again']);
  });

  test('a task that fails does not keep the next from running', async () => {
    const inOrder = new InOrder();
    const failing = inOrder.run(file, () => Promise.reject(new Error('not readable')));
    const next = inOrder.run(file, () => Promise.resolve('read'));
    await assert.rejects(failing, /not readable/);
    assert.equal(await next, 'read');
  });
});
