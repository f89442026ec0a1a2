// How names of decoded fields are written in a filter.

/** A field's name as it is written without quotes: lower case, what is neither letter nor digit as "_": "content type" is content_type, ":status" status. */
export function bareName(name: string): string {
  const lower = name.toLowerCase();
  const bare = lower.replace(/[^\p{L}\p{N}]+/gu, '_').replace(/^_|_$/g, '');
  return bare === '' ? lower : bare;
}
