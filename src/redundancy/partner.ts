import { sameEpoch, type Epoch, type NodeHealth, type Position, type Role } from '../contract/index.js';
import type { LinkHello, LinkMessage, LinkStatus } from './link-messages.js';
import type { LinkEvents, RefusedPeer, Refusal } from './link-contract.js';
import type { PairParts } from './pair-parts.js';
import { switchRefusal } from './role-machine.js';
import type { SwitchRequests } from './switch-requests.js';
import { slowLinkMs } from './timing.js';

/** What comes from the other node, turned into inputs of the role machine. It decides nothing. */
export class Partner implements LinkEvents {
  /** The greeting of the one that is, or was last, connected. */
  greeting: LinkHello | undefined;
  /** Highest epoch that anybody spoke of. */
  heardEpoch = 0;
  /** What it said last of its own condition, while it is connected. */
  health: NodeHealth | undefined;
  /** How often a partner was greeted: tells one connection from the next. */
  connections = 0;

  constructor(
    private readonly parts: () => PairParts,
    private readonly switches: SwitchRequests,
  ) {}

  onUp(hello: LinkHello): void {
    const { options, heartbeat, note, run, link, rows, dbSync, secondPath, stands, fieldWatch, comparisonWatch } = this.parts();
    this.greeting = hello;
    this.connections += 1;
    this.health = undefined;
    rows.notePeerAway(false);
    dbSync.forget();
    if (hello.url !== options.lastPeerUrl) run(options.journal.writeMark('peerUrl', hello.url));
    heartbeat.heard(0);
    note('link up', `node ${hello.node} (${hello.mode}) is ${hello.role}`);
    this.seen(hello.role, hello.position, 0, undefined, link.knows('stand'));
    stands.connected();
    fieldWatch.forget();
    comparisonWatch.forget();
    heartbeat.send();
    dbSync.tell();
    if (secondPath !== undefined) link.send({ type: 'heartbeat-key', key: secondPath.key });
    if (hello.role === 'active') this.follow(hello.position.epoch);
    this.lookElsewhere(hello.role);
  }

  onFrame(bytes: Uint8Array): void {
    const { step, sync } = this.parts();
    step({ kind: 'peer-heard' });
    sync.receiveFrame(bytes);
    this.doubtSlowLink();
  }

  onRefused(reason: string, of?: RefusedPeer, byThem?: Refusal['code']): void {
    const { role, note, sync, step, rows } = this.parts();
    if (byThem === 'LINK_INACTIVE') rows.notePeerAway(true);
    if (role().peer.refused !== reason) note('the other node is refused', reason);
    sync.dropFollower();
    step({ kind: 'peer-refused', reason, ...(of === undefined ? {} : { peer: { role: of.role, progress: { epoch: of.position.epoch.number, seq: of.position.seq } } }) });
  }

  onDown(how: 'closed' | 'goodbye'): void {
    this.health = undefined;
    this.parts().witness?.peerSaid(false);
    this.parts().verifier.lapse('the other node was disconnected');
    const { role, note, sync, step, exchange } = this.parts();
    exchange?.reset();
    note('link down', how === 'goodbye' ? 'the other node said goodbye' : 'the connection closed');
    sync.dropFollower();
    sync.endFollowing();
    if (role().handover !== undefined && role().role === 'active') step({ kind: 'handover-failed', reason: 'the link went down' });
    step({ kind: how === 'goodbye' ? 'peer-goodbye' : 'link-closed' });
  }

