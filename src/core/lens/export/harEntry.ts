// One entry of a HAR: a request, its answer, their bodies and times. What is not known is said as the format says it: -1, '' and a comment.

import type { ExportFlow } from './exportFlow.js';
import { textOfBytes } from './bodyText.js';
import { headerOf, readBody, type Body, type Header, type HttpExchange, type HttpPart, type HttpRequest } from './httpExchange.js';
import type { Job } from './job.js';
import { programOf, type Masking } from './maskedValues.js';
import { isSecretKey, maskedText, secretSpans } from './secretText.js';

interface NameValue {
  name: string;
  value: string;
}

/** @returns an object of JSON */
export function entryOf(job: Job, flow: ExportFlow, exchange: HttpExchange): object {
  const { request, answer } = exchange;
  const { masking } = job;
  const { row } = flow;
  const program = programOf(row);
  const comments: string[] = [];
  if (answer === undefined) comments.push(row.endReason === undefined ? 'No answer has come yet.' : `No answer came: ${row.endDetail ?? row.endReason}.`);
  const asked = requestOf(job, flow, request, comments);
  const answered = answerOf(job, flow, exchange, comments);
  const timings = timingsOf(flow, exchange);
  return {
    startedDateTime: new Date(request.startedAt).toISOString(),
    time: milliseconds(Object.values(timings).reduce((sum, part) => sum + Math.max(0, part), 0)),
    request: asked,
    response: answered,
    cache: {},
    timings,
    ...serverOf(row.upstream),
    connection: String(flow.id),
    ...(answer?.status === 101 && /^websocket/i.test(headerOf(answer, 'upgrade')) ? { _resourceType: 'websocket' } : {}),
    _listener: row.listenerName,
    ...(row.route === undefined ? {} : { _route: row.route }),
    ...(row.upstream === undefined ? {} : { _upstream: row.upstream }),
    ...(program === undefined ? {} : { _program: program }),
    ...(exchange.stream === undefined ? {} : { _stream: exchange.stream }),
    ...(comments.length === 0 ? {} : { comment: masking.quietly(comments.join(' ')) }),
  };
}

function requestOf(job: Job, flow: ExportFlow, request: HttpRequest, comments: string[]): object {
  const { masking } = job;
  const url = masking.text(urlOf(flow, request));
  const headers = headersOf(masking, request);
  if (request.version === 'HTTP/2.0') headers.unshift(...pseudoHeaders(masking, request));
  const body = readBody(flow, 'client', request, job.capture.context);
  if (body?.missing !== undefined) comments.push(`The body of the request is not all there: ${body.missing}.`);
  return {
    method: request.method,
    url,
    httpVersion: request.version,
    cookies: cookiesOf(headers),
    headers,
    queryString: queryOf(url),
    headersSize: request.version === 'HTTP/2.0' ? -1 : request.headBytes,
    bodySize: body?.size ?? 0,
    ...(body === undefined ? {} : { postData: postDataOf(masking, request, body) }),
  };
}

function answerOf(job: Job, flow: ExportFlow, { answer }: HttpExchange, comments: string[]): object {
  const { masking } = job;
  if (answer === undefined) {
    return { status: 0, statusText: '', httpVersion: '', cookies: [], headers: [], redirectURL: '', headersSize: -1, bodySize: -1, content: { size: 0, mimeType: 'x-unknown' } };
  }
  const headers = headersOf(masking, answer);
  if (answer.version === 'HTTP/2.0') headers.unshift({ name: ':status', value: String(answer.status) });
  const body = readBody(flow, 'upstream', answer, job.capture.context);
  if (body?.missing !== undefined) comments.push(`The body of the answer is not all there: ${body.missing}.`);
  return {
    status: answer.status,
    statusText: answer.reason,
    httpVersion: answer.version,
    cookies: setCookiesOf(headers),
    headers,
    redirectURL: headerOf({ headers }, 'location'),
    headersSize: answer.version === 'HTTP/2.0' ? -1 : answer.headBytes,
    bodySize: body?.size ?? 0,
    content: contentOf(masking, answer, body),
  };
}

// ---- heads ----------------------------------------------------------------------------------------------------------

