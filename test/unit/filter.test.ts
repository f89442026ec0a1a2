import assert from 'node:assert/strict';
import fc from 'fast-check';
import { parseFilter, type FilterSubject } from '../../src/core/lens/filter/filter.js';

/** An answer of Redis with a problem. */
const answer: FilterSubject = {
  flowId: 12, protocols: ['redis'], client: ['127.0.0.1:50000', '127.0.0.1'], upstream: ['[::1]:6379', '::1'],
  from: 'upstream', kind: 'answer', summary: 'value "A-11" (4 bytes)', latencyMs: 12.5, problems: ['length says 40 bytes, 12 are there', 'odd'],
};
const request: FilterSubject = { flowId: 13, protocols: ['http1'], client: ['10.0.0.7:1'], upstream: ['10.0.0.8:80'], from: 'client', kind: 'request', summary: 'GET /v1/orders?id=1 and more', problems: [] };
/** A flow of which no message is judged. */
const flow: FilterSubject = { flowId: 14, protocols: ['http1', 'websocket'], client: ['10.0.0.7:1'], upstream: ['10.0.0.8:80'], problems: [] };

function check(source: string, expected: { answer?: boolean; request?: boolean; flow?: boolean }): void {
  const filter = parseFilter(source);
  assert.ok('matches' in filter, `${source}: ${JSON.stringify(filter)}`);
  const subjects = { answer, request, flow };
  for (const [name, wanted] of Object.entries(expected)) assert.equal(filter.matches(subjects[name as keyof typeof subjects]), wanted, `${source} on ${name}`);
}

