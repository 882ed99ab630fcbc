import type { Random } from '../../src/contract/index.js';

/** What a virtual device does wrong, changed at run time. */
export interface DeviceFaults {
  /** Answers nothing and notifies nothing. */
  silent: boolean;
  /** Milliseconds before each answer. */
  delayMs: number;
  /** Probability with which a datagram is lost, each way. */
  drop: number;
  /** Probability with which an answer is sent twice. */
  duplicate: number;
  /** Answers every confirmed request so; reasons and codes of clause 18. */
  abort?: number | undefined;
  reject?: number | undefined;
  error?: { readonly errorClass: number; readonly errorCode: number } | undefined;
  /** Sends octets that mean nothing. */
  garbage: boolean;
  /** Sends what is right with some octets changed or its end cut off. */
  damage: boolean;
  wrongInvokeId: boolean;
  /** COV subscriptions that it can hold. */
  covSpace: number;
  /** Confirmed services that it does not know: 5 SubscribeCOV, 14 ReadPropertyMultiple … */
  readonly unknownServices: Set<number>;
  /** Services that it does not know although it says so. */
  readonly hiddenServices: Set<number>;
}

export function noFaults(): DeviceFaults {
  return { silent: false, delayMs: 0, drop: 0, duplicate: 0, garbage: false, damage: false, wrongInvokeId: false, covSpace: Infinity, unknownServices: new Set(), hiddenServices: new Set() };
}

/** `data` with some octets changed or its end cut off. */
export function damaged(data: Buffer, random: Random): Buffer {
  const bad = Buffer.from(data);
  for (let count = 1 + Math.floor(random.next() * 4); count > 0; count--) bad[Math.floor(random.next() * bad.length)] = Math.floor(random.next() * 256);
  return random.next() < 0.3 ? bad.subarray(0, Math.floor(random.next() * bad.length)) : bad;
}

export function nonsense(length: number, random: Random): Buffer {
  return Buffer.from(Array.from({ length }, () => Math.floor(random.next() * 256)));
}
