// Bytes to try matchers on: every vector of the conformance pages, and hellos and requests too long to write there.

import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Condition, ListenerRule, RouteRule } from '../../src/shared/rules.js';
import { vectorsOf, type Vector } from '../conformance/vectors.js';

const folder = join(__dirname, '..', '..', '..', 'test', 'conformance');

export function conformanceVectors(): Vector[] {
  return readdirSync(folder).filter((name) => name.endsWith('.md')).flatMap((name) => vectorsOf(name.slice(0, -3), readFileSync(join(folder, name), 'utf8')));
}

export function ascii(text: string): Uint8Array {
  return Uint8Array.from(text, (char) => char.charCodeAt(0));
}

export function joined(...parts: readonly Uint8Array[]): Uint8Array {
  return Uint8Array.from(parts.flatMap((part) => [...part]));
}

function u16(value: number): number[] {
  return [value >> 8, value & 0xff];
}

/** A ClientHello (RFC 8446 §4.1.2), in records of at most `recordBytes`. */
export function hello(options: { sni?: string; alpn?: string[]; recordBytes?: number; paddingBytes?: number } = {}): Uint8Array {
  const extensions: number[] = [];
  if (options.paddingBytes !== undefined) extensions.push(...u16(0x15), ...u16(options.paddingBytes), ...Array<number>(options.paddingBytes).fill(0));
  if (options.sni !== undefined) {
    const name = [...ascii(options.sni)];
    extensions.push(...u16(0), ...u16(name.length + 5), ...u16(name.length + 3), 0, ...u16(name.length), ...name);
  }
  if (options.alpn !== undefined) {
    const list = options.alpn.flatMap((one) => [one.length, ...ascii(one)]);
    extensions.push(...u16(0x10), ...u16(list.length + 2), ...u16(list.length), ...list);
  }
  const body = [3, 3, ...Array<number>(32).fill(7), 0, ...u16(2), 0x13, 0x01, 1, 0, ...u16(extensions.length), ...extensions];
  const message = [1, 0, ...u16(body.length), ...body];
  const size = options.recordBytes ?? 16384;
  const records: number[] = [];
  for (let at = 0; at < message.length; at += size) {
    const piece = message.slice(at, at + size);
    records.push(0x16, 3, 1, ...u16(piece.length), ...piece);
  }
  return Uint8Array.from(records);
}

export const preface = ascii('PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n');

export function frame(type: number, flags: number, stream: number, body: readonly number[] = []): Uint8Array {
  return Uint8Array.from([0, ...u16(body.length), type, flags, 0, 0, ...u16(stream), ...body]);
}

/** A listener with these conditions as routes `a`, `b`, `c`…; the default is there unless `closes`. */
export function listener(conditions: readonly Condition[], options: { closes?: boolean; whenSilent?: boolean; maxBytes?: number } = {}): ListenerRule {
  const to = { upstreams: [{ kind: 'tcp' as const, host: '127.0.0.1', port: 1 }], balance: 'first' as const };
  const routes: RouteRule[] = conditions.map((condition, i) => ({ name: String.fromCharCode(0x61 + i), isEnabled: true, condition, to }));
  return {
    id: 't/t',
    name: 't',
    isEnabled: true,
    listen: { kind: 'tcp', host: '127.0.0.1', port: 0 },
    inspect: { timeoutMs: 300, maxBytes: options.maxBytes ?? 16384 },
    idleMs: 0,
    connectTimeoutMs: 1000,
    routes,
    ...(options.closes === true ? {} : { fallback: { ...to, whenSilent: options.whenSilent === true } }),
  };
}
