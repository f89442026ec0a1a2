// Lines of the decoded view: messages, and the fields of those that are open.
import assert from 'node:assert/strict';
import type { Field, Message } from '../../src/shared/message.js';
import { verbatim } from '../../src/shared/sentences.js';
import { MessageTree } from '../../webview/inspector/messageTree.js';

const at = { start: 0, end: 1 };

function field(name: string, ...fields: Field[]): Field {
  return { name, range: at, text: name.toUpperCase(), ...(fields.length === 0 ? {} : { fields }) };
}

function message(index: number, ...fields: Field[]): Message {
  return { index, from: 'client', protocol: 'http1', range: at, startedAt: 0, endedAt: 0, kind: 'request', summary: '', fields, problems: [] };
}

function lines(tree: MessageTree): string[] {
  return Array.from({ length: tree.lineCount }, (_, line) => {
    const one = tree.lineAt(line);
    return one === undefined ? '?' : one.kind === 'message' ? String(one.index) : one.kind === 'divider' ? '--' : `${'.'.repeat(one.depth)}${one.field?.name ?? one.problem?.text ?? ''}`;
  });
}

suite('lines of decoded messages', () => {
  test('a closed message is one line, an open one brings its fields', () => {
    const tree = new MessageTree();
    tree.count = 4;
    tree.open(1, message(1, field('method'), field('headers', field('host'))));
    assert.deepEqual(lines(tree), ['0', '1', '.method', '.headers', '2', '3']);
    tree.open(3, message(3, field('status')));
    assert.deepEqual(lines(tree), ['0', '1', '.method', '.headers', '2', '3', '.status']);
    assert.equal(tree.lineOf(3), 5);
    tree.close(1);
    assert.deepEqual(lines(tree), ['0', '1', '2', '3', '.status']);
    assert.equal(tree.lineAt(5), undefined);
  });

  test('a field that was opened is open on other messages of the kind, those opened later too', () => {
    const tree = new MessageTree();
    tree.count = 2;
    tree.open(0, message(0, field('headers', field('host'))));
    tree.toggle('http1/headers');
    tree.open(1, message(1, field('headers', field('accept'))));
    assert.deepEqual(lines(tree), ['0', '.headers', '..host', '1', '.headers', '..accept']);
    tree.toggle('http1/headers');
    assert.deepEqual(lines(tree), ['0', '.headers', '1', '.headers']);
  });

  test('what was forgotten has no lines: the list begins with the first message that is there', () => {
    const tree = new MessageTree();
    tree.count = 104;
    for (const index of [99, 101]) tree.open(index, message(index, field('method')));
    tree.forgetBefore(100);
    assert.deepEqual(lines(tree), ['100', '101', '.method', '102', '103']);
    assert.deepEqual([tree.lineOf(100), tree.lineOf(103), tree.lineCount, tree.isOpen(99)], [0, 4, 5, false]);
    assert.equal(tree.lineAt(5), undefined);
    tree.reset();
    tree.count = 1;
    assert.deepEqual(lines(tree), ['0']);
  });

  test('problems stand above the fields', () => {
    const tree = new MessageTree();
    tree.count = 1;
    tree.open(0, { ...message(0, field('status')), problems: [{ severity: 'error', text: verbatim('broken'), range: at }] });
    assert.deepEqual(lines(tree), ['0', '.broken', '.status']);
  });
});
