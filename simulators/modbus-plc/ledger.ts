import type { PlcWrite } from './unit.js';

/** What one remote host has done to the PLC. */
export interface RemoteCounters {
  /** Connections ever made. */
  connections: number;
  /** Connections open now. */
  open: number;
  /** Requests by function code. */
  requests: Record<number, number>;
  writes: number;
}

/** Who connected, asked and wrote: what a test needs to prove that a standby touched nothing. */
export class Ledger {
  readonly remotes = new Map<string, RemoteCounters>();
  readonly writes: PlcWrite[] = [];

  /** Counters of a remote host; all zero for one that has never been seen. */
  of(host: string): RemoteCounters {
    let counters = this.remotes.get(host);
    if (counters === undefined) {
      counters = { connections: 0, open: 0, requests: {}, writes: 0 };
      this.remotes.set(host, counters);
    }
    return counters;
  }

  requestsOf(host: string): number {
    return Object.values(this.of(host).requests).reduce((sum, count) => sum + count, 0);
  }

  opened(host: string): void {
    const counters = this.of(host);
    counters.connections++;
    counters.open++;
  }

  closed(host: string): void {
    this.of(host).open--;
  }

  asked(host: string, functionCode: number): void {
    const { requests } = this.of(host);
    requests[functionCode] = (requests[functionCode] ?? 0) + 1;
  }

  wrote(write: PlcWrite): void {
    this.of(write.remote).writes++;
    this.writes.push(write);
  }
}
