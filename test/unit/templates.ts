// The templates of core's sentences, read from the sources: say`{0} closed the connection.`.

import { readFileSync, readdirSync } from 'node:fs';
import { join } from 'node:path';

export interface Template {
  file: string;
  /** with {0}, {1}… for the values */
  text: string;
  /** the values, as written */
  values: string[];
}

export function templates(): Template[] {
  return ['src', 'webview'].flatMap(sources).flatMap((file) => templatesIn(file, readFileSync(join(process.cwd(), file), 'utf8')));
}

function sources(folder: string): string[] {
  return readdirSync(join(process.cwd(), folder), { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile() && entry.name.endsWith('.ts') && entry.name !== 'sentences.ts')
    .map((entry) => join(entry.parentPath, entry.name).slice(process.cwd().length + 1));
}

export function templatesIn(file: string, source: string): Template[] {
  return [...source.matchAll(/\bsay`/g)].map(({ index }) => {
    const values: string[] = [];
    let text = '';
    for (let at = index + 4; source[at] !== '`'; ) {
      if (source[at] === '\\') {
        text += source[at + 1];
        at += 2;
      } else if (source.startsWith('${', at)) {
        const end = behindHole(source, at + 2);
        text += `{${values.length}}`;
        values.push(source.slice(at + 2, end - 1));
        at = end;
      } else {
        text += source[at++];
      }
    }
    return { file, text, values };
  });
}

/** @returns the place behind the "}" that closes the hole which begins at `at` */
function behindHole(source: string, at: number): number {
  for (let depth = 1; 0 < depth; ) {
    const char = source[at];
    if (char === "'" || char === '"') at = behindText(source, at + 1, char);
    else if (char === '`') at = behindTemplate(source, at + 1);
    else {
      depth += char === '{' ? 1 : char === '}' ? -1 : 0;
      at += 1;
    }
  }
  return at;
}

function behindText(source: string, at: number, quote: string): number {
  while (source[at] !== quote) at += source[at] === '\\' ? 2 : 1;
  return at + 1;
}

function behindTemplate(source: string, at: number): number {
  while (source[at] !== '`') {
    if (source[at] === '\\') at += 2;
    else if (source.startsWith('${', at)) at = behindHole(source, at + 2);
    else at += 1;
  }
  return at + 1;
}
