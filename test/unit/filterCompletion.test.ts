import assert from 'node:assert/strict';
import fc from 'fast-check';
import { checkFilter, nothingSeen, type SavedFilter, type Seen } from '../../src/core/lens/filter/completion.js';
import { parseFilter } from '../../src/core/lens/filter/filter.js';
import { english } from '../../src/core/lens/filter/translate.js';
import type { FilterAnswer } from '../../src/shared/inspect.js';

const seen: Seen = {
  pathsSeen: () => [{ protocol: 'redis', path: 'command' }, { protocol: 'redis', path: 'reply' }, { protocol: 'http1', path: 'headers/x-shop' }],
  valuesSeen: (selector) => (selector.matches('redis', 'command') ? [{ text: 'GET', count: 12 }, { text: 'SET', count: 1 }] : selector.matches('redis', 'reply') ? [{ text: '"two words"', count: 3 }] : []),
  factsSeen: (name) => (name === 'flow.process' ? [{ text: 'node', count: 2 }, { text: 'my shop', count: 1 }] : []),
};
const saved: SavedFilter[] = [{ name: 'slow db', filter: 'sql and latency > 20ms' }, { name: 'bad', filter: 'problem or http.status >= 500' }];

/** @param marked the text, with | where the caret is */
function at(marked: string, from: Seen = seen): FilterAnswer['completions'] {
  const caret = marked.indexOf('|');
  return checkFilter(marked.replace('|', ''), caret, from, saved, english).completions;
}

const texts = (marked: string, from: Seen = seen): string[] => at(marked, from).items.map(({ text }) => text);

/** What the expression becomes when an item is taken. */
function taken(marked: string, text: string): string {
  const { start, end, items } = at(marked);
  assert.ok(items.some((item) => item.text === text), `${text} is offered at ${marked}: ${items.map((item) => item.text).join(' ')}`);
  const source = marked.replace('|', '');
  return source.slice(0, start) + text + source.slice(end);
}

