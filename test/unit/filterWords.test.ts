import assert from 'node:assert/strict';
import fc from 'fast-check';
import { parseFilter } from '../../src/core/lens/filter/filter.js';
import { english, translator } from '../../src/core/lens/filter/translate.js';
import { wordsOf } from '../../src/core/lens/filter/words.js';

function words(source: string, t = english): string {
  const filter = parseFilter(source);
  assert.ok('matches' in filter, `${source}: ${JSON.stringify(filter)}`);
  return wordsOf(filter.expression, t);
}

suite('filter words', () => {
  test('a filter is told in plain words', () => {
    const cases: [string, string][] = [
      ['redis.command == "GET" and latency > 5ms', 'Redis GET slower than 5 ms'],
      ['latency > 5ms and redis.command == GET', 'Redis GET slower than 5 ms'],
      ['http.status >= 500 or problem', 'messages with HTTP status 500 or more or with a problem'],
      ['flow.process ~ "node*"', 'messages of programs like node*'],
      ['flow.process ~ "node*" and (latency > 5ms or problem)', 'messages of programs like node* and either slower than 5 ms or with a problem'],
      ['bytes contains 0d0a0d0a', 'messages whose bytes contain 0d 0a 0d 0a'],
      ['bytes contains "two words"', 'messages whose bytes contain "two words"'],
      ['text ~ /order-\\d+/i', 'messages with text that matches /order-\\d+/i'],
      ['sql ~ "select*users"', 'messages with SQL like select*users'],
      ['protocol == redis and (latency > 5ms or problem)', 'Redis messages slower than 5 ms or with a problem'],
      ['http and kind == request and not problem', 'HTTP requests without a problem'],
      ['http.method == POST and http.path ~ /v1/* and size > 10KB', 'HTTP POST with HTTP path like /v1/* and larger than 10 KB'],
      ['not redis', 'messages of other protocols than Redis'],
      ['not (redis or mysql)', 'messages except those of protocol Redis or of protocol MySQL / MariaDB'],
      ['problem and latency > 1s or marked', 'messages (with a problem and slower than 1 s) or that are marked'],
      ['not latency > 1s', 'messages except those slower than 1 s'],
      ['not not problem', 'messages with a problem'],
      ['orders and not "two words"', 'messages that contain "orders" and that do not contain "two words"'],
      ['kafka.topic in (orders, carts, users)', 'messages with Kafka topic orders, carts or users'],
      ['http."content-type" contains json', 'messages with HTTP content-type that contains json'],
      ['http.content_type', 'messages with HTTP content type'],
      ['time > 14:02:31 and time <= 15:00', 'messages after 14:02:31 and up to 15:00'],
      ['duration < 250us', 'messages that went on for less than 250 µs'],
      ['bytes > 100', 'messages larger than 100 B'],
      ['waiting == false and from == client', 'messages that do not wait for an answer and from the client'],
      ['protocol != http', 'messages of other protocols than HTTP'],
      ['kind == gap', 'gaps'],
      ['flow.route != api', 'messages with route other than api'],
    ];
    assert.deepEqual(cases.map(([source]) => [source, words(source)]), cases);
  });

  test('in another language, with the order of that language', () => {
    const t = translator({ messages: '消息', '{0} {1}': '{0}：{1}', 'slower than {0}': '耗时超过 {0}', 'with a problem': '有问题', '{0} or {1}': '{0}或{1}' });
    assert.equal(words('redis.command == GET and latency > 5ms', t), 'Redis GET：耗时超过 5 ms');
    assert.equal(words('latency > 5ms or problem', t), '消息：耗时超过 5 ms或有问题');
  });

  test('every filter has words, on one line that ends', () => {
    const terms = fc.constantFrom('problem', 'redis', 'orders', 'latency > 5ms', 'http.status in (1, 2)', 'text ~ /a/', 'bytes contains "??00"', 'time == 14:02', 'marked != true', 'summary != "a\\nb"', 'flow.pid', 'severity < error', 'answer');
    const expression = fc.letrec<{ all: string }>((tie) => ({
      all: fc.oneof({ depthSize: 'small' }, terms, fc.tuple(tie('all'), fc.constantFrom('and', 'or'), tie('all')).map(([a, joint, b]) => `(${a}) ${joint} (${b})`), tie('all').map((one) => `not (${one})`)),
    })).all;
    fc.assert(fc.property(expression, (source) => {
      const said = words(source);
      assert.ok(0 < said.length && said.length <= 400 && !/[\n{}]|undefined/.test(said), said);
    }), { numRuns: 300 });
  });
});
