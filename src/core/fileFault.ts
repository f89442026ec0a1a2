// Why a file could not be read, as a phrase.

import { say } from '../shared/sentences.js';

export function reasonOf(fault: NodeJS.ErrnoException): string {
  switch (fault.code) {
    case 'ENOENT':
      return say`there is no such file`;
    case 'EACCES':
    case 'EPERM':
      return say`this user may not read it`;
    case 'EISDIR':
      return say`it is a folder`;
    default:
      return fault.message;
  }
}
