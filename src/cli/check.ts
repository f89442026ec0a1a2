// `port-prism check`: what is wrong with rule files, in the form that editors and build tools can jump to.

import { readFile } from 'node:fs/promises';
import { basename } from 'node:path';
import { reasonOf } from '../core/fileFault.js';
import { fileNotReadable } from '../shared/errors.js';
import type { ParsedRules, RuleProblem, RuleService } from '../shared/rules.js';
import type { LineSink } from './report.js';

/** @throws MuxError `fileNotReadable` */
export async function readRules(service: RuleService, file: string): Promise<{ text: string; parsed: ParsedRules }> {
  const text = await readText(file);
  return { text, parsed: service.parse(text, basename(file)) };
}

/** @returns `file:line:column: message`, 1-based */
export function formatProblem(file: string, problem: RuleProblem): string {
  return `${file}:${problem.line + 1}:${problem.column + 1}: ${problem.message}`;
}

export function hasErrors(problems: readonly RuleProblem[]): boolean {
  return problems.some((problem) => problem.severity === 'error');
}

/** @returns exit code: 1 when a file cannot be used, 0 when there are warnings at most */
export async function runCheck(service: RuleService, files: readonly string[], json: boolean, output: LineSink, errors: LineSink): Promise<number> {
  let exitCode = 0;
  for (const file of files) {
    let problems: RuleProblem[];
    try {
      ({ problems } = (await readRules(service, file)).parsed);
    } catch (fault) {
      errors.write(`${fault instanceof Error ? fault.message : String(fault)}\n`);
      exitCode = 1;
      continue;
    }
    for (const problem of problems) output.write(json ? `${JSON.stringify(asJson(file, problem))}\n` : `${formatProblem(file, problem)}\n`);
    if (hasErrors(problems)) exitCode = 1;
  }
  return exitCode;
}

function asJson(file: string, problem: RuleProblem): object {
  const { severity, code, message, line, column, endLine, endColumn } = problem;
  return { file, line: line + 1, column: column + 1, endLine: endLine + 1, endColumn: endColumn + 1, severity, code, message };
}

async function readText(file: string): Promise<string> {
  try {
    // TextDecoder leaves out the byte order mark that editors on Windows write.
    return new TextDecoder().decode(await readFile(file));
  } catch (cause) {
    throw fileNotReadable(file, reasonOf(cause as NodeJS.ErrnoException), cause);
  }
}