/** @returns the address that was asked for, absolute */
export function urlOf(flow: ExportFlow, request: HttpRequest): string {
  const { target } = request;
  if (/^[a-z][a-z0-9+.-]*:\/\//i.test(target)) return target;
  const host = request.authority || headerOf(request, 'host') || localOf(flow);
  if (request.method === 'CONNECT') return target === '' ? `http://${host}` : `http://${target}`;
  return `${request.scheme || 'http'}://${host}${target.startsWith('/') ? target : `/${target === '*' ? '' : target}`}`;
}

/** Where clients reach the flow's listener. */
export function localOf({ row: { local } }: ExportFlow): string {
  return 'path' in local ? 'localhost' : `${local.host.includes(':') ? `[${local.host}]` : local.host}:${local.port}`;
}

function headersOf(masking: Masking, part: HttpPart): Header[] {
  return part.headers.map(({ name, value }) => ({ name, value: masking.header(name, value) }));
}

function pseudoHeaders(masking: Masking, { method, scheme, authority, target }: HttpRequest): Header[] {
  return [[':method', method], [':scheme', scheme], [':authority', authority], [':path', masking.quietly(target)]].filter(([, value]) => value !== '').map(([name, value]) => ({ name: name!, value: value! }));
}

function queryOf(url: string): NameValue[] {
  const query = /\?([^#]*)/.exec(url)?.[1] ?? '';
  return query === '' ? [] : pairsOf(query);
}

function pairsOf(text: string): NameValue[] {
  return text.split('&').filter((pair) => pair !== '').map((pair) => {
    const equals = pair.indexOf('=');
    return { name: unescaped(equals < 0 ? pair : pair.slice(0, equals)), value: equals < 0 ? '' : unescaped(pair.slice(equals + 1)) };
  });
}

function unescaped(text: string): string {
  const plain = text.replaceAll('+', ' ');
  try {
    return decodeURIComponent(plain);
  } catch {
    // Not percent encoding: as it was written.
    return plain;
  }
}

/** RFC 6265 §4.2. */
function cookiesOf(headers: readonly Header[]): NameValue[] {
  return headers.filter(({ name }) => name.toLowerCase() === 'cookie').flatMap(({ value }) => value.split(';').map((pair) => pair.trim()).filter((pair) => pair !== '').map(cookieOf));
}

function cookieOf(pair: string): NameValue {
  const equals = pair.indexOf('=');
  return { name: equals < 0 ? '' : pair.slice(0, equals), value: pair.slice(equals + 1) };
}

/** RFC 6265 §4.1. */
function setCookiesOf(headers: readonly Header[]): object[] {
  return headers.filter(({ name }) => name.toLowerCase() === 'set-cookie').map(({ value }) => {
    const [first = '', ...attributes] = value.split(';').map((part) => part.trim());
    const attribute = (name: string): string | undefined => attributes.find((one) => one.toLowerCase().startsWith(`${name}=`))?.slice(name.length + 1);
    const has = (name: string): boolean => attributes.some((one) => one.toLowerCase() === name);
    const [path, domain, sameSite, expires] = [attribute('path'), attribute('domain'), attribute('samesite'), Date.parse(attribute('expires') ?? '')];
    return {
      ...cookieOf(first),
      ...(path === undefined ? {} : { path }),
      ...(domain === undefined ? {} : { domain }),
      ...(Number.isNaN(expires) ? {} : { expires: new Date(expires).toISOString() }),
      httpOnly: has('httponly'),
      secure: has('secure'),
      ...(sameSite === undefined ? {} : { sameSite }),
    };
  });
}

// ---- bodies ---------------------------------------------------------------------------------------------------------

/** The format says that text and params exclude each other; browsers write both, and readers of theirs look for the text. */
function postDataOf(masking: Masking, request: HttpRequest, body: Body): object {
  const mimeType = headerOf(request, 'content-type');
  const told = asText(masking, body);
  if (told.text === undefined) return { mimeType, text: '', comment: told.comment };
  const isForm = /^application\/x-www-form-urlencoded/i.test(mimeType) && told.encoding === undefined;
  return {
    mimeType,
    text: told.text,
    ...(isForm ? { params: pairsOf(told.text).map(({ name, value }) => ({ name, value: masking.isOn && isSecretKey(name) ? maskedText : value })) } : {}),
    // The format has no place for how it is encoded.
    ...(told.encoding === undefined ? {} : { _encoding: told.encoding, comment: 'The text is in base64.' }),
  };
}

function contentOf(masking: Masking, answer: HttpPart, body: Body | undefined): object {
  const mimeType = headerOf(answer, 'content-type') || 'x-unknown';
  if (body === undefined) return { size: 0, mimeType };
  const { text, encoding, comment } = asText(masking, body);
  return {
    size: body.bytes.length,
    ...(body.codings.length === 0 || body.missing !== undefined ? {} : { compression: body.bytes.length - body.size }),
    mimeType,
    ...(text === undefined ? {} : { text }),
    ...(encoding === undefined ? {} : { encoding }),
    ...(comment === undefined ? {} : { comment }),
  };
}

/** A body as text, or in base64; not at all when secrets in it cannot be masked. */
function asText(masking: Masking, { bytes, codings }: Body): { text?: string; encoding?: string; comment?: string } {
  const text = textOfBytes(bytes);
  if (text !== undefined) return { text: masking.text(text) };
  if (masking.isOn) {
    const spans = secretSpans(Buffer.from(bytes.buffer, bytes.byteOffset, bytes.length).toString('latin1'));
    masking.count += spans.length;
    if (0 < spans.length) return { comment: 'The body is left out: it has secrets in it.' };
    if (codings.some((coding) => coding.endsWith('?'))) return { comment: 'The body is left out: it is compressed, and could not be searched for secrets.' };
  }
  return { text: Buffer.from(bytes.buffer, bytes.byteOffset, bytes.length).toString('base64'), encoding: 'base64' };
}

// ---- times ----------------------------------------------------------------------------------------------------------

function timingsOf({ row }: ExportFlow, { request, answer }: HttpExchange): { blocked: number; dns: number; connect: number; send: number; wait: number; receive: number; ssl: number } {
  const isFirst = request.index <= 1 && row.connectedAt !== undefined && row.decidedAt !== undefined;
  const connect = isFirst ? Math.max(0, row.connectedAt! - row.decidedAt!) : 0;
  return {
    blocked: -1,
    dns: -1,
    // The upstream was connected to while the first request waited.
    connect: isFirst ? milliseconds(connect) : -1,
    send: milliseconds(Math.max(0, request.endedAt - request.startedAt)),
    wait: answer === undefined ? 0 : milliseconds(Math.max(0, answer.startedAt - request.endedAt - connect)),
    receive: answer === undefined ? 0 : milliseconds(Math.max(0, answer.endedAt - answer.startedAt)),
    ssl: -1,
  };
}

/** Microseconds are as fine as the clock is. */
function milliseconds(time: number): number {
  return Math.round(time * 1000) / 1000;
}

/** The address of the upstream, where it is one. */
function serverOf(upstream: string | undefined): object {
  const host = /^\[?([0-9a-f.:]+?)\]?:\d+$/i.exec(upstream ?? '')?.[1];
  return host === undefined || !/[.:]/.test(host) ? {} : { serverIPAddress: host };
}
