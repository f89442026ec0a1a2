// The table of all messages: what goes in comes out, answers are tied to their requests, and it stays within its bounds.
import assert from 'node:assert/strict';
import type { FieldSelector } from '../../src/core/lens/filter/subject.js';
import { Ledger } from '../../src/core/lens/ledger/ledger.js';
import type { Field, Message } from '../../src/shared/message.js';
import { verbatim } from '../../src/shared/sentences.js';

const range = { start: 0, end: 10 };

function message(index: number, more: Partial<Message> = {}): Message {
  return { index, from: 'client', protocol: 'redis', range: { start: index * 10, end: index * 10 + 10 }, startedAt: 1000.25 + index, endedAt: 1000.5 + index, kind: 'request', summary: `GET key:${index}`, fields: [], problems: [], ...more };
}

function field(name: string, text: string, more: Partial<Field> = {}): Field {
  return { name, range, text, ...more };
}

function select(path: string, protocol = 'redis'): FieldSelector {
  return { key: `${protocol} ${path}`, matches: (itsProtocol, itsPath) => itsProtocol === protocol && itsPath === path };
}

function textsOf(ledger: Ledger, row: number, path: string): [string, number | boolean | undefined][] {
  const found: [string, number | boolean | undefined][] = [];
  ledger.someField(row, select(path), (text, value) => (found.push([text, value]), false));
  return found;
}

