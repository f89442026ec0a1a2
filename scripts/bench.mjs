// `npm run bench [-- GROUP...]`: builds what users run and the bench itself, then measures. See test/bench/main.ts for the arguments.
import { build } from 'esbuild';
import { spawn, spawnSync } from 'node:child_process';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

const root = fileURLToPath(new URL('..', import.meta.url));

const built = spawnSync(process.execPath, [join(root, 'scripts/build.mjs')], { cwd: root, stdio: 'inherit' });
if (built.status !== 0) process.exit(built.status ?? 1);
const common = { absWorkingDir: root, outdir: 'dist/bench', bundle: true, platform: 'node', target: 'node20', logLevel: 'warning' };
await build({
  ...common,
  entryPoints: { main: 'test/bench/main.ts', load: 'test/bench/load.ts', guard: 'test/bench/guard.ts' },
  outExtension: { '.js': '.mjs' },
  format: 'esm',
  external: ['playwright-core'],
});
await build({
  ...common,
  entryPoints: { activationProbe: 'test/bench/activationProbe.ts', editorEngine: 'test/bench/editorEngine.ts' },
  format: 'cjs',
  external: ['vscode'],
});

const bench = spawn(process.execPath, [join(root, 'dist/bench/main.mjs'), ...process.argv.slice(2)], { cwd: root, stdio: ['inherit', 'inherit', 'inherit', 'ipc'] });
// The terminal sends Ctrl+C to both; the bench ends what it started, and this process waits for it.
process.on('SIGINT', () => {});
process.on('SIGTERM', () => bench.kill('SIGTERM'));
bench.on('exit', (code, signal) => process.exit(signal === null ? (code ?? 1) : 1));
