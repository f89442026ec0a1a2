// What asks a person something. Tests put their own answers in: a real dialog would wait for ever.

import { homedir } from 'node:os';
import * as vscode from 'vscode';

export interface Choice<T> {
  label: string;
  description?: string;
  detail?: string;
  icon?: string;
  isPicked?: boolean;
  value: T;
}

export interface Dialogs {
  /** @returns undefined when the person left */
  pick<T>(choices: readonly Choice<T>[], title: string, step?: { at: number; of: number }): Promise<T | undefined>;
  /** @param check a sentence for what is wrong with the text, undefined when it is good; one that takes a while may be overtaken by what is typed next */
  input(options: { title: string; prompt: string; value?: string; placeholder?: string; step?: { at: number; of: number }; check?(text: string): string | undefined | Promise<string | undefined> }): Promise<string | undefined>;
  /** Modal; true = the person pressed `action`. Only for what can be seen from outside or is lost. */
  confirm(message: string, detail: string, action: string): Promise<boolean>;
  /** A file to write to. @param ending without its full stop @returns undefined when the person left */
  save(options: { title: string; name: string; kind: string; ending: string }): Promise<vscode.Uri | undefined>;
  /** A folder to write into. */
  folder(title: string): Promise<vscode.Uri | undefined>;
  /** Runs something that takes long, with its progress shown and a way out. */
  progress<T>(title: string, work: (tell: (share: number, words: string) => void, cancelled: vscode.CancellationToken) => Promise<T>): Promise<T>;
  /** Resolves with the pressed button once the message is gone. */
  tell(severity: 'info' | 'warning' | 'error', message: string, ...actions: string[]): Promise<string | undefined>;
}

export class EditorDialogs implements Dialogs {
  pick<T>(choices: readonly Choice<T>[], title: string, step?: { at: number; of: number }): Promise<T | undefined> {
    return new Promise((resolve) => {
      const list = vscode.window.createQuickPick<vscode.QuickPickItem & { value: T }>();
      list.title = title;
      list.step = step?.at;
      list.totalSteps = step?.of;
      list.matchOnDescription = true;
      list.items = choices.map((choice) => ({
        label: choice.icon === undefined ? choice.label : `$(${choice.icon}) ${choice.label}`,
        description: choice.description,
        detail: choice.detail,
        value: choice.value,
      }));
      const picked = choices.findIndex((choice) => choice.isPicked);
      const active = list.items[picked];
      if (active !== undefined) list.activeItems = [active];
      list.onDidAccept(() => {
        resolve(list.selectedItems[0]?.value);
        list.hide();
      });
      list.onDidHide(() => {
        resolve(undefined);
        list.dispose();
      });
      list.show();
    });
  }

  input(options: Parameters<Dialogs['input']>[0]): Promise<string | undefined> {
    return new Promise((resolve) => {
      const box = vscode.window.createInputBox();
      box.title = options.title;
      box.prompt = options.prompt;
      box.value = options.value ?? '';
      box.placeholder = options.placeholder;
      box.step = options.step?.at;
      box.totalSteps = options.step?.of;
      const check = async (text: string): Promise<boolean> => {
        const problem = await options.check?.(text);
        if (text !== box.value) return false;
        box.validationMessage = problem;
        return problem === undefined || problem === '';
      };
      box.onDidChangeValue((text) => {
        if (text === '') box.validationMessage = undefined;
        else void check(text);
      });
      box.onDidAccept(async () => {
        const text = box.value;
        if (!(await check(text))) return;
        resolve(text);
        box.hide();
      });
      box.onDidHide(() => {
        resolve(undefined);
        box.dispose();
      });
      box.show();
    });
  }

  async confirm(message: string, detail: string, action: string): Promise<boolean> {
    return (await vscode.window.showWarningMessage(message, { modal: true, detail }, action)) === action;
  }

  async save({ title, name, kind, ending }: { title: string; name: string; kind: string; ending: string }): Promise<vscode.Uri | undefined> {
    return vscode.window.showSaveDialog({ title, defaultUri: vscode.Uri.joinPath(homeOf(), `${name}.${ending}`), filters: { [kind]: [ending] } });
  }

  async folder(title: string): Promise<vscode.Uri | undefined> {
    const [chosen] = (await vscode.window.showOpenDialog({ title, defaultUri: homeOf(), canSelectFiles: false, canSelectFolders: true, openLabel: title })) ?? [];
    return chosen;
  }

  async progress<T>(title: string, work: (tell: (share: number, words: string) => void, cancelled: vscode.CancellationToken) => Promise<T>): Promise<T> {
    return vscode.window.withProgress({ location: vscode.ProgressLocation.Notification, title, cancellable: true }, (progress, cancelled) => {
      let told = 0;
      return work((share, words) => {
        progress.report({ message: words, increment: Math.max(0, share * 100 - told) });
        told = Math.max(told, share * 100);
      }, cancelled);
    });
  }

  async tell(severity: 'info' | 'warning' | 'error', message: string, ...actions: string[]): Promise<string | undefined> {
    switch (severity) {
      case 'info':
        return vscode.window.showInformationMessage(message, ...actions);
      case 'warning':
        return vscode.window.showWarningMessage(message, ...actions);
      case 'error':
        return vscode.window.showErrorMessage(message, ...actions);
    }
  }
}

/** Where files go that nobody has a place for: the first folder that is open, else home. */
function homeOf(): vscode.Uri {
  return vscode.workspace.workspaceFolders?.[0]?.uri ?? vscode.Uri.file(homedir());
}
