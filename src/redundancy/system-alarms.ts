import type { FieldComparison, HoldStatus, RedundancySettings, RegisterState, SystemAlarm } from '../contract/index.js';
import { comparisonAlarm } from './comparison-watch.js';
import { namesOf } from './role-field.js';
import type { RoleState } from './role-machine.js';
import type { WitnessSeat } from './witness-seat.js';

export interface PairConditions {
  readonly settings: RedundancySettings;
  readonly isPair: boolean;
  readonly role: RoleState;
  readonly witness: WitnessSeat | undefined;
  readonly hold: HoldStatus | undefined;
  readonly startedStale: boolean;
  readonly secondPath: 'unknown' | 'up' | 'lost' | undefined;
  readonly registers: RegisterState | undefined;
  readonly clockSkewMs: number | undefined;
  /** What was done apart and waits for a person. */
  readonly conflicts: number;
  /** What the standby reads otherwise than this node. */
  readonly comparison: FieldComparison | undefined;
  /** What other parts of the redundancy have to say. */
  readonly more: readonly SystemAlarm[];
}

/**
 * On-delays of what mends itself within moments: a start, a return and a switch are without a standby in sync that long, and a node that
 * was frozen for a blink is answered. Both stand in the event record all the same.
 */
const UNPROTECTED_AFTER_MS = 5_000;
const SUSPENDED_AFTER_MS = 2_000;

/** What about the pair needs a person, as the active node sees it. Pure. */
export function pairAlarms({ settings, isPair, role, witness, hold, startedStale, secondPath, registers, clockSkewMs, conflicts, comparison, more }: PairConditions): SystemAlarm[] {
  if (!isPair) return [];
  const alarms: SystemAlarm[] = [...more];
  const say = (holds: boolean, name: string, priority: number, message: string, afterMs = 0): void => {
    if (holds) alarms.push({ name, priority, message, afterMs });
  };
  say(!role.inSync, 'unprotected', 2, role.peer.refused === undefined ? 'Confirmations are on one node only: the other one is not in sync.' : `The other node is refused: ${role.peer.refused}`, UNPROTECTED_AFTER_MS);
  say(hold !== undefined, 'hold', 3, `Automatic switching is suspended by ${hold?.by ?? ''}: ${hold?.reason ?? ''}`);
  say(role.recoverySuspended, 'recovery-suspended', 2, 'Control has moved too often within an hour; it does not go back to the main by itself. Switch by hand when the main is sound.');
  say(role.suspect !== undefined, 'suspended', 1, 'This node was frozen and has no effects until the other one has answered or a person has forced it.', SUSPENDED_AFTER_MS);
  say(startedStale, 'started-stale', 1, 'This node took over without knowing what the other one did last; older commands are not repeated.');
  say(secondPath === 'lost', 'second-path-lost', 3, 'The second heartbeat path brings nothing: the next fault of the link would look like the death of a node.');
  say(secondPath === 'up' && role.peer.link === 'down' && role.peer.refused === undefined, 'link-lost', 2, 'The sync link is down, and the other node lives: it hears and is heard on the second path.');
  say(registers === 'moving' && secondPath !== 'up' && role.peer.link === 'down' && role.peer.refused === undefined, 'link-lost', 2, 'The sync link is down, and the other node lives: its register in the PLC moves.');
  say(registers === 'unreachable' || (registers === 'still' && role.peer.link === 'up'), 'registers-lost', 3, registers === 'still' ? 'The other node does not count up its register in the PLC.' : 'The PLC with the heartbeat registers does not answer.');
  say(Math.abs(clockSkewMs ?? 0) > settings.clockSkewLimitMs, 'clock-skew', 3, `The clocks of the nodes differ by more than ${settings.clockSkewLimitMs} ms.`);
  say(role.fieldWorse !== undefined, 'field-reach', 3, `The standby reaches devices that this node does not: ${namesOf(role.fieldWorse?.balance.devices ?? [])}.`);
  const differs = comparisonAlarm(comparison);
  if (differs !== undefined) alarms.push(differs);
  say(conflicts > 0, 'conflicts', 3, `${conflicts === 1 ? 'One thing was' : `${conflicts} things were`} done on one node while the nodes were apart, and the other one does not agree: adopt or dismiss them.`);
  if (settings.witness !== undefined && witness !== undefined) {
    say(!witness.reachable, 'witness-lost', 2, `The witness at ${settings.witness.host}:${settings.witness.port} does not answer.`);
    say(witness.reachable && role.peer.link === 'up' && !witness.peerReaches, 'witness-lost-by-standby', 3, 'The standby does not reach the witness.');
  }
  return alarms;
}
