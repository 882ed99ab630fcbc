import { useEffect, useState } from 'react';
import { messageOf } from '../data/rest.js';

export interface Loaded<T> {
  readonly value?: T;
  readonly error?: string;
}

/**
 * Reads when what `key` names changes, and each `periodMs` where one is given; an answer of a former key is dropped.
 * Another `turn` reads at once, and what was read before stays until then. Both nodes tell the same of the pair: of what has a
 * `subject`, the answer of the node that was followed before stays until the other one answers, and with it a dialog on it.
 */
export function useLoad<T>(key: string, read: () => Promise<T>, periodMs?: number, turn = 0, subject = key): Loaded<T> {
  const [state, setState] = useState<{ readonly subject: string; readonly loaded: Loaded<T> }>({ subject, loaded: {} });
  useEffect(() => {
    let gone = false;
    const load = async (): Promise<void> => {
      let next: Loaded<T>;
      try {
        next = { value: await read() };
      } catch (cause) {
        next = { error: messageOf(cause) };
      }
      // After a failure what was read last stays: a dialog that is open on it shall not vanish.
      if (!gone) setState((last) => ({ subject, loaded: last.subject === subject ? { ...(next.error === undefined ? {} : last.loaded), ...next } : next }));
    };
    void load();
    const timer = periodMs === undefined ? undefined : window.setInterval(() => void load(), periodMs);
    return () => {
      gone = true;
      window.clearInterval(timer);
    };
    // `read` is another function in each rendering; what it reads is told by the key.
  }, [key, periodMs, turn, subject]);
  return state.subject === subject ? state.loaded : {};
}
