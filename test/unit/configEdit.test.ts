// Changes to a rule file: what they change, and that everything else stays as it was written.
import assert from 'node:assert/strict';
import fc from 'fast-check';
import { parse } from 'jsonc-parser';
import { editRules } from '../../src/core/config/edit.js';
import type { Json, RuleEdit } from '../../src/shared/rules.js';

function apply(text: string, ...edits: RuleEdit[]): string {
  const list = editRules(text, edits);
  assert.ok(list.length <= 1);
  const [edit] = list;
  return edit === undefined ? text : text.slice(0, edit.start) + edit.newText + text.slice(edit.end);
}

function json(text: string): unknown {
  const errors: unknown[] = [];
  const value: unknown = parse(text, errors as never, { allowTrailingComma: true });
  assert.deepEqual(errors, [], text);
  return JSON.parse(JSON.stringify(value));
}

const routes = ['listeners', 0, 'routes'];

const file = `// top
{
  "listeners": [ // the listeners
    {
      "name": "dev", // its name
      // where
      "listen": "3000",
      /* tried in order */
      "routes": [
        // one: a
        // one: b
        { "name": "one", "to": "1" }, // behind one

        // ---- a section ----

        // two
        { "name": "two", "to": "2" },
        {
          "name": "three", // inside three
          "to": [
            "3", // first
            "4"
          ]
        } // behind three
        // at the end
      ],
      "default": "9"
    }
  ]
}
`;

suite('moving a route', () => {
  test('takes its own comments along and leaves the others', () => {
    assert.equal(apply(file, { kind: 'move', path: routes, from: 0, to: 2 }), file
      .replace('        // one: a\n        // one: b\n        { "name": "one", "to": "1" }, // behind one\n', '        // two\n        { "name": "two", "to": "2" },\n')
      .replace('        // two\n        { "name": "two", "to": "2" },\n        {\n          "name": "three"', '        {\n          "name": "three"')
      .replace('        } // behind three\n', '        }, // behind three\n        // one: a\n        // one: b\n        { "name": "one", "to": "1" } // behind one\n'));
  });

  test('up again is where it was', () => {
    const down = apply(file, { kind: 'move', path: routes, from: 0, to: 2 });
    assert.equal(apply(down, { kind: 'move', path: routes, from: 2, to: 0 }), file);
  });

  test('to its own place changes nothing', () => assert.deepEqual(editRules(file, [{ kind: 'move', path: routes, from: 1, to: 1 }]), []));
  test('of a route that is not there changes nothing', () => assert.deepEqual(editRules(file, [{ kind: 'move', path: routes, from: 7, to: 0 }]), []));

  test('in a list on one line keeps the line', () => {
    assert.equal(apply('{"a": [1, /* two */ 2, 3]}', { kind: 'move', path: ['a'], from: 0, to: 2 }), '{"a": [/* two */ 2, 3, 1]}');
  });

  test('keeps a trailing comma where there was one', () => {
    assert.equal(apply('[\n  1,\n  2, // two\n]', { kind: 'move', path: [], from: 1, to: 0 }), '[\n  2, // two\n  1,\n]');
  });
});

suite('taking out', () => {
  test('a route with its comments, and not those of the next', () => {
    assert.equal(apply(file, { kind: 'remove', path: [...routes, 0] }), file.replace('        // one: a\n        // one: b\n        { "name": "one", "to": "1" }, // behind one\n', ''));
    assert.equal(apply(file, { kind: 'remove', path: [...routes, 1] }), file.replace('        // two\n        { "name": "two", "to": "2" },\n', ''));
  });

  test('the last route takes the comma before it along', () => {
    const changed = apply(file, { kind: 'remove', path: [...routes, 2] });
    assert.match(changed, /"to": "2" \}\n {8}\/\/ at the end\n {6}\],/);
  });

  test('a key with its comments, and not those of the next', () => {
    assert.equal(apply(file, { kind: 'set', path: ['listeners', 0, 'name'], value: undefined }), file.replace('      "name": "dev", // its name\n', ''));
    assert.equal(apply(file, { kind: 'set', path: ['listeners', 0, 'default'], value: undefined }), file.replace('      ],\n      "default": "9"\n', '      ]\n'));
  });

  test('the only element leaves an empty list', () => assert.equal(apply('{ "a": [ 1 ] }', { kind: 'remove', path: ['a', 0] }), '{ "a": [] }'));
  test('what is not there changes nothing', () => assert.deepEqual(editRules(file, [{ kind: 'remove', path: ['nothing'] }]), []));
});

