import { spawn, spawnSync, type ChildProcess } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Context } from 'mocha';

/**
 * What every server here holds, and every client here expects: hr:0… = 1000…, a float32 of 21.5 at hr:100, an int64 of
 * -2 at hr:110, ir:0… = 500…, coils and discrete inputs on where the offset is a multiple of 3. The unit is 7.
 */
export const FOREIGN_UNIT = 7;

/** Debian's own Python: pymodbus is a package of the distribution. */
export const PYTHON = '/usr/bin/python3';

export const pymodbusServer = `
import asyncio, sys
from pymodbus.datastore import ModbusSequentialDataBlock, ModbusServerContext, ModbusSlaveContext
from pymodbus.device import ModbusDeviceIdentification
from pymodbus.framer.ascii_framer import ModbusAsciiFramer
from pymodbus.framer.rtu_framer import ModbusRtuFramer
from pymodbus.framer.socket_framer import ModbusSocketFramer
from pymodbus.server import StartAsyncSerialServer, StartAsyncTcpServer

kind, where = sys.argv[1:3]
registers = [1000 + i for i in range(200)]
registers[100:102] = [0x41AC, 0]
registers[110:114] = [0xFFFF, 0xFFFF, 0xFFFF, 0xFFFE]
bits = [i % 3 == 0 for i in range(200)]
block = lambda values: ModbusSequentialDataBlock(0, list(values))
unit = ModbusSlaveContext(di=block(bits), co=block(bits), hr=block(registers), ir=block(500 + i for i in range(200)), zero_mode=True)
context = ModbusServerContext(slaves={7: unit}, single=False)
identity = ModbusDeviceIdentification(info_name={"VendorName": "pymodbus", "ProductCode": "PM", "MajorMinorRevision": "3.0"})

async def main():
    if kind == "tcp":
        server = await StartAsyncTcpServer(context, identity=identity, address=("127.0.0.1", int(where)), framer=ModbusSocketFramer, allow_reuse_address=True, defer_start=True)
        print("ready", flush=True)
        await server.serve_forever()
    else:
        framer = ModbusRtuFramer if kind == "rtu" else ModbusAsciiFramer
        server = await StartAsyncSerialServer(context, identity=identity, port=where, framer=framer, baudrate=19200, parity="N", bytesize=8, stopbits=1, defer_start=True)
        await server.start()
        print("ready", flush=True)
        await server.serve_forever()

asyncio.run(main())
`;

/** Reads and writes one of our servers, and prints what it got as JSON. */
export const pymodbusClient = `
import json, sys
from pymodbus.client import ModbusSerialClient, ModbusTcpClient
from pymodbus.framer.ascii_framer import ModbusAsciiFramer
from pymodbus.framer.rtu_framer import ModbusRtuFramer
from pymodbus.mei_message import ReadDeviceInformationRequest
from pymodbus.register_write_message import MaskWriteRegisterRequest
from pymodbus.register_read_message import ReadWriteMultipleRegistersRequest

kind, where = sys.argv[1:3]
if kind == "tcp":
    client = ModbusTcpClient("127.0.0.1", port=int(where))
else:
    framer = ModbusRtuFramer if kind == "rtu" else ModbusAsciiFramer
    client = ModbusSerialClient(where, framer=framer, baudrate=19200, parity="N", bytesize=8, stopbits=1, timeout=3)
assert client.connect()
unit = 7
got = {}
got["hr"] = client.read_holding_registers(0, 3, slave=unit).registers
got["ir"] = client.read_input_registers(5, 2, slave=unit).registers
got["co"] = client.read_coils(0, 8, slave=unit).bits[:8]
got["di"] = client.read_discrete_inputs(0, 8, slave=unit).bits[:8]
client.write_register(20, 4321, slave=unit)
client.write_registers(21, [5, 6, 7], slave=unit)
client.write_coil(30, True, slave=unit)
client.write_coils(31, [True, False, True], slave=unit)
got["mask"] = client.execute(MaskWriteRegisterRequest(address=20, and_mask=0xFF00, or_mask=0x0012, unit=unit)).isError()
got["written"] = client.read_holding_registers(20, 4, slave=unit).registers
got["coils"] = client.read_coils(30, 4, slave=unit).bits[:4]
got["readwrite"] = client.execute(ReadWriteMultipleRegistersRequest(read_address=20, read_count=3, write_address=21, write_registers=[70, 71], unit=unit)).registers
got["exception"] = client.read_holding_registers(500, 1, slave=unit).exception_code
if kind != "ascii":
    got["identification"] = {k: v.decode() for k, v in client.execute(ReadDeviceInformationRequest(read_code=1, object_id=0, unit=unit)).information.items()}
print(json.dumps(got))
client.close()
`;

