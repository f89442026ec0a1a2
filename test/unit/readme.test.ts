// The README says what the code says: tables from the manifest, error codes, protocols, links.
import assert from 'node:assert/strict';
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { carriedProtocols, decodedProtocols } from '../../src/core/dissectors/index.js';
import { parseRules } from '../../src/core/config/parse.js';
import { facts } from '../../src/core/lens/filter/fields.js';
import { parseFilter } from '../../src/core/lens/filter/filter.js';
import { protocols } from '../../src/core/protocols/index.js';

const root = join(__dirname, '..', '..', '..');
const read = (name: string): string => readFileSync(join(root, name), 'utf8');

/** First cells of the table below a heading, without their backquotes. */
function firstCells(heading: string): string[] {
  const section = read('README.md').split(/^## /m).find((part) => part.startsWith(heading)) ?? '';
  return [...section.matchAll(/^\| `([^`]+)` \|/gm)].map((match) => match[1] ?? '');
}

suite('README', () => {
  test('its tables are those of the manifest ("npm run readme" writes them)', async () => {
    // The script finds its folder by `import.meta.url`, so it is loaded and not bundled.
    const { fillTables } = (await import(pathToFileURL(join(root, 'scripts', 'readme.mjs')).href)) as typeof import('../../scripts/readme.mjs');
    const readme = read('README.md');
    assert.equal(readme, fillTables(readme, JSON.parse(read('package.json')), JSON.parse(read('package.nls.json')) as Record<string, string>));
  });

  test('every error code has a row, and no row is without a code', () => {
    const union = /export type MuxErrorCode =([^;]+);/.exec(read('src/shared/errors.ts'))?.[1] ?? '';
    const codes = [...union.matchAll(/'(\w+)'/g)].map((match) => match[1] ?? '');
    assert.deepEqual(firstCells('Error codes').sort(), codes.sort());
  });

  test('every protocol of the catalogue has a row ("npm run catalogue" writes them)', async () => {
    const { fillProtocols } = (await import(pathToFileURL(join(root, 'scripts', 'catalogue.mjs')).href)) as typeof import('../../scripts/catalogue.mjs');
    assert.deepEqual(firstCells('Protocols'), protocols.map(({ id }) => id));
    assert.equal(read('README.md'), fillProtocols(read('README.md'), protocols, [...decodedProtocols(), ...carriedProtocols]));
  });

  test('filters: every field has a row, and every filter that is shown is one', () => {
    const section = read('README.md').split(/^### /m).find((part) => part.startsWith('Filters')) ?? '';
    const rows = [...section.matchAll(/^\| (`[^|]+`) \|[^|]+\| `(.+)` \|$/gm)].map((match) => [match[1] ?? '', match[2] ?? '']);
    assert.deepEqual(rows.flatMap(([names = '']) => [...names.matchAll(/`([^`]+)`/g)].map((match) => match[1])).sort(), facts.map(({ name }) => name).sort());
    const shown = [...(/^```\n([^]*?)^```/m.exec(section)?.[1] ?? '').matchAll(/^(.+?) {3,}/gm)].map((match) => match[1] ?? '');
    assert.ok(7 <= shown.length);
    for (const source of [...shown, ...rows.map(([, example = '']) => example)]) assert.ok('matches' in parseFilter(source), source);
    const jsonc = /^```jsonc\n([^]*?)^```/m.exec(section)?.[1] ?? '';
    assert.deepEqual(parseRules(`{ "listeners": [], ${jsonc} }`, 's').problems, []);
  });

  test('files and pictures it points to are there', () => {
    const targets = [...read('README.md').matchAll(/\]\(([^)#:]+)\)/g)].map((match) => match[1] ?? '');
    assert.ok(targets.length > 0);
    assert.deepEqual(targets.filter((target) => !existsSync(join(root, target))), []);
  });

  test('its commands are scripts', () => {
    const scripts = (JSON.parse(read('package.json')) as { scripts: Record<string, string> }).scripts;
    const named = [...read('README.md').matchAll(/npm (?:run )?([\w:]+)/g)].map((match) => match[1] ?? '');
    assert.deepEqual(named.filter((name) => !(name in scripts)), []);
  });
});
