// Which route wins, when, and what the trace says.
import assert from 'node:assert/strict';
import fc from 'fast-check';
import { compileListener, inspect, inspectMemory, maxTraceSteps, type InspectInput, type Outcome } from '../../src/core/engine/inspect.js';
import type { Condition } from '../../src/shared/rules.js';
import { ascii, conformanceVectors, frame, hello, joined, listener, preface } from './samples.js';

const nobody = new Uint8Array(0);
const facts = { remote: '127.0.0.1', process: null, isSilent: false };
const curl = { pid: 7, name: 'curl', commandLine: 'curl http://a' };
const open: InspectInput = { ended: false, isFinal: false, facts };

const http: Condition = { kind: 'protocol', ids: ['http1', 'http2', 'grpc', 'websocket'] };
const redis: Condition = { kind: 'protocol', ids: ['redis'] };
const always: Condition = { kind: 'always' };
const silent: Condition = { kind: 'silent' };
const hex = (text: string): Condition => ({ kind: 'payload', offset: 0, hex: [text] });

type Options = Parameters<typeof listener>[1];

function decide(conditions: readonly Condition[], bytes: Uint8Array, input: Partial<InspectInput> = {}, options: Options = {}): Outcome {
  return inspect(compileListener(listener(conditions, options)), bytes, { ...open, ...input });
}

/** `a`, `b`… for the route that won, else what happened. */
function verdict(outcome: Outcome): string {
  return outcome.kind === 'route' ? String.fromCharCode(0x61 + outcome.route) : outcome.kind;
}

function check(conditions: readonly Condition[], bytes: Uint8Array, expected: string, input: Partial<InspectInput> = {}, options: Options = {}): Outcome {
  const outcome = decide(conditions, bytes, input, options);
  assert.equal(verdict(outcome), expected);
  return outcome;
}

suite('order', () => {
  test('the first route that matches wins, in the order written', () => {
    check([redis, http, always], ascii('GET / HTTP/1.1\r\n'), 'b');
    check([always, http], ascii('GET / HTTP/1.1\r\n'), 'a');
  });

  test('a match below waits while a route above is open: A needs 8 bytes, B needs 2', () => {
    const routes = [hex('4142434445464748'), hex('4142')];
    check(routes, ascii('AB'), 'undecided');
    check(routes, ascii('ABCD'), 'undecided');
    check(routes, ascii('ABCDEFGH'), 'a');
    check(routes, ascii('ABX'), 'b');
  });

  test('the deadline turns every more into no, and then the match below wins', () => {
    const outcome = check([hex('4142434445464748'), hex('4142')], ascii('AB'), 'b', { isFinal: true });
    const trace = outcome.trace(300);
    assert.equal(trace.decidedBy, 'deadline');
    assert.match(trace.steps[0]?.why ?? '', /^needs 6 bytes more .*; nothing came by the inspect timeout$/);
  });

  test('the half-close does the same', () => {
    const outcome = check([hex('4142434445464748'), hex('4142')], ascii('AB'), 'b', { ended: true });
    assert.equal(outcome.trace(1).decidedBy, 'ended');
  });

  test('so does the byte limit, and bytes behind it are not looked at', () => {
    const outcome = check([{ kind: 'payload', offset: 62, hex: ['4141'] }], new Uint8Array(80).fill(0x41), 'a', {}, { maxBytes: 64 });
    assert.equal(outcome.trace(1).decidedBy, 'bytes');
    const cut = check([{ kind: 'payload', offset: 63, hex: ['4141'] }], new Uint8Array(80).fill(0x41), 'fallback', {}, { maxBytes: 64 });
    assert.equal(cut.trace(1).decidedBy, 'maxBytes');
  });

  test('twelve junk bytes go to the default at once when every route can refuse them', () => {
    const all = ['http1', 'http2', 'grpc', 'websocket', 'tls', 'ssh', 'redis', 'postgres', 'mqtt', 'mysql', 'ftp', 'smtp'].map((id): Condition => ({ kind: 'protocol', ids: [id] }));
    check(all, Uint8Array.of(0xde, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11), 'fallback');
    check(all, Uint8Array.of(0xde), 'fallback');
  });

  test('SS and then H-2.0-x is ssh', () => {
    const routes: Condition[] = [{ kind: 'protocol', ids: ['ssh'] }];
    check(routes, ascii('SS'), 'undecided');
    check(routes, ascii('SSH-2.0-x'), 'a');
  });

  test('without default nothing is taken, and the trace says so', () => {
    const outcome = check([redis], ascii('GET '), 'close', {}, { closes: true });
    assert.equal(outcome.trace(2).summary, 'closed: no route takes it and there is no default');
  });

  test('a list without routes takes everything to its default, before any byte', () => {
    const outcome = check([], nobody, 'fallback');
    assert.equal(outcome.trace(0).decidedBy, 'facts');
  });

  test('disabled routes are passed over', () => {
    const rule = listener([always, always]);
    const first = rule.routes[0];
    assert.ok(first);
    first.isEnabled = false;
    const list = compileListener(rule);
    assert.deepEqual(list.routes.map((route) => route.rule.name), ['b']);
  });

  test('a server-first protocol never makes the others wait', () => {
    check([{ kind: 'protocol', ids: ['mysql'] }, always], nobody, 'b');
  });
});

