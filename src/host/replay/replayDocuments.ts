// What is to be sent again while it is edited, and what came back, as documents: `port-prism-replay:/3/request.http`.

import * as vscode from 'vscode';
import { ByteFiles, type ByteFile } from '../editing/byteFiles.js';
import { formOf, isPlainText } from '../editing/byteText.js';

export const replayScheme = 'port-prism-replay';

/** Documents that are kept; the oldest go first. */
const maxDocuments = 40;

export class ReplayDocuments extends ByteFiles {
  private readonly files = new Map<string, ByteFile>();
  private lastId = 0;

  constructor() {
    super(replayScheme);
  }

  /** @param name of the document, with the ending of its language */
  add(name: string, bytes: Uint8Array, isReadOnly: boolean): vscode.Uri {
    // What is only read may lose its kind of line ends.
    const form = isReadOnly && isPlainText(bytes) ? 'text' : formOf(bytes);
    const uri = vscode.Uri.from({ scheme: replayScheme, path: `/${++this.lastId}/${form === 'hex' ? `${name.replace(/\.\w+$/, '')}.hex` : name}` });
    this.files.set(uri.path, { form, isReadOnly, madeAt: Date.now(), bytes });
    for (const path of this.files.keys()) {
      if (this.files.size <= maxDocuments) break;
      this.files.delete(path);
    }
    return uri;
  }

  bytesOf(uri: vscode.Uri): Promise<Uint8Array> {
    return this.current(uri);
  }

  protected fileAt(uri: vscode.Uri): ByteFile | undefined {
    return this.files.get(uri.path);
  }
}
