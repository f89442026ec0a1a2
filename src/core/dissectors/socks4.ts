// SOCKS4 and 4a: one request and its answer, then whatever the tunnel carries ("SOCKS: A protocol for TCP proxy across firewalls",
// "SOCKS 4A: A Simple Extension to SOCKS 4 Protocol").

import { say, verbatim } from '../../shared/sentences.js';
import { addressOf } from './addresses.js';
import type { Dissector, Input, Next } from './dissector.js';
import { FieldReader } from './fieldReader.js';

/** Version, command, port, address. */
const fixedBytes = 8;
/** User names and host names are shorter by far. */
const maxNameBytes = 512;

const commands: Readonly<Record<number, string>> = { 1: 'CONNECT', 2: 'BIND' };
const replies: Readonly<Record<number, string>> = { 90: 'granted', 91: 'rejected or failed', 92: 'rejected: no identd on the client', 93: 'rejected: identd names another user' };

interface Socks4State {
  /** 0 = not asked yet */
  command: number;
  replies: number;
  isRefused: boolean;
}

export const socks4: Dissector<Socks4State> = {
  id: 'socks4',
  maxMessageBytes: fixedBytes + 2 * (maxNameBytes + 1),
  start: () => ({ command: 0, replies: 0, isRefused: false }),
  next: (state, input) => (input.from === 'client' ? request(state, input) : reply(state, input)),
};

function request(state: Socks4State, input: Input): Next {
  const { bytes, at, end } = input;
  if (state.command !== 0) return state.isRefused || input.isOtherEnded ? { lost: say`nothing follows a request that was not granted` } : 0;
  if (bytes[at] !== 4) return { lost: say`version ${bytes[at]} is not 4` };
  if (end < at + fixedBytes) return fixedBytes;
  if (commands[bytes[at + 1]!] === undefined) return { lost: say`${bytes[at + 1]} is no command of SOCKS4` };
  // 0.0.0.x stands for a name behind the user's (4a).
  const isNamed = bytes[at + 4] === 0 && bytes[at + 5] === 0 && bytes[at + 6] === 0 && bytes[at + 7] !== 0;
  let stop = at + fixedBytes;
  for (let names = isNamed ? 2 : 1; 0 < names; names--) {
    const zero = bytes.indexOf(0, stop);
    const isThere = 0 <= zero && zero < end;
    if (maxNameBytes < (isThere ? zero : end) - stop) return { lost: say`a name has more than ${maxNameBytes} bytes` };
    if (!isThere) return end - at + 1;
    stop = zero + 1;
  }
  const reader = FieldReader.of(input, stop - at);
  reader.u8('version');
  state.command = reader.u8('command', commands);
  const port = reader.u16('port');
  let host = addressOf(reader.value('address', 4, addressOf));
  const user = reader.zeroEnded('user');
  if (isNamed) host = reader.zeroEnded('host');
  const summary = `${commands[state.command]} ${host}:${port}${user === '' ? '' : ` as ${user}`}`;
  return { length: stop - at, kind: 'request', summary, fields: reader.fields, problems: reader.problems, asks: '' };
}

function reply(state: Socks4State, input: Input): Next {
  const { bytes, at, end } = input;
  if (state.command === 0) return input.isOtherEnded ? { lost: say`nobody has asked` } : 0;
  if (state.isRefused) return { lost: say`nothing follows a request that was not granted` };
  // Version 0; some servers send 4.
  if (bytes[at] !== 0 && bytes[at] !== 4) return { lost: say`a reply has version 0, this ${bytes[at]}` };
  if (end < at + fixedBytes) return fixedBytes;
  const reader = FieldReader.of(input, fixedBytes);
  reader.u8('version');
  const code = reader.u8('reply', replies);
  const port = reader.u16('port');
  const address = addressOf(reader.value('address', 4, addressOf));
  const name = replies[code] ?? `reply ${code}`;
  const isGranted = code === 90;
  state.replies += 1;
  state.isRefused = !isGranted;
  if (!isGranted) reader.problem('error', verbatim(name), at + 1, at + 2);
  // BIND is answered twice: when it listens, and when somebody has come.
  const isFirst = state.command === 2 && state.replies === 1 && isGranted;
  const summary = port === 0 ? name : `${name}, ${address}:${port}`;
  return { length: fixedBytes, kind: 'answer', summary, fields: reader.fields, problems: reader.problems, answers: '', ...(isFirst ? { isPartial: true } : isGranted ? { handover: { to: 'detect' } } : {}) };
}
