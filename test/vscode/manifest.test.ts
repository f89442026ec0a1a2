import assert from 'node:assert/strict';
import * as vscode from 'vscode';
import { access, extensionId } from './support.js';

suite('the extension in the editor', () => {
  test('activates without starting a worker', async () => {
    const { engine } = await access();
    assert.deepEqual(engine.workers, { engine: undefined, lens: undefined });
  });

  test('registers every command that the manifest declares', async () => {
    await access();
    const manifest = vscode.extensions.getExtension(extensionId)?.packageJSON as { contributes: { commands: { command: string }[] } };
    const declared = manifest.contributes.commands.map(({ command }) => command).sort();
    const registered = new Set(await vscode.commands.getCommands(true));
    assert.deepEqual(declared.filter((command) => !registered.has(command)), []);
    assert.ok(declared.length > 20);
  });

  test('declares every command that it registers', async () => {
    await access();
    const manifest = vscode.extensions.getExtension(extensionId)?.packageJSON as { contributes: { commands: { command: string }[] } };
    const declared = new Set(manifest.contributes.commands.map(({ command }) => command));
    const own = (await vscode.commands.getCommands(true)).filter((command) => command.startsWith('portPrism.'));
    // The editor itself adds commands for each view: focus, open, resetViewLocation, toggleVisibility, removeView, ...
    const views = ['portPrism.rules.', 'portPrism.connections.', 'portPrism.ruleEditor.'];
    assert.deepEqual(own.filter((command) => !declared.has(command) && !views.some((view) => command.startsWith(view))), []);
  });

  test('gives every setting a default and a sentence', () => {
    const manifest = vscode.extensions.getExtension(extensionId)?.packageJSON as {
      contributes: { configuration: { properties: Record<string, { default?: unknown; markdownDescription?: string }> }[] };
    };
    for (const group of manifest.contributes.configuration) {
      for (const [name, property] of Object.entries(group.properties)) {
        assert.notEqual(property.default, undefined, name);
        assert.match(property.markdownDescription ?? '', /\.$/, name);
      }
    }
  });

  test('knows the rule file as JSON that may carry comments', async () => {
    const document = await vscode.workspace.openTextDocument({ language: 'jsonc', content: '{}' });
    assert.equal(document.languageId, 'jsonc');
  });
});
