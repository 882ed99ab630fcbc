import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import type { Page } from 'playwright-core';

const source = readFileSync(createRequire(import.meta.url).resolve('axe-core/axe.min.js'), 'utf8');

interface Violation {
  readonly id: string;
  readonly impact: string | null;
  readonly help: string;
  readonly nodes: readonly { readonly target: readonly string[]; readonly failureSummary?: string }[];
}

/** What is just fading in has little contrast: a finding counts when it stays. */
const SETTLED_WITHIN_MS = 3_000;

/**
 * What axe-core finds serious or critical on the page as it is (WCAG 2.2 A and AA), each with where and why; `contrastOnly`
 * where only the colours are others than on a page that was looked at before.
 */
export async function seriousFindings(page: Page, contrastOnly = false): Promise<readonly string[]> {
  const deadline = performance.now() + SETTLED_WITHIN_MS;
  for (;;) {
    const found = await findings(page, contrastOnly);
    if (found.length === 0 || performance.now() > deadline) return found;
    await new Promise((wake) => setTimeout(wake, 200));
  }
}

async function findings(page: Page, contrastOnly: boolean): Promise<readonly string[]> {
  const only = contrastOnly ? `{ type: 'rule', values: ['color-contrast'] }` : `['wcag2a', 'wcag2aa', 'wcag21a', 'wcag21aa', 'wcag22aa']`;
  if (!(await page.evaluate<boolean>('"axe" in window'))) await page.evaluate(source);
  const { violations } = await page.evaluate<{ readonly violations: readonly Violation[] }>(`axe.run(document, { resultTypes: ['violations'], runOnly: ${only} })`);
  return violations
    .filter(({ impact }) => impact === 'serious' || impact === 'critical')
    .flatMap(({ id, help, nodes }) => nodes.slice(0, 3).map(({ target, failureSummary = '' }) => `${id}: ${help} at ${target.join(' ')} — ${failureSummary.replace(/\s+/g, ' ').slice(0, 260)}`));
}
