// Everything pure about rule files behind one object: the bundle that host and command line load when the first file is looked at.

import { findNodeAtLocation, getNodeValue, parseTree } from 'jsonc-parser';
import type { Json, ListenerRule, ProtocolChoice, RuleFragment, RuleProblem, RuleService, TryAnswer, TryRequest } from '../../shared/rules.js';
import { say } from '../../shared/sentences.js';
import { compileListener, inspect } from '../engine/inspect.js';
import { classify, groups, protocols } from '../protocols/index.js';
import { applyEdit, editRules } from './edit.js';
import { parseRules } from './parse.js';
import { template } from './template.js';

type Path = (string | number)[];

export function createRuleService(): RuleService {
  return {
    parse(text, source) {
      const { listeners: _listeners, ...parsed } = parseRules(text, source);
      return parsed;
    },
    edit: editRules,
    read: readFragment,
    tryFragment,
    template: () => template,
    tryBytes,
    protocols: protocolChoices,
  };
}

function readFragment(text: string, path: Path): RuleFragment | undefined {
  const root = parseTree(text, [], { allowTrailingComma: true });
  const node = root === undefined ? undefined : findNodeAtLocation(root, path);
  // The parser's objects have no prototype; callers compare and clone plain ones.
  return node === undefined ? undefined : { path, value: JSON.parse(JSON.stringify(getNodeValue(node))) as Json };
}

/** Only what is wrong inside the fragment: the rest of the file is not what is being typed. */
function tryFragment(text: string, path: Path, value: Json): RuleProblem[] {
  const changed = applyEdit(text, { kind: 'set', path, value });
  const { problems } = parseRules(changed, 'try');
  const root = parseTree(changed, [], { allowTrailingComma: true });
  const node = root === undefined ? undefined : findNodeAtLocation(root, path);
  if (node === undefined) return problems;
  return problems.filter((problem) => node.offset <= problem.start && problem.end <= node.offset + node.length);
}

function protocolChoices(): ProtocolChoice[] {
  const single = protocols.map(({ id, title, firstSpeaker }) => ({ id, title, firstSpeaker }));
  const grouped = Object.entries(groups).map(([id, ids]) => ({ id, title: say`any of ${ids.join(', ')}`, firstSpeaker: 'client' as const }));
  return [...grouped, ...single];
}

function tryBytes(request: TryRequest): TryAnswer {
  const { protocol, by } = classify(request.bytes, new Uint8Array(0));
  const told = { id: protocol, by };
  const rule: ListenerRule | undefined = parseRules(request.text, 'try').listeners[request.listener];
  if (rule === undefined) {
    return { trace: { steps: [], decidedBy: 'pending', tookMs: 0, summary: say`This listener has errors, so nothing can be tried yet.` }, protocol: told };
  }
  const program = request.process === undefined ? null : { pid: 0, name: request.process, commandLine: request.process };
  const outcome = inspect(compileListener(rule), request.bytes, {
    ended: false,
    isFinal: request.isEnded,
    facts: { remote: request.remote ?? '127.0.0.1', process: program, isSilent: request.isEnded && request.bytes.length === 0 },
  });
  const route = outcome.kind === 'route' ? outcome.route : outcome.kind === 'fallback' ? -1 : undefined;
  return { ...(route === undefined ? {} : { route }), trace: outcome.trace(0), protocol: told };
}