suite('silence', () => {
  const isSilent = { facts: { ...facts, isSilent: true } };

  test('no byte by the timeout: the silent route takes it, wherever it stands', () => {
    const outcome = check([http, redis, silent], nobody, 'c', isSilent);
    assert.equal(outcome.trace(300).decidedBy, 'deadline');
    assert.equal(outcome.trace(300).summary, 'route c: the client said nothing by the inspect timeout');
  });

  test('no silent route: the default takes it only when it says so', () => {
    check([http], nobody, 'fallback', isSilent, { whenSilent: true });
    check([http], nobody, 'undecided', isSilent);
    check([http], nobody, 'undecided', isSilent, { closes: true });
  });

  test('a client that is silent and then sends GET is judged as if it had not been', () => {
    const list = compileListener(listener([redis, http]));
    const memory = inspectMemory(list);
    assert.equal(verdict(inspect(list, nobody, { ...open, ...isSilent, memory })), 'undecided');
    assert.equal(verdict(inspect(list, ascii('GET / HT'), { ...open, ...isSilent, memory })), 'undecided');
    assert.equal(verdict(inspect(list, ascii('GET / HTTP/1.1'), { ...open, ...isSilent, memory })), 'b');
  });

  test('"not http" does not take a client that is merely silent', () => {
    check([{ kind: 'not', of: http }], nobody, 'undecided', isSilent);
    check([{ kind: 'not', of: http }], ascii('\x05'), 'a');
  });

  test('a client that ends without a byte is silent for good', () => {
    check([http, silent], nobody, 'b', { ended: true });
  });
});

suite('the client’s program', () => {
  const program: Condition = { kind: 'process', globs: ['curl'] };

  test('is waited for, also beyond the timeout: its look-up has a limit of its own', () => {
    const outcome = check([program, http], ascii('GET / HTTP/1.1\r\n'), 'undecided', { isFinal: true, facts: { ...facts, process: undefined } });
    assert.equal(outcome.kind === 'undecided' && outcome.waitsForProcess, true);
  });

  test('decides before any byte', () => {
    const outcome = check([program, http], nobody, 'a', { facts: { ...facts, process: curl } });
    assert.equal(outcome.trace(1).decidedBy, 'facts');
    assert.equal(outcome.trace(1).steps[0]?.why, 'the client is curl (pid 7)');
  });

  test('is waited for before silence is judged', () => {
    check([program, silent], nobody, 'undecided', { facts: { ...facts, process: undefined, isSilent: true } });
    check([program, silent], nobody, 'b', { facts: { ...facts, process: null, isSilent: true } });
  });

  test('is asked for only when a route needs it', () => {
    assert.equal(compileListener(listener([http])).needsProcess, false);
    assert.equal(compileListener(listener([http, { kind: 'not', of: program }])).needsProcess, true);
  });
});

