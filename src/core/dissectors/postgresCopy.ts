// Data of COPY and of replication, which travels in the same messages (PostgreSQL documentation, "COPY Operations", "Streaming
// Replication Protocol", "Logical Replication Message Formats").

import { bytesText, plainText } from './fieldReader.js';
import type { FieldReader } from './fieldReader.js';
import type { PostgresState } from './postgresState.js';
import { lsnText, timestampText } from './postgresTypes.js';

/** Names of statements and portals are kept by their first characters; the server cuts its own at 63 bytes. */
export const maxKeptText = 200;

/** Reads one CopyData. @returns its summary */
export function copyData(state: PostgresState, reader: FieldReader, from: 'client' | 'upstream'): string {
  if (state.copy === 'both') return from === 'client' ? status(reader) : stream(reader);
  const view = reader.bytes.subarray(reader.at, reader.end);
  const text = plainText(view);
  const { left } = reader;
  if (text === undefined) reader.data('data', left);
  else reader.text('data', left);
  return text === undefined ? `copy ${bytesText(view)}` : `copy ${text.slice(0, 300).replace(/\n$/, '').replace(/\t/g, ' | ')}`;
}

/** Standby status update (r), hot standby feedback (h), primary status request (p). */
function status(reader: FieldReader): string {
  switch (reader.peek()) {
    case 0x72: {
      reader.u8('kind', () => 'standby status update');
      position(reader, 'written');
      const flushed = position(reader, 'flushed');
      position(reader, 'applied');
      time(reader);
      reader.u8('reply wanted');
      return `standby status: flushed to ${flushed}`;
    }
    case 0x68:
      reader.u8('kind', () => 'hot standby feedback');
      time(reader);
      reader.u32('xmin');
      reader.u32('xmin epoch');
      reader.u32('catalog xmin');
      reader.u32('catalog xmin epoch');
      return 'hot standby feedback';
    default:
      return unknown(reader);
  }
}

/** Data of the write-ahead log (w), or a keepalive (k). */
function stream(reader: FieldReader): string {
  switch (reader.peek()) {
    case 0x77: {
      reader.u8('kind', () => 'XLogData');
      const start = position(reader, 'start');
      position(reader, 'end');
      time(reader);
      return `WAL at ${start}: ${change(reader)}`;
    }
    case 0x6b: {
      reader.u8('kind', () => 'primary keepalive');
      const end = position(reader, 'end');
      time(reader);
      return `keepalive at ${end}${reader.u8('reply wanted') === 0 ? '' : ', wants a reply'}`;
    }
    default:
      return unknown(reader);
  }
}

function unknown(reader: FieldReader): string {
  const { left } = reader;
  reader.data('data', left);
  return `replication data, ${left} bytes`;
}

/** Logical replication messages by their first byte (pgoutput). */
const changes: Readonly<Record<number, string>> = {
  0x42: 'begin', 0x43: 'commit', 0x4f: 'origin', 0x52: 'relation', 0x59: 'type', 0x49: 'insert', 0x55: 'update', 0x44: 'delete', 0x54: 'truncate', 0x4d: 'message',
  0x53: 'stream start', 0x45: 'stream stop', 0x63: 'stream commit', 0x41: 'stream abort', 0x62: 'begin prepare', 0x50: 'prepare', 0x4b: 'commit prepared', 0x72: 'rollback prepared', 0x70: 'stream prepare',
};

/** Output plugins other than pgoutput write text; physical replication sends pages of the log. */
function change(reader: FieldReader): string {
  const { left } = reader;
  const view = reader.bytes.subarray(reader.at, reader.end);
  const text = plainText(view);
  if (text !== undefined) {
    reader.text('data', left);
    return text;
  }
  // Pages of the log start with a magic number of the version: 0xD0.., 0xD1.. in little-endian, so the first byte may be any.
  const word = changes[reader.peek()];
  if (word === undefined || 8192 <= left) {
    reader.data('data', left);
    return `${left} bytes`;
  }
  reader.u8('change', () => word);
  reader.rest('data');
  return word;
}

function position(reader: FieldReader, name: string): string {
  const { bytes, at } = reader;
  const at32 = (i: number): number => ((bytes[i] ?? 0) << 24) | ((bytes[i + 1] ?? 0) << 16) | ((bytes[i + 2] ?? 0) << 8) | (bytes[i + 3] ?? 0);
  const text = lsnText(at32(at), at32(at + 4));
  reader.value(name, 8, () => text);
  return text;
}

function time(reader: FieldReader): void {
  reader.i64('time', (micros) => `${timestampText(micros)} UTC`);
}
