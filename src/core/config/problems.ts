// Collects what is to be said about a rule file, with line and column.

import { getLocation, type Node } from 'jsonc-parser';
import type { RuleProblem, Severity } from '../../shared/rules.js';
import type { Sentence } from '../../shared/sentences.js';

interface Suggestion {
  title: Sentence;
  newText: string;
}

// A file with more faults than this is not a rule file; the Problems view need not hold them all.
const maxProblems = 200;

export class Problems {
  private readonly lineStarts: number[] = [0];
  private readonly list: RuleProblem[] = [];
  private errors = 0;

  constructor(private readonly text: string) {
    for (let i = 0; i < text.length; i++) {
      const unit = text.charCodeAt(i);
      if (unit === 0x0a || (unit === 0x0d && text.charCodeAt(i + 1) !== 0x0a)) this.lineStarts.push(i + 1);
    }
  }

  /** @returns in the order of the text, errors first where they start at the same place */
  all(): RuleProblem[] {
    const sorted = [...this.list].sort((a, b) => a.start - b.start || rank(a.severity) - rank(b.severity)).slice(0, maxProblems);
    return sorted.map((problem) => ({ ...problem, path: getLocation(this.text, problem.start).path }));
  }

  /** errors so far: a reader compares it before and after a part to know whether that part is whole */
  get errorCount(): number {
    return this.errors;
  }

  at(node: Pick<Node, 'offset' | 'length'>, severity: Severity, code: string, message: Sentence, suggestion?: Suggestion): void {
    this.add(node.offset, node.offset + node.length, severity, code, message, suggestion);
  }

  /** About a part of a string: `[start, end)` of its value, found again in the text with its escapes. An empty part is widened to what is before it. */
  within(node: Pick<Node, 'offset' | 'length'>, start: number, end: number, severity: Severity, code: string, message: Sentence): void {
    const units = [...this.text.slice(node.offset + 1, node.offset + node.length - 1).matchAll(/\\u[0-9a-fA-F]{4}|\\.|[^]/g)];
    const at = (unit: number): number => node.offset + 1 + (units[unit]?.index ?? node.length - 2);
    const from = start < end ? start : Math.max(0, start - 1);
    if (units.length === 0) this.at(node, severity, code, message);
    else this.add(at(from), at(Math.max(end, from + 1)), severity, code, message);
  }

  add(start: number, end: number, severity: Severity, code: string, message: Sentence, suggestion?: Suggestion): void {
    const from = Math.min(start, this.text.length);
    const to = Math.min(Math.max(end, from), this.text.length);
    const place = this.placeOf(from);
    const endPlace = this.placeOf(to);
    if (severity === 'error') this.errors += 1;
    this.list.push({
      severity,
      code,
      message,
      start: from,
      end: to,
      line: place.line,
      column: place.column,
      endLine: endPlace.line,
      endColumn: endPlace.column,
      ...(suggestion === undefined ? {} : { suggestion }),
    });
  }

  private placeOf(offset: number): { line: number; column: number } {
    let low = 0;
    let high = this.lineStarts.length - 1;
    while (low < high) {
      const middle = (low + high + 1) >> 1;
      if ((this.lineStarts[middle] ?? 0) <= offset) low = middle;
      else high = middle - 1;
    }
    return { line: low, column: offset - (this.lineStarts[low] ?? 0) };
  }
}

function rank(severity: Severity): number {
  return severity === 'error' ? 0 : severity === 'warning' ? 1 : 2;
}
