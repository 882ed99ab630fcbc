import type { CloseReason, Network, TcpConnection, TcpEvents, TcpTarget } from '../../../src/contract/index.js';

/** One connection whose far end is the test. */
export class ScriptedConnection implements TcpConnection {
  readonly remote;
  readonly frames: Uint8Array[] = [];
  bufferedBytes = 0;
  closed = false;
  wasReset = false;
  onFrame: ((frame: Uint8Array) => void) | undefined;

  constructor(readonly target: TcpTarget, private readonly events: TcpEvents) {
    this.remote = { host: target.host, port: target.port };
  }

  open(): void {
    this.events.onOpen?.();
  }

  receive(data: Uint8Array): void {
    if (!this.closed) this.events.onData(data);
  }

  close(reason: CloseReason): void {
    if (this.closed) return;
    this.closed = true;
    this.events.onClose(reason);
  }

  write(data: Uint8Array): void {
    if (this.closed) throw new Error('written after the end');
    // Frames of one turn leave in one piece.
    for (let at = 0; at < data.length;) {
      const frame = data.slice(at, at + 6 + ((data[at + 4]! << 8) | data[at + 5]!));
      at += frame.length;
      this.frames.push(frame);
      this.onFrame?.(frame);
    }
  }

  destroy(): void {
    this.close('local');
  }

  reset(): void {
    this.wasReset = true;
    this.close('local');
  }

  /** Answers frame `index` with a PDU, under its own transaction id and unit. */
  answer(index: number, pdu: readonly number[], change: (frame: Uint8Array) => void = () => undefined): void {
    const frame = answerTo(this.frames[index]!, pdu);
    change(frame);
    this.receive(frame);
  }
}

export function answerTo(request: Uint8Array, pdu: readonly number[] | Uint8Array): Uint8Array {
  const length = pdu.length + 1;
  return Uint8Array.of(request[0]!, request[1]!, 0, 0, length >> 8, length & 0xff, request[6]!, ...pdu);
}

/** A network that connects to the test. */
export class ScriptedNetwork implements Network {
  readonly connections: ScriptedConnection[] = [];
  /** What becomes of a connection right after it was asked for. */
  onConnect: (connection: ScriptedConnection) => void = () => undefined;

  get last(): ScriptedConnection {
    return this.connections.at(-1)!;
  }

  connectTcp(target: TcpTarget, events: TcpEvents): TcpConnection {
    const connection = new ScriptedConnection(target, events);
    this.connections.push(connection);
    this.onConnect(connection);
    return connection;
  }

  listenTcp(): never {
    throw new Error('not scripted');
  }

  openUdp(): never {
    throw new Error('not scripted');
  }
}
