import { useState } from 'react';

/** Some entries of a record, newest first; `next` is what the older ones are asked for with, undefined where there are none. */
export interface RecordPage<T> {
  readonly rows: readonly T[];
  readonly next: string | undefined;
}

/** The newest page of a record, which goes on changing, with the older ones below it that somebody has asked for. They are of one `key`: what is looked for. */
export function useOlder<T extends { readonly id: string }>(key: string, newest: RecordPage<T> | undefined, read: (before: string) => Promise<RecordPage<T>>): RecordPage<T> & { readonly showOlder: () => Promise<void> } {
  const [older, setOlder] = useState<RecordPage<T> & { readonly key: string }>();
  const more = older?.key === key ? older : undefined;
  const first = newest?.rows ?? [];
  const seen = new Set(first.map(({ id }) => id));
  const rows = more === undefined ? first : [...first, ...more.rows.filter(({ id }) => !seen.has(id))];
  const next = more === undefined ? newest?.next : more.next;
  const showOlder = async (): Promise<void> => {
    if (next === undefined) return;
    const page = await read(next);
    // What is the newest page now will have lost its end to new entries by the time that this is looked at.
    setOlder({ key, rows: [...(more === undefined ? first : more.rows), ...page.rows], next: page.next });
  };
  return { rows, next, showOlder };
}
