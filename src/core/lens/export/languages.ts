// What a body is written in, for editors and fences: by its media type, else by its looks.

export interface Language {
  /** as editors name it */
  id: string;
  /** file ending with its full stop */
  ending: string;
}

const byType: readonly [RegExp, Language][] = [
  [/^(?:application|text)\/(?:[\w.-]+\+)?json$|^application\/(?:jwk-set|manifest)\+json$/, { id: 'json', ending: '.json' }],
  [/ndjson|jsonl|json-seq/, { id: 'jsonl', ending: '.jsonl' }],
  [/^text\/html$|^application\/xhtml\+xml$/, { id: 'html', ending: '.html' }],
  [/^image\/svg\+xml$/, { id: 'xml', ending: '.svg' }],
  [/[/+]xml$/, { id: 'xml', ending: '.xml' }],
  [/^(?:text|application)\/(?:x-)?(?:javascript|ecmascript)$/, { id: 'javascript', ending: '.js' }],
  [/^(?:text|application)\/(?:x-)?typescript$/, { id: 'typescript', ending: '.ts' }],
  [/^text\/css$/, { id: 'css', ending: '.css' }],
  [/^text\/markdown$/, { id: 'markdown', ending: '.md' }],
  [/yaml$/, { id: 'yaml', ending: '.yaml' }],
  [/^(?:text|application)\/(?:x-)?sql$/, { id: 'sql', ending: '.sql' }],
  [/^(?:text|application)\/(?:x-)?(?:sh|shellscript)$/, { id: 'shellscript', ending: '.sh' }],
  [/^application\/graphql$/, { id: 'graphql', ending: '.graphql' }],
  [/^text\/csv$/, { id: 'plaintext', ending: '.csv' }],
];

const plain: Language = { id: 'plaintext', ending: '.txt' };

/** @param mediaType without parameters */
export function languageOf(mediaType: string, text: string): Language {
  const known = byType.find(([type]) => type.test(mediaType))?.[1];
  if (known !== undefined) return known;
  const start = text.slice(0, 200).trimStart();
  if (/^[{[]/.test(start) && isJson(text)) return { id: 'json', ending: '.json' };
  if (/^<(?:!doctype\s+html|html)\b/i.test(start)) return { id: 'html', ending: '.html' };
  if (/^<(?:\?xml|[a-z][\w:.-]*[\s/>])/i.test(start) && /^text\/|^$/.test(mediaType)) return { id: 'xml', ending: '.xml' };
  return plain;
}

/** Longer texts are not parsed for this. */
const maxParsed = 4 << 20;

export function isJson(text: string): boolean {
  if (maxParsed < text.length) return false;
  try {
    JSON.parse(text);
    return true;
  } catch {
    // That is the answer.
    return false;
  }
}
