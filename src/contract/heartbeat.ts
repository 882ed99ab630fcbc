import type { Endpoint } from './settings.js';

/** Carries small datagrams beside the sync link, from a thread of its own where the machine has threads (R18, R27). */
export interface HeartbeatCarrier {
  /**
   * Sends what was said last every `periodMs`, whatever the main thread does, to a node that listens at `to`.
   * Rejects with PORT_IN_USE or INTERNAL.
   */
  open(at: Endpoint, to: Endpoint, periodMs: number, onMessage: (text: string) => void): Promise<HeartbeatPath>;
}

export interface HeartbeatPath {
  /** Sent at once, then repeated until there is something newer: a receiver sees whether the main thread gets on. */
  say(text: string): void;
  close(): Promise<void>;
}
