// The frames that carry neither headers nor bodies (RFC 9113 §6.3-6.9, RFC 9218 §7.1).

import { say, verbatim } from '../../shared/sentences.js';
import { flag, frameType } from '../protocols/http2Frames.js';
import { bytesText, type FieldReader } from './fieldReader.js';
import { on, type Frame, type Told } from './http2Frame.js';
import { closeStream, setStreamWindow } from './http2Streams.js';
import { errorReasons, errorText, frameNames, settingNames } from './http2Words.js';
import { sizeText } from './payload/values.js';

export const goAway = 7;
const priorityUpdate = 16;

/** Stream dependency and weight, deprecated and still sent (RFC 9113 §5.3.2). */
export function dependency(reader: FieldReader): { on: number; weight: number } {
  const on = reader.u32('dependency', (value) => `stream ${value & 0x7fffffff}${0x7fffffff < value ? ', exclusive' : ''}`);
  const weight = reader.u8('weight', (value) => String(value + 1));
  return { on: on & 0x7fffffff, weight: weight + 1 };
}

/** Frames of a stream or of the whole connection. */
export function control(frame: Frame): Told {
  switch (frame.type) {
    case frameType.priority:
      return priority(frame);
    case frameType.reset:
      return reset(frame);
    case frameType.settings:
      return settings(frame);
    case frameType.ping:
      return ping(frame);
    case goAway:
      return leave(frame);
    case frameType.windowUpdate:
      return windowUpdate(frame);
    case priorityUpdate:
      return updatePriority(frame);
    default:
      return { kind: 'notice', summary: `${frameNames[frame.type] ?? `frame type ${frame.type}`}, ${sizeText(frame.length)}${on(frame)}` };
  }
}

function priority(frame: Frame): Told {
  const { on: parent, weight } = dependency(frame.reader);
  return { kind: 'notice', summary: `PRIORITY after stream ${parent}, weight ${weight}${on(frame)}` };
}

/** RFC 9218 §7.1 */
function updatePriority({ reader }: Frame): Told {
  const id = reader.u32('prioritized stream');
  return { kind: 'notice', summary: `PRIORITY_UPDATE ${reader.text('priority', reader.left)} · stream ${id}` };
}

function reset(frame: Frame): Told {
  const { state, input, reader, id } = frame;
  const stream = state.streams.get(id);
  const code = errorCode(reader, 'error');
  const isAnswer = input.from === 'upstream' && stream !== undefined && !stream.upstream.isEnded;
  closeStream(state, id);
  return { kind: isAnswer ? 'answer' : 'notice', summary: `RST_STREAM ${errorText(code)}${on(frame)}`, ...(stream?.isGrpc === true ? { protocol: 'grpc' } : {}), ...(isAnswer ? { answers: id } : {}) };
}

/** NO_ERROR is none, and CANCEL is somebody's wish. */
function errorCode(reader: FieldReader, name: string): number {
  const { at } = reader;
  const code = reader.u32(name, errorText);
  const reason = errorReasons[code];
  if (code !== 0 && !reader.isBroken) reader.problem(code === 8 ? 'note' : 'error', verbatim(reason === undefined ? errorText(code) : `${errorText(code)}: ${reason}`), at, at + 4);
  return code;
}

function settings(frame: Frame): Told {
  const { reader, flags } = frame;
  if ((flags & flag.ack) !== 0) return { kind: 'notice', summary: 'SETTINGS acknowledged' };
  const words: string[] = [];
  while (0 < reader.left) {
    reader.group('setting', () => {
      const id = reader.u16('id', settingNames);
      const value = reader.u32('value');
      if (!reader.isBroken) apply(frame, id, value);
      return `${settingNames[id] ?? `0x${id.toString(16)}`} ${value}`;
    }, (text) => {
      if (words.length < 12) words.push(text);
      return text;
    });
  }
  return { kind: 'notice', summary: words.length === 0 ? 'SETTINGS' : `SETTINGS ${words.join(', ')}` };
}

/** A setting says what its sender's peer must keep to (RFC 9113 §6.5.2). */
function apply({ state, input, reader }: Frame, id: number, value: number): void {
  const peer = input.from === 'client' ? 'upstream' : 'client';
  const other = state[peer];
  switch (id) {
    case 1:
      // It may be used until the encoder says less, so what was allowed once stays allowed.
      if (other.table.maxLimit < value) other.table.maxLimit = value;
      return;
    case 4:
      if (0x7fffffff < value) reader.problem('error', say`a window of ${value} bytes; 2147483647 is the most`, reader.at - 4, reader.at);
      else setStreamWindow(state, peer, value);
      return;
    case 5:
      if (value < 16_384 || 16_777_215 < value) reader.problem('error', say`frames of ${value} bytes; 16384 to 16777215 are possible`, reader.at - 4, reader.at);
      else if (other.maxFrameBytes < value) other.maxFrameBytes = value;
      return;
  }
}

function ping(frame: Frame): Told {
  const { reader, input, flags } = frame;
  const isAnswer = (flags & flag.ack) !== 0;
  const opaque = bytesText(reader.data('opaque data', 8));
  const asker = isAnswer === (input.from === 'client') ? 'upstream' : 'client';
  const key = `ping of ${asker} ${opaque}`;
  return isAnswer ? { kind: 'answer', summary: 'PING acknowledged', answers: key } : { kind: 'request', summary: 'PING', asks: key };
}

function leave(frame: Frame): Told {
  const { reader } = frame;
  const last = reader.u32('last stream') & 0x7fffffff;
  const code = errorCode(reader, 'error');
  const debug = 0 < reader.left ? bytesText(reader.data('debug data', reader.left)) : '';
  return { kind: 'notice', summary: `GOAWAY ${errorText(code)}, last stream ${last}${debug === '' ? '' : `: ${debug}`}` };
}

function windowUpdate(frame: Frame): Told {
  const { state, input, reader, id } = frame;
  const increment = reader.u32('increment') & 0x7fffffff;
  if (increment === 0 && !reader.isBroken) reader.problem('error', say`a window grows by 1 at least`, reader.at - 4, reader.at);
  const peer = input.from === 'client' ? 'upstream' : 'client';
  const grown = id === 0 ? state[peer] : state.streams.get(id)?.[peer];
  if (grown !== undefined) grown.window += increment;
  if (grown !== undefined && 0x7fffffff < grown.window) reader.problem('error', say`the window has ${grown.window} bytes; 2147483647 is the most`, reader.at - 4, reader.at);
  return { kind: 'notice', summary: `WINDOW_UPDATE +${increment}${on(frame)}` };
}