suite('filter completion', () => {
  test('where a field may stand: fields, protocols, "not" and saved filters, what was seen first', () => {
    const empty = texts('|');
    assert.deepEqual(empty.slice(2, 5), ['http', 'http1', 'redis']);
    assert.ok(!empty.includes('kafka'));
    assert.equal(taken('kaf|', 'kafka.api'), 'kafka.api');
    for (const text of ['latency', 'flow.process', 'redis.command', 'not']) assert.ok(empty.includes(text), text);
    assert.equal(taken('lat|', 'latency'), 'latency');
    assert.equal(taken('problem and la|x > 5ms', 'latency'), 'problem and latency > 5ms');
    assert.equal(taken('not (redis.com| == GET)', 'redis.command'), 'not (redis.command == GET)');
  });

  test('behind a dot: what is inside, also in quotes', () => {
    assert.deepEqual(texts('redis.|', nothingSeen), ['redis.command', 'redis.key', 'redis.argument', 'redis.count', 'redis.element', 'redis.reply', 'redis.value']);
    assert.deepEqual(texts('redis.re|'), ['redis.reply']);
    assert.equal(taken('http."content-t|ype" == x', 'http.content_type'), 'http.content_type == x');
    assert.equal(taken('http.x-|', 'http.x_shop'), 'http.x_shop');
    assert.ok(texts('flow.|').includes('flow.process'));
    assert.deepEqual(texts('nobody.|'), []);
  });

  test('operators that fit the field', () => {
    assert.deepEqual(texts('latency |'), ['>', '>=', '<', '<=', '==', '!=', 'in', 'and', 'or']);
    assert.deepEqual(texts('protocol |'), ['==', '!=', '~', 'contains', 'in']);
    assert.deepEqual(texts('bytes |').slice(0, 2), ['contains', '~']);
    assert.deepEqual(texts('latency >|'), ['>', '>=']);
    assert.deepEqual(texts('kind =|'), ['==']);
    assert.deepEqual(texts('kind !|'), ['!=']);
    assert.equal(taken('summary con| x', 'contains'), 'summary contains x');
    assert.deepEqual(texts('orders |'), ['and', 'or']);
  });

  test('values: lists, those that were seen with their counts, and usual ones', () => {
    assert.deepEqual(at('redis.command == |').items, [{ text: 'GET', kind: 'value', detail: 'seen 12 times' }, { text: 'SET', kind: 'value', detail: 'seen once' }]);
    assert.equal(taken('redis.command == "S|" and problem', 'SET'), 'redis.command == SET and problem');
    assert.equal(taken('redis.command == G|X', 'GET'), 'redis.command == GET');
    assert.equal(taken('redis.reply == |', '"two words"'), 'redis.reply == "two words"');
    assert.equal(taken('redis.reply == "two w|ords" and problem', '"two words"'), 'redis.reply == "two words" and problem');
    assert.equal(taken('flow.process ~ |', '"my shop"'), 'flow.process ~ "my shop"');
    assert.deepEqual(texts('kind == |'), ['request', 'answer', 'notice', 'undecoded', 'gap']);
    assert.equal(taken('protocol == red|', 'redis'), 'protocol == redis');
    assert.deepEqual(texts('severity >= |'), ['note', 'warning', 'error']);
    assert.deepEqual(texts('latency > |'), ['1ms', '5ms', '20ms', '100ms', '1s']);
    assert.equal(taken('redis.command in (GET, S|', 'SET'), 'redis.command in (GET, SET');
    assert.deepEqual(texts('redis.command in |'), ['(']);
  });

  test('behind a comparison: "and" and "or"', () => {
    assert.deepEqual(texts('latency > 5ms |'), ['and', 'or']);
    assert.deepEqual(texts('(redis.command in (GET, SET) |'), ['and', 'or']);
    assert.equal(taken('problem o|', 'or'), 'problem or');
  });

  test('inside a pattern nothing is offered', () => {
    assert.deepEqual(texts('text ~ /ord|'), []);
    assert.deepEqual(texts('text ~ /ord(a|'), []);
  });

  test('saved filters are offered by name, in parentheses where they need them', () => {
    const items = at('|').items.filter(({ kind }) => kind === 'saved');
    assert.deepEqual(items, [{ text: 'sql and latency > 20ms', kind: 'saved', detail: 'slow db' }, { text: 'problem or http.status >= 500', kind: 'saved', detail: 'bad' }]);
    assert.equal(taken('slow|', 'sql and latency > 20ms'), 'sql and latency > 20ms');
    assert.equal(taken('redis and ba|', '(problem or http.status >= 500)'), 'redis and (problem or http.status >= 500)');
  });

  test('every field that is offered says what it is', () => {
    for (const { text, kind, detail } of [...at('|').items, ...at('k|').items, ...at('redis.|').items]) assert.ok(kind !== 'field' || detail !== '', text);
  });

  test('the answer says what is wrong, or what it means', () => {
    const check = (text: string): FilterAnswer => checkFilter(text, text.length, seen, [], english);
    assert.equal(check('').words, '');
    assert.equal(check('').problem, undefined);
    assert.equal(check('redis.command == GET').words, 'Redis GET');
    assert.deepEqual([check('latency > 5').words, check('latency > 5').problem], ['', { message: 'A time is a number with its unit: 250us, 20ms or 1.5s.', start: 10, end: 11 }]);
  });

  test('any text, any caret: what is offered replaces a part of the text around the caret, and a field that is offered is one', () => {
    const pieces = fc.constantFrom('latency', 'redis.command', 'http.', 'kind', '==', '>', '~', 'in', '(', ')', ',', 'and', 'not', '"', "'", '/a', 'GET', ' ', '5', 'ms', '!', '\u{1f600}');
    fc.assert(
      fc.property(fc.oneof(fc.string(), fc.array(pieces, { maxLength: 12 }).map((list) => list.join(' ')), fc.array(pieces, { maxLength: 8 }).map((list) => list.join(''))), fc.nat(40), (text, caret) => {
        const { completions } = checkFilter(text, caret, seen, saved, english);
        const inside = Math.min(caret, text.length);
        assert.ok(completions.start <= inside && inside <= completions.end && completions.end <= text.length, JSON.stringify(completions));
        for (const { kind, text: item } of completions.items.slice(0, 5)) if (kind === 'field') assert.doesNotMatch((parseFilter(item) as { message?: string }).message ?? '', /no field/, item);
      }),
      { numRuns: 1000 },
    );
  });
});