  onMessage(message: LinkMessage): void {
    const { options, link, role, step, sync, exchange } = this.parts();
    step({ kind: 'peer-heard' });
    if (sync.receive(message) || exchange?.receive(message) === true || this.parts().dbSync.receive(message) || this.parts().verifier.receive(message)) return;
    if (this.parts().stands.receive(message) || this.parts().fieldWatch.receive(message) || this.parts().comparisonWatch.receive(message)) return;
    switch (message.type) {
      case 'status':
        return this.onStatus(message);
      case 'follow':
        if (role().role === 'active') sync.lead(message.position, message.epochs);
        return;
      case 'prepare': {
        const ready = role().role === 'standby' && role().inSync;
        link.send(ready ? { type: 'ready' } : { type: 'not-ready', reason: 'the standby is not in sync' });
        return;
      }
      case 'dropped':
        return step({ kind: 'peer-drops' });
      case 'ready':
        return step({ kind: 'peer-ready' });
      case 'not-ready':
        return step({ kind: 'handover-failed', reason: message.reason });
      case 'yield':
        this.heardEpoch = Math.max(this.heardEpoch, message.epoch.number);
        if (options.state.position.seq !== message.lastSeq) options.log.error(`control was handed over at frame ${message.lastSeq}, this node holds ${options.state.position.seq}`);
        return step({ kind: 'yielded', cause: message.cause });
      case 'switch-request': {
        const refusal = switchRefusal(role());
        link.send({ type: 'switch-result', id: message.id, ...(refusal === undefined ? {} : { refusal }) });
        if (refusal === undefined) step({ kind: 'switch', by: `${message.by} at the standby: ${message.reason}` });
        return;
      }
      case 'heartbeat-key':
        return this.parts().secondPath?.peerSaid(message.key);
      case 'switch-result':
        return this.switches.answered(message.id, message.refusal);
      case 'not-understood':
        return this.parts().note('the other node runs an older version', `it does not know ${message.kind}`);
      default:
        // The link keeps greetings to itself; the rest is about frames.
        return;
    }
  }

  private onStatus(status: LinkStatus): void {
    const { options, heartbeat, role, witness } = this.parts();
    heartbeat.heard(status.beat);
    heartbeat.echoed(status.echo);
    this.doubtSlowLink();
    if (status.health !== undefined) this.health = compact(status.health);
    witness?.peerSaid(status.witness === true);
    if (status.clock !== undefined) heartbeat.compare(status.echo, status.clock);
    this.seen(status.role, status.position, status.echo, status.supports === true ? heartbeat.sentMs(status.echo) : undefined);
    if (status.role !== 'active') return this.lookElsewhere(status.role);
    heartbeat.answer();
    if (role().role === 'standby') options.pairClock.observe(status.pairTimeMs);
    this.follow(status.position.epoch);
  }

  /** A node that only reads follows whoever is active: the other one, then. */
  private lookElsewhere(role: Role): void {
    const { options, link, sync, step, exchange } = this.parts();
    if (options.node.mode !== 'reader' || role === 'active') return;
    exchange?.reset();
    sync.endFollowing();
    link.drop();
    step({ kind: 'link-closed' });
  }

  /** Something has arrived, and is not whole yet: a snapshot over a slow link is no silence, and its receiver must not begin anew for ever. */
  onBytes(): void {
    this.parts().step({ kind: 'peer-heard' });
    this.doubtSlowLink();
  }

  /** What arrives is older than the active waits for this node: it may have been taken out of the set, and not heard so yet. */
  private doubtSlowLink(): void {
    const { role, sync, heartbeat, options } = this.parts();
    const limitMs = slowLinkMs(options.settings);
    if (role().role === 'standby' && role().inSync && heartbeat.unansweredMs > limitMs) sync.leaveSet(`a beat is under way for more than ${limitMs} ms`);
  }

  private seen(role: Role, { epoch, seq }: Position, echo: number, supportSentMs: number | undefined, undecided = false): void {
    this.heardEpoch = Math.max(this.heardEpoch, epoch.number);
    const own = this.parts().options.state.position.epoch;
    const isApart = epoch.number === own.number && !sameEpoch(epoch, own);
    this.parts().step({ kind: 'peer-seen', role, mode: this.greeting?.mode ?? 'independent', progress: { epoch: epoch.number, seq }, ...(isApart && { apart: true }), echo, ...(supportSentMs === undefined ? {} : { support: { sentMs: supportSentMs } }), ...(undecided ? { undecided } : {}) });
  }

  private follow(epoch: Epoch): void {
    const { role, sync, exchange, options } = this.parts();
    if (role().role !== 'standby' || role().promoting || sync.follows(epoch)) return;
    // One that goes on below this node's epoch is about to open a new one (R21): below its own nothing is followed.
    if (epoch.number < options.state.position.epoch.number) return;
    const revision = this.greeting?.revision;
    if (exchange === undefined || revision === undefined || revision === options.state.table.revision) {
      sync.follow(epoch);
      return;
    }
    exchange.fetch(revision, () => {
      if (role().role === 'standby' && !role().promoting) sync.follow(epoch);
    });
  }
}

/** Without the keys that say nothing. */
function compact(health: NonNullable<LinkStatus['health']>): NodeHealth {
  return Object.fromEntries(Object.entries(health).filter(([, value]) => value !== undefined));
}
