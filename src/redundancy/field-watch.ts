import type { LinkMessage } from './link-messages.js';
import type { PairParts } from './pair-parts.js';
import { balanceOf, tellReach, type DeviceReach, type FieldBalance, type ToldReach } from './reach.js';

/** Heartbeats between two looks at the field. */
const EVERY_BEATS = 4;

/** Tells the active what the standby reaches of the field, and the role machine how the two compare (R31). */
export class FieldWatch {
  private told: string | undefined;
  private theirs: ToldReach | undefined;
  private beats = 0;
  private latest: FieldBalance | undefined;

  constructor(
    private readonly parts: () => PairParts,
    /** Absent where there is no field. */
    private readonly reach: (() => readonly DeviceReach[]) | undefined,
  ) {}

  /** How the nodes compare, on an active that has been told. */
  get balance(): FieldBalance | undefined {
    return this.latest;
  }

  beat(): void {
    this.beats = (this.beats + 1) % EVERY_BEATS;
    if (this.beats === 0) this.look();
  }

  /** Another connection, or another role: what was said before says nothing any more. */
  forget(): void {
    this.told = this.theirs = this.latest = undefined;
  }

  /** False for messages that are about something else. */
  receive(message: LinkMessage): boolean {
    if (message.type !== 'reach') return false;
    this.theirs = { unreachable: message.unreachable, unknown: message.unknown };
    return true;
  }

  private look(): void {
    const { role, link, step } = this.parts();
    if (this.reach === undefined || !link.up) return;
    if (role().role === 'standby') {
      const told = tellReach(this.reach());
      const text = JSON.stringify(told);
      if (text === this.told) return;
      this.told = text;
      link.send({ type: 'reach', unreachable: [...told.unreachable], unknown: [...told.unknown] });
    } else if (role().role === 'active' && this.theirs !== undefined) {
      this.latest = balanceOf(this.reach(), this.theirs);
      step({ kind: 'field', balance: this.latest });
    }
  }
}
