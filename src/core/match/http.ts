// `http`: method, host, path and headers of the first request, over HTTP/1.x and over HTTP/2.

import type { Condition } from '../../shared/rules.js';
import { joinedAnd, say } from '../../shared/sentences.js';
import { latin1, textAt } from '../bytes.js';
import { eachHeader, isNamed, requestLine, valueOf } from '../protocols/http1Head.js';
import { fieldOf, firstRequest } from '../protocols/http2Head.js';
import { anyGlob, type Glob } from './glob.js';
import { atPhrase, routeMatcher, type RouteMatcher, type Verdict } from './matcher.js';

// Servers refuse larger heads (nginx: 32 KiB in four buffers of 8, Node: 16 KiB).
const maxHeadBytes = 16384;

type HttpCondition = Extract<Condition, { kind: 'http' }>;

interface Wanted {
  method?: Glob;
  host?: Glob;
  path?: Glob;
  headers: { name: string; isValue: Glob }[];
}

/**
 * Each part answers as soon as it stands in the bytes: a wrong method says `no` at its last letter, a path at the space behind it.
 * Host is `Host`, the authority of an absolute target, or `:authority`, compared without port and case; path is without query.
 */
export function http(condition: HttpCondition): RouteMatcher {
  const wanted: Wanted = {
    ...(condition.method === undefined ? {} : { method: anyGlob(condition.method, false) }),
    ...(condition.host === undefined ? {} : { host: hostGlob(condition.host) }),
    ...(condition.path === undefined ? {} : { path: anyGlob(condition.path, false) }),
    headers: (condition.headers ?? []).map(({ name, values }) => ({ name: name.toLowerCase(), isValue: anyGlob(values, true) })),
  };
  const judge = (prefix: Uint8Array): Verdict => (prefix.length === 0 ? 'more' : startsHttp2(prefix) ? judgeHttp2(wanted, prefix) : judgeHttp1(wanted, prefix));

  return routeMatcher({
    maxBytes: maxHeadBytes,
    readsHttp2: true,
    match(prefix, ended) {
      const bytes = maxHeadBytes < prefix.length ? prefix.subarray(0, maxHeadBytes) : prefix;
      const verdict = judge(bytes);
      return verdict === 'more' && (ended || maxHeadBytes <= bytes.length) ? 'no' : verdict;
    },
    explain(verdict, prefix, atByte) {
      if (verdict === 'more') return prefix.length === 0 ? say`needs an HTTP request` : say`needs more of the HTTP request’s head`;
      const request = describe(prefix);
      if (request === undefined) return say`client bytes are not an HTTP request (${atPhrase(prefix, atByte)})`;
      return verdict === 'match' ? say`HTTP request ${request}` : say`HTTP request ${request}, not ${describeWanted(condition)}`;
    },
  });
}

function startsHttp2(prefix: Uint8Array): boolean {
  return textAt(prefix, 0, 'PRI ') !== 'not';
}

function judgeHttp1(wanted: Wanted, bytes: Uint8Array): Verdict {
  const line = requestLine(bytes);
  if (line.verdict === 'no') return 'no';
  if (wanted.method !== undefined && 0 <= line.methodEnd && !wanted.method(latin1(bytes, line.methodStart, line.methodEnd))) return 'no';
  const target = line.targetEnd < 0 ? undefined : latin1(bytes, line.targetStart, line.targetEnd);
  if (target !== undefined && wanted.path !== undefined && !wanted.path(pathOf(target))) return 'no';
  // The authority of an absolute target counts for more than Host (RFC 9112 §3.2.2).
  const authority = target === undefined ? undefined : authorityOf(target);
  if (authority !== undefined && wanted.host !== undefined && !wanted.host(authority)) return 'no';
  if (line.verdict === 'more') return 'more';

  const needsHost = wanted.host !== undefined && authority === undefined;
  if (!needsHost && wanted.headers.length === 0) return 'match';
  let host: boolean | undefined = needsHost ? undefined : true;
  const open = new Set(wanted.headers);
  const head = eachHeader(bytes, line.targetEnd, (header) => {
    if (needsHost && host === undefined && isNamed(bytes, header, 'host')) host = wanted.host?.(valueOf(bytes, header)) ?? true;
    for (const one of open) if (isNamed(bytes, header, one.name) && one.isValue(valueOf(bytes, header))) open.delete(one);
    return host === false || (host === true && open.size === 0);
  });
  if (head === 'stopped') return host === true ? 'match' : 'no';
  return head === 'part' ? 'more' : 'no';
}

