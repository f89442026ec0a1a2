import assert from 'node:assert/strict';
import { parseFilter } from '../../src/core/lens/filter/filter.js';
import { subject } from './filterSubjects.js';

/** An answer of Redis with a problem, judged alone. */
const answer = subject({
  flowId: 12, protocols: ['redis'], client: ['127.0.0.1:50000', '127.0.0.1'], upstream: ['[::1]:6379', '::1'],
  from: 'upstream', kind: 'answer', summaries: ['value "A-11" (4 bytes)'], latencyMs: 12.5, problems: ['length says 40 bytes, 12 are there', 'odd'],
});
const request = subject({ flowId: 13, protocols: ['http1'], client: ['10.0.0.7:1'], upstream: ['10.0.0.8:80'], from: 'client', kind: 'request', summaries: ['GET /v1/orders?id=1 and more'] });
/** A flow of which no message is judged. */
const flow = subject({ flowId: 14, protocols: ['http1', 'websocket'], client: ['10.0.0.7:1'], upstream: ['10.0.0.8:80'] });

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
});
