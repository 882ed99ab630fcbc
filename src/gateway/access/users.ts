import type { Actor, Caller, GivenRoles, NewUser, SignedIn, UserChange } from '../../clients/index.js';
import { TandemError, type Passwords, type Principal, type UserView } from '../../contract/index.js';
import type { Put } from '../../image/index.js';
import { failed, type Failures } from './lock-out.js';
import { record, type Ledger } from './ledger.js';
import { below, keys, type LockRecord, type UserRecord } from './records.js';
import { checkRoles, rolesOf } from './roles.js';
import { checkName, checkPassword } from './rules.js';
import type { Sessions } from './sessions.js';

const MOST_USERS = 1_000;
/** Names with wrong passwords that are kept in mind. */
const MOST_FAILURES = 1_000;

/** The people who may sign in. */
export class Users {
  private readonly failures = new Map<string, Failures>();
  private dummy: Promise<string> | undefined;

  constructor(
    private readonly ledger: Ledger,
    private readonly passwords: Passwords,
    private readonly sessions: Sessions,
  ) {}

  list(): UserView[] {
    return [...this.ledger.entries<UserRecord>(below.users)].map(([, user]) => this.view(user)).sort((a, b) => a.name.localeCompare(b.name));
  }

  /** @throws USER_INVALID, AREA_UNKNOWN, USER_EXISTS, NOT_ACTIVE */
  async add(user: NewUser & GivenRoles, { principal, address }: Actor): Promise<UserView> {
    const made = await this.make(user);
    await this.ledger.write([putOf(made)], { who: principal.name, from: address, action: 'user-add', target: made.name, new: shown(made), outcome: 'done' });
    return this.view(made);
  }

  /** A new user's record, not written yet. @throws USER_INVALID, USER_EXISTS, NOT_ACTIVE */
  async make({ name, password, fullName = '', role, areas }: NewUser & GivenRoles): Promise<UserRecord> {
    this.ledger.mustBeActive();
    checkName(name);
    checkPassword(password, name);
    const roles = checkRoles({ role, ...(areas === undefined ? {} : { areas }) }, this.ledger.parts.areas());
    const free = (): void => {
      if (this.ledger.get(keys.user(name)) !== undefined) throw new TandemError('USER_EXISTS', `there is a user ${name} already`);
    };
    free();
    if ([...this.ledger.entries(below.users)].length >= MOST_USERS) throw new TandemError('CLIENT_LIMIT', `at most ${MOST_USERS} users`);
    const hash = await this.passwords.hash(password);
    free();
    const now = this.ledger.now();
    return { name, ...roles, fullName, disabled: false, hash, createdMs: now, passwordMs: now };
  }

  /** @throws USER_UNKNOWN, USER_INVALID, AREA_UNKNOWN, NOT_ACTIVE */
  async change(name: string, { password, locked, ...given }: UserChange, { principal, address }: Actor): Promise<UserView> {
    this.ledger.mustBeActive();
    this.known(name);
    if (password !== undefined) checkPassword(password, name);
    const hash = password === undefined ? undefined : await this.passwords.hash(password);
    const { areas: areasBefore, ...before } = this.known(name);
    const rolesBefore = { role: before.role, ...(areasBefore === undefined ? {} : { areas: areasBefore }) };
    const { role = before.role, areas = areasBefore, fullName = before.fullName, disabled = before.disabled } = given;
    const roles = given.role === undefined && given.areas === undefined ? rolesBefore : checkRoles({ role, ...(areas === undefined ? {} : { areas }) }, this.ledger.parts.areas(), rolesBefore);
    const after: UserRecord = { ...before, ...roles, fullName, disabled, ...(hash === undefined ? {} : { hash, passwordMs: this.ledger.now() }) };
    if (role !== 'administrator' || disabled) this.mustNotBeLast(before);
    const puts: Put[] = [putOf(after)];
    if (hash !== undefined || disabled) puts.push(...this.sessions.endingOf(before.name, principal.session));
    if (locked === false || hash !== undefined) puts.push(...this.unlocking(before.name));
    await this.ledger.write(puts, { who: principal.name, from: address, action: 'user-change', target: before.name, old: shown({ ...before, ...rolesBefore }), new: { ...shown(after), ...(hash === undefined ? {} : { password: 'new' }), ...(locked === undefined ? {} : { locked }) }, outcome: 'done' });
    return this.view(after);
  }

  /** @throws USER_UNKNOWN, USER_INVALID, NOT_ACTIVE */
  async remove(name: string, { principal, address }: Actor): Promise<void> {
    const user = this.known(name);
    this.mustNotBeLast(user);
    const puts: Put[] = [{ key: keys.user(name), value: null }, ...this.unlocking(name), ...this.sessions.endingOf(user.name)];
    await this.ledger.write(puts, { who: principal.name, from: address, action: 'user-remove', target: user.name, old: shown(user), outcome: 'done' });
  }

