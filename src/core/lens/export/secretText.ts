// Finds passwords, tokens, cookies and keys in any text by how they are written: headers, JSON, forms and queries, XML, SQL, and tokens that tell
// themselves. It would rather mask too much: an export leaves the machine.

/** What stands for a secret in texts; the same as in views. */
export const maskedText = '••••••';

/** Where the value of a secret stands in a text. */
export interface Span {
  start: number;
  end: number;
  /** a number of JSON: what stands for it must be one, or a string */
  isNumber?: true;
}

/** A secret is near one of these, or there is none: nearly all of a text is done with it. */
const quick = /passw|passphrase|pwd|(?<![a-z])(?:pass|sig|sid)(?![a-z])|secret|token|authorization|auth[-_]?key|cookie|api[-_ ]?key|private[-_ ]?key|access[-_]?key|credential|session[-_]?id|sessid|bearer|basic |auth (?:plain|login|xoauth2)|eyJ|identified|signature|jwt|otp(?![a-z])|assertion|github_pat_|gh[pousr]_|xox[abeoprs]-|akia|aiza|sk[-_]\w|glpat-|:\/\/[^\s/?#@:"'<>]{0,200}:|mysql|mariadb|redis-cli|mosquitto_|curl /gi;

/** What is looked at around such a place; more when a value goes on behind it. */
const before = 120;
const behind = 2000;

/** Part of a name behind which a secret may stand; `isSecretKey` has the last word. */
const part = 'passw|passphrase|pwd|pass|secret|token|api[-_ ]?key|private[-_]?key|access[-_]?key|secret[-_]?key|auth[-_]?key|credential|authorization|cookie|session[-_]?id|sess(?:ion)?_?id|sessid|signature|sig|jwt|otp|assertion|sid';

const secretEnding = /(?:passwd|pwd|passphrase|secret|token|apikey|privatekey|accesskey|secretkey|authkey|credentials?|authorization|cookies?|sessionid|sessid|signature|jwt|otp|assertion)$|password(?:s|again|confirm(?:ation)?|hash|repeat|verify|old|new|\d)?$|^(?:pass|sig|sid)$/;
/** Tokens of parsers, pages and queues are none. */
const harmless = /(?:page|next|continuation|sync|resume|max|start|cancellation)token$/;

/** Is what carries this name a secret? Wider than what views mask: `token` and `csrfToken` count. */
export function isSecretKey(name: string): boolean {
  if (80 < name.length) return false;
  const plain = name.toLowerCase().replace(/[^a-z0-9]/g, '');
  return secretEnding.test(plain) && !harmless.test(plain);
}

const jsonMember = new RegExp(`(\\\\{0,8}["'])([^"'\\\\\\r\\n]{0,60}?(?:${part})[^"'\\\\\\r\\n]{0,30}?)\\1\\s*(?::|=>)\\s*`, 'gi');
const headerLine = new RegExp(`(?<=^|\\n)[ \\t]*([\\w.-]{0,60}?(?:${part})[\\w.-]{0,30}?)[ \\t]*:[ \\t]*([^\\r\\n]+)`, 'gi');
const pair = new RegExp(`(?<![\\w.$-])([\\w.$%[\\]-]{0,60}?(?:${part})[\\w.$%[\\]-]{0,30}?)\\s{0,3}=\\s{0,3}("(?:[^"\\\\]|\\\\.)*"?|'(?:[^'\\\\]|\\\\.)*'?|[^\\s&;,"'<>)}]+)`, 'gi');
const element = new RegExp(`<((?:[\\w-]+:)?[\\w.-]{0,60}?(?:${part})[\\w.-]{0,30}?)(?:\\s[^<>]*)?>([^<]+)(?=<|$)`, 'gi');
const namedValue = new RegExp(`"name"\\s*:\\s*"([^"\\\\]{0,60}(?:${part})[^"\\\\]{0,30})"\\s*,\\s*"value"\\s*:\\s*"((?:[^"\\\\]|\\\\.)*)`, 'gi');
const formPart = new RegExp(`name="([^"\\r\\n]{0,60}(?:${part})[^"\\r\\n]{0,30})"[^\\r\\n]*\\r?\\n(?:[^\\r\\n]+\\r?\\n){0,8}\\r?\\n([\\s\\S]*?)(?=\\r?\\n--|$)`, 'gi');

/** What is a secret whatever stands before it: the last group is masked. */
const telling: readonly RegExp[] = [
  /\bBearer\s+([\w.~+/=-]{6,})/gi,
  /\bBasic\s+(?=[A-Za-z0-9+/]*[0-9=A-Z])([A-Za-z0-9+/]{6,}={0,2})/g,
  /(eyJ[\w-]{8,2000}\.[\w-]{4,8000}\.[\w-]{0,2000})/g,
  /(?<![\w-])((?:gh[pousr]_|github_pat_)\w{16,}|xox[abeoprs]-[\w-]{10,}|sk[-_][\w-]{16,}|AKIA[0-9A-Z]{16}|AIza[\w-]{35}|glpat-[\w-]{20})/g,
  /-----BEGIN [A-Z ]*PRIVATE KEY-----([\s\S]{1,20000}?)(?=-----END|$)/g,
  /(?<![a-z0-9+.-])[a-z][a-z0-9+.-]{0,30}:\/\/[^\s/?#@:"'<>]*:([^\s/?#@"'<>]+)(?=@)/gi,
  /(?:\bPASSWORD|\bIDENTIFIED\s+(?:WITH\s+\S+\s+)?(?:BY|AS))(?:\s*=\s*|\s*\(\s*|\s+)'((?:[^'\\]|''|\\[\s\S])*)/gi,
  /(?<=^|\n)(?:\S{1,20} )?(?:PASS|AUTH (?:PLAIN|LOGIN|XOAUTH2)) (\S[^\r\n]*)/g,
  // Command lines of programs that take a password as an argument.
  /\b(?:mysql|mariadb)\S{0,40}\b[^\r\n]{0,400}?\s-p(\S+)/g,
  /\bredis-cli\b[^\r\n]{0,400}?\s(?:-a|--pass)\s+(\S+)/g,
  /\bmosquitto_\w{1,10}\b[^\r\n]{0,400}?\s-P\s+(\S+)/g,
  /\bcurl\b[^\r\n]{0,400}?\s(?:-u|--user)\s+[^\s:]+:(\S+)/g,
  /\s--?(?:[\w-]{0,40}(?:password|passwd|token|secret|api-key))[= ](\S+)/gi,
];

