// The `match` of a route: from the written form with its shorthands to one Condition.

import type { Node } from 'jsonc-parser';
import type { Condition } from '../../shared/rules.js';
import { say } from '../../shared/sentences.js';
import { fromHex, toHex } from '../bytes.js';
import { globProblem } from '../match/glob.js';
import { patternProblem } from '../match/pattern.js';
import { cidrOf } from '../match/remote.js';
import { expandProtocol, groups, protocols } from '../protocols/index.js';
import { defaultPatternBytes, limits } from './defaults.js';
import { nearest } from './nearest.js';
import type { Named, Reader } from './reader.js';

const httpKeys = ['method', 'host', 'path', 'headers'] as const;
export const matchKeys = ['protocol', 'tls', 'http', ...httpKeys, 'payload', 'pattern', 'remote', 'process', 'silent', 'not', 'all', 'any'] as const;

// Each level of nesting is a recursion; nobody writes ten.
const maxDepth = 10;

/** @returns undefined when something in it is wrong and has been reported */
export function conditionOf(reader: Reader, node: Node, depth = 0): Condition | undefined {
  if (maxDepth < depth) {
    reader.problems.at(node, 'error', 'badValue', say`Conditions can be nested ${maxDepth} deep.`);
    return undefined;
  }
  if (node.type === 'array') return listOf(reader, node, 'any', depth);
  const fields = reader.object(node, '"match"', matchKeys);
  if (fields === undefined) return undefined;
  const parts: (Condition | undefined)[] = [];
  const shorthand = new Map<string, Node>();
  for (const [key, value] of fields) {
    switch (key) {
      case 'protocol':
        parts.push(protocolOf(reader, value));
        break;
      case 'tls':
        parts.push(tlsOf(reader, value));
        break;
      case 'http': {
        const http = reader.object(value, '"http"', httpKeys);
        parts.push(http === undefined ? undefined : httpOf(reader, http));
        break;
      }
      case 'payload':
        parts.push(payloadOf(reader, value));
        break;
      case 'pattern':
        parts.push(patternOf(reader, value));
        break;
      case 'remote':
        parts.push(remoteOf(reader, value));
        break;
      case 'process':
        parts.push({ kind: 'process', globs: globsOf(reader, value, '"process"') });
        break;
      case 'silent': {
        if (value.type !== 'boolean') reader.wrongType(value, '"silent"', say`true or false`);
        parts.push(value.value === false ? { kind: 'not', of: { kind: 'silent' } } : { kind: 'silent' });
        break;
      }
      case 'not': {
        const of = conditionOf(reader, value, depth + 1);
        parts.push(of === undefined ? undefined : { kind: 'not', of });
        break;
      }
      case 'all':
      case 'any':
        if (value.type === 'array') parts.push(listOf(reader, value, key, depth));
        else parts.push(reader.wrongType(value, `"${key}"`, say`a list of conditions [ … ]`));
        break;
      default:
        shorthand.set(key, value);
    }
  }
  if (0 < shorthand.size) parts.push(httpOf(reader, shorthand));
  return combined('all', parts, { kind: 'always' });
}

function listOf(reader: Reader, node: Node, kind: 'any' | 'all', depth: number): Condition | undefined {
  const items = node.children ?? [];
  if (items.length === 0) {
    reader.problems.at(node, 'error', 'badValue', say`An empty list of conditions can match nothing. Write { } for "everything", or remove the route.`);
    return undefined;
  }
  return combined(kind, items.map((item) => conditionOf(reader, item, depth + 1)), { kind: 'always' });
}

function combined(kind: 'any' | 'all', parts: readonly (Condition | undefined)[], none: Condition): Condition | undefined {
  const good = parts.filter((part) => part !== undefined);
  if (good.length < parts.length) return undefined;
  return good.length === 0 ? none : good.length === 1 ? good[0] : { kind, of: good };
}

