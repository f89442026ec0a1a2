// The window's language is Chinese: what Port Prism says is Chinese, whoever of its parts says it. What passes over the wire stays as it is.
import assert from 'node:assert/strict';
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { connect, createServer, type AddressInfo, type Server } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Frame } from 'playwright-core';
import { PcapngWriter } from '../../src/core/capture/pcapng.js';
import { TcpPackets } from '../../src/core/capture/pcapngTcp.js';
import { Editor } from './editor.js';
import { RuleEditorPage } from './ruleEditorPage.js';
import { demoWorkspaceScript, root } from './scripts.js';
import { pictureFailures } from './windows.js';

/** Pieces of our English sentences, as far as they are long enough to be no chance. */
const english = Object.keys(JSON.parse(readFileSync(join(root, 'media', 'l10n', 'bundle.l10n.zh-cn.json'), 'utf8')) as Record<string, string>)
  .flatMap((key) => key.replace(/\/core$/, '').split(/\{\d\}/))
  .map((piece) => piece.trim())
  .filter((piece) => 2 < piece.split(' ').filter((word) => /[a-z]{2}/.test(word)).length);

/** @returns our own English among the words of a view */
function englishIn(words: string): string[] {
  return english.filter((piece) => words.includes(piece));
}

/** Everything that a page says, to eyes and to screen readers. */
function wordsOf(frame: Frame, selector: string): Promise<string> {
  return frame.locator(selector).first().evaluate((element) => [
    (element as HTMLElement).innerText,
    ...[...element.querySelectorAll('[aria-label], [title]')].flatMap((one) => [one.getAttribute('aria-label') ?? '', one.getAttribute('title') ?? '']),
  ].join('\n'));
}

