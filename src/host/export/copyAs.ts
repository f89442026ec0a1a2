// "Copy as…": a message as a command that says it again, on the clipboard.

import * as vscode from 'vscode';
import type { CopyForm, MessageId } from '../../shared/export.js';
import type { Dialogs } from '../dialogs.js';
import { plural } from '../format.js';
import { said } from '../said.js';
import type { LensClient } from '../services.js';

const t = vscode.l10n.t;

export async function copyMessageAs(lens: LensClient, message: MessageId, dialogs: Dialogs): Promise<void> {
  const { forms } = await lens.request('copy/forms', message);
  if (forms.length === 0) {
    await dialogs.tell('info', t('This message is nothing that a command could send again. Its bytes and its body can be copied.'));
    return;
  }
  const form = forms.length === 1 ? forms[0] : await dialogs.pick(forms.map((one) => ({ label: one, detail: detailOf(one), value: one })), t('Copy As'));
  if (form === undefined) return;
  await copy(lens, message, form, false, dialogs);
}

async function copy(lens: LensClient, message: MessageId, form: CopyForm, withSecrets: boolean, dialogs: Dialogs): Promise<void> {
  const copied = await lens.request('copy/as', { ...message, form, withSecrets });
  if (copied === null) return;
  const raw = t('Copy with Secrets');
  if (copied.refused !== undefined) {
    // What could not be masked can still be copied as it is.
    const pressed = await dialogs.tell('warning', `${t('Not copied as {0}.', form)} ${said(copied.refused)}`, ...(copied.masked === 0 ? [] : [raw]));
    if (pressed === raw) await copy(lens, message, form, true, dialogs);
    return;
  }
  await vscode.env.clipboard.writeText(copied.text);
  const masked = copied.masked === 0 ? '' : ` ${plural(copied.masked, '{0} secret is masked in it.', '{0} secrets are masked in it.')}`;
  const words = `${t('Copied as {0}.', form)}${masked}${copied.notes.map((note) => ` ${said(note)}`).join('')}`;
  if (copied.masked === 0 && copied.notes.length === 0) {
    vscode.window.setStatusBarMessage(words, 3000);
    return;
  }
  if ((await dialogs.tell('info', words, ...(copied.masked === 0 ? [] : [raw]))) === raw) await copy(lens, message, form, true, dialogs);
}

function detailOf(form: CopyForm): string {
  switch (form) {
    case 'curl':
      return t('Command for a POSIX shell, to the listener; bodies byte for byte');
    case 'fetch':
      return t('JavaScript for Node and browsers');
    case 'httpie':
      return t('Command of HTTPie');
    case 'redis-cli':
      return t('Command of Redis');
    case 'psql':
      return t('Command of PostgreSQL');
    case 'grpcurl':
      return t('Call of gRPC with its message as JSON');
    case 'mosquitto_pub':
      return t('Command of Mosquitto, for MQTT');
  }
}
