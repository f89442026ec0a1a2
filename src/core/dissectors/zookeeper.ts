// ZooKeeper's client protocol (zookeeper.jute): connect, requests and their replies by xid, watcher events; four-letter words.

import { say, verbatim } from '../../shared/sentences.js';
import type { Verdict } from '../match/matcher.js';
import { latin1 } from '../bytes.js';
import { available, type Decoded, type Dissector, type Input, type Next } from './dissector.js';
import { FieldReader } from './fieldReader.js';
import { createModes, errorText, eventTypes, keeperStates, ops, words } from './zookeeperNames.js';
import { acl, data, names, sessionText, stat, ustring, zxidText } from './zookeeperRecords.js';

/** Paths come first; data of more (jute.maxbuffer is 1 MB) and long lists of children are shown by their beginning. */
const maxMessageBytes = 256 << 10;
/** jute.maxbuffer is raised by some, answers may pass it. */
const longestBytes = 64 << 20;
/** Requests whose type is remembered until they are answered. */
const maxPending = 4096;
/** xids with a meaning of their own (ClientCnxn). */
const specialXids: Readonly<Record<number, { name: string; op: number }>> = { [-1]: { name: 'event', op: 0 }, [-2]: { name: 'ping', op: 11 }, [-4]: { name: 'auth', op: 100 }, [-8]: { name: 'set watches', op: 101 } };
const noNode = -101;
const exists = 3;

interface ZookeeperState {
  /** a connect request, or its answer, was told */
  isConnected: { client: boolean; upstream: boolean };
  /** four-letter word that was asked; what comes back is text up to the connection's end */
  word: string;
  pending: Map<number, { op: number; path: string }>;
}

export const zookeeper: Dissector<ZookeeperState> = {
  id: 'zookeeper',
  maxMessageBytes,
  start: () => ({ isConnected: { client: false, upstream: false }, word: '', pending: new Map() }),
  next,
  mayStart,
  lost: (state, from) => {
    state.isConnected[from] = true;
  },
};

/** A length, a type that exists, and a path where there must be one; a reply to something that was asked. */
function mayStart(state: ZookeeperState, { bytes, at, end, from }: Input): Verdict {
  if (state.word !== '' || bytes[at] !== 0) return 'no';
  if (end - at < 12) return 'more';
  const length = i32(bytes, at);
  const xid = i32(bytes, at + 4);
  if (length < 8 || longestBytes < length) return 'no';
  if (from === 'upstream') return 16 <= length && (state.pending.has(xid) || xid === -1 || xid === -2) ? 'match' : 'no';
  const op = ops[i32(bytes, at + 8)];
  if (op === undefined || (xid < 0 && specialXids[xid] === undefined)) return 'no';
  if (!op.request.startsWith('path')) return 'match';
  return end - at < 17 ? 'more' : bytes[at + 16] === 0x2f ? 'match' : 'no';
}

function next(state: ZookeeperState, input: Input): Next {
  const { bytes, at, end, from } = input;
  if (state.word !== '') return from === 'client' ? lineEnd(input) : wordAnswer(state, input);
  if (end - at < 4) return 4;
  if (from === 'client' && !state.isConnected.client && words.has(latin1(bytes, at, at + 4))) return word(state, input);
  const size = i32(bytes, at);
  if (size < 8 || longestBytes < size) return { lost: say`no packet has ${size} bytes` };
  const length = 4 + size;
  if (!available(input, length, maxMessageBytes)) return length;
  const reader = FieldReader.of(input, Math.min(length, maxMessageBytes));
  const isCut = maxMessageBytes < length;
  reader.u32('length');
  const isFirst = !state.isConnected[from];
  const told = from === 'client'
    ? isFirst && isConnect(bytes, at, size, 44, 28) ? connect(state, reader) : request(state, reader)
    : isFirst && isConnect(bytes, at, size, 36, 20) ? connected(state, reader) : reply(state, reader);
  if (isCut && reader.isBroken) reader.problems.pop();
  if (!isCut) reader.rest();
  return { length, kind: 'notice', fields: reader.fields, problems: reader.problems, ...told } satisfies Decoded;
}

type Told = Partial<Decoded> & Pick<Decoded, 'summary'>;

/** A length, with or without the flag for read-only servers, version 0, and a password of 16 bytes. */
function isConnect(bytes: Uint8Array, at: number, size: number, expected: number, passwordAt: number): boolean {
  return (size === expected || size === expected + 1) && i32(bytes, at + 4) === 0 && i32(bytes, at + passwordAt) === 16;
}

function connect(state: ZookeeperState, reader: FieldReader): Told {
  state.isConnected.client = true;
  reader.u32('protocol version');
  reader.i64('last zxid', zxidText);
  const timeout = reader.i32('timeout', milliseconds);
  const session = reader.u64('session id', sessionText);
  reader.secret('password', reader.u32('password length'));
  const isReadOnly = 0 < reader.left && reader.u8('read only', flagText) !== 0;
  return { kind: 'request', asks: 'connect', summary: `${session === 0n ? 'connect' : `reconnect ${sessionText(session)}`}, timeout ${timeout} ms${isReadOnly ? ', read only' : ''}` };
}

