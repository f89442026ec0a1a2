// The import table: which folder may use which. Compiler settings catch most of it; this reads the import lines for the rest.
import assert from 'node:assert/strict';
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { isBuiltin } from 'node:module';
import { dirname, join, relative, resolve, sep } from 'node:path';

const root = join(__dirname, '..', '..', '..');

/** Pure folders: bytes in, answers out. No Node, no clock, no sockets. */
const pure = ['src/core/bytes', 'src/core/protocols', 'src/core/match', 'src/core/dissectors'];

/** Folders from the most special to the most general; the first that holds a file says what it may import. */
const layers: { of: string; mayUse: string[]; node: boolean; vscode: boolean }[] = [
  { of: 'src/shared', mayUse: ['src/shared'], node: false, vscode: false },
  ...pure.map((of) => ({ of, mayUse: ['src/shared', ...pure], node: false, vscode: false })),
  { of: 'src/core', mayUse: ['src/shared', 'src/core'], node: true, vscode: false },
  { of: 'src/cli', mayUse: ['src/shared', 'src/core', 'src/cli'], node: true, vscode: false },
  { of: 'src/host', mayUse: ['src/shared', 'src/host'], node: true, vscode: true },
  { of: 'src/extension', mayUse: ['src/shared', 'src/host', 'src/extension'], node: true, vscode: true },
  { of: 'webview', mayUse: ['src/shared', 'webview'], node: false, vscode: false },
];

/** Things of the platform that would make a pure function depend on when and where it runs. */
const impure = /\b(Date\.now|new Date\(\)|Math\.random|performance\.now|setTimeout|setInterval|setImmediate|globalThis\.)|\bprocess\.(env|argv|cwd|hrtime|nextTick|platform|stdout|stderr|exit)\b/;

test('every folder of src and webview has a row in the import table', () => {
  const orphans = sources().filter((file) => layerOf(file) === undefined);
  assert.deepEqual(orphans, []);
});

test('files import only what the table allows', () => {
  assert.deepEqual(sources().flatMap(wrongImports), []);
});

test('pure folders use no clock, no chance and no process', () => {
  const faults = sources()
    .filter((file) => ['src/shared', ...pure].some((of) => isIn(file, of)))
    .filter((file) => impure.test(withoutComments(text(file))));
  assert.deepEqual(faults, []);
});

test('only webview/widgets imports the toolkit', () => {
  const users = sources().filter((file) => specifiers(text(file)).some((from) => from.startsWith('@vscode/webview-ui-toolkit')));
  assert.deepEqual(users.filter((file) => !file.startsWith('webview/widgets/')), []);
});

test('an import of the wrong layer is found', () => {
  assert.deepEqual(judge('src/core/match/tls.ts', "import { connect } from 'node:net';"), ['src/core/match/tls.ts imports node:net']);
  assert.deepEqual(judge('src/core/lens/lens.ts', "import * as vscode from 'vscode';"), ['src/core/lens/lens.ts imports vscode']);
  assert.deepEqual(judge('src/host/x.ts', "import { Engine } from '../core/engine/engine.js';"), ['src/host/x.ts imports src/core/engine/engine']);
  assert.deepEqual(judge('webview/inspector/main.ts', "export { a } from '../../src/host/a.js';"), ['webview/inspector/main.ts imports src/host/a']);
  assert.deepEqual(judge('src/core/engine/a.ts', "const net = await import('node:net');\nimport { b } from '../match/b.js';"), []);
});

function wrongImports(file: string): string[] {
  return judge(file, text(file));
}

function judge(file: string, code: string): string[] {
  const layer = layerOf(file);
  if (layer === undefined) return [];
  return specifiers(withoutComments(code)).flatMap((from) => {
    if (from === 'vscode') return layer.vscode ? [] : [`${file} imports vscode`];
    if (isBuiltin(from)) return layer.node ? [] : [`${file} imports ${from}`];
    if (!from.startsWith('.')) return [];
    const target = posix(relative(root, resolve(root, dirname(file), from))).replace(/\.(js|ts)$/, '');
    return layer.mayUse.some((folder) => isIn(target, folder)) ? [] : [`${file} imports ${target}`];
  });
}

function specifiers(code: string): string[] {
  const found = code.matchAll(/(?:\bfrom\s*|\bimport\s*\(\s*|\brequire\s*\(\s*|^\s*import\s+)(['"])([^'"\n]+)\1/gm);
  return [...found].map((match) => match[2] ?? '');
}

function withoutComments(code: string): string {
  return code.replace(/\/\*[\s\S]*?\*\//g, '').replace(/^\s*\/\/.*$/gm, '');
}

function layerOf(file: string): (typeof layers)[number] | undefined {
  return layers.find(({ of }) => isIn(file, of));
}

function isIn(file: string, folder: string): boolean {
  return file === folder || file.startsWith(`${folder}/`) || file.replace(/\.ts$/, '') === folder;
}

function sources(): string[] {
  return ['src', 'webview'].filter((folder) => existsSync(join(root, folder))).flatMap((folder) =>
    readdirSync(join(root, folder), { recursive: true, encoding: 'utf8' })
      .filter((name) => /\.tsx?$/.test(name) && !name.endsWith('.d.ts'))
      .map((name) => `${folder}/${posix(name)}`),
  );
}

function text(file: string): string {
  return readFileSync(join(root, file), 'utf8');
}

function posix(path: string): string {
  return path.split(sep).join('/');
}
