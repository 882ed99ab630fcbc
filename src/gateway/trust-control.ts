import type { TrustControl } from '../clients/index.js';
import { TandemError } from '../contract/index.js';
import type { Pair, Trust } from '../redundancy/index.js';

export function trustControl(pair: Pair, trust: Trust | undefined): TrustControl {
  if (trust === undefined) {
    const refuse = (): never => {
      throw new TandemError('TRUST_REFUSED', 'this node has `tls: off`: nobody is asked for a certificate');
    };
    return { status: () => ({ tls: 'off', certificates: [] }), act: refuse, renew: async () => refuse() };
  }
  return {
    status: () => ({ ...trust.status(), ...(pair.barred === undefined ? {} : { barred: pair.barred }) }),
    act: (action, fingerprint, by) => trust.act(action, fingerprint, by),
    renew: async (by) => trust.renew(by),
  };
}
