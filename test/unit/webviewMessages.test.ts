// The message list's words and filters: what a row says, what a cell is as a condition, how conditions join, what is remembered.

import assert from 'node:assert/strict';
import { parseFilter } from '../../src/core/lens/filter/filter.js';
import type { ExchangeRow, ViewPage } from '../../src/shared/inspect.js';
import type { LensSummary } from '../../src/shared/protocol.js';
import { cellCondition } from '../../webview/inspector/cellCondition.js';
import type { PlacedColumn } from '../../webview/inspector/columns.js';
import { conjuncts, hasPart, joined, quoted, togglePart } from '../../webview/inspector/filterParts.js';
import { answerWords, judgedPercent, messageCounts, messageLabel } from '../../webview/inspector/messageWords.js';
import { initialState, isPageState, withHistory } from '../../webview/inspector/pageState.js';
import { PageCache, pageRows } from '../../webview/inspector/pageCache.js';

const row: ExchangeRow = {
  row: 7, flow: 3, index: 4, from: 'client', protocol: 'redis', kind: 'request', range: { start: 0, end: 30 }, startedAt: new Date(2026, 10, 21, 14, 2, 31, 104).getTime(), endedAt: 0, summary: 'GET cart:77',
  bytes: 120, latencyMs: 5.4321, program: 'node', cells: ['200', 'a "b"\\'], answer: { row: 8, index: 5, summary: '"3 items"', startedAt: 0, endedAt: 0, count: 1 },
};
const column = (id: string, cell?: number): PlacedColumn => ({ id, title: id, widthPx: 100, isNumber: false, ...(cell === undefined ? {} : { cell }) });

suite('a message in words', () => {
  const answer = (summary: string, more: Partial<ExchangeRow['answer']> = {}): ExchangeRow => ({ ...row, answer: { row: 8, index: 5, summary, startedAt: 0, endedAt: 0, count: 1, ...more } });

  for (const [summary, tone] of [['201 Created', 'good'], ['OK', 'good'], ['502 Bad Gateway', 'bad'], ['404 Not Found', 'bad'], ['ERROR 23505 duplicate key', 'bad'], ['-ERR unknown command', 'bad'], ['1 row', 'plain'], ['(integer) 200', 'plain'], ['304 Not Modified', 'plain']] as const) {
    test(`the answer "${summary}" reads as ${tone}`, () => assert.equal(answerWords(answer(summary)).tone, tone));
  }

  test('an error of the dissector counts whatever the text says', () => assert.equal(answerWords(answer('OK', { severity: 'error' })).tone, 'bad'));

  test('what has no answer says why', () => {
    const without = { ...row, answer: undefined };
    assert.equal(answerWords({ ...without, isWaiting: true }).text, 'no answer yet');
    assert.equal(answerWords({ ...without, kind: 'notice' }).text, 'no answer expected');
    assert.equal(answerWords({ ...without, kind: 'notice', from: 'upstream' }).text, '');
    assert.equal(answerWords({ ...without, isUnanswered: true }).text, 'no answer');
    assert.equal(answerWords({ ...without, kind: 'request' }).text, '');
    assert.equal(answerWords({ ...without, kind: 'gap' }).text, '');
  });

  test('several answers are counted', () => assert.equal(answerWords(answer('1 row', { count: 4 })).text, '1 row  +3'));

  test('a screen reader hears mark, problem and everything that colour shows', () => {
    const label = messageLabel({ ...row, color: 'green', isMarked: true, severity: 'warning', pausedMs: 3100 });
    assert.equal(label, 'marked green, with a warning, 14:02:31.104, redis, from client, GET cart:77, answer "3 items", took 5.4 ms, waited for your breakpoint 3.1 s, 120 B');
  });

  for (const [touch, words] of [
    [{ what: 'held', heldMs: 0 }, 'held'], [{ what: 'released', heldMs: 3100 }, 'held 3.1 s'], [{ what: 'timedOut', heldMs: 60_000 }, 'went on by itself after 1 min 0 s'], [{ what: 'replaced', heldMs: 5 }, 'changed by you'],
    [{ what: 'dropped', heldMs: 5 }, 'dropped by you'], [{ what: 'answered', heldMs: 5 }, 'answered by you'], [{ what: 'replaced', heldMs: 5, isAnswer: true }, 'answer changed by you'],
  ] as const) {
    test(`a screen reader hears "${words}"`, () => assert.ok(messageLabel({ ...row, touch }).includes(`, ${words}, 120 B`), messageLabel({ ...row, touch })));
  }

  test('nobody waits for the answer to a message that was dropped', () => {
    assert.equal(answerWords({ ...row, answer: undefined, isWaiting: true, touch: { what: 'dropped', heldMs: 900 } }).text, 'no answer');
  });

  test('the counts say what matches, what was dropped, what is not decoded yet', () => {
    const summary: LensSummary = { revision: 1, liveFlows: 2, totalFlows: 3, keptBytes: 256e6, droppedBytes: 1.2e9, behindMs: 0, memoryBytes: 0, messages: 48_911 };
    const page: ViewPage = { rows: [], start: 0, total: 212, judged: 20_000, all: 48_911, isDone: false, forgotten: 0, undecodedBytes: 5e6 };
    assert.equal(messageCounts(summary, page, true, 0).join(' · '), '212 of 48,911 messages · 256 MB kept, 1.2 GB older dropped · 5.0 MB not decoded yet');
    assert.equal(messageCounts(summary, { ...page, undecodedBytes: 0 }, false, 4)[0], '48,911 messages in 212 rows');
    assert.equal(judgedPercent(page), 40);
    assert.equal(judgedPercent({ ...page, judged: 48_911 }), 99, 'not all before all is done');
    assert.equal(judgedPercent({ ...page, isDone: true }), undefined);
  });
});

