import assert from 'node:assert/strict';
import fc from 'fast-check';
import { parseFilter, selectorOf } from '../../src/core/lens/filter/filter.js';
import { subject } from './filterSubjects.js';

suite('filter problems', () => {
  test('what is wrong is told with its place', () => {
    const cases: [string, string, number, number][] = [
      ['', 'The filter is empty.', 0, 0],
      ['protocol = redis', 'Equality is written "==".', 9, 10],
      ['problem && waiting', 'This is written "and".', 8, 10],
      ['problem || waiting', 'This is written "or".', 8, 10],
      ['protocol == ', 'A value is missing after ==.', 12, 12],
      ['protocol == and', 'A value is missing after ==.', 12, 15],
      ['protocol', 'protocol is compared with something: ==, !=, ~, contains or in and a value.', 8, 8],
      ['protocol redis', 'protocol is compared with something: ==, !=, ~, contains or in and a value.', 0, 8],
      ['protocol == redsi', '"redsi" is not a value of protocol. Did you mean redis?', 12, 17],
      ['protocoll == redis', 'There is no field "protocoll". Did you mean protocol?', 0, 9],
      ['reids.command == GET', 'There is no field "reids.command". Did you mean redis.command?', 0, 13],
      ['redis.comand == GET', 'There is no field "redis.comand". Did you mean redis.command? A name that is meant as it stands is written in quotes: redis."comand".', 0, 12],
      ['http.stauts >= 500', 'There is no field "http.stauts". Did you mean http.status? A name that is meant as it stands is written in quotes: http."stauts".', 0, 11],
      ['flow.proces ~ node', 'There is no field "flow.proces". Did you mean flow.process?', 0, 11],
      ['"latency" > 5ms', 'What is compared is a field, without quotes around it.', 0, 9],
      ['problem problem', '"and" or "or" is missing before this.', 8, 15],
      ['orders problem', '"and" or "or" is missing before this.', 7, 14],
      ['orders latency > 5ms', '"and" or "or" is missing before this.', 7, 14],
      ['(problem', 'This "(" is not closed.', 0, 1],
      ['(problem problem)', '"and", "or" or ")" is missing before this.', 9, 16],
      ['problem)', 'This ")" closes nothing.', 7, 8],
      ['problem and', 'A comparison is missing at the end.', 11, 11],
      ['not', 'A comparison is missing at the end.', 3, 3],
      ['== 3', 'A comparison begins with the name of a field.', 0, 2],
      ['latency > 5', 'A time is a number with its unit: 250us, 20ms or 1.5s.', 10, 11],
      ['latency ~ 5ms', 'latency is a number: it is compared with ==, !=, <, <=, >, >= or in.', 8, 9],
      ['size > 5ells', 'A size is a number of bytes, or one with its unit: 512, 10KB or 1.5MB.', 7, 12],
      ['flow.id == x', 'It is compared with a whole number, such as 12.', 11, 12],
      ['http.status > ok', 'It is compared with a number, such as 500.', 14, 16],
      ['kind in (request, anwser)', '"anwser" is not a value of kind. Did you mean answer?', 18, 24],
      ['kind in (request', 'This "(" is not closed.', 8, 9],
      ['kind in (request answer)', '"," or ")" is missing before this.', 17, 23],
      ['kind in ()', 'A value is missing after in.', 9, 10],
      ['summary > 3', 'summary is a text: it is compared with ==, !=, ~, contains or in, not with >.', 8, 9],
      ['text == a', 'text is everything that a message says: it is compared with ~ or contains, not with ==.', 5, 7],
      ['bytes ~ "a*"', 'Bytes are compared with a pattern between slashes: bytes ~ /\\x00GET/. Plain text or hex stands behind "contains".', 8, 12],
      ['bytes contains "?? ??"', 'Bytes to look for are missing: 0d0a, "0d ?? 0a", or a text in quotes.', 15, 22],
      ['summary ~ "[a"', 'The pattern cannot be used: a "[" has no "]".', 10, 14],
      ['text ~ /a(/', 'The pattern cannot be used: missing closing ): `a(`.', 7, 11],
      ['text ~ /a/g', 'The flag "g" is not one of i, m and s.', 7, 11],
      ['text ~ /a\\d', 'The pattern that begins here has no closing "/".', 7, 11],
      ['text ~ //', 'The pattern cannot be used: it is empty.', 7, 9],
      ['summary == "a', 'The text that begins here has no closing quote.', 11, 13],
      ['http."content-type', 'The text that begins here has no closing quote.', 5, 18],
      ['""', 'There is nothing to look for in these quotes.', 0, 2],
      ['client == [::1]:80', '"[" has no meaning here; a value that holds it is written in quotes.', 10, 11],
      ['!problem', 'Negation is written "not"; inequality "!=".', 0, 1],
      ['from == server', '"server" is not a value of from. It is one of client, upstream.', 8, 14],
      ['marked > true', 'marked is so or not: it stands alone, or with "not" before it.', 7, 8],
      ['time > noon', 'A time is a time of day, such as 14:02:31, or a date and a time, such as 2026-05-01T14:02:31Z.', 7, 11],
      [`${'('.repeat(101)}problem${')'.repeat(101)}`, 'A filter may be nested 100 deep.', 100, 101],
      [`${'not '.repeat(101)}problem`, 'A filter may be nested 100 deep.', 400, 403],
    ];
    for (const [source, message, start, end] of cases) assert.deepEqual(parseFilter(source), { message, start, end }, source);
    assert.match((parseFilter('constructor == 1') as { message: string }).message, /^There is no field "constructor"\. Fields are protocol, .*, and decoded ones such as http\.status\.$/);
    assert.match((parseFilter('x'.repeat(4001)) as { message: string }).message, /4000 characters/);
  });

  test('a column is told what is wrong with its name', () => {
    const message = (name: string): unknown => (selectorOf(name) as { message?: string }).message;
    assert.equal(message('http.status'), undefined);
    assert.equal(message('http."content-type"'), undefined);
    assert.equal(message('sql'), undefined);
    assert.equal(message('nothing.at.all'), 'There is no decoded field "nothing.at.all".');
    assert.equal(message('a b'), 'The name of a decoded field is a protocol and what is inside, such as http.status.');
    assert.match(String(message('redis.comand')), /Did you mean redis\.command/);
  });

  test('any text is an answer, and a problem lies inside it', () => {
    const pieces = fc.constantFrom(
      'protocol', 'latency', 'problem', 'http.status', 'redis.command', 'sql', 'text', 'bytes', 'time', 'http.', '"content-type"', 'and', 'or', 'not', 'in', 'contains', '(', ')', ',', '==', '~', '!=', '<', '5ms', '5', 'ms', 'redis',
      '14:02', '0d??', '/a(b)*/i', '/[/', '"', "'", '\\', ' ', '=', '!', '&&', '*', 'ä', '\u{1f600}', 'orders',
    );
    const judged = subject({ protocols: ['redis'], kind: 'undecoded', summaries: ['GET a'], latencyMs: 3, decoded: [['command', 'GET'], ['argument', 'a']], wire: ['GET a\r\n'] });
    fc.assert(
      fc.property(fc.oneof(fc.string(), fc.string({ unit: 'binary' }), fc.array(pieces, { maxLength: 20 }).map((list) => list.join(' ')), fc.array(pieces, { maxLength: 20 }).map((list) => list.join(''))), (source) => {
        const filter = parseFilter(source);
        if ('matches' in filter) filter.matches(judged);
        else assert.ok(0 <= filter.start && filter.start <= filter.end && filter.end <= source.length && /[.?]$/.test(filter.message), JSON.stringify(filter));
      }),
      { numRuns: 3000 },
    );
  });
});
