// The skeleton of a webview page, and the channel to it: strict CSP, resources from two folders only, messages as plain data.

import { randomBytes } from 'node:crypto';
import * as vscode from 'vscode';
import type { Port } from '../shared/rpc.js';

/** Pages that the build puts into dist/webview, as NAME.js and NAME.css. */
export type PageName = 'inspector' | 'ruleEditor';

/** @returns options of a webview that shows one of our pages */
export function pageOptions(extensionUri: vscode.Uri): vscode.WebviewOptions {
  return { enableScripts: true, localResourceRoots: [vscode.Uri.joinPath(extensionUri, 'dist', 'webview'), vscode.Uri.joinPath(extensionUri, 'media')] };
}

/** @returns the whole page: an empty root that its script fills once the host has sent the state */
export function pageHtml(webview: vscode.Webview, extensionUri: vscode.Uri, name: PageName, title: string): string {
  const nonce = randomBytes(16).toString('base64');
  const asset = (file: string): string => webview.asWebviewUri(vscode.Uri.joinPath(extensionUri, 'dist', 'webview', file)).toString();
  const source = webview.cspSource;
  // cspSource has single quotes and spaces in it, so the attribute stands in double quotes.
  const policy = `default-src 'none'; img-src ${source} data:; font-src ${source}; style-src ${source} 'nonce-${nonce}'; script-src 'nonce-${nonce}'`;
  // The toolkit makes one inline style to probe :focus-visible and looks for its nonce in csp-nonce.
  return `<!DOCTYPE html>
<html lang="${escapeAttribute(vscode.env.language)}">
<head>
<meta charset="utf-8">
<meta http-equiv="Content-Security-Policy" content="${policy}">
<meta property="csp-nonce" content="${nonce}">
<meta name="viewport" content="width=device-width, initial-scale=1">
<link rel="stylesheet" nonce="${nonce}" href="${escapeAttribute(asset(`${name}.css`))}">
<title>${escapeAttribute(title)}</title>
</head>
<body class="page-${name}">
<div id="root"></div>
<script nonce="${nonce}" src="${escapeAttribute(asset(`${name}.js`))}"></script>
</body>
</html>`;
}

/** @param report hears of a message that could not be sent for another reason than that the page is gone */
export function webviewPort(webview: vscode.Webview, report: (fault: unknown) => void): Port {
  let isGone = false;
  return {
    post: (message) => {
      if (isGone) return;
      webview.postMessage(message).then(undefined, (fault: unknown) => {
        // "Webview is disposed": the person closed it while an answer was on its way.
        if (fault instanceof Error && fault.message.includes('disposed')) isGone = true;
        else report(fault);
      });
    },
    onMessage: (listener) => webview.onDidReceiveMessage(listener),
  };
}

function escapeAttribute(text: string): string {
  return text.replace(/&/g, '&amp;').replace(/"/g, '&quot;').replace(/</g, '&lt;');
}
