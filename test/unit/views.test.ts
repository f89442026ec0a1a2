// What a person sees of the lists over all messages: which rows, in which order, as they come, change and go.
import assert from 'node:assert/strict';
import { maxMarks } from '../../src/core/lens/views/marks.js';
import { ViewsDesk } from './viewsDesk.js';

suite('views: rows', () => {
  let desk: ViewsDesk;
  setup(() => {
    desk = new ViewsDesk(200_000);
  });
  teardown(() => {
    desk.dispose();
    assert.deepEqual(desk.faults, []);
  });

  test('a request and its answers are one row, with what both say together', () => {
    const { ledger } = desk;
    ledger.addExchange({ protocol: 'http1', summary: 'GET /a', at: 2000, tookMs: 1, bytes: 100, stream: 3 }, { at: 2006, tookMs: 4, bytes: 50, summary: '500 Internal Server Error', severity: 'error' });
    const view = desk.open();
    const [row, ...others] = desk.rows(view);
    assert.equal(others.length, 0);
    assert.deepEqual(row, {
      row: 0, flow: 1, index: 0, from: 'client', protocol: 'http1', kind: 'request', range: { start: 0, end: 100 }, startedAt: 2000, endedAt: 2001, summary: 'GET /a',
      bytes: 150, cells: [], severity: 'error', stream: 3, latencyMs: 5,
      answer: { row: 1, index: 1, summary: '500 Internal Server Error', severity: 'error', startedAt: 2006, endedAt: 2010, count: 1 },
    });
  });

  test('the list of messages has each as a row of its own, and answers name their request', () => {
    const request = desk.ledger.addExchange({ summary: 'GET a', bytes: 10 }, { summary: '1', bytes: 4 });
    desk.ledger.add({ kind: 'notice', summary: 'pushed' });
    const rows = desk.rows(desk.open({ listing: 'messages' }));
    assert.deepEqual(rows.map(({ summary, bytes, answer, answers, latencyMs }) => [summary, bytes, answer, answers, latencyMs]), [
      ['GET a', 10, undefined, undefined, undefined],
      ['1', 4, undefined, request, 5],
      ['pushed', 10, undefined, undefined, undefined],
    ]);
  });

  test('filters see each message of that list by itself', () => {
    desk.source.filters.set('from == upstream', ({ from }) => from === 'upstream');
    desk.ledger.addExchange({ summary: 'GET a' }, { summary: '1' });
    assert.deepEqual(desk.summaries(desk.open({ listing: 'messages', filter: 'from == upstream' })), ['1']);
    assert.deepEqual(desk.summaries(desk.open({ filter: 'from == upstream' })), []);
  });

  test('a request waits until its answer comes, which changes its row and adds none', () => {
    const { ledger } = desk;
    const request = ledger.add({ summary: 'BLPOP jobs' });
    const view = desk.open();
    assert.equal(desk.rows(view)[0]?.isWaiting, true);
    ledger.add({ kind: 'answer', answers: request, summary: 'job 1', at: 5000 });
    const rows = desk.rows(view);
    assert.equal(rows.length, 1);
    assert.equal(rows[0]?.isWaiting, undefined);
    assert.equal(rows[0]?.answer?.summary, 'job 1');
    assert.equal(desk.page(view).judged, 2);
  });

  test('answers as rows: each knows the other, however far apart they stand', () => {
    const { ledger } = desk;
    const request = ledger.add({ summary: 'BLPOP jobs' });
    for (let number = 0; number < 500; number++) ledger.add({ kind: 'notice' });
    const answer = ledger.add({ kind: 'answer', answers: request, summary: 'job 1', at: 5000 });
    const view = desk.open({ listing: 'messages' });
    const [asked] = desk.rows(view);
    const told = desk.page(view, 501, 1).rows[0];
    assert.deepEqual([asked?.answeredBy, told?.answers, told?.summary], [answer, request, 'job 1']);
  });

  test('an answer whose request is not known has a row of its own', () => {
    desk.ledger.add({ kind: 'answer', summary: '+OK' });
    assert.deepEqual(desk.summaries(desk.open()), ['+OK']);
  });

  test('the time at a breakpoint does not count as the answer taking long', () => {
    desk.ledger.addExchange({ at: 2000 }, { at: 6000 });
    desk.source.pauses.set(1, { from: 2500, to: 5990 });
    const [row] = desk.rows(desk.open());
    assert.deepEqual([row?.latencyMs, row?.pausedMs], [510, 3490]);
  });

  test('rows tell what was done to them on their way, and the time a request was held is no latency', () => {
    const { ledger, source } = desk;
    source.flow(1, { touches: [{ from: 'client', start: 0, end: 10, what: 'replaced', heldMs: 3000, bytes: 12 }, { from: 'upstream', start: 110, end: 120, what: 'held', heldMs: 0 }] });
    ledger.addExchange({ at: 2000, offset: 0, bytes: 10 }, { at: 6000, offset: 100, bytes: 10 });
    ledger.addExchange({ at: 7000, offset: 10, bytes: 10 }, { at: 7010, offset: 110, bytes: 10 });
    ledger.addExchange({ at: 8000, offset: 20, bytes: 10 }, { at: 8010, offset: 120, bytes: 10 });
    assert.deepEqual(desk.rows(desk.open()).map(({ touch, latencyMs }) => [touch, latencyMs]), [
      [{ what: 'replaced', heldMs: 3000 }, 1000], [{ what: 'held', heldMs: 0, isAnswer: true }, 10], [undefined, 10],
    ]);
    assert.deepEqual(desk.rows(desk.open({ listing: 'messages' })).map(({ touch }) => touch?.what), ['replaced', undefined, undefined, 'held', undefined, undefined]);
  });

  test('the first message of a connection tells how long the upstream took to accept, and rows name the program', () => {
    desk.source.flow(1, { decidedAt: 1000, connectedAt: 1012, process: { pid: 7, name: 'node', commandLine: 'node /srv/api.js' } });
    desk.ledger.addExchange({});
    desk.ledger.addExchange({});
    const rows = desk.rows(desk.open());
    assert.deepEqual(rows.map(({ connectMs, program }) => [connectMs, program]), [[12, 'api.js'], [undefined, 'api.js']]);
  });

  test('only what passes the filter is listed, and what passes once its answer is there comes to its place', async () => {
    const { ledger, source } = desk;
    source.filters.set('latency > 5ms', ({ latencyMs }) => latencyMs !== undefined && 5 < latencyMs);
    const slow = ledger.add({ summary: 'slow', at: 1000 });
    ledger.addExchange({ summary: 'quick', at: 1000 }, { at: 1001 });
    ledger.addExchange({ summary: 'slow too', at: 1000 }, { at: 1009 });
    const view = desk.open({ filter: 'latency > 5ms' });
    assert.deepEqual(desk.summaries(view), ['slow too']);
    ledger.add({ kind: 'answer', answers: slow, at: 3000 });
    assert.deepEqual(desk.summaries(view), ['slow', 'slow too']);
  });

  test('a row leaves when it does not pass any more', () => {
    const { ledger, source } = desk;
    source.filters.set('waiting', ({ isWaiting }) => isWaiting);
    const first = ledger.add({ summary: 'first' });
    ledger.add({ summary: 'second' });
    const view = desk.open({ filter: 'waiting' });
    assert.deepEqual(desk.summaries(view), ['first', 'second']);
    ledger.add({ kind: 'answer', answers: first });
    assert.deepEqual(desk.summaries(view), ['second']);
  });

  test('a row that the ledger says has changed is judged again', () => {
    const { ledger, source } = desk;
    source.filters.set('problem', ({ severity }) => severity !== undefined);
    const row = ledger.add({ summary: 'odd' });
    const view = desk.open({ filter: 'problem' });
    assert.deepEqual(desk.summaries(view), []);
    ledger.setSeverity(row, 'warning');
    assert.deepEqual(desk.summaries(view), ['odd']);
  });

  test('narrows to a connection, a listener, a debug session and a stretch of time', () => {
    const { ledger, source } = desk;
    source.flow(2, { listenerId: 'rules/other', notes: ['session-2'] });
    ledger.addExchange({ flow: 1, summary: 'one', at: 1000 }, { at: 1500 });
    ledger.addExchange({ flow: 2, summary: 'two', at: 2000 }, { at: 2001 });
    assert.deepEqual(desk.summaries(desk.open({ flow: 2 })), ['two']);
    assert.deepEqual(desk.summaries(desk.open({ listenerId: 'rules/dev' })), ['one']);
    assert.deepEqual(desk.summaries(desk.open({ session: 'session-2' })), ['two']);
    // [from, to): what overlaps it.
    assert.deepEqual(desk.summaries(desk.open({ from: 1500, to: 2000 })), ['one']);
    assert.deepEqual(desk.summaries(desk.open({ from: 1501, to: 2001 })), ['two']);
    assert.deepEqual(desk.summaries(desk.open({ from: 0, to: 1000 })), []);
  });

  test('a filter that is wrong opens nothing and says what is wrong', () => {
    assert.deepEqual(desk.views.open({ filter: 'colour == red', listing: 'exchanges' }), { problem: { message: 'There is no field "colour == red".', start: 0, end: 13 } });
    assert.equal(desk.isLookedAt, false);
  });

  test('pages follow each other without gap, and end where the rows end', () => {
    for (let number = 0; number < 2500; number++) desk.ledger.add({ kind: 'notice', summary: String(number) });
    const view = desk.open();
    desk.page(view);
    const pages = [0, 1000, 2000, 3000].map((start) => desk.page(view, start, 5000).rows.map(({ summary }) => Number(summary)));
    assert.deepEqual(pages.map(({ length }) => length), [1000, 1000, 500, 0]);
    assert.deepEqual(pages.flat(), Array.from({ length: 2500 }, (_, number) => number));
    assert.deepEqual(desk.page(view, -5, 2).rows.map(({ summary }) => summary), ['0', '1']);
  });

  test('the end of a long ledger is there first, then the rest in its order', async () => {
    desk.lookMs = 0.5;
    for (let number = 0; number < 100_000; number++) desk.ledger.add({ kind: 'notice' });
    desk.source.filters.set('every third', ({ startedAt }) => startedAt % 3 === 0);
    const view = desk.open({ filter: 'every third' });
    let page = desk.page(view, 0, 1);
    while (page.total < 1000) {
      await new Promise<void>((resolve) => setImmediate(resolve));
      page = desk.page(view, 0, 1);
    }
    assert.ok(80_000 <= page.rows[0]!.row, `row ${page.rows[0]!.row}`);
    assert.equal(page.isDone, false);
    assert.equal(page.growsAt, 0);
    await desk.done(view);
    const whole = desk.page(view, 0, 1);
    assert.equal(whole.judged, 100_000);
    assert.equal(whole.growsAt, undefined);
    assert.equal(whole.total, Math.floor((1000 + 99_999) / 3) - Math.floor(999 / 3));
    let before = -1;
    for (let start = 0; start < whole.total; start += 1000) {
      for (const row of desk.numbersAt(view, start)) {
        assert.ok(before < row);
        before = row;
      }
    }
  });

  test('finds where a row stands; an answer stands with its request', async () => {
    const { ledger, source } = desk;
    for (let number = 0; number < 50_000; number++) ledger.addExchange({});
    source.filters.set('every third', ({ startedAt }) => startedAt % 3 === 0);
    const view = desk.open({ filter: 'every third' });
    await desk.done(view);
    for (const position of [0, 1, 4095, 4096, 10_000, 16_665]) {
      const { row } = desk.page(view, position, 1).rows[0]!;
      assert.equal(desk.views.positionOf({ view, row }), position);
      assert.equal(desk.views.positionOf({ view, row: row + 1 }), position);
    }
    assert.equal(desk.views.positionOf({ view, row: 0 }), null);
    assert.equal(desk.views.positionOf({ view, row: 999_999 }), null);
  });

  test('rows that the ledger forgot leave from the front with a count', async () => {
    for (let number = 0; number < 30_000; number++) desk.ledger.add({ kind: 'notice' });
    const view = desk.open();
    await desk.done(view);
    desk.ledger.forget(12_345);
    const page = desk.page(view, 0, 1);
    assert.deepEqual([page.rows[0]?.row, page.total, page.forgotten, page.all, page.isDone], [12_345, 17_655, 12_345, 17_655, true]);
    desk.ledger.add({ kind: 'notice' });
    assert.equal(desk.page(view, 17_655, 1).rows[0]?.row, 30_000);
  });

  test('forgetting may overtake the search', async () => {
    desk.lookMs = 0.5;
    for (let number = 0; number < 60_000; number++) desk.ledger.add({ kind: 'notice' });
    const view = desk.open();
    desk.page(view);
    desk.ledger.forget(50_000);
    await desk.done(view);
    const page = desk.page(view, 0, 1);
    assert.deepEqual([page.rows[0]?.row, page.total], [50_000, 10_000]);
  });

  test('eight lists are open at most: the oldest is closed', () => {
    const views = Array.from({ length: 9 }, () => desk.open());
    assert.throws(() => desk.page(views[0]!), { code: 'unknownView' });
    assert.equal(desk.page(views[1]!).total, 0);
    desk.views.close(views[1]!);
    assert.throws(() => desk.page(views[1]!), { code: 'unknownView' });
    for (const view of views) desk.views.close(view);
    assert.equal(desk.isLookedAt, false);
  });

  test('a filter that costs much lets others have their turn, shows its first hits, and ends with its view', async () => {
    const { ledger, source } = desk;
    for (let number = 0; number < 3000; number++) ledger.add({ kind: 'notice' });
    let looked = 0;
    source.filters.set('bytes contains 0d0a', ({ startedAt }) => {
      looked += 1;
      desk.time += 5;
      return startedAt % 100 === 0;
    });
    const slow = desk.open({ filter: 'bytes contains 0d0a' });
    const quick = desk.open();
    await desk.done(quick);
    assert.ok(looked < 200, `${looked} rows were searched before the other list was done`);
    while (desk.page(slow, 0, 1).rows.length === 0) await new Promise<void>((resolve) => setImmediate(resolve));
    const { judged, all, isDone } = desk.page(slow, 0, 1);
    assert.ok(judged < all && !isDone, 'the first hit is shown before the search is done');
    desk.views.close(slow);
    const before = looked;
    await desk.done(desk.open());
    assert.equal(looked, before);
  });

  test('a filter that throws ends its own view, and is told', async () => {
    desk.source.filters.set('broken', () => {
      throw new Error('a bug');
    });
    desk.ledger.add({});
    const broken = desk.open({ filter: 'broken' });
    assert.throws(() => desk.page(broken), /a bug/);
    assert.deepEqual(desk.summaries(desk.open()), ['message 0']);
    assert.equal(desk.faults.length, 1);
    desk.faults.length = 0;
  });
});