function protocolOf(reader: Reader, node: Node): Condition {
  const names = [...protocols.map((protocol) => protocol.id), ...Object.keys(groups)];
  const ids = reader.texts(node, '"protocol"').flatMap(({ text, node: at }) => {
    const found = expandProtocol(text);
    if (found.length === 0) {
      const meant = protocolAliases[text.toLowerCase()] ?? nearest(text, names);
      const message = meant === undefined ? say`There is no protocol "${text}". Known are ${names.join(', ')}.` : say`There is no protocol "${text}". Did you mean "${meant}"?`;
      reader.problems.at(at, 'error', 'unknownProtocol', message, meant === undefined ? undefined : { title: say`Change to "${meant}"`, newText: JSON.stringify(meant) });
    }
    return found;
  });
  return { kind: 'protocol', ids: [...new Set(ids)] };
}

const protocolAliases: Readonly<Record<string, string>> = { https: 'tls', ssl: 'tls', h2: 'http2', h2c: 'http2', ws: 'websocket', postgresql: 'postgres', pg: 'postgres', mariadb: 'mysql', sftp: 'ssh', esmtp: 'smtp', resp: 'redis', pop: 'pop3', imap4: 'imap', jabber: 'xmpp', socks: 'socks5', socks4a: 'socks4', connect: 'http-connect', 'http/1.1': 'http1', 'http/2': 'http2' };

function globsOf(reader: Reader, node: Node, what: Named): string[] {
  return reader.texts(node, what).flatMap(({ text, node: at }) => {
    const problem = globProblem(text);
    if (problem === undefined) return [text];
    reader.problems.at(at, 'error', 'badGlob', say`${what} has a glob that cannot be read: ${problem}. "*" is any run, "?" one character, "[ab]" one of a set, "{x,y}" alternatives.`);
    return [];
  });
}

function tlsOf(reader: Reader, node: Node): Condition | undefined {
  if (node.type === 'boolean' && node.value === true) return { kind: 'tls' };
  const fields = reader.object(node, '"tls"', ['sni', 'alpn']);
  if (fields === undefined) return undefined;
  const sni = fields.get('sni');
  const alpn = fields.get('alpn');
  return { kind: 'tls', ...(sni === undefined ? {} : { sni: globsOf(reader, sni, '"sni"') }), ...(alpn === undefined ? {} : { alpn: globsOf(reader, alpn, '"alpn"') }) };
}

function httpOf(reader: Reader, fields: ReadonlyMap<string, Node>): Condition {
  const condition: Condition = { kind: 'http' };
  const method = fields.get('method');
  const host = fields.get('host');
  const path = fields.get('path');
  const headers = fields.get('headers');
  if (method !== undefined) {
    condition.method = globsOf(reader, method, '"method"');
    for (const { text, node } of reader.texts(method, '"method"')) {
      if (text !== text.toUpperCase()) reader.problems.at(node, 'warning', 'methodCase', say`HTTP methods are upper case and compared as written, so "${text}" never matches.`, { title: say`Change to "${text.toUpperCase()}"`, newText: JSON.stringify(text.toUpperCase()) });
    }
  }
  if (host !== undefined) condition.host = globsOf(reader, host, '"host"');
  if (path !== undefined) {
    condition.path = globsOf(reader, path, '"path"');
    for (const { text, node } of reader.texts(path, '"path"')) {
      if (/^[A-Za-z0-9]/.test(text) && !text.includes('*')) reader.problems.at(node, 'warning', 'pathStart', say`Request paths start with "/", so "${text}" never matches.`, { title: say`Change to "/${text}"`, newText: JSON.stringify(`/${text}`) });
    }
  }
  if (headers !== undefined) condition.headers = headersOf(reader, headers);
  return condition;
}

