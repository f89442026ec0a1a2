// Makes port-prism-VERSION.vsix: a production build, packed by vsce from the allow-list in .vscodeignore, and checked against what we promise.
import { cpSync, mkdtempSync, readFileSync, readdirSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { root } from './install.mjs';
import { run } from './processes.mjs';

// What we promise: a download nobody notices, and no file that was packed by accident.
const maxBytes = 1_000_000;
const maxFiles = 40;

const { name, version } = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8'));
export const vsixFile = join(root, `${name}-${version}.vsix`);

if (process.argv[1]?.endsWith('package.mjs')) await makePackage();

async function makePackage() {
  await must('build', [join(root, 'scripts', 'build.mjs'), '--production']);
  const stage = stageFiles();
  try {
    await must('vsce', [join(root, 'node_modules', '@vscode', 'vsce', 'vsce'), 'package', '--no-dependencies', '--out', vsixFile], stage);
  } finally {
    rmSync(stage, { recursive: true, force: true });
  }
  const files = zipEntries(readFileSync(vsixFile));
  const bytes = statSync(vsixFile).size;
  const problems = [];
  if (bytes > maxBytes) problems.push(`it has ${bytes} bytes, more than ${maxBytes}`);
  if (files.length > maxFiles) problems.push(`it has ${files.length} files, more than ${maxFiles}`);
  for (const needed of ['dist/extension.js', 'dist/engine.js', 'dist/lens.js', 'dist/rules.js', 'dist/cli.js', 'dist/THIRD_PARTY.txt', 'package.nls.json', 'readme.md', 'LICENSE.txt']) {
    if (!files.some((file) => file.toLowerCase() === `extension/${needed.toLowerCase()}`)) problems.push(`it lacks ${needed}`);
  }
  // Icons, schema, translations: what the manifest points to.
  for (const [, path] of readFileSync(join(root, 'package.json'), 'utf8').matchAll(/"(?:\.\/)?((?:media|dist)\/[^"]+\.\w+)"/g)) {
    if (!files.includes(`extension/${path}`)) problems.push(`it lacks ${path}, which package.json names`);
  }
  const strange = files.filter((file) => /\.map$|\.ts$|dist\/test|node_modules|screenshots/.test(file));
  if (strange.length > 0) problems.push(`it carries ${strange.join(', ')}`);
  if (problems.length > 0) {
    console.error(`${vsixFile} is not fit to publish: ${problems.join('; ')}.`);
    process.exit(1);
  }
  console.log(`${vsixFile}: ${bytes} bytes, ${files.length} files`);
}

/** A folder with what may be packed, and a README whose pictures and links need nothing that is left out. */
function stageFiles() {
  const stage = mkdtempSync(join(tmpdir(), 'port-prism-package-'));
  const names = readdirSync(root).filter((file) => /^(package(\.nls.*)?\.json|README\.md|CHANGELOG\.md|LICENSE|\.vscodeignore|media|dist)$/.test(file));
  for (const file of names) cpSync(join(root, file), join(stage, file), { recursive: true, filter: (source) => !source.startsWith(join(root, 'dist', 'test')) });
  const text = readFileSync(join(root, 'README.md'), 'utf8');
  writeFileSync(join(stage, 'README.md'), text.replace(/^!\[.*\]\((?!https:).*\)\n\n/gm, '').replace(/\[([^\]]+)\]\((?!https:|#)[^)]*\)/g, '$1'));
  return stage;
}

async function must(what, args, cwd = root) {
  const code = await run(process.execPath, args, { cwd });
  if (code === 0) return;
  console.error(`${what} failed (${code})`);
  process.exit(1);
}

/** Names in a zip archive, from its central directory (APPNOTE 4.3.12): enough to look inside without another package. */
function zipEntries(zip) {
  const names = [];
  let at = zip.readUInt32LE(zip.lastIndexOf(Buffer.from('PK\x05\x06')) + 16);
  while (zip.readUInt32LE(at) === 0x02014b50) {
    const nameLength = zip.readUInt16LE(at + 28);
    names.push(zip.toString('utf8', at + 46, at + 46 + nameLength));
    at += 46 + nameLength + zip.readUInt16LE(at + 30) + zip.readUInt16LE(at + 32);
  }
  return names;
}
