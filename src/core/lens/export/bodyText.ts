// Bytes as text, where they are text.

/** Control characters that no text has; tab, line ends, form feed and escape do stand in some. */
const noText = /[\u0000-\u0008\u000e-\u001a\u001c-\u001f]/;

/** @returns undefined for what is no UTF-8, or has control characters in it */
export function textOfBytes(bytes: Uint8Array): string | undefined {
  try {
    const text = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(bytes);
    return noText.test(text) ? undefined : text;
  } catch {
    // No UTF-8: that is the answer.
    return undefined;
  }
}
