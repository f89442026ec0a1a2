// Type-checks every folder under its own settings: which `lib` and `types` a folder gets is what keeps wrong imports out.
import { spawnSync } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { createRequire } from 'node:module';

const root = fileURLToPath(new URL('..', import.meta.url));
const tsc = createRequire(import.meta.url).resolve('typescript/package.json').replace(/package\.json$/, 'bin/tsc');
const projects = process.argv.length > 2 ? process.argv.slice(2) : ['src/shared', 'src/core', 'src', 'webview', 'test'];

let failed = false;
for (const project of projects) {
  const result = spawnSync(process.execPath, [tsc, '-p', project, '--pretty', 'false'], { cwd: root, stdio: 'inherit' });
  if (result.status !== 0) {
    failed = true;
    console.error(`type check of ${project} failed`);
  }
}
process.exit(failed ? 1 : 0);
