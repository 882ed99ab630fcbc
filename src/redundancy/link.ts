import { messageOf, TandemError, type Channel, type ChannelEvents, type CloseReason, type Endpoint, type Listener } from '../contract/index.js';
import { asFrameVersion1 } from '../image/index.js';
import { Caller } from './caller.js';
import { misfit } from './greeting.js';
import type { LinkEvents, LinkOptions, ReaderEvents, ReaderLine, RefusedPeer, Refusal } from './link-contract.js';
import { isSpokenIn, parseLinkMessage, type LinkHello, type LinkMessage } from './link-messages.js';
import { readerLine, type Session } from './link-session.js';
import { isReaderName } from './trust-state.js';
import { makeRoom } from './strangers.js';

/** The protocol version that brought frames of format 2. */
const FRAMES_2_SINCE = 2;

/** How long a last word may take to leave. */
const LINGER_MS = 50;

/** The one connection of the pair: made, greeted, kept, made again. It decides nothing. */
export class Link {
  /** The partner, greeted. */
  private session: Session | undefined;
  /** Connections that have not greeted yet: anybody may have made them. */
  private readonly strangers = new Set<Session>();
  private readonly readers = new Set<Session>();
  private readonly caller: Caller;
  private listener: Listener | undefined;
  private malformed = 0;
  private heardBytes = 0;
  private lastRefusal: string | undefined;
  private lastStranger: string | undefined;

  constructor(
    private readonly options: LinkOptions,
    private readonly events: LinkEvents,
    private readonly readerEvents?: () => ReaderEvents,
  ) {
    this.caller = new Caller(options, {
      hasPartner: () => this.session !== undefined,
      onOpen: (channel) => this.attach(channel, true),
      onInsecure: ({ host, port }) => this.refused(`certificate: the link at ${host}:${port} and this node's differ in TLS; turn it on, or off, on both (node.tls)`, true),
    });
  }

  /** @throws PORT_IN_USE */
  async start(): Promise<void> {
    const { listen } = this.options;
    if (listen !== undefined) this.listener = await this.options.transport.listen(
        listen,
        (channel) => this.attach(channel, false),
        (remote) => this.refused(`certificate: ${remote} calls without TLS; this node has it on (node.tls)`, this.options.gate?.mayBePartner({ remote, certificate: undefined }) !== false),
      );
    this.caller.call();
  }

  async stop(): Promise<void> {
    this.caller.stop();
    const { session } = this;
    if (session?.hello !== undefined) {
      this.send({ type: 'goodbye' });
      // The word has to arrive before the connection ends, or leave looks like death.
      await new Promise<void>((resolve) => this.options.timers.after(LINGER_MS, resolve));
    }
    this.session = undefined;
    session?.channel.destroy();
    for (const stranger of this.strangers) stranger.channel.destroy();
    this.strangers.clear();
    for (const { channel } of this.readers) channel.destroy();
    this.readers.clear();
    await this.listener?.close();
  }

  /** Whether the partner has been greeted. */
  get up(): boolean {
    return this.session?.hello !== undefined;
  }

  get bufferedBytes(): number {
    return this.session?.channel.bufferedBytes ?? 0;
  }

  /** Messages that made no sense, since the start. */
  get malformedCount(): number {
    return this.malformed;
  }

  /** Whether the partner is there and knows this kind of message. */
  knows(type: LinkMessage['type']): boolean {
    return this.up && isSpokenIn(this.session?.version ?? 0, type);
  }

  /** The agreed protocol version; 0 without a partner. */
  get version(): number {
    return this.up ? (this.session?.version ?? 0) : 0;
  }

  /** Messages that an older partner does not know are left out: whoever needs an answer asks {@link knows} first. */
  send(message: LinkMessage): void {
    if (this.knows(message.type)) this.session?.channel.send(JSON.stringify(message));
  }

  sendFrame(bytes: Uint8Array): void {
    if (this.up) this.session?.channel.send(this.version < FRAMES_2_SINCE ? asFrameVersion1(bytes) : bytes);
  }

  /** Whether anything has arrived from the partner since this was asked last, were it a part of a message that takes its time. */
  hasHeardBytes(): boolean {
    const bytes = this.session?.channel.bytesReceived ?? 0;
    const hasHeard = this.up && bytes > this.heardBytes;
    this.heardBytes = bytes;
    return hasHeard;
  }

  /** Calls in vain since the partner was there last. */
  get failedCalls(): number {
    return this.caller.failures;
  }

  /** Calls the partner at once, whoever usually does. */
  tryNow(to: Endpoint): void {
    this.caller.now(to);
  }

