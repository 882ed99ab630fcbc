import type { FieldWrite } from '../plant.js';
import type { Confirmed } from '../sim-client.js';
import { PULSE, SCHEDULED } from '../site.js';
import type { SimWorld } from '../world.js';
import type { Invariant } from './invariant.js';

/** A client has given up asking long before, and so has whoever settles a command in doubt. */
const LONGEST_MS = 20_000;

/**
 * Of (c) and rule 5: a command that was confirmed has reached the device, one that may not be repeated has reached it at
 * most once, and what was superseded by a later command is not written again (rule 3: no older commands).
 */
export class CommandsOnce implements Invariant {
  private readonly times = new Map<number, number>();
  private readonly done = new Map<number, Confirmed>();
  private readonly askedMs = new Map<number, { point: string; atMs: number }>();

  commanded(world: SimWorld, point: string, value: number): void {
    this.askedMs.set(value, { point, atMs: world.nowMs });
  }

  fieldWrite(world: SimWorld, { device, register, value, from, repeatedOfMs }: FieldWrite): void {
    if (device === SCHEDULED.device && register === SCHEDULED.register) return;
    const times = (this.times.get(value) ?? 0) + 1;
    this.times.set(value, times);
    const asked = this.askedMs.get(value);
    if (asked === undefined) {
      world.wrong('c', `${device} got ${value} in register ${register} from ${from}, which nobody asked for`);
      return;
    }
    if (asked.point === PULSE && times > 1) world.wrong('c', `${PULSE} got ${value} ${times} times, and may not be repeated`);
    const own = this.done.get(value);
    if (world.isSplit || (own === undefined && world.nowMs - asked.atMs < LONGEST_MS)) return;
    // It left a node before anybody else had carried it out, and a path that was cut has held it up since (story 12750).
    if (own !== undefined && repeatedOfMs !== undefined && repeatedOfMs <= own.atMs) {
      world.count('(write that a kernel repeated after a later command)');
      return;
    }
    for (const later of this.done.values()) {
      if (later.point === asked.point && (this.askedMs.get(later.value)?.atMs ?? 0) > (own?.atMs ?? asked.atMs)) {
        world.wrong('c', `${asked.point} got ${value} again from ${from}, though ${later.value} has been confirmed since`);
        return;
      }
    }
  }

  confirmed(world: SimWorld, confirmed: Confirmed): void {
    if (confirmed.what !== 'command') return;
    this.done.set(confirmed.value, confirmed);
    if (!this.times.has(confirmed.value)) world.wrong('c', `command ${confirmed.id} was confirmed, and its value ${confirmed.value} never reached the device`);
  }
}
