import { createSocket } from 'node:dgram';
import { isIPv6 } from 'node:net';
import { TandemError } from '../contract/errors.js';
import type { Address, UdpBinding, UdpSocket } from '../contract/network.js';

/** Binds a UDP socket. Rejects with PORT_IN_USE or INTERNAL; a failing send is lost, as datagrams are. */
/** Room for a burst of change notifications while the event loop is busy; the kernel takes as much of it as it allows. */
const RECEIVE_BUFFER_BYTES = 4 << 20;

export function openUdp(at: UdpBinding, onMessage: (data: Uint8Array, from: Address) => void): Promise<UdpSocket> {
  return new Promise((resolve, reject) => {
    const socket = createSocket({ type: isIPv6(at.host) ? 'udp6' : 'udp4', reuseAddr: at.reuseAddress, recvBufferSize: RECEIVE_BUFFER_BYTES });
    let open = true;
    socket.once('error', (cause: Error & { code?: string }) => {
      socket.close();
      reject(new TandemError(cause.code === 'EADDRINUSE' ? 'PORT_IN_USE' : 'INTERNAL', `cannot bind UDP ${at.host}:${at.port}: ${cause.message}`, { cause }));
    });
    socket.bind({ address: at.host, port: at.port, exclusive: !at.reuseAddress }, () => {
      socket.removeAllListeners('error');
      // A port that answered with ICMP unreachable shows up here; the sender notices by its own deadline.
      socket.on('error', () => undefined);
      if (at.broadcast) socket.setBroadcast(true);
      socket.on('message', (data, from) => {
        if (open) onMessage(data, { host: from.address, port: from.port });
      });
      const local = socket.address();
      resolve({
        local: { host: local.address, port: local.port },
        send: (data, to) => {
          // Port 0 can come out of a peer's packet; the socket would throw.
          if (open && to.port > 0 && to.port < 65_536) socket.send(data, to.port, to.host, () => undefined);
        },
        close: () => new Promise((closed) => {
          if (!open) {
            closed();
            return;
          }
          open = false;
          socket.close(() => closed());
        }),
      });
    });
  });
}
