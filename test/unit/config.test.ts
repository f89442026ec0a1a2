// The rule file: what it means, and what is said where when it is wrong.
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { addressOf } from '../../src/core/config/address.js';
import { covers } from '../../src/core/config/covers.js';
import { nearest } from '../../src/core/config/nearest.js';
import { parseRules } from '../../src/core/config/parse.js';
import { createRuleService } from '../../src/core/config/service.js';
import type { Condition, ListenerRule, RuleProblem } from '../../src/shared/rules.js';

const root = join(__dirname, '..', '..', '..');

function rulesOf(text: string): ListenerRule[] {
  const { rules, problems } = parseRules(text, 'src');
  assert.deepEqual(problems.filter(({ severity }) => severity === 'error'), []);
  assert.ok(rules);
  return rules.listeners;
}

function firstOf(text: string): ListenerRule {
  const [listener] = rulesOf(text);
  assert.ok(listener);
  return listener;
}

function conditionOf(match: string): Condition | undefined {
  return firstOf(`{"listeners":[{"listen":"3000","routes":[{"match":${match},"to":1}]}]}`).routes[0]?.condition;
}

suite('rule file: what it means', () => {
  test('the example of the design, as a whole', () => {
    const listener = firstOf(`{
      "$schema": "x",
      "listeners": [{
        "name": "dev", // a comment
        "listen": "127.0.0.1:3000",
        "inspect": { "timeoutMs": 250, "maxBytes": 4096 },
        "routes": [
          { "name": "api", "match": { "protocol": "http", "host": "api.localhost", "path": "/v1/*" }, "to": "127.0.0.1:8080" },
          { "name": "grpc", "match": { "protocol": "grpc" }, "to": ["50051", "[::1]:50052"], "balance": "leastConnections" },
          { "name": "off", "enabled": false, "match": { "process": "mysql*" }, "to": 3306, },
        ],
        "default": "9000",
      }],
    }`);
    assert.deepEqual(listener, {
      id: 'src/dev',
      name: 'dev',
      isEnabled: true,
      listen: { kind: 'tcp', host: '127.0.0.1', port: 3000 },
      inspect: { timeoutMs: 250, maxBytes: 4096 },
      idleMs: 0,
      connectTimeoutMs: 5000,
      routes: [
        {
          name: 'api',
          isEnabled: true,
          condition: { kind: 'all', of: [{ kind: 'protocol', ids: ['http1', 'http2', 'grpc', 'websocket'] }, { kind: 'http', host: ['api.localhost'], path: ['/v1/*'] }] },
          to: { upstreams: [{ kind: 'tcp', host: '127.0.0.1', port: 8080 }], balance: 'roundRobin' },
        },
        {
          name: 'grpc',
          isEnabled: true,
          condition: { kind: 'protocol', ids: ['grpc'] },
          to: { upstreams: [{ kind: 'tcp', host: '127.0.0.1', port: 50051 }, { kind: 'tcp', host: '::1', port: 50052 }], balance: 'leastConnections' },
        },
        { name: 'off', isEnabled: false, condition: { kind: 'process', globs: ['mysql*'] }, to: { upstreams: [{ kind: 'tcp', host: '127.0.0.1', port: 3306 }], balance: 'roundRobin' } },
      ],
      fallback: { upstreams: [{ kind: 'tcp', host: '127.0.0.1', port: 9000 }], balance: 'roundRobin', whenSilent: false },
    });
  });

  test('what is left out', () => {
    const listeners = rulesOf('{"listeners":[{"listen":3000},{"listen":"0.0.0.0:3001","routes":[{"to":1},{"enabled":false,"to":2}],"default":{"to":["3","4"],"balance":"first","whenSilent":true}},{"listen":"unix:/tmp/a"}]}');
    assert.deepEqual(listeners.map(({ id, name, inspect }) => [id, name, inspect.timeoutMs, inspect.maxBytes]), [['src/3000', '3000', 300, 16384], ['src/0.0.0.0:3001', '0.0.0.0:3001', 3000, 16384], ['src/unix:/tmp/a', 'unix:/tmp/a', 300, 16384]]);
    assert.deepEqual(listeners[1]?.routes.map(({ name, condition }) => [name, condition.kind]), [['route 1', 'always'], ['route 2', 'always']]);
    assert.equal(listeners[1]?.fallback?.whenSilent, true);
    assert.equal(listeners[0]?.fallback, undefined);
  });

  const conditions: [string, Condition][] = [
    ['{}', { kind: 'always' }],
    ['{"protocol":["ssh","http"]}', { kind: 'protocol', ids: ['ssh', 'http1', 'http2', 'grpc', 'websocket'] }],
    ['{"tls":true}', { kind: 'tls' }],
    ['{"tls":{"sni":"*.test","alpn":["h2"]}}', { kind: 'tls', sni: ['*.test'], alpn: ['h2'] }],
    ['{"http":{"method":"GET","headers":{"X-Team":"blue"}}}', { kind: 'http', method: ['GET'], headers: [{ name: 'x-team', values: ['blue'] }] }],
    ['{"method":["GET","HEAD"]}', { kind: 'http', method: ['GET', 'HEAD'] }],
    ['{"payload":{"offset":0,"hex":["474554","50 4F 53"]}}', { kind: 'payload', offset: 0, hex: ['474554', '504f53'] }],
    ['{"payload":"0x2a320d0a"}', { kind: 'payload', offset: 0, hex: ['2a320d0a'] }],
    ['{"payload":{"offset":2,"hex":"16:03","mask":"ffF0"}}', { kind: 'payload', offset: 2, hex: ['1603'], mask: 'fff0' }],
    ['{"pattern":"^HELO "}', { kind: 'pattern', source: '^HELO ', flags: '', maxBytes: 1024 }],
    ['{"pattern":{"source":"^a","flags":"i","maxBytes":9}}', { kind: 'pattern', source: '^a', flags: 'i', maxBytes: 9 }],
    ['{"remote":["10.0.0.0/8","::1"]}', { kind: 'remote', ranges: ['10.0.0.0/8', '::1/128'] }],
    ['{"silent":true}', { kind: 'silent' }],
    ['{"silent":false}', { kind: 'not', of: { kind: 'silent' } }],
    ['{"not":{"protocol":"ssh"}}', { kind: 'not', of: { kind: 'protocol', ids: ['ssh'] } }],
    ['[{"protocol":"ssh"},{"remote":"10.0.0.1"}]', { kind: 'any', of: [{ kind: 'protocol', ids: ['ssh'] }, { kind: 'remote', ranges: ['10.0.0.1/32'] }] }],
    ['{"any":[{"protocol":"ssh"},{"silent":true}],"remote":"::1"}', { kind: 'all', of: [{ kind: 'any', of: [{ kind: 'protocol', ids: ['ssh'] }, { kind: 'silent' }] }, { kind: 'remote', ranges: ['::1/128'] }] }],
  ];
  for (const [match, condition] of conditions) test(`match ${match}`, () => assert.deepEqual(conditionOf(match), condition));

  test('the signature table of the tutorials is taken as it is written', () => {
    const table = ['474554', '504f53', '505554', '44454c', '4f5054', '484541', '434f4e', '545241', '535348', '2a320d0a'];
    assert.deepEqual(conditionOf(`{"payload":{"offset":0,"hex":${JSON.stringify(table)}}}`), { kind: 'payload', offset: 0, hex: table });
  });

  test('places point at what is written, disabled routes included', () => {
    const text = '{"listeners":[{"listen":1,"routes":[{"enabled":false,"to":2},{"to":3}]}]}';
    const { places } = parseRules(text, 's');
    assert.deepEqual(places.map(({ listener, route, start, end }) => [listener, route, text.slice(start, end)]), [
      [0, undefined, '{"listen":1,"routes":[{"enabled":false,"to":2},{"to":3}]}'],
      [0, 0, '{"enabled":false,"to":2}'],
      [0, 1, '{"to":3}'],
    ]);
  });
});

