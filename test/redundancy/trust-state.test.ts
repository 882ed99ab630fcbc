import assert from 'node:assert/strict';
import fc from 'fast-check';
import type { TrustAction } from '../../src/contract/index.js';
import { doubtOf, find, hasPartner, MOST_PENDING, NO_TRUST, stepTrust, type TrustInput, type TrustState } from '../../src/redundancy/trust-state.js';
import { face } from './memory-trust.js';

const b = face('B');
const seen: TrustInput = { kind: 'seen', face: b, from: '10.0.0.2:5000' };
const act = (action: TrustAction, of = b): TrustInput => ({ kind: 'act', action, fingerprint: of.fingerprint, by: 'anna' });
const after = (...inputs: readonly TrustInput[]): TrustState => inputs.reduce((state, input, index) => stepTrust(state, input, 1_000 + index), NO_TRUST);
const doubt = (...inputs: readonly TrustInput[]): string | undefined => doubtOf(after(...inputs), b.fingerprint);

describe('trust: the list of certificates', () => {
  it('needs the certificate, then the connection', () => {
    assert.equal(doubt(), 'pending');
    assert.equal(doubt(seen), 'pending');
    assert.equal(doubt(seen, act('approve')), 'connection');
    assert.equal(doubt(seen, act('approve'), act('approve-connection')), undefined);
    assert.equal(doubt(seen, act('approve-connection')), 'pending', 'the connection of a certificate that is not approved cannot be');
    assert.equal(doubtOf(NO_TRUST, undefined), 'no-certificate');
  });

  it('keeps what is revoked: seen, announced or pinned again it stays refused', () => {
    const revoked = [seen, act('approve'), act('approve-connection'), act('revoke')];
    assert.equal(doubt(...revoked), 'revoked');
    assert.equal(doubt(...revoked, seen), 'revoked');
    assert.equal(doubt(...revoked, { kind: 'pinned', fingerprint: b.fingerprint, name: 'B' }), 'revoked');
    const c = face('C');
    assert.equal(doubt(...revoked, { kind: 'seen', face: c, from: '' }, act('approve', c), act('approve-connection', c), { kind: 'renewed', of: c.fingerprint, face: b }), 'revoked');
    assert.equal(doubt(...revoked, act('approve')), 'connection', 'a person may think again');
    assert.equal(doubt(...revoked, act('forget'), seen), 'pending');
  });

  it('tells when and where it was seen, and who decided', () => {
    const state = after(seen, { ...seen, from: '10.0.0.9:6000' }, act('approve'));
    assert.deepEqual(state.certificates, [{ ...b, state: 'approved', connection: 'waiting', firstSeenMs: 1_000, lastSeenMs: 1_001, from: '10.0.0.9:6000', by: 'anna' }]);
  });

  it('trusts what the node document names, seen or not', () => {
    const pinned: TrustInput = { kind: 'pinned', fingerprint: b.fingerprint, name: 'B' };
    assert.equal(doubt(pinned), undefined);
    assert.equal(find(after(pinned, seen), b.fingerprint)?.firstSeenMs, 1_001);
    assert.equal(hasPartner(after(pinned)), true);
  });

  it('hands over to a renewed certificate, and trusts the old one until the new one has been used', () => {
    const renewed = face('B', 2);
    const pinned: TrustInput = { kind: 'pinned', fingerprint: b.fingerprint, name: 'B' };
    const announced = [seen, act('approve'), act('approve-connection'), { kind: 'renewed', of: b.fingerprint, face: renewed } as const];
    assert.equal(doubt(...announced), undefined);
    assert.equal(doubtOf(after(...announced), renewed.fingerprint), undefined);
    const used = [...announced, { kind: 'seen', face: renewed, from: '' } as const];
    assert.equal(doubt(...used), 'pending', 'a stolen old key is worth nothing');
    assert.equal(doubtOf(after(...used), renewed.fingerprint), undefined);
    assert.equal(doubt(...used, pinned), 'pending', 'not by an old node document either');
    assert.equal(doubtOf(after(seen, { kind: 'renewed', of: b.fingerprint, face: renewed }), renewed.fingerprint), 'pending', 'only an approved one hands over');
  });

  it('is not filled up by callers who are nobody, and never forgets a decision for them', () => {
    const crowd = Array.from({ length: 200 }, (_, number): TrustInput => ({ kind: 'seen', face: face('X', number), from: '' }));
    const state = after(seen, act('approve'), ...crowd);
    assert.equal(state.certificates.length, MOST_PENDING + 1);
    assert.equal(find(state, b.fingerprint)?.state, 'approved');
  });

  it('never trusts a certificate without a decision that names it, or its predecessor', () => {
    const faces = [face('B'), face('B', 2), face('C'), face('C', 2)];
    const any = fc.constantFrom(...faces);
    const input: fc.Arbitrary<TrustInput> = fc.oneof(
      any.map((one): TrustInput => ({ kind: 'seen', face: one, from: '' })),
      fc.tuple(fc.constantFrom<TrustAction[]>('approve', 'approve-connection', 'revoke', 'forget'), any).map(([action, one]) => act(action, one)),
      fc.tuple(any, any).map(([of, one]): TrustInput => ({ kind: 'renewed', of: of.fingerprint, face: one })),
    );
    fc.assert(
      fc.property(fc.array(input, { maxLength: 40 }), (inputs) => {
        const state = after(...inputs);
        for (const one of faces) {
          if (doubtOf(state, one.fingerprint) !== undefined) continue;
          const named = (fingerprint: string, action: string): boolean => inputs.some((each) => each.kind === 'act' && each.action === action && each.fingerprint === fingerprint);
          const ancestors = [one.fingerprint, ...(find(state, one.fingerprint)?.replaces ?? [])];
          assert.ok(ancestors.some((fingerprint) => named(fingerprint, 'approve')));
          assert.ok(ancestors.some((fingerprint) => named(fingerprint, 'approve-connection')));
        }
      }),
    );
  });
});
