// A Chromium-like browser that is installed here, for tests. Nothing is downloaded.
import { existsSync } from 'node:fs';
import { delimiter, join } from 'node:path';

/** @returns path of Chromium, Chrome or Edge; `PORT_PRISM_BROWSER` names another one; undefined when there is none */
export function findBrowser() {
  const named = process.env.PORT_PRISM_BROWSER;
  if (named !== undefined) return named;
  if (process.platform === 'darwin') {
    return ['Google Chrome', 'Chromium', 'Microsoft Edge'].map((name) => `/Applications/${name}.app/Contents/MacOS/${name}`).find(existsSync);
  }
  if (process.platform === 'win32') {
    const bases = ['PROGRAMFILES', 'PROGRAMFILES(X86)', 'LOCALAPPDATA'].map((name) => process.env[name]).filter((base) => base !== undefined);
    const places = ['Google\\Chrome\\Application\\chrome.exe', 'Microsoft\\Edge\\Application\\msedge.exe'];
    return bases.flatMap((base) => places.map((place) => join(base, place))).find(existsSync);
  }
  return ['chromium', 'chromium-browser', 'google-chrome', 'google-chrome-stable', 'microsoft-edge'].map(findProgram).find((path) => path !== undefined);
}

/** @returns path of a program on PATH or in the folders for servers, which PATH of a plain user leaves out */
export function findProgram(name) {
  const folders = [...(process.env.PATH ?? '').split(delimiter), '/usr/sbin', '/usr/local/sbin', '/sbin', '/opt/homebrew/bin', '/opt/homebrew/sbin', '/usr/local/bin'];
  const names = process.platform === 'win32' ? [`${name}.exe`, `${name}.cmd`] : [name];
  return folders.filter((folder) => folder !== '').flatMap((folder) => names.map((file) => join(folder, file))).find(existsSync);
}

/** Flags for a browser that runs unseen, in a container or as root, and asks nothing of any network. */
export const browserFlags = [
  '--no-sandbox', '--disable-gpu', '--disable-quic', '--no-first-run', '--disable-background-networking',
  '--disable-component-update', '--disable-sync', '--disable-dev-shm-usage',
];