suite('addresses', () => {
  const good: [string | number, string, number][] = [[3000, '127.0.0.1', 3000], ['3000', '127.0.0.1', 3000], ['0', '127.0.0.1', 0], ['localhost:80', 'localhost', 80], ['[::1]:3000', '::1', 3000], ['[fe80::1%eth0]:3000', 'fe80::1%eth0', 3000], ['0.0.0.0:3000', '0.0.0.0', 3000], ['my-host.example:65535', 'my-host.example', 65535]];
  for (const [text, host, port] of good) test(`${text}`, () => assert.deepEqual(addressOf(text, 'listen'), { address: { kind: 'tcp', host, port } }));

  const paths: [string, string][] = [['unix:/tmp/x.sock', '/tmp/x.sock'], ['pipe:prism', '\\\\.\\pipe\\prism'], ['\\\\.\\pipe\\prism', '\\\\.\\pipe\\prism']];
  for (const [text, path] of paths) test(text, () => assert.deepEqual(addressOf(text, 'listen'), { address: { kind: 'path', path } }));

  const bad: [string, string | undefined][] = [
    ['', undefined],
    [':3000', '127.0.0.1:3000'],
    ['*:3000', '127.0.0.1:3000'],
    ['70000', undefined],
    ['localhost', 'localhost:3000'],
    ['localhost:http', undefined],
    ['::1:3000', '[::1]:3000'],
    ['::1', '[::1]:3000'],
    ['[::1]', '[::1]:3000'],
    ['[zz]:1', undefined],
    ['256.1.1.1:80', undefined],
    ['10.1:80', undefined],
    ['a b:80', undefined],
    ['-x:80', undefined],
    ['http://localhost:8080/a', 'localhost:8080'],
    ['https://api.test', 'api.test:443'],
    ['/tmp/x.sock', 'unix:/tmp/x.sock'],
    ['unix:x.sock', undefined],
    ['unix:', undefined],
    [`unix:/${'x'.repeat(110)}`, undefined],
    ['pipe:a/b', undefined],
  ];
  for (const [text, better] of bad) {
    test(`"${text.slice(0, 30)}" is refused${better === undefined ? '' : `, ${better} is offered`}`, () => {
      const result = addressOf(text, 'listen');
      assert.ok('problem' in result);
      assert.equal(result.better, better);
      if (better !== undefined) assert.ok('address' in addressOf(better, 'listen'));
    });
  }

  test('port 0 is for listening only', () => assert.ok('problem' in addressOf('0', 'target')));
});