suite('TLS names are never guessed', () => {
  const routes: Condition[] = [{ kind: 'tls', sni: ['secret.test'] }, { kind: 'tls' }, always];

  test('a hello over several records goes to its name, not to a laxer route', () => {
    for (const recordBytes of [1, 3, 20, 100]) {
      const bytes = hello({ sni: 'secret.test', recordBytes });
      const list = compileListener(listener(routes));
      for (let cut = 0; cut <= bytes.length; cut++) {
        const memory = inspectMemory(list);
        const first = inspect(list, bytes.slice(0, cut), { ...open, memory });
        const told = first.kind === 'undecided' ? inspect(list, bytes, { ...open, memory }) : first;
        assert.equal(verdict(told), 'a', `records of ${recordBytes}, cut at ${cut}`);
      }
    }
  });

  test('an incomplete hello is closed at the deadline, the half-close and the byte limit', () => {
    const part = hello({ sni: 'secret.test', paddingBytes: 300 }).slice(0, 90);
    for (const input of [{ isFinal: true }, { ended: true }]) {
      const outcome = check(routes, part, 'close', input);
      assert.match(outcome.trace(1).summary, /^closed: the TLS hello is incomplete .*, and route a depends on its server name or protocols$/);
    }
    check(routes, part, 'close', {}, { maxBytes: 80 });
    check(routes, Uint8Array.of(0x16), 'close', { isFinal: true });
  });

  test('a hello without name is not one with', () => {
    check(routes, hello({}), 'b');
  });

  test('a list that asks for no name decides on six bytes', () => {
    check([{ kind: 'tls' }, always], hello({ sni: 'a.test' }).slice(0, 6), 'a');
  });

  test('name and protocol are both compared; case and final dot of the name do not matter', () => {
    check([{ kind: 'tls', sni: ['*.TEST'], alpn: ['h2'] }], hello({ sni: 'A.test', alpn: ['http/1.1', 'h2'] }), 'a');
    check([{ kind: 'tls', sni: ['*.test'], alpn: ['h2'] }], hello({ sni: 'a.test', alpn: ['http/1.1'] }), 'fallback');
  });
});

suite('HTTP/2 clients that wait for the server', () => {
  const grpc: Condition = { kind: 'protocol', ids: ['grpc'] };
  const http2: Condition = { kind: 'protocol', ids: ['http2'] };
  const settings = frame(4, 0, 0, [0, 2, 0, 0, 0, 0]);
  const waits = (outcome: Outcome): boolean => outcome.kind === 'undecided' && outcome.waitsForServerSettings;

  test('39 bytes and grpc above http2: the server’s SETTINGS are asked for', () => {
    const bytes = joined(preface, settings);
    assert.equal(bytes.length, 39);
    assert.equal(waits(check([grpc, http2], bytes, 'undecided')), true);
    assert.equal(waits(check([redis, grpc], bytes, 'undecided')), true);
    assert.equal(waits(check([{ kind: 'http', host: ['a'] }], bytes, 'undecided')), true);
  });

  test('not before the SETTINGS are whole, not when HEADERS have begun, and not for other routes', () => {
    assert.equal(waits(check([grpc], joined(preface, settings).slice(0, 38), 'undecided')), false);
    assert.equal(waits(check([grpc], joined(preface, settings, frame(1, 4, 1, [0x83, 0x86]).slice(0, 10)), 'undecided')), false);
    assert.equal(waits(check([grpc], preface, 'undecided')), false);
    assert.equal(waits(check([{ kind: 'payload', offset: 60, hex: ['00'] }], joined(preface, settings), 'undecided')), false);
  });

  test('http2 above grpc decides at the preface', () => {
    check([http2, grpc], preface, 'a');
  });

  test('a client that never calls goes to http2 at the deadline', () => {
    check([grpc, http2], joined(preface, settings), 'b', { isFinal: true });
  });
});

