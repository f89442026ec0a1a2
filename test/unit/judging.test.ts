import assert from 'node:assert/strict';
import { Judging } from '../../src/core/lens/judging/judging.js';
import { parseFilter, type Filter } from '../../src/core/lens/filter/filter.js';
import { CaptureFlow, type FlowEvent } from '../../src/core/lens/captureFlow.js';
import { bareContext } from '../../src/core/dissectors/dissector.js';
import type { Speaker } from '../../src/shared/flow.js';

/** A connection to Redis: what was said, one chunk after the other, a millisecond apart. */
class Told {
  readonly shown: string[] = [];
  private readonly flow = new CaptureFlow({ kind: 'opened', flow: 1, at: 0, startedAt: 0, client: { host: '10.0.0.1', port: 1 }, server: { host: '10.0.0.2', port: 6379 }, clientBy: 'syn', isPartial: false, comments: [] } as never, bareContext);
  private readonly judging: Judging;
  private readonly offsets = { client: 0, upstream: 0 };
  private at = 1000;

  constructor(source: string) {
    const filter = parseFilter(source);
    assert.ok('matches' in filter, JSON.stringify(filter));
    this.judging = new Judging(filter as Filter, (_flow, { index, summary }) => this.shown.push(`${index} ${summary}`));
  }

  /** @param commands each a line, sent at once */
  ask(...commands: string[]): this {
    return this.say('client', commands.map(resp).join(''));
  }

  say(from: Speaker, text: string, afterMs = 1): this {
    const bytes = new TextEncoder().encode(text);
    const event: FlowEvent = { kind: 'chunk', flow: 1, from, offset: this.offsets[from], bytes, position: 0, at: (this.at += afterMs) };
    this.offsets[from] += bytes.length;
    this.judging.take(this.flow, event, this.flow.take(event));
    return this;
  }

  end(): string[] {
    const event: FlowEvent = { kind: 'closed', flow: 1, at: this.at, reason: 'clientClosed' };
    this.judging.take(this.flow, event, this.flow.take(event));
    this.judging.end(this.flow);
    return this.shown;
  }
}

/** A command as clients send it. */
function resp(command: string): string {
  const words = command.split(' ');
  return `*${words.length}\r\n${words.map((word) => `$${word.length}\r\n${word}\r\n`).join('')}`;
}

const talk = (source: string): Told => new Told(source).ask('GET a', 'GET b').say('upstream', '$1\r\nx\r\n', 9).ask('SET c 1').say('upstream', '$1\r\ny\r\n+OK\r\n', 90);

suite('decode by filter', () => {
  test('a request waits for its answer, and both are told, in the order in which they came', () => {
    assert.deepEqual(talk('redis.command == GET and latency < 50ms').end(), ['0 GET a', '2 "x"']);
    assert.deepEqual(talk('redis.command == GET').end(), ['0 GET a', '1 GET b', '2 "x"', '4 "y"']);
    assert.deepEqual(talk('answer == OK or redis.key == a').end(), ['0 GET a', '2 "x"', '3 SET c 1', '5 OK']);
  });

  test('speaker and kind are those of each message', () => {
    assert.deepEqual(talk('redis.command == GET and kind == answer').end(), ['2 "x"', '4 "y"']);
    assert.deepEqual(talk('latency > 50ms and from == client').end(), ['1 GET b', '3 SET c 1']);
  });

  test('what fits is told as soon as nothing in front of it may still fit', () => {
    const told = new Told('redis.command == GET').ask('GET a');
    assert.deepEqual(told.shown, [], 'its answer may make a difference');
    told.say('upstream', '+x\r\n');
    assert.deepEqual(told.shown, ['0 GET a', '1 x']);
    told.ask('SET b 1', 'GET c').say('upstream', '+OK\r\n+y\r\n');
    assert.deepEqual(told.shown, ['0 GET a', '1 x'], 'SET may get a further answer');
    assert.deepEqual(told.end(), ['0 GET a', '1 x', '3 GET c', '5 y']);
  });

  test('a request that never got an answer is judged when its connection ends', () => {
    const cut = (source: string): string[] => new Told(source).ask('GET a', 'GET b').say('upstream', '+x\r\n').end();
    assert.deepEqual(cut('waiting'), ['1 GET b']);
    assert.deepEqual(cut('not answer'), ['1 GET b']);
    assert.deepEqual(cut('not latency < 1s'), ['1 GET b']);
    assert.deepEqual(cut('redis.command == GET'), ['0 GET a', '1 GET b', '2 x']);
  });

  test('bytes are those of the message and its answers, however they were cut', () => {
    const cut = (source: string): string[] => new Told(source).say('client', '*2\r\n$3\r\nGE').say('client', 'T\r\n$1\r\na\r\n*2\r\n$3').say('client', '\r\nGET\r\n$1\r\nb\r\n').say('upstream', '$2\r\n').say('upstream', 'xy\r\n+z').say('upstream', '\r\n').end();
    assert.deepEqual(cut('bytes contains "0d 0a 61 0d 0a"'), ['0 GET a', '2 "xy"']);
    assert.deepEqual(cut('bytes contains "0d 0a 78 79"'), ['0 GET a', '2 "xy"']);
    assert.deepEqual(cut('bytes contains 2b7a0d0a'), ['1 GET b', '3 z']);
    assert.deepEqual(cut('bytes contains "61 0d 0a 2a"'), [], 'over the border of two messages');
    assert.deepEqual(cut('bytes contains "47 45 54"'), ['0 GET a', '1 GET b', '2 "xy"', '3 z']);
  });

  test('messages that wait are bounded: the oldest are judged by what came so far', () => {
    const told = new Told('not latency').ask('SLOW');
    const hundred = Array.from({ length: 100 }, () => 'GET a');
    for (let i = 0; i < 100; i++) told.ask(...hundred);
    assert.deepEqual(told.shown, []);
    for (let i = 0; i < 100; i++) told.ask(...hundred);
    assert.equal(told.shown.length, 20_001);
  });

  test('many answers to one request are judged with it', () => {
    const told = new Told('redis.command == SUBSCRIBE').ask('SUBSCRIBE a b c');
    for (const channel of ['a', 'b', 'c']) told.say('upstream', `*3\r\n$9\r\nsubscribe\r\n$1\r\n${channel}\r\n:1\r\n`);
    assert.equal(told.end()[0], '0 SUBSCRIBE a b c');
  });
});
