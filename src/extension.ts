// Composition root: builds the objects, registers them, returns. Nothing here listens, parses or starts a thread:
// rule files are read once the views are there, workers start with the first listener.

import * as vscode from 'vscode';
import { Commands } from './host/commands.js';
import { ContextKeys } from './host/contextKeys.js';
import { DebugCommands } from './host/debug/debugCommands.js';
import { DebugFeed } from './host/debug/debugFeed.js';
import { DebugListeners } from './host/debug/debugListeners.js';
import { DebugSessions } from './host/debug/debugSessions.js';
import { ListenerTasks } from './host/debug/listenerTasks.js';
import { TerminalEnvironment } from './host/debug/terminalEnvironment.js';
import { EditorDialogs, type Dialogs } from './host/dialogs.js';
import { EngineSupervisor } from './host/engineClient.js';
import { TakeAlong } from './host/export/takeAlong.js';
import { Exposures } from './host/exposures.js';
import { Failures } from './host/failures.js';
import { HoldControl } from './host/hold/holdControl.js';
import { CaptureEditors } from './host/panels/captureEditors.js';
import { OpenPages } from './host/panels/inspectorPage.js';
import { InspectorPanel } from './host/panels/inspectorPanel.js';
import { savedIn } from './host/panels/listRequests.js';
import { ProtoFiles } from './host/protoFiles.js';
import { Replays } from './host/replay/replays.js';
import { FilterFeed } from './host/rules/filterFeed.js';
import { RuleDiagnostics } from './host/rules/ruleDiagnostics.js';
import { RuleFileStore } from './host/rules/ruleFileStore.js';
import { RuleServiceLoader } from './host/rules/ruleService.js';
import { readSettings } from './host/settings.js';
import { ConnectionsTree } from './host/views/connectionsTree.js';
import { RuleEditorView } from './host/views/ruleEditorView.js';
import { RulesTree } from './host/views/rulesTree.js';
import { StatusBar } from './host/views/statusBar.js';
import { Owner, background } from './shared/lifecycle.js';

/** What tests reach inside the editor; people get nothing. */
export interface TestAccess {
  engine: EngineSupervisor;
  ruleFiles: RuleFileStore;
  rulesTree: RulesTree;
  connectionsTree: ConnectionsTree;
  debugSessions: DebugSessions;
  captures: CaptureEditors;
  /** what new terminals get */
  terminalVariables: vscode.EnvironmentVariableCollection;
  answerWith(dialogs: Partial<Dialogs>): void;
}

let running: EngineSupervisor | undefined;

export function activate(context: vscode.ExtensionContext): TestAccess | undefined {
  const owner = new Owner();
  context.subscriptions.push(owner);
  const { extensionUri } = context;
  const log = owner.register(vscode.window.createOutputChannel('Port Prism', { log: true }));
  const dialogs: Dialogs = new EditorDialogs();
  const service = new RuleServiceLoader(context.asAbsolutePath('dist/rules.js'));
  const ruleFiles = owner.register(new RuleFileStore(context.globalStorageUri, service, dialogs, log));
  const exposures = new Exposures(context.globalState, dialogs);
  const entries = { engine: context.asAbsolutePath('dist/engine.js'), lens: context.asAbsolutePath('dist/lens.js') };
  const engine = owner.register(new EngineSupervisor({ ruleFiles, exposures, entries, log }));
  running = engine;
  const { report } = owner.register(new Failures({ engine, dialogs, log }));
  const rulesTree = owner.register(new RulesTree({ ruleFiles, engine, log, report }));
  const debugSessions = owner.register(new DebugSessions(log));
  const connectionsTree = owner.register(new ConnectionsTree(engine, debugSessions, report));
  const ruleEditor = owner.register(new RuleEditorView({ extensionUri, ruleFiles, log }));
  const version = String((context.extension.packageJSON as { version?: unknown }).version ?? '');
  const pages = new OpenPages();
  const takeAlong = owner.register(new TakeAlong({ engine, pages, dialogs, filters: () => ruleFiles.list.flatMap(savedIn), version, log, report }));
  const protoFiles = owner.register(new ProtoFiles(engine, log));
  const filterFeed = owner.register(new FilterFeed(engine, ruleFiles, log));
  const pageDeps = { extensionUri, ruleFiles, texts: takeAlong.texts, exports: takeAlong.exports, dialogs, memory: context.globalState, pages, log };
  const inspector = owner.register(new InspectorPanel({ ...pageDeps, engine, debug: debugSessions }));
  const captures = owner.register(new CaptureEditors({ ...pageDeps, lensEntry: entries.lens, protoFiles, filterFeed }));
  owner.register(new DebugFeed(engine, debugSessions, log));
  owner.register(new DebugListeners({ engine, ruleFiles, debug: debugSessions, log, report }));
  owner.register(new ListenerTasks(engine, ruleFiles));
  owner.register(new TerminalEnvironment(engine, ruleFiles, context.environmentVariableCollection));
  const debugCommands = new DebugCommands({ debug: debugSessions, engine, ruleFiles, dialogs, showInspector: () => inspector.show() });
  owner.register(new RuleDiagnostics(ruleFiles));
  owner.register(new ContextKeys(engine, ruleFiles));
  owner.register(new StatusBar(engine, ruleFiles));
  const hold = owner.register(new HoldControl({ engine, dialogs, report }));
  const replays = owner.register(new Replays({ dialogs, lensFor: (argument) => takeAlong.lensFor(argument) }));
  owner.register(new Commands({
    engine,
    ruleFiles,
    rulesTree,
    connectionsTree,
    inspector,
    takeAlong,
    hold,
    replays,
    debugCommands,
    exposures,
    dialogs,
    log,
    report,
  }));
  owner.register(rulesTree.onDidSelect((position) => ruleEditor.select(position)));
  const startIfWanted = (): void => background(autoStart(engine, ruleFiles), report);
  owner.register(vscode.workspace.onDidGrantWorkspaceTrust(startIfWanted));
  startIfWanted();
  return context.extensionMode === vscode.ExtensionMode.Test
    ? { engine, ruleFiles, rulesTree, connectionsTree, debugSessions, captures, terminalVariables: context.environmentVariableCollection, answerWith: (answers) => Object.assign(dialogs, answers) }
    : undefined;
}

/** The window closes: ports are free and threads gone when this resolves. */
export function deactivate(): Promise<void> | undefined {
  return running?.close();
}

/** Reads the rule files once the views are there; starts listeners only where a person asked for that. */
async function autoStart(engine: EngineSupervisor, ruleFiles: RuleFileStore): Promise<void> {
  await ruleFiles.load();
  const isAnythingThere = ruleFiles.rules.listeners.some(({ isEnabled }) => isEnabled);
  if (readSettings().autoStart && vscode.workspace.isTrusted && isAnythingThere) await engine.start();
}
