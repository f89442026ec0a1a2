// The rule editor's form: nothing of the file is lost, and a change changes that and nothing else.

import assert from 'node:assert/strict';
import fc from 'fast-check';
import type { Json, RuleProblem } from '../../src/shared/rules.js';
import { canAdd, newRow, rowPath } from '../../webview/ruleEditor/conditions.js';
import { composeForm, matchPath, parseForm, type ListenerForm, type RouteForm } from '../../webview/ruleEditor/formModel.js';
import { placeProblems } from '../../webview/ruleEditor/problemPlaces.js';
import { createRuleService } from '../../src/core/config/service.js';
import { parseTryInput, toDigits } from '../../webview/ruleEditor/tryInput.js';
import { isSameJson, joinValues, splitValues } from '../../webview/ruleEditor/valueText.js';

function route(value: Json): RouteForm {
  const form = parseForm('route', value);
  assert.ok(form?.kind === 'route');
  return form;
}

function listener(value: Json): ListenerForm {
  const form = parseForm('listener', value);
  assert.ok(form?.kind === 'listener');
  return form;
}

const routes: { [key: string]: Json }[] = [
  { name: 'api', match: { protocol: 'http', host: 'api.localhost', path: '/v1/*' }, to: '127.0.0.1:8080' },
  { name: 'grpc', match: { protocol: 'grpc' }, to: ['50051', '50052'], balance: 'leastConnections' },
  { name: 'tls', match: { tls: { sni: '*.test', alpn: ['h2', 'http/1.1'] } }, to: ['8443'] },
  { name: 'web', match: { protocol: 'http', http: { host: 'shop.{a,b}.test', headers: { accept: '*json*' } } }, to: '6175' },
  { name: 'odd', match: { payload: { offset: 0, hex: ['474554', '504f53'], mask: 'ffffff' } }, to: '9001' },
  { name: 'many', enabled: false, match: [{ protocol: ['http1', 'http2'] }, { not: { process: 'curl*' }, silent: true }, 'strange'], to: { service: 'files', root: '.' } },
  { name: 'nots', match: { not: [{ remote: '10.0.0.0/8' }, { tls: { sni: 'a.test' } }], all: [{ protocol: 'redis' }], pattern: { source: '^A', maxBytes: 9 } }, to: [], comment: 1 },
  { name: 'not two', match: { not: { host: 'a', path: '/b' } }, to: 7 },
  { name: 'bare', to: '1' },
  { name: 'short', match: [{ payload: '0a0b0c' }, { payload: ['474554', '504f53'] }, { pattern: { source: '^a', flags: 'i' } }, { tls: true }, {}], to: [50051, '50052'] },
];

