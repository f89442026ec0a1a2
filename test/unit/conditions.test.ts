// Conditions one by one: HTTP heads, globs, patterns, hellos.
import assert from 'node:assert/strict';
import fc from 'fast-check';
import { compile } from '../../src/core/match/compile.js';
import { glob, globProblem } from '../../src/core/match/glob.js';
import { pathOf } from '../../src/core/match/http.js';
import { patternProblem } from '../../src/core/match/pattern.js';
import { patternReach } from '../../src/core/match/patternReach.js';
import { cidrOf } from '../../src/core/match/remote.js';
import type { Verdict } from '../../src/core/match/matcher.js';
import { clientHello } from '../../src/core/protocols/tlsHello.js';
import type { Condition } from '../../src/shared/rules.js';
import { ascii, frame, hello, joined, preface } from './samples.js';

const facts = { remote: '127.0.0.1', process: null, isSilent: false };

/** Verdict after all bytes, and the fewest bytes that give it. */
function settle(condition: Condition, bytes: Uint8Array, ended = false): [Verdict, number] {
  const matcher = compile(condition);
  for (let length = 0; length <= bytes.length; length++) {
    const verdict = matcher.match(bytes.slice(0, length), ended && length === bytes.length, facts);
    if (verdict !== 'more') return [verdict, length];
  }
  return ['more', bytes.length];
}

suite('http condition over HTTP/1', () => {
  const get = 'GET /v1/users?id=1 HTTP/1.1\r\nHost: Api.Localhost:3000\r\nX-Team: red\r\nx-team: blue\r\n\r\n';
  const headEnd = get.length;
  const cases: [string, Condition, string, [Verdict, number]][] = [
    ['a method, once the version is seen', { kind: 'http', method: ['GET'] }, get, ['match', 26]],
    ['another method, at its last letter', { kind: 'http', method: ['POST'] }, get, ['no', 4]],
    ['a path without its query', { kind: 'http', path: ['/v1/*'] }, get, ['match', 26]],
    ['another path, at the space behind it', { kind: 'http', path: ['/v2/*'] }, get, ['no', 19]],
    ['a host without port, whatever the case', { kind: 'http', host: ['api.localhost'] }, get, ['match', get.indexOf('\r\nX') + 2]],
    ['a host with port when the glob has one', { kind: 'http', host: ['api.localhost:3000'] }, get, ['match', get.indexOf('\r\nX') + 2]],
    ['another host, at the end of its line', { kind: 'http', host: ['web.*'] }, get, ['no', get.indexOf('\r\nX') + 2]],
    ['one of several headers of that name', { kind: 'http', headers: [{ name: 'x-team', values: ['blue'] }] }, get, ['match', headEnd - 2]],
    ['a header that is not there, at the end of the head', { kind: 'http', headers: [{ name: 'x-none', values: ['*'] }] }, get, ['no', headEnd]],
    ['any of several values', { kind: 'http', method: ['HEAD', 'GET'], host: ['x', 'api.*'] }, get, ['match', get.indexOf('\r\nX') + 2]],
    ['the authority of an absolute target before Host', { kind: 'http', host: ['a.test'] }, 'GET http://A.test:80/x HTTP/1.1\r\nHost: b\r\n\r\n', ['match', 30]],
    ['no Host at all', { kind: 'http', host: ['*'] }, 'GET / HTTP/1.0\r\n\r\n', ['no', 18]],
    ['bytes that are not HTTP', { kind: 'http', path: ['*'] }, 'SSH-2.0-x\r\n', ['no', 5]],
    ['lines that end in LF', { kind: 'http', host: ['a'] }, 'GET / HTTP/1.1\nHost: a\n\n', ['match', 23]],
  ];
  for (const [name, condition, text, expected] of cases) test(name, () => assert.deepEqual(settle(condition, ascii(text)), expected));

  test('a head without end is refused at 16 KiB, not waited for', () => {
    const matcher = compile({ kind: 'http', host: ['a'] });
    const head = ascii(`GET / HTTP/1.1\r\n${'X: y\r\n'.repeat(3000)}`);
    assert.equal(matcher.match(head.slice(0, 16383), false, facts), 'more');
    assert.equal(matcher.match(head.slice(0, 16384), false, facts), 'no');
    assert.equal(matcher.match(head, false, facts), 'no');
  });

  test('a request line of 20 KB is HTTP', () => {
    const matcher = compile({ kind: 'protocol', ids: ['http1'] });
    const line = (method: string): Uint8Array => ascii(`${method} /${'x'.repeat(20000)} HTTP/1.1\r\n`);
    assert.equal(matcher.match(line('GET').slice(0, 8191), false, facts), 'more');
    assert.equal(matcher.match(line('GET').slice(0, 8192), false, facts), 'match');
    assert.equal(matcher.match(line('GET'), false, facts), 'match');
    assert.equal(matcher.match(line('BREW'), false, facts), 'no');
  });

  const paths: [string, string][] = [['/a?b', '/a'], ['/a#b', '/a'], ['http://h/a?b', '/a'], ['http://h', '/'], ['*', '*'], ['h:443', 'h:443']];
  for (const [target, path] of paths) test(`the path of ${target} is ${path}`, () => assert.equal(pathOf(target), path));
});

