import { BINARY_CHANGES, BINARY_HEAD_AT, BINARY_VALUE_BITS, BinaryFlag, BinaryValue } from '../contract/binary-changes.js';
import type { ServerMessage, WireRow, WireValue } from '../contract/client-protocol.js';

type Changes = Extract<ServerMessage, { type: 'changes' }>;

const utf8 = new TextDecoder();

/** Reads a `changes` message that came as bytes. @throws RangeError, SyntaxError: it is none */
export function readChanges(bytes: ArrayBuffer): Changes {
  const view = new DataView(bytes);
  if (view.getUint8(0) !== BINARY_CHANGES) throw new RangeError(`a binary message of form ${view.getUint8(0)}`);
  const headBytes = view.getUint32(4, true);
  const head = JSON.parse(utf8.decode(new Uint8Array(bytes, BINARY_HEAD_AT, headBytes))) as Omit<Changes, 'values'>;
  const values: WireRow[] = [];
  let at = BINARY_HEAD_AT + headBytes;
  let timeMs = 0;
  let { seq } = head;
  while (at < bytes.byteLength) {
    const first = view.getUint8(at);
    const index = view.getUint32(at + 1, true);
    at += 5;
    let quality = 0;
    if ((first & BinaryFlag.quality) !== 0) quality = view.getUint8(at++);
    if ((first & BinaryFlag.time) !== 0) {
      timeMs = view.getFloat64(at, true);
      at += 8;
    }
    if ((first & BinaryFlag.seq) !== 0) {
      seq = view.getFloat64(at, true);
      at += 8;
    }
    let value: WireValue = null;
    switch (first & BINARY_VALUE_BITS) {
      case BinaryValue.none:
        break;
      case BinaryValue.no:
        value = false;
        break;
      case BinaryValue.yes:
        value = true;
        break;
      case BinaryValue.int32:
        value = view.getInt32(at, true);
        at += 4;
        break;
      case BinaryValue.float32:
        value = view.getFloat32(at, true);
        at += 4;
        break;
      case BinaryValue.float64:
        value = view.getFloat64(at, true);
        at += 8;
        break;
      case BinaryValue.text: {
        const length = view.getUint32(at, true);
        value = utf8.decode(new Uint8Array(bytes, at + 4, length));
        at += 4 + length;
        break;
      }
      default:
        throw new RangeError(`a value of kind ${first & BINARY_VALUE_BITS}`);
    }
    values.push([index, value, quality, timeMs, seq]);
  }
  return { ...head, values };
}
