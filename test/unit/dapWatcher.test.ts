import assert from 'node:assert/strict';
import { DapWatcher, type WatchedPause } from '../../src/host/debug/dapWatcher.js';

/** A conversation with an adapter; every line is a millisecond. */
class Conversation {
  readonly pauses: WatchedPause[] = [];
  restarts = 0;
  private time = 0;
  private seq = 0;
  private adapterSeq = 1000;
  readonly watcher = new DapWatcher({ changed: () => undefined, paused: (pause) => this.pauses.push(pause), configured: () => undefined, restarted: () => this.restarts++ }, () => this.time);

  at(time: number): this {
    this.time = time;
    return this;
  }

  event(event: string, body: object = {}): this {
    this.watcher.fromAdapter({ type: 'event', event, body });
    return this;
  }

  asks(command: string, args: object = {}): this {
    this.watcher.toAdapter({ type: 'request', seq: ++this.seq, command, arguments: args });
    return this;
  }

  answers(body: object = {}, success = true): this {
    this.watcher.fromAdapter({ type: 'response', request_seq: this.seq, success, body });
    return this;
  }

  adapterAsks(command: string): this {
    this.watcher.fromAdapter({ type: 'request', seq: ++this.adapterSeq, command, arguments: {} });
    return this;
  }

  editorAnswers(body: object): this {
    this.watcher.toAdapter({ type: 'response', request_seq: this.adapterSeq, success: true, body });
    return this;
  }

  /** start and end of every pause; `…` = it goes on */
  get times(): string[] {
    return this.pauses.map(({ startedAt, endedAt }) => `${startedAt}-${endedAt ?? '…'}`);
  }
}

const stop = { reason: 'breakpoint', threadId: 1, allThreadsStopped: true };

suite('what a debug adapter tells', () => {
  test('a stop lasts until the program runs again, by event or by answer', () => {
    const it = new Conversation();
    it.at(10).event('stopped', stop).at(20).event('continued', { threadId: 1 });
    it.at(30).event('stopped', stop).at(35).asks('continue', { threadId: 1 }).at(40).answers({ allThreadsContinued: true });
    it.at(50).event('stopped', stop);
    assert.deepEqual(it.times, ['10-20', '30-40', '50-…']);
    assert.equal(it.pauses[0]?.reason, 'breakpoint');
  });

  test('dozens of "continued" for one, and further threads that stop, change nothing', () => {
    const it = new Conversation();
    it.at(10).event('stopped', stop).at(12).event('stopped', { ...stop, threadId: 2 });
    it.at(20).event('continued').at(21).event('continued').at(22).event('continued');
    assert.deepEqual(it.times, ['10-20']);
  });

  test('a request to go on that is refused leaves it stopped', () => {
    const it = new Conversation();
    it.at(10).event('stopped', stop).at(20).asks('continue', { threadId: 1 }).answers({}, false);
    assert.deepEqual(it.times, ['10-…']);
  });

  test('a step is two stops, also when it ends before its request is answered', () => {
    const it = new Conversation();
    it.at(10).event('stopped', stop).at(20).asks('next', { threadId: 1 }).at(21).event('stopped', { ...stop, reason: 'step' }).at(22).answers();
    assert.deepEqual(it.times, ['10-21', '21-…']);
    it.at(30).asks('stepIn', { threadId: 1 }).at(31).answers().at(35).event('stopped', { ...stop, reason: 'step' });
    assert.deepEqual(it.times, ['10-21', '21-31', '35-…']);
  });

  test('threads that stop one by one hold the program until the last one runs', () => {
    const it = new Conversation();
    it.at(10).event('stopped', { reason: 'breakpoint', threadId: 1 }).at(15).event('stopped', { reason: 'breakpoint', threadId: 2 });
    it.at(20).event('continued', { threadId: 1, allThreadsContinued: false }).at(30).asks('continue', { threadId: 2 }).answers({ allThreadsContinued: false });
    assert.deepEqual(it.times, ['10-30']);
  });

  test('the end of program, session or adapter ends a stop', () => {
    for (const end of [(it: Conversation) => it.event('terminated'), (it: Conversation) => it.event('exited', { exitCode: 1 }), (it: Conversation) => it.watcher.end()]) {
      const it = new Conversation();
      it.at(10).event('stopped', stop).at(90);
      end(it);
      assert.deepEqual(it.times, ['10-90']);
    }
  });

  test('where it stands is read from the answer that the editor gets, past labels between frames', () => {
    const it = new Conversation();
    it.event('stopped', stop).asks('stackTrace', { threadId: 1, startFrame: 0, levels: 20 });
    it.answers({ stackFrames: [{ name: 'await', presentationHint: 'label', line: 0 }, { name: 'handle', line: 42, source: { path: '/srv/shop/server.js', name: 'server.js' } }] });
    const [pause] = it.pauses;
    assert.deepEqual([pause?.where, pause?.file, pause?.line], ['server.js:42', '/srv/shop/server.js', 42]);
    const windows = new Conversation();
    windows.event('stopped', stop).asks('stackTrace', { threadId: 1 }).answers({ stackFrames: [{ name: 'f', line: 7, source: { path: 'C:\\srv\\server.js' } }] });
    assert.equal(windows.pauses[0]?.where, 'server.js:7');
  });

  test('code without a file is called by its function, and another thread\'s frames are not taken for it', () => {
    const it = new Conversation();
    it.event('stopped', stop).asks('stackTrace', { threadId: 9 }).answers({ stackFrames: [{ name: 'elsewhere', line: 1, source: { path: '/x.js' } }] });
    assert.equal(it.pauses[0]?.where, undefined);
    it.asks('stackTrace', { threadId: 1 }).answers({ stackFrames: [{ name: 'memcpy', line: 0 }] });
    assert.deepEqual([it.pauses[0]?.where, it.pauses[0]?.file], ['memcpy', undefined]);
  });

  test('process ids come from the process event and from the terminal that the editor started a program in', () => {
    const it = new Conversation();
    it.event('process', { name: 'shop', systemProcessId: 4242, isLocalProcess: true });
    it.event('process', { name: 'far away', systemProcessId: 99, isLocalProcess: false });
    it.adapterAsks('runInTerminal').editorAnswers({ processId: 77, shellProcessId: 70 });
    assert.deepEqual([...it.watcher.programs], [4242, 77]);
    assert.deepEqual([...it.watcher.shells], [70]);
  });

  test('a restart ends what was held', () => {
    const it = new Conversation();
    it.at(10).event('stopped', stop).at(20).asks('restart').answers();
    assert.deepEqual(it.times, ['10-20']);
    assert.equal(it.restarts, 1);
  });

  test('messages of any shape are looked at without harm', () => {
    const it = new Conversation();
    for (const odd of [null, 1, 'x', [], {}, { type: 'event' }, { type: 'event', event: 'stopped' }, { type: 'response', request_seq: {}, success: true }, { type: 'event', event: 'process', body: { systemProcessId: -1 } }, { type: 'request', command: 'next' }]) {
      it.watcher.fromAdapter(odd);
      it.watcher.toAdapter(odd);
    }
    assert.deepEqual(it.times, ['0-…']);
    assert.deepEqual([...it.watcher.programs], []);
  });
});
