// The table of Kafka's messages: every API key has a name, every layout can be read.
import assert from 'node:assert/strict';
import { apiName, apis } from '../../src/core/dissectors/kafkaLayouts.js';
import { partsOf } from '../../src/core/dissectors/kafkaParts.js';

suite('layouts of Kafka’s messages', () => {
  test('API keys 0 to 92 have a name, later ones none', () => {
    for (let key = 0; key <= 92; key++) assert.match(apiName(key) ?? '', /^[A-Z]\w+$/, `key ${key}`);
    assert.equal(apiName(93), undefined);
  });

  for (const [key, api] of Object.entries(apis)) {
    test(`${api.name} has fields in both directions`, () => {
      assert.ok(0 < partsOf(`${key} request`, api.request).length);
      assert.ok(0 < partsOf(`${key} response`, api.response).length);
      assert.ok(api.first <= api.last && api.flexible <= api.last);
    });
  }
});
