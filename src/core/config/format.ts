// New JSON text in the style of the file around it.

import type { Json } from '../../shared/rules.js';

export interface Style {
  /** one level of indentation */
  unit: string;
  lineBreak: string;
}

// As wide as lines in rule files are; a longer object is written over several lines.
const maxInlineLength = 100;

/** The file's own indentation and line breaks: those of its first indented line and its first line end. */
export function styleOf(text: string): Style {
  const lineBreak = /\r\n|\n|\r/.exec(text)?.[0] ?? '\n';
  const unit = /^(\t|[ ]{2,8})(?=["{[/])/m.exec(text)?.[1] ?? '  ';
  return { unit, lineBreak };
}

/**
 * @param indent indentation of the line that the value starts in
 * @param prefersLines write objects over several lines even when they are short
 */
export function formatJson(value: Json, style: Style, indent: string, prefersLines: boolean): string {
  const inline = formatInline(value);
  const isPlain = typeof value !== 'object' || value === null;
  if (isPlain || (!prefersLines && indent.length + inline.length <= maxInlineLength)) return inline;
  const inner = indent + style.unit;
  const isArray = Array.isArray(value);
  const parts = isArray
    ? value.map((item) => formatJson(item, style, inner, false))
    : Object.entries(value).map(([key, item]) => `${JSON.stringify(key)}: ${formatJson(item, style, inner, false)}`);
  if (parts.length === 0) return inline;
  const [open, close] = isArray ? '[]' : '{}';
  return open + style.lineBreak + parts.map((part) => inner + part).join(`,${style.lineBreak}`) + style.lineBreak + indent + close;
}

/** `{ "name": "api", "to": ["8080", "8081"] }` */
export function formatInline(value: Json): string {
  if (Array.isArray(value)) return `[${value.map(formatInline).join(', ')}]`;
  if (typeof value !== 'object' || value === null) return JSON.stringify(value);
  const parts = Object.entries(value).map(([key, item]) => `${JSON.stringify(key)}: ${formatInline(item)}`);
  return parts.length === 0 ? '{}' : `{ ${parts.join(', ')} }`;
}