suite('trace', () => {
  test('names each route, its verdict, and the byte that settled it', () => {
    const outcome = check([redis, { kind: 'http', host: ['b.test'] }, http], ascii('GET /x HTTP/1.1\r\nHost: a.test\r\n\r\n'), 'c');
    const trace = outcome.trace(1.5);
    assert.deepEqual(trace.steps.map(({ name, verdict: said, atByte }) => [name, said, atByte]), [['a', 'no', 1], ['b', 'no', 31], ['c', 'match', 14]]);
    assert.equal(trace.steps[0]?.why, "client bytes are not redis (byte 0 is 0x47 'G')");
    assert.equal(trace.steps[1]?.why, 'HTTP request GET a.test/x, not host b.test');
    assert.equal(trace.summary, 'route c: matched after 14 bytes');
    assert.deepEqual([trace.decidedBy, trace.tookMs], ['bytes', 1.5]);
  });

  test('of an undecided connection says what is waited for', () => {
    const trace = check([http, always], ascii('GET '), 'undecided').trace(10);
    assert.equal(trace.decidedBy, 'pending');
    assert.equal(trace.summary, 'undecided: route a needs more bytes to tell whether this is http');
  });

  test('stays within its bound, and keeps the deciding route', () => {
    const many = Array.from({ length: 200 }, () => redis);
    const trace = check([...many, always], ascii('GET '), String.fromCharCode(0x61 + 200)).trace(1);
    assert.equal(trace.steps.length, maxTraceSteps);
    assert.equal(trace.steps[maxTraceSteps - 1]?.route, 200);
  });
});

suite('cuts and memory', () => {
  const flights = conformanceVectors().map(({ client }) => client).concat([hello({ sni: 'a.test' }), hello({ sni: 'x.y', recordBytes: 5 })]).filter((bytes) => 0 < bytes.length);
  const lists: Condition[][] = [
    [{ kind: 'protocol', ids: ['grpc'] }, http, redis, { kind: 'tls', sni: ['*.test'] }, { kind: 'protocol', ids: ['tls'] }],
    [{ kind: 'http', host: ['a'], method: ['GET'] }, hex('2a31'), { kind: 'not', of: { kind: 'protocol', ids: ['ssh', 'http1'] } }, always],
    [{ kind: 'pattern', source: '^[A-Z]+ /', flags: '', maxBytes: 100 }, { kind: 'any', of: [redis, { kind: 'protocol', ids: ['postgres'] }] }, { kind: 'all', of: [http, { kind: 'remote', ranges: ['127.0.0.0/8'] }] }],
  ];

  test('the route does not depend on how the bytes were cut, nor on what is remembered between', () => {
    fc.assert(fc.property(fc.constantFrom(...lists), fc.constantFrom(...flights), fc.array(fc.nat(300), { maxLength: 6 }), (conditions, flight, places) => {
      const list = compileListener(listener(conditions));
      const end = (bytes: Uint8Array, memory?: ReturnType<typeof inspectMemory>): string => {
        const last = inspect(list, bytes, { ...open, memory });
        return verdict(last.kind === 'undecided' ? inspect(list, bytes, { ...open, isFinal: true, memory }) : last);
      };
      const whole = end(flight);
      const memory = inspectMemory(list);
      for (const length of places.map((place) => place % flight.length).sort((a, b) => a - b)) {
        const told = inspect(list, flight.slice(0, length), { ...open, memory });
        if (told.kind !== 'undecided') return assert.equal(verdict(told), whole, `decided after ${length} bytes`);
        assert.equal(verdict(inspect(list, flight.slice(0, length), open)), 'undecided');
      }
      assert.equal(end(flight, memory), whole);
    }), { numRuns: 1500 });
  });

  test('a client that trickles in a megabyte of work is still answered at the end', () => {
    const list = compileListener(listener([{ kind: 'pattern', source: 'needle', flags: '', maxBytes: 16384 }, http]));
    const memory = inspectMemory(list);
    const bytes = joined(new Uint8Array(6000).fill(0x20), ascii('needle'));
    let told: Outcome | undefined;
    for (let length = 1; length <= bytes.length && told?.kind !== 'route'; length++) told = inspect(list, bytes.subarray(0, length), { ...open, memory });
    if (told?.kind !== 'route') told = inspect(list, bytes, { ...open, isFinal: true, memory });
    assert.equal(verdict(told), 'a');
  });
});
