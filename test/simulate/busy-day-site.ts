import { drivers } from '../../drivers/index.js';
import { loadSite } from '../../src/config/index.js';
import type { SiteConfig } from '../../src/contract/index.js';
import { ADDRESSES } from './site.js';

/** Input registers that the building moves. */
export const REGISTERS = { Hot: 0, HotLater: 2, T1: 4, T2: 6, Cold: 8, Steam: 10, Pv: 12 } as const;
/** Holding registers that are written. */
export const BASE = { Sp1: 10, Sched: 30, Sched2: 32, Lamp: 34, Count: 36 } as const;

interface Night {
  readonly startMs: number;
  /** Local minute of the day at which it starts. */
  readonly minute: number;
  /** Local times between which messages of class comfort wait; none where the clocks go through them twice. */
  readonly quiet: string | undefined;
  readonly quietUntilMs: number;
}

/** A Monday a little before the office hours; the nights in which the clocks of Berlin change, three minutes before they do. */
export const DAYS = {
  monday: { startMs: Date.UTC(2026, 0, 5, 4), minute: 5 * 60, quiet: '{from: "05:01", to: "05:03"}', quietUntilMs: Date.UTC(2026, 0, 5, 4, 3) },
  spring: { startMs: Date.UTC(2026, 2, 29, 0, 57), minute: 60 + 57, quiet: '{from: "01:58", to: "03:01"}', quietUntilMs: Date.UTC(2026, 2, 29, 1, 1) },
  autumn: { startMs: Date.UTC(2026, 9, 25, 0, 57), minute: 2 * 60 + 57, quiet: undefined, quietUntilMs: 0 },
} as const satisfies Record<string, Night>;

/** What the integral part of program Pid gains in a second: its error is 1, kp 2, ti 400 s. */
export const PID_SLOPE = 2 / 400;

/** Everything that Deliver 1 to 6 of the functions has and that goes on by itself, over one device that never fails. */
export function busySite(minutes: number, { minute, quiet }: Night): SiteConfig {
  // Each minute on the clock that may come: clocks are put on and back by an hour.
  const from = Math.max(0, minute - 65);
  const entries = Array.from({ length: Math.min(24 * 60 - from, minutes + 135) }, (_, index) => `"${String(Math.floor((from + index) / 60)).padStart(2, '0')}:${String((from + index) % 60).padStart(2, '0')}": ${1_000 + index}`).join(', ');
  const text = `
site: {name: busy, timezone: Europe/Berlin}
redundancy: {recovery: manual, activity: warm, pingRate: 250ms, missedPings: 3, failoverTime: 1s, connectionWait: 3s, staleWait: 20s, confirmWait: 1s, recoveryHold: 5s}
polling: {fast: 500ms, normal: 500ms, slow: 5s}
devices: {plc1: {driver: modbus-tcp, host: ${ADDRESSES.plc1}, maxInFlight: 4, timeout: 500ms}}
communicationAlarms: false
points:
  Hot: {device: plc1, at: "ir:${REGISTERS.Hot}", type: float32, poll: fast}
  HotLater: {device: plc1, at: "ir:${REGISTERS.HotLater}", type: float32, poll: fast}
  T1: {device: plc1, at: "ir:${REGISTERS.T1}", type: float32}
  T2: {device: plc1, at: "ir:${REGISTERS.T2}", type: float32}
  Cold: {device: plc1, at: "ir:${REGISTERS.Cold}", type: float32, poll: fast}
  Steam: {device: plc1, at: "ir:${REGISTERS.Steam}", type: float32, poll: fast}
  Pv: {device: plc1, at: "ir:${REGISTERS.Pv}", type: float32}
  Sp1: {device: plc1, at: "hr:${BASE.Sp1}", type: uint32, write: {relinquishDefault: 5}}
  Sched.Sp: {device: plc1, at: "hr:${BASE.Sched}", type: uint32, write: true}
  Sched.Sp2: {device: plc1, at: "hr:${BASE.Sched2}", type: uint32, write: {verify: echo}}
  Lamp: {device: plc1, at: "hr:${BASE.Lamp}", type: uint32, write: true}
  Count: {device: plc1, at: "hr:${BASE.Count}", type: uint32, write: true}
  Valve: {type: number, write: true}
  Sum: {expression: "T1 + T2"}
alarms:
  Hot: {point: Hot, high: 30, deadband: 1}
  HotLater: {point: HotLater, high: 30, deadband: 1, onDelay: 4s, offDelay: 1s, priority: 1, acknowledge: both}
  Sum: {when: "Sum > 45 && Hot > 30"}
  Cold: {point: Cold, low: 10, class: comfort}
  Steam: {point: Steam, high: 30, latch: true}
notifications:
  recipients: {duty: {webhook: duty}, nurse: {webhook: duty}}
  routes:
    - {to: [duty], classes: [general], on: [raised, returned], escalate: [{after: 6s, to: [duty]}]}
    - {to: [nurse], classes: [comfort], on: [raised]${quiet === undefined ? '' : `, quiet: ${quiet}`}}
schedules:
  Minutes: {writes: [Sched.Sp, {point: Sched.Sp2, priority: 12}], default: 1, weekly: {Mon-Sun: {${entries}}}}
logic:
  Pid: {every: 1s, in: {pv: Pv}, out: {y: Valve}, program: "return { y: pid('p', { pv, sp: 21, kp: 2, ti: 400 }) }"}
  Timer: {every: 1s, in: {hot: Hot}, out: {lamp: Lamp}, program: "return { lamp: onDelay('d', hot > 30, 8 * s) ? 1 : 0 }"}
  Counter: {every: 20s, in: {pv: Pv}, out: {n: Count}, program: "state.n = (state.n ?? 0) + 1; return { n: state.n }"}
trends:
  - {points: [T1], mode: change, deadband: 0.2}
  - {points: [Hot, T2], mode: interval, every: 5s}
  - {points: [Sum], mode: triggered, when: "Hot > 30"}
`;
  const loaded = loadSite({ path: 'site.yaml', text }, drivers);
  if (loaded.site === undefined) throw new Error(JSON.stringify(loaded.problems));
  return loaded.site;
}
