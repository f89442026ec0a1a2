// Writes src/core/lens/filter/fieldNames.ts: the fields that dissectors write, found out by running the conversations of test/conformance.
//   node scripts/fieldNames.mjs
import { build } from 'esbuild';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath, pathToFileURL } from 'node:url';

const file = (name) => fileURLToPath(new URL(`../${name}`, import.meta.url));

/** @param names by catalogue id @returns the file's text */
function fieldNamesText(names) {
  const rows = Object.entries(names).map(([id, list]) => `  ${/^\w+$/.test(id) ? id : `'${id}'`}: '${list.join(' ')}',`);
  return `// Written by scripts/fieldNames.mjs ("npm run catalogue"): the names of the fields that dissectors write, by catalogue id, as a filter writes them.

export const fieldNames: Readonly<Record<string, string>> = {
${rows.join('\n')}
};
`;
}

if (process.argv[1] !== undefined && import.meta.url === pathToFileURL(process.argv[1]).href) {
  const folder = mkdtempSync(join(tmpdir(), 'port-prism-names-'));
  try {
    const bundle = join(folder, 'fieldNames.cjs');
    await build({ entryPoints: [file('test/conformance/fieldNames.ts')], outfile: bundle, bundle: true, platform: 'node', format: 'cjs', mainFields: ['module', 'main'], logLevel: 'warning' });
    const { fieldNamesOf } = createRequire(import.meta.url)(bundle);
    writeFileSync(file('src/core/lens/filter/fieldNames.ts'), fieldNamesText(fieldNamesOf(file('test/conformance'))));
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}
