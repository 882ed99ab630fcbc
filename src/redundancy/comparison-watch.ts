import type { FieldComparison, SystemAlarm } from '../contract/index.js';
import type { LinkMessage } from './link-messages.js';
import type { PairParts } from './pair-parts.js';
import { namesOf } from './role-field.js';

/** Heartbeats between two looks at what has been compared. */
const EVERY_BEATS = 4;

/** Tells the active what the standby finds in the field beside the image (R10, `hot`): only an active raises alarms. */
export class ComparisonWatch {
  private told: string | undefined;
  private theirs: FieldComparison | undefined;
  private beats = 0;

  constructor(
    private readonly parts: () => PairParts,
    /** Undefined while there is nothing to compare with, and where nothing is compared. */
    private readonly own: (() => FieldComparison | undefined) | undefined,
  ) {}

  /** On a standby what it finds itself; on the active what it was told. */
  get found(): FieldComparison | undefined {
    const { role, link } = this.parts();
    if (role().role === 'standby') return this.own?.();
    return role().role === 'active' && link.up && (this.theirs?.devices.length ?? 0) > 0 ? this.theirs : undefined;
  }

  beat(): void {
    this.beats = (this.beats + 1) % EVERY_BEATS;
    if (this.beats === 0) this.tell();
  }

  /** Another connection, or another role: what was said before says nothing any more. */
  forget(): void {
    this.told = this.theirs = undefined;
  }

  /** False for messages that are about something else. */
  receive(message: LinkMessage): boolean {
    if (message.type !== 'comparison') return false;
    const { node, devices, differences } = message;
    this.theirs = { node, devices: devices.map(({ sinceMs, ...device }) => (sinceMs === undefined ? device : { ...device, sinceMs })), differences };
    return true;
  }

  private tell(): void {
    const { options, role, link } = this.parts();
    if (this.own === undefined || role().role !== 'standby' || !link.knows('comparison')) return;
    const { node, devices, differences } = this.own() ?? { node: options.node.id, devices: [], differences: [] };
    if (this.told === undefined && devices.length === 0) return;
    const text = JSON.stringify([devices, differences]);
    if (text === this.told) return;
    this.told = text;
    link.send({ type: 'comparison', node, devices: [...devices], differences: [...differences] });
  }
}

/** Points that the alarm names. */
const NAMED = 5;

/** What of it needs a person; values are left out, because they may change with each reading. Pure. */
export function comparisonAlarm(found: FieldComparison | undefined): SystemAlarm | undefined {
  if (found === undefined) return undefined;
  const { node, devices, differences } = found;
  const count = devices.reduce((sum, { differing }) => sum + differing, 0);
  const lost = devices.flatMap(({ name, state }) => (state === 'unreachable' ? [name] : []));
  const points = differences.map(({ point }) => point);
  const named = points.slice(0, NAMED);
  const said = [
    ...(count === 0 ? [] : [`node ${node} reads ${count === 1 ? 'a point' : `${count} points`} otherwise than this node: ${named.join(', ')}${count > named.length ? ` and ${count - named.length} more` : ''}`]),
    ...(lost.length === 0 ? [] : [`node ${node} does not reach ${namesOf(lost)}, which this node does`]),
  ];
  return said.length === 0 ? undefined : { name: 'field-differs', priority: 3, message: `FIELD_DIFFERS: ${said.join('; ')}.` };
}
