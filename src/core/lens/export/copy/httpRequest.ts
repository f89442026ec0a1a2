// A request of HTTP as commands and code need it, to be sent again to the listener that it came through.

import { say } from '../../../../shared/sentences.js';
import { textOfBytes } from '../bodyText.js';
import { localOf } from '../harEntry.js';
import { headerOf, readBody, type Header, type HttpExchange } from '../httpExchange.js';
import { maskedText } from '../secretText.js';
import type { CopyContext } from './copyContext.js';
import { isPlainText } from './shell.js';

/** Longer bodies come from a pipe. */
const maxArgumentCharacters = 8 << 10;

export interface Outgoing {
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

/** @returns undefined when it is no request that can be sent again */
export function outgoing(context: CopyContext): Outgoing | undefined {
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
