// SOCKS5: login, one request and its answer, then whatever the tunnel carries (RFC 1928, RFC 1929).

import { say, verbatim, type Sentence } from '../../shared/sentences.js';
import { addressOf } from './addresses.js';
import type { Dissector, Input, Next } from './dissector.js';
import { FieldReader } from './fieldReader.js';

/** A login: version, and a name and a password of 255 bytes each. */
const maxMessageBytes = 513;

/** RFC 1928 §3; IANA "SOCKS Methods". */
const methods: Readonly<Record<number, string>> = { 0: 'no login', 1: 'GSSAPI', 2: 'user name and password', 3: 'CHAP', 5: 'CRAM', 6: 'SSL', 7: 'NDS', 8: 'multi-authentication', 9: 'JSON parameters', 255: 'none of them' };
const noLogin = 0;
const password = 2;
const noMethod = 255;
const commands: Readonly<Record<number, string>> = { 1: 'CONNECT', 2: 'BIND', 3: 'UDP ASSOCIATE' };
/** RFC 1928 §6. */
const replies: Readonly<Record<number, string>> = {
  0: 'succeeded', 1: 'general failure', 2: 'not allowed by the rules', 3: 'network unreachable', 4: 'host unreachable', 5: 'connection refused', 6: 'TTL expired',
  7: 'command not supported', 8: 'address type not supported',
};

interface Socks5State {
  /** what the client says next */
  client: 'methods' | 'login' | 'request' | 'nothing';
  /** what the upstream says next */
  upstream: 'choice' | 'status' | 'reply' | 'nothing';
  chosen: number;
  command: number;
  isRefused: boolean;
}

export const socks5: Dissector<Socks5State> = {
  id: 'socks5',
  maxMessageBytes,
  start: () => ({ client: 'methods', upstream: 'choice', chosen: -1, command: 0, isRefused: false }),
  next: (state, input) => (input.from === 'client' ? fromClient(state, input) : fromUpstream(state, input)),
};

/** The other one must speak first. */
function wait(input: Input, why: Sentence): Next {
  return input.isOtherEnded ? { lost: why } : 0;
}

function fromClient(state: Socks5State, input: Input): Next {
  if (state.client === 'methods') return offer(state, input);
  if (state.isRefused) return { lost: say`nothing follows what was refused` };
  if (state.chosen < 0) return wait(input, say`no login method was chosen`);
  if (state.chosen !== noLogin && state.chosen !== password) return { lost: say`login by ${methods[state.chosen] ?? say`method ${state.chosen}`} is not decoded` };
  switch (state.client) {
    case 'login':
      return login(state, input);
    case 'request':
      return request(state, input);
    case 'nothing':
      return wait(input, say`the request has no answer`);
  }
}

function fromUpstream(state: Socks5State, input: Input): Next {
  if (state.client === 'methods') return wait(input, say`nobody has asked`);
  if (state.isRefused) return { lost: say`nothing follows what was refused` };
  switch (state.upstream) {
    case 'choice':
      return choice(state, input);
    case 'status':
      return state.client === 'login' ? wait(input, say`nobody has logged in`) : status(state, input);
    case 'reply':
      if (state.chosen !== noLogin && state.chosen !== password) return { lost: say`login by ${methods[state.chosen] ?? say`method ${state.chosen}`} is not decoded` };
      return state.client === 'nothing' ? reply(state, input) : wait(input, say`nobody has asked`);
    case 'nothing':
      return { lost: say`nothing follows in this connection` };
  }
}

function isVersion(input: Input, version: number): { lost: Sentence } | undefined {
  const is = input.bytes[input.at];
  return is === version ? undefined : { lost: say`version ${is} is not ${version}` };
}

/** RFC 1928 §3. */
function offer(state: Socks5State, input: Input): Next {
  const wrong = isVersion(input, 5);
  if (wrong !== undefined) return wrong;
  if (input.end < input.at + 2) return 2;
  const length = 2 + input.bytes[input.at + 1]!;
  if (input.end - input.at < length) return length;
  const reader = FieldReader.of(input, length);
  reader.u8('version');
  reader.u8('count');
  const names: string[] = [];
  while (0 < reader.left) {
    const method = reader.u8('method', methods);
    names.push(methods[method] ?? `method ${method}`);
  }
  state.client = 'login';
  return { length, kind: 'request', summary: `login by ${names.join(' or ') || 'nothing'}`, fields: reader.fields, problems: reader.problems, asks: 'method' };
}

function choice(state: Socks5State, input: Input): Next {
  const wrong = isVersion(input, 5);
  if (wrong !== undefined) return wrong;
  if (input.end < input.at + 2) return 2;
  const reader = FieldReader.of(input, 2);
  reader.u8('version');
  const method = reader.u8('method', methods);
  const name = methods[method] ?? `method ${method}`;
  state.chosen = method;
  state.isRefused = method === noMethod;
  state.client = method === password ? 'login' : 'request';
  state.upstream = method === password ? 'status' : 'reply';
  if (state.isRefused) reader.problem('error', say`no method that the client offers is accepted`, input.at + 1, input.at + 2);
  return { length: 2, kind: 'answer', summary: name, fields: reader.fields, problems: reader.problems, answers: 'method' };
}

