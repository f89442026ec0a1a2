// A request of HTTP for HTTPie (its documentation, "Request items").

import { say } from '../../../../shared/sentences.js';
import { localOf } from '../harEntry.js';
import type { CopyContext } from './copyContext.js';
import { outgoing } from './httpRequest.js';
import { Refusal } from './refusal.js';
import { lines, piped, quoted, word } from './shell.js';

/** What may stand in a target so that HTTPie sends it as it is: it decodes and encodes the rest again. */
const plainTarget = /^\/(?:[A-Za-z0-9._~!$&'()*+,;=:@/-]|%(?![46][1-9A-F]|[57][0-9A]|3[0-9]|2[DE]|5F|7E)[0-9A-F]{2})*(?:\?(?:[A-Za-z0-9._~!$&'()*+,;=:@/?-]|%(?![46][1-9A-F]|[57][0-9A]|3[0-9]|2[DE]|5F|7E)[0-9A-F]{2})+)?$/;
/** In an item a backslash takes away the meaning of these, and is gone then. */
const lostBackslash = /(?<!\\)(?:\\\\)*\\[:=@;]/;

export function httpie(context: CopyContext): string | Refusal | undefined {
  const request = outgoing(context);
  if (request === undefined || request.socket !== undefined || request.isHttp2 || !request.target.startsWith('/')) return undefined;
  const { method, url, headers, body, text, host, target } = request;
  const { notes } = context;
  if (!/^[A-Za-z]+$/.test(method)) return new Refusal(say`HTTPie takes ${method} for an address, not for a method.`);
  if (method !== method.toUpperCase()) notes.push(say`${'HTTPie'} writes the method as ${method.toUpperCase()}.`);
  if (!plainTarget.test(target)) notes.push(say`HTTPie writes the target its own way: some characters arrive encoded, or decoded.`);
  if (request.isHttp10) notes.push(say`Without TLS ${'HTTPie'} speaks HTTP/1.1.`);
  const words = ['http', ...(/(?:^|\/)\.{1,2}(?:\/|$)/.test(target.split('?')[0]!) ? ['--path-as-is'] : []), ...(body === undefined || text !== undefined ? ['--ignore-stdin'] : []), word(method), word(url)];
  const own = new Set(headers.map(({ name }) => name.toLowerCase()));
  for (const { name, value } of headers) {
    const plain = name.toLowerCase();
    if (plain === 'content-length' || (plain === 'host' && host === localOf(context.flow))) continue;
    // The body stands as a whole: its length is told instead.
    if (plain === 'transfer-encoding') {
      words.splice(1, 0, '--chunked');
      continue;
    }
    if (lostBackslash.test(value)) return new Refusal(say`HTTPie cannot send a backslash before one of : = @ ; in a header (${name}).`);
    if (name.startsWith('-')) return new Refusal(say`HTTPie takes the header ${name} for an option.`);
    // A value that begins with = or @ would be JSON, or a file's name.
    words.push(word(value === '' ? `${name};` : `${name}:${/^[=@]/.test(value) ? '\\' : ''}${value}`));
  }
  for (const name of ['Accept', ...(body === undefined ? [] : ['Content-Type'])]) if (!own.has(name.toLowerCase())) words.push(`${name}:`);
  // These cannot be left out: the library below HTTPie would add its own.
  const added = ['User-Agent', 'Accept-Encoding'].filter((name) => !own.has(name.toLowerCase()));
  if (0 < added.length) notes.push(say`HTTPie adds headers of its own: ${added.join(', ')}.`);
  if (body === undefined) return lines(words);
  // With "=", since what begins with a minus would be an option.
  return text === undefined ? piped(body, lines(words)) : lines([...words, `--raw=${quoted(text)}`]);
}
