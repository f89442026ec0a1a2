// Exchanges of HTTP/1 (RFC 9112) from the messages of a flow: heads are read again from the wire, bodies are remembered by their place.

import type { Message } from '../../../shared/message.js';
import type { ExportFlow } from './exportFlow.js';
import type { Header, HttpAnswer, HttpExchange, HttpPart, HttpRequest } from './httpExchange.js';

/** Dissectors take nothing longer for a head. */
const maxHeadBytes = 64 << 10;

/** A head as it was written. */
export interface WireHead {
  line: string;
  headers: Header[];
  /** bytes with the empty line */
  length: number;
}

export class Http1Exchanges {
  /** by index of the request, in order; answered ones wait for the end of their body */
  private readonly open = new Map<number, HttpExchange>();
  private lastRequest: HttpRequest | undefined;
  private upgraded: HttpExchange | undefined;

  constructor(private readonly flow: ExportFlow) {}

  take(message: Message): HttpExchange[] {
    return message.from === 'client' ? this.request(message) : this.answer(message);
  }

  /** @returns the request that asked for HTTP/2, once */
  takeUpgraded(): HttpExchange | undefined {
    const { upgraded } = this;
    this.upgraded = undefined;
    return upgraded;
  }

  finish(): HttpExchange[] {
    const rest = [...this.open.values()];
    this.open.clear();
    return rest;
  }

  private request(message: Message): HttpExchange[] {
    const { index, range, kind } = message;
    if (kind !== 'request') {
      const last = this.lastRequest;
      if (last !== undefined && kind === 'notice' && message.summary !== 'empty line') extend(last, message);
      return [];
    }
    const head = this.headOf(message);
    if (head === undefined) return [];
    const [method = '', target = ''] = head.line.split(' ');
    const version = /HTTP\/\S+$/.exec(head.line)?.[0] ?? 'HTTP/1.0';
    const request: HttpRequest = { ...partOf(message, head), method, target, version, scheme: '', authority: '' };
    this.lastRequest = request;
    this.open.set(index, { protocol: 'http1', request });
    request.isWhole = request.isWhole && range.end <= this.flow.total('client');
    return [];
  }

  private answer(message: Message): HttpExchange[] {
    const exchange = message.answers === undefined ? undefined : this.open.get(message.answers);
    if (exchange === undefined) return [];
    if (exchange.answer !== undefined) {
      extend(exchange.answer, message);
      return [];
    }
    const head = this.headOf(message);
    const status = Number(/^HTTP\/\S+ (\d{3})/.exec(head?.line ?? '')?.[1] ?? 0);
    // 100 Continue and the like are no answer yet (RFC 9110 §15.2).
    if (head === undefined || (100 <= status && status <= 199 && status !== 101)) return [];
    const [version = 'HTTP/1.1'] = head.line.split(' ');
    const answer: HttpAnswer = { ...partOf(message, head), version, status, reason: head.line.split(' ').slice(2).join(' ') };
    // No body, whatever its head says (RFC 9112 §6.3).
    if (exchange.request.method === 'HEAD' || status === 204 || status === 304) answer.body = [];
    exchange.answer = answer;
    if (status === 101 && /^h2c/i.test(answer.headers.find(({ name }) => name.toLowerCase() === 'upgrade')?.value ?? '')) {
      this.open.delete(exchange.request.index);
      delete exchange.answer;
      this.upgraded = exchange;
      return [];
    }
    // Answers come in order: what was asked before this one is over.
    const done: HttpExchange[] = [];
    for (const [index, earlier] of this.open) {
      if (earlier === exchange) break;
      this.open.delete(index);
      done.push(earlier);
    }
    return done;
  }

  private headOf({ from, range }: Message): WireHead | undefined {
    const bytes = this.flow.read(from, range.start, Math.min(range.end, range.start + maxHeadBytes));
    return bytes === undefined ? undefined : readHead(bytes);
  }
}

function partOf({ index, startedAt, endedAt, range, problems }: Message, head: WireHead): HttpPart {
  const bodyStart = Math.min(range.start + head.length, range.end);
  return {
    index, startedAt, endedAt,
    headers: head.headers,
    headBytes: head.length,
    body: bodyStart < range.end ? [{ start: bodyStart, end: range.end }] : [],
    isChunked: head.headers.some(({ name, value }) => name.toLowerCase() === 'transfer-encoding' && /chunked\s*$/i.test(value)),
    isWhole: !problems.some(({ text }) => /^Content-Length says|has no end$/.test(text)),
  };
}

/** A piece of a body that is told as it comes. */
function extend(part: HttpPart, { range, endedAt }: Message): void {
  const last = part.body.at(-1);
  if (last !== undefined && last.end === range.start) last.end = range.end;
  else part.body.push({ ...range });
  part.endedAt = endedAt;
}

/** @returns undefined when the empty line at its end is not there */
export function readHead(bytes: Uint8Array): WireHead | undefined {
  const text = textOf(bytes);
  const end = /\r?\n\r?\n/.exec(text);
  if (end === null) return undefined;
  // A folded line (RFC 9112 §5.2) belongs to the one before it.
  const [line = '', ...lines] = text.slice(0, end.index).replace(/\r?\n[ \t]+/g, ' ').split(/\r?\n/);
  const headers = lines.flatMap((one): Header[] => {
    const colon = one.indexOf(':');
    return colon <= 0 ? [] : [{ name: one.slice(0, colon).trim(), value: utf8Of(one.slice(colon + 1).trim()) }];
  });
  return { line: utf8Of(line), headers, length: end.index + end[0].length };
}

function textOf(bytes: Uint8Array): string {
  return Buffer.from(bytes.buffer, bytes.byteOffset, bytes.length).toString('latin1');
}

/** Header values are bytes: UTF-8 where they are that, else Latin-1 (RFC 9110 §5.5). */
function utf8Of(text: string): string {
  if (!/[\u0080-\u00ff]/.test(text)) return text;
  try {
    return new TextDecoder('utf-8', { fatal: true }).decode(Buffer.from(text, 'latin1'));
  } catch {
    return text;
  }
}
