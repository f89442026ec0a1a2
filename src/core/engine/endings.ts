// Why flows end, in sentences.

import type { EndReason, Speaker } from '../../shared/flow.js';

/**
 * How a flow ended in which both sides said goodbye.
 *
 * @param first who sent FIN first
 * @param answered bytes that the other one still sent after that
 * @param upstream its address
 */
export function describeEnd(first: Speaker, answered: number, upstream: string): { reason: EndReason; detail: string } {
  const names = { client: 'the client', upstream };
  const one = first === 'client' ? 'The client' : upstream;
  const two = names[first === 'client' ? 'upstream' : 'client'];
  if (0 < answered) return { reason: 'bothClosed', detail: `${one} closed its half; ${two} sent ${answered} more ${answered === 1 ? 'byte' : 'bytes'} and closed too.` };
  return first === 'client' ? { reason: 'clientClosed', detail: 'The client closed the connection.' } : { reason: 'upstreamClosed', detail: `${upstream} closed the connection.` };
}

/**
 * How a connection was lost.
 *
 * @param who whose connection
 * @param code system error name
 * @param upstream its address; empty before there is one
 */
export function describeLoss(who: Speaker, code: string, upstream: string, isOpen: boolean): { reason: EndReason; detail: string } {
  const reason = who === 'client' ? 'clientReset' : 'upstreamReset';
  const name = who === 'client' ? 'The client' : upstream;
  if (code === 'ETIMEDOUT') return { reason, detail: `${name} stopped answering (${code}).` };
  const when = isOpen ? '' : ' before it was connected to an upstream';
  return { reason, detail: `${name} reset the connection${when}${code === 'ECONNRESET' ? '' : ` (${code})`}.` };
}

/** @returns the text with a capital letter and a full stop */
export function sentence(text: string): string {
  const capital = text.charAt(0).toUpperCase() + text.slice(1);
  return capital.endsWith('.') ? capital : `${capital}.`;
}