suite('route form', () => {
  test('writes every route back exactly as it was read', () => {
    for (const value of routes) assert.deepEqual(composeForm(route(value)), value);
  });

  test('writes any JSON back exactly as it was read', () => {
    const keys = fc.constantFrom('name', 'enabled', 'match', 'to', 'balance', 'protocol', 'http', 'tls', 'sni', 'alpn', 'host', 'path', 'headers', 'payload', 'offset', 'hex', 'mask', 'pattern', 'silent', 'not', 'any', 'all', 'default', 'inspect', 'timeoutMs', 'whenSilent', 'x');
    const json = fc.letrec<{ value: Json }>((tie) => ({
      value: fc.oneof({ depthSize: 'small' }, fc.constant(null), fc.boolean(), fc.integer(), fc.constantFrom('', 'a', 'a, b', '{a,b}', '*.test'), fc.array(tie('value'), { maxLength: 3 }), fc.dictionary(keys, tie('value'), { maxKeys: 5, noNullPrototype: true })),
    })).value;
    fc.assert(fc.property(fc.constantFrom('route' as const, 'listener' as const), fc.dictionary(keys, json, { maxKeys: 6, noNullPrototype: true }), (kind, value) => {
      const form = parseForm(kind, value);
      assert.ok(form !== undefined);
      assert.deepEqual(composeForm(form), value);
    }), { numRuns: 2000 });
  });

  test('changing one condition leaves every other key as written', () => {
    const form = route(routes[3] ?? {});
    const host = form.alternatives[0]?.rows.find(({ kind }) => kind === 'host');
    assert.ok(host !== undefined);
    host.inputs['value'] = 'shop.test, *.shop.test';
    assert.deepEqual(composeForm(form), { name: 'web', match: { protocol: 'http', http: { host: ['shop.test', '*.shop.test'], headers: { accept: '*json*' } } }, to: '6175' });
  });

  test('keeps the order of keys in the file', () => {
    const form = route(routes[0] ?? {});
    form.name = 'new';
    assert.deepEqual(Object.keys(composeForm(form)), ['name', 'match', 'to']);
  });

  test('turning a condition around puts it under `not`, several into a list', () => {
    const form = route({ name: 'a', match: { protocol: 'http', host: 'x.test' }, to: '1' });
    const rows = form.alternatives[0]?.rows ?? [];
    for (const row of rows.slice(1)) row.isNot = true;
    assert.deepEqual(composeForm(form)['match'], { protocol: 'http', not: { host: 'x.test' } });
    for (const row of rows) row.isNot = true;
    assert.deepEqual(composeForm(form)['match'], { not: [{ protocol: 'http' }, { host: 'x.test' }] });
  });

  test('a negation beside one that no row can show keeps both', () => {
    const form = route({ name: 'a', match: { not: { host: 'a', path: '/b' } }, to: '1' });
    const row = newRow('protocol');
    row.isNot = true;
    row.inputs['value'] = 'redis';
    form.alternatives[0]?.rows.push(row);
    assert.deepEqual(composeForm(form)['match'], { not: [{ host: 'a', path: '/b' }, { protocol: 'redis' }] });
  });

  test('new conditions are written where the file format has them', () => {
    const form = route({ name: 'a', to: '1' });
    form.alternatives.push({ source: undefined, rows: [] });
    const add = (kind: Parameters<typeof newRow>[0], inputs: Record<string, string>): void => {
      const row = newRow(kind);
      Object.assign(row.inputs, inputs);
      form.alternatives[0]?.rows.push(row);
    };
    add('sni', { value: '*.test' });
    add('alpn', { value: 'h2' });
    add('header', { name: 'accept', value: '*json*' });
    add('payload', { offset: '4', value: '0a0b', mask: '' });
    add('silent', {});
    assert.deepEqual(composeForm(form)['match'], { tls: { sni: '*.test', alpn: 'h2' }, headers: { accept: '*json*' }, payload: { offset: 4, hex: ['0a0b'] }, silent: true });
  });

  test('a shorthand that is changed grows into the long form', () => {
    const form = route({ name: 'a', match: { payload: '0a0b', pattern: '^x' }, to: 3000 });
    const [payload, pattern] = form.alternatives[0]?.rows ?? [];
    assert.ok(payload !== undefined && pattern !== undefined);
    assert.equal(form.to.upstreams[0], '3000');
    payload.inputs['offset'] = '2';
    pattern.inputs['flags'] = 'i';
    assert.deepEqual(composeForm(form), { name: 'a', match: { payload: { offset: 2, hex: ['0a0b'] }, pattern: { source: '^x', flags: 'i' } }, to: 3000 });
  });

  test('each key stands once: a second condition of a kind cannot be added, a header can', () => {
    const alternative = route(routes[0] ?? {}).alternatives[0];
    assert.ok(alternative !== undefined);
    assert.equal(canAdd(alternative, 'host'), false);
    assert.equal(canAdd(alternative, 'method'), true);
    assert.equal(canAdd(alternative, 'header'), true);
  });

  test('the last condition taken away takes `match` away', () => {
    const form = route(routes[1] ?? {});
    form.alternatives[0]?.rows.pop();
    assert.equal('match' in composeForm(form), false);
  });

  test('a second upstream makes a list, and its removal leaves one with no balance', () => {
    const form = route({ name: 'a', to: '1' });
    form.to.upstreams.push('2');
    form.to.balance = 'first';
    assert.deepEqual(composeForm(form), { name: 'a', to: ['1', '2'], balance: 'first' });
    const back = route(composeForm(form));
    back.to.upstreams.pop();
    assert.deepEqual(composeForm(back), { name: 'a', to: '1' });
  });

  test('switching a route off and on again leaves no trace', () => {
    const form = route({ name: 'a', to: '1' });
    form.isEnabled = false;
    assert.deepEqual(composeForm(form), { name: 'a', to: '1', enabled: false });
    const back = route(composeForm(form));
    back.isEnabled = true;
    assert.deepEqual(composeForm(back), { name: 'a', to: '1' });
  });
});

suite('listener form', () => {
  const value: { [key: string]: Json } = { name: 'dev', listen: '127.0.0.1:3000', inspect: { timeoutMs: 300, maxBytes: 16384 }, routes, default: '9000' };

  test('never touches the routes', () => {
    const form = listener(value);
    form.listen = '[::1]:3000';
    form.timeoutMs = '500';
    assert.deepEqual(composeForm(form), { ...value, listen: '[::1]:3000', inspect: { timeoutMs: 500, maxBytes: 16384 } });
  });

  test('an emptied number goes back to the default, what is no number is kept for the check to see', () => {
    const form = listener(value);
    form.maxBytes = '';
    form.timeoutMs = 'soon';
    assert.deepEqual(composeForm(form)['inspect'], { timeoutMs: 'soon' });
    form.timeoutMs = '';
    assert.equal('inspect' in composeForm(form), false);
  });

  test('the default grows into an object only when it must', () => {
    const form = listener(value);
    form.fallback.whenSilent = true;
    assert.deepEqual(composeForm(form)['default'], { to: '9000', whenSilent: true });
    form.fallback.whenSilent = false;
    assert.deepEqual(composeForm(form)['default'], '9000');
    form.fallback.upstreams = [''];
    assert.equal('default' in composeForm(form), false);
  });
});