suite('conditions from cells', () => {
  for (const [id, condition] of [
    ['protocol', 'protocol == redis'], ['message', 'summary == "GET cart:77"'], ['answer', 'answer == "\\"3 items\\""'], ['took', 'latency >= 5.43ms'], ['bytes', 'size >= 120'],
    ['flow', 'flow.id == 3'], ['program', 'flow.process == "node"'], ['from', 'from == client'], ['time', undefined], ['stream', undefined],
  ] as const) {
    test(`${id}: ${condition ?? 'none'}`, () => {
      assert.equal(cellCondition(row, column(id)), condition);
      if (condition !== undefined) assertValid(condition);
    });
  }

  test('a decoded field by its name, its value quoted where it has to be', () => {
    assert.equal(cellCondition(row, column('http.status', 0)), 'http.status == 200');
    assert.equal(cellCondition(row, column('http.path', 1)), 'http.path == "a \\"b\\"\\\\"');
    assert.equal(cellCondition({ ...row, cells: [''] }, column('http.status', 0)), undefined);
    assert.equal(cellCondition({ ...row, cells: ['api'] }, column('route', 0)), 'flow.route == api');
    for (const id of ['http.status', 'http.path']) assertValid(cellCondition(row, column(id, 1)) ?? '');
  });
});

suite('joining conditions', () => {
  test('"and", "or" and "not" keep what was meant', () => {
    assert.equal(joined('', 'a == 1', 'and'), 'a == 1');
    assert.equal(joined('a == 1', 'b == 2', 'and'), 'a == 1 and b == 2');
    assert.equal(joined('a == 1 or b == 2', 'c == 3', 'and'), '(a == 1 or b == 2) and c == 3');
    assert.equal(joined('a == 1 and b == 2', 'c == 3', 'or'), 'a == 1 and b == 2 or c == 3');
    assert.equal(joined('a == 1', 'b == 2', 'not'), 'a == 1 and not b == 2');
    assert.equal(joined('', 'b == 2 or c == 3', 'not'), 'not (b == 2 or c == 3)');
    assert.equal(joined('a == 1', 'b == 2', 'apply'), 'b == 2');
  });

  test('words in texts and patterns are no words of the language', () => {
    assert.deepEqual(conjuncts('summary == "a and b" and text ~ /x or y/ and path ~ "/v1/*"'), ['summary == "a and b"', 'text ~ /x or y/', 'path ~ "/v1/*"']);
    assert.equal(joined('summary == "this or that"', 'b', 'and'), 'summary == "this or that" and b');
    assert.deepEqual(conjuncts('(a or b) and c'), ['(a or b)', 'c']);
    assert.deepEqual(conjuncts('a or b and c'), ['a or b and c']);
  });

  test('a chip puts its condition in and takes it out again', () => {
    const with1 = togglePart('protocol == redis', 'problem');
    assert.equal(with1, 'protocol == redis and problem');
    assert.ok(hasPart(with1, 'problem') && !hasPart('problem == "x"', 'problem'));
    assert.equal(togglePart(with1, 'problem'), 'protocol == redis');
    assert.equal(togglePart('problem', 'problem'), '');
  });

  test('the chips are filters', () => {
    for (const chip of ['problem', 'latency > 100ms']) assertValid(chip);
  });

  test('a text in quotes is read back as it was', () => {
    assert.equal(quoted('a "b" \\ c'), '"a \\"b\\" \\\\ c"');
    assertValid(`summary == ${quoted('a "b" \\ c')}`);
  });
});

