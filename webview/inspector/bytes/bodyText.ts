// What a body is, and JSON laid out in lines. Pure.

/** JSON that is larger is shown as it came: laying it out would take a noticeable time. */
const maxJsonCharacters = 4 * 1024 * 1024;
/** Enough to tell text from what is none. */
const probeBytes = 4096;

/**
 * JSON with line ends and indents. Values are not touched: numbers keep their digits, names their order, as JSON.parse would not.
 *
 * @returns undefined when it is no JSON, or too large
 */
export function prettyJson(text: string): string | undefined {
  if (maxJsonCharacters < text.length) return undefined;
  try {
    JSON.parse(text);
  } catch {
    return undefined; // an ordinary answer: most bodies are no JSON
  }
  const parts: string[] = [];
  let depth = 0;
  let before = '';
  for (const [token] of text.matchAll(/"[^"\\]*(?:\\.[^"\\]*)*"|[{}[\],:]|[^\s{}[\],:"]+/g)) {
    const isClosing = token === '}' || token === ']';
    if (isClosing) depth--;
    const isAfterOpening = before === '{' || before === '[';
    if ((isAfterOpening && !isClosing) || before === ',' || (isClosing && !isAfterOpening)) parts.push(`\n${'  '.repeat(depth)}`);
    parts.push(token === ':' ? ': ' : token);
    if (token === '{' || token === '[') depth++;
    before = token;
  }
  return parts.join('');
}

/** Whether people would read it: a text type, or bytes that are UTF-8 without other controls than tabs and line ends. */
export function isTextBody(bytes: Uint8Array, mediaType: string): boolean {
  if (/^text\/|[/+](json|xml|yaml|javascript|graphql|x-www-form-urlencoded)$/.test(mediaType)) return true;
  if (/^(image|audio|video|font)\//.test(mediaType)) return false;
  const probe = bytes.subarray(0, probeBytes);
  try {
    const text = new TextDecoder('utf-8', { fatal: true }).decode(probe, { stream: true });
    return !/[^\P{Cc}\r\n\t]/u.test(text);
  } catch {
    return false; // not UTF-8
  }
}