suite('problems beside their field', () => {
  const problem = (path: (string | number)[] | undefined): RuleProblem => ({ severity: 'error', code: 'x', message: 'm', start: 0, end: 0, line: 0, column: 0, endLine: 0, endColumn: 0, ...(path === undefined ? {} : { path }) });
  const base = ['listeners', 0, 'routes', 2];

  test('go to the deepest field that they stand in', () => {
    const placed = placeProblems([problem([...base, 'match', 'host', 1])], base, [['name'], ['match'], ['match', 'host']]);
    assert.deepEqual([...placed.byField.keys()], [2]);
  });

  test('about the whole rule, or without a path, stay above; of other rules are left out', () => {
    const placed = placeProblems([problem(base), problem(undefined), problem(['listeners', 0, 'routes', 1, 'name'])], base, [['name']]);
    assert.equal(placed.rest.length, 2);
    assert.equal(placed.byField.size, 0);
  });

  test('of the real rule service find the field of the form', () => {
    const text = JSON.stringify({ listeners: [{ name: 'dev', listen: '3000', routes: [{ name: 'a', to: '1' }, { name: 'b', match: { protocol: 'redis' }, to: '2' }] }] });
    const at = ['listeners', 0, 'routes', 1];
    const problems = createRuleService().tryFragment(text, at, { name: 'b', match: { protocol: ['redis', 'rediss'], tls: { sni: '[' } }, to: 'nowhere:x' });
    const fields = [['name'], ['match', 'protocol'], ['match', 'tls', 'sni'], ['to']];
    const placed = placeProblems(problems.filter(({ severity }) => severity === 'error'), at, fields);
    assert.deepEqual([...placed.byField.keys()].sort(), [1, 2, 3]);
    assert.match(placed.byField.get(1)?.[0]?.message ?? '', /rediss/);
  });

  test('find a negated condition by its place in the list', () => {
    const form = route({ name: 'a', match: [{ protocol: 'http' }, { not: [{ remote: '10.0.0.0/8' }, { tls: { sni: 'a' } }] }], to: '1' });
    const alternative = form.alternatives[1];
    const row = alternative?.rows[1];
    assert.ok(alternative !== undefined && row !== undefined);
    assert.deepEqual([...matchPath(form, 1), ...rowPath(alternative, row)], ['match', 1, 'not', 1, 'tls', 'sni']);
  });
});

suite('lists of values as text', () => {
  test('commas inside braces belong to the glob', () => {
    assert.deepEqual(splitValues('*.{a,b}.test, c ,,d'), ['*.{a,b}.test', 'c', 'd']);
    assert.equal(joinValues(['*.{a,b}', 'c']), '*.{a,b}, c');
  });

  test('what would not come back the same is not shown as text', () => {
    assert.equal(joinValues(['a, b']), undefined);
    assert.equal(joinValues([' a']), undefined);
    assert.equal(joinValues(['']), undefined);
    assert.equal(joinValues(['a', 1]), undefined);
    assert.equal(isSameJson({ a: 1, b: [2] }, { b: [2], a: 1 }), true);
  });
});

suite('bytes that a person pastes', () => {
  function check(text: string, readAs: 'hex' | 'text', digits: string): void {
    const input = parseTryInput(text);
    assert.equal(input.readAs, readAs, text);
    assert.equal(toDigits(input.bytes), digits, text);
  }

  test('hex in its usual spellings', () => {
    check('16 03 01', 'hex', '160301');
    check('160301', 'hex', '160301');
    check('0x16, 0x03', 'hex', '1603');
    check('\\x16\\x03', 'hex', '1603');
    check('16:03:01\n02', 'hex', '16030102');
    check('000001a0  50 00 00 4c  P..L', 'hex', '5000004c');
  });

  test('text, with line ends as on the wire and escapes as bytes', () => {
    check('GET / HTTP/1.1\nHost: a\n\n', 'text', Buffer.from('GET / HTTP/1.1\r\nHost: a\r\n\r\n').toString('hex'));
    check('PING\\r\\n', 'text', Buffer.from('PING\r\n').toString('hex'));
    check('q\\x00\\0\\\\', 'text', '7100005c');
    check('abc', 'text', '616263');
  });

  test('nothing is nothing', () => assert.equal(parseTryInput('  ').bytes.length, 0));

  test('is cut at a bound, and says so', () => {
    const input = parseTryInput('x'.repeat(100_000));
    assert.equal(input.bytes.length, 65_536);
    assert.equal(input.isCut, true);
  });
});
