// Why a listener could not be bound, as a sentence for the person who can mend it.

import { formatAddress } from '../../shared/address.js';
import { addressNotAvailable, MuxError, portInUse, portNotAllowed, socketNotAllowed } from '../../shared/errors.js';
import type { Address } from '../../shared/rules.js';
import { say } from '../../shared/sentences.js';

/**
 * @param fault what `net.Server` reported
 * @param findHolder asked only when the address is in use; who has it, as `name (pid)`
 */
export async function listenFault(address: Address, fault: NodeJS.ErrnoException, findHolder: (address: Address) => Promise<string | undefined>): Promise<MuxError> {
  const text = formatAddress(address);
  switch (fault.code) {
    case 'EADDRINUSE':
      return portInUse(text, await findHolder(address), fault);
    case 'EACCES':
      return address.kind === 'path' ? socketNotAllowed(text, fault) : portNotAllowed(text, fault);
    case 'EADDRNOTAVAIL':
    case 'ENOTFOUND':
      return addressNotAvailable(text, fault);
    default:
      return new MuxError('internal', say`Port Prism cannot listen on ${text}: ${fault.message}.`, { address: text }, fault);
  }
}
