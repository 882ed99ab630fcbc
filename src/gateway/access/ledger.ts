import { TandemError, type AreaDefinition, type AuditNote, type Log } from '../../contract/index.js';
import type { Json, LogEntry, PairState, Publisher, Put } from '../../image/index.js';

/** What everything about users is given of the node. */
export interface AccessParts {
  /** Those of the configuration in force. */
  readonly areas: () => readonly AreaDefinition[];
  readonly state: PairState;
  readonly publisher: Publisher;
  readonly pairTime: () => number;
  readonly isActive: () => boolean;
  readonly confirm: (seq: number) => Promise<unknown>;
  readonly auditLog: (limit: number, before?: string) => Promise<readonly LogEntry[]>;
  /** For what a standby does on its own, which no frame can carry. */
  readonly keepEvent: (what: string, evidence: string) => void;
  readonly log: Log;
}


/** Writes what changes and who changed it in one frame, and waits until both nodes have it. */
export class Ledger {
  constructor(readonly parts: AccessParts) {}

  now(): number {
    return this.parts.pairTime();
  }

  get<T>(key: string): T | undefined {
    return this.parts.state.keyed.get(key) as T | undefined;
  }

  *entries<T>(prefix: string): Generator<readonly [rest: string, record: T]> {
    for (const [key, value] of this.parts.state.keyed.entries(prefix)) yield [key.slice(prefix.length), value as T];
  }

  /** @throws NOT_ACTIVE */
  mustBeActive(): void {
    if (!this.parts.isActive()) throw new TandemError('NOT_ACTIVE', 'users are kept by the active node: ask the other one');
  }

  /** @throws NOT_ACTIVE */
  async write(puts: readonly Put[], note: AuditNote): Promise<void> {
    this.mustBeActive();
    await this.parts.confirm(this.parts.publisher.record(puts, [{ kind: 'audit', data: jsonOf(note) }]));
  }

  /** Without waiting, for what nobody is told of. */
  put(puts: readonly Put[]): void {
    if (this.parts.isActive()) this.parts.publisher.record(puts);
  }

  note(note: AuditNote): void {
    if (this.parts.isActive()) this.parts.publisher.record([], [{ kind: 'audit', data: jsonOf(note) }]);
    else this.parts.keepEvent(`audit: ${note.action} ${note.target}`, `${note.who}@${note.from}, ${note.outcome}${note.code === undefined ? '' : ` (${note.code})`}${note.new === undefined ? '' : `: ${JSON.stringify(note.new)}`}`);
  }
}

export function record(value: object): Json {
  return jsonOf(value);
}

function jsonOf(value: object): Json {
  return JSON.parse(JSON.stringify(value)) as Json;
}
