// Entry of the inspector page: says it is there, waits for the host's state, builds the page once.

import '../base.css';
import './inspector.css';
import './file/file.css';
import './detail.css';
import './lists.css';
import './overview/overview.css';
import type { InspectorHostContract, InspectorPageContract } from '../../src/shared/protocol.js';
import { Rpc } from '../../src/shared/rpc.js';
import { l10n } from '../l10n.js';
import { hostPort, SavedState } from '../vscodeApi.js';
import { Inspector } from './inspector.js';
import { initialState, isPageState } from './pageState.js';

const root = document.getElementById('root');
if (root === null) throw new Error('The page has no root element');

const rpc = new Rpc<InspectorPageContract, InspectorHostContract>(hostPort, (fault) => console.error(fault));
const state = new SavedState(initialState, isPageState);
let page: Inspector | undefined;

rpc.on('inspector/state', (host) => {
  if (page !== undefined) {
    page.setHost(host);
    return;
  }
  l10n.load(host.strings);
  page = new Inspector(root, rpc, state, host);
});
rpc.on('lens/changed', (summary) => page?.onChanged(summary));
rpc.on('file/changed', (file) => page?.setFile(file));
rpc.on('debug/changed', (debug) => page?.setDebug(debug));
rpc.on('lens/reset', () => page?.startOver());
rpc.on('flow/select', ({ id }) => page?.selectById(id));
rpc.on('page/command', ({ name }) => page?.command(name));

// Said again until the host answers: while a window is being loaded, a message may go nowhere on either side.
const againMs = 1000;
const sayReady = (): void => rpc.notify('page/ready', null);
sayReady();
const timer = setInterval(() => (page === undefined ? sayReady() : clearInterval(timer)), againMs);
