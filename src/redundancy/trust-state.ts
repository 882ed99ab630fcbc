import type { CertificateFace, KnownCertificate, NodeConfig, TrustAction } from '../contract/index.js';

/**
 * Whom this node trusts. Pure: (state, input) → state. A certificate is approved on both sides first, then the
 * connection, on either: its word travels over the link that both trust by then.
 *
 *   (seen) ─▶ pending ──approve──▶ approved, connection waiting ──approve-connection, here or there──▶ approved
 *                └────revoke────▶ revoked ◀──revoke── (any)         a renewed certificate inherits both
 */
export interface TrustState {
  readonly certificates: readonly KnownCertificate[];
}

export type TrustInput =
  /** Another node has shown a certificate. */
  | { readonly kind: 'seen'; readonly face: CertificateFace; readonly from: string }
  /** The node document names it. */
  | { readonly kind: 'pinned'; readonly fingerprint: string; readonly name: string }
  | { readonly kind: 'act'; readonly action: TrustAction; readonly fingerprint: string; readonly by: string }
  /** A trusted partner announces the certificate that it will use next. */
  | { readonly kind: 'renewed'; readonly of: string; readonly face: CertificateFace };

/** Callers who are nobody must not fill the list. */
export const MOST_PENDING = 20;

export const NO_TRUST: TrustState = { certificates: [] };

export function stepTrust(state: TrustState, input: TrustInput, wallMs: number): TrustState {
  switch (input.kind) {
    case 'seen':
      return seen(state, input.face, input.from, wallMs);
    case 'pinned': {
      const known = find(state, input.fingerprint);
      // A person's revocation and a hand-over stand above the document that has not been changed yet.
      if (known?.state === 'revoked' || state.certificates.some(({ replaces }) => replaces?.includes(input.fingerprint) === true)) return state;
      return put(state, { ...(known ?? { fingerprint: input.fingerprint, name: input.name, notAfterMs: 0, firstSeenMs: 0, lastSeenMs: 0, from: '' }), state: 'approved', connection: 'approved', by: 'node document' });
    }
    case 'act':
      return act(state, input);
    case 'renewed': {
      const old = find(state, input.of);
      const known = find(state, input.face.fingerprint);
      if (old?.state !== 'approved' || known?.state === 'revoked') return state;
      return put(state, { ...old, ...input.face, firstSeenMs: known?.firstSeenMs ?? wallMs, lastSeenMs: known?.lastSeenMs ?? wallMs, by: 'renewal', replaces: [...(old.replaces ?? []), old.fingerprint] });
    }
  }
}

/** What speaks against a connection with the one who shows this certificate; undefined: nothing does. */
export type Doubt = 'no-certificate' | 'pending' | 'revoked' | 'connection';

export function doubtOf(state: TrustState, fingerprint: string | undefined): Doubt | undefined {
  if (fingerprint === undefined) return 'no-certificate';
  const known = find(state, fingerprint);
  if (known === undefined || known.state === 'pending') return 'pending';
  if (known.state === 'revoked') return 'revoked';
  return known.connection === 'approved' ? undefined : 'connection';
}

const READER = 'reader ';

/** What a node's certificate is called; one that only reads is told apart before anybody has greeted. */
export function certificateName({ id, mode }: Pick<NodeConfig, 'id' | 'mode'>): string {
  return mode === 'reader' ? READER + id : id;
}

export function isReaderName(name: string | undefined): boolean {
  return name?.startsWith(READER) === true;
}

/** Whether there is anybody whom this node may form a pair with. */
export function hasPartner(state: TrustState): boolean {
  return state.certificates.some((known) => known.state === 'approved' && known.connection === 'approved' && !isReaderName(known.name));
}

export function find(state: TrustState, fingerprint: string): KnownCertificate | undefined {
  return state.certificates.find((known) => known.fingerprint === fingerprint);
}

function seen(state: TrustState, face: CertificateFace, from: string, wallMs: number): TrustState {
  const known = find(state, face.fingerprint);
  if (known !== undefined) return put(withoutReplaced(state, known), { ...known, ...face, from, firstSeenMs: known.firstSeenMs === 0 ? wallMs : known.firstSeenMs, lastSeenMs: wallMs });
  const pending = state.certificates.filter((other) => other.state === 'pending');
  const crowdedOut = pending.length < MOST_PENDING ? undefined : pending.reduce((oldest, other) => (other.lastSeenMs < oldest.lastSeenMs ? other : oldest));
  const rest = state.certificates.filter((other) => other !== crowdedOut);
  return { certificates: [...rest, { ...face, state: 'pending', connection: 'waiting', firstSeenMs: wallMs, lastSeenMs: wallMs, from }] };
}

/** It has been used: what it came after has done its service, and a copy of that key is worth nothing any more. */
function withoutReplaced(state: TrustState, { state: is, replaces }: KnownCertificate): TrustState {
  if (is !== 'approved' || replaces === undefined) return state;
  const rest = state.certificates.filter(({ fingerprint, state: was }) => was === 'revoked' || !replaces.includes(fingerprint));
  return rest.length === state.certificates.length ? state : { certificates: rest };
}

function act(state: TrustState, { action, fingerprint, by }: Extract<TrustInput, { kind: 'act' }>): TrustState {
  const known = find(state, fingerprint);
  if (known === undefined) return state;
  switch (action) {
    case 'approve':
      return put(state, { ...known, state: 'approved', by });
    case 'approve-connection':
      return known.state === 'approved' ? put(state, { ...known, connection: 'approved', by }) : state;
    case 'revoke':
      return put(state, { ...known, state: 'revoked', connection: 'waiting', by });
    case 'forget':
      return { certificates: state.certificates.filter((other) => other !== known) };
  }
}

function put(state: TrustState, changed: KnownCertificate): TrustState {
  const index = state.certificates.findIndex((known) => known.fingerprint === changed.fingerprint);
  return { certificates: index < 0 ? [...state.certificates, changed] : state.certificates.with(index, changed) };
}
