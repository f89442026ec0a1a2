// A request of HTTP as JavaScript.

import { say } from '../../../../shared/sentences.js';
import type { CopyContext } from './copyContext.js';
import { outgoing } from './httpRequest.js';

/** Headers that no program in a browser may set (Fetch Standard, "forbidden request-header"). */
const forbidden = /^(?:accept-charset|accept-encoding|access-control-request-.*|connection|content-length|cookie2?|date|dnt|expect|host|keep-alive|origin|referer|set-cookie|te|trailer|transfer-encoding|upgrade|via|proxy-.*|sec-.*)$/i;

export function fetchCode(context: CopyContext): string | undefined {
  const request = outgoing(context);
  if (request === undefined || request.socket !== undefined || !/^https?:/.test(request.url) || request.method === 'CONNECT') return undefined;
  const { method, url, headers, body, text } = request;
  // Node sends cookies, browsers refuse to.
  const sent = headers.filter(({ name }) => !forbidden.test(name) || /^cookie$/i.test(name));
  const left = headers.filter(({ name }) => forbidden.test(name) && !/^(?:cookie|content-length|host|connection|accept-encoding)$/i.test(name)).map(({ name }) => name);
  if (0 < left.length) context.notes.push(say`fetch sets these headers itself: ${left.join(', ')}.`);
  if (body !== undefined && (method === 'GET' || method === 'HEAD')) context.notes.push(say`fetch sends no body with ${method}.`);
  const options: string[] = [];
  if (method !== 'GET') options.push(`method: ${js(method)}`);
  if (0 < sent.length) options.push(`headers: [\n${sent.map(({ name, value }) => `    [${js(name)}, ${js(value)}],`).join('\n')}\n  ]`);
  if (body !== undefined && method !== 'GET' && method !== 'HEAD') options.push(`body: ${text === undefined ? `Uint8Array.from(atob(${js(Buffer.from(body).toString('base64'))}), (character) => character.charCodeAt(0))` : js(text)}`);
  return options.length === 0 ? `await fetch(${js(url)});` : `await fetch(${js(url)}, {\n${options.map((option) => `  ${option},`).join('\n')}\n});`;
}

function js(text: string): string {
  // Inside of HTML a script would end there.
  return JSON.stringify(text).replaceAll('</', '<\\/').replaceAll('\u2028', '\\u2028').replaceAll('\u2029', '\\u2029');
}
