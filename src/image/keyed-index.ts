import type { Json } from './frame.js';

/** The keys of a family by what one field of their values says, in the order in which they came to say it. */
export class KeyedIndex {
  private readonly keys = new Map<string, Set<string>>();

  constructor(private readonly field: string) {}

  with(name: string): Iterable<string> {
    return this.keys.get(name) ?? [];
  }

  /** `was` and `value`: null where there is none. */
  change(key: string, was: Json, value: Json): void {
    const before = this.nameIn(was);
    const name = this.nameIn(value);
    if (before === name) return;
    if (before !== undefined) {
      const keys = this.keys.get(before);
      keys?.delete(key);
      if (keys?.size === 0) this.keys.delete(before);
    }
    if (name === undefined) return;
    const keys = this.keys.get(name);
    if (keys === undefined) this.keys.set(name, new Set([key]));
    else keys.add(key);
  }

  private nameIn(value: Json): string | undefined {
    const name = typeof value === 'object' && value !== null && !Array.isArray(value) ? (value as Readonly<Record<string, Json>>)[this.field] : undefined;
    return typeof name === 'string' ? name : undefined;
  }
}
