import type { Caller, NewUser, SignedIn } from '../../clients/index.js';
import { TandemError, type Random } from '../../contract/index.js';
import type { Put } from '../../image/index.js';
import { record, type Ledger } from './ledger.js';
import { digestOf, keys } from './records.js';
import type { Sessions } from './sessions.js';
import type { Users } from './users.js';

/** Where a node keeps its set-up code, readable by its owner alone. */
export interface SetUpFile {
  readonly path: string;
  read(): string | undefined;
  write(code: string): void;
  remove(): void;
}

/** Without letters that are mistaken for others (Crockford's base 32). */
const LETTERS = '0123456789ABCDEFGHJKMNPQRSTVWXYZ';
const GROUPS = 4;
const GROUP = 4;

/**
 * The way to the first administrator: there is no default password. The active node shows a code once, on its log and in
 * a file; whoever can read either is in charge of the machine. Both nodes hold its digest, so that it stays valid
 * when control moves before anybody has used it.
 */
export class SetUp {
  constructor(
    private readonly ledger: Ledger,
    private readonly users: Users,
    private readonly sessions: Sessions,
    private readonly random: Random,
    private readonly nodes: { readonly node: string; readonly partner: string | undefined },
    private readonly file: SetUpFile | undefined,
    private readonly consoleUrl: string,
  ) {}

  get isNeeded(): boolean {
    return this.ledger.get(keys.ready) === undefined;
  }

  /** On going active. */
  offer(): void {
    const { file } = this;
    if (file === undefined) return;
    if (!this.isNeeded) {
      file.remove();
      return;
    }
    const { log } = this.ledger.parts;
    const key = keys.setUp(this.nodes.node);
    let code = file.read();
    if (code === undefined) {
      code = this.newCode();
      file.write(code);
      log.warn(`nobody can sign in yet. Open ${this.consoleUrl} and make the first administrator with the set-up code ${code} (also in ${file.path}), or: tandem user setup`);
    }
    const digest = digestOf(plain(code));
    if (this.ledger.get(key) !== digest) this.ledger.put([{ key, value: digest }]);
  }

  /** @throws SETUP_REFUSED, USER_INVALID, NOT_ACTIVE */
  async use({ code, ...user }: NewUser & { readonly code: string }, from: Caller): Promise<SignedIn> {
    this.ledger.mustBeActive();
    this.mustBeOpen();
    const digest = digestOf(plain(code));
    const offered = [this.nodes.node, this.nodes.partner].filter((node) => node !== undefined).map((node) => keys.setUp(node));
    if (!offered.some((key) => this.ledger.get(key) === digest)) {
      this.ledger.note({ who: user.name.slice(0, 60), from: from.address, action: 'set-up', target: user.name.slice(0, 60), outcome: 'refused', code: 'SETUP_REFUSED' });
      throw new TandemError('SETUP_REFUSED', 'the set-up code is wrong: it is in the log of the node that is active, and in the file `set-up-code` of its data folder');
    }
    const first = await this.users.make({ ...user, role: 'administrator' });
    this.mustBeOpen();
    const { signedIn, puts } = this.sessions.begin(first, from);
    const used: Put[] = offered.map((key) => ({ key, value: null }));
    await this.ledger.write([{ key: keys.ready, value: true }, { key: keys.user(first.name), value: record(first) }, ...puts, ...used], { who: first.name, from: from.address, action: 'set-up', target: first.name, new: { role: first.role }, outcome: 'done' });
    this.file?.remove();
    return signedIn;
  }

  private mustBeOpen(): void {
    if (!this.isNeeded) throw new TandemError('SETUP_REFUSED', 'there is an administrator already: sign in');
  }

  private newCode(): string {
    const bytes = Buffer.from(this.random.hex(GROUPS * GROUP), 'hex');
    const letters = [...bytes].map((byte) => LETTERS[byte % LETTERS.length]).join('');
    return Array.from({ length: GROUPS }, (_, at) => letters.slice(at * GROUP, (at + 1) * GROUP)).join('-');
  }
}

/** As people type it. */
function plain(code: string): string {
  return code.toUpperCase().replace(/[^0-9A-Z]/g, '').replaceAll('O', '0').replace(/[IL]/g, '1');
}
