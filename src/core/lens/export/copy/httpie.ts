// A request of HTTP for HTTPie.

import { localOf } from '../harEntry.js';
import type { CopyContext } from './copyContext.js';
import { outgoing } from './httpRequest.js';
import { lines, piped, quoted, word } from './shell.js';

export function httpie(context: CopyContext): string | undefined {
  const request = outgoing(context);
  if (request === undefined || request.socket !== undefined || request.isHttp2 || !request.target.startsWith('/')) return undefined;
  const { method, url, headers, body, text, host } = request;
  const words = ['http', ...(body === undefined || text !== undefined ? ['--ignore-stdin'] : []), word(method), word(url)];
  if (/(?:^|\/)\.{1,2}(?:\/|$)/.test(request.target.split('?')[0]!)) words.splice(1, 0, '--path-as-is');
  const own = new Set(headers.map(({ name }) => name.toLowerCase()));
  for (const { name, value } of headers) {
    const plain = name.toLowerCase();
    if (plain === 'content-length' || (plain === 'host' && host === localOf(context.flow))) continue;
    // A value that begins with = or @ would be JSON, or a file's name.
    words.push(word(value === '' ? `${name};` : `${name}:${/^[=@]/.test(value) ? '\\' : ''}${value}`));
  }
  for (const name of ['User-Agent', 'Accept', 'Accept-Encoding', ...(body === undefined ? [] : ['Content-Type'])]) if (!own.has(name.toLowerCase())) words.push(`${name}:`);
  if (body === undefined) return lines(words);
  return text === undefined ? piped(body, lines(words)) : lines([...words, `--raw ${quoted(text)}`]);
}
