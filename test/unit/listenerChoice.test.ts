import assert from 'node:assert/strict';
import { chooseListeners, reachableAddress, variableName } from '../../src/host/debug/listenerChoice.js';
import type { EngineStatus, ListenerStatus } from '../../src/shared/protocol.js';
import type { Address, ListenerRule } from '../../src/shared/rules.js';

function rule(name: string, listen: Address = { kind: 'tcp', host: '127.0.0.1', port: 3000 }, isEnabled = true): ListenerRule {
  return { id: `shop/${name}`, name, isEnabled, listen, inspect: { timeoutMs: 300, maxBytes: 100 }, idleMs: 0, connectTimeoutMs: 1000, routes: [] };
}

function status(...listeners: Partial<ListenerStatus>[]): EngineStatus {
  return { listeners: listeners.map((listener) => ({ id: '', name: '', state: 'listening', live: 0, total: 0, bytes: 0, bytesPerSecond: 0, routes: [], ...listener })), liveFlows: 0, loopDelayMs: 0 };
}

suite('which listeners are meant', () => {
  const rules = [rule('dev'), rule('test'), rule('off', undefined, false)];

  test('by name, by id, or all that are enabled; each once', () => {
    const names = (wanted: string[]): string[] => chooseListeners(rules, wanted).chosen.map(({ name }) => name);
    assert.deepEqual(names(['test', 'dev']), ['dev', 'test']);
    assert.deepEqual(names(['shop/dev', 'dev']), ['dev']);
    assert.deepEqual(names(['*']), ['dev', 'test']);
  });

  test('names that mean none are told', () => {
    assert.deepEqual(chooseListeners(rules, ['dev', 'off', 'nobody']).unknown, ['off', 'nobody']);
  });
});

suite('where a program reaches a listener', () => {
  test('at the bound port while it runs, at the written one before', () => {
    const free = rule('dev', { kind: 'tcp', host: '127.0.0.1', port: 0 });
    assert.equal(reachableAddress(rule('dev'), status()), '127.0.0.1:3000');
    assert.equal(reachableAddress(free, status()), undefined);
    assert.equal(reachableAddress(free, status({ id: 'shop/dev', address: { kind: 'tcp', host: '127.0.0.1', port: 4711 } })), '127.0.0.1:4711');
    assert.equal(reachableAddress(free, status({ id: 'shop/dev', state: 'failed', address: { kind: 'tcp', host: '127.0.0.1', port: 4711 } })), undefined);
  });

  test('at the loopback address when it listens on all', () => {
    assert.equal(reachableAddress(rule('a', { kind: 'tcp', host: '0.0.0.0', port: 1 }), status()), '127.0.0.1:1');
    assert.equal(reachableAddress(rule('a', { kind: 'tcp', host: '::', port: 1 }), status()), '[::1]:1');
    assert.equal(reachableAddress(rule('a', { kind: 'path', path: '/tmp/a.sock' }), status()), 'unix:/tmp/a.sock');
  });

  test('its variable has a name that any shell takes', () => {
    assert.deepEqual(['dev', 'my shop-api', 'Größe'].map(variableName), ['PORT_PRISM_DEV', 'PORT_PRISM_MY_SHOP_API', 'PORT_PRISM_GR_SSE']);
  });
});
