// Why flows end, in sentences.

import type { EndReason, Speaker } from '../../shared/flow.js';
import { say, verbatim, type Sentence } from '../../shared/sentences.js';

/**
 * How a flow ended in which both sides said goodbye.
 *
 * @param first who sent FIN first
 * @param answered bytes that the other one still sent after that
 * @param upstream its address
 */
export function describeEnd(first: Speaker, answered: number, upstream: string): { reason: EndReason; detail: Sentence } {
  if (0 < answered) {
    const more = answered === 1 ? say`1 more byte` : say`${answered} more bytes`;
    return { reason: 'bothClosed', detail: first === 'client' ? say`The client closed its half; ${upstream} sent ${more} and closed too.` : say`${upstream} closed its half; the client sent ${more} and closed too.` };
  }
  return first === 'client' ? { reason: 'clientClosed', detail: say`The client closed the connection.` } : { reason: 'upstreamClosed', detail: say`${upstream} closed the connection.` };
}

/**
 * How a connection was lost.
 *
 * @param who whose connection
 * @param code system error name
 * @param upstream its address; empty before there is one
 */
export function describeLoss(who: Speaker, code: string, upstream: string, isOpen: boolean): { reason: EndReason; detail: Sentence } {
  const reason = who === 'client' ? 'clientReset' : 'upstreamReset';
  const name = who === 'client' ? say`The client` : upstream;
  if (code === 'ETIMEDOUT') return { reason, detail: say`${name} stopped answering (${code}).` };
  if (!isOpen) return { reason, detail: code === 'ECONNRESET' ? say`${name} reset the connection before it was connected to an upstream.` : say`${name} reset the connection before it was connected to an upstream (${code}).` };
  return { reason, detail: code === 'ECONNRESET' ? say`${name} reset the connection.` : say`${name} reset the connection (${code}).` };
}

/** @returns the text with a capital letter and a full stop */
export function sentence(phrase: Sentence): Sentence {
  const capital = phrase.charAt(0).toUpperCase() + phrase.slice(1);
  return verbatim(capital.endsWith('.') ? capital : `${capital}.`);
}