function connected(state: ZookeeperState, reader: FieldReader): Told {
  state.isConnected.upstream = true;
  const start = reader.at;
  reader.u32('protocol version');
  const timeout = reader.i32('timeout', milliseconds);
  const session = reader.u64('session id', sessionText);
  reader.secret('password', reader.u32('password length'));
  const isReadOnly = 0 < reader.left && reader.u8('read only', flagText) !== 0;
  // Without a session the server closes (ZooKeeperServer.finishSessionInit).
  if (session === 0n) reader.problem('error', say`the session has expired`, start, reader.at);
  return { kind: 'answer', answers: 'connect', summary: session === 0n ? 'session expired' : `connected, session ${sessionText(session)}, timeout ${timeout} ms${isReadOnly ? ', read only' : ''}` };
}

// ---- requests and replies -------------------------------------------------------------------------------------------

function request(state: ZookeeperState, reader: FieldReader): Told {
  state.isConnected.client = true;
  const xid = reader.i32('xid', xidText);
  const type = reader.i32('type', typeText);
  const op = ops[type];
  if (op === undefined) {
    reader.problem('error', say`${type} is no type of a request`, reader.at - 4, reader.at);
    return { kind: 'request', asks: xid, summary: `request type ${type}` };
  }
  const told = carried(reader, op.request);
  if (specialXids[xid] === undefined) remember(state, xid, type, told.path);
  return { kind: 'request', asks: xid, summary: `${op.name}${told.words === '' ? '' : ` ${told.words}`}` };
}

function remember({ pending }: ZookeeperState, xid: number, op: number, path: string): void {
  if (maxPending <= pending.size) for (const oldest of pending.keys()) {
    pending.delete(oldest);
    break;
  }
  pending.set(xid, { op, path });
}

function reply(state: ZookeeperState, reader: FieldReader): Told {
  state.isConnected.upstream = true;
  const xid = reader.i32('xid', xidText);
  reader.i64('zxid', zxidText);
  const code = reader.i32('error', errorText);
  if (reader.isBroken) return { summary: 'reply' };
  if (xid === -1) return { summary: event(reader) };
  const asked = state.pending.get(xid);
  state.pending.delete(xid);
  const type = asked?.op ?? specialXids[xid]?.op;
  const op = type === undefined ? undefined : ops[type];
  const pair = { kind: 'answer' as const, answers: xid };
  const name = op?.name ?? `reply ${xid}`;
  if (code !== 0) {
    const text = `${errorText(code)}${asked === undefined || asked.path === '' ? '' : ` ${asked.path}`}`;
    // Asking whether a node exists has two good answers.
    reader.problem(type === exists && code === noNode ? 'note' : 'error', verbatim(text), reader.at - 4, reader.at);
    // A multi that failed tells which part of it did.
    if (op?.response === 'results' && 0 < reader.left) carried(reader, 'results');
    return { ...pair, summary: `${name} ${text}` };
  }
  const told = op === undefined ? { path: '', words: '', hasFailed: false } : carried(reader, op.response);
  return { ...pair, summary: `${name} ${told.hasFailed ? 'failed' : 'ok'}${told.words === '' ? '' : `${told.path === '' ? ', ' : ' '}${told.words}`}` };
}

function event(reader: FieldReader): string {
  const type = reader.i32('event', eventTypes);
  const state = reader.i32('state', keeperStates);
  const path = ustring(reader, 'path');
  return `event ${eventTypes[type] ?? type}${path === '' ? '' : ` ${path}`}${state === 3 ? '' : ` (${keeperStates[state] ?? state})`}`;
}

interface Carried {
  path: string;
  words: string;
  /** an operation of a multi did not work, and so none did */
  hasFailed: boolean;
}

/** Reads what the words of `ops` say. @returns path, and all of it in short */
function carried(reader: FieldReader, layout: string): Carried {
  const told: Carried = { path: '', words: '', hasFailed: false };
  if (layout === '') return told;
  const shown: string[] = [];
  let lead = '';
  for (const part of layout.split(' ')) {
    if (reader.isBroken) break;
    switch (part) {
      case 'path':
        lead = told.path = ustring(reader, 'path');
        break;
      case 'data':
        shown.push(data(reader, 'data'));
        break;
      case 'acl':
        acl(reader);
        break;
      case 'flags': {
        const mode = reader.i32('flags', createModes);
        if (mode !== 0) shown.unshift(createModes[mode] ?? String(mode));
        break;
      }
      case 'version': {
        const version = reader.i32('version', (value) => (value === -1 ? 'any (-1)' : String(value)));
        if (version !== -1) shown.push(`version ${version}`);
        break;
      }
      case 'watch':
        if (reader.u8('watch', flagText) !== 0) shown.push('watch');
        break;
      case 'ttl':
        shown.push(`ttl ${reader.i64('ttl', (value) => `${value} ms`)} ms`);
        break;
      case 'stat':
        shown.push(`version ${stat(reader)}`);
        break;
      case 'children':
        shown.push(names(reader, 'children', 'child'));
        break;
      case 'paths':
        shown.push(names(reader, 'paths', 'path'));
        break;
      case 'count':
        shown.push(String(reader.i32('count')));
        break;
      case 'scheme':
        lead = ustring(reader, 'scheme');
        break;
      case 'secret': {
        const length = reader.i32('token length');
        if (0 < length) reader.secret('token', length);
        break;
      }
      case 'multi':
        shown.push(multi(reader, false).words);
        break;
      case 'results': {
        const results = multi(reader, true);
        told.hasFailed = results.hasFailed;
        shown.push(results.words);
        break;
      }
      case 'zxid':
      case 'config':
        reader.i64(part === 'zxid' ? 'relative zxid' : 'current config id', zxidText);
        break;
      case 'joining':
      case 'leaving':
      case 'members': {
        const text = ustring(reader, part);
        if (text !== '') shown.push(`${part} ${text}`);
        break;
      }
      case 'ids': {
        const count = reader.i32('count');
        for (let i = 0; i < count && 0 < reader.left; i++) reader.group('client', () => `${ustring(reader, 'scheme')}:${ustring(reader, 'user')}`, (text) => text);
        break;
      }
      default:
        reader.i32(part === 'authtype' ? 'type' : part);
    }
  }
  told.words = [lead, shown.filter((text) => text !== '').join(', ')].filter((text) => text !== '').join(' ');
  return told;
}

