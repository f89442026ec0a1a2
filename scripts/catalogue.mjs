// Writes what stands in the catalogue of protocols into the rule file's schemas (completion) and the README's table.
//   node scripts/catalogue.mjs
import { build } from 'esbuild';
import { readFileSync, writeFileSync } from 'node:fs';
import { fileURLToPath, pathToFileURL } from 'node:url';
import { editorSchemaText } from './editorSchema.mjs';

const file = (name) => fileURLToPath(new URL(`../${name}`, import.meta.url));

/** @returns the schema with the names that a rule may use, and a sentence for each */
export function fillSchema(schema, protocols, groups) {
  const titles = new Map(protocols.map(({ id, title }) => [id, title]));
  const entries = [
    ...Object.entries(groups).map(([id, members]) => [id, `${members.map((member) => titles.get(member)).join(', ')} together`]),
    ...protocols.map(({ id, title, toldBy, firstSpeaker }) => [id, firstSpeaker === 'server' ? `${title}: the server speaks first, so use "process" or "silent" instead` : `${title}: ${toldBy}`]),
  ];
  const filled = structuredClone(schema);
  filled.definitions.protocol.enum = entries.map(([id]) => id);
  filled.definitions.protocol.markdownEnumDescriptions = entries.map(([, sentence]) => sentence);
  return filled;
}

/**
 * @param decoded ids of the protocols that have a dissector
 * @returns the README with one row for each protocol between its markers
 */
export function fillProtocols(readme, protocols, decoded) {
  const speaker = { client: 'client', server: 'server', either: 'both' };
  const told = { strong: 'yes', good: 'yes', weak: 'with the other' };
  const isDecoded = (id) => (decoded.includes(id) ? 'yes' : '');
  // A side that refuses every first byte says nothing that could be known.
  const speaks = (matcher) => Array.from({ length: 256 }, (_, byte) => matcher.match(Uint8Array.of(byte), false)).some((verdict) => verdict !== 'no');
  const rows = protocols.map(({ id, title, firstSpeaker, evidence, toldBy, client, server }) => `| \`${id}\` | ${title} | ${speaker[firstSpeaker]} | ${speaks(client) ? told[evidence.client] : ''} | ${speaks(server) ? told[evidence.server] : ''} | ${isDecoded(id)} | ${toldBy.replaceAll('|', '\\|')} |`);
  const [open, close] = ['<!-- protocols -->', '<!-- /protocols -->'];
  const [start, end] = [readme.indexOf(open), readme.indexOf(close)];
  if (start < 0 || end < start) throw new Error(`README.md lacks the markers ${open} and ${close}`);
  return `${readme.slice(0, start + open.length)}\n| id | protocol | speaks first | told from client | told from server | decoded | told by |\n|---|---|---|---|---|---|---|\n${rows.join('\n')}\n${readme.slice(end)}`;
}

if (process.argv[1] !== undefined && import.meta.url === pathToFileURL(process.argv[1]).href) {
  const { protocols, groups } = await bundled('src/core/protocols/index.ts');
  const { carriedProtocols, decodedProtocols } = await bundled('src/core/dissectors/index.ts');
  const schema = file('media/port-prism.schema.json');
  writeFileSync(schema, `${JSON.stringify(fillSchema(JSON.parse(readFileSync(schema, 'utf8')), protocols, groups), null, 2)}\n`);
  writeFileSync(file('media/port-prism.editor.schema.json'), editorSchemaText());
  writeFileSync(file('README.md'), fillProtocols(readFileSync(file('README.md'), 'utf8'), protocols, [...decodedProtocols(), ...carriedProtocols]));
}

/** What a TypeScript module exports. */
async function bundled(path) {
  const { outputFiles } = await build({ entryPoints: [file(path)], bundle: true, format: 'esm', write: false, logLevel: 'warning' });
  return import(`data:text/javascript;base64,${Buffer.from(outputFiles[0].contents).toString('base64')}`);
}
