// "Save…" of a conversation: asks for a file and writes into it while it reads, as slowly as the disk is.

import { open, rm } from 'node:fs/promises';
import { homedir } from 'node:os';
import * as vscode from 'vscode';
import { fileNotSaved } from '../../shared/errors.js';
import type { InspectorHostContract } from '../../shared/protocol.js';
import type { LensClient } from '../services.js';
import { followText, type FollowChoice } from './followText.js';

type Saved = InspectorHostContract['requests']['follow/save']['result'];

const t = vscode.l10n.t;
/** Pieces are gathered up to this many characters before they are written. */
const writeCharacters = 256 * 1024;

/** @returns null when the person left the dialog or stopped it; then no file is left behind */
export async function saveFollow(lens: LensClient, choice: FollowChoice): Promise<Saved> {
  const folder = vscode.workspace.workspaceFolders?.[0]?.uri ?? vscode.Uri.file(homedir());
  const uri = await vscode.window.showSaveDialog({
    title: t('Save the conversation'),
    defaultUri: vscode.Uri.joinPath(folder, `conversation-${choice.flow}.txt`),
    filters: { [t('Text')]: ['txt', 'log'] },
  });
  if (uri === undefined) return null;
  return vscode.window.withProgress({ location: vscode.ProgressLocation.Notification, title: t('Saving the conversation'), cancellable: true }, (_progress, token) => write(lens, choice, uri.fsPath, token));
}

async function write(lens: LensClient, choice: FollowChoice, file: string, token: vscode.CancellationToken): Promise<Saved> {
  let isStopped = false;
  let bytes = 0;
  try {
    const handle = await open(file, 'w');
    try {
      let text = '';
      const flush = async (): Promise<void> => {
        bytes += (await handle.write(text)).bytesWritten;
        text = '';
      };
      for await (const piece of followText(lens, choice)) {
        isStopped = token.isCancellationRequested;
        if (isStopped) break;
        text += piece;
        if (writeCharacters <= text.length) await flush();
      }
      await flush();
    } finally {
      await handle.close();
    }
  } catch (fault) {
    if (fault instanceof Error && 'syscall' in fault) throw fileNotSaved(file, fault.message, fault);
    throw fault;
  }
  if (!isStopped) return { file, bytes };
  await rm(file, { force: true });
  return null;
}
