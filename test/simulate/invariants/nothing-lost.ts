import { formatEpoch } from '../../../src/contract/index.js';
import type { Frame } from '../../../src/image/index.js';
import { configurationHistory } from '../../../src/redundancy/index.js';
import type { Confirmed } from '../sim-client.js';
import type { SimNode } from '../sim-node.js';
import type { SimWorld } from '../world.js';
import { logsOnDisk } from './disk-logs.js';
import type { Invariant } from './invariant.js';

const ADMITTED = 'standby in sync';
const EXPELLED = 'standby taken out of the in-sync set';

/**
 * (c) "no confirmed command, acknowledgement or edit is lost, save one marked `unprotected` on a destroyed node, and
 * that one reappears by merge when its disk returns".
 *
 * Looked at when a node becomes active: what was confirmed as protected must be in its state, unless its disk was damaged and
 * the policy lets it begin as possibly stale all the same (story 1274). And, unless it becomes
 * active as possibly stale, also what the other node confirmed alone after this one must have heard that it does not
 * count any more (rule 4): it had received frames that were cut after it was taken out of the in-sync set.
 * With a witness in force everything that was confirmed must be there, alone or not.
 * Looked at in the end: everything that was confirmed, by whomever, is on both disks.
 */
export class NothingLost implements Invariant {
  private readonly all: Confirmed[] = [];
  private held: Confirmed[] = [];
  private readonly told: Confirmed[] = [];
  /** Confirmed while the witness was in force: it knows who holds them (rule 4), and supports nobody else. */
  private readonly witnessed: Confirmed[] = [];
  /** By node that has become active: what of that it does not hold. */
  private readonly unsupported = new Map<string, Confirmed[]>();
  /** The frame with which the active took its standby out of the in-sync set, which it has not been taken into since. */
  private alone: { readonly epoch: string; readonly seq: number } | undefined;

  confirmed(world: SimWorld, confirmed: Confirmed): void {
    this.all.push(confirmed);
    if (world.isWitnessed) this.witnessed.push(confirmed);
    if (confirmed.held === 'protected') {
      this.held.push(confirmed);
      return;
    }
    const { active } = world;
    const state = active?.gateway?.state;
    if (active === undefined || state === undefined) return;
    const epoch = formatEpoch(state.position.epoch);
    if (this.alone?.epoch !== epoch) return;
    const heard = world.other(active).gateway?.state.position;
    if (heard !== undefined && formatEpoch(heard.epoch) === epoch && heard.seq > this.alone.seq) this.told.push(confirmed);
  }

  begun(_world: SimWorld, node: SimNode): void {
    this.unsupported.delete(node.id);
  }

  step(world: SimWorld): void {
    if (this.unsupported.size === 0) return;
    for (const node of world.nodes) {
      const lacking = this.unsupported.get(node.id);
      if (lacking === undefined || !node.mayAct) continue;
      this.unsupported.delete(node.id);
      for (const confirmed of lacking) this.mustHold(world, node, confirmed, 'confirmed while the witness was in force');
    }
  }

  frame(world: SimWorld, node: SimNode, frame: Frame): void {
    if (frame.epoch.node !== node.id) this.unsupported.delete(node.id);
    // Its own word, and not one that came with a tail which it merged.
    const own = `${frame.epoch.number}.${frame.seq}.`;
    const says = (what: string): boolean => frame.epoch.node === node.id && frame.logs.some(({ id, data }) => id.startsWith(own) && (data as { what?: string }).what === what);
    if (says(ADMITTED)) {
      this.alone = undefined;
      world.other(node).isDamaged = false;
    }
    // The first time: from then on the standby must not count itself.
    const epoch = formatEpoch(frame.epoch);
    if (says(EXPELLED) && this.alone?.epoch !== epoch) this.alone = { epoch, seq: frame.seq };
    const activated = frame.logs.find(({ kind, data }) => kind === 'redundancy' && (data as { what?: string }).what === 'activated');
    if (activated === undefined || frame.epoch.node !== node.id || frame.snapshot === true || (activated.data as { epoch?: number }).epoch !== frame.epoch.number || (activated.data as { node?: string }).node !== node.id) return;
    const stale = (activated.data as { stale?: boolean }).stale === true;
    if (stale && node.isDamaged) {
      const there = this.held.filter((confirmed) => this.holds(node, confirmed));
      if (there.length < this.held.length) world.count('(damaged disk goes on alone by policy, without what it had acknowledged)');
      this.held = there;
    }
    for (const confirmed of this.held) this.mustHold(world, node, confirmed, 'protected');
    if (stale || !world.isWitnessed) this.witnessed.length = 0;
    // Whoever is supported by nobody has no effects, and gives way: it counts from its first right to act on (story 9571).
    this.unsupported.set(node.id, this.witnessed.filter((confirmed) => !this.holds(node, confirmed)));
    // From a stale start (or a split) on they are what was recorded apart: merged, and listed for a person.
    if (stale || world.isSplit) this.told.length = 0;
    for (const confirmed of this.told) this.mustHold(world, node, confirmed, 'confirmed alone after this node had heard that it does not count');
  }

  async end(world: SimWorld): Promise<void> {
    for (const node of world.nodes) {
      const had = new Set(node.gateway === undefined ? [] : configurationHistory(node.gateway.state.keyed).map(({ revision }) => revision));
      for (const revision of world.confirmedEdits) if (!had.has(revision)) world.wrong('c', `configuration ${revision}, confirmed as protected, is unknown to ${node.id}`);
      const logs = logsOnDisk(node);
      const commands = new Set(logs.filter(({ kind }) => kind === 'audit').map(({ data }) => (data as { id?: string }).id));
      const acknowledged = new Set(logs.filter(({ kind, data }) => kind === 'alarm' && (data as { event?: string }).event === 'acknowledged').map(({ data }) => `${String((data as { name?: string }).name)} ${String((data as { occurrence?: number }).occurrence)}`));
      for (const { what, id, alarm, occurrence, held, atMs } of this.all) {
        const there = what === 'command' ? commands.has(id) : acknowledged.has(`${alarm} ${occurrence}`);
        if (!there) world.wrong('c', `${what} ${what === 'command' ? id : `${alarm} ${occurrence}`}, confirmed as ${held} at ${(atMs / 1_000).toFixed(3)}, is not on the disk of ${node.id}`);
      }
    }
  }

  private holds(node: SimNode, { what, id, alarm, occurrence }: Confirmed): boolean {
    const keyed = node.gateway?.state.keyed;
    if (what === 'command') return (keyed?.get(`command/${id}`) as { state?: string } | undefined)?.state === 'done';
    return ((keyed?.get(`alarm-ack/${alarm}`) as { occurrence?: number } | undefined)?.occurrence ?? 0) >= occurrence;
  }

  private mustHold(world: SimWorld, node: SimNode, confirmed: Confirmed, why: string): void {
    if (node.gateway === undefined || this.holds(node, confirmed)) return;
    const { what, id, alarm, occurrence, atMs } = confirmed;
    world.wrong('c', `${node.id} becomes active without ${what === 'command' ? `command ${id}` : `the acknowledgement of ${alarm} ${occurrence}`}, ${why} at ${(atMs / 1_000).toFixed(3)}`);
  }
}
