import { messageOf, type Log, type SharedResource } from '../contract/index.js';

interface Entry {
  readonly resource: SharedResource;
  readonly users: Set<string>;
}

/** What drivers share (one UDP socket for all BACnet devices): closed when the last device that uses it has stopped. */
export class SharedResources {
  private readonly entries = new Map<string, Entry>();
  private readonly closing = new Set<Promise<void>>();

  constructor(private readonly log: Log) {}

  use<T extends SharedResource>(key: string, user: string, make: () => T): T {
    let entry = this.entries.get(key);
    if (entry === undefined) {
      entry = { resource: make(), users: new Set() };
      this.entries.set(key, entry);
    }
    entry.users.add(user);
    // The key names the type: whoever shares a key shares the code that makes the resource.
    return entry.resource as T;
  }

  /** Ends what `user` uses; resolves when what nobody uses any more is closed. */
  async release(user: string): Promise<void> {
    for (const [key, entry] of this.entries) {
      if (!entry.users.delete(user) || entry.users.size > 0) continue;
      this.entries.delete(key);
      const closed = this.close(key, entry.resource).finally(() => void this.closing.delete(closed));
      this.closing.add(closed);
    }
    await this.closed();
  }

  /** Something is still being closed, so its port may not be free yet. */
  get isClosing(): boolean {
    return this.closing.size > 0;
  }

  async closed(): Promise<void> {
    await Promise.all(this.closing);
  }

  private async close(key: string, resource: SharedResource): Promise<void> {
    try {
      await resource.close();
    } catch (error) {
      this.log.error(`shared ${key} did not close: ${messageOf(error)}`, error);
    }
  }
}
