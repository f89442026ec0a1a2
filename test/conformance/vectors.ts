// Reads the vectors of a conformance page: fenced blocks marked `vector`, each under its heading and reason.
//
// A block has lines `client:` and `server:` (bytes), `expect:` (verdict of that protocol's matcher and the byte that settles it) and
// `classify:` (protocol, who told, layers), and `early:` (what it may be called until the other side's bytes contradict). Bytes are
// hex pairs, "text" with \r \n \0 \t \\ \" and `xx*n` for a repeated byte.

export interface Vector {
  page: string;
  title: string;
  client: Uint8Array;
  server: Uint8Array;
  /** who speaks first; the first of the two lines in the block */
  first: 'client' | 'server';
  expect?: { side: 'client' | 'server'; verdict: 'match' | 'no' | 'more'; atByte: number };
  classify?: { protocol: string; by: string; layers: string[] };
  early?: string;
}

/** @throws on a block that cannot be read, naming page and heading */
export function vectorsOf(page: string, text: string): Vector[] {
  const vectors: Vector[] = [];
  const parts = text.replace(/\r\n/g, '\n').split(/^## /m).slice(1);
  for (const part of parts) {
    const title = part.split('\n', 1)[0] ?? '';
    const blocks = [...part.matchAll(/^```vector\n([\s\S]*?)^```$/gm)];
    if (blocks.length === 0 && !/^```decode$/m.test(part)) throw new Error(`${page}, "${title}": no vector`);
    const why = part.slice(title.length).split('```')[0]?.trim() ?? '';
    if (why === '') throw new Error(`${page}, "${title}": no reason`);
    blocks.forEach((block, i) => vectors.push(vectorOf(page, blocks.length === 1 ? title : `${title} (${i + 1})`, block[1] ?? '')));
  }
  return vectors;
}

function vectorOf(page: string, title: string, block: string): Vector {
  const vector: Vector = { page, title, client: new Uint8Array(0), server: new Uint8Array(0), first: 'client' };
  let isFirst = true;
  for (const line of block.split('\n').filter((one) => one.trim() !== '')) {
    const cut = line.indexOf(':');
    const key = line.slice(0, cut).trim();
    const value = line.slice(cut + 1).trim();
    if (key === 'client' || key === 'server') {
      if (isFirst) vector.first = key;
      isFirst = false;
      vector[key] = bytesOf(value);
    } else if (key === 'expect') {
      const [verdict = '', at = '0'] = value.split(/\s+/);
      if (verdict !== 'match' && verdict !== 'no' && verdict !== 'more') throw new Error(`${page}, "${title}": ${line}`);
      vector.expect = { side: vector.client.length === 0 ? 'server' : 'client', verdict, atByte: Number(at) };
    } else if (key === 'early') {
      vector.early = value;
    } else if (key === 'classify') {
      const [protocol = '', by = '', ...layers] = value.split(/\s+/);
      vector.classify = { protocol, by, layers: layers.length === 0 ? (protocol === 'unknown' ? [] : [protocol]) : layers };
    } else throw new Error(`${page}, "${title}": ${line}`);
  }
  return vector;
}

const escapes: Readonly<Record<string, number>> = { r: 13, n: 10, t: 9, '0': 0, '\\': 92, '"': 34 };

export function bytesOf(text: string): Uint8Array {
  const bytes: number[] = [];
  for (const token of text.match(/"(?:\\.|[^"\\])*"(?:\*\d+)?|\S+/g) ?? []) {
    const [, body = token, times] = /^(.*?)(?:\*(\d+))?$/s.exec(token) ?? [];
    const piece: number[] = [];
    if (body.startsWith('"')) {
      for (const char of body.slice(1, -1).matchAll(/\\(.)|([\s\S])/g)) piece.push(char[1] === undefined ? (char[2] ?? '').charCodeAt(0) : (escapes[char[1]] ?? char[1].charCodeAt(0)));
    } else {
      if (!/^(?:[0-9a-fA-F]{2})+$/.test(body)) throw new Error(`not bytes: ${token}`);
      for (let i = 0; i < body.length; i += 2) piece.push(parseInt(body.slice(i, i + 2), 16));
    }
    for (let i = 0; i < Number(times ?? 1); i++) bytes.push(...piece);
  }
  return Uint8Array.from(bytes);
}
