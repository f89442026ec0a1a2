import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { compileListener, inspect } from '../../src/core/engine/inspect.js';
import { endingOf, readRecordedComment, type RecordedFacts } from '../../src/core/capture/recordedComment.js';
import { describeEnd, describeLoss } from '../../src/core/engine/endings.js';
import { parseFilter } from '../../src/core/lens/filter/filter.js';
import type { Condition } from '../../src/shared/rules.js';
import { joinedAnd, joinedOr, say } from '../../src/shared/sentences.js';
import { sentencesOf } from '../../src/shared/shownSentences.js';
import { ascii, hello, listener } from './samples.js';
import { templates, templatesIn } from './templates.js';

const bundle = JSON.parse(readFileSync(join(process.cwd(), 'media', 'l10n', 'bundle.l10n.zh-cn.json'), 'utf8')) as Record<string, string>;
const joints = ['{0} and {1}', '{0} or {1}'];
const chinese = sentencesOf(bundle);

/** Three words of English in a row. Protocols, hosts and operators stay as they are. */
const englishWords = /[a-z]{2,} [a-z]{2,} [a-z]{2,}/;

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

  test('traces are Chinese to the last word, however their conditions are put together', () => {
    const conditions: Condition[] = [
      { kind: 'all', of: [{ kind: 'protocol', ids: ['redis', 'ssh', 'postgres'] }, { kind: 'remote', ranges: ['10.0.0.0/8', '::1/128'] }] },
      { kind: 'any', of: [{ kind: 'tls', sni: ['*.test'], alpn: ['h2'] }, { kind: 'payload', offset: 4, hex: ['0000', '1111'] }, { kind: 'not', of: { kind: 'always' } }, { kind: 'pattern', source: '^HELO [a-z]+', flags: '', maxBytes: 64 }, { kind: 'http', method: ['PUT'], path: ['/v1/*', '/a b'] }] },
      { kind: 'http', method: ['PUT'], host: ['a.test', '*.b.test'], path: ['/v1/*'], headers: [{ name: 'x-team', values: ['blue and green', 'red'] }] },
      { kind: 'pattern', source: '^HELO [a-z]+\\r\\n', flags: 'i', maxBytes: 64 },
      { kind: 'process', globs: ['psql*', 'node'] },
      { kind: 'silent' },
    ];
    const rules = compileListener(listener(conditions));
    const process = { pid: 7, name: 'my program', commandLine: 'my program' };
    for (const bytes of [new Uint8Array(0), ascii('H'), ascii('HELO wor'), ascii('GET /v1/a b HTTP/1.1\r\nHost: a.test\r\n\r\n'), hello(), hello().subarray(0, 20), Uint8Array.of(0, 1, 2, 3, 0, 0)]) {
      for (const [ended, isFinal, isSilent] of [[false, false, false], [true, false, false], [false, true, false], [false, false, true]] as const) {
        for (const known of [undefined, null, process]) {
          const { summary, steps } = inspect(rules, bytes, { ended, isFinal, facts: { remote: '127.0.0.1', process: known, isSilent } }).trace(1);
          for (const text of [summary, ...steps.map(({ why }) => why)]) assert.doesNotMatch(chinese(text).replaceAll('blue and green', ''), englishWords, text);
        }
      }
    }
  });

  test('ends of connections, also as a recording has them', () => {
    for (const { detail } of [describeEnd('client', 1, 'db:5432'), describeEnd('upstream', 20, 'db:5432'), describeEnd('client', 0, ''), describeLoss('client', 'EPIPE', '', false), describeLoss('upstream', 'ECONNRESET', '[::1]:80', true)]) {
      const told: RecordedFacts = {};
      readRecordedComment(endingOf({ id: 1, listenerId: 'a', listenerName: 'a', openedAt: 0, client: { path: 'a' }, local: { path: 'b' }, failedUpstreams: [], notes: [], endReason: 'bothClosed', endDetail: detail }), told);
      assert.equal(told.endDetail, detail);
      assert.doesNotMatch(chinese(detail), englishWords, detail);
    }
  });

  test('filters that are wrong in one way or the other', () => {
    for (const source of ['', ')', '(a', 'a &&', 'latency', 'latency > 5', 'latency in', 'http.statsu == 5', 'nothing.at.all == 5', 'protocl == redis', 'kind == answr', 'text < 5', 'marked > 5', 'size == "a', 'bytes ~ abc', 'bytes contains ""', 'text ~ /(/', 'text ~ /a/x', 'time == soon', '"" and a', 'a ; b', 'stream > x', 'from == nobody']) {
      const problem = parseFilter(source);
      if ('message' in problem) assert.doesNotMatch(chinese(problem.message).replace(/可用的字段有.*/, ''), englishWords, problem.message);
    }
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
