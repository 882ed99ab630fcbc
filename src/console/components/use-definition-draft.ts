import { useState } from 'react';
import { readWritten, replaceDefinition, type WrittenDefinition } from '../data/configuration.js';
import { begunOn, draftText } from '../data/definition-draft.js';
import { useServices, useStore } from '../data/services.js';
import { useLoad } from './use-load.js';

export interface DefinitionDraft<T> {
  /** What is in force; undefined until it has been read. */
  readonly written: WrittenDefinition | undefined;
  readonly error: string | undefined;
  /** What a person has made of it, and not applied or discarded yet. */
  readonly value: T | undefined;
  /** Somebody else has applied another version since it was begun. */
  readonly outdated: boolean;
  readonly change: (value: T) => void;
  readonly drop: () => void;
  /** It goes on as a change of what is in force now. */
  readonly keep: () => void;
  /** Puts `next` in force, and ends the draft. @throws RestError CONFIG_CONFLICT where somebody was quicker: nothing is applied then, and nothing lost */
  readonly apply: (next: unknown, comment: string, token: string) => Promise<void>;
}

interface Where {
  /** Of the site document. */
  readonly section: string;
  readonly name: string;
  /** Where the draft is kept in this tab. */
  readonly place: string;
  readonly url: string;
  /** Read again when it is another one, and each `periodMs`. */
  readonly version?: string;
  readonly periodMs?: number;
}

/** One definition of the site document that is being changed: begun on what was in force then, and applied on that only. */
export function useDefinitionDraft<T>({ section, name, place, url, version = '', periodMs }: Where): DefinitionDraft<T> {
  const { drafts } = useServices();
  const kept = useStore(drafts)[place];
  const [turn, setTurn] = useState(0);
  const { value: written, error } = useLoad(`${url} ${section} ${name} ${version}`, async () => (url === '' ? undefined : readWritten(url, section, name)), periodMs, turn, place);
  const draft = kept === undefined ? undefined : begunOn<T>(kept);
  const base = draft?.base ?? written?.digest;
  return {
    written,
    error,
    value: draft?.value,
    outdated: draft !== undefined && written !== undefined && draft.base !== written.digest,
    change: (value) => {
      if (base !== undefined) drafts.put(place, draftText({ base, value }));
    },
    drop: () => drafts.drop(place),
    keep: () => {
      if (draft !== undefined && written !== undefined) drafts.put(place, draftText({ base: written.digest, value: draft.value }));
    },
    apply: async (next, comment, token) => {
      if (base === undefined) return;
      try {
        await replaceDefinition(url, section, name, next, base, comment, token);
        drafts.drop(place);
      } finally {
        // After a refusal, too: what is in force may be another one by now.
        setTurn((before) => before + 1);
      }
    },
  };
}
