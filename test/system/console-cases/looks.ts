import assert from 'node:assert/strict';
import { seriousFindings } from '../../console/axe.js';
import { screenshot } from '../../console/browser.js';
import type { ConsoleOnPair } from './console-on-pair.js';

/** Every page in light and dark and on a phone. */
export function looksCases(on: ConsoleOnPair): void {
  it('is as readable in the dark as in the light, on a phone too, and to who does not see it', async () => {
    const findings: string[] = [];
    /** With what a page shows last, when what it asks for has come. */
    const pages = {
      overview: '[data-testid=alarm-banner]',
      graphics: '[data-testid=graphic] [role=button]',
      points: '[data-testid=point-value]',
      alarms: '[data-testid=alarm-row]',
      redundancy: '[data-testid=redundancy-event]',
      devices: '[data-testid=device-row]',
      schedules: '[data-testid=week-entry]',
      trends: '[data-testid=trend-chart][data-lines="2"]',
      logic: '[data-testid=logic-text]',
      configuration: '[data-testid=configuration-text]',
      users: '[data-testid=user-row]',
      audit: '[data-testid=audit-row]',
    };
    for (const theme of ['light', 'dark', 'phone']) {
      if (theme === 'dark') await on.page.getByTestId('theme-switch').click();
      if (theme === 'phone') await on.page.setViewportSize({ width: 390, height: 844 });
      for (const [name, content] of Object.entries(pages)) {
        await on.open(name);
        if (name === 'trends') await on.page.evaluate(`location.hash = '#/trends?points=AHU1.SaT,Main.kW'`);
        await on.page.locator(content).first().waitFor();
        const wider = await on.page.evaluate<number>('document.documentElement.scrollWidth - innerWidth');
        if (wider > 0) findings.push(`${name} (${theme}): ${String(wider)} px wider than the screen`);
        await screenshot(on.page, `page-${name}-${theme}`);
        if (theme === 'phone') continue;
        findings.push(...(await seriousFindings(on.page, theme === 'dark')).map((finding) => `${name} (${theme}): ${finding}`));
      }
    }
    await on.page.setViewportSize({ width: 1366, height: 768 });
    await on.light();
    assert.deepEqual(findings, []);
  });
}
