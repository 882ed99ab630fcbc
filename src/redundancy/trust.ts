import { z } from 'zod';
import { DAY_MS, FINGERPRINT, TandemError, type CertificateFace, type Channel, type Clock, type KnownCertificate, type Log, type TrustAction, type TrustStatus } from '../contract/index.js';
import type { LinkMessage } from './link-messages.js';
import { doubtOf, find, hasPartner, isReaderName, NO_TRUST, stepTrust, type TrustInput, type TrustState } from './trust-state.js';

/** What trust needs of the disk; src/platform/trust-home.ts has it. All of it is durable when it returns. */
export interface TrustStore {
  own(): CertificateFace;
  /** Made, and not in use yet. */
  next(): CertificateFace | undefined;
  makeNext(name: string): Promise<CertificateFace>;
  switchToNext(): void;
  load(): unknown;
  save(trust: unknown): void;
}

export interface TrustOptions {
  readonly store: TrustStore;
  readonly node: string;
  /** Certificates that the node document names. */
  readonly pins: readonly { readonly fingerprint: string; readonly name: string }[];
  readonly clock: Clock;
  readonly log: Log;
}

/** Own certificates are renewed this long before they end; from half of it on their age is an alarm. */
const RENEW_DAYS = 90;
const ALARM_DAYS = 30;
const RENEW_RETRY_MS = 3_600_000;

const stored = z.object({
  version: z.literal(1),
  certificates: z.array(
    z.object({
      fingerprint: z.string().regex(FINGERPRINT),
      name: z.string(),
      notAfterMs: z.number(),
      state: z.enum(['pending', 'approved', 'revoked']),
      connection: z.enum(['waiting', 'approved']),
      firstSeenMs: z.number(),
      lastSeenMs: z.number(),
      from: z.string(),
      by: z.string().optional(),
      replaces: z.array(z.string()).optional(),
    }),
  ),
});

type TrustMessage = Extract<LinkMessage, { type: 'certificate' | 'certificate-known' }>;

/** Keeps whom this node trusts, answers the link's question about a channel, and hands over renewed certificates. */
export class Trust {
  private state: TrustState;
  private changed: () => void = () => undefined;
  private note: (what: string, evidence: string) => void = () => undefined;
  /** Partners that have said that they know this node's next certificate. */
  private readonly nextKnownTo = new Set<string>();
  private making = false;
  private triedMs = -Infinity;

  /** @throws TRUST_DAMAGED */
  constructor(private readonly options: TrustOptions) {
    this.state = loaded(options.store);
    for (const pin of options.pins) this.take({ kind: 'pinned', ...pin });
  }

  /** `onChange`: what was refused may be welcome now, and the other way round. */
  attach({ onChange, note }: { readonly onChange: () => void; readonly note: (what: string, evidence: string) => void }): void {
    this.changed = onChange;
    this.note = note;
  }

  /** Takes down who has called. */
  noteCaller({ certificate, remote }: Channel): void {
    if (certificate === undefined) return;
    const before = find(this.state, certificate.fingerprint);
    this.take({ kind: 'seen', face: certificate, from: remote });
    if (before === undefined) this.note('unknown certificate', `${certificate.fingerprint} of ${certificate.name}, from ${remote}, waits for approval`);
  }

  /** Why the one at the other end of this channel is not believed; undefined where it is. */
  doubt(channel: Channel): string | undefined {
    return this.doubtIn(channel.certificate, doubtOf(this.state, channel.certificate?.fingerprint));
  }

  /** The same, knowing what the other node's greeting says: its approval of the connection is taken over. */
  doubtAfterGreeting(channel: Channel, theirApproval: boolean): string | undefined {
    const { certificate } = channel;
    const doubt = doubtOf(this.state, certificate?.fingerprint);
    if (doubt !== 'connection' || !theirApproval || certificate === undefined) return this.doubtIn(certificate, doubt);
    this.take({ kind: 'act', action: 'approve-connection', fingerprint: certificate.fingerprint, by: 'the other node' });
    this.note('connection approved', `with ${certificate.name} (${certificate.fingerprint}), at the other node`);
    return undefined;
  }

