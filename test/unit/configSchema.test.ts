// The JSON schema says the same as the code that reads rule files.
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { matchKeys } from '../../src/core/config/conditions.js';
import { defaultConnectTimeoutMs, defaultIdleMs, defaultMaxBytes, defaultPatternBytes, limits, maxNameLength } from '../../src/core/config/defaults.js';
import { applyEdit } from '../../src/core/config/edit.js';
import { parseRules } from '../../src/core/config/parse.js';
import { groups, protocols } from '../../src/core/protocols/index.js';
import type { Json } from '../../src/shared/rules.js';

interface Schema {
  type?: string;
  description?: string;
  markdownDescription?: string;
  properties?: Record<string, Schema>;
  definitions?: Record<string, Schema>;
  oneOf?: Schema[];
  items?: Schema;
  enum?: string[];
  enumDescriptions?: string[];
  markdownEnumDescriptions?: string[];
  default?: Json;
  minimum?: number;
  maximum?: number;
  maxLength?: number;
  additionalProperties?: boolean | Schema;
  defaultSnippets?: { label: string; body: Json }[];
  allowTrailingCommas?: boolean;
}

const schema = JSON.parse(readFileSync(join(__dirname, '..', '..', '..', 'media', 'port-prism.schema.json'), 'utf8')) as Schema;
const definition = (name: string): Schema => {
  const found = schema.definitions?.[name];
  assert.ok(found, name);
  return found;
};
const keysOf = (one: Schema | undefined): string[] => Object.keys(one?.properties ?? {}).sort();

/** Keys that the reader knows, asked by giving it one that it does not: the sentence lists them. */
function readerKeys(text: string): string[] {
  const problem = parseRules(text, 's').problems.find(({ code }) => code === 'unknownKey');
  const list = /It knows (.*)\.$/.exec(problem?.message ?? '')?.[1];
  assert.ok(list, problem?.message);
  return (JSON.parse(`[${list}]`) as string[]).sort();
}

