// Why a file could not be read, as a phrase.

export function reasonOf(fault: NodeJS.ErrnoException): string {
  switch (fault.code) {
    case 'ENOENT':
      return 'there is no such file';
    case 'EACCES':
    case 'EPERM':
      return 'this user may not read it';
    case 'EISDIR':
      return 'it is a folder';
    default:
      return fault.message;
  }
}
