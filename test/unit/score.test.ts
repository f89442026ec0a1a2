// The table that `npm run score` compares by.
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { protocols } from '../../src/core/protocols/index.js';

const folder = join(__dirname, '..', '..', '..', 'test', 'score');

test('nDPI’s names lead to protocols that the catalogue has', () => {
  const names = JSON.parse(readFileSync(join(folder, 'names.json'), 'utf8')) as Record<string, string[]>;
  const known = new Set(protocols.map(({ id }) => id));
  assert.deepEqual(Object.values(names).flat().filter((id) => !known.has(id)), []);
});
