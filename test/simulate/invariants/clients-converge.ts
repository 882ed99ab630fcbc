import type { SimWorld } from '../world.js';
import { isInLine, logsOnDisk, partsOf } from './disk-logs.js';
import type { Invariant } from './invariant.js';

/**
 * (h) "a client's values converge, a point's seq never goes back except after `reset`, each record is seen exactly once
 * by id". That a record is not shown twice is looked at by the client as it is shown.
 */
export class ClientsConverge implements Invariant {
  private readonly seqs = new Map<object, Map<string, number>>();
  private isWatching = false;

  step(world: SimWorld): void {
    if (this.isWatching) return;
    this.isWatching = true;
    world.clients.forEach(({ client }, index) => {
      const seqs = new Map<string, number>();
      this.seqs.set(client, seqs);
      client.on('snapshot', () => {
        seqs.clear();
        for (const point of client.points.values()) seqs.set(point.name, point.seq);
      });
      client.on('change', ({ points }) => {
        for (const { name, seq } of points) {
          const before = seqs.get(name) ?? 0;
          if (seq < before) world.wrong('h', `client ${index + 1} was told ${name} of frame ${seq} after frame ${before}`);
          seqs.set(name, seq);
        }
      });
    });
  }

  async end(world: SimWorld): Promise<void> {
    const { active } = world;
    const state = active?.gateway?.state;
    if (active === undefined || state === undefined) return;
    const alarms = logsOnDisk(active).filter(({ kind, id }) => kind === 'alarm' && isInLine(id, state.epochs()));
    world.clients.forEach(({ client, seenLogs, sinceSeq }, index) => {
      const who = `client ${index + 1}`;
      if (client.state !== 'live') world.wrong('h', `${who} is ${client.state}`);
      if (client.counters.repeated > 0) world.wrong('h', `${who} was told ${client.counters.repeated} things twice`);
      if (client.counters.missed > 0) world.wrong('h', `${who} has missed ${client.counters.missed} changes`);
      for (const { name, id, kind } of state.table.all()) {
        const shown = client.points.get(name);
        const value = state.image.value(id);
        const wanted = typeof value === 'number' ? (Number.isNaN(value) ? null : kind === 'boolean' ? value !== 0 : value) : String(value);
        if (shown?.value !== wanted || shown.quality !== state.image.quality(id)) world.wrong('h', `${who} shows ${name} as ${String(shown?.value)}, the active node has ${String(wanted)}`);
      }
      for (const { id } of alarms) if (partsOf(id).seq > sinceSeq && !seenLogs.has(id)) world.wrong('h', `${who} was not shown record ${id}`);
    });
  }
}
