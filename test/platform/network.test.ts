import assert from 'node:assert/strict';
import { isTandemError, type CloseReason, type TcpConnection } from '../../src/contract/index.js';
import { realNetwork } from '../../src/platform/network.js';

/** Listens, and hands over what each accepted connection does. */
async function server(onData: (data: Uint8Array, connection: TcpConnection) => void = () => undefined) {
  const accepted: TcpConnection[] = [];
  const closed: CloseReason[] = [];
  const listener = await realNetwork.listenTcp({ host: '127.0.0.1', port: 0 }, (connection) => {
    accepted.push(connection);
    return { onData: (data) => onData(data, connection), onClose: (reason) => closed.push(reason) };
  });
  return { listener, accepted, closed };
}

/** Connects and resolves with why it ended; `run` gets the open connection. */
function untilClosed(port: number, run: (connection: TcpConnection) => void, target: { host?: string; localAddress?: string; connectTimeoutMs?: number } = {}): Promise<CloseReason> {
  return new Promise((resolve, reject) => {
    let ends = 0;
    const connection = realNetwork.connectTcp({ host: '127.0.0.1', port, connectTimeoutMs: 2000, ...target }, {
      onOpen: () => run(connection),
      onData: () => run(connection),
      onClose: (reason) => (++ends === 1 ? resolve(reason) : reject(new Error('closed twice'))),
    });
  });
}

describe('network of this machine', () => {
  it('carries bytes both ways, from the local address that is asked for', async () => {
    const { listener, accepted } = await server((data, connection) => connection.write(data));
    const got: number[] = [];
    const reason = await new Promise<CloseReason>((resolve) => {
      const connection = realNetwork.connectTcp({ host: '127.0.0.1', port: listener.port, localAddress: '127.0.0.21', connectTimeoutMs: 2000 }, {
        onOpen: () => connection.write(Uint8Array.of(1, 2, 3)),
        onData: (data) => {
          got.push(...data);
          if (got.length === 3) connection.destroy();
        },
        onClose: resolve,
      });
    });
    assert.deepEqual([reason, got, accepted[0]!.remote.host], ['local', [1, 2, 3], '127.0.0.21']);
    await listener.close();
  });

  it('says why a connection ended', async () => {
    const { listener, accepted } = await server((_, connection) => connection.reset?.());
    assert.equal(await untilClosed(listener.port, (connection) => connection.write(Uint8Array.of(1))), 'reset');
    assert.equal(await untilClosed(listener.port, () => accepted[1]!.destroy()), 'ended');
    assert.equal(await untilClosed(listener.port, (connection) => connection.destroy()), 'local');
    assert.equal(await untilClosed(listener.port, () => undefined, { localAddress: 'nonsense' }), 'error');
    await listener.close();
    assert.equal(await untilClosed(listener.port, () => undefined), 'refused');
  });

  it('sends everything in order, whether it was written in one turn or in many, and whether anything was received between', async () => {
    const received: number[] = [];
    let whenAll: () => void = () => undefined;
    const all = new Promise<void>((resolve) => (whenAll = resolve));
    const { listener } = await server((data, connection) => {
      received.push(...data);
      // An answer now and then: the sender is in another turn then.
      if (received.length % 3 === 0) connection.write(Uint8Array.of(0));
      if (received.length === 200) whenAll();
    });
    const wanted = Array.from({ length: 200 }, (_, index) => index);
    const connection = await new Promise<TcpConnection>((resolve) => {
      const opened = realNetwork.connectTcp({ host: '127.0.0.1', port: listener.port, connectTimeoutMs: 2000 }, { onOpen: () => resolve(opened), onData: () => undefined, onClose: () => undefined });
    });
    for (let next = 0; next < 200; ) {
      for (const end = Math.min(200, next + 1 + (next % 4)); next < end; next++) connection.write(Uint8Array.of(next));
      if (next % 3 !== 0) await new Promise((resolve) => setImmediate(resolve));
    }
    await all;
    assert.deepEqual(received, wanted);
    assert.equal(connection.bufferedBytes, 0);
    connection.destroy();
    await listener.close();
  });

  it('refuses a port that is taken, by its code', async () => {
    const { listener } = await server();
    await assert.rejects(realNetwork.listenTcp({ host: '127.0.0.1', port: listener.port }, () => ({ onData: () => undefined, onClose: () => undefined })), (error) => isTandemError(error, 'PORT_IN_USE'));
    await listener.close();
  });

  it('carries datagrams', async () => {
    let received: (text: string) => void = () => undefined;
    const message = new Promise<string>((resolve) => (received = resolve));
    const at = { host: '127.0.0.1', port: 0, broadcast: false, reuseAddress: false };
    const one = await realNetwork.openUdp(at, () => undefined);
    const two = await realNetwork.openUdp(at, (data, from) => received(`${Buffer.from(data).toString()} from ${from.port}`));
    one.send(Buffer.from('lost'), { host: '127.0.0.1', port: 0 });
    one.send(Buffer.from('hello'), two.local);
    assert.equal(await message, `hello from ${one.local.port}`);
    await assert.rejects(realNetwork.openUdp({ ...at, port: two.local.port }, () => undefined), (error) => isTandemError(error, 'PORT_IN_USE'));
    await Promise.all([one.close(), two.close()]);
    await one.close();
  });
});
