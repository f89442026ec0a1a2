// gRPC over HTTP/2.

import type { Verdict } from '../match/matcher.js';
import type { HeaderField } from './hpack.js';
import { http2 } from './http2.js';
import { fieldOf, firstRequest, firstResponse, maxHeadBytes } from './http2Head.js';
import { matcher, type Protocol } from './protocol.js';

/**
 * An HTTP/2 client whose first request is POST with `content-type: application/grpc…` (gRPC "PROTOCOL-HTTP2", Requests).
 *
 * False positives: gRPC-Web and Connect have content types of their own. What cannot be seen before HEADERS stays `more`: grpc-js
 * sends 39 bytes and waits for the server's SETTINGS, which `inspect` notices (`waitsForServerSettings`).
 */
function judgeClient(bytes: Uint8Array): Verdict {
  const request = firstRequest(bytes);
  if (typeof request === 'string') return request;
  return fieldOf(request, ':method') === 'POST' && isGrpcType(request) ? 'match' : 'no';
}

/** A first response with a gRPC content type: also errors carry it ("Trailers-Only"). */
function judgeServer(bytes: Uint8Array): Verdict {
  const response = firstResponse(bytes);
  if (typeof response === 'string') return response;
  return isGrpcType(response) ? 'match' : 'no';
}

/** `application/grpc`, `application/grpc+proto`, `application/grpc;…`, but not `application/grpc-web`. */
export function isGrpcType(fields: readonly HeaderField[]): boolean {
  return /^application\/grpc(?:$|[+; ])/i.test(fieldOf(fields, 'content-type') ?? '');
}

export const grpc: Protocol = {
  id: 'grpc',
  title: 'gRPC',
  toldBy: 'HTTP/2 with `content-type: application/grpc`',
  firstSpeaker: 'client',
  port: 50051,
  evidence: { client: 'strong', server: 'strong' },
  client: matcher('grpc', maxHeadBytes, judgeClient),
  server: matcher('grpc', maxHeadBytes, judgeServer),
  // SETTINGS come before any response.
  loose: { server: http2.server },
  within: ['http2'],
};