/** RFC 1929 §2. */
function login(state: Socks5State, input: Input): Next {
  const { bytes, at, end } = input;
  const wrong = isVersion(input, 1);
  if (wrong !== undefined) return wrong;
  if (end < at + 2) return 2;
  const secretAt = at + 2 + bytes[at + 1]!;
  if (end <= secretAt) return secretAt - at + 1;
  const length = secretAt - at + 1 + bytes[secretAt]!;
  if (end - at < length) return length;
  const reader = FieldReader.of(input, length);
  reader.u8('version');
  const user = reader.prefixedText('user', 1);
  reader.secret('password', reader.u8('password length'));
  state.client = 'request';
  return { length, kind: 'request', summary: `login as ${user}`, fields: reader.fields, problems: reader.problems, asks: 'login' };
}

function status(state: Socks5State, input: Input): Next {
  // Some servers answer with the version of SOCKS.
  if (input.bytes[input.at] !== 5) {
    const wrong = isVersion(input, 1);
    if (wrong !== undefined) return wrong;
  }
  if (input.end < input.at + 2) return 2;
  const reader = FieldReader.of(input, 2);
  reader.u8('version');
  const code = reader.u8('status', (value) => (value === 0 ? 'success' : `failure ${value}`));
  state.isRefused = code !== 0;
  state.upstream = 'reply';
  if (state.isRefused) reader.problem('error', say`the login was refused`, input.at + 1, input.at + 2);
  return { length: 2, kind: 'answer', summary: state.isRefused ? 'login refused' : 'logged in', fields: reader.fields, problems: reader.problems, answers: 'login' };
}

/** Length of a request or a reply (RFC 1928 §4, §6); negative = so many bytes are needed. */
function measure({ bytes, at, end }: Input): number | { lost: Sentence } {
  if (end < at + 5) return -5;
  if (bytes[at + 2] !== 0) return { lost: say`the reserved byte is not 0` };
  const type = bytes[at + 3];
  const size = type === 1 ? 4 : type === 4 ? 16 : type === 3 ? 1 + bytes[at + 4]! : -1;
  if (size < 0) return { lost: say`${type} is no type of an address` };
  const length = 4 + size + 2;
  return length <= end - at ? length : -length;
}

/** RFC 1928 §5. @returns `example.com:443` */
function address(reader: FieldReader): string {
  const type = reader.u8('address type', { 1: 'IPv4', 3: 'host name', 4: 'IPv6' });
  const host = type === 3 ? reader.prefixedText('host', 1) : addressOf(reader.value('address', type === 1 ? 4 : 16, addressOf));
  return `${type === 4 ? `[${host}]` : host}:${reader.u16('port')}`;
}

/** RFC 1928 §4. */
function request(state: Socks5State, input: Input): Next {
  const wrong = isVersion(input, 5);
  if (wrong !== undefined) return wrong;
  const length = measure(input);
  if (typeof length !== 'number') return length;
  if (length < 0) return -length;
  const reader = FieldReader.of(input, length);
  reader.u8('version');
  state.command = reader.u8('command', commands);
  reader.u8('reserved');
  state.client = 'nothing';
  const summary = `${commands[state.command] ?? `command ${state.command}`} ${address(reader)}`;
  return { length, kind: 'request', summary, fields: reader.fields, problems: reader.problems, asks: 'request' };
}

/** RFC 1928 §6. */
function reply(state: Socks5State, input: Input): Next {
  const wrong = isVersion(input, 5);
  if (wrong !== undefined) return wrong;
  const length = measure(input);
  if (typeof length !== 'number') return length;
  if (length < 0) return -length;
  const reader = FieldReader.of(input, length);
  reader.u8('version');
  const code = reader.u8('reply', replies);
  reader.u8('reserved');
  const bound = address(reader);
  const name = replies[code] ?? `reply ${code}`;
  state.isRefused = code !== 0;
  const told = { length, kind: 'answer', summary: state.isRefused || bound.endsWith(':0') ? name : `${name}, from ${bound}`, fields: reader.fields, problems: reader.problems, answers: 'request' } as const;
  if (state.isRefused) {
    reader.problem('error', verbatim(name), input.at + 1, input.at + 2);
    return told;
  }
  // BIND is answered twice: when it listens, and when somebody has come. UDP goes elsewhere; this connection only stays open.
  const { command } = state;
  if (command === 2) {
    state.command = -2;
    return { ...told, isPartial: true };
  }
  if (command === 3) {
    state.upstream = 'nothing';
    return told;
  }
  return { ...told, handover: { to: 'detect' } };
}
