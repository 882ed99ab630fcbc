/** Character sets of ANSI/ASHRAE 135 clause 20.2.9. What a device sends wrongly is still a text as far as it can be one. */
import { TextDecoder } from 'node:util';

const utf8 = new TextDecoder('utf-8', { fatal: true });
const ucs2 = new TextDecoder('utf-16be', { fatal: true });
/** Code pages of IBM and Microsoft under which Node knows them. */
const codePages: Readonly<Record<number, string>> = { 866: 'ibm866', 874: 'windows-874', 932: 'shift_jis', 936: 'gbk', 949: 'euc-kr', 950: 'big5', 1250: 'windows-1250', 1251: 'windows-1251', 1252: 'windows-1252', 1253: 'windows-1253', 1254: 'windows-1254', 1255: 'windows-1255', 1256: 'windows-1256', 1257: 'windows-1257', 1258: 'windows-1258', 65_001: 'utf-8' };

/** Undefined where the octets cannot be of that set at all. */
export function textOf(set: number, octets: Uint8Array): string | undefined {
  switch (set) {
    case 0: return decoded(utf8, octets) ?? latin1(octets); // before 2010 it was ANSI X3.4, and some put 8 bits into it
    case 1: return octets.length < 2 ? undefined : doubleByte(octets);
    case 2: return japanese(octets);
    case 3: return ucs4(octets);
    case 4: return octets.length % 2 === 0 ? decoded(ucs2, octets) : undefined;
    default: return latin1(octets); // 5, and what does not exist
  }
}

/** ISO 8859-1: each octet is its character. (Node's decoder of that name is windows-1252.) */
function latin1(octets: Uint8Array): string {
  return Buffer.from(octets.buffer, octets.byteOffset, octets.length).toString('latin1');
}

/** The number of the code page comes first. */
function doubleByte(octets: Uint8Array): string {
  const [high = 0, low = 0] = octets;
  const page = codePages[high * 256 + low];
  const content = octets.subarray(2);
  return page === undefined ? latin1(content) : new TextDecoder(page).decode(content);
}

/** JIS X 0208 without its escape sequences: with the high bits set it is EUC-JP. */
function japanese(octets: Uint8Array): string {
  return new TextDecoder('euc-jp').decode(octets.map((octet) => octet | 0x80));
}

function ucs4(octets: Uint8Array): string | undefined {
  if (octets.length % 4 !== 0) return undefined;
  const view = new DataView(octets.buffer, octets.byteOffset, octets.length);
  let text = '';
  for (let at = 0; at < octets.length; at += 4) {
    const point = view.getUint32(at);
    if (point > 0x10ffff) return undefined;
    text += String.fromCodePoint(point);
  }
  return text;
}

function decoded(decoder: TextDecoder, octets: Uint8Array): string | undefined {
  try {
    return decoder.decode(octets);
  } catch {
    return undefined;
  }
}
