import type { Actor, NewToken } from '../../clients/index.js';
import { TandemError, type Random, type TokenView } from '../../contract/index.js';
import { record, type Ledger } from './ledger.js';
import { below, digestOf, idOf, keys, type ApiTokenRecord } from './records.js';
import { checkRoles, rolesOf } from './roles.js';
import { checkName } from './rules.js';

const MOST_TOKENS = 1_000;

/** Tokens for programs: a role as scope, an end, and no way to sign in. */
export class ApiTokens {
  constructor(
    private readonly ledger: Ledger,
    private readonly random: Random,
  ) {}

  list(): TokenView[] {
    return [...this.ledger.entries<ApiTokenRecord>(below.apiTokens)].map(([digest, token]) => ({ id: idOf(digest), ...token })).sort((a, b) => a.name.localeCompare(b.name));
  }

  /** @throws USER_INVALID, AREA_UNKNOWN, USER_EXISTS, NOT_ACTIVE */
  async add({ name, role, areas, expiresMs }: NewToken, { principal, address }: Actor): Promise<TokenView & { readonly token: string }> {
    this.ledger.mustBeActive();
    checkName(name);
    const roles = checkRoles({ role, ...(areas === undefined ? {} : { areas }) }, this.ledger.parts.areas());
    const now = this.ledger.now();
    const held = this.list();
    if (held.some((other) => other.name === name)) throw new TandemError('USER_EXISTS', `there is a token ${name} already`);
    if (held.length >= MOST_TOKENS) throw new TandemError('CLIENT_LIMIT', `at most ${MOST_TOKENS} tokens`);
    if (expiresMs !== null && expiresMs <= now) throw new TandemError('USER_INVALID', 'the token would have ended already');
    // The beginning lets scanners of leaked secrets recognize it.
    const token = `tandem_${this.random.hex(24)}`;
    const digest = digestOf(token);
    const made: ApiTokenRecord = { name, ...roles, by: principal.name, createdMs: now, expiresMs };
    await this.ledger.write([{ key: keys.apiToken(digest), value: record(made) }], { who: principal.name, from: address, action: 'token-add', target: name, new: { ...roles, expiresMs }, outcome: 'done' });
    return { id: idOf(digest), ...made, token };
  }

  /** @throws USER_UNKNOWN, NOT_ACTIVE */
  async remove(id: string, { principal, address }: Actor): Promise<void> {
    const found = [...this.ledger.entries<ApiTokenRecord>(below.apiTokens)].find(([digest]) => idOf(digest) === id);
    if (found === undefined) throw new TandemError('USER_UNKNOWN', `there is no token ${id} (any more)`);
    const [digest, { name, expiresMs, ...roles }] = found;
    await this.ledger.write([{ key: keys.apiToken(digest), value: null }], { who: principal.name, from: address, action: 'token-remove', target: name, old: { ...rolesOf(roles), expiresMs }, outcome: 'done' });
  }
}
