/** What identifies a certificate, and what people read of it. */
export interface CertificateFace {
  /** SHA-256 over its DER form: `sha256:` and 64 hexadecimal digits. Trust hangs on this and on nothing else in it. */
  readonly fingerprint: string;
  /** Its common name: the id of the node that made it, as that node says. */
  readonly name: string;
  /** Milliseconds since 1970 UTC. */
  readonly notAfterMs: number;
}

/** `pending`: seen, nobody has decided. `revoked`: a person has taken trust away; it is refused for ever. */
export type CertificateState = 'pending' | 'approved' | 'revoked';

/** A certificate that another node has shown, or that the node document names. */
export interface KnownCertificate extends CertificateFace {
  readonly state: CertificateState;
  /** Certificates are approved on both sides first, then the connection, on either. */
  readonly connection: 'waiting' | 'approved';
  /** 0 while it has never been seen (only named by the node document). */
  readonly firstSeenMs: number;
  readonly lastSeenMs: number;
  /** Address that it was last seen at. */
  readonly from: string;
  /** Who decided last: an address, `node document`, `renewal`, `the other node`. */
  readonly by?: string;
  /** Fingerprints of the certificates that it came after, by hand-over; those are trusted no more once it has been used. */
  readonly replaces?: readonly string[];
}

/** `GET /api/v1/redundancy/trust`. */
export interface TrustStatus {
  readonly tls: 'on' | 'off';
  /** Absent with `tls: off`. */
  readonly own?: CertificateFace & {
    readonly daysLeft: number;
    /** Its successor, made and not yet known to every partner. */
    readonly next?: CertificateFace;
  };
  readonly certificates: readonly KnownCertificate[];
  /** Why this node may not become active by itself for want of trust; absent where it may. */
  readonly barred?: string;
}

export type TrustAction = 'approve' | 'approve-connection' | 'revoke' | 'forget';

export const FINGERPRINT = /^sha256:[0-9a-f]{64}$/;
export const DAY_MS = 86_400_000;