/**
 * Where secrets stand.
 *
 * @param text of bytes: one character each (latin1), so that positions are offsets
 * @returns values without their names, quotes and line ends; in order, none inside another
 */
export function secretSpans(text: string): Span[] {
  const found: Span[] = [];
  let done = 0;
  quick.lastIndex = 0;
  for (let hit = quick.exec(text); hit !== null; hit = quick.exec(text)) {
    const start = Math.max(done, hit.index - before, 0);
    for (let end = Math.max(start, hit.index) + behind; ; end = start + (end - start) * 4) {
      const stop = Math.min(end, text.length);
      const spans = spansIn(text, start, stop);
      // A value that reaches the edge goes on behind it.
      if (stop < text.length && spans.some((span) => stop - edge <= span.end)) continue;
      found.push(...spans);
      // The last part is looked at again with what follows: a name may stand at its end.
      done = stop === text.length ? stop : Math.max(start, stop - before);
      break;
    }
    quick.lastIndex = Math.max(done, hit.index + 1);
    if (done === text.length) break;
  }
  return merged(found.filter(({ start, end }) => start < end));
}

/** A value this near to the edge of what is looked at may have been cut. */
const edge = 4;

function spansIn(text: string, start: number, stop: number): Span[] {
  // A character that is in no name stands for what comes before, so that this is not taken for the beginning of a text.
  const lead = start === 0 ? 0 : 1;
  const piece = `${lead === 0 ? '' : '\u0001'}${text.slice(start, stop)}`;
  const found: Span[] = [];
  // Within an object or a list that is a secret as a whole nothing is looked for again.
  let past = 0;
  for (const match of piece.matchAll(jsonMember)) if (past <= match.index && isSecretKey(match[2]!)) past = jsonValue(piece, endOf(match), match[1]!, found);
  for (const match of piece.matchAll(headerLine)) if (isSecretKey(match[1]!)) headerValue(match[1]!, match[2]!, endOf(match) - match[2]!.length, found);
  for (const match of piece.matchAll(pair)) if (isSecretKey(decoded(match[1]!))) pairValue(match[2]!, endOf(match) - match[2]!.length, found);
  for (const pattern of [element, namedValue]) for (const match of piece.matchAll(pattern)) if (isSecretKey(match[1]!.replace(/^.*:/, ''))) last(match, found);
  for (const match of piece.matchAll(formPart)) if (isSecretKey(match[1]!)) last(match, found);
  insertedValues(piece, found);
  for (const pattern of telling) for (const match of piece.matchAll(pattern)) last(match, found);
  for (const span of found) {
    span.start += start - lead;
    span.end += start - lead;
  }
  return found;
}

