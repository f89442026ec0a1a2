// Everything a person can press, one row each: the manifest declares the same ids (a test compares the two).

import * as vscode from 'vscode';
import { formatAddress } from '../shared/address.js';
import { Owner } from '../shared/lifecycle.js';
import type { DebugCommands } from './debug/debugCommands.js';
import type { Dialogs } from './dialogs.js';
import { isUp, type EngineSupervisor } from './engineClient.js';
import { messageOf, type TakeAlong } from './export/takeAlong.js';
import type { Exposures } from './exposures.js';
import { clientAddress } from './flowWords.js';
import { nextFreePort } from './freePort.js';
import type { HoldControl } from './hold/holdControl.js';
import { captureViewType } from './panels/captureEditors.js';
import type { InspectorPanel } from './panels/inspectorPanel.js';
import type { RuleFileModel } from './rules/ruleFileModel.js';
import type { RuleFileStore } from './rules/ruleFileStore.js';
import { askListener, askRoute } from './rules/ruleWizard.js';
import type { Replays } from './replay/replays.js';
import { Targets } from './targets.js';
import type { ConnectionsTree } from './views/connectionsTree.js';
import { positionOf, type ListenerNode, type RouteNode } from './views/ruleNodes.js';
import type { RulesTree } from './views/rulesTree.js';

const t = vscode.l10n.t;

export interface CommandsOptions {
  engine: EngineSupervisor;
  ruleFiles: RuleFileStore;
  rulesTree: RulesTree;
  connectionsTree: ConnectionsTree;
  inspector: InspectorPanel;
  debugCommands: DebugCommands;
  exposures: Exposures;
  hold: HoldControl;
  replays: Replays;
  takeAlong: TakeAlong;
  dialogs: Dialogs;
  log: vscode.LogOutputChannel;
  report(fault: unknown): void;
}

export class Commands extends Owner {
  private readonly targets: Targets;

  constructor(private readonly options: CommandsOptions) {
    super();
    this.targets = new Targets(options.rulesTree, options.connectionsTree, options.dialogs, (argument) => options.takeAlong.lensFor(argument));
    for (const [id, run] of Object.entries(this.table())) {
      this.register(vscode.commands.registerCommand(id, async (...args: unknown[]) => {
        try {
          return await run(...args);
        } catch (fault) {
          options.report(fault);
        }
      }));
    }
  }

