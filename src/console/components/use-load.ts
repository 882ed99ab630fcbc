import { useEffect, useState } from 'react';
import { messageOf, RestError } from '../data/rest.js';

/** When a node that did not answer is asked again. */
const againMs = 2_000;

export interface Loaded<T> {
  readonly value?: T;
  readonly error?: string;
}

/**
 * Reads when what `key` names changes, and each `periodMs` where one is given; an answer of a former key is dropped. A node that has
 * not answered at all is asked again: a page shall not stay empty for one lost second.
 * Another `turn` reads at once, and what was read before stays until then. Both nodes tell the same of the pair: of what has a
 * `subject`, the answer of the node that was followed before stays until the other one answers, and with it a dialog on it.
 */
export function useLoad<T>(key: string, read: () => Promise<T>, periodMs?: number, turn = 0, subject = key): Loaded<T> {
  const [state, setState] = useState<{ readonly subject: string; readonly loaded: Loaded<T> }>({ subject, loaded: {} });
  useEffect(() => {
    let gone = false;
    let timer: number | undefined;
    const load = async (): Promise<void> => {
      let next: Loaded<T>;
      let pauseMs = periodMs;
      try {
        next = { value: await read() };
      } catch (cause) {
        next = { error: messageOf(cause) };
        if (!(cause instanceof RestError)) pauseMs = Math.min(pauseMs ?? againMs, againMs);
      }
      // After a failure what was read last stays: a dialog that is open on it shall not vanish.
      if (gone) return;
      setState((last) => ({ subject, loaded: last.subject === subject ? { ...(next.error === undefined ? {} : last.loaded), ...next } : next }));
      if (pauseMs !== undefined) timer = window.setTimeout(() => void load(), pauseMs);
    };
    void load();
    return () => {
      gone = true;
      window.clearTimeout(timer);
    };
    // `read` is another function in each rendering; what it reads is told by the key.
  }, [key, periodMs, turn, subject]);
  return state.subject === subject ? state.loaded : {};
}
