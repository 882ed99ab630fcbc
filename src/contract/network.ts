/** Sockets, given and never taken: real ones from src/platform, simulated ones from simulators/. */
export interface Network {
  /** Opens a TCP connection; exactly one of `onOpen` or `onClose` is called first. */
  connectTcp(target: TcpTarget, events: TcpEvents): TcpConnection;
  listenTcp(at: { host: string; port: number }, accept: (connection: TcpConnection) => TcpEvents): Promise<Listener>;
  openUdp(at: UdpBinding, onMessage: (data: Uint8Array, from: Address) => void): Promise<UdpSocket>;
  /** IPv4 addresses of this machine by network interface; absent where that is not known. */
  interfaces?(): readonly NetworkInterface[];
  /** Opens a serial port for one user, with the events of a connection; absent where there are no ports. */
  openSerial?(target: SerialTarget, events: TcpEvents): TcpConnection;
}

export interface SerialTarget {
  /** `/dev/ttyUSB0`, `COM3`. */
  readonly path: string;
  readonly baud: number;
  readonly dataBits: 7 | 8;
  readonly parity: 'none' | 'even' | 'odd';
  readonly stopBits: 1 | 2;
}

export interface NetworkInterface {
  /** `eno1`, `Ethernet 2`. */
  readonly name: string;
  readonly address: string;
  readonly netmask: string;
}

export interface Address {
  readonly host: string;
  readonly port: number;
}

export interface TcpTarget extends Address {
  /** Local address to leave from, where a machine has several. */
  readonly localAddress?: string;
  readonly connectTimeoutMs: number;
}

export interface TcpEvents {
  onOpen?(): void;
  /** `data` is valid until this returns: copy what is kept. */
  onData(data: Uint8Array): void;
  /** Called once, whatever the reason; nothing is called after it. */
  onClose(reason: CloseReason): void;
}

/**
 * `refused`: nobody listens; `reset`: the peer's kernel cut it; `ended`: the peer closed it; `local`: we did;
 * `insecure`: one side speaks TLS and the other does not.
 */
export type CloseReason = 'refused' | 'reset' | 'ended' | 'timeout' | 'unreachable' | 'local' | 'insecure' | 'error';

export interface TcpConnection {
  readonly remote: Address;
  /** Takes `data` over: it is not changed afterwards. The first write of a turn leaves at once, what follows in that turn leaves together. */
  write(data: Uint8Array): void;
  /** Bytes accepted by {@link write} and not yet by the kernel. */
  readonly bufferedBytes: number;
  /** Ends at once; nothing that is buffered is waited for. */
  destroy(): void;
  /** As {@link destroy}, but the peer sees `reset` and what it has not received yet is dropped; where a network can. */
  reset?(): void;
}

export interface UdpBinding extends Address {
  readonly broadcast: boolean;
  /** Share the port with other processes. Never for unicast: the last one to bind would take all traffic. */
  readonly reuseAddress: boolean;
}

export interface UdpSocket {
  readonly local: Address;
  send(data: Uint8Array, to: Address): void;
  close(): Promise<void>;
}

export interface Listener {
  readonly port: number;
  close(): Promise<void>;
}
