// What protocol is spoken on a connection, told from the first bytes of both sides, whatever the route was.

import type { Classification } from '../../shared/flow.js';
import { byteAt, textAt } from '../bytes.js';
import type { Matcher, Verdict } from '../match/matcher.js';
import { afterLine, greeterOf, judgeVerb } from './greeting.js';
import { ftp, ftpTlsLines, ftpVerbs } from './ftp.js';
import { grpc, isGrpcType } from './grpc.js';
import { http1 } from './http1.js';
import { eachHeader, hasToken, isNamed, statusOf, valueOf } from './http1Head.js';
import type { HeaderField } from './hpack.js';
import { http2 } from './http2.js';
import { fieldOf, firstRequest } from './http2Head.js';
import { mqtt } from './mqtt.js';
import { asksForTls, mysql, sslRequestBytes } from './mysql.js';
import { encryptionRequestBytes, postgres } from './postgres.js';
import { redis } from './redis.js';
import { smtp, smtpTlsLines } from './smtp.js';
import { ssh } from './ssh.js';
import { startsTls, tls } from './tls.js';
import { upgradeAsked, websocket } from './websocket.js';

/** Bytes of each side that classification looks at; more do no harm. */
export const classifyBytes = 4096;

export interface Classified extends Classification {
  /** more bytes would not change the answer, so there is no need to ask again */
  isSettled: boolean;
}

type By = Classification['by'];

function answer(protocol: string, by: By, why: string, isSettled: boolean, layers: string[] = [protocol]): Classified {
  return { protocol, layers, by, why, isSettled };
}

function unknown(why: string, isSettled: boolean): Classified {
  return { protocol: 'unknown', layers: [], by: 'none', why, isSettled };
}

/**
 * Names the protocol and, when it changed inside the connection, its layers from the outside in.
 *
 * `protocol` is what an application speaks there: `websocket` for `http1 › websocket`, but `postgres`, `smtp`, `ftp` or `mysql` when
 * one of them went on inside TLS, which is then the inner layer. Pure and cheap: call it again as bytes come, until `isSettled`.
 *
 * @param client first bytes of the client
 * @param server first bytes of the server
 * @param first who spoke first, when that is known
 */
export function classify(client: Uint8Array, server: Uint8Array, first?: 'client' | 'server'): Classified {
  if (first === 'server' && 0 < server.length) {
    const greeted = byGreeting(client, server);
    if (greeted !== undefined) return greeted;
  }
  const told = byClient(client, server);
  if (told !== undefined) return told;
  const served = byServer(client, server);
  if (served !== undefined) return served;
  const isWaiting = client.length + server.length === 0;
  if (isWaiting) return unknown('nobody has said anything yet', false);
  return unknown('the first bytes of neither side are those of a protocol in the catalogue', classifyBytes <= client.length && classifyBytes <= server.length);
}

// ---- by what the client says: the first byte decides which few protocols are asked --------------------------------

function byClient(client: Uint8Array, server: Uint8Array): Classified | undefined {
  const first = byteAt(client, 0);
  if (first < 0) return undefined;
  if (first === 0x16) return says(tls.client, client) ? withServer(answer('tls', 'client', 'client bytes 0-5 are a TLS ClientHello', true), tls.server, server) : undefined;
  if (first === 0x50 && byteAt(client, 1) === 0x52 && says(http2.client, client)) return http2Layers(client, server);
  if ((0x41 <= first && first <= 0x5a) || first === 0x5f || first === 0x2d || first === 0x0d || first === 0x0a) {
    if (says(http1.client, client)) return http1Layers(client, server);
  }
  switch (first) {
    case 0x53:
      if (says(ssh.client, client)) return withServer(answer('ssh', 'client', 'client bytes start with an SSH banner', true), ssh.server, server);
      break;
    case 0x2a:
    case 0x0d:
    case 0x50:
    case 0x70:
      if (says(redis.client, client)) return redisAnswer(client, server);
      break;
    case 0x00:
      if (says(postgres.client, client)) return postgresLayers(client, server);
      break;
    case 0x10:
      if (says(mqtt.client, client)) return withServer(answer('mqtt', 'client', 'client bytes start with an MQTT CONNECT', true), mqtt.server, server);
      break;
  }
  if (byteAt(client, 3) === 1 && says(mysql.client, client)) return mysqlLayers(client, server, says(mysql.server, server) ? 'both' : 'client');
  const letter = first | 0x20;
  if ((letter === 0x65 || letter === 0x68 || letter === 0x6c) && says(smtp.client, client) && isServersOwn(server, smtp.server)) return lineLayers('smtp', client, server, 'client');
  if (letter === 0x61 && says(ftp.client, client) && isServersOwn(server, ftp.server)) return lineLayers('ftp', client, server, 'client');
  return undefined;
}

function says(matcher: Matcher, bytes: Uint8Array): boolean {
  return 0 < bytes.length && matcher.match(bytes, false) === 'match';
}

