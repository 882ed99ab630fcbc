import type { Framing } from './framing.js';
import { isEchoed } from './pdu.js';

/** What the bus knows of its own echo: some RS-485 adapters hear what they send. */
export interface EchoState {
  heard: boolean | undefined;
}

export interface ExchangeEvents {
  /** Bytes that are no part of the answer. */
  stray(data: Uint8Array): void;
}

/** One request on a bus and what was heard since: finds the answer among echo, noise and what others sent. */
export class Exchange {
  readonly frame: Uint8Array;
  private data: Uint8Array = new Uint8Array(0);
  private ownHeard = false;

  constructor(
    private readonly framing: Framing,
    private readonly asked: { readonly unit: number; readonly pdu: Uint8Array },
    private readonly echo: EchoState,
    private readonly events: ExchangeEvents,
  ) {
    this.frame = framing.encode(asked.unit, asked.pdu);
  }

  /** Something was heard that is not understood yet. */
  get pending(): boolean {
    return this.data.length > 0;
  }

  /** Returns the PDU of the answer once it is there. */
  receive(chunk: Uint8Array): Uint8Array | undefined {
    this.data = join(this.data, chunk);
    if (this.expectsEcho && startsWith(this.data, this.frame)) this.dropEcho(0);
    for (;;) {
      const found = this.framing.find(this.data, this.asked.unit, this.asked.pdu);
      if (found === undefined) return undefined;
      const { start, end } = found;
      if (this.expectsEcho && startsWith(this.data.subarray(start, end), this.frame)) {
        this.dropEcho(start);
        continue;
      }
      if (!isEchoed(this.asked.pdu) && start === 0 && !this.ownHeard) this.echo.heard = false;
      if (start > 0) this.events.stray(this.data.slice(0, start));
      this.data = this.data.slice(end);
      return found.pdu;
    }
  }

  /** What came after the answer. */
  takeRest(): Uint8Array {
    const { data } = this;
    this.data = new Uint8Array(0);
    return data;
  }

  /** The line fell silent: what lies there will not become an answer any more. Says what it is and forgets it. */
  judgeSilence(): { readonly unit: number; readonly pdu: Uint8Array } | 'nonsense' | 'nothing' {
    const { data } = this;
    this.data = new Uint8Array(0);
    if (data.length === 0) return 'nothing';
    return this.framing.whole(data) ?? 'nonsense';
  }

  /** A single write is answered with itself, so its echo is told from the answer only where echo is known. */
  private get expectsEcho(): boolean {
    return !this.ownHeard && (isEchoed(this.asked.pdu) ? this.echo.heard === true : this.echo.heard !== false);
  }

  private dropEcho(start: number): void {
    this.ownHeard = true;
    this.echo.heard = true;
    if (start > 0) this.events.stray(this.data.slice(0, start));
    this.data = this.data.slice(start + this.frame.length);
  }
}

export function join(first: Uint8Array, second: Uint8Array): Uint8Array {
  if (first.length === 0) return new Uint8Array(second);
  const whole = new Uint8Array(first.length + second.length);
  whole.set(first);
  whole.set(second, first.length);
  return whole;
}

function startsWith(data: Uint8Array, head: Uint8Array): boolean {
  return data.length >= head.length && head.every((byte, index) => data[index] === byte);
}
