// The `port-prism` command: sorts out what was typed, runs it, and ends with its exit code. On a worker thread: lens.

import { createReadStream, fstatSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Readable } from 'node:stream';
import { isMainThread, workerData } from 'node:worker_threads';
import { createRuleService } from '../core/config/service.js';
import { MuxError } from '../shared/errors.js';
import { assertNever } from '../shared/lifecycle.js';
import { parseCommand, usage, type Command } from './arguments.js';
import { runCheck } from './check.js';
import { runClassify } from './classify.js';
import { runDecode } from './decode.js';
import { runLensThread } from './lensThread.js';
import type { FlowLines } from './lensWorker.js';
import { TextOutput } from './output.js';
import { Report } from './report.js';
import { runRules } from './run.js';

/** Conventional for "ended by SIGINT": 128 + 2. */
const interruptedExitCode = 130;

const fileReadBytes = 1 << 20;

const stop = new AbortController();
const errors = new TextOutput(2);
// Whoever read our output is gone, so is the reason to run: `port-prism run --json rules.json | head`.
const output = new TextOutput(1, () => stop.abort());

async function execute(command: Command): Promise<number> {
  switch (command.name) {
    case 'help':
      output.write(usage);
      return 0;
    case 'version':
      output.write(`${versionOf(join(__dirname, '..', 'package.json'))}\n`);
      return 0;
    case 'usageError':
      errors.write(`port-prism: ${command.message}\n\n${usage}`);
      return 2;
    case 'check':
      return runCheck(createRuleService(), command.files, command.json, output, errors);
    case 'classify':
      return runClassify(standardInput(), output, errors);
    case 'decode':
      return runDecode(command, standardInput, output, errors);
    case 'run': {
      for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) {
        process.on(signal, () => {
          if (stop.signal.aborted) process.exit(interruptedExitCode);
          stop.abort();
        });
      }
      return runRules(command, createRuleService(), output, new Report(output, errors, command.json, Date.now), stop.signal);
    }
    default:
      return assertNever(command);
  }
}

/** The manifest stands where the bundle's folder does, in the repository as in the package. */
function versionOf(manifest: string): string {
  return (JSON.parse(readFileSync(manifest, 'utf8')) as { version: string }).version;
}

/** A file is read in pieces larger than Node's own, which is worth a third of the time; pipes give what they have anyway. */
function standardInput(): Readable {
  return fstatSync(0).isFile() ? createReadStream('', { fd: 0, highWaterMark: fileReadBytes }) : process.stdin;
}

async function main(): Promise<void> {
  let exitCode: number;
  try {
    exitCode = await execute(parseCommand(process.argv.slice(2)));
  } catch (fault) {
    errors.write(`${fault instanceof MuxError ? fault.message : fault instanceof Error ? (fault.stack ?? fault.message) : String(fault)}\n`);
    exitCode = 1;
  }
  await output.drained();
  if (output.dropped > 0) errors.write(`${output.dropped} lines were dropped, since nobody read them in time\n`);
  await errors.drained();
  process.exit(exitCode);
}

if (isMainThread) void main();
else runLensThread((workerData as { lines: FlowLines }).lines);
