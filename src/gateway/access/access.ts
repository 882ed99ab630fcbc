import type { AccessApi } from '../../clients/index.js';
import type { Passwords, Principal, Random } from '../../contract/index.js';
import { ApiTokens } from './api-tokens.js';
import { readAudit } from './audit.js';
import { Credentials } from './credentials.js';
import { Ledger, type AccessParts } from './ledger.js';
import { readingOpen } from './roles.js';
import { Sessions } from './sessions.js';
import { SetUp, type SetUpFile } from './set-up.js';
import { Users } from './users.js';

export interface AccessOptions extends AccessParts {
  readonly node: string;
  readonly partner?: string | undefined;
  /** This machine's own token. */
  readonly token: string;
  /** `access: open`: whoever reaches the console port may read. */
  readonly open: boolean;
  readonly origins: readonly string[];
  readonly consoleUrl: string;
  readonly setUpFile?: SetUpFile | undefined;
  readonly passwords: Passwords;
  readonly random: Random;
}

/** What a node does about users beside answering its clients. */
export interface Access extends AccessApi {
  /** On going active. */
  activated(): void;
  /** Now and then, on the active node. */
  sweep(): void;
}

const ANYONE: Principal = { kind: 'anyone', name: 'anyone', role: 'viewer' };

/** C5, wired together: everything is a record of the pair, so that either node knows everybody. */
export function createAccess(options: AccessOptions): Access {
  const { node, partner, token, random } = options;
  const ledger = new Ledger(options);
  const sessions = new Sessions(ledger, random);
  const users = new Users(ledger, options.passwords, sessions);
  const apiTokens = new ApiTokens(ledger, random);
  const credentials = new Credentials(ledger, { node, partner, token });
  const setUp = new SetUp(ledger, users, sessions, random, { node, partner }, options.setUpFile, options.consoleUrl);
  return {
    anyone: options.open ? ANYONE : undefined,
    origins: options.origins,
    who: (credential) => {
      const principal = credentials.who(credential);
      return principal === undefined || !options.open ? principal : readingOpen(principal);
    },
    get needsSetUp() {
      return setUp.isNeeded;
    },
    setUp: async (request, from) => setUp.use(request, from),
    signIn: async (request, from) => users.signIn(request, from),
    changePassword: async (principal, request, from) => users.changePassword(principal, request, from),
    expiresMs: (principal) => sessions.expiresMs(principal),
    users: () => users.list(),
    addUser: async (user, by) => users.add(user, by),
    changeUser: async (name, change, by) => users.change(name, change, by),
    removeUser: async (name, by) => users.remove(name, by),
    sessions: () => sessions.list(),
    endSession: async (id, by) => sessions.end(id, by),
    tokens: () => apiTokens.list(),
    addToken: async (given, by) => apiTokens.add(given, by),
    removeToken: async (id, by) => apiTokens.remove(id, by),
    audit: async (query) => readAudit(options.auditLog, query),
    note: (entry) => ledger.note(entry),
    activated: () => {
      credentials.announceMachine();
      setUp.offer();
    },
    sweep: () => sessions.sweep(),
  };
}