  /** Destroys the connection, e.g. because it is half open; a new one is made. */
  drop(): void {
    const { session } = this;
    if (session === undefined) return;
    this.session = undefined;
    session.channel.destroy();
    this.caller.later();
  }

  private attach(channel: Channel, dialled: boolean): ChannelEvents {
    const session: Session = { channel, dialled, version: 1, goodbye: false, refused: false };
    this.strangers.add(session);
    makeRoom(this.strangers);
    const refusal = this.options.gate?.admit(channel);
    if (refusal === undefined) channel.send(JSON.stringify({ ...this.options.hello(), ...this.options.gate?.greeting(channel) }));
    else this.refuse(session, refusal.code, refusal.reason);
    // A process that froze while it accepted would otherwise be waited for as long as its kernel lives.
    this.options.timers.after(this.options.connectTimeoutMs, () => {
      if (this.strangers.has(session)) channel.destroy();
    });
    return {
      onMessage: (message) => {
        if (session.refusal === undefined) this.guard(session, () => this.receive(session, message));
        else this.hearRefused(session, session.refusal, message);
      },
      onClose: (reason) => this.closed(session, reason),
    };
  }

  private closed(session: Session, reason: CloseReason): void {
    if (this.readers.delete(session) && session.reader !== undefined) this.readerEvents?.().onDown(session.reader);
    if (this.strangers.delete(session) || session.refused) this.caller.later();
    if (this.session !== session) return;
    this.session = undefined;
    this.caller.later();
    this.options.log.warn(`link closed (${reason})`);
    this.events.onDown(session.goodbye ? 'goodbye' : 'closed');
  }

  /** Whatever a peer sends, this node goes on: a message that makes no sense ends the connection and is counted. */
  private guard(session: Session, work: () => void): void {
    if (this.session !== session && !this.strangers.has(session) && !this.readers.has(session)) return;
    try {
      work();
    } catch (error) {
      this.malformed += 1;
      this.options.log.error('the partner sent something that cannot be used', error);
      this.refuse(session, 'LINK_MALFORMED', messageOf(error));
    }
  }

  private receive(session: Session, message: string | Uint8Array): void {
    if (typeof message !== 'string') {
      if (session.hello === undefined) throw new TandemError('LINK_MALFORMED', 'a frame came before the greeting');
      this.events.onFrame(message);
      return;
    }
    const parsed = parseLinkMessage(message);
    if (parsed.type === 'unknown') {
      // Told to nobody else: what a stranger says is not the partner's word.
      if (session.hello === undefined) throw new TandemError('LINK_MALFORMED', 'something unknown came before the greeting');
      this.options.log.debug(`a message of a newer version is passed over: ${parsed.kind}`);
      const answer = { type: 'not-understood', kind: parsed.kind } as const;
      if (parsed.must && session.reader !== undefined) session.reader.send(answer);
      else if (parsed.must) this.send(answer);
    } else if (parsed.type === 'hello') this.greet(session, parsed);
    else if (parsed.type === 'refuse') {
      if (parsed.reason !== this.lastRefusal) this.options.log.warn(`the partner refuses this node: ${parsed.reason}`);
      this.lastRefusal = parsed.reason;
      // Nonsense ends a connection, not a partnership: the close that follows is told as such.
      if (parsed.code === 'LINK_MALFORMED') return;
      session.refused = true;
      this.strangers.delete(session);
      if (this.readers.has(session)) return session.channel.destroy();
      this.leave(session);
      const { role, position } = parsed;
      this.refused(parsed.reason, this.mayBePartner(session), role === undefined || position === undefined ? undefined : { role, position }, parsed.code);
      this.caller.later();
    } else if (session.hello === undefined) throw new TandemError('LINK_MALFORMED', `${parsed.type} came before the greeting`);
    else if (session.reader !== undefined) this.fromReader(session, session.reader, parsed);
    else if (parsed.type === 'goodbye') session.goodbye = true;
    else this.passOn(session, parsed);
  }

  private fromReader({ channel }: Session, line: ReaderLine, message: LinkMessage): void {
    const answer = this.options.gate?.heard(channel, message) ?? false;
    if (answer === false) this.readerEvents?.().onMessage(line, message);
    else line.send(answer);
  }

  private passOn({ channel }: Session, message: LinkMessage): void {
    const { gate } = this.options;
    const answer = gate === undefined ? false : gate.heard(channel, message);
    if (answer === false) this.events.onMessage(message);
    else if (answer !== undefined) this.send(answer);
  }