function judgeHttp2(wanted: Wanted, bytes: Uint8Array): Verdict {
  const request = firstRequest(bytes);
  if (typeof request === 'string') return request;
  const authority = fieldOf(request, ':authority') ?? fieldOf(request, 'host');
  if (wanted.method !== undefined && !wanted.method(fieldOf(request, ':method') ?? '')) return 'no';
  if (wanted.host !== undefined && (authority === undefined || !wanted.host(authority))) return 'no';
  if (wanted.path !== undefined && !wanted.path(pathOf(fieldOf(request, ':path') ?? ''))) return 'no';
  return wanted.headers.every((one) => request.some((field) => field.name === one.name && one.isValue(field.value))) ? 'match' : 'no';
}

/** The path of a request target without query and fragment; `/` for an absolute target without path, the target itself for CONNECT and `*`. */
export function pathOf(target: string): string {
  const scheme = /^[A-Za-z][A-Za-z0-9+.-]*:\/\//.exec(target);
  let path = target;
  if (scheme !== null) {
    const slash = target.indexOf('/', scheme[0].length);
    path = slash < 0 ? '/' : target.slice(slash);
  }
  const end = path.search(/[?#]/);
  return end < 0 ? path : path.slice(0, end);
}

function authorityOf(target: string): string | undefined {
  const parts = /^[A-Za-z][A-Za-z0-9+.-]*:\/\/(?:[^/?#@]*@)?([^/?#]*)/.exec(target);
  return parts?.[1];
}

/** Compares without port; a glob that is written with a port is compared with it. */
function hostGlob(sources: readonly string[]): Glob {
  const fits = anyGlob(sources, true);
  return (host) => fits(host) || fits(host.replace(/:\d*$/, '').replace(/\.$/, ''));
}

function describe(prefix: Uint8Array): string | undefined {
  if (startsHttp2(prefix)) {
    const request = firstRequest(prefix);
    if (typeof request === 'string') return undefined;
    return clipped(`${fieldOf(request, ':method') ?? ''} ${fieldOf(request, ':authority') ?? ''}${fieldOf(request, ':path') ?? ''} over HTTP/2`);
  }
  const line = requestLine(prefix);
  if (line.verdict === 'no' || line.methodEnd < 0) return undefined;
  const method = latin1(prefix, line.methodStart, line.methodEnd);
  if (line.targetEnd < 0) return method;
  let host = '';
  eachHeader(prefix, line.targetEnd, (header) => {
    if (!isNamed(prefix, header, 'host')) return false;
    host = valueOf(prefix, header);
    return true;
  });
  return clipped(`${method} ${host}${latin1(prefix, line.targetStart, line.targetEnd)}`);
}

function describeWanted(condition: HttpCondition): string {
  const parts = [
    ...(condition.method === undefined ? [] : [say`method ${condition.method.join(', ')}`]),
    ...(condition.host === undefined ? [] : [say`host ${condition.host.join(', ')}`]),
    ...(condition.path === undefined ? [] : [say`path ${condition.path.join(', ')}`]),
    ...(condition.headers ?? []).map(({ name, values }) => say`header ${name}: ${values.join(', ')}`),
  ];
  return clipped(joinedAnd(parts));
}

// A trace line is read in a tooltip.
const maxPhraseLength = 160;

function clipped(text: string): string {
  return text.length <= maxPhraseLength ? text : `${text.slice(0, maxPhraseLength)}…`;
}