suite('what the page remembers', () => {
  test('filters, newest first, without the steps of typing one', () => {
    const typed = ['h', 'http', 'http.status', 'latency > 1s', 'http.status'].reduce<string[]>((history, filter) => withHistory(history, filter), []);
    assert.deepEqual(typed, ['http.status', 'latency > 1s']);
    assert.equal(Array.from({ length: 100 }, (_, index) => `size == ${index + 100}`).reduce<string[]>(withHistory, []).length, 20);
  });

  test('a state of its own is taken back, a strange one is not', () => {
    assert.ok(isPageState(initialState));
    assert.ok(isPageState({ ...initialState, sort: { column: 'took', isDescending: true }, message: { row: 1, flow: 2, index: 3 }, columns: [{ id: 'time' }] }));
    for (const strange of [{ list: 'other' }, { history: [7] }, { columns: 'all' }, { sort: 'took' }, { message: { row: 'first' } }, { messageTopRow: 'top' }]) assert.equal(isPageState(strange), false, JSON.stringify(strange));
  });
});

suite('pages that are read ahead', () => {
  const settle = (): Promise<void> => new Promise((resolve) => setImmediate(resolve));
  function reader(length: number): { cache: PageCache<number>; asked: number[] } {
    const asked: number[] = [];
    const cache = new PageCache<number>((start, count) => {
      asked.push(start / pageRows);
      return Promise.resolve({ start, rows: Array.from({ length: Math.min(count, length - start) }, (_, index) => start + index) });
    }, () => undefined, (fault) => assert.fail(String(fault)), 2);
    cache.length = length;
    return { cache, asked };
  }

  test('come in the direction of the scrolling, after those in view, up to the end', async () => {
    const { cache, asked } = reader(10 * pageRows);
    cache.want(4 * pageRows, 4 * pageRows + 30);
    for (let turn = 0; turn < 5; turn++) await settle();
    assert.deepEqual(asked, [4, 5, 6]);
    cache.want(4 * pageRows - 10, 4 * pageRows + 20);
    for (let turn = 0; turn < 5; turn++) await settle();
    assert.deepEqual(asked, [4, 5, 6, 3, 2, 1]);
    const end = reader(pageRows + 1);
    end.cache.want(0, 30);
    for (let turn = 0; turn < 5; turn++) await settle();
    assert.deepEqual(end.asked, [0, 1]);
  });

  test('rows that came with another answer are not asked for again', async () => {
    const { cache, asked } = reader(3 * pageRows);
    cache.put(pageRows, Array.from({ length: pageRows + 5 }, (_, index) => pageRows + index));
    cache.want(pageRows + 10, pageRows + 40);
    await settle();
    assert.equal(cache.row(2 * pageRows + 4), 2 * pageRows + 4);
    assert.deepEqual(asked, []);
  });
});

/** The lens takes what the page writes. */
function assertValid(expression: string): void {
  const parsed = parseFilter(expression);
  assert.ok('matches' in parsed, `${expression}: ${JSON.stringify(parsed)}`);
}