  private table(): Record<string, (...args: unknown[]) => unknown> {
    const { engine, inspector, takeAlong, hold, replays, debugCommands, log, exposures } = this.options;
    return {
      'portPrism.startAll': () => this.startAll(),
      'portPrism.stopAll': () => engine.stop(),
      'portPrism.toggle': () => (engine.status.listeners.some(isUp) ? engine.stop() : this.startAll()),
      'portPrism.listener.start': (node) => this.startListener(node),
      'portPrism.listener.stop': (node) => this.stopListener(node),
      'portPrism.listener.copyAddress': (node) => this.copyListenerAddress(node),
      'portPrism.addListener': () => this.addListener(),
      'portPrism.addRoute': (node) => this.addRoute(node),
      'portPrism.rule.edit': (node) => this.edit(node),
      'portPrism.rule.reveal': (node) => this.reveal(node),
      'portPrism.rule.delete': (node) => this.delete(node),
      'portPrism.rule.moveUp': (node) => this.move(node, -1),
      'portPrism.rule.moveDown': (node) => this.move(node, 1),
      'portPrism.rule.enable': (node) => this.setEnabled(node, true),
      'portPrism.rule.disable': (node) => this.setEnabled(node, false),
      'portPrism.useFreePort': (node) => this.useFreePort(node),
      'portPrism.createRuleFile': () => this.options.ruleFiles.create(),
      'portPrism.openRuleFile': (node) => this.openRuleFile(node),
      'portPrism.openInspector': () => inspector.show(),
      'portPrism.openCapture': () => this.openCapture(),
      'portPrism.inspectPort': (port) => this.inspectPort(port),
      'portPrism.connection.open': (node, more) => this.openConnection(node, more),
      'portPrism.connection.close': (node, more) => this.closeConnections(node, more),
      'portPrism.connection.copyAddress': (node, more) => this.copyConnectionAddress(node, more),
      'portPrism.connection.goToRule': (node, more) => this.goToRule(node, more),
      'portPrism.connection.export': (node, more) => this.exportConnections(node, more),
      'portPrism.message.export': (message) => takeAlong.exportMessage(message),
      'portPrism.message.copyAs': (message) => takeAlong.copyAs(message),
      'portPrism.message.openBody': (message) => takeAlong.openBody(message),
      'portPrism.message.openText': (message) => takeAlong.openText(message),
      'portPrism.message.selectForCompare': (message) => takeAlong.selectForCompare(message),
      'portPrism.message.compare': (message) => takeAlong.compareWithSelected(message),
      'portPrism.flow.openText': (node, more) => this.openFlowText(node, more),
      'portPrism.flow.compare': (node, more) => this.compareFlows(node, more),
      'portPrism.record.start': () => takeAlong.recording.start(),
      'portPrism.record.stop': () => takeAlong.recording.stop(),
      'portPrism.export': () => takeAlong.exportAll(),
      'portPrism.capture.clear': () => engine.lens?.request('flows/clear', null),
      'portPrism.inspector.copyHex': () => inspector.command('copyHex'),
      'portPrism.inspector.copyText': () => inspector.command('copyText'),
      'portPrism.inspector.copyBase64': () => inspector.command('copyBase64'),
      'portPrism.inspector.copyAs': () => this.copyAs(),
      'portPrism.inspector.find': () => inspector.command('find'),
      'portPrism.inspector.pause': () => inspector.command('pause'),
      'portPrism.message.filterByThis': () => inspector.command('filterByThis'),
      'portPrism.message.mark': () => inspector.command('mark'),
      'portPrism.inspector.exportSelected': () => inspector.command('export'),
      'portPrism.inspector.compareSelected': () => inspector.command('compare'),
      'portPrism.hold.start': () => hold.start(),
      'portPrism.hold.stop': () => hold.stop(),
      'portPrism.hold.show': () => hold.show(),
      'portPrism.held.release': (document) => hold.letGo(document),
      'portPrism.held.drop': (document) => hold.drop(document),
      'portPrism.held.answer': (document) => hold.answer(document),
      'portPrism.inspector.onlySession': (row) => debugCommands.onlySession(row),
      'portPrism.inspector.sinceRestart': (row) => debugCommands.sinceRestart(row),
      'portPrism.inspector.allSessions': () => debugCommands.allSessions(),
      'portPrism.address': (request) => debugCommands.address(request),
      'portPrism.message.resend': (row) => replays.resend(row, messageOf(row)),
      'portPrism.message.editAndResend': (row) => replays.edit(row, messageOf(row)),
      'portPrism.flow.resend': (row, more) => this.resendFlow(row, more),
      'portPrism.replay.send': (document) => replays.sendEdited(document, false),
      'portPrism.replay.sendElsewhere': (document) => replays.sendEdited(document, true),
      'portPrism.forgetExposures': () => exposures.forget(),
      'portPrism.showLog': () => log.show(),
    };
  }

  private async openCapture(): Promise<void> {
    const [uri] = (await vscode.window.showOpenDialog({ title: t('Open Capture File'), filters: { [t('Captures')]: ['pcapng', 'pcap', 'cap'], [t('All files')]: ['*'] } })) ?? [];
    if (uri !== undefined) await vscode.commands.executeCommand('vscode.openWith', uri, captureViewType);
  }

  private async copyAs(): Promise<void> {
    const literal = (language: string): string => t('{0} literal', language);
    const form = await this.options.dialogs.pick([
      { label: t('Hex'), value: 'hex' },
      { label: t('Hex dump'), value: 'dump' },
      { label: t('Text'), value: 'text' },
      { label: 'Base64', value: 'base64' },
      { label: literal('C'), value: 'c' },
      { label: literal('Python'), value: 'python' },
      { label: literal('JavaScript'), value: 'javascript' },
      { label: literal('Go'), value: 'go' },
    ], t('Copy the selected bytes as'));
    if (form !== undefined) this.options.inspector.command(`copy ${form}`);
  }