suite('http condition over HTTP/2', () => {
  // RFC 7541 C.3.1: GET http www.example.com /
  const request = joined(preface, frame(4, 0, 0), frame(1, 4, 1, [0x82, 0x86, 0x84, 0x41, 0x0f, ...ascii('www.example.com')]));
  const cases: [string, Condition, Verdict][] = [
    ['authority', { kind: 'http', host: ['*.example.com'] }, 'match'],
    ['another authority', { kind: 'http', host: ['*.test'] }, 'no'],
    ['method and path', { kind: 'http', method: ['GET'], path: ['/'] }, 'match'],
    ['a header that is not there', { kind: 'http', headers: [{ name: 'x', values: ['*'] }] }, 'no'],
  ];
  for (const [name, condition, verdict] of cases) test(`${name}: ${verdict} once HEADERS are there`, () => assert.deepEqual(settle(condition, request), [verdict, request.length]));
});

suite('globs', () => {
  const cases: [string, string, boolean][] = [
    ['*', '', true],
    ['*.test', 'a.b.test', true],
    ['*.test', '.test', true],
    ['*.test', 'test', false],
    ['/v1/*', '/v1/a/b', true],
    ['a?c', 'abc', true],
    ['a?c', 'ac', false],
    ['[a-c]x', 'bx', true],
    ['[!a-c]x', 'bx', false],
    ['{api,web}.{test,local}', 'web.local', true],
    ['{api,web}.test', 'app.test', false],
    ['{a,b{c,d}}', 'bd', true],
    ['\\*', '*', true],
    ['\\*', 'x', false],
    ['*a*b*', 'xxaxxbxx', true],
    ['mysql*', 'mysqldump', true],
    ['a.b', 'axb', false],
    ['(a|b)', 'a', false],
  ];
  for (const [source, text, fits] of cases) test(`${source} ${fits ? 'takes' : 'refuses'} "${text}"`, () => assert.equal(glob(source, false)(text), fits));

  test('case matters only when it should', () => {
    assert.equal(glob('A*', false)('abc'), false);
    assert.equal(glob('A*', true)('aBC'), true);
  });

  const wrong: [string, RegExp][] = [['', /empty/], ['[a', /"\["/], ['{a', /"\{"/], ['a\\', /ends in/], ['{a,b}'.repeat(9), /alternatives/], ['x'.repeat(1001), /longer/]];
  for (const [source, problem] of wrong) test(`${source.slice(0, 20)} is refused`, () => assert.match(globProblem(source) ?? '', problem));

  test('agree with a regular expression on stars and question marks', () => {
    const letters = fc.array(fc.constantFrom('a', 'b', '*', '?'), { maxLength: 8 }).map((parts) => parts.join(''));
    const texts = fc.array(fc.constantFrom('a', 'b'), { maxLength: 10 }).map((parts) => parts.join(''));
    fc.assert(fc.property(letters, texts, (source, text) => {
      const expected = new RegExp(`^${source.replace(/\*+/g, '.*').replace(/\?/g, '.')}$`).test(text);
      assert.equal(source === '' ? text === '' : glob(source, false)(text), expected);
    }), { numRuns: 3000 });
  });

  test('many stars on a long text end at once', () => {
    assert.equal(glob('*a*a*a*a*a*a*a*a*a*b', false)('a'.repeat(16384)), false);
  });
});

