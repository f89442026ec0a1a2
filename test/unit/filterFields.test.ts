import assert from 'node:assert/strict';
import { join } from 'node:path';
import { aliases } from '../../src/core/lens/filter/aliases.js';
import { fieldNames } from '../../src/core/lens/filter/fieldNames.js';
import { parseFilter, selectorOf } from '../../src/core/lens/filter/filter.js';
import { groups, protocolOf } from '../../src/core/protocols/index.js';
import { fieldNamesOf } from '../conformance/fieldNames.js';
import { subject, type Facts } from './filterSubjects.js';

function check(source: string, facts: Facts, expected: boolean): void {
  const filter = parseFilter(source);
  assert.ok('matches' in filter, `${source}: ${JSON.stringify(filter)}`);
  assert.equal(filter.matches(subject(facts)), expected, `${source} on ${JSON.stringify(facts)}`);
}

const get: Facts = { protocols: ['redis'], kind: 'request', latencyMs: 7, summaries: ['GET cart:ada', '"3 items"'], decoded: [['count', '2', 2], ['command', 'get'], ['argument', 'cart:ada'], ['reply', '"3 items"']] };
const failed: Facts = {
  protocols: ['http1'], kind: 'request', durationMs: 90, bytes: 20_000, summaries: ['POST /v1/orders', '503 Service Unavailable'],
  decoded: [['method', 'POST'], ['target', '/v1/orders'], ['target/path', '/v1/orders'], ['headers/host', 'api.test'], ['headers/content-type', 'application/json'], ['headers/content-length', '19800'], ['status', '503', 503], ['body', '{…}'], ['body/status', '200', 200]],
  wire: ['POST /v1/orders HTTP/1.1\r\n\r\n{"order":"order-4711"}', Uint8Array.of(0xff, 0x0d, 0x0a, 0x0d, 0x0a, 0x00)],
};
const h2: Facts = { protocols: ['http2'], decoded: [['headers', '3 fields'], ['headers/:method', 'GET'], ['headers/:path', '/v1/items?n=1'], ['headers/:authority', 'shop.test'], ['headers/:status', '404'], ['headers/content-type', 'text/html']] };
const query: Facts = { protocols: ['postgres'], decoded: [['type', 'Query (Q)', 81], ['query', 'SELECT * FROM users WHERE id = 1'], ['$1', '8812', 8812]] };

