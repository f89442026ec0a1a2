// Runs the tests of this folder inside the extension host: VS Code loads this module and calls `run`.
import { appendFileSync, readdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { format } from 'node:util';
import Mocha from 'mocha';

/** the extension under development and its tests, as they run; VS Code itself may be installed in this checkout as well */
const ours = join(__dirname, '..', '..');

/** @throws when a test failed, or when anything threw outside of the tests */
export async function run(): Promise<void> {
  const mocha = new Mocha({ ui: 'tdd', color: false, timeout: 30_000, forbidOnly: true, forbidPending: true });
  const grep = process.env['PORT_PRISM_GREP'];
  if (grep !== undefined && grep !== '') mocha.grep(grep);
  // What activation does can only be seen before anything else was done: that file comes first.
  const first = 'manifest.test.js';
  const files = readdirSync(__dirname).filter((name) => name.endsWith('.test.js') && name !== first);
  for (const name of [first, ...files.sort()]) mocha.addFile(join(__dirname, name));

  // The console of the extension host is everybody's; what mocha says goes to the driver by a file.
  const report = process.env['PORT_PRISM_REPORT'];
  if (report !== undefined) Mocha.reporters.Base.consoleLog = (...args: unknown[]) => appendFileSync(report, `${format(...args)}\n`);

  // Without these an error in a timer or a forgotten promise would leave the run green.
  const strays: unknown[] = [];
  const stray = (fault: unknown): void => {
    // The extension host's own parts reject now and then (no network, no native modules); ours name our files.
    if (fault instanceof Error && fault.stack?.includes(ours) !== true) return;
    strays.push(fault);
    Mocha.reporters.Base.consoleLog('outside of any test:', fault);
  };
  process.on('uncaughtException', stray);
  process.on('unhandledRejection', stray);

  const counts = { passed: 0, failed: 0 };
  await new Promise<void>((resolve) => {
    const runner = mocha.run(() => resolve());
    runner.on('pass', () => counts.passed++);
    runner.on('fail', () => counts.failed++);
  });
  process.off('uncaughtException', stray);
  process.off('unhandledRejection', stray);
  counts.failed += strays.length;
  // The driver counts a run without this as failed.
  const verdict = process.env['PORT_PRISM_COUNTS'];
  if (verdict !== undefined) writeFileSync(verdict, JSON.stringify(counts));
  if (counts.failed > 0) throw new Error(`${counts.failed} of ${counts.passed + counts.failed} failed`);
}
