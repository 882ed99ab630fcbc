import assert from 'node:assert/strict';
import { messageOf, type ConfigurationInfo } from '../../src/contract/index.js';
import { currentConfiguration } from '../../src/redundancy/index.js';
import { editedText } from './site.js';
import type { SimNode } from './sim-node.js';
import { SimWorld } from './world.js';

/** How a change ended, and when. */
interface Ended {
  readonly held?: string;
  readonly error?: string;
  readonly atMs: number;
}

async function whole(seed: number): Promise<{ world: SimWorld; active: SimNode; standby: SimNode }> {
  const world = new SimWorld({ seed, clients: 1, invariants: [], startMs: Date.UTC(2026, 0, 12), recovery: 'manual', policy: 'prefer-availability', editable: true });
  await world.start();
  for (let i = 0; i < 100 && !world.isWhole; i++) await world.time.advance(200);
  const { active } = world;
  assert.ok(active !== undefined && world.isWhole);
  return { world, active, standby: world.other(active) };
}

/** Begins a change; what comes of it is in the object that is returned, once it has ended. */
function changed(world: SimWorld, edit: number): { ended?: Ended } {
  const api = world.active?.life?.api;
  const expected = world.active?.gateway?.state.table.revision ?? '';
  const outcome: { ended?: Ended } = {};
  const fromMs = world.nowMs;
  api?.configuration?.apply(editedText(world.siteOptions, edit), { by: 'engineer', comment: '', expected }).then(
    ({ held }) => (outcome.ended = { held, atMs: world.nowMs - fromMs }),
    (error: unknown) => (outcome.ended = { error: messageOf(error), atMs: world.nowMs - fromMs }),
  );
  return outcome;
}

const inForce = (node: SimNode): ConfigurationInfo | undefined => (node.gateway === undefined ? undefined : currentConfiguration(node.gateway.state.keyed));
const numbers = (world: SimWorld): (number | undefined)[] => world.nodes.map((node) => inForce(node)?.number);

async function until(world: SimWorld, what: string, done: () => boolean, limitMs = 30_000): Promise<void> {
  const deadline = world.nowMs + limitMs;
  while (!done()) {
    assert.ok(world.nowMs < deadline, what);
    await world.time.advance(100);
  }
}

describe('a change of the configuration while the other node is slow', function () {
  this.timeout(60_000);

  it('waits for one that reads as slowly as this one, tenfold; one that takes longer is told of, and nothing is in force on either', async () => {
    const { world, active, standby } = await whole(1);
    active.readsMs = 7_000;
    standby.readsMs = 62_000;
    const slow = changed(world, 1);
    await until(world, 'applied', () => slow.ended !== undefined, 90_000);
    assert.equal(slow.ended?.held, 'protected', slow.ended?.error);
    assert.deepEqual(numbers(world), [2, 2]);
    active.readsMs = 0;
    const late = changed(world, 2);
    await until(world, 'refused', () => late.ended !== undefined, 90_000);
    assert.match(late.ended?.error ?? '', /has not said within 60 s .*nothing was applied/);
    // Its answer comes after all, and counts for nothing.
    await world.time.advance(5_000);
    assert.deepEqual(numbers(world), [2, 2]);
    assert.equal(inForce(active)?.revision, inForce(standby)?.revision);
    standby.readsMs = 0;
    const next = changed(world, 3);
    await until(world, 'applied', () => next.ended !== undefined);
    assert.equal(next.ended?.held, 'protected', next.ended?.error);
    assert.deepEqual(numbers(world), [3, 3]);
  });

  it('does not wait for the answer of one whose connection it has ended: it goes on, and that one follows', async () => {
    const { world, active, standby } = await whole(2);
    standby.readsMs = 20_000;
    const edit = changed(world, 1);
    await world.time.advance(1_000);
    // As a machine with too much to do: silent for longer than is tolerated, and then there again.
    standby.freeze();
    await until(world, 'the standby is lost', () => !active.isConnected);
    await until(world, 'the change has ended', () => edit.ended !== undefined, 5_000);
    assert.equal(edit.ended?.held, 'unprotected', edit.ended?.error);
    standby.thaw();
    await until(world, 'in sync again', () => world.isWhole && numbers(world).every((number) => number === 2), 60_000);
    assert.equal(inForce(active)?.revision, inForce(standby)?.revision);
  });

  it('asks again on the new connection where the old one was replaced unnoticed', async () => {
    const { world, active, standby } = await whole(3);
    standby.readsMs = 20_000;
    const edit = changed(world, 1);
    await world.time.advance(1_000);
    // The machine of the standby starts anew so soon that the old connection still looks whole here.
    standby.powerOff();
    standby.start();
    standby.readsMs = 0;
    await until(world, 'the change has ended', () => edit.ended !== undefined);
    assert.ok(edit.ended?.held !== undefined, edit.ended?.error);
    assert.equal(active.role, 'active');
    await until(world, 'in sync again', () => world.isWhole && numbers(world).every((number) => number === 2), 60_000);
    assert.equal(inForce(active)?.revision, inForce(standby)?.revision);
  });

  it('is fetched again by one whose question for it was lost with the connection', async () => {
    const { world, active, standby } = await whole(4);
    standby.kill();
    await until(world, 'alone', () => !active.isConnected && active.role === 'active');
    const edit = changed(world, 1);
    await until(world, 'applied', () => edit.ended !== undefined);
    assert.equal(edit.ended?.held, 'unprotected', edit.ended?.error);
    standby.start();
    // Its question for the document is on its way when nothing arrives any more; it drops the connection itself.
    for (let i = 0; i < 30_000 && !standby.isConnected; i++) await world.time.advance(1);
    world.net.cut(active.address, standby.address);
    await until(world, 'dropped', () => !standby.isConnected);
    world.net.heal(active.address, standby.address);
    await until(world, 'in sync again', () => world.isWhole && numbers(world).every((number) => number === 2), 90_000);
    assert.equal(inForce(active)?.revision, inForce(standby)?.revision);
  });
});
