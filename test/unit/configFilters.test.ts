// Filters that a rule file keeps: what they mean, and what is said where when one is wrong.
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { applyEdit } from '../../src/core/config/edit.js';
import { parseRules } from '../../src/core/config/parse.js';
import { parseFilter } from '../../src/core/lens/filter/filter.js';
import { rowColors } from '../../src/shared/inspect.js';
import type { FilterRule, RuleProblem } from '../../src/shared/rules.js';

const withFilters = (filters: string): string => `{ "listeners": [], "filters": ${filters} }`;

function filtersOf(filters: string): FilterRule[] | undefined {
  const { rules, problems } = parseRules(withFilters(filters), 's');
  assert.deepEqual(problems, []);
  return rules?.filters;
}

/** @returns the first problem, and the text that it marks */
function wrong(filters: string): { problem: RuleProblem; marked: string } {
  const text = withFilters(filters);
  const { rules, problems } = parseRules(text, 's');
  assert.equal(rules, undefined, 'nothing is applied');
  const [problem] = problems;
  assert.ok(problem);
  return { problem, marked: text.slice(problem.start, problem.end) };
}

suite('filters of a rule file', () => {
  test('each has a name and an expression, some a colour; their order is that of the file', () => {
    assert.deepEqual(filtersOf(`[{ "name": " slow db ", "filter": "sql and latency > 20ms" }, // why
      { "name": "bad", "filter": "redis.command == \\"GET\\" or problem", "color": "red" }]`), [
      { name: 'slow db', filter: 'sql and latency > 20ms' },
      { name: 'bad', filter: 'redis.command == "GET" or problem', color: 'red' },
    ]);
    assert.equal(filtersOf('[]'), undefined);
  });

  test('a wrong expression is marked where it is wrong, whatever is escaped in front of it', () => {
    const { problem, marked } = wrong('[{ "name": "a", "filter": "summary == \\"x\\" or\\u0020protocol == redsi" }]');
    assert.deepEqual([problem.severity, problem.code, problem.message, marked], ['error', 'badFilter', '"redsi" is not a value of protocol. Did you mean redis?', 'redsi']);
    assert.deepEqual(problem.path, ['filters', 0, 'filter']);
    assert.equal(wrong('[{ "name": "a", "filter": "problem and" }]').marked, 'd');
    assert.equal(wrong('[{ "name": "a",\n  "filter": "latency > 5" }]').problem.line, 1);
  });

  test('what else is wrong', () => {
    const cases: [string, string, string][] = [
      ['{}', '"filters" must be a list [ … ], not an object.', '{}'],
      ['["problem"]', 'A filter must be an object { … }, not the text "problem".', '"problem"'],
      ['[{ "filter": "problem" }]', 'A filter needs a "name".', '{'],
      ['[{ "name": "a" }]', 'A filter needs a "filter": an expression such as "latency > 100ms".', '{'],
      ['[{ "name": "a", "filter": " " }]', '"filter" must not be empty.', '" "'],
      ['[{ "name": "a", "filter": 7 }]', '"filter" must be a text "…", not the number 7.', '7'],
      ['[{ "name": "a", "filter": "problem", "color": "rde" }]', `"color" is one of ${rowColors.map((color) => `"${color}"`).join(', ')}.`, '"rde"'],
      ['[{ "name": "a", "filter": "problem", "colour": "red" }]', 'A filter has no "colour". Did you mean "color"?', '"colour"'],
      ['[{ "name": "a", "filter": "problem" }, { "name": "a", "filter": "redis" }]', 'Two filters are called "a". Give this one another name.', '"a"'],
    ];
    for (const [filters, message, place] of cases) {
      const { problem, marked } = wrong(filters);
      assert.deepEqual([problem.message, marked], [message, place], filters);
    }
    assert.match(wrong(`[${Array.from({ length: 201 }, (_, i) => `{"name":"${i}","filter":"redis"}`).join(',')}]`).problem.message, /may keep 200 filters; this one has 201/);
  });

  test('edits keep comments, and begin a list where there is none', () => {
    const bare = '{\n  // mine\n  "listeners": []\n}\n';
    const added = applyEdit(bare, { kind: 'insert', path: ['filters'], index: 0, value: { name: 'a', filter: 'problem' } });
    assert.match(added, /\/\/ mine/);
    assert.deepEqual(parseRules(added, 's').rules?.filters, [{ name: 'a', filter: 'problem' }]);
    const text = '{\n  "listeners": [],\n  "filters": [\n    // the first\n    { "name": "a", "filter": "problem" } // behind it\n  ]\n}\n';
    const more = applyEdit(text, { kind: 'insert', path: ['filters'], index: 9, value: { name: 'b', filter: 'redis', color: 'red' } });
    assert.match(more, /\/\/ the first\n {4}\{ "name": "a", "filter": "problem" \}, \/\/ behind it/);
    assert.deepEqual(parseRules(more, 's').rules?.filters?.map(({ name }) => name), ['a', 'b']);
    assert.equal(applyEdit(more, { kind: 'remove', path: ['filters', 1] }), text);
  });

  test('the schema knows the same colours, and shows filters that are good ones', () => {
    const schema = JSON.parse(readFileSync(join(__dirname, '..', '..', '..', 'media', 'port-prism.schema.json'), 'utf8')) as { definitions: { filter: { properties: { color: { enum: string[] }; filter: { examples: string[] } } } } };
    const { color, filter } = schema.definitions.filter.properties;
    assert.deepEqual(color.enum, rowColors);
    for (const example of filter.examples) assert.ok('matches' in parseFilter(example), example);
  });
});
