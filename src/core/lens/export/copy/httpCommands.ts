// A request of HTTP as commands and code that send it again, to the listener that it came through.

import { say } from '../../../../shared/sentences.js';
import { headerOf, readBody, type Header, type HttpExchange } from '../httpExchange.js';
import { localOf } from '../harEntry.js';
import { textOfBytes } from '../bodyText.js';
import { maskedText } from '../secretText.js';
import type { CopyContext } from './copyContext.js';
import { isPlainText, lines, piped, quoted, word } from './shell.js';

/** Longer bodies come from a pipe. */
const maxArgumentCharacters = 8 << 10;

interface Outgoing {
  method: string;
  /** at the listener */
  url: string;
  target: string;
  host: string;
  headers: Header[];
  body: Uint8Array | undefined;
  /** undefined = bytes that are no text, or too long for a command line */
  text: string | undefined;
  isHttp2: boolean;
  isHttp10: boolean;
  socket: string | undefined;
}

export function curl(context: CopyContext): string | undefined {
  const request = outgoing(context);
  if (request === undefined) return undefined;
  const { method, url, headers, body, text, isHttp2, isHttp10, socket, target, host } = request;
  const words = ['curl'];
  if (isHttp2) words.push('--http2-prior-knowledge');
  if (isHttp10) words.push('--http1.0');
  if (socket !== undefined) words.push(`--unix-socket ${word(socket)}`);
  if (method === 'HEAD') words.push('--head');
  else if (method !== (body === undefined ? 'GET' : 'POST')) words.push(`--request ${word(method)}`);
  // Dots stay, brackets mean nothing, and what is no path is sent as it was.
  if (/(?:^|\/)\.{1,2}(?:\/|$)/.test(target.split('?')[0]!)) words.push('--path-as-is');
  if (/[[\]{}]/.test(url)) words.push('--globoff');
  if (!target.startsWith('/') || target.includes('#')) words.push(`--request-target ${word(target)}`);
  words.push(word(url));
  const own = new Set(headers.map(({ name }) => name.toLowerCase()));
  if (own.has('accept-encoding')) words.push('--compressed');
  if (host === '') words.push("--header 'Host:'");
  for (const { name, value } of headers) {
    const plain = name.toLowerCase();
    if (plain === 'content-length' || (plain === 'host' && value === localOf(context.flow))) continue;
    words.push(`--header ${word(value === '' ? `${name};` : `${name}: ${value}`)}`);
  }
  // What curl would add by itself.
  const added = ['User-Agent', 'Accept', ...(body === undefined ? [] : ['Content-Type']), ...(1 << 20 < (body?.length ?? 0) ? ['Expect'] : [])];
  for (const name of added) if (!own.has(name.toLowerCase())) words.push(`--header ${quoted(`${name}:`)}`);
  if (body === undefined) return lines(words);
  if (text !== undefined) return lines([...words, `--data-raw ${quoted(text)}`]);
  return piped(body, lines([...words, '--data-binary @-']));
}

/** Headers that no program in a browser may set (Fetch Standard, "forbidden request-header"). */
const forbidden = /^(?:accept-charset|accept-encoding|access-control-request-.*|connection|content-length|cookie2?|date|dnt|expect|host|keep-alive|origin|referer|set-cookie|te|trailer|transfer-encoding|upgrade|via|proxy-.*|sec-.*)$/i;

export function fetchCode(context: CopyContext): string | undefined {
  const request = outgoing(context);
  if (request === undefined || request.socket !== undefined || !/^https?:/.test(request.url) || request.method === 'CONNECT') return undefined;
  const { method, url, headers, body, text } = request;
  // Node sends cookies, browsers refuse to.
  const sent = headers.filter(({ name }) => !forbidden.test(name) || /^cookie$/i.test(name));
  const left = headers.filter(({ name }) => forbidden.test(name) && !/^(?:cookie|content-length|host|connection|accept-encoding)$/i.test(name)).map(({ name }) => name);
  if (0 < left.length) context.notes.push(say`fetch sets these headers itself: ${left.join(', ')}.`);
  if (body !== undefined && (method === 'GET' || method === 'HEAD')) context.notes.push(say`fetch sends no body with ${method}.`);
  const options: string[] = [];
  if (method !== 'GET') options.push(`method: ${js(method)}`);
  if (0 < sent.length) options.push(`headers: [\n${sent.map(({ name, value }) => `    [${js(name)}, ${js(value)}],`).join('\n')}\n  ]`);
  if (body !== undefined && method !== 'GET' && method !== 'HEAD') options.push(`body: ${text === undefined ? `Uint8Array.from(atob(${js(Buffer.from(body).toString('base64'))}), (character) => character.charCodeAt(0))` : js(text)}`);
  return options.length === 0 ? `await fetch(${js(url)});` : `await fetch(${js(url)}, {\n${options.map((option) => `  ${option},`).join('\n')}\n});`;
}

