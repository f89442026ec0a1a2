// Entry of the rule editor page.

import '../base.css';
import './ruleEditor.css';
import type { RuleEditorHostContract, RuleEditorPageContract } from '../../src/shared/protocol.js';
import { Rpc } from '../../src/shared/rpc.js';
import { l10n } from '../l10n.js';
import { hostPort, SavedState } from '../vscodeApi.js';
import { registerToolkit } from '../widgets/toolkit.js';
import { initialEditorState, isEditorState } from './editorState.js';
import { RuleEditor } from './ruleEditor.js';

const root = document.getElementById('root');
if (root === null) throw new Error('The page has no root element');

registerToolkit();
const rpc = new Rpc<RuleEditorPageContract, RuleEditorHostContract>(hostPort, (fault) => console.error(fault));
const page = new RuleEditor(root, rpc, new SavedState(initialEditorState, isEditorState));
rpc.on('editor/state', (host) => {
  l10n.load(host.strings);
  page.setHost(host);
});
rpc.notify('page/ready', null);
