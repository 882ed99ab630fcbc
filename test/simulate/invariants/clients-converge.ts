import type { SimNode } from '../sim-node.js';
import type { SimScreen } from '../sim-screen.js';
import type { SimWorld } from '../world.js';
import { isInLine, logsOnDisk, partsOf } from './disk-logs.js';
import type { Invariant } from './invariant.js';

/**
 * (h) "a client's values converge, a point's seq never goes back except after `reset`, each record is seen exactly once
 * by id". That a record is not shown twice is looked at by the screen as it is shown. The same holds at a node that only reads.
 */
export class ClientsConverge implements Invariant {
  private isWatching = false;

  step(world: SimWorld): void {
    if (this.isWatching) return;
    this.isWatching = true;
    for (const screen of world.screens) watch(world, screen);
  }

  async end(world: SimWorld): Promise<void> {
    const { active, reader, readerScreen } = world;
    if (active !== undefined) compare(world, world.clients, active, 'live');
    if (reader !== undefined && readerScreen !== undefined) compare(world, [readerScreen], reader, 'reading');
  }
}

function watch(world: SimWorld, { client, who }: SimScreen): void {
  const seqs = new Map<string, number>();
  const told = (name: string, seq: number): void => {
    const before = seqs.get(name) ?? 0;
    if (seq < before) world.wrong('h', `${who} was told ${name} of frame ${seq} after frame ${before}`);
    seqs.set(name, seq);
  };
  client.on('snapshot', ({ reset }) => {
    if (reset) seqs.clear();
    for (const { name, seq } of client.points.values()) told(name, seq);
  });
  client.on('change', ({ points }) => {
    for (const { name, seq } of points) told(name, seq);
  });
}

function compare(world: SimWorld, screens: readonly SimScreen[], node: SimNode, expected: 'live' | 'reading'): void {
  const state = node.gateway?.state;
  if (state === undefined) return;
  const alarms = logsOnDisk(node).filter(({ kind, id }) => kind === 'alarm' && isInLine(id, state.epochs()));
  for (const { client, who, seenLogs, sinceSeq } of screens) {
    if (client.state !== expected) world.wrong('h', `${who} is ${client.state}`);
    if (client.counters.repeated > 0) world.wrong('h', `${who} was told ${client.counters.repeated} things twice`);
    if (client.counters.missed > 0) world.wrong('h', `${who} has missed ${client.counters.missed} changes`);
    for (const { name, id, kind } of state.table.all()) {
      const shown = client.points.get(name);
      const value = state.image.value(id);
      const wanted = typeof value === 'number' ? (Number.isNaN(value) ? null : kind === 'boolean' ? value !== 0 : value) : String(value);
      if (shown?.value !== wanted || shown.quality !== state.image.quality(id)) world.wrong('h', `${who} shows ${name} as ${String(shown?.value)}, ${node.id} has ${String(wanted)}`);
    }
    for (const { id } of alarms) if (partsOf(id).seq > sinceSeq && !seenLogs.has(id)) world.wrong('h', `${who} was not shown record ${id}`);
  }
}
