// Problems of the rule files in the Problems view, with "did you mean" as a quick fix.

import * as vscode from 'vscode';
import { Owner } from '../../shared/lifecycle.js';
import type { RuleProblem, Severity } from '../../shared/rules.js';
import type { RuleFileModel } from './ruleFileModel.js';
import type { RuleFileStore } from './ruleFileStore.js';
import { said } from '../said.js';

const source = 'Port Prism';

export class RuleDiagnostics extends Owner implements vscode.CodeActionProvider {
  private readonly collection = this.register(vscode.languages.createDiagnosticCollection('port-prism'));

  constructor(private readonly ruleFiles: RuleFileStore) {
    super();
    this.register(ruleFiles.onDidChange(() => this.show()));
    this.register(vscode.languages.registerCodeActionsProvider({ pattern: '**/port-prism.json' }, this, { providedCodeActionKinds: [vscode.CodeActionKind.QuickFix] }));
  }

  provideCodeActions(document: vscode.TextDocument, _range: vscode.Range, context: vscode.CodeActionContext): vscode.CodeAction[] {
    const file = this.ruleFiles.at(document.uri);
    if (file === undefined) return [];
    return context.diagnostics.flatMap((diagnostic) => {
      const problem = diagnostic.source === source ? problemOf(file, diagnostic) : undefined;
      return problem?.suggestion === undefined ? [] : [quickFix(document.uri, diagnostic, problem.suggestion)];
    });
  }

  private show(): void {
    this.collection.clear();
    for (const file of this.ruleFiles.list) {
      if (file.exists) this.collection.set(file.uri, file.problems.map(toDiagnostic));
    }
  }
}

function toDiagnostic(problem: RuleProblem): vscode.Diagnostic {
  const diagnostic = new vscode.Diagnostic(rangeOf(problem), said(problem.message), severityOf(problem.severity));
  diagnostic.source = source;
  diagnostic.code = problem.code;
  if (problem.code === 'shadowedRoute') diagnostic.tags = [vscode.DiagnosticTag.Unnecessary];
  return diagnostic;
}

function problemOf(file: RuleFileModel, diagnostic: vscode.Diagnostic): RuleProblem | undefined {
  return file.problems.find((problem) => problem.code === diagnostic.code && said(problem.message) === diagnostic.message && rangeOf(problem).isEqual(diagnostic.range));
}

function quickFix(uri: vscode.Uri, diagnostic: vscode.Diagnostic, suggestion: NonNullable<RuleProblem['suggestion']>): vscode.CodeAction {
  const action = new vscode.CodeAction(said(suggestion.title), vscode.CodeActionKind.QuickFix);
  action.edit = new vscode.WorkspaceEdit();
  action.edit.replace(uri, diagnostic.range, suggestion.newText);
  action.diagnostics = [diagnostic];
  action.isPreferred = true;
  return action;
}

function rangeOf(problem: RuleProblem): vscode.Range {
  return new vscode.Range(problem.line, problem.column, problem.endLine, problem.endColumn);
}

function severityOf(severity: Severity): vscode.DiagnosticSeverity {
  switch (severity) {
    case 'error':
      return vscode.DiagnosticSeverity.Error;
    case 'warning':
      return vscode.DiagnosticSeverity.Warning;
    case 'info':
      return vscode.DiagnosticSeverity.Information;
  }
}
