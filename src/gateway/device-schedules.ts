import { messageOf, TandemError } from '../contract/index.js';
import type { Confirmation, NodeApi } from '../clients/index.js';
import type { Field } from '../field/index.js';
import type { Json, Publisher } from '../image/index.js';

export interface DeviceSchedulesParts {
  readonly field: Field;
  readonly publisher: Publisher;
  /** Resolves when this node knows whether it may act now; the field asks again for the permit. */
  readonly mayAct: () => Promise<boolean>;
  readonly confirm: (seq: number) => Promise<'protected' | 'unprotected'>;
}

/**
 * Schedules that devices run themselves. A write is an audit entry on both nodes before the device hears of it, and
 * another one with its outcome; it is not repeated after a takeover, whoever asked for it gets no answer and looks.
 */
export function deviceSchedules({ field, publisher, mayAct, confirm }: DeviceSchedulesParts): NodeApi['deviceSchedules'] {
  return {
    list: async (device) => field.schedules(device).list(),
    read: async (device, object) => field.schedules(device).read(object),
    write: async ({ device, object, edit, by }): Promise<Confirmation> => {
      const schedules = field.schedules(device);
      const audit = { what: 'device-schedule', device, object, by, edit: JSON.parse(JSON.stringify(edit)) as Json };
      const note = (state: string, more: Readonly<Record<string, Json>> = {}): number => publisher.record([], [{ kind: 'audit', data: { ...audit, state, ...more } }]);
      await confirm(note('intent'));
      try {
        await mayAct();
        await schedules.write(object, edit);
      } catch (error) {
        const failure = error instanceof TandemError ? error : new TandemError('INTERNAL', messageOf(error), { cause: error });
        note('failed', { code: failure.code, message: failure.message });
        throw failure;
      }
      return { held: await confirm(note('done')) };
    },
  };
}
