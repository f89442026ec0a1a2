// What several hundred connections of a web application say at the same time: HTTP, Redis and PostgreSQL, as an engine would record it.

import { CaptureFeed } from '../unit/captureFeed.js';

/** Of each of the three protocols. */
export const flowsPerProtocol = 120;
/** The one flow that says more than all others together: Redis. */
export const longFlow = 1;

/** Times between a request and its answer. */
const latencyMs = 1.5;

export class MixedTraffic {
  readonly feed: CaptureFeed;
  private at = 1_700_000_000_000;
  private number = 0;

  constructor(segments: number) {
    this.feed = new CaptureFeed(segments);
    for (let id = 1; id <= 3 * flowsPerProtocol; id++) this.feed.open(id, { openedAt: this.at, route: `route-${id % 3}` });
    for (let id = 2; id <= 3 * flowsPerProtocol; id += 3) this.says(id, postgresStart, postgresReady);
  }

  /** One exchange of each flow. */
  round(): void {
    for (let id = 1; id <= 3 * flowsPerProtocol; id++) {
      this.number += 1;
      if (id % 3 === 0) this.says(id, httpRequest(this.number), httpAnswer(this.number));
      else if (id % 3 === 1) this.says(id, ...redis(this.number));
      else this.says(id, postgresQuery(this.number), postgresAnswer(this.number));
    }
  }

  /** Further exchanges of the long flow, many to a chunk as a pipelining client has them. */
  long(exchanges: number): void {
    for (let done = 0; done < exchanges; done += 10) {
      const pairs = Array.from({ length: 10 }, () => redis((this.number += 1)));
      this.says(longFlow, Buffer.concat(pairs.map(([asked]) => asked)), Buffer.concat(pairs.map(([, answered]) => answered)));
    }
  }

  private says(id: number, asked: Uint8Array, answered: Uint8Array): void {
    this.at += 0.05;
    this.feed.says(id, 'client', asked, this.at).says(id, 'upstream', answered, this.at + latencyMs);
  }
}

function redis(number: number): [Buffer, Buffer] {
  const key = `session:${(number * 48_271) % 100_003}`;
  if (number % 4 !== 0) return [command('GET', key), bulk(`user-${(number * 7) % 5000}`)];
  return [command('SET', key, `user-${number % 5000}`, 'EX', '3600'), Buffer.from('+OK\r\n')];
}

function command(...words: string[]): Buffer {
  return Buffer.from(`*${words.length}\r\n${words.map((word) => `$${word.length}\r\n${word}\r\n`).join('')}`);
}

function bulk(text: string): Buffer {
  return Buffer.from(`$${text.length}\r\n${text}\r\n`);
}

function httpRequest(number: number): Buffer {
  return Buffer.from([
    `GET /api/orders/${(number * 16_807) % 1_000_003}?page=${number % 20} HTTP/1.1`, 'Host: api.localhost:3000', 'User-Agent: Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/537.36', 'Accept: application/json',
    'Accept-Encoding: gzip, deflate', 'Connection: keep-alive', 'Authorization: Bearer eyJhbGciOiJIUzI1NiJ9.c2Vzc2lvbg.c2lnbmF0dXJl', `X-Request-Id: ${number.toString(16).padStart(12, '0')}`, '', '',
  ].join('\r\n'));
}

function httpAnswer(number: number): Buffer {
  const body = JSON.stringify({ id: number, state: number % 7 === 0 ? 'open' : 'paid', total: (number * 31) % 9999, customer: { name: `Customer ${number % 500}` }, lines: [] });
  return Buffer.from(`HTTP/1.1 ${number % 100 === 0 ? '503 Service Unavailable' : '200 OK'}\r\nContent-Type: application/json\r\nContent-Length: ${body.length}\r\nDate: Tue, 14 Nov 2023 22:13:20 GMT\r\nConnection: keep-alive\r\n\r\n${body}`);
}

const postgresStart = Buffer.concat([u32(33), u32(196_608), Buffer.from('user\0app\0database\0shop\0\0')]);
const postgresReady = Buffer.concat([tagged('R', u32(0)), tagged('Z', Buffer.from('I'))]);

function postgresQuery(number: number): Buffer {
  return tagged('Q', Buffer.from(`SELECT id, state, total FROM orders WHERE customer = ${(number * 271) % 50_021}\0`));
}

function postgresAnswer(number: number): Buffer {
  const rows = 1 + (number % 2);
  return Buffer.concat([
    tagged('T', Buffer.concat([u16(3), column('id', 23), column('state', 25), column('total', 1700)])),
    ...Array.from({ length: rows }, (_, row) => tagged('D', Buffer.concat([u16(3), value(String(number + row)), value('paid'), value(`${number % 9999}.50`)]))),
    tagged('C', Buffer.from(`SELECT ${rows}\0`)),
    tagged('Z', Buffer.from('I')),
  ]);
}

function tagged(tag: string, body: Uint8Array): Buffer {
  return Buffer.concat([Buffer.from(tag), u32(body.length + 4), body]);
}

function column(name: string, type: number): Buffer {
  return Buffer.concat([Buffer.from(`${name}\0`), u32(16_384), u16(1), u32(type), u16(0xffff), u32(0xffff_ffff), u16(0)]);
}

function value(text: string): Buffer {
  return Buffer.concat([u32(text.length), Buffer.from(text)]);
}

function u16(number: number): Buffer {
  const bytes = Buffer.alloc(2);
  bytes.writeUInt16BE(number);
  return bytes;
}

function u32(number: number): Buffer {
  const bytes = Buffer.alloc(4);
  bytes.writeUInt32BE(number);
  return bytes;
}
