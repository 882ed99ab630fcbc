import assert from 'node:assert/strict';
import { requireTool } from '../hooks.js';
import { ConsoleOnPair } from './console-cases/console-on-pair.js';
import { engineerCases } from './console-cases/engineer.js';
import { floodCases } from './console-cases/flood.js';
import { failoverCases } from './console-cases/failover.js';
import { findCases } from './console-cases/find-and-keep.js';
import { graphicCases } from './console-cases/graphics.js';
import { looksCases } from './console-cases/looks.js';
import { operatorCases } from './console-cases/operate.js';
import { stopAtFirstFailure } from './demo-pair.js';

/**
 * The built console on the real pair, in a real browser: what a visitor of the demo does, in order. One pair and one browser for all; the
 * cases are in `console-cases/`, by topic.
 */
describe('console on a real pair', function () {
  this.timeout(300_000);
  stopAtFirstFailure();
  const on = new ConsoleOnPair();

  before(async function () {
    requireTool(this, 'chromium');
    await on.start();
  });
  after(async () => on.stop());
  afterEach(async function () {
    if (this.currentTest?.state === 'failed') await on.tell();
    assert.deepEqual(on.browser.complaints, []);
  });

  operatorCases(on);
  graphicCases(on);
  engineerCases(on);
  findCases(on);
  floodCases(on);
  failoverCases(on);
  looksCases(on);
});
