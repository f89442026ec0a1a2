// A request of HTTP for curl.

import { localOf } from '../harEntry.js';
import type { CopyContext } from './copyContext.js';
import { outgoing } from './httpRequest.js';
import { lines, piped, quoted, word } from './shell.js';

export function curl(context: CopyContext): string | undefined {
  const request = outgoing(context);
  if (request === undefined) return undefined;
  const { method, url, headers, body, text, isHttp2, isHttp10, socket, target, host } = request;
  const words = ['curl'];
  if (isHttp2) words.push('--http2-prior-knowledge');
  if (isHttp10) words.push('--http1.0');
  if (socket !== undefined) words.push(`--unix-socket ${word(socket)}`);
  if (method === 'HEAD') words.push('--head');
  else if (method !== (body === undefined ? 'GET' : 'POST')) words.push(`--request ${word(method)}`);
  // Dots stay, brackets mean nothing, and what is no path is sent as it was.
  if (/(?:^|\/)\.{1,2}(?:\/|$)/.test(target.split('?')[0]!)) words.push('--path-as-is');
  if (/[[\]{}]/.test(url)) words.push('--globoff');
  if (!target.startsWith('/') || target.includes('#')) words.push(`--request-target ${word(target)}`);
  words.push(word(url));
  const own = new Set(headers.map(({ name }) => name.toLowerCase()));
  if (own.has('accept-encoding')) words.push('--compressed');
  if (host === '') words.push("--header 'Host:'");
  for (const { name, value } of headers) {
    const plain = name.toLowerCase();
    if (plain === 'content-length' || (plain === 'host' && value === localOf(context.flow))) continue;
    words.push(`--header ${word(value === '' ? `${name};` : `${name}: ${value}`)}`);
  }
  // What curl would add by itself.
  const added = ['User-Agent', 'Accept', ...(body === undefined ? [] : ['Content-Type']), ...(1 << 20 < (body?.length ?? 0) ? ['Expect'] : [])];
  for (const name of added) if (!own.has(name.toLowerCase())) words.push(`--header ${quoted(`${name}:`)}`);
  if (body === undefined) return lines(words);
  if (text !== undefined) return lines([...words, `--data-raw ${quoted(text)}`]);
  return piped(body, lines([...words, '--data-binary @-']));
}
