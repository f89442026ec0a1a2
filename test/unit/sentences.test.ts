import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { joinedAnd, joinedOr, say, sentencesOf } from '../../src/shared/sentences.js';
import { templates, templatesIn } from './templates.js';

const bundle = JSON.parse(readFileSync(join(process.cwd(), 'media', 'l10n', 'bundle.l10n.zh-cn.json'), 'utf8')) as Record<string, string>;
const joints = ['{0} and {1}', '{0} or {1}'];
const chinese = sentencesOf(bundle);

suite('sentences of core', () => {
  test('all of them are in the Chinese bundle, and no others', () => {
    const said = new Set([...templates().map(({ text }) => text), ...joints]);
    assert.ok(300 < said.size, String(said.size));
    assert.deepEqual([...said].filter((text) => bundle[`${text}/core`] === undefined), [], 'not translated');
    assert.deepEqual(Object.keys(bundle).filter((key) => key.endsWith('/core') && !said.has(key.slice(0, -'/core'.length))), [], 'no longer used');
  });

  test('words that are chosen inside a sentence are templates themselves', () => {
    const untagged = templates().flatMap(({ file, values }) => values.filter((value) => /(?<!say|\w)(['`])(?:[A-Za-z’]+ [^'`]*|[^'`$]* [A-Za-z’]+)\1/.test(value) && !value.includes('join(')).map((value) => `${file}: ${value}`));
    assert.deepEqual(untagged, []);
  });

  test('values do not stand side by side: nothing would tell where one ends', () => {
    assert.deepEqual(templates().filter(({ text }) => /\{\d\}\{\d\}/.test(text)), []);
  });

  test('each is found again with any values, and shown in Chinese', () => {
    for (const text of new Set(templates().map((template) => template.text).filter((one) => !joints.includes(one)))) {
      const values = (text.match(/\{\d\}/g) ?? []).map((_, i) => ['a1', '17', 'x.y', 'b-2', 'c'][i]!);
      const fill = (template: string): string => template.replace(/\{(\d)\}/g, (_, digit: string) => values[Number(digit)]!);
      assert.equal(chinese(fill(text)), fill(bundle[`${text}/core`]!), text);
    }
  });

  test('values that are sentences are translated too; names are not, even where they are words of ours', () => {
    const of = sentencesOf({
      'it is a folder/core': '它是文件夹', '{0} cannot be read: {1}./core': '无法读取 {0}：{1}。', 'closed/core': '已关闭', '{0} bytes/core': '{0} 字节', '{0} and {1}/core': '{0}，且{1}', '"{0}" {1}./core': '“{0}”{1}。', 'has no port/core': '没有端口',
    });
    assert.equal(of(say`${'/tmp/x'} cannot be read: ${say`it is a folder`}.`), '无法读取 /tmp/x：它是文件夹。');
    assert.equal(of(say`${'closed'} cannot be read: ${'EIO'}.`), '无法读取 closed：EIO。');
    assert.equal(of(joinedAnd([say`it is a folder`, say`${3} bytes`, say`it is a folder`])), '它是文件夹，且3 字节，且它是文件夹');
    assert.equal(of(say`"${'a b'}" ${say`has no port`}.`), '“a b”没有端口。');
  });

  test('a phrase that was made a sentence is found', () => {
    assert.equal(sentencesOf({ 'no route: {0}/core': '没有路由：{0}' })('No route: default.'), '没有路由：default。');
  });

  test('words that are not ours stay as they are, whatever they are', () => {
    for (const text of ['', 'ERR unknown command and more', 'this or that bytes', '{0}', '"a" is fine.', '消息', `${'a b and '.repeat(240)}b`, `It is ${' is no'.repeat(300)}.`]) assert.equal(chinese(text), text);
  });

  test('without a bundle everything is English', () => {
    const text = joinedOr([say`closed`, say`${2} bytes`]);
    assert.equal(sentencesOf({ 'Copy': '复制' })(text), text);
  });

  test('the sources are read as they are written', () => {
    const source = "say`a ${x ? `{${y}}` : '}'} \\`b\\` \\\\ ${z}`; t(say`c`)";
    assert.deepEqual(templatesIn('f', source).map(({ text }) => text), ['a {0} `b` \\ {1}', 'c']);
  });
});
