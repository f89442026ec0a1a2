// `npm run score -- FILE [--all]`: how well the catalogue names real connections that nDPI has named.
//
// FILE has one JSON line per connection: id, ndpi, confidence, first, client, server (hex). test/score/names.json says which of our
// protocols a name of nDPI's stands for; names that are not there stand for none. test/score/decided.json holds the connections where we
// differ from nDPI, by their id: what they are, and why. Only verdicts that nDPI gives with confidence `DPI` are judged, since the others
// stand on ports, addresses and earlier flows; `--all` lists what we call those. Exit 1 when a connection was missed or misnamed.
import { build } from 'esbuild';
import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';

const file = (name) => fileURLToPath(new URL(`../${name}`, import.meta.url));
const json = (name) => JSON.parse(readFileSync(file(name), 'utf8'));

const [path, ...flags] = process.argv.slice(2);
if (path === undefined) {
  console.error('npm run score -- FILE [--all]');
  process.exit(2);
}
const names = json('test/score/names.json');
const decided = json('test/score/decided.json');
const { classify, protocols } = await catalogue();
const known = new Set(protocols.map(({ id }) => id));

/** @returns ids that are right for a connection; none = it is none of the catalogue's */
function expectedOf({ id, ndpi }) {
  const decision = decided[id];
  if (decision !== undefined) return decision.is;
  // `TLS.Facebook` is TLS that carries Facebook.
  return names[ndpi.split('.')[0].toLowerCase().replace(/[^a-z0-9]/g, '')] ?? [];
}

const rows = new Map();
const rowOf = (id) => rows.get(id) ?? rows.set(id, { connections: 0, named: 0, missed: [], wrong: [] }).get(id);
const guessed = new Map();
let judged = 0;
for (const line of readFileSync(path, 'utf8').split('\n').filter((text) => text.trim() !== '')) {
  const connection = JSON.parse(line);
  const told = classify(Buffer.from(connection.client, 'hex'), Buffer.from(connection.server, 'hex'), connection.first);
  const label = told.layers.length === 0 ? 'unknown' : told.layers.join(' › ');
  if (connection.confidence !== 'DPI' && decided[connection.id] === undefined) {
    const key = `${connection.ndpi} (${connection.confidence}): ${label}`;
    guessed.set(key, (guessed.get(key) ?? 0) + 1);
    continue;
  }
  judged += 1;
  const expected = expectedOf(connection);
  const isRight = expected.includes(told.protocol) || told.layers.some((layer) => expected.includes(layer));
  const note = `${connection.id}: ${connection.ndpi}, here ${label}`;
  if (0 < expected.length) {
    // Of several that are right, the one that was named, else the usual one.
    const row = rowOf(told.layers.find((layer) => expected.includes(layer)) ?? expected[0]);
    row.connections += 1;
    if (isRight) row.named += 1;
    else row.missed.push(note);
  }
  if (told.protocol !== 'unknown' && !isRight) rowOf(told.protocol).wrong.push(note);
}

const sum = (pick) => [...rows.values()].reduce((total, row) => total + pick(row), 0);
const sorted = [...rows].sort(([a], [b]) => (a < b ? -1 : 1));
console.log(`${'protocol'.padEnd(26)}${'connections'.padStart(12)}${'named'.padStart(8)}${'wrong'.padStart(8)}`);
for (const [id, row] of sorted) console.log(`${id.padEnd(26)}${String(row.connections).padStart(12)}${String(row.named).padStart(8)}${String(row.wrong.length).padStart(8)}${known.has(id) ? '' : '  not in the catalogue'}`);
const [connections, named, wrong] = [sum((row) => row.connections), sum((row) => row.named), sum((row) => row.wrong.length)];
console.log(`\n${judged} connections judged; ${connections} of catalogue protocols, ${named} named (${((100 * named) / Math.max(1, connections)).toFixed(1)} %); ${wrong} wrong labels.`);
for (const [id, row] of sorted) for (const note of row.missed) console.log(`missed ${id}: ${note}`);
for (const [, row] of sorted) for (const note of row.wrong) console.log(`wrong: ${note}`);
if (flags.includes('--all')) for (const [key, count] of [...guessed].sort()) console.log(`not judged: ${key}${count === 1 ? '' : ` x ${count}`}`);
process.exitCode = named < connections || 0 < wrong ? 1 : 0;

async function catalogue() {
  const { outputFiles } = await build({ entryPoints: [file('src/core/protocols/index.ts')], bundle: true, format: 'esm', write: false, logLevel: 'warning' });
  return import(`data:text/javascript;base64,${Buffer.from(outputFiles[0].contents).toString('base64')}`);
}
