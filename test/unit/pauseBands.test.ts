import assert from 'node:assert/strict';
import type { DebugPause } from '../../src/shared/debug.js';
import { noteBetween, pauseWords, stripes } from '../../webview/inspector/pauseBands.js';

function pause(startedAt: number, endedAt?: number, where?: string): DebugPause {
  return { session: 's', startedAt, reason: 'breakpoint', pids: [], ...(endedAt === undefined ? {} : { endedAt }), ...(where === undefined ? {} : { where, file: `/srv/${where.split(':')[0]}`, line: Number(where.split(':')[1]) }) };
}

suite('times at breakpoints in the list', () => {
  test('are said with their place and length, and while they go on', () => {
    assert.equal(pauseWords([pause(1000, 4100, 'server.js:42')], 9000), 'stopped at server.js:42 for 3.1 s');
    assert.equal(pauseWords([pause(1000, undefined, 'server.js:42')], 3000), 'stopped at server.js:42, 2.0 s so far');
    assert.equal(pauseWords([pause(1000, 2000)], 9000), 'stopped for 1.0 s');
    assert.equal(pauseWords([pause(1000, 2000, 'a.js:1'), pause(2100, 3100, 'a.js:2')], 9000), 'stopped 2 times for 2.0 s, last at a.js:2');
  });

  test('stand beside the message after which they began', () => {
    const pauses = [pause(100, 200, 'a.js:1'), pause(300, 400, 'a.js:2'), pause(500, undefined, 'a.js:3')];
    assert.equal(noteBetween(pauses, 50, 100, 600), undefined);
    assert.equal(noteBetween(pauses, 50, 101, 600)?.words, 'stopped at a.js:1 for 100 ms');
    assert.deepEqual(noteBetween(pauses, 250, 350, 600), { words: 'stopped at a.js:2 for 100 ms', file: '/srv/a.js', line: 2 });
    assert.equal(noteBetween(pauses, 450, Infinity, 600)?.words, 'stopped at a.js:3, 100 ms so far');
    assert.equal(noteBetween(pauses, 700, Infinity, 800), undefined);
    // One that began in the moment of the next message is that one's.
    assert.equal(noteBetween(pauses, 250, 300, 600), undefined);
    assert.equal(noteBetween(pauses, 300, 450, 600)?.words, 'stopped at a.js:2 for 100 ms');
  });

  test('are stripes on the waterfall\'s scale, clipped to it, none outside of it', () => {
    const scale = { from: 0, to: 1000 };
    assert.equal(stripes([], scale, 0), 'none');
    assert.equal(stripes([pause(1000, 2000)], scale, 0), 'none');
    assert.equal(stripes([pause(1, 2)], undefined, 0), 'none');
    assert.equal(stripes([pause(-500, 250), pause(500)], scale, 750), 'linear-gradient(90deg, transparent 0.00% 0.00%, var(--pause-band) 0.00% 25.00%, transparent 25.00% 50.00%, var(--pause-band) 50.00% 75.00%, transparent 75.00%)');
    // Seen however short it was.
    assert.match(stripes([pause(500, 500.1)], scale, 0), /band\) 50\.00% 50\.60%/);
  });
});
