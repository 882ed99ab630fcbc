import { isTandemError, TandemError, type DriverModule, type Log, type PointDefinition, type PointValue, type Timers } from '../contract/index.js';
import type { Field, FieldWriteOptions } from '../field/index.js';
import { isArrayOurs, readHold, type PointHolds, type VirtualPoints } from '../functions/index.js';
import type { PairState, Publisher } from '../image/index.js';
import { staleSince, type Pair, type PairClock } from '../redundancy/index.js';
import { Commands } from './commands.js';
import { PointControl } from './point-control.js';
import { Pulses } from './pulses.js';
import type { SiteInForce } from './site-in-force.js';

export interface CommandingParts {
  readonly state: PairState;
  readonly publisher: Publisher;
  readonly pair: Pair;
  readonly pairClock: PairClock;
  readonly field: Field;
  readonly inForce: SiteInForce;
  readonly modules: readonly DriverModule[];
  readonly timers: Timers;
  readonly log: Log;
  /** @throws POINT_UNKNOWN */
  readonly idOf: (point: string) => number;
  /** Those of the configuration in force. */
  readonly virtual: () => VirtualPoints;
  readonly holds: PointHolds;
}

export interface Commanding {
  readonly commands: Commands;
  readonly pulses: Pulses;
  readonly points: PointControl;
  /** Whether devices of a driver, by its kind, keep priority arrays of their own. */
  readonly drivers: ReadonlyMap<string, boolean>;
  readonly hasOwnArray: (point: PointDefinition) => boolean;
}

/** Whatever people, schedules and programs command, on its way to the field: one gate for all of it. */
export function createCommanding({ state, publisher, pair, pairClock, field, inForce, modules, timers, log, idOf, virtual, holds }: CommandingParts): Commanding {
  const drivers = new Map(modules.map((module) => [module.kind, module.capabilities.priorities]));
  const hasPriorities = (point: PointDefinition): boolean => drivers.get(inForce.current.devices.find(({ name }) => name === point.device)?.driver ?? '') === true;
  const hasOwnArray = (point: PointDefinition): boolean => isArrayOurs(point, hasPriorities(point));
  const writeTimeoutMs = (point: string): number => inForce.current.devices.find((device) => device.name === state.table.find(point)?.device)?.writeTimeoutMs ?? 0;
  const writeNow = async (point: string, value: PointValue | null, priority: number, options?: FieldWriteOptions): Promise<void> => {
    const id = idOf(point);
    if (!virtual().has(id)) return field.write({ point: id, value, priority }, options);
    if (pair.currentRole !== 'active' || !pair.permit()) throw new TandemError('FENCED', 'this node may not write now: it has to hear from its peer first');
    virtual().set(id, value);
    options?.onTaken?.();
  };
  /** FENCED says that nothing was sent: a doubt that comes between the question and the device, and passes, refuses nobody. */
  const write: typeof writeNow = async (point, value, priority, options) => {
    // After a longer absence nobody waits for it any more.
    const untilMs = pairClock.now() + inForce.settings.current.failoverTimeMs;
    for (;;) {
      const isSure = await pair.mayAct();
      try {
        await writeNow(point, value, priority, options);
        return;
      } catch (error) {
        if (!isSure || !isTandemError(error, 'FENCED') || pair.currentRole !== 'active' || pairClock.now() >= untilMs) throw error;
      }
    }
  };
  const commands: Commands = new Commands({
    state,
    publisher,
    timers,
    log: log.child('commands'),
    role: () => pair.currentRole,
    pairTime: () => pairClock.now(),
    confirm: async (seq) => pair.sync.confirm(seq),
    mayReassert: (timeMs) => !pair.isStale && timeMs >= staleSince(state),
    staleSince: () => staleSince(state),
    isUnheard: () => pair.isUnheard,
    write: async (point, value, priority) => write(point, value, priority, { onTaken: () => pulses.written(point, value, priority) }),
    read: async (point) => (virtual().has(idOf(point)) ? state.image.value(idOf(point)) : field.readOutcome(idOf(point))),
    isArrayOurs: hasOwnArray,
    isOutOfService: (point) => readHold(state.keyed, point.name)?.kind === 'out-of-service',
    onCommanded: (point) => {
      const id = state.table.find(point)?.id;
      if (id === undefined || !virtual().has(id)) return;
      virtual().touch(id);
      publisher.tick();
    },
    alongside: (point, value, priority) => pulses.begins(point, value, priority),
    writeTimeoutMs,
  });
  const pulses: Pulses = new Pulses({
    state,
    publisher,
    timers,
    log: log.child('pulses'),
    role: () => pair.currentRole,
    pairTime: () => pairClock.now(),
    // What the pulse did may well last: a feedback point proves its beginning.
    write: async (point, value, priority) => write(point, value, priority, { proof: 'taken' }),
    writeTimeoutMs,
    hasPriorities,
  });
  const points = new PointControl({ state, publisher, commands, holds, virtual, role: () => pair.currentRole, pairTime: () => pairClock.now(), confirm: async (seq) => pair.sync.confirm(seq), log: log.child('points') });
  return { commands, pulses, points, drivers, hasOwnArray };
}
