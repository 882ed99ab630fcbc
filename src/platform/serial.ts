import type { SerialPort } from 'serialport';
import { messageOf } from '../contract/errors.js';
import type { CloseReason, SerialTarget, TcpConnection, TcpEvents } from '../contract/network.js';

/** Opens a serial port. A port that is not there closes with `refused`, as nobody can answer on it. */
export function openSerial(target: SerialTarget, events: TcpEvents): TcpConnection {
  let port: SerialPort | undefined;
  let closed = false;
  const end = (reason: CloseReason): void => {
    if (closed) return;
    closed = true;
    const report = (): void => events.onClose(reason);
    // A port that vanished while open cannot be closed; either way it is gone.
    if (port?.isOpen === true) port.close(report);
    else setImmediate(report);
  };
  open(target).then(
    (opened) => {
      port = opened;
      if (closed) {
        opened.close(() => undefined);
        return;
      }
      opened.on('data', (data: Buffer) => {
        if (!closed) events.onData(data);
      });
      opened.on('error', () => end('error'));
      opened.on('close', () => end('ended'));
      events.onOpen?.();
    },
    (error: unknown) => end(/no such file|cannot find|not found/i.test(messageOf(error)) ? 'refused' : 'error'),
  );
  return {
    remote: { host: target.path, port: 0 },
    get bufferedBytes() {
      return port?.writableLength ?? 0;
    },
    write: (data) => {
      if (!closed) port?.write(data);
    },
    destroy: () => end('local'),
  };
}

/** Loaded at the first port only: a node without serial lines needs no native binding. */
async function open({ path, baud, dataBits, parity, stopBits }: SerialTarget): Promise<SerialPort> {
  const { SerialPort: Port } = await import('serialport');
  return new Promise((resolve, reject) => {
    const port = new Port({ path, baudRate: baud, dataBits, parity, stopBits, autoOpen: false });
    port.open((error) => {
      if (error === null) resolve(port);
      else reject(error);
    });
  });
}
