import { exceptions } from './exceptions.js';

/** Objects by their number: 0 vendor, 1 product code, 2 revision, 3 URL, 4 product, 5 model, 6 application, from 128 on the maker's own. */
export type Identification = ReadonlyMap<number, string>;

const MAX_PDU = 253;
const HEADER = 7;

/** Function 43 / 14, Read Device Identification, Modbus Application Protocol v1.1b3, clause 6.21. */
export function readIdentification(pdu: Uint8Array, objects: Identification): Uint8Array {
  const refuse = (code: number): Uint8Array => Uint8Array.of(0xab, code);
  const [, mei, category = 0, from = 0] = pdu;
  if (mei !== 14 || objects.size === 0) return refuse(exceptions.illegalFunction);
  if (pdu.length !== 4 || category < 1 || category > 4) return refuse(exceptions.illegalValue);
  const conformity = [...objects.keys()].some((id) => id >= 0x80) ? 3 : [...objects.keys()].some((id) => id >= 3) ? 2 : 1;
  const wanted = category === 4 ? [from].filter((id) => objects.has(id)) : idsOf(category, from, objects);
  if (wanted.length === 0) return refuse(exceptions.illegalAddress);
  const body: number[] = [];
  let count = 0;
  for (const id of wanted) {
    const text = Buffer.from(objects.get(id) ?? '', 'latin1');
    if (HEADER + body.length + 2 + text.length > MAX_PDU && count > 0) break;
    body.push(id, text.length, ...text);
    count++;
  }
  const next = wanted[count];
  return Uint8Array.of(43, 14, category, 0x80 | conformity, next === undefined ? 0 : 0xff, next ?? 0, count, ...body);
}

/** Of a stream: basic, regular or extended. One that does not begin at an object begins at the first. */
function idsOf(category: number, from: number, objects: Identification): readonly number[] {
  const most = [0, 2, 0x7f, 0xff][category] ?? 0;
  const all = [...objects.keys()].filter((id) => id <= most).sort((a, b) => a - b);
  return all.includes(from) ? all.filter((id) => id >= from) : all;
}