suite('Chinese', () => {
  let editor: Editor;
  let folder: string;
  let ruleFile: string;
  let base: number;
  let server: Server;
  let page: Frame;

  suiteSetup(async () => {
    const { freeBase } = await demoWorkspaceScript();
    base = await freeBase(21_414);
    // Its answers have a line end of their own, and a length that is too long.
    server = createServer((socket) => socket.on('error', () => undefined).once('data', () => socket.end('HTTP/1.1 200 OK\nContent-Length: 40\r\n\r\nshort')));
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    folder = mkdtempSync(join(tmpdir(), 'port-prism-ui-'));
    const workspace = join(folder, 'shop');
    mkdirSync(join(workspace, '.vscode'), { recursive: true });
    ruleFile = join(workspace, '.vscode', 'port-prism.json');
    // Nobody listens behind `dead`; `late` can never be reached.
    writeFileSync(ruleFile, JSON.stringify({
      listeners: [{
        name: 'shop', listen: String(base), routes: [
          { name: 'dead', match: { protocol: 'redis' }, to: String(base + 1) },
          { name: 'web', match: { protocol: 'http', path: ['/v1/*'] }, to: String((server.address() as AddressInfo).port) },
          { name: 'late', match: { protocol: 'http', path: ['/v1/*'] }, to: String(base + 2) },
        ],
      }],
    }, null, 2));
    writeFileSync(join(workspace, 'cut off.pcapng'), cutRecording());
    editor = await Editor.open({ workspace, language: 'zh-cn' });
    await editor.page.locator('.activitybar .action-item', { has: editor.page.locator('[aria-label^="Port Prism"]') }).click();
    await editor.runCommand('Port Prism: 启动所有监听器');
    await editor.spokenRow('规则', '正在监听').waitFor();
    await said('*1\r\n$4\r\nPING\r\n');
    await said('GET /v1/orders HTTP/1.1\r\nHost: shop\r\n\r\n');
    await said('GET /elsewhere HTTP/1.1\r\nHost: shop\r\n\r\n');
    await editor.runCommand('Port Prism: 打开流量检查器');
    page = await editor.webview('.page-inspector .view-switch');
    await page.getByRole('radio', { name: '连接' }).click();
    await page.locator('.flow-list [data-flow]').nth(2).waitFor();
  });

  suiteTeardown(async () => {
    await editor?.close();
    server?.close();
    if (folder !== undefined) rmSync(folder, { recursive: true, force: true });
  });

  pictureFailures(() => editor);

  /** A client that says something, and hears until the connection ends. */
  function said(text: string): Promise<void> {
    return new Promise((resolve) => {
      const client = connect(base, '127.0.0.1', () => client.write(text));
      client.on('error', () => undefined).on('data', () => undefined).on('close', () => resolve());
    });
  }

  async function select(flow: number): Promise<void> {
    await page.locator(`.flow-list [data-flow="${flow}"]`).click();
    await page.locator('#detail').waitFor();
  }

  async function tab(name: string, panel: string): Promise<string> {
    await page.getByRole('tab', { name, exact: true }).click();
    const shown = page.locator(`[id$="-${panel}-panel"]`);
    await shown.waitFor();
    return shown.innerText();
  }

  test('a connection that was refused: why it went there, and how it ended', async () => {
    await select(1);
    const facts = await tab('流', 'facts');
    assert.match(facts, new RegExp(`127\\.0\\.0\\.1:${base + 1} 拒绝了连接：那里没有程序在监听。`));
    assert.match(facts, /客户端的首批字节属于 Redis/);
    await editor.screenshot('chinese facts');
    const why = await tab('为何到此', 'why');
    assert.match(why, /路由 dead：在 \d+ 字节后匹配/);
    assert.deepEqual(englishIn(await wordsOf(page, 'body')), []);
  });

  test('a connection that no route took', async () => {
    await select(3);
    const why = await tab('为何到此', 'why');
    assert.match(why, /已关闭：没有匹配的路由，也没有默认路由/);
    assert.match(why, /客户端字节不是 redis（字节 0 为 0x47\s'G'）/);
    assert.match(why, /HTTP 请求 GET shop\/elsewhere，不符合路径 \/v1\/\*/);
    await editor.screenshot('chinese why');
    assert.deepEqual(englishIn(await wordsOf(page, 'body')), []);
  });

  test('what is wrong with a message', async () => {
    await select(2);
    await page.getByRole('tab', { name: '解码', exact: true }).click();
    const answer = page.locator('.message-list .is-message', { hasText: '200 OK' }).first();
    await answer.click();
    await editor.page.keyboard.press('ArrowRight');
    await page.locator('.message-list .is-problem', { hasText: '行仅以 LF 结尾' }).waitFor();
    await page.locator('.message-list .is-problem', { hasText: 'Content-Length 声称 40 字节，实际有 5 字节' }).waitFor();
    await editor.screenshot('chinese problems of a message');
    assert.deepEqual(englishIn(await wordsOf(page, 'body')), []);
  });

  test('a wrong filter, as it is typed', async () => {
    await page.getByRole('radio', { name: '消息' }).click();
    const box = page.locator('input.filter');
    for (const [filter, words] of [
      ['http.statsu >= 500', '没有字段 "http.statsu"。您是否要写 http.status？'],
      ['latency > 5', '时间是带单位的数字：250us、20ms 或 1.5s。'],
      ['(problem', '此“(”没有闭合。'],
    ] as const) {
      await box.fill(filter);
      await page.getByText(words).first().waitFor();
      await editor.screenshot(`chinese filter ${filter.replace(/\W+/g, ' ').trim()}`);
      assert.deepEqual(englishIn(await wordsOf(page, 'body')), []);
    }
    await box.fill('');
  });

  test('the form of a route, and what is wrong with it', async () => {
    await editor.row('规则', /^late/).click();
    const form = await RuleEditorPage.opened(editor);
    await form.frame.getByText('永远不会到达此路由：上面的路由“web”条件相同。').waitFor();
    await form.fill('将连接发送到', 'localhost');
    await form.frame.getByText('“localhost”没有端口。您是否要写“localhost:3000”？').waitFor();
    await editor.screenshot('chinese rule editor');
    assert.deepEqual(englishIn(await wordsOf(form.frame, 'body')), []);
  });

  test('a capture that is cut off', async () => {
    await editor.page.locator('.activitybar .action-item', { has: editor.page.locator('[aria-label^="Explorer"]') }).click();
    await editor.page.locator('.explorer-folders-view .monaco-list-row', { hasText: 'cut off.pcapng' }).dblclick();
    const frame = await editor.webview('.file-warning');
    await frame.locator('.file-warning', { hasText: /^cut off\.pcapng 在字节 \d+ 处损坏：文件在一个块或记录的 \d+ 字节之后结束。之前的内容已读取。$/ }).waitFor();
    await frame.getByRole('radio', { name: '连接' }).click();
    await frame.locator('.flow-list [data-flow]').first().click();
    await frame.getByRole('tab', { name: '流', exact: true }).click();
    // What the recording says of the end is English in the file.
    await frame.locator('.facts').getByText('客户端关闭了连接。').waitFor();
    await editor.screenshot('chinese damaged capture');
    assert.deepEqual(englishIn(await wordsOf(frame, 'body')), []);
  });

  test('the rule file in the Problems view, and its quick fix', async () => {
    const text = readFileSync(ruleFile, 'utf8');
    writeFileSync(ruleFile, text.replace('"redis"', '"rediss"').replace(`"${base + 2}"`, '"localhost"'));
    await editor.runCommand('View: Focus Problems');
    const problems = editor.page.locator('.markers-panel');
    await problems.locator('.monaco-list-row', { hasText: '没有协议“rediss”。您是否要写“redis”？' }).waitFor();
    await problems.locator('.monaco-list-row', { hasText: '“localhost”没有端口。您是否要写“localhost:3000”？' }).waitFor();
    await editor.screenshot('chinese problems');
    assert.deepEqual(englishIn(await problems.innerText()), []);
    writeFileSync(ruleFile, text);
    await problems.locator('.monaco-list-row', { hasText: '永远不会到达此路由：上面的路由“web”条件相同。' }).waitFor();
    assert.deepEqual(englishIn(await problems.innerText()), []);
  });
});

/** A recording of ours that ends within its last block. */
function cutRecording(): Uint8Array {
  const pieces: Uint8Array[] = [];
  const writer = new PcapngWriter((blocks) => pieces.push(blocks));
  const packets = new TcpPackets(writer);
  for (const id of [1, 2]) {
    const openedAt = 1_764_000_000_000 + id * 1000;
    const flow = packets.open({ id, listenerId: 'shop', listenerName: 'shop', openedAt, client: { host: '127.0.0.1', port: 50_000 + id }, local: { host: '127.0.0.1', port: 3000 }, failedUpstreams: [], notes: [] }, `Connection ${id}, listener shop. Route web, upstream 127.0.0.1:8080.`);
    const question = Buffer.from('GET / HTTP/1.1\r\nHost: shop\r\n\r\n');
    packets.data(flow, 'client', openedAt + 1, question.length, (start, length, into, at) => (into.set(question.subarray(start, start + length), at), true));
    packets.close(flow, openedAt + 2, 'clientClosed', 'Ended: clientClosed. The client closed the connection.');
  }
  writer.flush();
  const whole = Buffer.concat(pieces);
  return whole.subarray(0, whole.length - 30);
}