suite('ledger', () => {
  test('a row says what its message said', () => {
    const ledger = new Ledger();
    const flow = ledger.open(7);
    const told = message(0, { from: 'upstream', kind: 'answer', stream: 5, latencyMs: 2.75, summary: 'größer → “∞”', problems: [{ severity: 'note', text: verbatim('odd'), range }, { severity: 'error', text: verbatim('short'), range }] });
    const row = ledger.append(flow, told);
    assert.deepEqual(
      [ledger.flow(row), ledger.index(row), ledger.protocol(row), ledger.from(row), ledger.kind(row), ledger.severity(row), ledger.startedAt(row), ledger.endedAt(row), ledger.rangeStart(row), ledger.rangeEnd(row), ledger.summary(row), ledger.stream(row), ledger.latencyMs(row)],
      [7, 0, 'redis', 'upstream', 'answer', 'error', 1000.25, 1000.5, 0, 10, 'größer → “∞”', 5, 2.75],
    );
    assert.equal(ledger.someProblem(row, (text) => text === 'short'), true);
    assert.equal(ledger.someProblem(row, (text) => text === 'long'), false);
    const plain = ledger.append(flow, message(1));
    assert.deepEqual([ledger.stream(plain), ledger.latencyMs(plain), ledger.severity(plain), ledger.request(plain), ledger.firstAnswer(plain)], [undefined, undefined, undefined, -1, -1]);
  });

  test('answers of interleaved flows are tied to the requests of their own', () => {
    const ledger = new Ledger();
    const [one, two] = [ledger.open(1), ledger.open(2)];
    ledger.append(one, message(0, { expectsAnswer: true }));
    ledger.append(two, message(0, { expectsAnswer: true }));
    ledger.append(one, message(1, { kind: 'answer', answers: 0 }));
    ledger.append(two, message(1, { kind: 'notice' }));
    ledger.append(two, message(2, { kind: 'answer', answers: 0 }));
    ledger.append(two, message(3, { kind: 'answer', answers: 0 }));
    assert.deepEqual([ledger.firstAnswer(0), ledger.lastAnswer(0), ledger.answerCount(0)], [2, 2, 1]);
    assert.deepEqual([ledger.firstAnswer(1), ledger.lastAnswer(1), ledger.answerCount(1)], [4, 5, 2]);
    assert.deepEqual([2, 3, 4, 5].map((row) => ledger.request(row)), [0, -1, 1, 1]);
    assert.deepEqual([ledger.expectsAnswer(0), ledger.expectsAnswer(3)], [true, false]);
  });

  test('the head of a request waits for nothing once the request itself has come', () => {
    const ledger = new Ledger();
    const flow = ledger.open(1);
    ledger.append(flow, message(0, { expectsAnswer: true }));
    ledger.append(flow, message(1, { expectsAnswer: true, replaces: 0 }));
    assert.deepEqual([ledger.expectsAnswer(0), ledger.expectsAnswer(1)], [false, true]);
  });

  test('fields are found by their place, with the value behind the text', () => {
    const ledger = new Ledger();
    const fields = [
      field('command', 'SET'),
      field('arguments', '2', { value: 2, fields: [field('key', 'a'), field('size', '3 bytes', { value: 3 }), field('size', '4 bytes', { value: 4 }), field('isNew', 'yes', { value: true })] }),
    ];
    const row = ledger.append(ledger.open(1), message(0, { fields }));
    assert.deepEqual(textsOf(ledger, row, 'command'), [['SET', undefined]]);
    assert.deepEqual(textsOf(ledger, row, 'arguments'), [['2', 2]]);
    assert.deepEqual(textsOf(ledger, row, 'arguments/size'), [['3 bytes', 3], ['4 bytes', 4]]);
    assert.deepEqual(textsOf(ledger, row, 'arguments/isNew'), [['yes', true]]);
    assert.deepEqual(textsOf(ledger, row, 'size'), []);
    assert.deepEqual(ledger.pathsSeen().map(({ path }) => path), ['command', 'arguments', 'arguments/key', 'arguments/size', 'arguments/isNew']);
  });

  test('equal texts with different values stay apart', () => {
    const ledger = new Ledger();
    const flow = ledger.open(1);
    for (const [index, value] of [1, 2, undefined, true].entries()) ledger.append(flow, message(index, { fields: [field('type', 'x', { value })] }));
    assert.deepEqual([0, 1, 2, 3].map((row) => textsOf(ledger, row, 'type')[0]?.[1]), [1, 2, undefined, true]);
  });

  test('everything still stands after its page was put away', () => {
    const ledger = new Ledger();
    const flow = ledger.open(1);
    for (let index = 0; index < 10_000; index++) ledger.append(flow, message(index, { fields: [field('command', 'GET'), field('key', `key:${index}`), field('odd', index % 2 === 0 ? 'no' : 'jä', { value: index / 3 })] }));
    for (const row of [0, 1, 4095, 4096, 8191, 8192, 9999]) {
      assert.equal(ledger.summary(row), `GET key:${row}`);
      assert.deepEqual(textsOf(ledger, row, 'key'), [[`key:${row}`, undefined]]);
      assert.deepEqual(textsOf(ledger, row, 'odd'), [[row % 2 === 0 ? 'no' : 'jä', row / 3]]);
    }
  });

  test('of one message a hundred fields are kept, of one text three hundred characters', () => {
    const ledger = new Ledger();
    const row = ledger.append(ledger.open(1), message(0, { fields: [field('long', 'ä'.repeat(1000)), ...Array.from({ length: 200 }, (_, i) => field('item', `${i}`))] }));
    assert.equal(textsOf(ledger, row, 'long')[0]?.[0], 'ä'.repeat(300));
    assert.equal(textsOf(ledger, row, 'item').length, 99);
  });

  test('values seen come most frequent first, and never from a secret or inside of one', () => {
    const ledger = new Ledger();
    const flow = ledger.open(1);
    for (const [index, text] of ['GET', 'SET', 'GET', 'AUTH'].entries()) {
      ledger.append(flow, message(index, { fields: [field('command', text), field('password', 'hunter2', { isSecret: true, fields: [field('part', 'hunter2')] }), field('command', 'MASKED', { isSecret: true })] }));
    }
    assert.deepEqual(ledger.valuesSeen(select('command'), 2), [{ text: 'GET', count: 2 }, { text: 'AUTH', count: 1 }]);
    assert.deepEqual(ledger.valuesSeen(select('password'), 9), []);
    assert.deepEqual(ledger.valuesSeen(select('password/part'), 9), []);
    let wasSecret = false;
    ledger.someField(0, select('password'), (_text, _value, isSecret) => (wasSecret = isSecret));
    assert.equal(wasSecret, true);
  });

  test('when it is full the oldest rows go, and what is left keeps its numbers', () => {
    const ledger = new Ledger(8192);
    const [old, flow] = [ledger.open(1), ledger.open(2)];
    ledger.append(old, message(0));
    for (let index = 0; index < 10_000; index++) ledger.append(flow, message(index, index % 2 === 0 ? {} : { kind: 'answer', answers: index - 1 }));
    ledger.append(old, message(1, { kind: 'answer', answers: 0 }));
    assert.deepEqual([ledger.first, ledger.end], [4096, 10_002]);
    assert.equal(ledger.summary(9000), 'GET key:8999');
    assert.deepEqual([flow.firstIndex, flow.rowOf(flow.firstIndex), flow.rowOf(flow.firstIndex - 1), flow.nextIndex], [4095, 4096, -1, 10_000]);
    assert.deepEqual([old.nextIndex, old.rowOf(0), old.rowOf(1)], [2, -1, 10_001]);
    assert.deepEqual([ledger.request(4096), ledger.request(9000), ledger.request(10_001)], [-1, 8999, -1]);
  });

  test('memory is bounded whatever the texts are', () => {
    const bound = 8 << 20;
    const ledger = new Ledger(undefined, bound);
    const flow = ledger.open(1);
    for (let index = 0; index < 20_000; index++) {
      ledger.append(flow, message(index, { fields: Array.from({ length: 20 }, (_, i) => field(`f${i}`, `${index}-${i}-${'x'.repeat(100)}`)) }));
      if (index % 1000 === 0) assert.ok(ledger.memoryBytes < bound + (24 << 20), `${ledger.memoryBytes} bytes after ${index}`);
    }
    assert.ok(0 < ledger.first);
  });

  test('rows of a forgotten flow are nobody\'s, those of the others stay', () => {
    const ledger = new Ledger();
    const [gone, kept] = [ledger.open(1), ledger.open(2)];
    for (let index = 0; index < 3; index++) {
      ledger.append(gone, message(index));
      ledger.append(kept, message(index));
    }
    ledger.forget(gone);
    assert.deepEqual([0, 1, 2, 3, 4, 5].map((row) => ledger.flow(row)), [0, 2, 0, 2, 0, 2]);
    assert.deepEqual([ledger.isForgotten(0), ledger.isForgotten(1), ledger.orphans], [true, false, 3]);
  });

  test('begun anew, no number is used again', () => {
    const ledger = new Ledger();
    for (let index = 0, flow = ledger.open(1); index < 5000; index++) ledger.append(flow, message(index));
    ledger.renew();
    assert.equal(ledger.first, ledger.end);
    assert.ok(5000 <= ledger.first);
    const row = ledger.append(ledger.open(1), message(0, { fields: [field('command', 'GET')] }));
    assert.equal(row, ledger.first);
    assert.deepEqual([ledger.summary(row), textsOf(ledger, row, 'command'), ledger.generation], ['GET key:0', [['GET', undefined]], 1]);
  });
});
