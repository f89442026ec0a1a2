// Numbers of a noisy machine: medians with their range, ratios taken inside one round, and the verdict on a goal.

export interface Spread {
  median: number;
  min: number;
  max: number;
}

/** @param values at least one number */
export function spreadOf(values: readonly number[]): Spread {
  const sorted = [...values].sort((a, b) => a - b);
  const middle = sorted.length >> 1;
  const upper = sorted[middle] ?? NaN;
  const median = sorted.length % 2 === 1 ? upper : ((sorted[middle - 1] ?? NaN) + upper) / 2;
  return { median, min: sorted[0] ?? NaN, max: sorted[sorted.length - 1] ?? NaN };
}

/** Ratio per round: the two were measured within seconds of each other, so what else the machine did weighs on both. */
export function ratios(ours: readonly number[], theirs: readonly number[]): number[] {
  const count = Math.min(ours.length, theirs.length);
  return Array.from({ length: count }, (_, round) => (ours[round] ?? NaN) / (theirs[round] ?? NaN));
}

/** What was promised about a line's ratio, or about our own figure where no peer is asked. */
export interface Goal {
  of: 'ratio' | 'figure';
  sense: 'atLeast' | 'atMost';
  value: number;
}

/** One line of the table. */
export interface Line {
  row: string;
  unit: string;
  ours?: Spread;
  /** who is compared; absent for a figure that stands alone */
  peer?: string;
  theirs?: Spread;
  ratio?: Spread;
  goal?: Goal;
  /** what a reader must know to trust the line */
  note?: string;
}

/** Three significant digits, thousands separated: 1.47, 18.3, 11,204. */
export function formatNumber(value: number): string {
  if (!Number.isFinite(value)) return '-';
  const size = Math.abs(value);
  if (size >= 100) return Math.round(value).toLocaleString('en-US');
  return value.toFixed(size >= 10 ? 1 : 2);
}

export function formatSpread(spread: Spread | undefined, unit = ''): string {
  if (spread === undefined) return '';
  const range = spread.min === spread.max ? '' : ` (${formatNumber(spread.min)}-${formatNumber(spread.max)})`;
  return `${formatNumber(spread.median)}${unit === '' ? '' : ` ${unit}`}${range}`;
}

export function formatGoal(goal: Goal | undefined): string {
  if (goal === undefined) return '';
  return `${goal.sense === 'atLeast' ? '>=' : '<='} ${formatNumber(goal.value)}${goal.of === 'ratio' ? ' x' : ''}`;
}

/** @returns `met`, or by how much the median misses, in percent of the goal; empty without a goal or a figure */
export function verdictOf(line: Line): string {
  if (line.goal === undefined) return '';
  const figure = line.goal.of === 'ratio' ? line.ratio?.median : line.ours?.median;
  if (figure === undefined || Number.isNaN(figure)) return 'not measured';
  const isMet = line.goal.sense === 'atLeast' ? line.goal.value <= figure : figure <= line.goal.value;
  if (isMet) return 'met';
  if (line.goal.value === 0) return `short by ${formatNumber(Math.abs(figure))}`;
  const short = Math.abs(figure - line.goal.value) / line.goal.value;
  return `short by ${Math.max(1, Math.round(short * 100))} %`;
}

/** A table that reads as text and as Markdown. */
export function formatTable(lines: readonly Line[], us: string): string {
  const head = ['row', us, 'peer', 'its figure', 'ratio', 'goal', 'verdict', 'note'];
  const cells = lines.map((line) => [
    line.row,
    formatSpread(line.ours, line.unit),
    line.peer ?? '',
    formatSpread(line.theirs, line.unit),
    formatSpread(line.ratio),
    formatGoal(line.goal),
    verdictOf(line),
    line.note ?? '',
  ]);
  const shown = head.map((_, column) => column).filter((column) => cells.some((row) => row[column] !== ''));
  const widths = shown.map((column) => Math.max(head[column]?.length ?? 0, ...cells.map((row) => row[column]?.length ?? 0)));
  const format = (row: readonly string[]): string => `| ${shown.map((column, at) => (row[column] ?? '').padEnd(widths[at] ?? 0)).join(' | ')} |`;
  return [format(head), `|${widths.map((width) => '-'.repeat(width + 2)).join('|')}|`, ...cells.map(format)].join('\n');
}
