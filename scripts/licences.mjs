// Licences of the packages whose code is inside the bundles, in full, as their terms ask.
import { existsSync, readFileSync, readdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

const root = fileURLToPath(new URL('..', import.meta.url));

// What may be in the bundle: an extension that people install at work carries nothing that reaches into their own code.
const permissive = new Set(['MIT', 'ISC', 'Apache-2.0', 'BSD-2-Clause', 'BSD-3-Clause', '0BSD', 'BlueOak-1.0.0', 'Unlicense', 'CC-BY-4.0']);

/**
 * @param inputs paths as esbuild's metafile names them
 * @throws Error when a package has no licence text or a licence that is not permissive
 */
export function writeLicences(inputs, target) {
  const folders = new Set();
  for (const input of inputs) {
    // The deepest one: packages may carry packages.
    const found = /^(.*node_modules\/(?:@[^/]+\/)?[^/]+)\//.exec(input.replaceAll('\\', '/'));
    if (found !== null) folders.add(found[1]);
  }
  const sections = [...folders].sort().map((folder) => {
    const place = join(root, folder);
    const { name, version, license } = JSON.parse(readFileSync(join(place, 'package.json'), 'utf8'));
    if (!permissive.has(license)) throw new Error(`${name} has the licence "${license}", which may not be bundled.`);
    const file = readdirSync(place).find((entry) => /^(licen[cs]e|copying)(\.|-|$)/i.test(entry) && existsSync(join(place, entry)));
    const text = file === undefined ? `${license} (the package carries no text of its own)` : readFileSync(join(place, file), 'utf8').trim();
    return `${name} ${version} (${license})\n\n${text}\n`;
  });
  const rule = '-'.repeat(80);
  writeFileSync(target, `Port Prism contains code of these packages.\n\n${rule}\n${sections.join(`\n${rule}\n`)}`);
}
