// Phrases for people, in their language: the English text is the key, as in the editor's own bundles; `{0}`, `{1}` are its values.

export type Translate = (text: string, ...values: string[]) => string;

/** @param strings translations by English text; what is missing stays English */
export function translator(strings: Readonly<Record<string, string>>): Translate {
  return (text, ...values) => (Object.hasOwn(strings, text) ? strings[text]! : text).replace(/\{(\d)\}/g, (hole, digit: string) => values[Number(digit)] ?? hole);
}

export const english: Translate = translator({});

/** Marks a text that is translated where it is used. */
export function t(text: string): string {
  return text;
}