export function httpie(context: CopyContext): string | undefined {
  const request = outgoing(context);
  if (request === undefined || request.socket !== undefined || request.isHttp2 || !request.target.startsWith('/')) return undefined;
  const { method, url, headers, body, text, host } = request;
  const words = ['http', ...(body === undefined || text !== undefined ? ['--ignore-stdin'] : []), word(method), word(url)];
  if (/(?:^|\/)\.{1,2}(?:\/|$)/.test(request.target.split('?')[0]!)) words.splice(1, 0, '--path-as-is');
  const own = new Set(headers.map(({ name }) => name.toLowerCase()));
  for (const { name, value } of headers) {
    const plain = name.toLowerCase();
    if (plain === 'content-length' || (plain === 'host' && host === localOf(context.flow))) continue;
    // A value that begins with = or @ would be JSON, or a file's name.
    words.push(word(value === '' ? `${name};` : `${name}:${/^[=@]/.test(value) ? '\\' : ''}${value}`));
  }
  for (const name of ['User-Agent', 'Accept', 'Accept-Encoding', ...(body === undefined ? [] : ['Content-Type'])]) if (!own.has(name.toLowerCase())) words.push(`${name}:`);
  if (body === undefined) return lines(words);
  return text === undefined ? piped(body, lines(words)) : lines([...words, `--raw ${quoted(text)}`]);
}

/** @returns undefined when it is no request that can be sent again */
function outgoing(context: CopyContext): Outgoing | undefined {
  const { exchange, flow, masking, capture, notes } = context;
  if (exchange === undefined || exchange.answer?.status === 101 || isCall(exchange)) return undefined;
  const { request } = exchange;
  const body = readBody(flow, 'client', request, capture.context, true);
  if (body?.missing !== undefined) notes.push(say`The body is not all there: ${body.missing}.`);
  const { local } = flow.row;
  const host = request.authority || headerOf(request, 'host');
  const target = ascii(masking.text(request.target));
  const path = target.startsWith('/') ? target.replace(/#.*$/s, '') : '/';
  const headers = request.headers.map(({ name, value }) => ({ name, value: ascii(masking.header(name, value)) }));
  if (request.authority !== '' && request.authority !== localOf(flow)) headers.unshift({ name: 'Host', value: request.authority });
  return {
    method: request.method, target, host, headers,
    url: `http://${localOf(flow)}${path}`,
    ...bodyOf(context, body?.bytes),
    isHttp2: exchange.protocol === 'http2',
    isHttp10: request.version === 'HTTP/1.0',
    socket: 'path' in local ? local.path : undefined,
  };
}

/** Targets and headers are ASCII: servers refuse the bullets that stand for a secret elsewhere. */
function ascii(text: string): string {
  return text.replaceAll(maskedText, 'MASKED');
}

function bodyOf({ masking, notes, exchange }: CopyContext, bytes: Uint8Array | undefined): Pick<Outgoing, 'body' | 'text'> {
  if (bytes === undefined) return { body: undefined, text: undefined };
  const text = textOfBytes(bytes);
  if (text === undefined) {
    const isCompressed = exchange !== undefined && headerOf(exchange.request, 'content-encoding') !== '';
    if (masking.isOn && (masking.hides(bytes) || isCompressed)) {
      masking.count += 1;
      notes.push(say`The body is left out: there are secrets in it, or it cannot be searched for them.`);
      return { body: undefined, text: undefined };
    }
    return { body: bytes, text: undefined };
  }
  const shown = masking.text(text);
  const isArgument = shown.length <= maxArgumentCharacters && isPlainText(shown);
  return { body: Buffer.from(shown, 'utf8'), text: isArgument ? shown : undefined };
}

/** Calls of gRPC are for grpcurl: their bodies are frames. */
export function isCall({ request }: HttpExchange): boolean {
  return /^application\/grpc(?:$|[+; ])/i.test(headerOf(request, 'content-type'));
}

function js(text: string): string {
  // Inside of HTML a script would end there.
  return JSON.stringify(text).replaceAll('</', '<\\/').replaceAll('\u2028', '\\u2028').replaceAll('\u2029', '\\u2029');
}
