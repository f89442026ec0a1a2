// A cell as a condition of the filter language. Pure.

import type { ExchangeRow } from '../../src/shared/inspect.js';
import type { PlacedColumn } from './columns.js';
import { quoted } from './filterParts.js';

/** Columns that the filter language calls otherwise. */
const fieldOf: Readonly<Record<string, string>> = { route: 'flow.route' };

/**
 * @param column undefined = the row as a whole, told by its protocol
 * @returns undefined when nothing can be said of the cell
 */
export function cellCondition(row: ExchangeRow, column: PlacedColumn | undefined): string | undefined {
  if (column === undefined) return `protocol == ${row.protocol}`;
  switch (column.id) {
    case 'protocol': return `protocol == ${row.protocol}`;
    case 'message': return `summary == ${quoted(row.summary)}`;
    case 'answer': return row.answer === undefined ? (row.isWaiting === true || row.isUnanswered === true ? 'waiting' : undefined) : `answer == ${quoted(row.answer.summary)}`;
    case 'took': return row.latencyMs === undefined ? undefined : `latency >= ${milliseconds(row.latencyMs)}`;
    case 'bytes': return `size >= ${row.bytes}`;
    case 'flow': return `flow.id == ${row.flow}`;
    case 'program': return row.program === undefined ? undefined : `flow.process == ${quoted(row.program)}`;
    case 'from': return `from == ${row.from}`;
    case 'stream': return row.stream === undefined ? undefined : `stream == ${row.stream}`;
    case 'time':
    case 'waterfall': return undefined;
    default: {
      const text = column.cell === undefined ? '' : row.cells[column.cell] ?? '';
      return text === '' ? undefined : `${fieldOf[column.id] ?? column.id} == ${value(text)}`;
    }
  }
}

/** Three digits say enough, and never more than was measured: the row itself has to match. */
function milliseconds(ms: number): string {
  const step = 10 ** Math.max(-3, Math.floor(Math.log10(Math.max(ms, 1e-3))) - 2);
  return `${Number((Math.floor(ms / step) * step).toFixed(3))}ms`;
}

/** Plain numbers and names need no quotes. */
function value(text: string): string {
  return /^-?[\w][\w.-]*$/.test(text) ? text : quoted(text);
}