/** Nothing that the server said speaks against it: it has said nothing yet, or greets as these servers do. */
function isServersOwn(server: Uint8Array, matcher: Matcher): boolean {
  return server.length === 0 || matcher.match(server, false) !== 'no' || greeterOf(server) === 'either';
}

/** The server's half can confirm the name; until it is there, `by` may still change. */
function withServer(told: Classified, matcher: Matcher, server: Uint8Array): Classified {
  const verdict = matcher.match(server, false);
  if (verdict === 'match') told.by = 'both';
  if (verdict === 'more') told.isSettled = false;
  return told;
}

function http1Layers(client: Uint8Array, server: Uint8Array): Classified {
  const status = server.length === 0 ? -1 : statusOf(server);
  const by: By = 0 < status ? 'both' : 'client';
  const asked = upgradeAsked(client, 0);
  if (200 <= status && status <= 299 && textAt(client, 0, 'CONNECT ') === 'whole') return tunnel(client, server);
  if (0 < status && status !== 101) return answer('http1', by, 'an HTTP/1 request and its response', true);
  if (status === 101) {
    if (asked === 'match') return answer('websocket', 'both', 'an HTTP/1 request to upgrade to WebSocket, and 101 from the server', true, ['http1', 'websocket']);
    return upgraded(server);
  }
  // A server that answers an HTTP request with something else: the request still says what the client speaks.
  if (asked === 'match' && status !== 0) return answer('websocket', 'client', 'an HTTP/1 request to upgrade to WebSocket', false, ['http1', 'websocket']);
  return answer('http1', 'client', 'client bytes start with an HTTP/1 request line', status === 0);
}

/** After CONNECT and 2xx the connection carries what the two ends agree on: the bytes behind both heads tell (RFC 9110 §9.3.6). */
function tunnel(client: Uint8Array, server: Uint8Array): Classified {
  const why = 'an HTTP/1 CONNECT that the server granted';
  const inner = classify(client.subarray(endOfHead(client)), server.subarray(endOfHead(server)));
  if (inner.protocol === 'unknown') return answer('http1', 'both', why, inner.isSettled);
  return answer('http1', 'both', `${why}, and ${inner.protocol} inside`, inner.isSettled, ['http1', ...inner.layers]);
}

/** @returns position behind the empty line; the end of the bytes while it is not there */
function endOfHead(bytes: Uint8Array): number {
  for (let at = bytes.indexOf(0x0a); 0 <= at; at = bytes.indexOf(0x0a, at + 1)) {
    if (bytes[at + 1] === 0x0a) return at + 2;
    if (bytes[at + 1] === 0x0d && bytes[at + 2] === 0x0a) return at + 3;
  }
  return bytes.length;
}

/** After 101 the connection speaks what `Upgrade` names (RFC 9110 §15.2.2). */
function upgraded(server: Uint8Array): Classified {
  let inner: string | undefined;
  const head = eachHeader(server, 0, (line) => {
    if (!isNamed(server, line, 'upgrade')) return false;
    const value = valueOf(server, line);
    inner = hasToken(value, 'websocket') ? 'websocket' : hasToken(value, 'h2c') ? 'http2' : undefined;
    return true;
  });
  if (inner === undefined) return answer('http1', 'both', 'an HTTP/1 request, and 101 from the server', head !== 'part');
  return answer(inner, 'both', `an HTTP/1 request, and 101 with Upgrade to ${inner}`, true, ['http1', inner]);
}

function http2Layers(client: Uint8Array, server: Uint8Array): Classified {
  const request = firstRequest(client);
  if (request === 'more') {
    if (says(grpc.server, server)) return answer('grpc', 'both', 'an HTTP/2 preface, and a gRPC response', true, ['http2', 'grpc']);
    return withServer(answer('http2', 'client', 'client bytes 0-23 are the HTTP/2 preface', false), http2.server, server);
  }
  return withServer(http2Request(request), http2.server, server);
}

function http2Request(request: readonly HeaderField[] | 'no'): Classified {
  if (request === 'no') return answer('http2', 'client', 'client bytes 0-23 are the HTTP/2 preface', true);
  if (isGrpcType(request)) return answer('grpc', 'client', 'the first HTTP/2 request is a gRPC call', true, ['http2', 'grpc']);
  if (fieldOf(request, ':protocol') === 'websocket') return answer('websocket', 'client', 'the first HTTP/2 request opens a WebSocket', true, ['http2', 'websocket']);
  return answer('http2', 'client', 'an HTTP/2 preface and a request', true);
}

function redisAnswer(client: Uint8Array, server: Uint8Array): Classified {
  const isArray = client.includes(0x2a);
  const reply = byteAt(server, 0);
  // First bytes of RESP2 and RESP3 replies (RESP specification, "RESP protocol description").
  const isReply = 0 <= reply && '+-:$*_#,(!=%~>|'.includes(String.fromCharCode(reply));
  if (0 <= reply && !isReply) return unknown('the client speaks like Redis, the server does not', true);
  return answer('redis', isReply ? 'both' : 'client', isArray ? 'client bytes start with an array of bulk strings (RESP)' : 'the client says PING as Redis does', isReply);
}