suite('filter fields', () => {
  test('the sentences that filters were asked for', () => {
    check('redis.command == "GET" and latency > 5ms', get, true);
    check('redis.command == "GET" and latency > 5ms', { ...get, latencyMs: 4 }, false);
    check('redis.command == "GET" and latency > 5ms', failed, false);
    check('http.status >= 500 or problem', failed, true);
    check('http.status >= 500 or problem', h2, false);
    check('http.status >= 500 or problem', { ...get, problems: ['odd'] }, true);
    check('flow.process ~ "node*"', { program: ['node', '/usr/bin/node', 'node server.js'] }, true);
    check('flow.process ~ "node*"', { program: ['python3'] }, false);
    check('bytes contains 0d0a0d0a', failed, true);
    check('bytes contains 0d0a0d0a', { wire: ['\r\n\n\r'] }, false);
    check('text ~ /order-\\d+/', failed, true);
    check('text ~ /order-\\d{5}/', failed, false);
    check('sql ~ "select*users"', query, true);
    check('sql ~ "select*orders"', query, false);
  });

  test('a decoded field is found by protocol or group, by its own name or the one that people use', () => {
    check('http.status == 404', h2, true);
    check('http2.status == 404', h2, true);
    check('http1.status == 404', h2, false);
    check('http.path ~ "/v1/*"', h2, true);
    check('http.path == /v1/orders', failed, true);
    check('http.host == shop.test', h2, true);
    check('http.host == API.test', failed, true);
    check('http.method in (PUT, POST)', failed, true);
    check('http."content-type" contains json', failed, true);
    check('http.content-type contains json', failed, true);
    check('http.content_type contains JSON', failed, true);
    check('http.headers.content-type == text/html', h2, true);
    check('http."content type" == text/html', h2, false);
    check('http.nothing', failed, false);
    check('http.content-type', failed, true);
    check('kafka.api_key == produce', { protocols: ['kafka'], decoded: [['api key', 'Produce (0)', 0]] }, true);
    check('kafka.api == 0', { protocols: ['kafka'], decoded: [['api key', 'Produce (0)', 0]] }, true);
    check('kafka.topic == orders', { protocols: ['kafka'], decoded: [['topics/topic', 'orders']] }, true);
    check('kafka.key == k1', { protocols: ['kafka'], decoded: [['record/key', '"k1"']] }, true);
    check('tls.sni ~ *.test', { protocols: ['tls'], decoded: [['ClientHello/extensions/server_name/names/sni', 'a.test']] }, true);
    check('mqtt.topic == orders/1', { protocols: ['mqtt'], decoded: [['topic filter', 'orders/1']] }, true);
    check('grpc.status != 0', { protocols: ['grpc'], decoded: [['headers/grpc-status', '5']] }, true);
    check('grpc.method ~ /shop*', { protocols: ['grpc'], decoded: [['headers/:path', '/shop.Stock/Reserve']] }, true);
    check('mongodb.collection == orders', { protocols: ['mongodb'], decoded: [['body/find', 'orders']] }, true);
    check('lsp.params.textDocument.uri ~ *.ts', { protocols: ['lsp'], decoded: [['body/params/textDocument/uri', 'file:///a.ts']] }, true);
  });

  test('numbers, flags and texts of decoded fields are compared as what they are', () => {
    check('http.content-length > 10KB', failed, true);
    check('http.content-length > 20000', failed, false);
    check('http.status != 503', failed, false);
    check('http.status != 500', failed, true);
    check('http.status != 500', get, false);
    check('http.status == "503"', failed, true);
    check('http.body < 1', failed, false);
    check('http.status in (502, 503)', failed, true);
    check('not http.status in (502, 503)', failed, false);
    check('postgres.query ~ /^select/', query, false);
    check('postgres.query ~ /^select/i', query, true);
    check('postgres.type == Query', query, true);
    check('websocket.fin == true', { protocols: ['websocket'], decoded: [['fin', 'yes', true]] }, true);
    check('websocket.fin == false', { protocols: ['websocket'], decoded: [['fin', 'yes', true]] }, false);
  });

  test('facts of flow and message', () => {
    check('flow.pid == 12', { pid: 12 }, true);
    check('flow.session contains web', { session: ['Web server', 'a1'] }, true);
    check('flow.session', {}, false);
    check('flow.route == api and flow.listener == dev', { route: 'api', listener: 'dev' }, true);
    check('flow.route != api', {}, false);
    check('flow.protocol == tls', { protocols: ['http1'], flowProtocols: ['tls', 'http1'] }, true);
    check('protocol == tls', { protocols: ['http1'], flowProtocols: ['tls', 'http1'] }, false);
    check('duration >= 90 ms', failed, true);
    check('duration > 0.09s', failed, false);
    check('latency', failed, false);
    check('size > 19KB', failed, true);
    check('bytes < 20KB', failed, true);
    check('bytes == 20000', failed, true);
    check('stream == 3', { stream: 3 }, true);
    check('severity >= warning', { severity: 'error' }, true);
    check('severity > warning', { severity: 'warning' }, false);
    check('severity == note', { severity: 'note' }, true);
    check('marked and not waiting', { isMarked: true }, true);
    check('waiting == true', { isWaiting: true }, true);
    check('problem contains "40 bytes"', { problems: ['length says 40 bytes'] }, true);
    check('answer ~ 503*', failed, true);
    check('answer ~ POST*', failed, false);
    check('not answer', { kind: 'request', summaries: ['GET a'] }, true);
    check('answer == OK', { kind: 'answer', summaries: ['OK'] }, true);
  });

  test('times of day are those here, times with a date and a zone are anywhere', () => {
    const at = (hour: number, minute: number, second: number, millisecond = 0): Facts => ({ startedAt: new Date(2026, 4, 1, hour, minute, second, millisecond).getTime() });
    check('time > 14:02:31', at(14, 2, 31, 1), true);
    check('time > 14:02:31', at(14, 2, 30), false);
    check('time < 9:05', at(9, 4, 59), true);
    check('time == 14:02', at(14, 2, 59), true);
    check('time == 14:02', at(14, 3, 0), false);
    check('time != 14:02:31', at(14, 2, 31, 999), false);
    check('time >= 2026-05-01 and time < 2026-05-02', at(0, 0, 0), true);
    check('time >= "2026-05-01 14:02" and time <= 2026-05-01T14:03', at(14, 2, 30), true);
    check('time == 2026-05-01T12:00:00Z', { startedAt: Date.UTC(2026, 4, 1, 12, 0, 0, 500) }, true);
    check('time == 2026-05-01T14:00:00.5+02:00', { startedAt: Date.UTC(2026, 4, 1, 12, 0, 0, 550) }, true);
  });

  test('bytes are hex with wildcards, a text, or a pattern', () => {
    check('bytes contains 0d0a??00', { wire: [Uint8Array.of(1, 0x0d, 0x0a, 7, 0)] }, true);
    check('bytes contains "0D 0A ?? 00"', { wire: [Uint8Array.of(1, 0x0d, 0x0a, 7, 0)] }, true);
    check('bytes contains "??0a??"', { wire: [Uint8Array.of(0x0a, 7)] }, false);
    check('bytes contains "??0a??"', { wire: [Uint8Array.of(0x0a, 0x0a, 7)] }, true);
    check('bytes contains "cafe"', { wire: ['a cafe'] }, true);
    check('bytes contains cafe', { wire: ['a cafe'] }, false);
    check('bytes contains cafe', { wire: [Uint8Array.of(0xca, 0xfe)] }, true);
    check('bytes contains order', { wire: ['an order'] }, true);
    check('bytes contains Order', { wire: ['an order'] }, false);
    check('bytes contains "käse"', { wire: ['ein käse'] }, true);
    check('bytes ~ /\\xff\\r/', failed, true);
    check('bytes contains 00', {}, false);
  });

  test('a word that is no field is looked for everywhere, case ignored', () => {
    check('ORDERS', failed, true);
    check('"service unavailable"', failed, true);
    check('order-4711', failed, true);
    check('api.test', failed, true);
    check('8812', query, true);
    check('post orders', failed, true);
    check('post items', failed, false);
    check('post "Service Un" and not items', failed, true);
    check('not orders', failed, false);
    check('text contains "{…}"', failed, true);
    check('redis', get, true);
    check('http', h2, true);
    check('http', get, false);
    check('redis and not cart', get, false);
  });

  test('bytes are read where texts may be cut, and after everything that is cheaper', () => {
    const reads = (source: string, facts: Facts): number => {
      const filter = parseFilter(source);
      assert.ok('matches' in filter, JSON.stringify(filter));
      const judged = subject(facts);
      filter.matches(judged);
      return judged.reads;
    };
    const small: Facts = { ...get, bytes: 60 };
    assert.equal(reads('elsewhere', small), 0);
    assert.equal(reads('elsewhere', failed), 1);
    assert.equal(reads('elsewhere', { kind: 'undecoded', bytes: 60, wire: ['x'] }), 1);
    assert.equal(reads('orders', failed), 0);
    assert.equal(reads('bytes contains 00 and text ~ /x/ and latency > 5ms', { ...failed, latencyMs: 1 }), 0);
    assert.equal(reads('bytes contains 00 or redis.command == get', get), 0);
    const usesBytes = (source: string): unknown => (parseFilter(source) as { usesBytes?: boolean }).usesBytes;
    assert.deepEqual(['redis.command == get', 'bytes > 10', 'problem or http.status > 500', 'bytes contains 00', 'orders', 'problem and text ~ "a*"'].map(usesBytes), [false, false, false, true, true, true]);
  });

  test('selectors with the same key choose the same fields', () => {
    const key = (name: string): unknown => (selectorOf(name) as { key?: string }).key;
    assert.equal(key('http."content-type"'), key('HTTP."Content-Type"'));
    assert.equal(key('http.content-type'), key('http.Content_Type'));
    assert.notEqual(key('http."content-type"'), key('http.content-type'));
    assert.notEqual(key('http.host'), key('http1.host'));
    assert.equal(key('http.status'), key('HTTP.Status'));
  });

  test('every name for a decoded field is one of a protocol that there is', () => {
    for (const [name, { paths }] of Object.entries(aliases)) {
      const head = name.split('.')[0]!;
      const ids = groups[head] ?? [head];
      for (const id of Object.keys(paths)) assert.ok(protocolOf(id) !== undefined && (name === 'sql' || ids.includes(id) || head === 'memcached'), `${name}: ${id}`);
    }
  });

  test('the names that are offered are those that dissectors write ("npm run catalogue" writes them down)', () => {
    const found = fieldNamesOf(join(__dirname, '..', '..', '..', 'test', 'conformance'));
    assert.deepEqual(fieldNames, Object.fromEntries(Object.entries(found).map(([id, names]) => [id, names.join(' ')])));
  });
});
