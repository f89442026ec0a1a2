// Runs mocha inside the extension host of a real VS Code: test/vscode, driven from a browser nobody sees.
// Green only when the runner inside has written its counts: a test that calls process.exit() would otherwise look green.
import { existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { format } from 'node:util';
import { browserFlags, findBrowser } from './browser.mjs';
import { endOnSignal, stopAll } from './processes.mjs';
import { root } from './install.mjs';
import { keepLogs, startVscode } from './vscode.mjs';

// The whole suite in the slowest place seen, in milliseconds.
const longestMs = 10 * 60_000;

/** @returns counts, with `failed` at least 1 when the run did not come to its proper end */
export async function runVscodeTests({ grep } = {}) {
  const { chromium } = await import('playwright-core');
  const workspace = mkdtempSync(join(tmpdir(), 'port-prism-ws-'));
  mkdirSync(join(workspace, '.vscode'));
  writeFileSync(join(workspace, 'README.md'), 'A workspace for tests.\n');
  const results = join(root, 'test-results');
  mkdirSync(results, { recursive: true });
  const [report, counts, consoleLog] = ['vscode-report.txt', 'vscode-counts.json', 'vscode-console.txt'].map((name) => join(results, name));
  for (const file of [report, counts, consoleLog]) rmSync(file, { force: true });
  const vscode = await startVscode({
    workspace,
    extensionDir: root,
    others: [join(root, 'test', 'vscode', 'fakeDebugger')],
    testsPath: join(root, 'dist', 'test', 'vscode', 'index.js'),
    env: { PORT_PRISM_GREP: grep ?? '', PORT_PRISM_ROOT: root, PORT_PRISM_REPORT: report, PORT_PRISM_COUNTS: counts },
  });
  let browser;
  try {
    browser = await chromium.launch({ executablePath: findBrowser(), args: browserFlags });
    const page = await browser.newPage();
    const lines = [];
    const ended = new Promise((resolve, reject) => {
      const timer = setTimeout(() => reject(new Error(`Not finished within ${longestMs / 60_000} minutes.`)), longestMs);
      void page.exposeFunction('codeAutomationLog', (_type, args) => {
        lines.push(format(...args));
      });
      void page.exposeFunction('codeAutomationExit', (code) => {
        clearTimeout(timer);
        resolve(code);
      });
      void vscode.server.ended.then((outcome) => reject(new Error(`VS Code ended (${outcome}) during the tests.`)));
    });
    await page.goto(vscode.url);
    const code = await ended;
    writeFileSync(consoleLog, lines.join('\n'));
    if (!existsSync(counts)) throw new Error(`The extension host ended with ${code} before the tests were through; its console is in ${consoleLog}.`);
    const verdict = JSON.parse(readFileSync(counts, 'utf8'));
    if (code !== 0 && verdict.failed === 0) throw new Error(`The tests passed, but the extension host ended with ${code}.`);
    if (verdict.passed + verdict.failed === 0) throw new Error('No test was found in dist/test/vscode.');
    return verdict;
  } catch (fault) {
    console.error(fault instanceof Error ? fault.message : fault);
    keepLogs(vscode.dataDir, join(results, 'vscode-logs'));
    return { passed: 0, failed: 1 };
  } finally {
    if (existsSync(report)) console.log(readFileSync(report, 'utf8'));
    await browser?.close();
    await vscode.stop();
    rmSync(workspace, { recursive: true, force: true });
  }
}

if (process.argv[1]?.endsWith('vscodeTests.mjs')) {
  endOnSignal();
  const { passed, failed } = await runVscodeTests({ grep: process.argv[2] });
  console.log(`${passed} passed, ${failed} failed`);
  await stopAll();
  process.exit(failed === 0 ? 0 : 1);
}