export const libmodbusServer = `
#include <errno.h>
#include <modbus.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

int main(int argc, char **argv) {
  int tcp = !strcmp(argv[1], "tcp"), listener = -1;
  modbus_t *peer = tcp ? modbus_new_tcp("127.0.0.1", atoi(argv[2])) : modbus_new_rtu(argv[2], 19200, 'E', 8, 1);
  modbus_mapping_t *map = modbus_mapping_new(200, 200, 200, 200);
  uint8_t query[MODBUS_TCP_MAX_ADU_LENGTH];
  for (int i = 0; i < 200; i++) {
    map->tab_bits[i] = map->tab_input_bits[i] = i % 3 == 0;
    map->tab_registers[i] = 1000 + i;
    map->tab_input_registers[i] = 500 + i;
  }
  map->tab_registers[100] = 0x41ac;
  map->tab_registers[101] = 0;
  for (int i = 110; i < 114; i++) map->tab_registers[i] = i == 113 ? 0xfffe : 0xffff;
  modbus_set_slave(peer, 7);
  if (tcp) {
    listener = modbus_tcp_listen(peer, 1);
    if (listener < 0) return 1;
  } else if (modbus_connect(peer)) return 1;
  printf("ready\\n");
  fflush(stdout);
  for (;;) {
    if (tcp) modbus_tcp_accept(peer, &listener);
    for (;;) {
      int length = modbus_receive(peer, query);
      if (length > 0) modbus_reply(peer, query, length, map);
      else if (length < 0 && tcp) break;
    }
    if (tcp) modbus_close(peer);
  }
}
`;

/** Skips where there is neither gcc nor libmodbus-dev, fails in CI. Returns the compiled server. */
export function compileLibmodbus(context: Context): { readonly binary: string; remove(): void } {
  const folder = mkdtempSync(join(tmpdir(), 'tandem-libmodbus-'));
  const source = join(folder, 'server.c');
  const binary = join(folder, 'server');
  writeFileSync(source, libmodbusServer);
  const { status, stderr } = spawnSync('gcc', ['-O1', '-I/usr/include/modbus', '-o', binary, source, '-lmodbus'], { encoding: 'utf8' });
  if (status !== 0) {
    if (process.env.CI !== undefined) throw new Error(`gcc and libmodbus-dev are needed, .ci/run should have installed them: ${stderr}`);
    context.skip();
  }
  return { binary, remove: () => rmSync(folder, { recursive: true }) };
}

/** Skips where Debian's python3-pymodbus is not installed, fails in CI. */
export function requirePymodbus(context: Context): void {
  if (spawnSync(PYTHON, ['-c', 'import pymodbus, serial_asyncio']).status === 0) return;
  if (process.env.CI !== undefined) throw new Error('python3-pymodbus is missing: .ci/run should have installed it');
  context.skip();
}

/** A foreign server, once it has said that it is ready. */
export async function startForeign(command: string, args: readonly string[]): Promise<{ stop(): Promise<void> }> {
  const child: ChildProcess = spawn(command, args, { stdio: ['ignore', 'pipe', 'pipe'] });
  let said = '';
  child.stderr?.on('data', (data: Buffer) => (said += data.toString()));
  await new Promise<void>((resolve, reject) => {
    const ended = (): void => reject(new Error(`the foreign server ended: ${said}`));
    child.once('exit', ended);
    child.stdout?.on('data', (data: Buffer) => {
      if (!data.toString().includes('ready')) return;
      child.off('exit', ended);
      resolve();
    });
  });
  return {
    stop: async () => {
      const ended = new Promise((resolve) => child.once('exit', resolve));
      child.kill('SIGKILL');
      await ended;
    },
  };
}
