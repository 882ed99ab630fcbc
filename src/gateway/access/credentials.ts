import { timingSafeEqual } from 'node:crypto';
import type { Principal } from '../../contract/index.js';
import { endOf, isWorthRecording } from './lifetimes.js';
import { record, type Ledger } from './ledger.js';
import { digestOf, idOf, keys, type ApiTokenRecord, type SessionRecord, type UserRecord } from './records.js';
import { rolesOf } from './roles.js';

export interface Machines {
  readonly node: string;
  readonly partner: string | undefined;
  /** This machine's own token: whoever can read its file or its node document is its administrator anyway. */
  readonly token: string;
}

/** Who brings a credential. Both nodes hold the digests, so that either knows everybody, before and after a failover. */
export class Credentials {
  constructor(
    private readonly ledger: Ledger,
    private readonly machines: Machines,
  ) {}

  who(credential: string): Principal | undefined {
    const digest = digestOf(credential);
    return this.ofSession(digest) ?? this.ofToken(digest) ?? this.ofMachine(digest);
  }

  /** A node's token is known to both once it has been active: what was given out by one works at the other. */
  announceMachine(): void {
    const own = digestOf(this.machines.token);
    const key = keys.machine(this.machines.node);
    if (this.ledger.get(key) !== own) this.ledger.put([{ key, value: own }]);
  }

  private ofSession(digest: string): Principal | undefined {
    const key = keys.session(digest);
    const session = this.ledger.get<SessionRecord>(key);
    if (session === undefined) return undefined;
    const now = this.ledger.now();
    const user = this.ledger.get<UserRecord>(keys.user(session.user));
    if (user === undefined || user.disabled || endOf(session) <= now) return undefined;
    if (isWorthRecording(session, now)) this.ledger.put([{ key, value: record({ ...session, seenMs: now }) }]);
    return { kind: 'user', name: user.name, ...rolesOf(user), session: idOf(digest) };
  }

  private ofToken(digest: string): Principal | undefined {
    const token = this.ledger.get<ApiTokenRecord>(keys.apiToken(digest));
    if (token === undefined || (token.expiresMs !== null && token.expiresMs <= this.ledger.now())) return undefined;
    return { kind: 'token', name: token.name, ...rolesOf(token) };
  }

  private ofMachine(digest: string): Principal | undefined {
    const { node, partner, token } = this.machines;
    if (isSame(digest, digestOf(token))) return machine(node);
    for (const id of [node, partner]) {
      const known = id === undefined ? undefined : this.ledger.get<string>(keys.machine(id));
      if (id !== undefined && known !== undefined && isSame(digest, known)) return machine(id);
    }
    return undefined;
  }
}

function machine(node: string): Principal {
  return { kind: 'machine', name: `node ${node}`, role: 'administrator' };
}

function isSame(a: string, b: string): boolean {
  const [left, right] = [Buffer.from(a), Buffer.from(b)];
  return left.length === right.length && timingSafeEqual(left, right);
}
