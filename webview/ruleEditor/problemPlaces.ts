// Which field a problem belongs to: the one whose JSON path it stands in. Pure.

import type { RuleProblem } from '../../src/shared/rules.js';

export type JsonPath = readonly (string | number)[];

export interface Placed {
  /** by index of the field */
  byField: Map<number, RuleProblem[]>;
  /** about the whole, or about a place that no field shows */
  rest: RuleProblem[];
}

/**
 * @param base path of the fragment in the file; problems elsewhere in the file are left out
 * @param fields paths of the fields from the fragment's root; the longest one that a problem stands in gets it
 */
export function placeProblems(problems: readonly RuleProblem[], base: JsonPath, fields: readonly JsonPath[]): Placed {
  const placed: Placed = { byField: new Map(), rest: [] };
  for (const problem of problems) {
    if (problem.path !== undefined && !isPrefix(base, problem.path)) continue;
    const path = problem.path?.slice(base.length);
    const field = path === undefined ? -1 : bestField(path, fields);
    if (field < 0) placed.rest.push(problem);
    else placed.byField.set(field, [...(placed.byField.get(field) ?? []), problem]);
  }
  return placed;
}

function bestField(path: JsonPath, fields: readonly JsonPath[]): number {
  let best = -1;
  let bestLength = 0;
  for (const [index, field] of fields.entries()) {
    if (field.length > bestLength && isPrefix(field, path)) {
      best = index;
      bestLength = field.length;
    }
  }
  return best;
}

function isPrefix(start: JsonPath, path: JsonPath): boolean {
  return start.length <= path.length && start.every((part, index) => part === path[index]);
}