suite('patterns', () => {
  const pattern = (source: string, maxBytes = 100, flags = ''): Condition => ({ kind: 'pattern', source, flags, maxBytes });
  const cases: [string, Condition, string, [Verdict, number]][] = [
    ['an anchored pattern says no at the first byte that does not fit', pattern('^HELO '), 'HEAD', ['no', 3]],
    ['and match when nothing can change it', pattern('^HELO '), 'HELO there', ['match', 5]],
    ['a pattern without anchor stays open until its limit', pattern('foo', 6), 'barbar', ['no', 6]],
    ['and matches where it stands', pattern('foo', 20), 'barfoo!', ['match', 6]],
    ['alternatives that are all anchored', pattern('^a|^b'), 'c', ['no', 1]],
    ['one that is not', pattern('^a|b'), 'ccb', ['match', 3]],
    ['a dollar waits for the end', pattern('^GET$'), 'GET', ['more', 3]],
    ['and is refused by what follows', pattern('^GET$'), 'GETX', ['no', 4]],
    ['a word boundary waits for the next byte', pattern('^GET\\b'), 'GET ', ['match', 4]],
    ['and is refused by a letter', pattern('^GET\\b'), 'GETS', ['no', 4]],
    ['case folding', pattern('^helo', 100, 'i'), 'HeLo', ['match', 4]],
    ['a line start inside', pattern('^host:', 100, 'im'), 'GET /\nHost: a', ['match', 11]],
    ['bytes above 127', pattern('^\\xff\\xfb'), '\xff\xfb\x01', ['match', 2]],
    ['a byte of zero', pattern('^\\x00.{2}\\x05'), '\x00ab\x05', ['match', 4]],
    ['a counted repeat', pattern('^(ab){3}c'), 'ababab!', ['no', 7]],
  ];
  for (const [name, condition, text, expected] of cases) test(name, () => assert.deepEqual(settle(condition, ascii(text)), expected));

  test('the end that a dollar waits for', () => {
    assert.deepEqual(settle(pattern('^GET$'), ascii('GET'), true), ['match', 3]);
  });

  test('a match over the byte limit does not count', () => {
    assert.deepEqual(settle(pattern('^aaaaab', 5), ascii('aaaaab')), ['no', 5]);
    assert.deepEqual(settle(pattern('a$', 3), ascii('aaaa'), true), ['no', 3]);
  });

  test('catastrophic patterns end', () => {
    for (const source of ['(a*)*b', '(a|a)*b', '(a|aa)+$', '^(([a-z])+.)+[A-Z]([a-z])+$', '(.*)(.*)(.*)(.*)x']) {
      assert.equal(compile(pattern(source, 16384)).match(ascii('a'.repeat(16384)), false, facts), 'no', source);
    }
  });

  test('agrees with JavaScript where both know the syntax', () => {
    const atoms = fc.constantFrom('a', 'b', '.', '[ab]', '(ab)', '(a|b)', '^', '$', '\\b');
    const repeats = fc.constantFrom('', '', '*', '+', '?', '{2}');
    const sources = fc.array(fc.tuple(atoms, repeats).map(([atom, repeat]) => (/^[\^$]|^\\b/.test(atom) ? atom : atom + repeat)), { minLength: 1, maxLength: 5 }).map((parts) => parts.join(''));
    const texts = fc.array(fc.constantFrom('a', 'b', 'c', ' '), { maxLength: 8 }).map((parts) => parts.join(''));
    fc.assert(fc.property(sources, texts, (source, text) => {
      assert.equal(compile(pattern(source, 100)).match(ascii(text), true, facts) === 'match', new RegExp(source).test(text), `/${source}/ on "${text}"`);
    }), { numRuns: 4000 });
  });

  const wrong = ['a(', '(?=a)', '(a)\\1', '[z-a]', 'a{1001}', '(a{100}){100}'];
  for (const source of wrong) test(`${source} is refused`, () => assert.notEqual(patternProblem(source, ''), undefined));
  test('an unknown flag is refused', () => assert.match(patternProblem('a', 'g') ?? '', /"g"/));

  test('reach: what a pattern has to read', () => {
    assert.deepEqual(patternReach('^HELO ', ''), { isAnchored: true, minBytes: 5, maxBytes: 5, needsEnd: false });
    assert.deepEqual(patternReach('^.*x', ''), { isAnchored: true, minBytes: 1, maxBytes: Infinity, needsEnd: false });
    assert.equal(patternReach('^[A-Z]+ /', '')?.maxBytes === Infinity, false);
    assert.equal(patternReach('foo$', '')?.needsEnd, true);
    assert.equal(patternReach('foo', '')?.isAnchored, false);
  });
});