/** `⟦` and `⟧` mark where the problem stands; they are not part of the text. */
function marked(text: string): { text: string; start: number; end: number } {
  const start = text.indexOf('⟦');
  const end = text.indexOf('⟧') - 1;
  return { text: text.replace('⟦', '').replace('⟧', ''), start, end };
}

function problemAt(source: string, code: string): RuleProblem {
  const { text, start, end } = marked(source);
  const { problems } = parseRules(text, 's');
  const found = problems.find((problem) => problem.code === code && problem.start === start && problem.end === end);
  assert.ok(found, `no ${code} at ${start}-${end}; said was ${JSON.stringify(problems.map((problem) => [problem.code, text.slice(problem.start, problem.end), problem.message]), undefined, 1)}`);
  const before = text.slice(0, start).split('\n');
  assert.deepEqual([found.line, found.column], [before.length - 1, before[before.length - 1]?.length]);
  const until = text.slice(0, end).split('\n');
  assert.deepEqual([found.endLine, found.endColumn], [until.length - 1, until[until.length - 1]?.length]);
  return found;
}

const inRoute = (match: string, rest = ''): string => `{\n  "listeners": [{\n    "listen": "3000",\n    "routes": [\n      { "name": "a", "match": ${match}, "to": "8080" }${rest}\n    ]\n  }]\n}`;