  private async startAll(): Promise<void> {
    const { engine, ruleFiles, dialogs } = this.options;
    await ruleFiles.load();
    if (ruleFiles.rules.listeners.some(({ isEnabled }) => isEnabled)) {
      await engine.start();
      return;
    }
    // Broken rules that never were good: starting says so in its own words.
    if (ruleFiles.list.some((file) => file.exists && file.rules === undefined)) await engine.start();
    const isThere = ruleFiles.rules.listeners.length > 0;
    const message = isThere ? t('Every listener is switched off. Enable one in the Rules view.') : t('There is no listener to start yet.');
    const [create, add] = [t('Create Rule File'), t('Add Listener')];
    const pressed = await dialogs.tell('info', message, ...(isThere ? [] : ruleFiles.exists ? [add] : [create]));
    if (pressed === create) await ruleFiles.create();
    if (pressed === add) await this.addListener();
  }

  private async startListener(argument: unknown): Promise<void> {
    const node = await this.targets.listener(argument, t('Start Listener'), ({ rule }) => rule.isEnabled && !this.isUp(rule.id));
    if (node !== undefined) await this.options.engine.start(node.rule.id);
  }

  private async stopListener(argument: unknown): Promise<void> {
    const node = await this.targets.listener(argument, t('Stop Listener'), ({ rule }) => this.isUp(rule.id));
    if (node !== undefined) await this.options.engine.stop(node.rule.id);
  }

  private async copyListenerAddress(argument: unknown): Promise<void> {
    const node = await this.targets.listener(argument, t('Copy Address of Listener'));
    if (node === undefined) return;
    const bound = this.options.engine.status.listeners.find(({ id }) => id === node.rule.id)?.address;
    await vscode.env.clipboard.writeText(formatAddress(bound ?? node.rule.listen));
  }

  private async addListener(): Promise<void> {
    const { ruleFiles, dialogs, rulesTree } = this.options;
    await ruleFiles.load();
    const file = await this.chooseFile(t('Folder that the listener is for'));
    if (file === undefined) return;
    const taken = (file.rules?.listeners ?? []).map(({ name }) => name);
    const value = await askListener(dialogs, taken);
    if (value === undefined) return;
    await ruleFiles.ensure(file);
    await ruleFiles.edit(file.uri, [{ kind: 'insert', path: ['listeners'], index: taken.length, value }]);
    const added = file.rules?.listeners[taken.length];
    if (added !== undefined) await rulesTree.select({ file: file.uri.toString(), listener: added.name });
  }

  private async addRoute(argument: unknown): Promise<void> {
    const { ruleFiles, dialogs, rulesTree } = this.options;
    const node = await this.targets.listener(argument, t('Listener to add a route to'));
    if (node === undefined) {
      await this.addListener();
      return;
    }
    const taken = node.rule.routes.map(({ name }) => name);
    const value = await askRoute(dialogs, node.rule.name, taken, await ruleFiles.protocols());
    if (value === undefined) return;
    await ruleFiles.edit(node.file.uri, [{ kind: 'insert', path: ['listeners', node.index, 'routes'], index: taken.length, value }]);
    const added = node.file.rules?.listeners[node.index]?.routes[taken.length];
    if (added !== undefined) await rulesTree.select({ file: node.file.uri.toString(), listener: node.rule.name, route: added.name });
  }

  private async edit(argument: unknown): Promise<void> {
    const node = await this.targets.rule(argument, t('Edit Rule'));
    const position = node === undefined ? undefined : positionOf(node);
    if (position === undefined) return;
    await this.options.rulesTree.select(position);
    await vscode.commands.executeCommand('portPrism.ruleEditor.focus');
  }

  private async reveal(argument: unknown): Promise<void> {
    const node = await this.targets.rule(argument, t('Show Rule in File'));
    const position = node === undefined ? undefined : positionOf(node);
    if (position !== undefined) await this.options.ruleFiles.reveal(position);
  }

