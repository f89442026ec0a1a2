// Brings node_modules in step with package-lock.json: what lets `npm start` and `npm test` work on a fresh clone.
import { existsSync, readFileSync, realpathSync, writeFileSync } from 'node:fs';
import { createHash } from 'node:crypto';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { npm } from './processes.mjs';

export const root = fileURLToPath(new URL('..', import.meta.url));

const oldestNode = [20, 19];

/** Ends the process with a sentence when this Node is too old for what is installed here. */
export function requireNode() {
  const [major, minor] = process.versions.node.split('.').map(Number);
  if (major > oldestNode[0] || (major === oldestNode[0] && minor >= oldestNode[1])) return;
  console.error(`Node ${process.versions.node} is too old: this project needs ${oldestNode.join('.')} or newer.`);
  process.exit(1);
}

/** Runs `npm ci` when packages are missing or were installed from another lock file. */
export async function ensurePackages() {
  const modules = join(root, 'node_modules');
  const stamp = join(modules, '.port-prism-lock');
  const wanted = createHash('sha256').update(readFileSync(join(root, 'package-lock.json'))).digest('hex');
  if (existsSync(stamp) && readFileSync(stamp, 'utf8') === wanted) return;
  // Installed by hand (`npm ci`, `npm install`): npm keeps a copy of the lock that it installed from.
  if (isInstalledFrom(join(modules, '.package-lock.json'))) return;
  const began = Date.now();
  console.log('Installing packages (npm ci): about half a minute the first time.');
  const timer = setInterval(() => console.log(`  ${Math.round((Date.now() - began) / 1000)} s ...`), 5000);
  const code = await npm(['ci', '--no-audit', '--no-fund', '--loglevel=error'], { cwd: root });
  clearInterval(timer);
  if (code !== 0) {
    console.error(`npm ci failed (${code}): what it printed above says why.`);
    process.exit(1);
  }
  writeFileSync(stamp, wanted);
}

/** Every package of the lock that fits this platform is there, in the locked version. */
function isInstalledFrom(hidden) {
  if (!existsSync(hidden)) return false;
  const installed = JSON.parse(readFileSync(realpathSync(hidden), 'utf8')).packages;
  const locked = JSON.parse(readFileSync(join(root, 'package-lock.json'), 'utf8')).packages;
  return Object.entries(locked).every(([path, entry]) => {
    if (path === '' || entry.optional === true) return true;
    return installed[path]?.version === entry.version;
  });
}