  /** Said in the greeting. */
  approves({ certificate }: Channel): boolean {
    return doubtOf(this.state, certificate?.fingerprint) === undefined;
  }

  /** Whether greetings may be exchanged: the certificate is approved, the connection perhaps not. */
  mayGreet({ certificate }: Channel): boolean {
    const doubt = doubtOf(this.state, certificate?.fingerprint);
    return doubt === undefined || doubt === 'connection';
  }

  /**
   * Whether a caller that is refused may be the partner all the same. As long as there is no partner anybody may be; after
   * that who shows its certificate, or calls from where it called from: a node that has lost its key is alive.
   */
  mayBePartner({ certificate, remote }: Pick<Channel, 'remote' | 'certificate'>): boolean {
    if (!this.hasPartner) return true;
    if (certificate !== undefined && find(this.state, certificate.fingerprint)?.state === 'approved') return true;
    return this.partners().some(({ from }) => from !== '' && hostOf(from) === hostOf(remote));
  }

  get hasPartner(): boolean {
    return hasPartner(this.state);
  }

  status(): Omit<TrustStatus, 'barred'> {
    const { store, clock } = this.options;
    const own = store.own();
    const next = store.next();
    return {
      tls: 'on',
      own: { ...own, daysLeft: daysLeft(own, clock.wallMs()), ...(next === undefined ? {} : { next }) },
      certificates: this.state.certificates,
    };
  }

  /** What a person should look at. */
  alarms(): string[] {
    const nowMs = this.options.clock.wallMs();
    const soon = (face: CertificateFace): boolean => face.notAfterMs > 0 && daysLeft(face, nowMs) <= ALARM_DAYS;
    const days = (face: CertificateFace): string => (daysLeft(face, nowMs) > 0 ? `ends in ${daysLeft(face, nowMs)} days` : 'has ended');
    const own = this.options.store.own();
    return [
      ...(soon(own) ? [`the certificate of this node ${days(own)}, and its successor is not known to every partner`] : []),
      ...this.state.certificates.filter((known) => known.state === 'approved' && soon(known)).map((known) => `the certificate of ${known.name} ${days(known)}`),
      ...(this.hasPartner ? this.state.certificates.filter((known) => known.state === 'pending').map((known) => `a certificate of ${known.name} (${known.fingerprint.slice(0, 23)}…) from ${known.from} waits for approval, beside the approved one`) : []),
    ];
  }

  /** A person's decision; durable when it returns. @throws TRUST_UNKNOWN, TRUST_REFUSED */
  act(action: TrustAction, fingerprint: string, by: string): KnownCertificate | undefined {
    const known = find(this.state, fingerprint);
    if (known === undefined) throw new TandemError('TRUST_UNKNOWN', `no certificate ${fingerprint} is known here; tandem trust list shows those that are`);
    if (action === 'approve-connection' && known.state !== 'approved') throw new TandemError('TRUST_REFUSED', `the certificate of ${known.name} is ${known.state}: approve it first, on both nodes`);
    this.take({ kind: 'act', action, fingerprint, by });
    this.note(TEXTS[action], `${fingerprint} of ${known.name}, by ${by}`);
    this.changed();
    return find(this.state, fingerprint);
  }

  /** Makes a successor of the own certificate; it is used once every partner knows it, at once where there is none. */
  async renew(by: string): Promise<CertificateFace> {
    const { store, node } = this.options;
    if (this.making) throw new TandemError('TRUST_REFUSED', 'a new certificate is being made already');
    this.making = true;
    try {
      const next = store.next() ?? (await store.makeNext(node));
      this.note('certificate renewed', `${next.fingerprint} follows ${store.own().fingerprint}, by ${by}`);
      if (this.partners().length === 0) this.useNext(next.fingerprint);
      this.changed();
      return next;
    } finally {
      this.making = false;
    }
  }

  /** From time to time. */
  tick(): void {
    const { store, clock, log } = this.options;
    const nowMs = clock.monotonicMs();
    if (store.next() !== undefined || this.making || daysLeft(store.own(), clock.wallMs()) > RENEW_DAYS || nowMs - this.triedMs < RENEW_RETRY_MS) return;
    this.triedMs = nowMs;
    this.renew('itself').catch((error: unknown) => log.error('the certificate could not be renewed', error));
  }