  private async delete(argument: unknown): Promise<void> {
    const node = await this.targets.rule(argument, t('Delete Rule'));
    if (node === undefined) return;
    const isAgreed = node.kind === 'route' || node.rule.routes.length === 0 || (await this.options.dialogs.confirm(
      t('Delete the listener "{0}" with its {1} routes?', node.rule.name, node.rule.routes.length),
      t('Undo in the rule file brings it back.'),
      t('Delete'),
    ));
    if (isAgreed) await this.options.ruleFiles.edit(fileOf(node).uri, [{ kind: 'remove', path: pathOf(node) }]);
  }

  private async move(argument: unknown, by: -1 | 1): Promise<void> {
    const title = by < 0 ? t('Move Rule Up') : t('Move Rule Down');
    const node = await this.targets.rule(argument, title, ({ index, count }) => 0 <= index + by && index + by < count);
    if (node !== undefined) await this.options.rulesTree.move(node, node.index + by);
  }

  private async setEnabled(argument: unknown, isEnabled: boolean): Promise<void> {
    const node = await this.targets.rule(argument, isEnabled ? t('Enable Rule') : t('Disable Rule'), ({ rule }) => rule.isEnabled !== isEnabled);
    if (node !== undefined && node.rule.isEnabled !== isEnabled) await this.options.rulesTree.setEnabled(node, isEnabled);
  }

  /** Writes the next free port into the file: a port that stays the same is worth more to clients than port 0. */
  private async useFreePort(argument: unknown): Promise<void> {
    const node = await this.targets.listener(argument, t('Use a Free Port'), ({ rule }) => rule.listen.kind === 'tcp');
    if (node?.rule.listen.kind !== 'tcp') return;
    const { host, port } = node.rule.listen;
    const free = await nextFreePort(host, port + 1);
    const { ruleFiles, engine, log } = this.options;
    await ruleFiles.edit(node.file.uri, [{ kind: 'set', path: ['listeners', node.index, 'listen'], value: formatAddress({ kind: 'tcp', host, port: free }) }]);
    log.info(`Listener ${node.rule.id} moved from port ${port} to ${free}`);
    await engine.start(node.rule.id);
  }

  private async openRuleFile(argument: unknown): Promise<void> {
    const { ruleFiles } = this.options;
    await ruleFiles.load();
    if (typeof argument === 'object' && argument !== null && 'kind' in argument && argument.kind === 'problem') {
      const { file } = argument as unknown as { file: RuleFileModel };
      const first = file.errors[0];
      const editor = await vscode.window.showTextDocument(file.uri);
      if (first !== undefined) editor.selection = new vscode.Selection(first.line, first.column, first.line, first.column);
      return;
    }
    const existing = ruleFiles.list.filter((file) => file.exists);
    if (existing.length === 0) {
      await ruleFiles.create();
      return;
    }
    const broken = existing.find((file) => file.errors.length > 0);
    const file = existing.length === 1 ? existing[0] : await this.options.dialogs.pick(
      existing.map((candidate) => ({ label: candidate.source, description: vscode.workspace.asRelativePath(candidate.uri), isPicked: candidate === broken, value: candidate })),
      t('Open Rule File'),
    );
    if (file !== undefined) await vscode.window.showTextDocument(file.uri);
  }

  /** From the editor's own Ports view: a listener that forwards to that port, so that its traffic can be seen. */
  private async inspectPort(argument: unknown): Promise<void> {
    const { ruleFiles, dialogs, engine } = this.options;
    await ruleFiles.load();
    const port = await this.portOf(argument);
    const file = port === undefined ? undefined : await this.chooseFile(t('Folder that the listener is for'));
    if (port === undefined || file === undefined) return;
    const taken = (file.rules?.listeners ?? []).map(({ name }) => name);
    const name = taken.includes(`port-${port}`) ? `port-${port}-${taken.length + 1}` : `port-${port}`;
    const free = await nextFreePort('127.0.0.1', port + 10_000 <= 65_535 ? port + 10_000 : port - 10_000);
    const isAgreed = await dialogs.tell('info', t('Port {0} stays as it is. A new listener on port {1} forwards to it and shows what passes: point your client there.', port, free), t('Add Listener on {0}', free));
    if (isAgreed === undefined) return;
    await ruleFiles.ensure(file);
    await ruleFiles.edit(file.uri, [{ kind: 'insert', path: ['listeners'], index: taken.length, value: { name, listen: String(free), routes: [], default: String(port) } }]);
    const added = file.rules?.listeners.at(-1);
    if (added !== undefined) await engine.start(added.id);
  }