suite('schema', () => {
  test('knows the keys that the reader knows', () => {
    assert.deepEqual(keysOf(schema), readerKeys('{"qqqqqqqq":1}'));
    assert.deepEqual(keysOf(definition('listener')), readerKeys('{"listeners":[{"listen":1,"qqqqqqqq":1}]}'));
    assert.deepEqual(keysOf(definition('listener').properties?.['inspect']), readerKeys('{"listeners":[{"listen":1,"inspect":{"qqqqqqqq":1}}]}'));
    assert.deepEqual(keysOf(definition('route')), readerKeys('{"listeners":[{"listen":1,"routes":[{"to":1,"qqqqqqqq":1}]}]}'));
    assert.deepEqual(keysOf(definition('match')), [...matchKeys].sort());
    assert.deepEqual(keysOf(definition('filter')), readerKeys('{"listeners":[],"filters":[{"name":"a","filter":"problem","qqqqqqqq":1}]}'));
    for (const key of ['tls', 'http', 'payload', 'pattern']) {
      const written = definition('match').properties?.[key];
      const object = written?.properties === undefined ? written?.oneOf?.find(({ type }) => type === 'object') : written;
      assert.deepEqual(keysOf(object), readerKeys(`{"listeners":[{"listen":1,"routes":[{"to":1,"match":{"${key}":{"qqqqqqqq":1}}}]}]}`), key);
    }
    const asObject = definition('listener').properties?.['default']?.oneOf?.find(({ type }) => type === 'object');
    assert.deepEqual(keysOf(asObject), readerKeys('{"listeners":[{"listen":1,"default":{"to":1,"qqqqqqqq":1}}]}'));
  });

  test('offers every protocol and group, each with a sentence ("npm run catalogue" writes them)', () => {
    const { enum: ids, markdownEnumDescriptions: texts } = definition('protocol');
    assert.deepEqual([...(ids ?? [])].sort(), [...protocols.map(({ id }) => id), ...Object.keys(groups)].sort());
    assert.equal(texts?.length, ids?.length);
  });

  test('has the defaults and limits of the code', () => {
    const listener = definition('listener').properties;
    const inspect = listener?.['inspect']?.properties;
    const pattern = definition('match').properties?.['pattern']?.oneOf?.find(({ type }) => type === 'object')?.properties;
    assert.deepEqual([listener?.['idleMs']?.default, listener?.['connectTimeoutMs']?.default, inspect?.['maxBytes']?.default, pattern?.['maxBytes']?.default], [defaultIdleMs, defaultConnectTimeoutMs, defaultMaxBytes, defaultPatternBytes]);
    const range = (one: Schema | undefined): unknown => ({ least: one?.minimum, most: one?.maximum });
    assert.deepEqual(range(listener?.['idleMs']), limits.idleMs);
    assert.deepEqual(range(listener?.['connectTimeoutMs']), limits.connectTimeoutMs);
    assert.deepEqual(range(inspect?.['timeoutMs']), limits.timeoutMs);
    assert.deepEqual(range(inspect?.['maxBytes']), limits.maxBytes);
    assert.deepEqual(range(pattern?.['maxBytes']), limits.patternBytes);
    assert.equal(listener?.['name']?.maxLength, maxNameLength);
  });

  test('describes every key, and lets trailing commas be', () => {
    assert.equal(schema.allowTrailingCommas, true);
    const bare: string[] = [];
    const visit = (one: Schema, path: string): void => {
      for (const [key, value] of Object.entries(one.properties ?? {})) {
        const hasText = value.description !== undefined || value.markdownDescription !== undefined || '$ref' in value;
        if (!hasText) bare.push(`${path}.${key}`);
        visit(value, `${path}.${key}`);
      }
      for (const part of one.oneOf ?? []) visit(part, path);
    };
    visit(schema, '');
    for (const [name, one] of Object.entries(schema.definitions ?? {})) visit(one, name);
    assert.deepEqual(bare, []);
  });

  const filled = (body: Json): Json => JSON.parse(JSON.stringify(body).replace(/\$\{\d+:([^}]*)\}/g, '$1')) as Json;
  const places: [string, Schema | undefined, (string | number)[]][] = [
    ['listeners', schema.properties?.['listeners'], ['listeners']],
    ['listener', definition('listener'), ['listeners', 0]],
    ['listen', definition('listener').properties?.['listen'], ['listeners', 0, 'listen']],
    ['default', definition('listener').properties?.['default'], ['listeners', 0, 'default']],
    ['route', definition('route'), ['listeners', 0, 'routes', 0]],
    ['match', definition('match'), ['listeners', 0, 'routes', 0, 'match']],
    ['tls', definition('match').properties?.['tls'], ['listeners', 0, 'routes', 0, 'match', 'tls']],
    ['payload', definition('match').properties?.['payload'], ['listeners', 0, 'routes', 0, 'match', 'payload']],
    ['pattern', definition('match').properties?.['pattern'], ['listeners', 0, 'routes', 0, 'match', 'pattern']],
    ['targets', definition('targets'), ['listeners', 0, 'routes', 0, 'to']],
    ['filters', schema.properties?.['filters'], ['filters']],
    ['filter', definition('filter'), ['filters', 0]],
  ];
  for (const [name, one, path] of places) {
    for (const { label, body } of one?.defaultSnippets ?? assert.fail(name)) {
      test(`the snippet "${label}" of ${name} is a good rule as it is`, () => {
        const text = applyEdit('{"listeners":[{"listen":"3999","routes":[{"name":"x","match":{"remote":"::1"},"to":"1"}]}],"filters":[{"name":"y","filter":"redis"}]}', { kind: 'set', path, value: filled(body) });
        assert.deepEqual(parseRules(text, 's').problems, []);
      });
    }
  }
});
