// `npm test`: installs what is missing, then runs everything. Names of suites select: node scripts/test.mjs unit integration
// The last line is `N passed, N failed`, over all suites. With CI=true nothing may be left out: what cannot run is a failure.
import { existsSync, mkdirSync, mkdtempSync, readFileSync, readdirSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { findBrowser } from './browser.mjs';
import { installFromDebian, missingServers } from './debian.mjs';
import { ensurePackages, requireNode, root } from './install.mjs';
import { endOnSignal, run, stopAll } from './processes.mjs';
import { ensureVscode } from './vscode.mjs';

requireNode();
const isCI = /^(1|true)$/i.test(process.env.CI ?? '');
const scratch = mkdtempSync(join(tmpdir(), 'port-prism-test-'));
process.on('exit', () => rmSync(scratch, { recursive: true, force: true }));
endOnSignal();

// `npm run fuzz`: for minutes instead of seconds.
if (process.argv.includes('--long')) {
  process.env.FUZZ_FACTOR ??= '40';
  process.env.FUZZ_SEED ??= String(Date.now() % 1_000_000_000);
}

const suites = {
  typecheck: () => script('typecheck.mjs'),
  build: () => script('build.mjs', '--clean', '--tests'),
  unit: () => mocha('unit'),
  conformance: () => mocha('conformance'),
  fuzz: () => mocha('fuzz'),
  integration: () => mocha('integration', '--exit'),
  vscode: vscodeTests,
  package: () => script('package.mjs'),
  ui: () => withBrowser(() => mocha('ui', '--timeout', '240000', '--exit')),
};

const chosen = process.argv.slice(2).filter((arg) => !arg.startsWith('-'));
const unknown = chosen.filter((name) => !(name in suites));
if (unknown.length > 0) {
  console.error(`There is no suite ${unknown.join(', ')}; there are ${Object.keys(suites).join(', ')}.`);
  process.exit(2);
}
const names = chosen.length === 0 ? Object.keys(suites) : withWhatTheyNeed(chosen);

await ensurePackages();
if (names.includes('integration') || names.includes('ui') || names.includes('vscode')) await installFromDebian();
if (names.includes('ui') || names.includes('vscode')) await ensureVscode();
mkdirSync(join(root, 'test-results'), { recursive: true });

const notRun = [];
const results = [];
for (const name of names) {
  const began = Date.now();
  console.log(`\n== ${name}`);
  const counts = await suites[name]();
  if (counts === undefined) continue;
  results.push({ name, ...counts, took: (Date.now() - began) / 1000 });
  // Nothing below can be trusted when the code does not build.
  if (counts.failed > 0 && name === 'build') break;
}
report();

function withWhatTheyNeed(wanted) {
  const needed = new Set(wanted);
  if (wanted.some((name) => name !== 'typecheck')) needed.add('build');
  if (wanted.includes('ui')) needed.add('package');
  return Object.keys(suites).filter((name) => needed.has(name));
}

/** A script is one thing that passes or fails. */
async function script(file, ...args) {
  return (await run(process.execPath, [join(root, 'scripts', file), ...args], { cwd: root })) === 0 ? { passed: 1, failed: 0 } : { passed: 0, failed: 1 };
}

async function mocha(folder, ...args) {
  const files = tests(folder);
  if (files.length === 0) {
    console.error(`test/${folder} has no tests.`);
    return { passed: 0, failed: 1 };
  }
  const countsFile = join(scratch, `${folder}.json`);
  const code = await run(process.execPath, [
    '--expose-gc', join(root, 'node_modules', 'mocha', 'bin', 'mocha.js'), '--require', join(root, 'scripts', 'mochaSeed.cjs'), '--reporter', join(root, 'scripts', 'mochaReporter.cjs'), ...args, ...files,
  ], { cwd: root, env: { ...process.env, PORT_PRISM_COUNTS: countsFile } });
  const counts = existsSync(countsFile) ? JSON.parse(readFileSync(countsFile, 'utf8')) : { passed: 0, failed: 1 };
  return code !== 0 && counts.failed === 0 ? { ...counts, failed: 1 } : counts;
}

function tests(folder) {
  const place = join(root, 'dist', 'test', folder);
  if (!existsSync(place)) return [];
  return readdirSync(place, { recursive: true }).filter((name) => name.endsWith('.test.js')).sort().map((name) => join(place, name));
}

async function vscodeTests() {
  return withBrowser(async () => (await import('./vscodeTests.mjs')).runVscodeTests());
}

async function withBrowser(work) {
  if (findBrowser() !== undefined) return work();
  notRun.push('everything in a real VS Code: no Chrome, Edge or Chromium is installed');
  return isCI ? { passed: 0, failed: 1 } : undefined;
}

function report() {
  if (names.includes('integration')) for (const { name, missing } of missingServers()) notRun.push(`integration with ${name}: ${missing.join(', ')} not installed`);
  console.log('\nsuite            passed  failed  seconds');
  for (const { name, passed, failed, took } of results) {
    console.log(`${name.padEnd(15)}${String(passed).padStart(8)}${String(failed).padStart(8)}${took.toFixed(0).padStart(9)}`);
  }
  for (const what of notRun) console.log(`${isCI ? 'FAILED' : 'Not run here'}: ${what}`);
  const passed = results.reduce((sum, result) => sum + result.passed, 0);
  const failed = results.reduce((sum, result) => sum + result.failed, 0);
  console.log(`\n${passed} passed, ${failed} failed`);
  void stopAll().then(() => process.exit(failed === 0 && (!isCI || notRun.length === 0) ? 0 : 1));
}
