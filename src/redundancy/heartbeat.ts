import type { Link } from './link.js';
import { LINK_PROTOCOL, type LinkHello } from './link-messages.js';
import type { PairOptions } from './pair-options.js';
import type { RoleState } from './role-machine.js';

/** What this node says of itself: once when it greets, then with every beat. */
export class Heartbeat {
  private beat = 0;
  private peerBeat = 0;

  constructor(
    private readonly options: PairOptions,
    private readonly link: Link,
    private readonly role: () => RoleState,
  ) {}

  /** Number of the first beat that is sent from now on: an answer to it is younger than this moment. */
  get nextBeat(): number {
    return this.beat + 1;
  }

  /** The last beat of the peer that has arrived; 0 when a new connection begins. */
  heard(beat: number): void {
    this.peerBeat = beat;
  }

  send(): void {
    if (!this.link.up) return;
    this.beat += 1;
    const { state, pairClock } = this.options;
    this.link.send({ type: 'status', beat: this.beat, echo: this.peerBeat, role: this.role().role, position: state.position, pairTimeMs: pairClock.now() });
  }

  hello(): LinkHello {
    const { site, node, state } = this.options;
    const { least, most } = this.options.protocol ?? LINK_PROTOCOL;
    return { type: 'hello', least, most, site, revision: state.table.revision, node: node.id, mode: node.mode, url: node.url, role: this.role().role, position: state.position };
  }
}