suite('hellos', () => {
  test('no name is believed before the hello is whole, and none is refused on the way', () => {
    const bytes = hello({ sni: 'deep.name.test', alpn: ['h2', 'postgresql'], paddingBytes: 40 });
    assert.deepEqual(clientHello(bytes), { sni: 'deep.name.test', alpn: ['h2', 'postgresql'], isComplete: true });
    for (let length = 0; length < bytes.length; length++) {
      const part = clientHello(bytes.slice(0, length));
      assert.ok(part !== undefined, `refused after ${length} bytes`);
      assert.ok(part.sni === undefined || part.sni === 'deep.name.test');
    }
  });

  const broken: [string, (bytes: Uint8Array) => Uint8Array][] = [
    ['a session id that is too long', (bytes) => changed(bytes, 43, 255)],
    ['extensions that end early', (bytes) => changed(bytes, bytes.length - 6, 255)],
    ['a record of another type in the middle', () => joined(hello({ sni: 'a.test', recordBytes: 40 }).slice(0, 45), Uint8Array.of(0x17, 3, 3, 0, 1, 0))],
    ['a length that no server takes', () => Uint8Array.of(0x16, 3, 1, 0, 5, 1, 0xff, 0xff, 0xff, 3)],
  ];
  for (const [name, breakIt] of broken) test(`${name} is no hello`, () => assert.equal(clientHello(breakIt(hello({ sni: 'a.test', alpn: ['h2'] }))), undefined));

  test('an extension-less hello is complete without name', () => {
    const body = [3, 1, ...Array<number>(32).fill(1), 0, 0, 2, 0, 5, 1, 0];
    const bytes = Uint8Array.from([0x16, 3, 1, 0, body.length + 4, 1, 0, 0, body.length, ...body]);
    assert.deepEqual(clientHello(bytes), { sni: null, alpn: null, isComplete: true });
  });
});

function changed(bytes: Uint8Array, at: number, value: number): Uint8Array {
  const copy = bytes.slice();
  copy[at] = value;
  return copy;
}

suite('ranges as they are written', () => {
  const cases: [string, string | undefined][] = [
    ['10.0.0.0/8', '10.0.0.0/8'],
    ['10.1.2.3', '10.1.2.3/32'],
    ['::1', '::1/128'],
    ['[fd00::]', 'fd00::/128'],
    ['::ffff:10.0.0.1', '10.0.0.1/32'],
    ['10.1', undefined],
    ['10.0.0.0/33', undefined],
    ['localhost', undefined],
    ['1.2.3.999', undefined],
  ];
  for (const [text, cidr] of cases) test(`${text} is ${cidr ?? 'refused'}`, () => assert.equal(cidrOf(text), cidr));
});
