// Conversations that carry kilobytes, for figures in bytes per second: a mix of small requests and answers of 1 to 64 KiB.

import type { Speaker } from '../../src/shared/flow.js';

type Piece = { from: Speaker; bytes: Uint8Array };

/** Sizes of what is carried, as an application's answers are: many small ones, a few large ones. */
const sizes = [200, 500, 1000, 2000, 4000, 8000, 16_000, 64_000];

const words = 'the quick brown fox jumps over the lazy dog; ';

/** @returns client and upstream in turn, or undefined for protocols that carry nothing large */
export function bulkOf(id: string): Piece[] | undefined {
  const make = makers[id];
  if (make === undefined) return undefined;
  return [...(make.begin?.() ?? []), ...sizes.flatMap((size, i) => make.exchange(size, i + 1))];
}

interface Maker {
  begin?(): Piece[];
  exchange(size: number, number: number): Piece[];
}

const makers: Readonly<Record<string, Maker>> = {
  redis: { exchange: (size) => [client('*2\r\n$3\r\nGET\r\n$8\r\nuser:123\r\n'), upstream(`$${size}\r\n${text(size)}\r\n`)] },
  memcached: { exchange: (size) => [client('get user:123\r\n'), upstream(`VALUE user:123 0 ${size}\r\n${text(size)}\r\nEND\r\n`)] },
  http1: { exchange: (size) => [client('GET /v1/items HTTP/1.1\r\nHost: api.localhost\r\nAccept: */*\r\n\r\n'), upstream(`HTTP/1.1 200 OK\r\nContent-Type: text/plain\r\nContent-Length: ${size}\r\n\r\n${text(size)}`)] },
  mqtt: {
    begin: () => [{ from: 'client', bytes: joined([0x10, 0x0c, 0, 4], 'MQTT', [4, 2, 0, 60, 0, 0]) }, { from: 'upstream', bytes: Uint8Array.of(0x20, 2, 0, 0) }],
    exchange: (size) => [{ from: 'client', bytes: joined([0x30, ...variable(size + 8)], [0, 6], 'orders', text(size)) }],
  },
  amqp: { exchange: (size) => [{ from: 'client', bytes: joined([3, 0, 1, ...u32(size)], text(size), [0xce]) }] },
  nats: { exchange: (size) => [client(`PUB orders ${size}\r\n${text(size)}\r\n`)] },
  stomp: { exchange: (size) => [client(`SEND\ndestination:/queue/a\ncontent-length:${size}\n\n${text(size)}\0`)] },
  tls: { exchange: (size) => [{ from: 'upstream', bytes: joined([0x17, 3, 3, ...u16(Math.min(size, 16_000))], text(Math.min(size, 16_000))) }] },
  websocket: { exchange: (size) => [{ from: 'upstream', bytes: size < 65_536 ? joined([0x81, 126, ...u16(size)], text(size)) : new Uint8Array(0) }] },
  postgres: {
    exchange: (size) => [
      { from: 'client', bytes: joined('Q', u32(22 + 4), 'select text from docs', [0]) },
      { from: 'upstream', bytes: joined('T', u32(29), u16(1), 'text', [0], u32(0), u16(0), u32(25), [0xff, 0xff], [0xff, 0xff, 0xff, 0xff], u16(0), 'D', u32(10 + size), u16(1), u32(size), text(size), 'C', u32(13), 'SELECT 1', [0], 'Z', u32(5), 'I') },
    ],
  },
  smtp: { exchange: (size) => [client('MAIL FROM:<a@x>\r\n'), upstream('250 ok\r\n'), client('DATA\r\n'), upstream('354 go\r\n'), client(`Subject: hi\r\n\r\n${lines(size)}.\r\n`), upstream('250 ok\r\n')] },
  fastcgi: { exchange: (size) => [{ from: 'upstream', bytes: joined([1, 6, 0, 1, ...u16(size), 0, 0], text(size)) }] },
};

function client(said: string): Piece {
  return { from: 'client', bytes: Buffer.from(said, 'latin1') };
}

function upstream(said: string): Piece {
  return { from: 'upstream', bytes: Buffer.from(said, 'latin1') };
}

function text(size: number): string {
  return words.repeat(Math.ceil(size / words.length)).slice(0, size);
}

function lines(size: number): string {
  return `${text(70)}\r\n`.repeat(Math.ceil(size / 72));
}

function joined(...parts: readonly (string | readonly number[])[]): Uint8Array {
  return Buffer.concat(parts.map((part) => (typeof part === 'string' ? Buffer.from(part, 'latin1') : Buffer.from(part))));
}

function u16(value: number): number[] {
  return [(value >> 8) & 0xff, value & 0xff];
}

function u32(value: number): number[] {
  return [...u16(value >>> 16), ...u16(value & 0xffff)];
}

function variable(value: number): number[] {
  const bytes: number[] = [];
  for (let rest = value; ; rest = Math.floor(rest / 128)) {
    if (rest < 128) return [...bytes, rest];
    bytes.push((rest % 128) | 0x80);
  }
}
