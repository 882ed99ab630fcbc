/** This node as a BACnet device (clause 12.11): just enough that others can find it and see what it is. */
import { Asn1Reader, Asn1Writer, malformed } from './asn1.js';
import { ConfirmedService, encodeComplexAck, encodeError, encodeUnconfirmed, MAX_APDU, UnconfirmedService } from './apdu.js';
import { writeValue, type BacnetValue } from './values.js';

const DEVICE = 8;
const WILDCARD = 4_194_303;
/** BACnetSegmentation "receive": answers of ours are never that long. */
const SEGMENTED_RECEIVE = 2;
const OBJECT_LIST = 76;

const text = (value: string): BacnetValue => ({ type: 'text', value });
const unsigned = (value: number): BacnetValue => ({ type: 'unsigned', value });
const enumerated = (value: number): BacnetValue => ({ type: 'enumerated', value });
const bits = (length: number, ...set: number[]): BacnetValue => ({ type: 'bits', value: Array.from({ length }, (_, bit) => set.includes(bit)) });

export class OwnDevice {
  private readonly properties: ReadonlyMap<number, readonly BacnetValue[]>;

  constructor(private readonly instance: number) {
    const self: BacnetValue = { type: 'object', value: { type: DEVICE, instance } };
    this.properties = new Map<number, readonly BacnetValue[]>([
      [75, [self]], [77, [text(`tandem-${instance}`)]], [79, [enumerated(DEVICE)]], [112, [enumerated(0)]],
      [121, [text('Tandem')]], [120, [unsigned(0)]], [70, [text('gateway')]], [44, [text('1')]], [12, [text('1')]],
      [98, [unsigned(1)]], [139, [unsigned(14)]],
      [97, [bits(40, 12, 26, 34)]], // executes ReadProperty, I-Am, Who-Is
      [96, [bits(60, DEVICE)]],
      [OBJECT_LIST, [self]], [62, [unsigned(MAX_APDU)]], [107, [enumerated(SEGMENTED_RECEIVE)]], [167, [unsigned(1_024)]],
      [11, [unsigned(3_000)]], [73, [unsigned(2)]], [30, []], [155, [unsigned(1)]],
    ]);
  }

  /** I-Am, where a Who-Is with `body` asks for this instance. */
  onWhoIs(body: Uint8Array): Uint8Array | undefined {
    const reader = new Asn1Reader(body);
    const limits = reader.done ? undefined : { low: reader.unsigned(reader.context(0)), high: reader.unsigned(reader.context(1)) };
    if (reader.rest().length > 0) throw malformed('octets after its end');
    if (limits !== undefined && (this.instance < limits.low || this.instance > limits.high)) return undefined;
    const writer = new Asn1Writer();
    for (const value of [{ type: 'object', value: { type: DEVICE, instance: this.instance } }, unsigned(MAX_APDU), enumerated(SEGMENTED_RECEIVE), unsigned(0)] satisfies BacnetValue[]) writeValue(writer, value);
    return encodeUnconfirmed(UnconfirmedService.iAm, writer.take());
  }

  /** The answer to a ReadProperty with `body`; throws for one that is malformed. */
  onReadProperty(invokeId: number, body: Uint8Array): Uint8Array {
    const reader = new Asn1Reader(body);
    const object = reader.objectId(reader.context(0));
    const property = reader.unsigned(reader.context(1));
    const index = reader.isContext(2) ? reader.unsigned(reader.context(2)) : undefined;
    if (!reader.done) throw malformed('octets after its end');
    const refuse = (errorClass: number, errorCode: number): Uint8Array => encodeError(invokeId, ConfirmedService.readProperty, errorClass, errorCode);
    if (object.type !== DEVICE || (object.instance !== this.instance && object.instance !== WILDCARD)) return refuse(1, 31);
    const values = this.properties.get(property);
    if (values === undefined) return refuse(2, 32);
    if (index !== undefined && property !== OBJECT_LIST) return refuse(2, 50);
    if (index !== undefined && index > values.length) return refuse(2, 42);
    const writer = new Asn1Writer().contextObjectId(0, { type: DEVICE, instance: this.instance }).contextUnsigned(1, property);
    if (index !== undefined) writer.contextUnsigned(2, index);
    writer.opening(3);
    const told = index === undefined ? values : index === 0 ? [unsigned(values.length)] : values.slice(index - 1, index);
    for (const value of told) writeValue(writer, value);
    return encodeComplexAck(invokeId, ConfirmedService.readProperty, writer.closing(3).take());
  }
}
