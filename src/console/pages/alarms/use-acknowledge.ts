import { useCallback, useState } from 'react';
import type { WireAlarm } from '../../../contract/client-protocol.js';
import { messageOf } from '../../data/rest.js';
import { useServices } from '../../data/services.js';
import { texts } from '../../texts.js';

export interface Acknowledging {
  readonly working: ReadonlySet<string>;
  readonly error: string | undefined;
  readonly acknowledge: (alarm: WireAlarm) => void;
}

/** Acknowledges alarms, each with its own "under way", and keeps the text of the last refusal. */
export function useAcknowledge(onSignIn: () => void): Acknowledging {
  const { plant, session } = useServices();
  const [working, setWorking] = useState<ReadonlySet<string>>(new Set());
  const [error, setError] = useState<string>();

  const acknowledge = useCallback(
    (alarm: WireAlarm) => {
      if (session.get() === undefined) {
        onSignIn();
        return;
      }
      const run = async (): Promise<void> => {
        setError(undefined);
        setWorking((present) => new Set(present).add(alarm.name));
        try {
          await plant.acknowledge(alarm);
        } catch (cause) {
          setError(`${texts.alarms.acknowledgeFailed(alarm.name)}: ${messageOf(cause)}`);
        } finally {
          setWorking((present) => new Set([...present].filter((name) => name !== alarm.name)));
        }
      };
      void run();
    },
    [plant, session, onSignIn],
  );

  return { working, error, acknowledge };
}
