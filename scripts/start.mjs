// `npm start`: on a fresh clone, everything from nothing to a VS Code with traffic flowing through one port. Ctrl+C ends it all.
//   --browser   the server build in a browser, also when `code` is installed
import { spawn } from 'node:child_process';
import { existsSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { delimiter, join } from 'node:path';
import { ensurePackages, requireNode, root } from './install.mjs';
import { endOnSignal, run, start, stopAll } from './processes.mjs';
import { ensureVscode, startVscode } from './vscode.mjs';
import { copyWorkspace, demoFolder, freeBase, usualBase } from './demoWorkspace.mjs';

requireNode();
const closers = [];
endOnSignal(async () => {
  console.log('\nEnding the demo ...');
  for (const close of closers.reverse()) await close();
});

try {
  await main();
} catch (fault) {
  console.error(fault instanceof Error ? fault.message : fault);
  for (const close of closers.reverse()) await close();
  await stopAll();
  process.exit(1);
}

async function main() {
  await ensurePackages();
  const code = process.argv.includes('--browser') ? undefined : desktopCode();
  if (code === undefined) await ensureVscode();

  console.log('Building ...');
  if ((await run(process.execPath, [join(root, 'scripts', 'build.mjs')], { cwd: root })) !== 0) throw new Error('The build failed: what it printed above says why.');

  const base = await freeBase();
  const workspace = base === usualBase ? demoFolder : temporaryWorkspace(base);
  console.log('Starting the demo services:');
  // Their packages may have been installed just now, so this is loaded only here.
  const { startDemo } = await import('../demo/run.mjs');
  const demo = await startDemo({ base });
  closers.push(() => demo.stop());

  if (code === undefined) await openInBrowser(workspace);
  else await openOnDesktop(code, workspace);
  console.log(`The demo's clients all use 127.0.0.1:${base}. Ctrl+C ends everything.`);
}

/** A second demo on this machine: its workspace is a copy with ports that are free. */
function temporaryWorkspace(base) {
  const folder = join(mkdtempSync(join(tmpdir(), 'port-prism-demo-')), 'demo');
  closers.push(async () => rmSync(join(folder, '..'), { recursive: true, force: true }));
  console.log(`The demo's usual ports from ${usualBase} up are in use: taking ${base} and up, in a copy of the workspace.`);
  return copyWorkspace(base, folder);
}

/** @returns path of VS Code's `code`, when there is one that can open a window here */
function desktopCode() {
  const hasDisplay = process.platform === 'linux' ? Boolean(process.env.DISPLAY ?? process.env.WAYLAND_DISPLAY) : process.env.SSH_CONNECTION === undefined;
  // In WSL, and in a terminal of a remote window, `code` drives a window on another machine, which cannot load a folder from here.
  if (!hasDisplay || process.env.WSL_DISTRO_NAME !== undefined || process.env.VSCODE_IPC_HOOK_CLI !== undefined) return undefined;
  const names = process.platform === 'win32' ? ['code.cmd'] : ['code'];
  for (const folder of (process.env.PATH ?? '').split(delimiter)) {
    for (const name of names) if (folder !== '' && existsSync(join(folder, name))) return join(folder, name);
  }
  return undefined;
}

async function openOnDesktop(code, workspace) {
  // A profile of its own makes this a VS Code of its own, which can be ended without touching the person's other windows.
  const profile = mkdtempSync(join(tmpdir(), 'port-prism-profile-'));
  const window = start(code, ['--new-window', '--wait', '--disable-workspace-trust', '--skip-welcome', '--user-data-dir', profile, `--extensionDevelopmentPath=${root}`, workspace], {
    stdio: 'ignore',
    shell: process.platform === 'win32',
  });
  closers.push(async () => {
    endDesktop(profile);
    await window.stop();
    rmSync(profile, { recursive: true, force: true, maxRetries: 10, retryDelay: 300 });
  });
  console.log(`VS Code (${code}) opens on ${workspace}: see Port Prism in the activity bar.`);
}

/** `code` hands over to a process of its own and leaves; that one writes its id into its profile. */
function endDesktop(profile) {
  try {
    process.kill(Number(readFileSync(join(profile, 'code.lock'), 'utf8')));
  } catch {
    // The window was closed before: nothing is left to end.
  }
}

async function openInBrowser(workspace) {
  console.log('Starting VS Code ...');
  const vscode = await startVscode({ workspace, extensionDir: root });
  closers.push(() => vscode.stop());
  void vscode.server.ended.then((outcome) => console.log(`VS Code has ended (${outcome}).`));
  console.log(`\n  VS Code with Port Prism:  ${vscode.url}\n`);
  const opener = { darwin: 'open', win32: 'explorer' }[process.platform] ?? 'xdg-open';
  const canOpen = process.platform !== 'linux' || Boolean(process.env.DISPLAY ?? process.env.WAYLAND_DISPLAY);
  if (!canOpen) return;
  // The browser is the person's own and stays open; that it is missing is no failure, since the address is printed.
  spawn(opener, [vscode.url], { stdio: 'ignore', detached: true }).on('error', () => {}).unref();
}