function headersOf(reader: Reader, node: Node): { name: string; values: string[] }[] {
  if (node.type !== 'object') {
    reader.wrongType(node, '"headers"', say`an object such as { "x-team": "blue" }`);
    return [];
  }
  return (node.children ?? []).flatMap((property) => {
    const [key, value] = property.children ?? [];
    if (key === undefined || value === undefined) return [];
    const name = String(key.value);
    if (!/^[!#$%&'*+.^_`|~0-9A-Za-z-]+$/.test(name)) {
      reader.problems.at(key, 'error', 'badValue', say`"${name}" cannot be the name of an HTTP header.`);
      return [];
    }
    return [{ name: name.toLowerCase(), values: globsOf(reader, value, say`Header "${name}"`) }];
  });
}

function payloadOf(reader: Reader, node: Node): Condition | undefined {
  const isShort = node.type === 'string' || node.type === 'array';
  const fields = isShort ? new Map([['hex', node]]) : reader.object(node, '"payload"', ['offset', 'hex', 'mask']);
  if (fields === undefined) return undefined;
  const hexNode = fields.get('hex');
  if (hexNode === undefined) {
    reader.problems.at(node, 'error', 'missingKey', say`"payload" needs "hex": the bytes to look for, such as "474554".`);
    return undefined;
  }
  const offset = reader.whole(fields.get('offset'), '"offset"', limits.payloadOffset, 0);
  const hex = reader.texts(hexNode, '"hex"').flatMap(({ text, node: at }) => {
    const bytes = hexOf(reader, at, text);
    return bytes === undefined ? [] : [bytes];
  });
  const maskNode = fields.get('mask');
  if (maskNode === undefined) return { kind: 'payload', offset, hex };
  const maskText = reader.text(maskNode, '"mask"');
  const mask = maskText === undefined ? undefined : hexOf(reader, maskNode, maskText);
  if (mask === undefined) return undefined;
  for (const one of hex) {
    if (one.length === mask.length) continue;
    reader.problems.at(maskNode, 'error', 'badHex', say`"mask" has ${mask.length / 2} bytes and ${one} has ${one.length / 2}: they must be equally long.`);
    return undefined;
  }
  return { kind: 'payload', offset, hex, mask };
}

/** @returns hex without spaces, in lower case */
function hexOf(reader: Reader, node: Node, text: string): string | undefined {
  const bytes = fromHex(text);
  if (bytes !== undefined && 0 < bytes.length) return toHex(bytes);
  const digits = text.replace(/[\s:]/g, '').replace(/^0x/i, '');
  const isOdd = /^[0-9a-f]*$/i.test(digits) && digits.length % 2 === 1;
  const why = isOdd ? say`it has an odd number of digits` : say`it has characters other than 0-9 and a-f`;
  const asText = isOdd || !/^[\x21-\x7e]+$/.test(text) ? undefined : toHex(Uint8Array.from(text, (char) => char.charCodeAt(0)));
  reader.problems.at(node, 'error', 'badHex', say`"${text}" is not hex: ${why}. Two digits make one byte; "GET" is 474554.`, asText === undefined ? undefined : { title: say`Write the text "${text}" as hex`, newText: JSON.stringify(asText) });
  return undefined;
}

function patternOf(reader: Reader, node: Node): Condition | undefined {
  const fields = node.type === 'string' ? new Map([['source', node]]) : reader.object(node, '"pattern"', ['source', 'flags', 'maxBytes']);
  if (fields === undefined) return undefined;
  const sourceNode = fields.get('source');
  if (sourceNode === undefined) {
    reader.problems.at(node, 'error', 'missingKey', say`"pattern" needs "source": a regular expression such as "^HELO ".`);
    return undefined;
  }
  const source = reader.text(sourceNode, '"pattern"');
  const flagsNode = fields.get('flags');
  const flags = flagsNode === undefined ? '' : flagsNode.type === 'string' ? String(flagsNode.value) : (reader.wrongType(flagsNode, '"flags"', say`a text such as "i"`) ?? '');
  const maxBytes = reader.whole(fields.get('maxBytes'), '"maxBytes"', limits.patternBytes, defaultPatternBytes);
  if (source === undefined) return undefined;
  const problem = patternProblem(source, flags);
  if (problem !== undefined) {
    reader.problems.at(problem.startsWith('flag ') && flagsNode !== undefined ? flagsNode : sourceNode, 'error', 'badPattern', say`This pattern cannot be used: ${problem}. The syntax is RE2's: no backreferences and no lookaround.`);
    return undefined;
  }
  return { kind: 'pattern', source, flags, maxBytes };
}

function remoteOf(reader: Reader, node: Node): Condition {
  const ranges = reader.texts(node, '"remote"').flatMap(({ text, node: at }) => {
    const cidr = cidrOf(text);
    if (cidr === undefined) reader.problems.at(at, 'error', 'badRange', say`"${text}" is neither an address nor a range such as 10.0.0.0/8 or fd00::/8.`);
    return cidr === undefined ? [] : [cidr];
  });
  return { kind: 'remote', ranges };
}
