// A person opens captures from the Explorer: a recording of ours, one that is cut off, one that changes on disk.
import assert from 'node:assert/strict';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Frame, Locator } from 'playwright-core';
import { PcapngWriter } from '../../src/core/capture/pcapng.js';
import { TcpPackets } from '../../src/core/capture/pcapngTcp.js';
import type { FlowFacts, Speaker } from '../../src/shared/flow.js';
import { Editor } from './editor.js';
import { InspectorPage } from './inspectorPage.js';
import { pictureFailures } from './windows.js';

/** What listener `shop` carried, as we record it: a request each. */
function recording(paths: readonly string[]): Uint8Array {
  const pieces: Uint8Array[] = [];
  const writer = new PcapngWriter((blocks) => pieces.push(blocks));
  const packets = new TcpPackets(writer);
  for (const [index, path] of paths.entries()) {
    const openedAt = 1_764_000_000_000 + index * 1000;
    const facts: FlowFacts = { id: index + 1, listenerId: 'shop', listenerName: 'shop', openedAt, client: { host: '127.0.0.1', port: 50_000 + index }, local: { host: '127.0.0.1', port: 3000 }, failedUpstreams: [], notes: [] };
    const flow = packets.open(facts, `Connection ${index + 1}, listener shop. Client program: checkout (4711) node checkout.js. Route web, upstream 127.0.0.1:8080.`);
    const say = (from: Speaker, text: string): unknown => packets.data(flow, from, openedAt + 1, text.length, (start, length, into, at) => (into.set(Buffer.from(text).subarray(start, start + length), at), true));
    say('client', `GET ${path} HTTP/1.1\r\nHost: shop.localhost\r\n\r\n`);
    say('upstream', 'HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Length: 13\r\n\r\n{"sold":true}');
    packets.close(flow, openedAt + 2, 'clientClosed', 'Ended: clientClosed.');
  }
  writer.flush();
  return Buffer.concat(pieces);
}

suite('a person with a capture file', () => {
  let editor: Editor;
  let workspace: string;
  const whole = recording(['/v1/orders/1', '/v1/orders/2', '/v1/orders/3']);

  suiteSetup(async () => {
    workspace = join(mkdtempSync(join(tmpdir(), 'port-prism-ui-')), 'captures');
    mkdirSync(workspace);
    writeFileSync(join(workspace, 'friday.pcapng'), whole);
    writeFileSync(join(workspace, 'cut off.pcapng'), whole.subarray(0, whole.length - 100));
    writeFileSync(join(workspace, 'notes.pcap'), 'Not a capture at all.\n');
    editor = await Editor.open({ workspace, trust: false });
    // A window that has not loaded its extensions yet opens such files as text; once a view of ours says something, it has.
    await editor.openContainer();
    await editor.pane('Rules').getByText('This workspace is not trusted').first().waitFor();
    await editor.page.locator('.activitybar .action-item', { has: editor.page.locator('[aria-label^="Explorer"]') }).click();
    await editor.page.locator('.explorer-folders-view .monaco-list-row', { hasText: 'friday.pcapng' }).waitFor();
  });

  suiteTeardown(async () => {
    await editor?.close();
    if (workspace !== undefined) rmSync(join(workspace, '..'), { recursive: true, force: true });
  });

  pictureFailures(() => editor);

  /** Opens a file by a double click in the Explorer, and waits until `sees` is in its page. */
  async function open(name: string, sees: string, text: string | RegExp): Promise<Frame> {
    await editor.page.locator('.explorer-folders-view .monaco-list-row', { hasText: name }).dblclick();
    await editor.page.locator('.tabs-container .tab.active', { hasText: name }).waitFor();
    for (;;) {
      const frame = await editor.webview(sees);
      // The page of the tab before may still be there.
      const found: Locator = frame.locator(sees, { hasText: text }).first();
      if (!(await found.waitFor({ timeout: 2000 }).then(() => true, () => false))) continue;
      await frame.getByRole('radio', { name: 'Flows' }).click();
      return frame;
    }
  }

  test('sees what was recorded in an untrusted folder: connections, their messages, their bytes', async () => {
    await open('friday.pcapng', '.file-words', /^\S+ KB · \d+ packets$/);
    const inspector = await InspectorPage.opened(editor);
    await inspector.flows().nth(2).waitFor();
    assert.equal(await inspector.flows().count(), 3);
    await inspector.selectFlow('checkout');
    await inspector.tab('Decoded');
    await inspector.said('GET /v1/orders/1').waitFor();
    await inspector.said('200 OK').waitFor();
    const facts = await inspector.tab('Flow');
    for (const words of ['shop', 'web', '127.0.0.1:8080', 'checkout · pid 4711', 'closed by client']) await facts.getByText(words).first().waitFor();
    await inspector.detail().locator('.hex').getByText('GET /v1/orders/1').first().waitFor();
    for (const button of ['Pause', 'Forget closed connections', 'Go to rule', 'Close connection']) assert.equal(await inspector.frame.getByRole('button', { name: button }).count(), 0, button);
    await editor.screenshot('capture file');
  });

  test('is told where a file is cut off, and sees what comes before', async () => {
    const frame = await open('cut off.pcapng', '.file-warning', /cut off\.pcapng is damaged at byte \d+/);
    await frame.getByRole('radio', { name: 'Flows' }).click();
    await frame.locator('.flow-list [data-flow]').nth(2).waitFor();
  });

  test('is told that a file is no capture', async () => {
    const frame = await open('notes.pcap', '.empty', 'notes.pcap is not a capture file that can be read: it is neither pcap nor pcapng.');
    assert.equal(await frame.locator('.flow-list').isVisible(), false);
  });

  test('is told that a file changed, and reads it again', async () => {
    await open('friday.pcapng', '.file-words', 'packets');
    writeFileSync(join(workspace, 'friday.pcapng'), recording(['/v1/orders/1', '/v1/orders/2', '/v1/orders/3', '/v1/orders/4']));
    const frame = await editor.webview('.file-since');
    await frame.getByRole('button', { name: 'Read again' }).click();
    await frame.getByRole('radio', { name: 'Flows' }).click();
    await frame.locator('.flow-list [data-flow]').nth(3).waitFor();
    await frame.locator('.file-since').waitFor({ state: 'hidden' });
  });
});
