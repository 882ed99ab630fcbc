import type { RedundancyStatus } from '../../../contract/redundancy-status.js';
import { formatDuration, formatTime } from '../../format/times.js';
import { texts } from '../../texts.js';

/** One thing that a node tells of its condition; with a tone where a person should look. */
export interface Statement {
  readonly item: string;
  readonly text: string;
  readonly tone?: 'warning' | 'alarm' | undefined;
}

const t = texts.pair.condition;
/** From so many days on the node itself alarms it. */
const fewDays = 30;
/** Points of a comparison that are named; all of them are in the command line and REST. */
const shownDifferences = 10;

/** The same items in the same order for every node. */
export function conditionOf(status: RedundancyStatus): readonly Statement[] {
  const { tls, certificateDaysLeft: daysLeft, secondPath, clockSkewMs, authorization, barred, suspended, sync, malformedMessages = 0 } = status;
  const active = status.self.role === 'active';
  return [
    { item: t.encryption, text: tls === undefined ? texts.none : t.encryptions[tls], tone: tls === 'off' ? 'alarm' : undefined },
    { item: t.certificate, text: daysLeft === undefined ? texts.none : t.daysLeft(daysLeft), tone: daysLeft === undefined || daysLeft > fewDays ? undefined : 'warning' },
    { item: t.firstPath, text: sync.reason === undefined ? texts.sync[sync.state] : `${texts.sync[sync.state]}: ${sync.reason}`, tone: sync.state === 'refused' ? 'alarm' : sync.state === 'in-sync' || status.peer === undefined ? undefined : 'warning' },
    { item: t.secondPath, text: secondPath === undefined ? t.notConfigured : t.secondPaths[secondPath], tone: secondPath === 'lost' ? 'warning' : undefined },
    { item: t.registers, text: status.registers === undefined ? t.notConfigured : t.registerStates[status.registers], tone: status.registers === 'still' || status.registers === 'unreachable' ? 'warning' : undefined },
    witnessOf(status),
    virtualOf(status),
    { item: t.readers, text: (status.readers ?? []).map(({ id, following, lagFrames }) => t.readerText(id, following, lagFrames)).join(', ') || texts.none },
    { item: t.clock, text: clockSkewMs === undefined ? t.notTold : skewText(clockSkewMs) },
    { item: t.licence, text: authorization === undefined ? texts.none : [t.licences[authorization.state], ...authorization.differences].join('. '), tone: authorization?.state === 'mismatch' ? 'warning' : undefined },
    { item: t.mayLead, text: barred === undefined ? t.yes : t.no(barred), tone: barred === undefined ? undefined : 'warning' },
    { item: t.effects, text: suspended !== undefined ? t.suspended(suspended) : t.effectsAllowed[active ? 'active' : 'other'], tone: suspended === undefined ? undefined : 'alarm' },
    { item: t.stale, text: status.startedStale === true ? t.staleYes : t.staleNo, tone: status.startedStale === true ? 'warning' : undefined },
    { item: t.fill, text: sync.historyFill === undefined ? t.fillNone : t.filling(formatTime(sync.historyFill.fromMs), sync.historyFill.point, sync.historyFill.added) },
    { item: t.arbitration, text: status.arbitration === undefined ? texts.none : t.arbitrations[status.arbitration] },
    fieldOf(status),
    comparedOf(status),
    { item: t.waiting, text: status.settingsWaiting?.join(', ') ?? texts.none, tone: status.settingsWaiting === undefined ? undefined : 'warning' },
    { item: t.notes, text: (status.notes ?? []).map(({ code, message }) => `${code}: ${message}`).join('; ') || texts.none, tone: status.notes === undefined ? undefined : 'warning' },
    { item: t.malformed, text: String(malformedMessages), tone: malformedMessages === 0 ? undefined : 'warning' },
  ];
}

function witnessOf({ witness }: RedundancyStatus): Statement {
  if (witness === undefined) return { item: t.witness, text: t.notConfigured };
  const parts = [t.witnessText(witness.address, witness.reachable, t.witnessStates[witness.state]), t.supports(witness.supports), ...(witness.refusal === undefined ? [] : [t.refusal(witness.refusal)])];
  return { item: t.witness, text: parts.join(', '), tone: witness.reachable ? undefined : 'warning' };
}

function virtualOf({ virtualAddress: at }: RedundancyStatus): Statement {
  if (at === undefined) return { item: t.virtualAddress, text: t.notConfigured };
  return { item: t.virtualAddress, text: t.virtualText(`${at.address}/${at.prefix}`, at.interface, t.virtualStates[at.state], at.reason ?? ''), tone: at.state === 'failed' ? 'warning' : undefined };
}

function fieldOf({ fieldSwitch, arbitration }: RedundancyStatus): Statement {
  if (fieldSwitch === undefined) return { item: t.fieldSwitch, text: arbitration === undefined ? texts.none : t.fieldNever };
  const rule = t.fieldRule(fieldSwitch.margin, formatDuration(fieldSwitch.holdMs));
  const { onlyStandby = [] } = fieldSwitch;
  return onlyStandby.length === 0 ? { item: t.fieldSwitch, text: rule } : { item: t.fieldSwitch, text: t.fieldWorse(rule, onlyStandby.join(', ')), tone: 'warning' };
}

/** R10: what a `hot` standby reads otherwise than the image says. */
function comparedOf({ comparison }: RedundancyStatus): Statement {
  if (comparison === undefined) return { item: t.compared, text: t.comparedNot };
  const { devices, differences, node } = comparison;
  const differing = devices.reduce((sum, device) => sum + device.differing, 0);
  const lost = devices.filter(({ state }) => state === 'unreachable').map(({ name }) => name);
  if (differing === 0 && lost.length === 0) return { item: t.compared, text: t.comparedEqual(devices.length) };
  const points = differences.slice(0, shownDifferences).map(({ point, image, field }) => t.comparedPoint(point, image, field));
  return { item: t.compared, text: [...points, ...(differing > points.length ? [t.comparedMore(differing - points.length)] : []), ...(lost.length === 0 ? [] : [t.comparedLost(node, lost.join(', '))])].join('; '), tone: 'warning' };
}

function skewText(ms: number): string {
  if (Math.round(ms) === 0) return t.clockEqual;
  return ms > 0 ? t.clockAhead(formatDuration(ms)) : t.clockBehind(formatDuration(-ms));
}
