// What asks a person something. Tests put their own answers in: a real dialog would wait for ever.

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
  /** @param check a sentence for what is wrong with the text, undefined when it is good */
  input(options: { title: string; prompt: string; value?: string; placeholder?: string; step?: { at: number; of: number }; check?(text: string): string | undefined }): Promise<string | undefined>;
  /** Modal; true = the person pressed `action`. Only for what can be seen from outside or is lost. */
  confirm(message: string, detail: string, action: string): Promise<boolean>;
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
      box.onDidChangeValue((text) => (box.validationMessage = text === '' ? undefined : options.check?.(text)));
      box.onDidAccept(() => {
        box.validationMessage = options.check?.(box.value);
        if (box.validationMessage !== undefined && box.validationMessage !== '') return;
        resolve(box.value);
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