  private greet(session: Session, theirs: LinkHello): void {
    const ours = this.options.hello();
    session.theirs = theirs;
    const doubt = this.options.gate?.greeted(session.channel, theirs);
    const mismatch = misfit(theirs, ours);
    if (doubt !== undefined) {
      this.refuse(session, doubt.code, doubt.reason, theirs);
    } else if (mismatch !== undefined) {
      this.refuse(session, mismatch.code, mismatch.reason, mismatch.ofThisPair ? theirs : undefined);
    } else if (theirs.mode === 'reader') {
      this.admitReader(session, theirs, Math.min(theirs.most, ours.most));
    } else {
      session.hello = theirs;
      session.channel.admit?.();
      session.version = Math.min(theirs.most, ours.most);
      this.caller.reached();
      this.lastRefusal = undefined;
      this.strangers.delete(session);
      // A partner that has come back through a new connection has lost the old one, whether we noticed or not.
      const old = this.session;
      this.session = session;
      if (old !== undefined) {
        this.events.onDown('closed');
        old.channel.destroy();
      }
      this.events.onUp(theirs);
      this.tellNews();
    }
  }

  private admitReader(session: Session, hello: LinkHello, version: number): void {
    const line = readerLine(session.channel, version);
    Object.assign(session, { hello, version, reader: line });
    session.channel.admit?.();
    this.strangers.delete(session);
    this.readers.add(session);
    this.readerEvents?.().onUp(line, hello);
    const news = this.options.gate?.news();
    if (news !== undefined) line.send(news);
  }

  /** What the gate lets through may have changed: looks at the partner again. */
  recheck(): void {
    const { session } = this;
    const refusal = session === undefined ? undefined : this.options.gate?.admit(session.channel);
    if (session !== undefined && refusal !== undefined) this.refuse(session, refusal.code, refusal.reason);
    else this.tellNews();
    for (const reader of this.readers) {
      const doubt = this.options.gate?.admit(reader.channel);
      if (doubt !== undefined) this.refuse(reader, doubt.code, doubt.reason);
    }
    if (this.session !== undefined || this.options.dial === undefined) return;
    this.caller.reached();
    this.caller.now(this.options.dial);
  }

  private tellNews(): void {
    const news = this.options.gate?.news();
    if (news !== undefined) this.send(news);
  }

  private refuse(session: Session, code: Refusal['code'], reason: string, of?: LinkHello): void {
    const { role, position } = this.options.hello();
    session.channel.send(JSON.stringify({ type: 'refuse', code, reason, role, position } satisfies LinkMessage));
    session.refused = true;
    session.refusal = reason;
    this.strangers.delete(session);
    this.leave(session);
    // What is wrong with one who only reads says nothing of the partner.
    const onlyReads = this.readers.has(session) || of?.mode === 'reader' || isReaderName(session.channel.certificate?.name);
    if (code !== 'LINK_MALFORMED' && !onlyReads) this.refused(reason, this.mayBePartner(session), of);
    this.caller.giveUp();
    // The reason goes out before the connection goes down.
    this.options.timers.after(LINGER_MS, () => session.channel.destroy());
    this.caller.later();
  }

  /** The partner is one no more. Told as a closed connection first: the refusal that follows says that it is not dead. */
  private leave(session: Session): void {
    if (this.session !== session) return;
    this.session = undefined;
    this.events.onDown('closed');
  }

  /** A refused node's last words: what it is doing is worth knowing while both are starting. */
  private hearRefused(session: Session, reason: string, message: string | Uint8Array): void {
    if (typeof message !== 'string') return;
    try {
      const parsed = parseLinkMessage(message);
      if (parsed.type !== 'hello' && parsed.type !== 'refuse') return;
      const { role, position } = parsed;
      if (role !== undefined && position !== undefined) this.refused(reason, this.mayBePartner(session), { role, position });
    } catch {
      // It is refused already.
    }
  }

  private mayBePartner({ dialled, channel, theirs }: Session): boolean {
    return dialled || this.options.gate?.mayBePartner(channel, theirs) !== false;
  }

  /** A refusal says something about the partner only where it may be the partner, and while no other one is known to be it. */
  private refused(reason: string, mayBePartner: boolean, of?: RefusedPeer, byThem?: Refusal['code']): void {
    if (this.session === undefined && mayBePartner) this.events.onRefused(reason, of, byThem);
    else if (reason !== this.lastStranger) this.options.log.warn(`somebody who is not the partner was here: ${reason}`);
    this.lastStranger = reason;
  }
}