  /** @throws CLIENT_UNAUTHORIZED, USER_LOCKED, NOT_ACTIVE */
  async signIn({ user: name, password }: { readonly user: string; readonly password: string }, from: Caller): Promise<SignedIn> {
    this.ledger.mustBeActive();
    const user = await this.verified(name, password, from);
    const { signedIn, puts } = this.sessions.begin(user, from);
    await this.ledger.write(puts, { who: user.name, from: from.address, action: 'sign-in', target: user.name, outcome: 'done' });
    return signedIn;
  }

  /** @throws CLIENT_UNAUTHORIZED, USER_LOCKED, USER_INVALID, NOT_ACTIVE */
  async changePassword(principal: Principal, request: { readonly old: string; readonly new: string }, from: Caller): Promise<void> {
    if (principal.kind !== 'user') throw new TandemError('USER_INVALID', 'only who has signed in with a password can change it');
    await this.verified(principal.name, request.old, from);
    await this.change(principal.name, { password: request.new }, { principal, address: from.address });
  }

  private async verified(name: string, password: string, { address }: Caller): Promise<UserRecord> {
    const lock = this.ledger.get<LockRecord>(keys.lock(name));
    if (lock !== undefined && lock.untilMs > this.ledger.now()) throw new TandemError('USER_LOCKED', `too many wrong passwords for ${name}: try again after ${new Date(lock.untilMs).toISOString()}, or ask an administrator`, { details: { untilMs: lock.untilMs } });
    const user = this.ledger.get<UserRecord>(keys.user(name));
    // A name that does not exist takes as long as one that does.
    const matches = await this.passwords.matches(password, user?.hash ?? (await (this.dummy ??= this.passwords.hash('nobody'))));
    if (user !== undefined && matches && !user.disabled) {
      this.failures.delete(user.name.toLowerCase());
      return user;
    }
    this.refuse(name, address, user !== undefined);
    throw new TandemError('CLIENT_UNAUTHORIZED', 'the name or the password is wrong');
  }

  private refuse(name: string, address: string, exists: boolean): void {
    const id = name.toLowerCase().slice(0, 60);
    const { failures, lockedUntilMs } = failed(this.failures.get(id), this.ledger.now());
    this.failures.delete(id);
    if (failures !== undefined) this.failures.set(id, failures);
    for (const oldest of this.failures.keys()) {
      if (this.failures.size <= MOST_FAILURES) break;
      this.failures.delete(oldest);
    }
    // Only users are locked: names that do not exist would fill the state of both nodes.
    if (exists && lockedUntilMs !== undefined) this.ledger.put([{ key: keys.lock(name), value: record({ untilMs: lockedUntilMs }) }]);
    this.ledger.note({ who: id, from: address, action: 'sign-in', target: id, outcome: 'refused', code: 'CLIENT_UNAUTHORIZED', ...(exists && lockedUntilMs !== undefined ? { message: 'locked for five minutes' } : {}) });
  }

  private view(user: UserRecord): UserView {
    const lock = this.ledger.get<LockRecord>(keys.lock(user.name));
    const { name, fullName, disabled, createdMs, passwordMs } = user;
    return { name, ...rolesOf(user), fullName, disabled, createdMs, passwordMs, sessions: this.sessions.count(user.name), ...(lock !== undefined && lock.untilMs > this.ledger.now() ? { lockedUntilMs: lock.untilMs } : {}) };
  }

  private known(name: string): UserRecord {
    const user = this.ledger.get<UserRecord>(keys.user(name));
    if (user === undefined) throw new TandemError('USER_UNKNOWN', `there is no user ${name}`);
    return user;
  }

  private unlocking(name: string): Put[] {
    this.failures.delete(name.toLowerCase());
    return this.ledger.get(keys.lock(name)) === undefined ? [] : [{ key: keys.lock(name), value: null }];
  }

  private mustNotBeLast(user: UserRecord): void {
    if (user.role !== 'administrator' || user.disabled) return;
    const others = [...this.ledger.entries<UserRecord>(below.users)].some(([, other]) => other.name !== user.name && other.role === 'administrator' && !other.disabled);
    if (!others) throw new TandemError('USER_INVALID', `${user.name} is the last administrator: make another one first`);
  }
}

function putOf(user: UserRecord): Put {
  return { key: keys.user(user.name), value: record(user) };
}

/** What an audit entry says of a user. */
function shown({ fullName, disabled, ...roles }: UserRecord): object {
  return { ...rolesOf(roles), ...(fullName === '' ? {} : { fullName }), ...(disabled ? { disabled } : {}) };
}