function postgresLayers(client: Uint8Array, server: Uint8Array): Classified {
  const start = encryptionRequestBytes(client);
  const reply = byteAt(server, 0);
  if (start === 0) return withServer(answer('postgres', 'client', 'client bytes start with a PostgreSQL startup message', true), postgres.server, server);
  const why = 'client bytes 0-7 ask a PostgreSQL server for encryption';
  if (startsTls(client, start)) return answer('postgres', 0 <= reply ? 'both' : 'client', `${why}, and TLS follows`, true, ['postgres', 'tls']);
  // One byte answers: S or G and encryption follows, N and a startup message does, E is an old server's error.
  const isReply = reply === 0x53 || reply === 0x4e || reply === 0x47 || reply === 0x45;
  return answer('postgres', isReply ? 'both' : 'client', why, start < client.length && 0 <= reply && client.length >= start + 3);
}

function mysqlLayers(client: Uint8Array, server: Uint8Array, by: By): Classified {
  const why = server.length === 0 ? 'the client’s bytes are a MySQL login' : 'the server greets as MySQL does';
  if (!asksForTls(client)) return answer('mysql', by, why, 36 <= client.length);
  if (startsTls(client, sslRequestBytes)) return answer('mysql', by, `${why}, and TLS follows`, true, ['mysql', 'tls']);
  return answer('mysql', by, why, sslRequestBytes + 3 <= client.length);
}

/** SMTP or FTP, which may change to TLS at a line. */
function lineLayers(id: Greeted, client: Uint8Array, server: Uint8Array, by: By): Classified {
  const at = afterLine(client, id === 'smtp' ? smtpTlsLines : ftpTlsLines);
  const both: By = by === 'client' && 0 < server.length ? 'both' : by;
  const why = by === 'server' ? `the server’s greeting is that of ${id.toUpperCase()}` : `the client’s first command is one of ${id.toUpperCase()}’s`;
  if (0 < at && startsTls(client, at)) return answer(id, both, `${why}, and TLS follows`, true, [id, 'tls']);
  // Until the client asks for TLS it may still do so; it does before anything else of note, within the first kilobytes.
  return answer(id, both, why, classifyBytes <= client.length);
}

type Greeted = 'smtp' | 'ftp';

// ---- by what the server says ---------------------------------------------------------------------------------------

/** The server spoke first: only protocols that greet are asked. */
function byGreeting(client: Uint8Array, server: Uint8Array): Classified | undefined {
  if (says(mysql.server, server)) return mysqlLayers(client, server, says(mysql.client, client) ? 'both' : 'server');
  if (says(ssh.server, server)) return answer('ssh', says(ssh.client, client) ? 'both' : 'server', 'the server starts with an SSH banner', true);
  return byReply220(client, server);
}

function byReply220(client: Uint8Array, server: Uint8Array): Classified | undefined {
  const digit = byteAt(server, 0);
  if (digit !== 0x32 && digit !== 0x34 && digit !== 0x35 && digit !== 0x31) return undefined;
  const greeter = greeterOf(server);
  if (greeter === undefined || greeter === 'more') return undefined;
  // The client's verb counts for more than words in a banner: host names are called `ftp` or `smtp` at will.
  const verb: Greeted | undefined = judgeVerb(client, ['ehlo', 'helo', 'lhlo']) === 'match' ? 'smtp' : greeter !== 'smtp' && judgeVerb(client, ftpVerbs) === 'match' ? 'ftp' : undefined;
  if (verb !== undefined) return lineLayers(verb, client, server, 'both');
  if (greeter === 'either') return undefined;
  return lineLayers(greeter, client, server, 'server');
}

/** The client's bytes told nothing: silent so far, cut off, or not captured. */
function byServer(client: Uint8Array, server: Uint8Array): Classified | undefined {
  const first = byteAt(server, 0);
  if (first < 0) return undefined;
  const greeted = byGreeting(client, server);
  if (greeted !== undefined) return greeted;
  const found = replies.find((entry) => could(entry.client, client) && says(entry.server, server));
  if (found === undefined) return undefined;
  return answer(found.id, 'server', `server bytes are those of a ${found.title} server`, classifyBytes <= client.length, [...(outsideOf[found.id] ?? []), found.id]);
}

/** What a protocol that lives inside another one came through, when nothing else is known. */
const outsideOf: Readonly<Record<string, readonly string[]>> = { websocket: ['http1'], grpc: ['http2'] };

/** The client has not contradicted it. */
function could(matcher: Matcher, client: Uint8Array): boolean {
  const verdict: Verdict = client.length === 0 ? 'more' : matcher.match(client, false);
  return verdict !== 'no';
}

/** Servers that answer, tried when only they were heard; the most telling first. */
const replies = [tls, websocket, http1, grpc, http2, postgres, redis, mqtt];
