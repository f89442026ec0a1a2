// A call of gRPC for grpcurl.

import { say } from '../../../../shared/sentences.js';
import { readBody } from '../httpExchange.js';
import type { CopyContext } from './copyContext.js';
import { isCall } from './httpRequest.js';
import { protobufJson } from './protobufJson.js';
import { lines, piped, quoted, word } from './shell.js';

/** Longer messages come from a pipe. */
const maxShownCharacters = 8 << 10;

/** All messages of the client. */
export function grpcurl(context: CopyContext): string | undefined {
  const { exchange, flow, masking, capture, notes } = context;
  if (exchange === undefined || exchange.protocol !== 'http2' || !isCall(exchange)) return undefined;
  const { request } = exchange;
  const { local } = flow.row;
  const words = ['grpcurl', '-plaintext'];
  if ('path' in local) words.push('-unix');
  if (request.authority !== '' && !('path' in local) && request.authority !== `${local.host}:${local.port}`) words.push(`-authority ${word(request.authority)}`);
  const own = /^(?:content-type|te|user-agent|grpc-.*|accept-encoding)$/i;
  for (const { name, value } of request.headers) if (!own.test(name)) words.push(`-H ${word(`${name}: ${masking.header(name, value)}`)}`);
  const type = capture.context.schemas?.method(request.target)?.request;
  const body = readBody(flow, 'client', request, capture.context, true);
  if (body?.missing !== undefined) notes.push(say`The body is not all there: ${body.missing}.`);
  const data = type === undefined ? undefined : messagesOf(context, body?.bytes ?? new Uint8Array(0))?.map((one) => protobufJson(one, type));
  const address = [word('path' in local ? local.path : `${local.host.includes(':') ? `[${local.host}]` : local.host}:${local.port}`), word(request.target.replace(/^\//, ''))];
  if (data === undefined || data.includes(undefined)) {
    notes.push(type === undefined ? say`No .proto file of the workspace names the fields of this message: fill in what stands behind -d.` : say`The message is not of the type that the .proto file says: fill in what stands behind -d.`);
    return lines([...words, "-d '{}'", ...address]);
  }
  if (data.some((one) => !one!.isWhole)) notes.push(say`Fields that the .proto file does not have are left out.`);
  const json = masking.text(data.map((one) => JSON.stringify(one!.json)).join('\n'));
  return json.length <= maxShownCharacters ? lines([...words, `-d ${quoted(json)}`, ...address]) : piped(Buffer.from(json, 'utf8'), lines([...words, '-d @', ...address]));
}

/** Behind five bytes each (gRPC over HTTP/2); compressed ones are undone. @returns undefined where that is not possible */
function messagesOf({ exchange, capture }: CopyContext, bytes: Uint8Array): Uint8Array[] | undefined {
  const encoding = exchange?.request.headers.find(({ name }) => name === 'grpc-encoding')?.value ?? 'identity';
  const messages: Uint8Array[] = [];
  for (let at = 0; at + 5 <= bytes.length; ) {
    const length = ((bytes[at + 1]! << 24) | (bytes[at + 2]! << 16) | (bytes[at + 3]! << 8) | bytes[at + 4]!) >>> 0;
    const one = bytes.subarray(at + 5, at + 5 + length);
    const plain = bytes[at] === 1 ? capture.context.decompress(encoding, one, 4 << 20) : one;
    if (typeof plain === 'string') return undefined;
    messages.push(plain);
    at += 5 + length;
  }
  return messages;
}
