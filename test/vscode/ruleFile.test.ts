import assert from 'node:assert/strict';
import * as vscode from 'vscode';
import type { RuleNode } from '../../src/host/views/ruleNodes.js';
import { access, readRules, ruleFileUri, showRules, startOver, until, writeRules } from './support.js';

const rules = `// kept: above everything
{
  "listeners": [
    {
      "name": "dev",
      "listen": "127.0.0.1:0",
      "routes": [
        // kept: about web
        { "name": "web", "match": { "protocol": "http" }, "to": "8080" },
        { "name": "cache", "match": { "protocol": "redis" }, "to": "6379" }, // kept: beside cache
        { "name": "stock", "match": { "protocol": "ssh" }, "to": ["50051", "50052"] }
      ],
      "default": "9000"
    }
  ]
}
`;

suite('the rule file', () => {
  setup(startOver);
  suiteTeardown(startOver);

  test('is made from a template that has no error, and opens', async () => {
    const { ruleFiles } = await access();
    await vscode.commands.executeCommand('portPrism.createRuleFile');
    const file = ruleFiles.at(ruleFileUri());
    assert.equal(file?.exists, true);
    assert.deepEqual(file.errors, []);
    assert.ok((file.rules?.listeners.length ?? 0) > 0);
    const shown = vscode.window.activeTextEditor?.document;
    assert.equal(shown?.uri.toString(), ruleFileUri().toString());
    assert.equal(shown?.languageId, 'jsonc');
  });

  test('shows listeners, routes, the default and several upstreams as a tree', async () => {
    await writeRules(rules);
    assert.deepEqual(await outline(), [
      'dev: 127.0.0.1:0',
      '  web: http → 8080 [on]',
      '  cache: redis → 6379 [on]',
      '  stock: ssh → 50051, 50052 [on]',
      '    127.0.0.1:50051: not used yet',
      '    127.0.0.1:50052: not used yet',
      '  ↳ default: → 9000',
    ]);
  });

  test('keeps row objects and ids over a change, so that selection survives', async () => {
    const { rulesTree } = await access();
    await writeRules(rules);
    const [before] = await rulesTree.getChildren();
    await writeRules(rules.replace('8080', '8081'));
    const [after] = await rulesTree.getChildren();
    assert.equal(after, before);
  });

  test('that is broken keeps the last good rules and says where it is wrong', async () => {
    const { ruleFiles } = await access();
    await writeRules(rules);
    await writeRules(rules.replace('"match": { "protocol": "redis" }', '"mach": { "protocol": "redis" }'));
    assert.equal(ruleFiles.rules.listeners[0]?.routes.length, 3);
    const [problem] = ownProblems();
    assert.match(problem?.message ?? '', /mach.*match/s);
    assert.equal(problem?.range.start.line, 9);
    assert.equal((await outline())[0], 'port-prism.json has an error: the last good rules stay in force');
  });

  test('is said to be wrong once: the schema completes and explains, and leaves complaining to us', async () => {
    const broken = rules.replace('"match": { "protocol": "redis" }', '"mach": { "protocol": "redis" }').replace('"8080"', 'true');
    await writeRules(broken);
    const document = await showRules(broken);
    const offered = await vscode.commands.executeCommand<vscode.CompletionList>('vscode.executeCompletionItemProvider', ruleFileUri(), document.positionAt(document.getText().indexOf('"ssh"') + 1));
    assert.ok(offered.items.some(({ label }) => JSON.stringify(label).includes('postgres')));
    const said = vscode.languages.getDiagnostics(ruleFileUri()).map(({ source, message }) => `${source}: ${message}`);
    assert.deepEqual(said.map((line) => line.split(':')[0]), ['Port Prism', 'Port Prism'], said.join('\n'));
  });

  test('offers the right spelling as a quick fix that mends it', async () => {
    const { ruleFiles } = await access();
    const broken = rules.replace('"match": { "protocol": "redis" }', '"mach": { "protocol": "redis" }');
    await writeRules(broken);
    await showRules(broken);
    const [problem] = ownProblems();
    assert.ok(problem);
    const actions = await vscode.commands.executeCommand<vscode.CodeAction[]>('vscode.executeCodeActionProvider', ruleFileUri(), problem.range);
    const fix = actions.find((action) => action.isPreferred && action.edit !== undefined);
    assert.match(fix?.title ?? '', /match/);
    const mended = until(ruleFiles.onDidChange, () => ruleFiles.at(ruleFileUri())?.errors.length === 0);
    assert.ok(fix?.edit !== undefined && (await vscode.workspace.applyEdit(fix.edit)));
    await mended;
  });

  test('tells what is wrong as it is typed, and applies only what is saved', async () => {
    const { ruleFiles } = await access();
    await writeRules(rules);
    const document = await showRules(rules);
    const edit = new vscode.WorkspaceEdit();
    const at = document.getText().indexOf('"8080"');
    edit.replace(document.uri, new vscode.Range(document.positionAt(at), document.positionAt(at + 6)), '"no port"');
    const told = until(ruleFiles.onDidChange, () => (ruleFiles.at(ruleFileUri())?.errors.length ?? 0) > 0);
    await vscode.workspace.applyEdit(edit);
    await told;
    assert.equal(portOf('web'), 8080);
  });

  test('is edited without losing a comment: move, switch off, delete', async () => {
    const { rulesTree } = await access();
    await writeRules(rules);
    const cache = await row('cache');
    await vscode.commands.executeCommand('portPrism.rule.moveUp', cache);
    await vscode.commands.executeCommand('portPrism.rule.disable', await row('web'));
    await vscode.commands.executeCommand('portPrism.rule.delete', await row('stock'));
    assert.deepEqual(await outline(), ['dev: 127.0.0.1:0', '  cache: redis → 6379 [on]', '  web: http → 8080 · off [off]', '  ↳ default: → 9000']);
    const text = await readRules();
    for (const comment of ['// kept: above everything', '// kept: about web', '// kept: beside cache']) assert.ok(text.includes(comment), `${comment} in\n${text}`);
    assert.ok(rulesTree.rows);
  });

  test('takes a listener and a route from the questions of the wizard', async () => {
    const { answerWith, ruleFiles } = await access();
    const inputs = ['127.0.0.1:0', 'shop', '9000', '6379'];
    answerWith({
      input: () => Promise.resolve(inputs.shift()),
      pick: (choices) => Promise.resolve(choices.find(({ description }) => description === 'redis')?.value),
    });
    await vscode.commands.executeCommand('portPrism.addListener');
    await vscode.commands.executeCommand('portPrism.addRoute');
    const [listener] = ruleFiles.rules.listeners;
    assert.equal(listener?.name, 'shop');
    assert.deepEqual(listener.routes.map(({ name, condition }) => [name, condition]), [['redis', { kind: 'protocol', ids: ['redis'] }]]);
    assert.equal(listener.fallback?.upstreams.length, 1);
  });

  test('gives the form a fragment, refuses a bad value, and saves a good one in place', async () => {
    const { ruleFiles } = await access();
    await writeRules(rules);
    const selection = await ruleFiles.select({ file: ruleFileUri().toString(), listener: 'dev', route: 'cache' });
    assert.ok(selection.kind === 'route');
    const bad = await ruleFiles.save(ruleFileUri(), selection.path, { name: 'cache', match: { protocol: 'redis' }, to: 'no port' }, selection.version);
    assert.equal(bad.saved, false);
    assert.equal(portOf('cache'), 6379);
    const good = await ruleFiles.save(ruleFileUri(), selection.path, { name: 'cache', match: { protocol: 'redis' }, to: '6380' }, selection.version);
    assert.deepEqual(good, { saved: true, problems: [] });
    assert.equal(portOf('cache'), 6380);
    assert.ok((await readRules()).includes('// kept: beside cache'));
  });

  test('does not save a form over a change that came meanwhile', async () => {
    const { ruleFiles } = await access();
    await writeRules(rules);
    const selection = await ruleFiles.select({ file: ruleFileUri().toString(), listener: 'dev', route: 'cache' });
    assert.ok(selection.kind === 'route');
    await writeRules(rules.replace('"6379"', '"6390"'));
    const answer = await ruleFiles.save(ruleFileUri(), selection.path, { name: 'cache', match: { protocol: 'redis' }, to: '6380' }, selection.version);
    assert.equal(answer.saved, false);
    assert.equal(portOf('cache'), 6390);
  });

  function ownProblems(): vscode.Diagnostic[] {
    return vscode.languages.getDiagnostics(ruleFileUri()).filter(({ source }) => source === 'Port Prism');
  }

  /** Destination of a route in the rules in force. */
  function portOf(route: string): number | undefined {
    const file = vscode.extensions.getExtension<Awaited<ReturnType<typeof access>>>('port-prism.port-prism')?.exports.ruleFiles;
    const [upstream] = file?.rules.listeners[0]?.routes.find(({ name }) => name === route)?.to.upstreams ?? [];
    return upstream?.kind === 'tcp' ? upstream.port : undefined;
  }
});

async function row(label: string): Promise<RuleNode> {
  const { rulesTree } = await access();
  for (const node of rulesTree.rows) if (String(rulesTree.getTreeItem(node).label) === label) return node;
  throw new Error(`no row ${label}`);
}

/** The tree as a person reads it. */
async function outline(node?: RuleNode, indent = ''): Promise<string[]> {
  const { rulesTree } = await access();
  const lines: string[] = [];
  for (const child of await rulesTree.getChildren(node)) {
    const item = rulesTree.getTreeItem(child);
    const checkbox = typeof item.checkboxState === 'object' ? (item.checkboxState.state === vscode.TreeItemCheckboxState.Checked ? ' [on]' : ' [off]') : '';
    lines.push(`${indent}${String(item.label)}: ${String(item.description)}${checkbox}`, ...(await outline(child, `${indent}  `)));
  }
  return lines;
}
