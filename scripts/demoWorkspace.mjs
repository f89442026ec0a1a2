// The demo folder as a workspace on ports that are free: the folder itself when its usual ports are, a copy with other ports otherwise.
import { cpSync, mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:net';
import { join } from 'node:path';
import { portsFrom, usualBase } from '../demo/ports.mjs';
import { root } from './install.mjs';

export { usualBase };
export const demoFolder = join(root, 'demo');

/** @returns the first base from `usualBase` up, in steps of 20, whose ports are all free */
export async function freeBase(first = usualBase) {
  for (let base = first; base < first + 2000; base += 20) {
    const isFree = await Promise.all(Object.values(portsFrom(base)).map(portIsFree));
    if (isFree.every(Boolean)) return base;
  }
  throw new Error(`No ten free ports in a row were found from ${first} up.`);
}

/** Copies the demo's workspace files (not its programs) to `target`, with the ports of `base` in its rules and its tour. */
export function copyWorkspace(base, target) {
  rmSync(target, { recursive: true, force: true });
  mkdirSync(join(target, '.vscode'), { recursive: true });
  for (const name of ['shop.mjs', '.vscode/settings.json']) cpSync(join(demoFolder, name), join(target, name));
  const usual = Object.values(portsFrom(usualBase));
  for (const name of ['README.md', '.vscode/port-prism.json']) {
    const text = readFileSync(join(demoFolder, name), 'utf8');
    const mapped = text.replace(/\b\d{4,5}\b/g, (number) => (usual.includes(Number(number)) ? String(Number(number) - usualBase + base) : number));
    writeFileSync(join(target, name), mapped);
  }
  return target;
}

export function portIsFree(port) {
  return new Promise((resolve) => {
    const server = createServer();
    server.once('error', () => resolve(false));
    server.listen(port, '127.0.0.1', () => server.close(() => resolve(true)));
  });
}