const insertion = /\binsert\s+into\s[^()]{1,200}\(([^()]{1,4000})\)\s*values\s*(?=\()/gi;

/** Values of SQL's INSERT, whose names stand before all of them: `(name, password) VALUES ('ada', '…'), (…)`. */
function insertedValues(text: string, found: Span[]): void {
  let past = 0;
  for (const match of text.matchAll(insertion)) {
    const names = match[1]!.split(',').map((name) => name.trim().replace(/^["`[]|["`\]]$/g, ''));
    if (match.index < past || !names.some(isSecretKey)) continue;
    let column = 0;
    let depth = 0;
    for (past = endOf(match); past < text.length; past++) {
      const character = text[past]!;
      if (character === "'") {
        const start = past + 1;
        for (past = start; past < text.length && (text[past] !== "'" || text[past + 1] === "'"); past++) if (text[past] === "'" || text[past] === '\\') past++;
        if (depth === 1 && isSecretKey(names[column] ?? '')) push(found, start, Math.min(past, text.length));
      } else if (character === '(') {
        depth += 1;
        if (depth === 1) column = 0;
      } else if (character === ')') depth -= 1;
      else if (character === ',' && depth === 1) column += 1;
      else if (depth === 0 && !/[\s,]/.test(character)) break;
    }
    // Its end is behind what is looked at: more of it has to be.
    if (text.length <= past) found.push({ start: text.length, end: text.length });
  }
}

/** @returns the text with every secret masked, and how many there were */
export function withoutSecrets(text: string): { text: string; count: number } {
  const spans = secretSpans(text);
  if (spans.length === 0) return { text, count: 0 };
  let shown = '';
  let at = 0;
  for (const { start, end, isNumber } of spans) {
    shown += text.slice(at, start) + (isNumber === true ? `"${maskedText}"` : maskedText);
    at = end;
  }
  return { text: shown + text.slice(at), count: spans.length };
}

/** @returns what may be seen of a header's value; undefined when all of it */
export function maskedHeader(name: string, value: string): string | undefined {
  const spans: Span[] = [];
  if (isSecretKey(name)) headerValue(name, value, 0, spans);
  else spans.push(...secretSpans(value));
  if (spans.length === 0) return undefined;
  let shown = '';
  let at = 0;
  for (const { start, end } of spans) {
    shown += value.slice(at, start) + maskedText;
    at = end;
  }
  return shown + value.slice(at);
}

function endOf(match: RegExpMatchArray): number {
  return match.index! + match[0].length;
}

/** The last group stands at the end of the match. */
function last(match: RegExpMatchArray, found: Span[]): void {
  const value = match[match.length - 1]!;
  push(found, endOf(match) - value.length, endOf(match));
}

function push(found: Span[], start: number, end: number, isNumber?: true): void {
  if (start < end) found.push(isNumber === undefined ? { start, end } : { start, end, isNumber });
}

/** @param quote what the name stood in: `"`, or `\"` when the JSON itself is in a string @returns position behind the value */
function jsonValue(text: string, at: number, quote: string, found: Span[]): number {
  const first = text[at];
  if (first === '{' || first === '[') return inside(text, at, found);
  const word = /^-?[\d.]+(?:e[+-]?\d+)?/i.exec(text.slice(at, at + 40))?.[0];
  if (word !== undefined) {
    push(found, at, at + word.length, true);
    return at + word.length;
  }
  const opening = text.startsWith(quote, at) ? quote : first === '"' || first === "'" ? first : undefined;
  if (opening === undefined) return at;
  const start = at + opening.length;
  const end = stringEnd(text, start, opening);
  push(found, start, end);
  return end;
}

/** @returns position of the closing quote, or of the end of the text: what is cut off is a secret up to there */
function stringEnd(text: string, start: number, quote: string): number {
  const mark = quote.slice(-1);
  // A quote inside the value has one more backslash before it than those around it.
  const depth = quote.length - 1;
  for (let at = text.indexOf(mark, start); 0 <= at; at = text.indexOf(mark, at + 1)) {
    let slashes = 0;
    while (start <= at - 1 - slashes && text[at - 1 - slashes] === '\\') slashes += 1;
    if (depth === 0 ? slashes % 2 === 0 : slashes <= depth) return at - Math.min(slashes, depth);
  }
  return text.length;
}

/** Every string in an object or a list that is none of its names. @returns position behind it */
function inside(text: string, start: number, found: Span[]): number {
  let depth = 0;
  for (let at = start; at < text.length; at++) {
    const character = text[at];
    if (character === '"') {
      const end = stringEnd(text, at + 1, '"');
      if (!/^\s*:/.test(text.slice(end + 1, end + 20))) push(found, at + 1, end);
      at = end;
    } else if (character === '{' || character === '[') {
      depth += 1;
    } else if (character === '}' || character === ']') {
      depth -= 1;
      if (depth === 0) return at + 1;
    }
  }
  return text.length;
}

/** Of credentials the scheme stays, of cookies the names: they are what one looks for. */
function headerValue(name: string, value: string, start: number, found: Span[]): void {
  const plain = name.toLowerCase();
  if (plain === 'cookie' || plain === 'set-cookie') {
    for (const match of value.matchAll(/=([^;]*)/g)) {
      push(found, start + match.index + 1, start + match.index + match[0].length);
      if (plain === 'set-cookie') return;
    }
    if (!value.includes('=')) push(found, start, start + value.length);
    return;
  }
  const scheme = /^[A-Za-z][\w-]*\s+(?=\S)/.exec(value);
  const isAuthorization = plain.endsWith('authorization') && scheme !== null;
  // A member of JSON or YAML: its quotes stay.
  const quoted = /^(["'])(.*)\1,?$/.exec(value);
  if (quoted !== null) push(found, start + 1, start + 1 + quoted[2]!.length);
  else push(found, start + (isAuthorization ? scheme[0].length : 0), start + value.length);
}

function pairValue(value: string, start: number, found: Span[]): void {
  const first = value[0];
  if (first !== '"' && first !== "'") {
    push(found, start, start + value.length);
    return;
  }
  const isClosed = 1 < value.length && value.endsWith(first);
  push(found, start + 1, start + value.length - (isClosed ? 1 : 0));
}

function decoded(name: string): string {
  if (!name.includes('%')) return name;
  try {
    return decodeURIComponent(name);
  } catch {
    // Not percent encoding: the name as it stands.
    return name;
  }
}

function merged(found: Span[]): Span[] {
  if (found.length < 2) return found;
  found.sort((a, b) => a.start - b.start || b.end - a.end);
  const spans: Span[] = [];
  for (const span of found) {
    const before = spans.at(-1);
    if (before === undefined || before.end <= span.start) spans.push(span);
    else if (before.end < span.end) spans[spans.length - 1] = { start: before.start, end: span.end };
  }
  return spans;
}
