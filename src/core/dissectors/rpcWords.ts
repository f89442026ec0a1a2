// What a JSON message says in the dialects of remote calls: JSON-RPC 2.0 and 1.0 (also LSP), the Debug Adapter Protocol, Chrome DevTools.

import type { Field, Problem } from '../../shared/message.js';
import type { Speaker } from '../../shared/flow.js';
import { verbatim } from '../../shared/sentences.js';
import type { Decoded } from './dissector.js';

/** How a message is told; ids of either side are names of their own. */
export type Call = Pick<Decoded, 'kind' | 'summary' | 'asks' | 'answers'> & { problem?: Pick<Problem, 'severity' | 'text'> };

export type Dialect = 'json-rpc' | 'dap' | 'cdp';

/** @returns undefined for JSON that is no call of that dialect */
export function callOf(body: Field | undefined, from: Speaker, dialect: Dialect): Call | undefined {
  if (body === undefined) return undefined;
  if (dialect === 'dap') return dapCall(body, from);
  return body.text.startsWith('[') && dialect === 'json-rpc' ? batch(body, from) : rpcCall(body, from, dialect === 'cdp');
}

/**
 * JSON-RPC 2.0 §4, §5: a method with an id is a request, one without a notification; a result or an error with an id is an answer.
 * DevTools differ in that every session numbers for itself.
 */
function rpcCall(body: Field, from: Speaker, isDevtools: boolean): Call | undefined {
  const method = member(body, 'method');
  const id = member(body, 'id');
  const error = member(body, 'error');
  const result = member(body, 'result');
  const session = isDevtools ? member(body, 'sessionId')?.text : undefined;
  const hasId = id !== undefined && id.text !== 'null';
  if (method !== undefined) {
    const summary = withText(method.text, member(body, 'params'));
    return hasId ? { kind: 'request', summary, asks: keyOf(from, id, session) } : { kind: 'notice', summary };
  }
  if (id === undefined || (error === undefined && result === undefined)) return undefined;
  const answers = hasId ? keyOf(other(from), id, session) : undefined;
  if (error === undefined || error.text === 'null') return { kind: 'answer', summary: withText('result', result), answers };
  // §5.1: code and message.
  const words = `error ${[member(error, 'code')?.text, member(error, 'message')?.text].filter((word) => word !== undefined).join(' ')}`;
  return { kind: 'answer', summary: words === 'error ' ? withText('error', error) : words, answers, problem: { severity: 'error', text: verbatim(words === 'error ' ? 'error' : words) } };
}

/** JSON-RPC 2.0 §6: the answers to a batch come as one, in any order. */
function batch(body: Field, from: Speaker): Call | undefined {
  const calls = (body.fields ?? []).map((one) => rpcCall(one, from, false));
  const first = calls[0];
  if (first === undefined) return undefined;
  const ids = (body.fields ?? []).map((one) => member(one, 'id')?.text).filter((id) => id !== undefined && id !== 'null').sort();
  const summary = `batch of ${calls.length}: ${calls.slice(0, 8).map((call) => call?.summary ?? '?').join('; ')}`;
  const key = `${first.kind === 'answer' ? other(from) : from} batch ${ids.join(' ')}`;
  if (first.kind === 'answer') return { kind: 'answer', summary, answers: key };
  return ids.length === 0 ? { kind: 'notice', summary } : { kind: 'request', summary, asks: key };
}

/** Debug Adapter Protocol, "Base Protocol": requests and responses by sequence number, events. */
function dapCall(body: Field, from: Speaker): Call | undefined {
  const command = member(body, 'command')?.text ?? '';
  switch (member(body, 'type')?.text) {
    case 'request':
      return { kind: 'request', summary: withText(command, member(body, 'arguments')), asks: `${from} ${member(body, 'seq')?.text}` };
    case 'event':
      return { kind: 'notice', summary: withText(member(body, 'event')?.text ?? '', member(body, 'body')) };
    case 'response': {
      const answers = `${other(from)} ${member(body, 'request_seq')?.text}`;
      if (member(body, 'success')?.value !== false) return { kind: 'answer', summary: withText(command, member(body, 'body')), answers };
      const summary = `${command} failed: ${member(body, 'message')?.text ?? 'no reason given'}`;
      return { kind: 'answer', summary, answers, problem: { severity: 'error', text: verbatim(summary) } };
    }
    default:
      return undefined;
  }
}

export function member(body: Field, name: string): Field | undefined {
  return body.fields?.find((field) => field.name === name);
}

/** `1` and `"1"` are two ids. */
function keyOf(from: Speaker, id: Field, session: string | undefined): string {
  return `${from} ${session ?? ''} ${typeof id.value === 'number' ? id.value : JSON.stringify(id.text)}`;
}

function other(from: Speaker): Speaker {
  return from === 'client' ? 'upstream' : 'client';
}

function withText(word: string, field: Field | undefined): string {
  return field === undefined || field.text === '{}' || field.text === '[]' ? word : `${word} ${field.text}`;
}