suite('views: cells', () => {
  test('values of the columns asked for, from the message or its answers', () => {
    const desk = new ViewsDesk();
    desk.source.flow(1, { upstream: '127.0.0.1:6379', route: 'cache' });
    desk.ledger.addExchange({ fields: { command: 'GET', key: 'a' } }, { fields: { value: 12 } });
    desk.ledger.add({ kind: 'notice' });
    const view = desk.open();
    const { rows } = desk.page(view, 0, 10, ['redis.key', 'redis.value', 'upstream', 'client', 'route', 'http.status', 'nonsense', 'from']);
    assert.deepEqual(rows.map(({ cells }) => cells), [
      ['a', '12', '127.0.0.1:6379', '127.0.0.1:40001', 'cache', '', '', 'client'],
      ['', '', '127.0.0.1:6379', '127.0.0.1:40001', 'cache', '', '', 'client'],
    ]);
    desk.dispose();
  });
});

suite('views: marks and colours', () => {
  let desk: ViewsDesk;
  setup(() => {
    desk = new ViewsDesk();
    for (let number = 0; number < 6; number++) desk.ledger.add({ summary: String(number) });
  });
  teardown(() => desk.dispose());

  test('a mark paints rows before any rule, and can be taken away', () => {
    desk.source.filters.set('odd', ({ summaries }) => Number(summaries[0]) % 2 === 1);
    desk.source.filters.set('big', ({ summaries }) => 3 <= Number(summaries[0]));
    assert.deepEqual(desk.views.setColors([{ filter: 'odd', color: 'blue' }, { filter: 'big', color: 'green' }]), { problems: [] });
    desk.views.setMarks([3, 4], 'red');
    const view = desk.open();
    const told = (): unknown[] => desk.rows(view).map(({ color, isMarked }) => (isMarked ? `${color}!` : color));
    assert.deepEqual(told(), [undefined, 'blue', undefined, 'red!', 'red!', 'blue']);
    desk.views.setMarks([3, 4], null);
    assert.deepEqual(told(), [undefined, 'blue', undefined, 'blue', 'green', 'blue']);
    desk.views.setColors([]);
    assert.deepEqual(told(), Array(6).fill(undefined));
  });

  test('a rule that is wrong is told with its number; the others paint', () => {
    desk.source.filters.set('all', () => true);
    const { problems } = desk.views.setColors([{ filter: 'wrong', color: 'red' }, { filter: 'all', color: 'orange' }]);
    assert.deepEqual(problems.map(({ rule, start, end }) => [rule, start, end]), [[0, 0, 5]]);
    assert.equal(desk.rows(desk.open())[0]?.color, 'orange');
  });

  test('a row is painted anew when its answer comes', () => {
    desk.source.filters.set('answered', ({ latencyMs }) => latencyMs !== undefined);
    desk.views.setColors([{ filter: 'answered', color: 'green' }]);
    const view = desk.open();
    assert.equal(desk.rows(view)[2]?.color, undefined);
    desk.ledger.add({ kind: 'answer', answers: 2 });
    assert.equal(desk.rows(view)[2]?.color, 'green');
  });

  test('a list of marked rows follows the marks', () => {
    desk.source.filters.set('marked', ({ isMarked }) => isMarked);
    const view = desk.open({ filter: 'marked' });
    desk.views.setMarks([5, 1], 'purple');
    assert.deepEqual(desk.summaries(view), ['1', '5']);
    desk.views.setMarks([5], null);
    assert.deepEqual(desk.summaries(view), ['1']);
    // Marked in the list of messages, an answer shows with its request, once that is marked.
    const answer = desk.ledger.add({ kind: 'answer', answers: 5, summary: 'answer' });
    desk.views.setMarks([answer], 'red');
    assert.deepEqual(desk.summaries(view), ['1']);
    desk.views.setMarks([5], 'red');
    assert.deepEqual(desk.summaries(view), ['1', '5']);
    assert.equal(desk.rows(desk.open({ listing: 'messages' })).at(-1)?.isMarked, true);
  });

  test('marks are bounded, and of rows that are not there none is kept', () => {
    const many = new ViewsDesk(maxMarks + 10);
    for (let number = 0; number < maxMarks + 5; number++) many.ledger.add({ kind: 'notice' });
    many.views.setMarks([-1, 1e9], 'red');
    assert.equal(many.views.marks.memoryBytes, 0);
    many.views.setMarks(Array.from({ length: maxMarks + 5 }, (_, row) => row), 'red');
    const view = many.open();
    many.page(view);
    assert.equal(many.page(view, 4, 1).rows[0]?.isMarked, undefined);
    assert.equal(many.page(view, 5, 1).rows[0]?.isMarked, true);
    many.dispose();
  });
});