/** Operations, or results, each behind a MultiHeader; the last header says that it is done. */
function multi(reader: FieldReader, isResult: boolean): { words: string; hasFailed: boolean } {
  const shown: string[] = [];
  let hasFailed = false;
  let count = 0;
  while (0 < reader.left) {
    let isDone = false;
    reader.group(isResult ? 'result' : 'operation', () => {
      const type = reader.i32('type', (value) => (value === -1 ? 'error (-1)' : typeText(value)));
      isDone = reader.u8('done', flagText) !== 0;
      // -1 stands for nothing here.
      reader.i32('error', (code) => (code === -1 ? 'unused (-1)' : errorText(code)));
      if (isDone || reader.isBroken) return 'done';
      if (type === -1) {
        const code = reader.i32('error', errorText);
        // Those before it are told as good, those behind it as inconsistent (ErrorResult of a MultiResponse).
        if (code !== 0 && !hasFailed) {
          hasFailed = true;
          reader.problem('error', say`operation ${count + 1}: ${errorText(code)}`, reader.at - 4, reader.at);
        }
        return errorText(code);
      }
      const op = ops[type];
      if (op === undefined || op.request === 'multi') {
        reader.isBroken = true;
        reader.problem('error', say`${type} is no type of an operation`, reader.at, reader.at);
        return '';
      }
      const { words: text } = carried(reader, isResult ? op.response : op.request);
      return `${op.name}${text === '' ? '' : ` ${text}`}`;
    }, (text) => {
      if (isDone) return 'done';
      count += 1;
      if (shown.length < 6) shown.push(text);
      return text;
    });
    if (isDone) break;
  }
  return { words: `${shown.join(' · ')}${shown.length < count ? ` · … ${count} in all` : ''}`, hasFailed };
}

// ---- four-letter words ----------------------------------------------------------------------------------------------

function word(state: ZookeeperState, input: Input): Next {
  const reader = FieldReader.of(input, 4);
  state.word = reader.latin1('command', 4);
  return { length: 4, kind: 'request', asks: '', summary: state.word, fields: reader.fields, problems: reader.problems };
}

function lineEnd({ bytes, at }: Input): Next {
  return bytes[at] === 0x0a || bytes[at] === 0x0d ? { length: 1, kind: 'notice', summary: 'line end', fields: [], problems: [] } : { lost: say`more than a four-letter word` };
}

/** The server says what it has to say and closes. */
function wordAnswer({ word: asked }: ZookeeperState, input: Input): Next {
  const there = input.end - input.at;
  if (!input.isEnded && there < maxMessageBytes) return there + 1;
  const length = Math.min(there, maxMessageBytes);
  const reader = FieldReader.of(input, length);
  const text = reader.text('answer', length);
  const line = text.split('\n', 1)[0]!;
  const isRefused = /is not executed because/.test(line);
  if (isRefused) reader.problem('warning', verbatim(line), input.at, input.at + length);
  return { length, kind: 'answer', answers: '', summary: `${asked}: ${line}${line.length < text.trimEnd().length ? ` … ${length} bytes` : ''}`, fields: reader.fields, problems: reader.problems };
}

// ---- words ----------------------------------------------------------------------------------------------------------

function typeText(type: number): string {
  return `${ops[type]?.name ?? 'unknown'} (${type})`;
}

function xidText(xid: number): string {
  const special = specialXids[xid];
  return special === undefined ? String(xid) : `${special.name} (${xid})`;
}

function milliseconds(value: number): string {
  return `${value} ms`;
}

function flagText(value: number): string {
  return value === 0 ? 'no' : 'yes';
}

function i32(bytes: Uint8Array, at: number): number {
  return (bytes[at]! << 24) | (bytes[at + 1]! << 16) | (bytes[at + 2]! << 8) | bytes[at + 3]!;
}
