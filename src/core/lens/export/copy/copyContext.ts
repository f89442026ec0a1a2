// What a command needs to know of the message that it repeats: the request as it was written, and what the connection had agreed on before.

import type { MessageId } from '../../../../shared/export.js';
import type { Field, Message } from '../../../../shared/message.js';
import type { Sentence } from '../../../../shared/sentences.js';
import type { Capture, ExportFlow } from '../exportFlow.js';
import { HttpExchanges, type HttpExchange } from '../httpExchange.js';
import type { Masking } from '../maskedValues.js';

/** Messages of a connection that commands depend on: logins, statements. */
const maxBefore = 200;

/** Property of MQTT 5 (§3.3.2.3.4). */
export const topicAlias = 'topic alias';

export interface CopyContext {
  flow: ExportFlow;
  capture: Capture;
  message: Message;
  /** what was said before it that set something for what follows, the last one first */
  before: readonly Message[];
  /** of HTTP */
  exchange: HttpExchange | undefined;
  masking: Masking;
  notes: Sentence[];
}

/** Reads the flow up to the message, and for HTTP to the end of its request. @returns undefined when the message is not there */
export function* findContext(flow: ExportFlow, capture: Capture, { index }: MessageId, masking: Masking): Generator<number, CopyContext | undefined> {
  const exchanges = new HttpExchanges(flow);
  const before: Message[] = [];
  let message: Message | undefined;
  let exchange: HttpExchange | undefined;
  const look = (found: readonly HttpExchange[]): void => {
    exchange ??= found.find((one) => message !== undefined && isOf(one, message));
  };
  for (const { messages, bytes } of flow.messages()) {
    for (const one of messages) {
      if (one.index === index) message = one;
      else if (message === undefined && setsSomething(one)) {
        before.push(one);
        // The first one is the login.
        if (maxBefore < before.length) before.splice(1, 1);
      }
      look(exchanges.take(one));
    }
    if (message !== undefined && (exchange !== undefined || !isHttp(message))) break;
    yield bytes;
  }
  look(exchanges.finish());
  return message === undefined ? undefined : { flow, capture, message, before: before.reverse(), exchange, masking, notes: [] };
}

function isHttp({ protocol }: Message): boolean {
  return protocol === 'http1' || protocol === 'http2' || protocol === 'grpc' || protocol === 'http-connect';
}

function isOf({ request, answer, stream }: HttpExchange, message: Message): boolean {
  if (stream !== undefined) return message.stream === stream;
  return request.index === message.index || answer?.index === message.index || request.index === message.answers;
}

/** Logins, chosen databases, prepared statements and the types of their parameters, topics that have a number. */
function setsSomething({ protocol, from, summary, fields }: Message): boolean {
  if (from !== 'client') return protocol === 'postgres' && fields[0]?.text === 'ParameterDescription';
  switch (protocol) {
    case 'redis':
      return /^(?:SELECT|AUTH|HELLO)\b/.test(summary);
    case 'postgres':
      return !/^(?:Sync|Flush|bind|execute)\b/i.test(summary);
    case 'mqtt':
      return summary.startsWith('CONNECT') || (summary.startsWith('PUBLISH') && everyField(fields).some(({ name }) => name === topicAlias));
    default:
      return false;
  }
}

/** Fields with those inside them. */
export function everyField(fields: readonly Field[]): Field[] {
  return fields.flatMap((field) => [field, ...everyField(field.fields ?? [])]);
}