suite('rule file: problems, at their place', () => {
  const errors: [string, string, string, string?][] = [
    ['an unknown key', '{"listeners":[{⟦"lisen"⟧:"3000"}]}', 'unknownKey', '"listen"'],
    ['a key of another tool', '{"listeners":[{"listen":1,"routes":[{⟦"target"⟧:"3000"}]}]}', 'unknownKey', '"to"'],
    ['a key of another case', '{"listeners":[{"listen":1,"inspect":{⟦"timeoutms"⟧:5}}]}', 'unknownKey', '"timeoutMs"'],
    ['a key without neighbour', inRoute('{ ⟦"colour"⟧: 1 }'), 'unknownKey'],
    ['a key written twice', '{"listeners":[{"listen":1,⟦"listen"⟧:2}]}', 'duplicateKey'],
    ['no listeners', '⟦{⟧}', 'missingKey'],
    ['no listen', '{"listeners":[⟦{⟧"routes":[]}]}', 'missingKey'],
    ['a wrong type', '{"listeners":⟦{}⟧}', 'wrongType'],
    ['a wrong type of a route', '{"listeners":[{"listen":1,"routes":[⟦7⟧]}]}', 'wrongType'],
    ['a wrong type of a number', '{"listeners":[{"listen":1,"idleMs":⟦"1s"⟧}]}', 'wrongType'],
    ['a number out of range', '{"listeners":[{"listen":1,"inspect":{"maxBytes":⟦1000000⟧}}]}', 'badValue'],
    ['a bad port', '{"listeners":[{"listen":⟦70000⟧}]}', 'badAddress'],
    ['a bad host', '{"listeners":[{"listen":1,"default":⟦"a b:80"⟧}]}', 'badAddress'],
    ['a target that is a URL', '{"listeners":[{"listen":1,"routes":[{"to":["1",⟦"http://x:8/"⟧]}]}]}', 'badAddress', '"x:8"'],
    ['bad hex', inRoute('{ "payload": { "hex": ["474554", ⟦"GET"⟧] } }'), 'badHex', '"474554"'],
    ['an odd number of hex digits', inRoute('{ "payload": ⟦"47455"⟧ }'), 'badHex'],
    ['a mask of another length', inRoute('{ "payload": { "hex": "4745", "mask": ⟦"ff"⟧ } }'), 'badHex'],
    ['a bad pattern', inRoute('{ "pattern": ⟦"^a("⟧ }'), 'badPattern'],
    ['lookahead', inRoute('{ "pattern": ⟦"^(?=a)"⟧ }'), 'badPattern'],
    ['a bad pattern flag', inRoute('{ "pattern": { "source": "^a", "flags": ⟦"g"⟧ } }'), 'badPattern'],
    ['a bad glob', inRoute('{ "host": ⟦"[a"⟧ }'), 'badGlob'],
    ['a bad range', inRoute('{ "remote": ⟦"10.0.0.0/40"⟧ }'), 'badRange'],
    ['an unknown protocol', inRoute('{ "protocol": ["ssh", ⟦"postgress"⟧] }'), 'unknownProtocol', '"postgres"'],
    ['a protocol by another name', inRoute('{ "protocol": ⟦"https"⟧ }'), 'unknownProtocol', '"tls"'],
    ['no target', '{"listeners":[{"listen":1,"routes":[⟦{"match":{}}⟧]}]}', 'noTarget'],
    ['an empty list of targets', '{"listeners":[{"listen":1,"routes":[{"to":⟦[]⟧}]}]}', 'noTarget'],
    ['an empty list of conditions', inRoute('⟦[]⟧'), 'badValue'],
    ['a route called default', '{"listeners":[{"listen":1,"routes":[{"name":⟦"default"⟧,"to":2}]}]}', 'badValue'],
    ['two routes of one name', inRoute('{}', ',\n      { "name": ⟦"a"⟧, "match": { "protocol": "ssh" }, "to": "1" }'), 'duplicateName'],
    ['two listeners of one name', '{"listeners":[{"name":"x","listen":1},{"name":⟦"x"⟧,"listen":2}]}', 'duplicateName'],
    ['two listeners on one port', '{"listeners":[{"name":"x","listen":"3000"},{"name":"y","listen":⟦"127.0.0.1:3000"⟧}]}', 'duplicateListen'],
    ['a target that is the listener', '{"listeners":[{"listen":"127.0.0.1:3000","default":⟦"localhost:3000"⟧}]}'.replace('127.0.0.1:3000', 'localhost:3000'), 'targetIsListener'],
    ['a target that is the listener on all addresses', '{"listeners":[{"listen":"0.0.0.0:3000","routes":[{"to":["1",⟦"3000"⟧]}]}]}', 'targetIsListener'],
    ['an unknown balance', '{"listeners":[{"listen":1,"routes":[{"to":2,"balance":⟦"roundrobin"⟧}]}]}', 'badValue', '"roundRobin"'],
  ];
  for (const [name, source, code, suggestion] of errors) {
    test(`error: ${name}`, () => {
      const problem = problemAt(source, code);
      assert.equal(problem.severity, 'error');
      assert.match(problem.message, /^["A-Z0-9[(].*[.?]$/s, 'a sentence');
      assert.equal(problem.suggestion?.newText, suggestion);
      assert.equal(parseRules(marked(source).text, 's').rules, undefined);
    });
  }

  const warnings: [string, string, string, 'warning' | 'info'][] = [
    ['a route below a catch-all', inRoute('{}', ',\n      { "match": ⟦{ "protocol": "ssh" }⟧, "to": "1" }'), 'unreachableRoute', 'warning'],
    ['the same condition twice', inRoute('{ "tls": { "sni": "a.test" } }', ',\n      { "match": ⟦{ "tls": { "sni": ["a.test"] } }⟧, "to": "1" }'), 'duplicateMatch', 'warning'],
    ['a narrower name below a wider one', inRoute('{ "tls": { "sni": "*.test" } }', ',\n      { "match": ⟦{ "tls": { "sni": "a.test", "alpn": "h2" } }⟧, "to": "1" }'), 'shadowedRoute', 'warning'],
    ['two routes for the same prefix', inRoute('{ "payload": "4745" }', ',\n      { "match": ⟦{ "payload": ["474554"] }⟧, "to": "1" }'), 'shadowedRoute', 'warning'],
    ['grpc below http', inRoute('{ "protocol": "http" }', ',\n      { "match": ⟦{ "protocol": "grpc" }⟧, "to": "1" }'), 'shadowedRoute', 'warning'],
    ['a default that is never used', '{"listeners":[{"listen":1,"routes":[{"to":2}],"default":⟦3⟧}]}', 'unusedDefault', 'info'],
    ['a server-first protocol', inRoute('⟦{ "protocol": "mysql" }⟧'), 'serverFirstProtocol', 'warning'],
    ['a pattern without anchor', inRoute('⟦{ "pattern": "foo" }⟧'), 'unanchoredPattern', 'warning'],
    ['a pattern that any bytes keep open', inRoute('⟦{ "pattern": "^.*foo" }⟧'), 'unboundedPattern', 'warning'],
    ['a pattern that needs the end', inRoute('⟦{ "pattern": "^foo$" }⟧'), 'patternNeedsEnd', 'warning'],
    ['more bytes than the first burst', inRoute('⟦{ "protocol": "postgres", "payload": { "offset": 8, "hex": "75" } }⟧'), 'slowCondition', 'info'],
    ['an offset that nothing guards', inRoute('⟦{ "payload": { "offset": 40, "hex": "75" } }⟧'), 'slowCondition', 'info'],
    ['more bytes than are looked at', inRoute('⟦{ "payload": { "offset": 20000, "hex": "75" } }⟧'), 'neverDecided', 'warning'],
    ['a lower-case method', inRoute('{ "method": ⟦"get"⟧ }'), 'methodCase', 'warning'],
    ['a path without slash', inRoute('{ "path": ⟦"v1"⟧ }'), 'pathStart', 'warning'],
  ];
  for (const [name, source, code, severity] of warnings) {
    test(`${severity}: ${name}`, () => {
      assert.equal(problemAt(source, code).severity, severity);
      assert.notEqual(parseRules(marked(source).text, 's').rules, undefined, 'it does not keep the file from being used');
    });
  }

  const fine: [string, string][] = [
    ['a catch-all that is last', inRoute('{ "protocol": "ssh" }', ',\n      { "match": {}, "to": "1" }')],
    ['a wider name below a narrower one', inRoute('{ "tls": { "sni": "a.test" } }', ',\n      { "match": { "tls": { "sni": "*.test" } }, "to": "1" }')],
    ['a disabled route below a catch-all', inRoute('{}', ',\n      { "enabled": false, "match": { "protocol": "ssh" }, "to": "1" }')],
    ['the table of the tutorials', inRoute('{ "payload": { "offset": 0, "hex": ["474554", "504f53", "535348", "2a320d0a"] } }')],
    ['an anchored pattern', inRoute('{ "pattern": "^HELO [a-z]+\\\\r\\\\n" }')],
    ['port 0 twice', '{"listeners":[{"name":"x","listen":"0"},{"name":"y","listen":"0"}]}'],
    ['a loopback neighbour', '{"listeners":[{"listen":"127.0.0.2:3000","default":"127.0.0.1:3000"}]}'],
    ['another listener as target', '{"listeners":[{"listen":"3000","default":"3001"},{"listen":"3001","default":"80"}]}'],
  ];
  for (const [name, text] of fine) test(`nothing to say about ${name}`, () => assert.deepEqual(parseRules(text, 's').problems, []));

  test('the two ways for a server-first protocol are named', () => {
    const { message } = problemAt(inRoute('⟦{ "protocol": ["smtp", "mysql"] }⟧'), 'serverFirstProtocol');
    assert.match(message, /smtp, mysql/);
    assert.match(message, /"process"/);
    assert.match(message, /"silent": true/);
  });

  test('not JSON is said where it is, and everything else is left out', () => {
    const text = '{\n  "listeners": [\n    { "listen" "3000" }\n  ]\n}';
    const { problems, rules } = parseRules(text, 's');
    assert.equal(rules, undefined);
    assert.ok(problems.every(({ code }) => code === 'notJson'));
    assert.deepEqual([problems[0]?.line, problems[0]?.column], [2, 15]);
    assert.match(problems[0]?.message ?? '', /colon is expected/);
  });

  for (const text of ['', '  \n', '// only a comment\n']) {
    test(`an empty file (${JSON.stringify(text)}) says what it needs`, () => assert.match(parseRules(text, 's').problems[0]?.message ?? '', /empty.*"listeners"/));
  }

  test('lines are counted after CRLF and CR as well', () => {
    const { problems } = parseRules('{\r\n"listeners": [\r\n{ "lisen": 1 }]}', 's');
    assert.deepEqual(problems.filter(({ code }) => code === 'unknownKey').map(({ line, column }) => [line, column]), [[2, 2]]);
  });

  test('any text is an answer', () => {
    const text = readFileSync(join(root, 'demo', '.vscode', 'port-prism.json'), 'utf8');
    for (let cut = 0; cut < text.length; cut += 7) {
      const parsed = parseRules(text.slice(0, cut) + text.slice(cut + 3), 's');
      assert.ok(parsed.problems.every(({ start, end }) => 0 <= start && start <= end && end <= text.length));
    }
  });
});

suite('did you mean', () => {
  const cases: [string, string | undefined][] = [['lisen', 'listen'], ['listne', 'listen'], ['LISTEN', 'listen'], ['nme', 'name'], ['xyz', undefined], ['to', undefined]];
  for (const [word, meant] of cases) test(`${word}: ${meant ?? 'nothing'}`, () => assert.equal(nearest(word, ['listen', 'name', 'routes']), meant));
});

suite('one condition covers another', () => {
  const cases: [string, string, boolean][] = [
    ['{}', '{"protocol":"ssh"}', true],
    ['{"protocol":"http"}', '{"protocol":"http","host":"a"}', true],
    ['{"protocol":"http"}', '{"host":"a"}', true],
    ['{"protocol":"http","host":"a"}', '{"protocol":"http"}', false],
    ['{"host":"*.test"}', '{"host":["a.test","*.b.test"]}', true],
    ['{"host":"*.test"}', '{"host":"{a,b}.test"}', true],
    ['{"host":"*.test"}', '{"host":"a.tes?"}', false],
    ['{"path":"/v1/*"}', '{"path":"/v1/users*"}', true],
    ['{"path":"/v1/*"}', '{"path":"/v*"}', false],
    ['{"tls":true}', '{"tls":{"sni":"a"}}', true],
    ['{"protocol":"tls"}', '{"tls":{"sni":"a"}}', true],
    ['{"tls":true}', '{"protocol":"tls"}', true],
    ['{"payload":"47"}', '{"payload":["4745","4700"]}', true],
    ['{"payload":{"offset":1,"hex":"45"}}', '{"payload":"474554"}', true],
    ['{"payload":"474554"}', '{"payload":"47"}', false],
    ['{"remote":"10.0.0.0/8"}', '{"remote":["10.1.0.0/16","10.2.3.4"]}', true],
    ['{"remote":"10.0.0.0/8"}', '{"remote":"::ffff:0:0/96"}', false],
    ['[{"protocol":"ssh"},{"protocol":"redis"}]', '{"protocol":"redis","remote":"::1"}', true],
    ['{"protocol":"ssh"}', '[{"protocol":"ssh"},{"protocol":"redis"}]', false],
    ['{"not":{"protocol":"ssh"}}', '{"not":{"protocol":["ssh","redis"]}}', true],
    ['{"process":"mysql*"}', '{"process":"MySQLdump"}', true],
    ['{"protocol":["http1"]}', '{"protocol":"websocket"}', true],
    ['{"protocol":"grpc"}', '{"protocol":"http2"}', false],
  ];
  for (const [wide, narrow, expected] of cases) {
    test(`${wide} ${expected ? 'covers' : 'does not cover'} ${narrow}`, () => {
      const [a, b] = [conditionOf(wide), conditionOf(narrow)];
      assert.ok(a !== undefined && b !== undefined);
      assert.equal(covers(a, b), expected);
    });
  }
});

suite('the rule service', () => {
  const service = createRuleService();

  test('the template has nothing wrong with it, and keeps its promises', () => {
    const { problems, rules } = service.parse(service.template(), 's');
    assert.deepEqual(problems, []);
    assert.equal(rules?.listeners[0]?.routes.length, 8);
  });

  test('the demo’s rule file has nothing wrong with it', () => {
    assert.deepEqual(service.parse(readFileSync(join(root, 'demo', '.vscode', 'port-prism.json'), 'utf8'), 'demo').problems, []);
  });

  test('tries bytes on a listener of the text', () => {
    const text = service.template();
    const ask = (bytes: string, more = {}): ReturnType<typeof service.tryBytes> => service.tryBytes({ text, listener: 0, bytes: Uint8Array.from(Buffer.from(bytes, 'latin1')), isEnded: false, ...more });
    assert.deepEqual([ask('GET /api/x HTTP/1.1\r\n').route, ask('GET / HTTP/1.1\r\n').route, ask('*1\r\n$4\r\nPING\r\n').route], [0, 1, 3]);
    assert.equal(ask('*1\r\n$4\r\nPING\r\n').protocol.id, 'redis');
    assert.equal(ask('', { process: 'mysql', isEnded: true }).route, 6);
    assert.equal(ask('SS').route, undefined);
    assert.match(ask('SS').trace.summary, /^undecided: route api needs more bytes/);
    assert.match(ask('SS', { isEnded: true }).trace.summary, /^closed/);
    assert.match(service.tryBytes({ text: '{"listeners":[{"lisen":1}]}', listener: 0, bytes: new Uint8Array(0), isEnded: false }).trace.summary, /errors/);
    assert.match(ask('x', { listener: 9 }).trace.summary, /errors/);
  });

  test('a listener that is well-formed can be tried beside one that is not', () => {
    const text = '{"listeners":[{"lisen":1},{"listen":2,"default":3}]}';
    assert.equal(service.tryBytes({ text, listener: 1, bytes: Uint8Array.of(1), isEnded: false }).route, -1);
  });

  test('problems of a fragment are those inside it, with the fragment in its place', () => {
    const text = '{"listeners":[{"listen":"3000","colour":1,"routes":[{"name":"a","to":1},{"name":"b","to":2}]}]}';
    const found = service.tryFragment(text, ['listeners', 0, 'routes', 1], { name: 'a', match: { protocol: 'redsi' }, to: '1' });
    assert.deepEqual(found.map(({ code }) => code), ['duplicateName', 'unknownProtocol']);
    assert.deepEqual(service.tryFragment(text, ['listeners', 0, 'routes', 0], { name: 'c', match: { protocol: 'ssh' }, to: '1' }), []);
  });

  test('reads a fragment as plain JSON', () => {
    assert.deepEqual(service.read('{"listeners":[{"listen":"1", /* x */ "routes":[]}]}', ['listeners', 0])?.value, { listen: '1', routes: [] });
    assert.equal(service.read('{}', ['listeners', 0]), undefined);
  });

  test('knows groups and who speaks first', () => {
    const choices = service.protocols();
    assert.equal(choices[0]?.id, 'http');
    const silent = choices.filter(({ firstSpeaker }) => firstSpeaker === 'server').map(({ id }) => id);
    assert.deepEqual(['mysql', 'ftp', 'smtp', 'redis'].map((id) => silent.includes(id)), [true, true, true, false]);
  });
});
