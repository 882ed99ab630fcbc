import type { Actor, Caller, SignedIn } from '../../clients/index.js';
import { TandemError, type Principal, type Random, type SessionView } from '../../contract/index.js';
import type { Put } from '../../image/index.js';
import { endOf } from './lifetimes.js';
import { record, type Ledger } from './ledger.js';
import { below, digestOf, idOf, keys, type SessionRecord, type UserRecord } from './records.js';
import { rolesOf } from './roles.js';

const MOST_OF_A_USER = 50;

/** Open sessions of people. */
export class Sessions {
  constructor(
    private readonly ledger: Ledger,
    private readonly random: Random,
  ) {}

  list(): SessionView[] {
    return [...this.open()].map(([digest, session]) => ({ id: idOf(digest), expiresMs: endOf(session), ...session })).sort((a, b) => b.seenMs - a.seenMs);
  }

  count(user: string): number {
    return [...this.open()].filter(([, session]) => isOf(session, user)).length;
  }

  /** A new session, and what to write for it. */
  begin(user: UserRecord, { address, agent }: Caller): { readonly signedIn: SignedIn; readonly puts: readonly Put[] } {
    const now = this.ledger.now();
    const key = this.random.hex(32);
    const digest = digestOf(key);
    const session: SessionRecord = { user: user.name, createdMs: now, seenMs: now, from: address, agent: agent.slice(0, 200) };
    const own = [...this.open()].filter(([, other]) => isOf(other, user.name)).sort(([, a], [, b]) => a.seenMs - b.seenMs);
    const gone = own.slice(0, Math.max(0, own.length - MOST_OF_A_USER + 1));
    return {
      signedIn: { key, expiresMs: endOf(session), principal: { kind: 'user', name: user.name, ...rolesOf(user), session: idOf(digest) } },
      puts: [{ key: keys.session(digest), value: record(session) }, ...gone.map(([other]) => ({ key: keys.session(other), value: null }))],
    };
  }

  async end(id: string, { principal, address }: Actor): Promise<void> {
    const found = [...this.ledger.entries<SessionRecord>(below.sessions)].find(([digest]) => idOf(digest) === id);
    if (found === undefined) throw new TandemError('USER_UNKNOWN', `there is no session ${id} (any more)`);
    const [digest, { user }] = found;
    const action = principal.session === id ? 'sign-out' : 'session-end';
    await this.ledger.write([{ key: keys.session(digest), value: null }], { who: principal.name, from: address, action, target: user, outcome: 'done' });
  }

  expiresMs({ session }: Principal): number | undefined {
    return session === undefined ? undefined : this.list().find(({ id }) => id === session)?.expiresMs;
  }

  /** What ends every session of a user but one. */
  endingOf(user: string, except?: string): Put[] {
    return [...this.ledger.entries<SessionRecord>(below.sessions)].filter(([digest, session]) => isOf(session, user) && idOf(digest) !== except).map(([digest]) => ({ key: keys.session(digest), value: null }));
  }

  /** Forgets what has ended by itself. */
  sweep(): void {
    const now = this.ledger.now();
    const ended = [...this.ledger.entries<SessionRecord>(below.sessions)].filter(([, session]) => endOf(session) <= now);
    if (ended.length > 0) this.ledger.put(ended.map(([digest]) => ({ key: keys.session(digest), value: null })));
  }

  private *open(): Generator<readonly [digest: string, session: SessionRecord]> {
    const now = this.ledger.now();
    for (const entry of this.ledger.entries<SessionRecord>(below.sessions)) if (endOf(entry[1]) > now) yield entry;
  }
}

function isOf(session: SessionRecord, user: string): boolean {
  return session.user.toLowerCase() === user.toLowerCase();
}