  private async portOf(argument: unknown): Promise<number | undefined> {
    const given = typeof argument === 'object' && argument !== null && 'remotePort' in argument ? Number(argument.remotePort) : Number.NaN;
    if (Number.isInteger(given)) return given;
    const text = await this.options.dialogs.input({
      title: t('Inspect Port'), prompt: t('Port of the service whose traffic you want to see'), placeholder: '5432',
      check: (value) => (/^\d{1,5}$/.test(value) && 0 < Number(value) && Number(value) <= 65_535 ? undefined : t('Write a port from 1 to 65535.')),
    });
    return text === undefined ? undefined : Number(text);
  }

  private async openConnection(argument: unknown, more: unknown): Promise<void> {
    const [flow] = await this.targets.flows(argument, more, t('Inspect Connection'));
    if (flow !== undefined) this.options.inspector.show(flow.id);
  }

  private async closeConnections(argument: unknown, more: unknown): Promise<void> {
    const flows = await this.targets.flows(argument, more, t('Close Connection'), ({ state }) => state !== 'closed');
    if (flows.length > 0) await this.options.engine.closeFlows(flows.map(({ id }) => id));
  }

  private async copyConnectionAddress(argument: unknown, more: unknown): Promise<void> {
    const flows = await this.targets.flows(argument, more, t('Copy Client Address'));
    if (flows.length > 0) await vscode.env.clipboard.writeText(flows.map(clientAddress).join('\n'));
  }

  private async exportConnections(argument: unknown, more: unknown): Promise<void> {
    await this.options.takeAlong.exportFlows(argument, await this.targets.flows(argument, more, t('Export Connection')));
  }

  private async resendFlow(argument: unknown, more: unknown): Promise<void> {
    const [flow] = await this.targets.flows(argument, more, t('Send Client Side Again'));
    await this.options.replays.resendFlow(argument, flow);
  }

  private async openFlowText(argument: unknown, more: unknown): Promise<void> {
    const [flow] = await this.targets.flows(argument, more, t('Open Conversation as Text'));
    await this.options.takeAlong.openFlow(argument, flow);
  }

  private async compareFlows(argument: unknown, more: unknown): Promise<void> {
    await this.options.takeAlong.compareFlows(await this.targets.flows(argument, more, t('Compare Connections')));
  }

  private async goToRule(argument: unknown, more: unknown): Promise<void> {
    const { ruleFiles, rulesTree } = this.options;
    const [flow] = await this.targets.flows(argument, more, t('Go to Rule'));
    const position = flow === undefined ? undefined : (ruleFiles.find(flow.listenerId, flow.route) ?? ruleFiles.find(flow.listenerId));
    if (position === undefined) return;
    await ruleFiles.reveal(position);
    await rulesTree.select(position);
  }

  private async chooseFile(title: string): Promise<RuleFileModel | undefined> {
    const { list } = this.options.ruleFiles;
    if (list.length <= 1) return list[0];
    return this.options.dialogs.pick(list.map((file) => ({ label: file.source, description: vscode.workspace.asRelativePath(file.uri), value: file })), title);
  }

  private isUp(id: string): boolean {
    return this.options.engine.status.listeners.some((listener) => listener.id === id && isUp(listener));
  }
}

function fileOf(node: ListenerNode | RouteNode): RuleFileModel {
  return node.kind === 'route' ? node.parent.file : node.file;
}

function pathOf(node: ListenerNode | RouteNode): (string | number)[] {
  return node.kind === 'route' ? ['listeners', node.parent.index, 'routes', node.index] : ['listeners', node.index];
}
