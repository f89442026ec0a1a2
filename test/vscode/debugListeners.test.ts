import assert from 'node:assert/strict';
import * as vscode from 'vscode';
import type { TestAccess } from '../../src/extension.js';
import { access, freePort, isFree, recordTold, startFake, startOver, until, writeRules } from './support.js';

suite('listeners for debugging', () => {
  let it: TestAccess;
  let ports: [dev: number, extra: number];

  suiteSetup(async () => {
    it = await access();
  });

  setup(async () => {
    await startOver();
    ports = [await freePort(), await freePort()];
    await writeRules(JSON.stringify({ listeners: [
      { name: 'dev', listen: `127.0.0.1:${ports[0]}`, routes: [] },
      { name: 'extra one', listen: `127.0.0.1:${ports[1]}`, routes: [] },
      { name: 'any', listen: '127.0.0.1:0', routes: [] },
    ] }));
  });

  teardown(async () => {
    await vscode.debug.stopDebugging();
    for (const { terminate } of vscode.tasks.taskExecutions) terminate();
    for (const [section, key] of [['portPrism', 'debug.startListeners'], ['portPrism', 'terminal.environment'], ['tasks', 'tasks'], ['tasks', 'version']] as const) await configure(section, key, undefined);
    await startOver();
  });

  test('the setting starts them before the program, and stops what it started after the last session', async () => {
    await vscode.commands.executeCommand('portPrism.listener.start', idOf('extra one'));
    await configure('portPrism', 'debug.startListeners', ['dev', 'extra one']);
    // The program gives up at once when its port is not there.
    const session = await startFake('needs its port', { needsPort: ports[0] });
    assert.deepEqual(running(), ['dev', 'extra one']);
    await vscode.debug.stopDebugging(session);
    await until(it.engine.onStatus, () => !running().includes('dev'));
    assert.deepEqual(running(), ['extra one']);
    assert.ok(await isFree(ports[0]));
  });

  test('without the setting nothing starts', async () => {
    await startFake('on its own');
    assert.deepEqual(it.engine.status.listeners, []);
  });

  test('a task is offered for each listener and for all', async () => {
    const tasks = await vscode.tasks.fetchTasks({ type: 'portPrism' });
    assert.deepEqual(tasks.map(({ name }) => name).sort(), ['all listeners', 'any', 'dev', 'extra one']);
    assert.ok(tasks.every(({ isBackground }) => isBackground));
  });

  test('a task of tasks.json is waited for as preLaunchTask, and stops its listener when it is ended', async () => {
    await configure('tasks', 'version', '2.0.0');
    await configure('tasks', 'tasks', [{ type: 'portPrism', label: 'prism', listeners: ['dev'] }]);
    await startFake('after the task', { preLaunchTask: 'prism', needsPort: ports[0] });
    assert.deepEqual(running(), ['dev']);
    const execution = vscode.tasks.taskExecutions.find(({ task }) => task.name === 'prism');
    assert.ok(execution);
    execution.terminate();
    await until(it.engine.onStatus, () => running().length === 0);
    assert.ok(await isFree(ports[0]));
  });

  test('a task ends with a fault when there is no such listener, and by itself when its listener is stopped elsewhere', async () => {
    assert.equal(await exitCode({ type: 'portPrism', listeners: ['nobody'] }), 1);
    const started = until(it.engine.onStatus, () => running().includes('dev'));
    const ended = exitCode({ type: 'portPrism', listeners: ['dev'] });
    await started;
    await vscode.commands.executeCommand('portPrism.stopAll');
    assert.equal(await ended, 0);
  });

  test('a launch file gets the address of a listener, without starting it', async () => {
    assert.equal(await vscode.commands.executeCommand('portPrism.address', { listener: 'dev' }), `127.0.0.1:${ports[0]}`);
    it.answerWith({ pick: (choices) => Promise.resolve(choices.find(({ label }) => label === 'extra one')?.value) });
    const session = await startFake('with an address', { target: '${command:portPrism.address}' });
    assert.equal(((await session.customRequest('test/launched')) as { target: string }).target, `127.0.0.1:${ports[1]}`);
    assert.deepEqual(it.engine.status.listeners, []);
  });

  test('a listener on a free port has an address once it runs: the person is asked, or the launch file says so', async () => {
    const told = recordTold(it.answerWith);
    assert.equal(await vscode.commands.executeCommand('portPrism.address', { listener: 'any' }), undefined);
    assert.match(told[0] ?? '', /"any".*free port/);
    const address = await vscode.commands.executeCommand('portPrism.address', { listener: 'any', start: true });
    assert.match(String(address), /^127\.0\.0\.1:[1-9]\d*$/);
    assert.deepEqual(running(), ['any']);
    assert.equal(await vscode.commands.executeCommand('portPrism.address'), address);
  });

  test('terminals get the addresses of running listeners when that is wanted, and lose them', async () => {
    const variables = (): [string, string][] => {
      const found: [string, string][] = [];
      it.terminalVariables.forEach((name, { value }) => found.push([name, value]));
      return found;
    };
    await vscode.commands.executeCommand('portPrism.listener.start', idOf('extra one'));
    assert.deepEqual(variables(), []);
    await configure('portPrism', 'terminal.environment', true);
    assert.deepEqual(variables(), [['PORT_PRISM_EXTRA_ONE', `127.0.0.1:${ports[1]}`]]);
    await vscode.commands.executeCommand('portPrism.stopAll');
    assert.deepEqual(variables(), []);
    await vscode.commands.executeCommand('portPrism.listener.start', idOf('dev'));
    assert.deepEqual(variables(), [['PORT_PRISM_DEV', `127.0.0.1:${ports[0]}`]]);
    await configure('portPrism', 'terminal.environment', false);
    assert.deepEqual(variables(), []);
  });

  function idOf(name: string): string | undefined {
    return it.ruleFiles.rules.listeners.find((listener) => listener.name === name)?.id;
  }

  function running(): string[] {
    return it.engine.status.listeners.filter(({ state }) => state === 'listening').map(({ name }) => name);
  }

  /** Runs a task as the Run Task list would, and resolves with the code it ends with. */
  async function exitCode(definition: vscode.TaskDefinition & { listeners: string[] }): Promise<number | undefined> {
    await configure('tasks', 'version', '2.0.0');
    await configure('tasks', 'tasks', [{ ...definition, label: definition.listeners.join() }]);
    const task = (await vscode.tasks.fetchTasks({ type: 'portPrism' })).find(({ name }) => name === definition.listeners.join());
    assert.ok(task);
    return new Promise((resolve) => {
      const subscription = vscode.tasks.onDidEndTaskProcess(({ execution, exitCode: code }) => {
        if (execution.task.name !== task.name) return;
        subscription.dispose();
        resolve(code);
      });
      void vscode.tasks.executeTask(task);
    });
  }
});

async function configure(section: string, key: string, value: unknown): Promise<void> {
  await vscode.workspace.getConfiguration(section).update(key, value, vscode.ConfigurationTarget.Workspace);
}