  /** What a trusted partner has to be told now. */
  announcement(): TrustMessage | undefined {
    const next = this.options.store.next();
    return next === undefined ? undefined : { type: 'certificate', ...next };
  }

  /** A word of a trusted partner about certificates; returns the answer. */
  heard(channel: Channel, message: TrustMessage): TrustMessage | undefined {
    const partner = channel.certificate?.fingerprint;
    if (partner === undefined) return undefined;
    const { store } = this.options;
    if (message.type === 'certificate') {
      const { fingerprint, name, notAfterMs } = message;
      if (find(this.state, fingerprint)?.state !== 'approved') this.note('certificate of the other node renewed', `${fingerprint} follows ${partner}`);
      this.take({ kind: 'renewed', of: partner, face: { fingerprint, name, notAfterMs } });
      return find(this.state, fingerprint)?.state === 'approved' ? { type: 'certificate-known', fingerprint } : undefined;
    }
    if (store.next()?.fingerprint !== message.fingerprint) return undefined;
    this.nextKnownTo.add(partner);
    const partners = this.partners();
    // A partner that has renewed its own meanwhile answers under either.
    const knows = ({ fingerprint, replaces = [] }: KnownCertificate): boolean => [fingerprint, ...replaces].some((each) => this.nextKnownTo.has(each));
    const waiting = partners.filter((known) => !knows(known) && !partners.some((other) => other.replaces?.includes(known.fingerprint) === true));
    if (waiting.length > 0) return undefined;
    this.useNext(message.fingerprint);
    return undefined;
  }

  private useNext(fingerprint: string): void {
    this.options.store.switchToNext();
    this.nextKnownTo.clear();
    this.note('new certificate in use', fingerprint);
  }

  private partners(): readonly KnownCertificate[] {
    return this.state.certificates.filter((known) => known.state === 'approved' && known.connection === 'approved' && !isReaderName(known.name));
  }

  private doubtIn(certificate: CertificateFace | undefined, doubt: ReturnType<typeof doubtOf>): string | undefined {
    const { node } = this.options;
    const who = certificate === undefined ? '' : `${certificate.name} (${certificate.fingerprint.slice(0, 23)}…)`;
    switch (doubt) {
      case undefined:
        return undefined;
      case 'no-certificate':
        return 'certificate: the other side has shown none';
      case 'pending':
        return `certificate: that of ${who} waits for approval at node ${node}`;
      case 'revoked':
        return `certificate: that of ${who} has been revoked at node ${node}`;
      case 'connection':
        return `certificate: the connection with ${who} waits for approval, at either node`;
    }
  }

  private take(input: TrustInput): void {
    const { clock, store } = this.options;
    const before = this.state;
    this.state = stepTrust(before, input, clock.wallMs());
    // When somebody was last seen, and where, is not worth a write each time.
    if (essence(before) !== essence(this.state)) store.save({ version: 1, ...this.state });
  }
}

const TEXTS: Readonly<Record<TrustAction, string>> = {
  approve: 'certificate approved',
  'approve-connection': 'connection approved',
  revoke: 'certificate revoked',
  forget: 'certificate forgotten',
};

function loaded(store: TrustStore): TrustState {
  const text = store.load();
  if (text === undefined) return NO_TRUST;
  const read = stored.safeParse(text);
  if (!read.success) throw new TandemError('TRUST_DAMAGED', `the list of certificates cannot be read: ${z.prettifyError(read.error)}`);
  return { certificates: read.data.certificates.map(({ by, replaces, ...rest }) => ({ ...rest, ...(by === undefined ? {} : { by }), ...(replaces === undefined ? {} : { replaces }) })) };
}

/** Of an address and a port. */
export function hostOf(remote: string): string {
  return remote.slice(0, Math.max(0, remote.lastIndexOf(':')));
}

function daysLeft({ notAfterMs }: CertificateFace, wallMs: number): number {
  return Math.floor((notAfterMs - wallMs) / DAY_MS);
}

function essence({ certificates }: TrustState): string {
  return JSON.stringify(certificates.map((known) => ({ ...known, lastSeenMs: known.lastSeenMs > 0, from: '' })));
}
