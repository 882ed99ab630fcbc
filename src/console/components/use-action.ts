import { useState } from 'react';
import { messageOf } from '../data/rest.js';
import { useServices } from '../data/services.js';
import type { OutcomeState } from './outcome.js';

/** Something that needs the write token and takes its time: what it has come to, and a way to begin it. */
export function useAction(onSignIn: () => void): { readonly outcome: OutcomeState | undefined; readonly busy: boolean; readonly start: (working: string, run: (token: string) => Promise<string | undefined>) => void } {
  const { session } = useServices();
  const [outcome, setOutcome] = useState<OutcomeState>();
  const start = (working: string, run: (token: string) => Promise<string | undefined>): void => {
    const token = session.get();
    if (token === undefined) {
      onSignIn();
      return;
    }
    setOutcome({ kind: 'working', text: working });
    run(token).then(
      (text) => setOutcome(text === undefined ? undefined : { kind: 'done', text }),
      (cause: unknown) => setOutcome({ kind: 'failed', text: messageOf(cause) }),
    );
  };
  return { outcome, busy: outcome?.kind === 'working', start };
}