suite('setting', () => {
  test('a value in its place', () => assert.equal(apply(file, { kind: 'set', path: ['listeners', 0, 'listen'], value: '[::1]:1' }), file.replace('"3000"', '"[::1]:1"')));

  test('a whole route keeps the comments inside it', () => {
    assert.equal(apply(file, { kind: 'set', path: [...routes, 2], value: { name: 'three', to: ['3', '5'], enabled: false } }), file.replace('"4"', '"5"').replace(/\]\n {8}\} \/\/ behind/, '],\n          "enabled": false\n        } // behind'));
  });

  test('a list that grows or shrinks keeps the comments of what stays', () => {
    assert.match(apply(file, { kind: 'set', path: [...routes, 2, 'to'], value: ['3', '4', '5'] }), /"3", \/\/ first\n {12}"4",\n {12}"5"\n/);
    assert.match(apply(file, { kind: 'set', path: [...routes, 2, 'to'], value: ['3'] }), /"3" \/\/ first\n {10}\]/);
    assert.match(apply(file, { kind: 'set', path: [...routes, 2, 'to'], value: ['4'] }), /"to": \[\n {12}"4"\n/);
  });

  test('a new key goes to the end, in the style of its neighbours', () => {
    assert.equal(apply(file, { kind: 'set', path: ['listeners', 0, 'idleMs'], value: 5 }), file.replace('"default": "9"\n', '"default": "9",\n      "idleMs": 5\n'));
    assert.equal(apply(file, { kind: 'set', path: [...routes, 0, 'enabled'], value: false }), file.replace('"to": "1" }', '"to": "1", "enabled": false }'));
  });

  test('parents that are missing are made', () => {
    assert.deepEqual(json(apply('{}', { kind: 'set', path: ['listeners', 0, 'inspect', 'timeoutMs'], value: 5 })), { listeners: [{ inspect: { timeoutMs: 5 } }] });
    assert.deepEqual(json(apply('', { kind: 'set', path: [], value: { listeners: [] } })), { listeners: [] });
  });

  test('the same value, keys in another order, changes nothing', () => assert.deepEqual(editRules(file, [{ kind: 'set', path: [...routes, 0], value: { to: '1', name: 'one' } }]), []));

  test('the file’s own indentation and line ends are taken up', () => {
    const tabs = '{\r\n\t"listeners": [\r\n\t\t{\r\n\t\t\t"listen": 1\r\n\t\t}\r\n\t]\r\n}\r\n';
    assert.equal(apply(tabs, { kind: 'set', path: ['listeners', 0, 'default'], value: 2 }), tabs.replace('1\r\n', '1,\r\n\t\t\t"default": 2\r\n'));
    assert.equal(apply(tabs, { kind: 'insert', path: ['listeners'], index: 1, value: { listen: 2, routes: [{ name: 'a', to: '1' }] } }), tabs.replace('\t\t}\r\n', '\t\t},\r\n\t\t{\r\n\t\t\t"listen": 2,\r\n\t\t\t"routes": [{ "name": "a", "to": "1" }]\r\n\t\t}\r\n'));
  });
});

suite('putting in', () => {
  const route = { name: 'new', to: '7' };
  test('before the first, and its comments stay with it', () => assert.equal(apply(file, { kind: 'insert', path: routes, index: 0, value: route }), file.replace('        // one: a', '        { "name": "new", "to": "7" },\n        // one: a')));
  test('between', () => assert.equal(apply(file, { kind: 'insert', path: routes, index: 1, value: route }), file.replace('// behind one\n', '// behind one\n        { "name": "new", "to": "7" },\n')));
  test('at the end, behind the comment of the last', () => assert.match(apply(file, { kind: 'insert', path: routes, index: 99, value: route }), /\}, \/\/ behind three\n {8}\{\n? *"name": "new",/));
  test('into an empty list', () => assert.deepEqual(json(apply('{"a": []}', { kind: 'insert', path: ['a'], index: 0, value: 1 }, { kind: 'insert', path: ['a'], index: 1, value: 2 })), { a: [1, 2] }));
  test('into a list that is not there', () => assert.deepEqual(json(apply('{ "x": 1 }', { kind: 'insert', path: ['a'], index: 0, value: 1 })), { x: 1, a: [1] }));
});

