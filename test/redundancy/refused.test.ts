import assert from 'node:assert/strict';
import type { NodeMode } from '../../src/contract/index.js';
import { initialRoleState, stepRole, type RoleInput, type RoleState } from '../../src/redundancy/index.js';
import { SETTINGS } from './world.js';

const refusal = (role: 'starting' | 'active', seq: number): RoleInput => ({ kind: 'peer-refused', reason: 'another configuration', peer: { role, progress: { epoch: 1, seq } } });

/** A starting node at frame 10 that is refused (or refuses) once a second for `forMs`, then hears nothing; when it goes active. */
function activeAfter(mode: NodeMode, input: RoleInput, forMs: number, limitMs = 120_000): number | undefined {
  let state: RoleState = initialRoleState('paired', { epoch: 1, seq: 10 }, false, 0);
  for (let now = 0; now <= limitMs; now += 250) {
    if (now % 1_000 === 0 && now <= forMs) state = stepRole(state, input, now, { mode, settings: SETTINGS }).state;
    const step = stepRole(state, { kind: 'tick' }, now, { mode, settings: SETTINGS });
    if (step.effects.some((effect) => effect.kind === 'promote')) return now;
    state = step.state;
  }
  return undefined;
}

describe('role machine: a refused peer', () => {
  it('is never taken for dead while it is there', () => {
    assert.equal(activeAfter('main', refusal('active', 5), 120_000), undefined);
    assert.equal(activeAfter('backup', refusal('active', 5), 120_000), undefined);
  });

  it('does not leave the building without a gateway when both are starting: the newer leads, of equals the main', () => {
    assert.equal(activeAfter('main', refusal('starting', 10), 120_000), SETTINGS.connectionWaitMs);
    assert.equal(activeAfter('backup', refusal('starting', 10), 120_000), undefined);
    assert.equal(activeAfter('main', refusal('starting', 11), 120_000), undefined);
    assert.equal(activeAfter('backup', refusal('starting', 9), 120_000), SETTINGS.connectionWaitMs);
  });

  it('that goes away is waited for like any other', () => {
    const gone = 10_000;
    assert.equal(activeAfter('main', refusal('active', 5), gone), gone + SETTINGS.staleWaitMs);
  });
});
