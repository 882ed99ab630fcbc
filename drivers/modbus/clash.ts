import type { CheckedPoint } from '../../src/contract/driver.js';
import { formatAddress, type ModbusAddress, type ModbusUnit } from './types.js';

/** Compares the points of one device. Sorted by place, a point can only clash with those that begin before it ends. */
export function checkPoints({ maskWrite }: Pick<ModbusUnit, 'maskWrite'>, points: readonly CheckedPoint<ModbusAddress>[]): void {
  for (const { address, write, problems } of points) {
    if (write?.only === true && address.bit !== undefined && !maskWrite) {
      problems.error('CONFIG_CLASH', 'one bit of a register that cannot be read is changed with function 22 only: the device needs `maskWrite: true`', ['write', 'only']);
    }
  }
  const sorted = [...points].sort((a, b) => compare(a.address, b.address));
  sorted.forEach((first, index) => {
    const end = first.address.offset + first.address.count;
    for (let next = index + 1; next < sorted.length; next++) {
      const second = sorted[next];
      if (second?.address.area !== first.address.area || second.address.offset >= end) break;
      report(first, second);
    }
  });
}

function report(first: CheckedPoint<ModbusAddress>, second: CheckedPoint<ModbusAddress>): void {
  switch (relation(first.address, second.address)) {
    case 'apart':
      return;
    case 'same':
      second.problems.warning('CONFIG_CLASH', `${second.name} reads ${describe(second)} a second time: ${first.name} is the same`, ['at']);
      return;
    case 'clash':
      second.problems.error('CONFIG_CLASH', `${second.name} (${describe(second)}) and ${first.name} (${describe(first)}) read the same registers in different ways`, ['at']);
  }
}

/** A word of status bits is commonly read as bits and as a whole; anything wider or shifted is a mistake. */
function relation(a: ModbusAddress, b: ModbusAddress): 'apart' | 'same' | 'clash' {
  const bits = Number(a.bit !== undefined) + Number(b.bit !== undefined);
  if (bits === 2) return a.bit === b.bit ? 'same' : 'apart';
  if (bits === 1) return a.offset === b.offset && (a.type === 'uint16' || b.type === 'uint16') ? 'apart' : 'clash';
  if (a.offset !== b.offset || a.type !== b.type || a.count !== b.count) return 'clash';
  if (a.type === 'bool') return 'same';
  return a.wordOrder === b.wordOrder && a.byteOrder === b.byteOrder ? 'same' : 'clash';
}

function compare(a: ModbusAddress, b: ModbusAddress): number {
  if (a.area !== b.area) return a.area < b.area ? -1 : 1;
  return a.offset - b.offset;
}

function describe(point: CheckedPoint<ModbusAddress>): string {
  return `${point.address.type} at ${formatAddress(point.address)}`;
}
