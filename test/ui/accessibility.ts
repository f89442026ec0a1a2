// axe-core on a page of ours: violations that keep somebody from using it.
import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import type { Frame } from 'playwright-core';

interface Violation {
  id: string;
  impact: string | null;
  help: string;
  nodes: { html: string; failureSummary?: string }[];
}

/**
 * @param background the theme colour that VS Code draws behind this page, as a CSS variable: the page itself is transparent,
 *   and contrast would be measured against white
 * @returns serious and critical violations, one line each
 */
export async function seriousViolations(frame: Frame, background: string): Promise<string[]> {
  const source = readFileSync(createRequire(__filename).resolve('axe-core/axe.min.js'), 'utf8');
  // The page's content security policy refuses scripts that are not ours; evaluation by the debugger is not subject to it.
  await frame.evaluate(source);
  await frame.evaluate((name) => void (document.documentElement.style.background = `var(${name})`), background);
  const violations = await frame.evaluate(async () => {
    const { axe } = window as unknown as { axe: { run(context: Document, options: object): Promise<{ violations: Violation[] }> } };
    // Whole-page rules: a webview is a part of VS Code's page, which has the landmarks and the title.
    const rules = Object.fromEntries(['region', 'page-has-heading-one', 'landmark-one-main', 'bypass'].map((id) => [id, { enabled: false }]));
    return (await axe.run(document, { rules })).violations;
  });
  await frame.evaluate(() => void (document.documentElement.style.background = ''));
  return violations
    .filter(({ impact }) => impact === 'serious' || impact === 'critical')
    .map(({ id, help, nodes }) => `${id}: ${help}: ${nodes.slice(0, 3).map((node) => node.html.slice(0, 160)).join(' | ')} ${nodes[0]?.failureSummary?.slice(0, 300) ?? ''}`);
}
