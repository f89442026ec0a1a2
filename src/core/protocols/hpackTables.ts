// HPACK's fixed tables: the static header list and the Huffman code (RFC 7541 Appendix A and B).

/** Index 1 is the first entry (RFC 7541 Appendix A). Written as `name`, or `name value` for entries that carry one. */
const staticText = `:authority|:method GET|:method POST|:path /|:path /index.html|:scheme http|:scheme https|:status 200|:status 204|:status 206|
:status 304|:status 400|:status 404|:status 500|accept-charset|accept-encoding gzip, deflate|accept-language|accept-ranges|accept|
access-control-allow-origin|age|allow|authorization|cache-control|content-disposition|content-encoding|content-language|content-length|
content-location|content-range|content-type|cookie|date|etag|expect|expires|from|host|if-match|if-modified-since|if-none-match|if-range|
if-unmodified-since|last-modified|link|location|max-forwards|proxy-authenticate|proxy-authorization|range|referer|refresh|retry-after|
server|set-cookie|strict-transport-security|transfer-encoding|user-agent|vary|via|www-authenticate`;

export const staticTable: readonly { name: string; value: string }[] = staticText.split(/\|\s*/).map((entry) => {
  const cut = entry.indexOf(' ');
  return cut < 0 ? { name: entry, value: '' } : { name: entry.slice(0, cut), value: entry.slice(cut + 1) };
});

// Code lengths in bits, by symbol. The code is canonical (shorter codes first, then by symbol), so the lengths are the whole table.
const codeLengths = `
13 23 28 28 28 28 28 28 28 24 30 28 28 30 28 28 28 28 28 28 28 28 30 28 28 28 28 28 28 28 28 28
6 10 10 12 13 6 8 11 10 10 8 11 8 6 6 6 5 5 5 6 6 6 6 6 6 6 7 8 15 6 12 10
13 6 7 7 7 7 7 7 7 7 7 7 7 7 7 7 7 7 7 7 7 7 7 7 8 7 8 13 19 13 14 6
15 5 6 5 6 5 6 6 6 5 7 7 6 6 6 5 6 7 6 5 5 6 7 7 7 7 7 15 11 14 13 28
20 22 20 20 22 22 22 23 22 23 23 23 23 23 24 23 24 24 22 23 24 23 23 23 23 21 22 23 22 23 23 24
22 21 20 22 22 23 23 21 23 22 22 24 21 22 23 23 21 21 22 21 23 22 23 23 20 22 22 22 23 22 22 23
26 26 20 19 22 23 22 25 26 26 26 27 27 26 24 25 19 21 26 27 27 26 27 24 21 21 26 26 28 27 27 27
20 24 20 21 22 21 21 23 22 22 25 25 24 24 26 23 26 27 26 26 27 27 27 27 27 28 27 27 27 27 27 26
30`;

/** End-of-string symbol; it never stands in a decoded text (RFC 7541 §5.2). */
export const endOfString = 256;
const codeLengthCount = endOfString + 1;

/**
 * The code as a binary tree: entry `2 * node + bit` is the next node, or `-1 - symbol` at a leaf. Node 0 is the root.
 */
export const huffmanTree: Int32Array = buildTree(codeLengths.trim().split(/\s+/).map(Number));

function buildTree(lengths: readonly number[]): Int32Array {
  // A full binary tree of n leaves has n - 1 inner nodes.
  const tree = new Int32Array(2 * lengths.length);
  const symbols = lengths.map((length, symbol) => ({ length, symbol })).sort((a, b) => a.length - b.length || a.symbol - b.symbol);
  let nodes = 1;
  let code = 0;
  let codeBits = 0;
  for (const { length, symbol } of symbols) {
    code *= 2 ** (length - codeBits);
    codeBits = length;
    let node = 0;
    for (let bit = length - 1; 0 <= bit; bit--) {
      const entry = 2 * node + (Math.floor(code / 2 ** bit) % 2);
      if (bit === 0) tree[entry] = -1 - symbol;
      else node = (tree[entry] ||= nodes++);
    }
    code += 1;
  }
  return tree;
}

/**
 * The tree four bits at a time: entry `16 * node + bits` is the node that they lead to, plus 256 times (1 + symbol) when they end a code.
 * The shortest code has 5 bits, so at most one ends. -1 = they end the end of string.
 */
export const huffmanSteps: Int32Array = buildSteps();

/** 1 for nodes at which a text may end: the root, and those that up to 7 ones lead to (RFC 7541 §5.2). */
export const huffmanPadding: Uint8Array = buildPadding();

function buildSteps(): Int32Array {
  const steps = new Int32Array(16 * (codeLengthCount - 1));
  for (let start = 0; start < codeLengthCount - 1; start++) {
    for (let bits = 0; bits < 16; bits++) {
      let node = start;
      let ended = 0;
      for (let bit = 3; 0 <= bit && 0 <= ended; bit--) {
        node = huffmanTree[2 * node + ((bits >> bit) & 1)]!;
        if (0 <= node) continue;
        ended = node === -1 - endOfString ? -1 : -node;
        node = 0;
      }
      steps[16 * start + bits] = ended < 0 ? -1 : node + 256 * ended;
    }
  }
  return steps;
}

function buildPadding(): Uint8Array {
  const padding = new Uint8Array(codeLengthCount - 1);
  for (let node = 0, ones = 0; ones < 8; ones++) {
    padding[node] = 1;
    node = huffmanTree[2 * node + 1]!;
  }
  return padding;
}
