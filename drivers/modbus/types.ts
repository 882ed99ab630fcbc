import type { Addresses } from './addresses.js';
import type { Area } from './pdu.js';

export const valueTypes = ['bool', 'int16', 'uint16', 'int32', 'uint32', 'int64', 'uint64', 'float32', 'float64', 'bcd16', 'bcd32'] as const;
/** Types of one width; a `string` has its own. */
export type FixedType = (typeof valueTypes)[number];
export type ValueType = FixedType | 'string';

export type Order = 'big' | 'little';

/** What a device block says of its unit, whatever the way to it, with the defaults filled in. */
export interface ModbusUnit {
  readonly unit: number;
  readonly timeoutMs: number;
  readonly maxInFlight: number;
  /** On a connection of its own, where answers do not get lost: one that does not come says something of the device. */
  readonly isDirect?: boolean;
  /** Registers that are read along to save a request; bits may be sixteen times as many. */
  readonly maxGap: number;
  readonly maxRegisters: number;
  readonly maxCoils: number;
  readonly wordOrder: Order;
  readonly byteOrder: Order;
  /** Write with functions 15 and 16 always, for devices that lack 5 and 6. */
  readonly writeMultiple: boolean;
  /** Write a bit of a register with function 22 instead of reading, changing and writing it back. */
  readonly maskWrite: boolean;
  /** Write and read back in one request, with function 23. */
  readonly readWrite: boolean;
}

/** A unit on Modbus TCP. */
export interface ModbusDevice extends ModbusUnit {
  readonly addresses: Addresses;
}

/** Where a point lies in its device and how its bytes become a value. */
export interface ModbusAddress {
  readonly area: Area;
  /** Zero-based. */
  readonly offset: number;
  /** Bit of the register, 0 the least significant; only with type bool in a register. */
  readonly bit?: number;
  readonly type: ValueType;
  /** Registers or bits taken: 1 to 4, more for a string. */
  readonly count: number;
  /** value = raw · scale + shift. */
  readonly scale: number;
  readonly shift: number;
  readonly wordOrder: Order;
  readonly byteOrder: Order;
}

/** Registers that a type takes; a bit takes one bit, or the register it is in. */
export function widthOf(type: FixedType): number {
  switch (type) {
    case 'bool':
    case 'int16':
    case 'uint16':
    case 'bcd16':
      return 1;
    case 'int32':
    case 'uint32':
    case 'float32':
    case 'bcd32':
      return 2;
    case 'int64':
    case 'uint64':
    case 'float64':
      return 4;
  }
}

/** `hr:100.3`, as people write it. */
export function formatAddress(address: Pick<ModbusAddress, 'area' | 'offset' | 'bit'>): string {
  return `${address.area}:${address.offset}${address.bit === undefined ? '' : `.${address.bit}`}`;
}