suite('several changes at once', () => {
  test('speak of the file as it was written', () => {
    const changed = json(apply(file,
      { kind: 'remove', path: [...routes, 0] },
      { kind: 'set', path: [...routes, 2, 'name'], value: 'THREE' },
      { kind: 'insert', path: routes, index: 1, value: { name: 'new', to: '7' } },
      { kind: 'set', path: [...routes, 0, 'name'], value: 'gone' },
      { kind: 'move', path: routes, from: 2, to: 1 })) as { listeners: { routes: { name: string }[] }[] };
    assert.deepEqual(changed.listeners[0]?.routes.map(({ name }) => name).sort(), ['THREE', 'new', 'two']);
  });
});

suite('any change', () => {
  const names = ['one', 'two', 'three'];
  const value: fc.Arbitrary<Json> = fc.oneof(fc.constantFrom<Json>('1', 5, true, null, [], {}, ['a', 'b']), fc.tuple(fc.constantFrom(...names), fc.constantFrom('1', '2')).map(([name, to]): Json => ({ name, to })));
  type Path = (string | number)[];
  const someOf = (...paths: Path[]): fc.Arbitrary<Path> => fc.constantFrom(...paths);
  const edit: fc.Arbitrary<RuleEdit> = fc.oneof(
    fc.tuple(fc.nat(2), fc.nat(2)).map(([from, to]): RuleEdit => ({ kind: 'move', path: routes, from, to })),
    fc.tuple(someOf(routes, ['listeners'], [...routes, 2, 'to']), fc.nat(4), value).map(([path, index, item]): RuleEdit => ({ kind: 'insert', path, index, value: item })),
    someOf([...routes, 0], [...routes, 1], [...routes, 2], ['listeners', 0, 'name'], ['listeners', 0]).map((path): RuleEdit => ({ kind: 'remove', path })),
    fc.tuple(someOf([...routes, 0, 'to'], [...routes, 2], ['listeners', 0, 'default'], ['listeners', 0, 'inspect']), value).map(([path, item]): RuleEdit => ({ kind: 'set', path, value: item })),
  );

  /** The same change made on plain values. */
  function expected(root: unknown, change: RuleEdit): unknown {
    const copy = structuredClone(root);
    const at = (path: readonly (string | number)[]): unknown => path.reduce((node: unknown, key) => (node as Record<string | number, unknown>)[key], copy);
    const parent = change.path.slice(0, -1);
    const key = change.path[change.path.length - 1];
    if (change.kind === 'move') {
      const list = at(change.path) as unknown[];
      list.splice(change.to, 0, ...list.splice(change.from, 1));
    } else if (change.kind === 'insert') (at(change.path) as unknown[]).splice(change.index, 0, change.value);
    else if (change.kind === 'set') (at(parent) as Record<string, unknown>)[key ?? ''] = change.value;
    else if (typeof key === 'number') (at(parent) as unknown[]).splice(key, 1);
    else delete (at(parent) as Record<string, unknown>)[key ?? ''];
    return copy;
  }

  test('gives the value that it should', () => {
    fc.assert(fc.property(edit, (change) => assert.deepEqual(json(apply(file, change)), expected(json(file), change))), { numRuns: 500 });
  });

  test('moves and insertions keep every comment', () => {
    const comments = (text: string): string[] => (text.match(/\/\/.*|\/\*.*?\*\//g) ?? []).map((one) => one.trim()).sort();
    fc.assert(fc.property(fc.array(edit.filter(({ kind }) => kind === 'move' || kind === 'insert'), { maxLength: 4 }), (changes) => {
      assert.deepEqual(comments(changes.reduce((text, change) => apply(text, change), file)), comments(file));
    }), { numRuns: 300 });
  });
});
