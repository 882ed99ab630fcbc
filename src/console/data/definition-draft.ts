/** A definition of the site document as a person changes it, and what it was begun on. */
export interface BegunDraft<T> {
  /** Digest of what was written when it was begun; empty for a new one. */
  readonly base: string;
  readonly value: T;
}

export function draftText<T>(draft: BegunDraft<T>): string {
  return JSON.stringify(draft);
}

export function begunOn<T>(text: string): BegunDraft<T> {
  return JSON.parse(text) as BegunDraft<T>;
}
