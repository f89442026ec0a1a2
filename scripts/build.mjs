// Bundles everything into dist/ with esbuild. Flags: --production (minify, licences of what is bundled: what the VSIX carries), --clean (empty dist
// first), --watch, --tests (also dist/test).
import { build, context } from 'esbuild';
import { existsSync, readdirSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { writeLicences } from './licences.mjs';
import { commonJs, splitOptions } from './split.mjs';

const root = fileURLToPath(new URL('..', import.meta.url));
const flags = new Set(process.argv.slice(2));
const isProduction = flags.has('--production');

const common = {
  absWorkingDir: root,
  bundle: true,
  minify: isProduction,
  sourcemap: isProduction ? false : 'linked',
  // dist/THIRD_PARTY.txt has the whole licences.
  legalComments: 'none',
  logLevel: 'warning',
  metafile: true,
};
// jsonc-parser's CommonJS entry loads its parts by a computed path, which a bundle cannot follow; its module entry bundles.
const node = { ...common, platform: 'node', format: 'cjs', target: 'node20', external: ['vscode'], mainFields: ['module', 'main'] };
const browser = { ...common, platform: 'browser', format: 'iife', target: 'chrome128', loader: { '.css': 'css', '.svg': 'text' } };

/** Entry points that exist already, so that a part can be built before all of them are there. */
function present(entries) {
  return Object.fromEntries(Object.entries(entries).filter(([, file]) => existsSync(join(root, file))));
}

const bundles = [
  { ...node, entryPoints: present({ extension: 'src/extension.ts' }), outdir: 'dist' },
  {
    ...node,
    ...splitOptions,
    entryPoints: present({
      engine: 'src/core/engine/worker.ts',
      lens: 'src/core/lens/worker.ts',
      rules: 'src/core/config/service.ts',
      cli: 'src/cli/main.ts',
    }),
    outdir: 'dist',
    plugins: [commonJs(join(root, 'dist'), ['cli.js'])],
  },
  {
    ...browser,
    entryPoints: present({ inspector: 'webview/inspector/main.ts', ruleEditor: 'webview/ruleEditor/main.ts' }),
    outdir: 'dist/webview',
  },
];

if (flags.has('--tests')) {
  // Tests are bundled file by file and keep their folders; packages stay outside, so that mocha and clients are the installed ones.
  const files = testFiles('test');
  bundles.push({
    ...node,
    minify: false,
    sourcemap: 'inline',
    entryPoints: files,
    outbase: 'test',
    outdir: 'dist/test',
    packages: 'external',
  });
}

function testFiles(folder) {
  return readdirSync(join(root, folder), { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile() && (/\.(test|bench)\.ts$/.test(entry.name) || entry.name === 'index.ts'))
    .map((entry) => join(entry.parentPath, entry.name).slice(root.length));
}

if (flags.has('--clean')) rmSync(join(root, 'dist'), { recursive: true, force: true });
// Tests may stay beside a production build: the VSIX leaves them out.
if (isProduction) for (const name of readIfThere(join(root, 'dist'))) if (name !== 'test') rmSync(join(root, 'dist', name), { recursive: true, force: true });

const inputs = new Set();
for (const options of bundles) {
  if (Array.isArray(options.entryPoints) ? options.entryPoints.length === 0 : Object.keys(options.entryPoints).length === 0) continue;
  if (flags.has('--watch')) {
    await (await context({ ...options, logLevel: 'info' })).watch();
    continue;
  }
  const { metafile } = await build(options);
  for (const file of Object.keys(metafile.inputs)) inputs.add(file);
}
if (isProduction) writeLicences(inputs, join(root, 'dist', 'THIRD_PARTY.txt'));

function readIfThere(folder) {
  return existsSync(folder) ? readdirSync(folder) : [];
}