suite('filter', () => {
  test('each field, with each operator it has', () => {
    check('protocol == redis', { answer: true, request: false, flow: false });
    check('protocol != redis', { answer: false, request: true, flow: true });
    check('protocol == http', { answer: false, request: true, flow: true });
    check('protocol ~ http*', { answer: false, request: true, flow: true });
    check('protocol == websocket', { request: false, flow: true });
    check('flow.id == 12', { answer: true, request: false });
    check('flow.id > 12', { answer: false, request: true });
    check('flow.id >= 13', { answer: false, request: true });
    check('flow.id < 13', { answer: true, request: false });
    check('flow.id <= 12', { answer: true, request: false });
    check('flow.id != 12', { answer: false, request: true });
    check('client == 127.0.0.1:50000', { answer: true, request: false });
    check('client == 127.0.0.1', { answer: true, request: false });
    check('client ~ 10.*', { answer: false, request: true });
    check('upstream == "[::1]:6379"', { answer: true, request: false });
    check('from == upstream', { answer: true, request: false, flow: false });
    check('kind == request', { answer: false, request: true, flow: false });
    check('kind ~ "{request,answer}"', { answer: true, request: true, flow: false });
    check('summary ~ "GET /v1/*"', { answer: false, request: true, flow: false });
    check('summary ~ "get *"', { request: true });
    check("summary == 'value \"A-11\" (4 bytes)'", { answer: true, request: false });
    check('summary == "value \\"A-11\\" (4 bytes)"', { answer: true, request: false });
    check('problem', { answer: true, request: false, flow: false });
    check('problem == odd', { answer: true, request: false });
    check('problem ~ *length*', { answer: true, request: false });
  });

  test('times have units', () => {
    check('latency > 12ms', { answer: true });
    check('latency > 0.0125s', { answer: false });
    check('latency == 12500us', { answer: true });
    check('latency < 1s', { answer: true, request: false, flow: false });
  });

  test('what is not there equals nothing and differs from nothing', () => {
    check('latency != 1ms', { answer: true, request: false });
    check('from != client', { answer: true, request: false, flow: false });
    check('problem != odd', { answer: false, request: false });
    check('not latency > 1ms', { answer: false, request: true, flow: true });
  });

  test('"and" binds before "or", "not" before both, parentheses before all', () => {
    check('protocol == redis or protocol == http1 and kind == answer', { answer: true, request: false });
    check('(protocol == redis or protocol == http1) and kind == request', { answer: false, request: true });
    check('not protocol == redis and kind == request', { answer: false, request: true });
    check('not (protocol == redis and kind == request)', { answer: true, request: true });
    check('not not problem', { answer: true, request: false });
    check(' ( problem )\n', { answer: true });
    check('problem and(flow.id==12)', { answer: true });
  });

  test('what is wrong is told with its place', () => {
    const cases: [string, string, number, number][] = [
      ['', 'The filter is empty.', 0, 0],
      ['protocol = redis', 'Equality is written "==".', 9, 10],
      ['protocol == ', 'A value is missing after ==.', 12, 12],
      ['protocol == and', 'A value is missing after ==.', 12, 15],
      ['protocol', 'protocol is compared with something: ==, !=, ~, <, <=, > or >= and a value.', 8, 8],
      ['protocol redis', 'protocol is compared with something: ==, !=, ~, <, <=, > or >= and a value.', 0, 8],
      ['protocol == redsi', '"redsi" is not a value of protocol. Did you mean redis?', 12, 17],
      ['protocoll == redis', 'There is no field "protocoll". Did you mean protocol?', 0, 9],
      ['constructor == 1', 'There is no field "constructor". Fields are protocol, flow.id, client, upstream, from, kind, summary, latency, problem.', 0, 11],
      ['problem problem', '"and" or "or" is missing before this.', 8, 15],
      ['(problem', 'This "(" is not closed.', 0, 1],
      ['(problem problem)', '"and", "or" or ")" is missing before this.', 9, 16],
      ['problem)', 'This ")" closes nothing.', 7, 8],
      ['problem and', 'A comparison is missing at the end.', 11, 11],
      ['not', 'A comparison is missing at the end.', 3, 3],
      ['== 3', 'A comparison begins with the name of a field.', 0, 2],
      ['latency > 5', 'A time is a number with its unit: 250us, 20ms or 1.5s.', 10, 11],
      ['latency ~ 5ms', 'latency is a number: it is compared with ==, !=, <, <=, > or >=.', 8, 9],
      ['flow.id == x', 'It is compared with a whole number, such as 12.', 11, 12],
      ['summary > 3', 'A text is compared with ==, != or ~, not with >.', 8, 9],
      ['summary ~ "[a"', 'The pattern cannot be used: a "[" has no "]".', 10, 14],
      ['summary == "a', 'The text that begins here has no closing quote.', 11, 13],
      ['client == [::1]:80', '"[" has no meaning here; a value that holds it is written in quotes.', 10, 11],
      ['!problem', 'Negation is written "not"; inequality "!=".', 0, 1],
      ['from == server', '"server" is not a value of from. It is one of client, upstream.', 8, 14],
      [`${'('.repeat(101)}problem${')'.repeat(101)}`, 'A filter may be nested 100 deep.', 100, 101],
    ];
    for (const [source, message, start, end] of cases) assert.deepEqual(parseFilter(source), { message, start, end }, source);
    assert.match((parseFilter('x'.repeat(4001)) as { message: string }).message, /4000 characters/);
  });

  test('any text is an answer, and a problem lies inside it', () => {
    const pieces = fc.constantFrom('protocol', 'latency', 'problem', 'and', 'or', 'not', '(', ')', '==', '~', '!=', '<', '5ms', 'redis', '"', "'", '\\', ' ', '=', '!', '*', 'ä', '\u{1f600}');
    fc.assert(
      fc.property(fc.oneof(fc.string(), fc.array(pieces, { maxLength: 20 }).map((list) => list.join(' '))), (source) => {
        const filter = parseFilter(source);
        if ('matches' in filter) filter.matches(answer);
        else assert.ok(0 <= filter.start && filter.start <= filter.end && filter.end <= source.length, JSON.stringify(filter));
      }),
      { numRuns: 2000 },
    );
  });
});
