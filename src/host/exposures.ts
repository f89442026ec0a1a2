// Addresses that other machines can reach are confirmed by a person, once each; the answer is remembered on this machine.

import * as vscode from 'vscode';
import { formatAddress, isExposed } from '../shared/address.js';
import { exposureNotConfirmed } from '../shared/errors.js';
import type { ListenerRule } from '../shared/rules.js';
import type { Dialogs } from './dialogs.js';
import { readSettings } from './settings.js';

const key = 'portPrism.confirmedExposures';

export class Exposures {
  constructor(private readonly memory: vscode.Memento, private readonly dialogs: Dialogs) {}

  get confirmed(): string[] {
    return readSettings().nonLoopback === 'never' ? [] : this.memory.get<string[]>(key, []);
  }

  /**
   * Asks for each address among the listeners that was not confirmed before.
   *
   * @throws MuxError `exposureNotConfirmed` when the setting forbids it
   * @returns false when the person said no
   */
  async confirm(listeners: readonly ListenerRule[]): Promise<boolean> {
    for (const listener of listeners) {
      if (!listener.isEnabled || !isExposed(listener.listen)) continue;
      const address = formatAddress(listener.listen);
      if (this.confirmed.includes(address)) continue;
      if (readSettings().nonLoopback === 'never') throw exposureNotConfirmed(address);
      const isAgreed = await this.dialogs.confirm(
        vscode.l10n.t('Let other machines reach {0}?', address),
        vscode.l10n.t('The listener "{0}" listens on an address that can be reached from your network. Anyone who reaches it reaches the services behind it. You are asked once for this address.', listener.name),
        vscode.l10n.t('Listen on {0}', address),
      );
      if (!isAgreed) return false;
      await this.memory.update(key, [...new Set([...this.confirmed, address])]);
    }
    return true;
  }

  async forget(): Promise<void> {
    await this.memory.update(key, undefined);
  }
}
