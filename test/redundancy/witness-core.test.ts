import assert from 'node:assert/strict';
import { initialWitnessState, stepWitness, type WitnessAnswer, type WitnessRecord, type WitnessRequest, type WitnessState } from '../../src/redundancy/index.js';

const T2 = 800;

/** A witness told as a story. */
class Told {
  state: WitnessState;
  nowMs = T2;
  connected = new Set<string>(['A', 'B']);
  private n = 0;

  constructor(record?: WitnessRecord, startedMs = 0) {
    this.state = initialWitnessState(record, startedMs);
  }

  after(ms: number): this {
    this.nowMs += ms;
    return this;
  }

  hear(node: string, request: Omit<Extract<WitnessRequest, { type: 'renew' }>, 'n' | 'promiseMs'> | Omit<Extract<WitnessRequest, { type: 'ask' }>, 'n' | 'promiseMs'> | { type: 'release' }): WitnessAnswer {
    const { state, answer } = stepWitness(this.state, node, { ...request, n: ++this.n, promiseMs: T2 }, this.nowMs, (name) => this.connected.has(name));
    this.state = state;
    return answer;
  }

  renew(node: string, epoch: number, members = ['A', 'B']): WitnessAnswer {
    return this.hear(node, { type: 'renew', epoch, members });
  }

  ask(node: string, epoch: number, over: { dead?: boolean; beyondSet?: boolean } = {}): WitnessAnswer {
    return this.hear(node, { type: 'ask', epoch, dead: over.dead ?? false, beyondSet: over.beyondSet ?? false });
  }
}

describe('witness', () => {
  it('supports one node at a time, for T2 from its last echo', () => {
    const told = new Told();
    assert.ok(told.renew('A', 1).granted);
    assert.equal(told.after(T2 - 1).ask('B', 2).refusal, 'promised');
    assert.ok(told.after(1).ask('B', 2).granted);
    assert.equal(told.renew('A', 1).refusal, 'fenced');
    assert.equal(told.renew('A', 3).refusal, 'promised');
  });

  it('releases its promise to a node that is dead for the other one and whose connection it has lost itself', () => {
    const told = new Told();
    told.renew('A', 1);
    assert.equal(told.ask('B', 2, { dead: true }).refusal, 'promised', 'it still hears A');
    told.connected.delete('A');
    assert.equal(told.ask('B', 2).refusal, 'promised', 'nobody says that A is dead');
    assert.ok(told.ask('B', 2, { dead: true }).granted);
  });

  it('releases its promise at a goodbye', () => {
    const told = new Told();
    told.renew('A', 1);
    assert.ok(!told.hear('B', { type: 'release' }).granted, 'not by somebody else');
    assert.ok(told.hear('A', { type: 'release' }).granted);
    assert.ok(told.ask('B', 2).granted);
  });

  it('grants nothing to a node outside of the in-sync set, unless policy or person allow it', () => {
    const told = new Told();
    told.renew('A', 1, ['A']);
    told.after(T2);
    assert.equal(told.ask('B', 2).refusal, 'not-a-member');
    assert.ok(told.ask('B', 2, { beyondSet: true }).granted);
  });

  it('grants an epoch once', () => {
    const told = new Told();
    told.renew('A', 4);
    told.after(T2);
    assert.equal(told.ask('B', 4).refusal, 'fenced');
    assert.ok(told.ask('B', 5).granted);
    assert.equal(told.after(T2).renew('A', 5).refusal, 'fenced');
  });

  it('is mute after a restart for as long as any promise of before may last', () => {
    const told = new Told({ epoch: 3, holder: 'A', members: ['A', 'B'], promiseMs: 2 * T2 }, T2);
    assert.equal(told.ask('B', 4).refusal, 'mute');
    assert.equal(told.renew('A', 3).refusal, 'mute');
    assert.equal(told.after(2 * T2 - 1).ask('B', 4).refusal, 'mute');
    assert.ok(told.after(1).ask('B', 4).granted);
  });

  it('with an empty disk is mute as well, for as long as the asker says', () => {
    const told = new Told(undefined, T2);
    assert.equal(told.renew('A', 1).refusal, 'mute');
    assert.ok(told.after(T2).renew('A', 1).granted);
  });
});
