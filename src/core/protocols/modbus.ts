// Modbus/TCP.

import { say } from '../../shared/sentences.js';
import { byteAt, u16At } from '../bytes.js';
import type { Verdict } from '../match/matcher.js';
import { matcher, type Classified, type Protocol } from './protocol.js';

// Unit and function, and the longest PDU with its unit (Modbus application protocol §4.1: 253).
const minLength = 2;
const maxLength = 254;
const exceptionBit = 0x80;
// Reads of bits and registers (1-4) and writes of one (5, 6) have an address and a value; 7, 11, 12, 17 nothing; 8 a sub-function.
const fixedLengths = new Map<number, number>([[1, 6], [2, 6], [3, 6], [4, 6], [5, 6], [6, 6], [7, 2], [11, 2], [12, 2], [17, 2], [22, 8], [24, 4]]);

/**
 * Header: transaction, protocol 0, length, unit; then a function that exists, in a request of the length it must have
 * (Modbus messaging on TCP/IP §3.1.3; application protocol §6).
 *
 * False positives: a few small numbers are all there is, and directories, DICOM and HART-IP open alike. So the name is only given when both
 * sides look so and the transaction is answered.
 */
function judgeClient(bytes: Uint8Array): Verdict {
  const verdict = judgeHeader(bytes);
  const code = byteAt(bytes, 7);
  if (verdict === 'no' || code < 0) return verdict;
  if (!isFunction(code)) return 'no';
  const length = u16At(bytes, 4);
  const fixed = fixedLengths.get(code);
  // All others have data.
  return (fixed === undefined ? minLength < length : length === fixed) ? 'match' : 'no';
}

/** The same header; an exception has bit 7 set and one more byte. */
function judgeServer(bytes: Uint8Array): Verdict {
  const verdict = judgeHeader(bytes);
  const code = byteAt(bytes, 7);
  if (verdict === 'no' || code < 0) return verdict;
  if (exceptionBit <= code) return isFunction(code - exceptionBit) && u16At(bytes, 4) === 3 ? 'match' : 'no';
  return isFunction(code) ? 'match' : 'no';
}

function judgeHeader(bytes: Uint8Array): Verdict {
  for (let at = 2; at < 5 && at < bytes.length; at++) if (bytes[at] !== 0) return 'no';
  const length = byteAt(bytes, 5);
  return 0 <= length && (length < minLength || maxLength < length) ? 'no' : 'more';
}

/** Public functions up to 43, and two ranges that are free for vendors, of whom Schneider also took 90 (§4.2). */
function isFunction(code: number): boolean {
  return (1 <= code && code <= 43) || (65 <= code && code <= 72) || (100 <= code && code <= 110) || code === 90;
}

/** Transaction and unit are repeated in the answer (messaging on TCP/IP §3.1.3). */
function refine(client: Uint8Array, server: Uint8Array, told: Classified): void {
  if (client.length < 7 || server.length < 7) return;
  if (u16At(client, 0) === u16At(server, 0) && client[6] === server[6]) return;
  told.protocol = 'unknown';
  told.layers = [];
  told.by = 'none';
  told.why = say`both sides’ first bytes look like Modbus, but the server answers another transaction`;
}

export const modbus: Protocol = {
  id: 'modbus',
  title: 'Modbus/TCP',
  toldBy: 'a request and the answer to its transaction; asked for by a rule, the request alone',
  firstSpeaker: 'client',
  port: 502,
  evidence: { client: 'weak', server: 'weak' },
  client: matcher('modbus', 8, judgeClient),
  server: matcher('modbus', 8, judgeServer),
  refine,
};
