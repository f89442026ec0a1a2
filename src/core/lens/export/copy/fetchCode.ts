// A request of HTTP as JavaScript for Node and browsers (Fetch Standard).

import { say } from '../../../../shared/sentences.js';
import { localOf } from '../harEntry.js';
import type { CopyContext } from './copyContext.js';
import { outgoing } from './httpRequest.js';

/** Headers that no program in a browser may set ("forbidden request-header"); Node sends most of them. */
const forbidden = /^(?:accept-charset|accept-encoding|access-control-request-.*|cookie2?|date|dnt|origin|referer|set-cookie|te|trailer|via|sec-.*)$/i;
/** Those of the connection, which fetch keeps for itself everywhere. */
const ownHeaders = /^(?:connection|content-length|expect|host|keep-alive|transfer-encoding|upgrade|proxy-.*)$/i;

export function fetchCode(context: CopyContext): string | undefined {
  const request = outgoing(context);
  // Methods that fetch refuses to send.
  if (request === undefined || request.socket !== undefined || !request.target.startsWith('/') || /^(?:CONNECT|TRACE|TRACK)$/i.test(request.method)) return undefined;
  const { method, url, target, headers, body, text } = request;
  const { notes } = context;
  const sent = headers.filter(({ name }) => !ownHeaders.test(name));
  const list = (names: typeof headers): string => names.map(({ name }) => name).join(', ');
  const left = headers.filter(({ name, value }) => ownHeaders.test(name) && !/^(?:content-length|connection)$/i.test(name) && value !== localOf(context.flow));
  const refused = sent.filter(({ name }) => forbidden.test(name));
  if (0 < left.length) notes.push(say`fetch sets these headers itself: ${list(left)}.`);
  if (0 < refused.length) notes.push(say`Node sends these headers as they are, a browser sets them itself: ${list(refused)}.`);
  if (body !== undefined && (method === 'GET' || method === 'HEAD')) notes.push(say`fetch sends no body with ${method}.`);
  const parsed = new URL(url);
  const written = parsed.pathname + parsed.search;
  if (written !== target) notes.push(say`fetch writes the target its own way: ${written}.`);
  if (request.isHttp2 || request.isHttp10) notes.push(say`Without TLS ${'fetch'} speaks HTTP/1.1.`);
  if (/^(?:delete|get|head|options|post|put)$/i.test(method) && method !== method.toUpperCase()) notes.push(say`${'fetch'} writes the method as ${method.toUpperCase()}.`);

  const options: string[] = [];
  if (method !== 'GET') options.push(`method: ${js(method)}`);
  if (0 < sent.length) options.push(`headers: [\n${sent.map(({ name, value }) => `    [${js(name)}, ${js(bytewise(value))}],`).join('\n')}\n  ]`);
  if (body !== undefined && method !== 'GET' && method !== 'HEAD') options.push(`body: ${bodyOf(text, body, headers.some(({ name }) => name.toLowerCase() === 'content-type'))}`);
  return options.length === 0 ? `await fetch(${js(url)});` : `await fetch(${js(url)}, {\n${options.map((option) => `  ${option},`).join('\n')}\n});`;
}

/** Text alone would get a Content-Type of its own. */
function bodyOf(text: string | undefined, body: Uint8Array, hasType: boolean): string {
  if (text === undefined) return `Uint8Array.from(atob(${js(Buffer.from(body).toString('base64'))}), (character) => character.charCodeAt(0))`;
  return hasType ? js(text) : `new TextEncoder().encode(${js(text)})`;
}

/** Values of headers are bytes, one character each. */
function bytewise(value: string): string {
  return Buffer.from(value, 'utf8').toString('latin1');
}

function js(text: string): string {
  // Inside of HTML a script would end there.
  return JSON.stringify(text).replaceAll('</', '<\\/').replaceAll('\u2028', '\\u2028').replaceAll('\u2029', '\\u2029');
}
