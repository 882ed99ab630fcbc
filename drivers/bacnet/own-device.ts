/** This node as a BACnet device (clause 12.11): that others can find it, and see what it is and what it takes. */
import { Asn1Reader, Asn1Writer, malformed } from './asn1.js';
import { AbortReason, ConfirmedService, encodeAbort, encodeComplexAck, encodeError, encodeReject, encodeUnconfirmed, MAX_APDU, RejectReason, UnconfirmedService } from './apdu.js';
import { sameObject } from './services.js';
import { writeValue, type BacnetValue, type ObjectId } from './values.js';

const DEVICE = 8;
const WILDCARD = 4_194_303;
/** BACnetSegmentation "receive": answers of ours are never that long. */
const SEGMENTED_RECEIVE = 2;
const OBJECT_LIST = 76;
const PROPERTY_LIST = 371;
/** Stand for several properties in ReadPropertyMultiple (15.7.3.1.2). */
const ALL = 8;
const OPTIONAL = 80;
const REQUIRED = 105;
const arrays: readonly number[] = [OBJECT_LIST, PROPERTY_LIST];
/** Not in the list of properties (12.1.1.4.1). */
const unlisted: readonly number[] = [75, 77, 79, PROPERTY_LIST];
const optionalOnes: readonly number[] = [10, 167];

const text = (value: string): BacnetValue => ({ type: 'text', value });
const unsigned = (value: number): BacnetValue => ({ type: 'unsigned', value });
const enumerated = (value: number): BacnetValue => ({ type: 'enumerated', value });
const bits = (length: number, ...set: number[]): BacnetValue => ({ type: 'bits', value: Array.from({ length }, (_, bit) => set.includes(bit)) });

/** What is wrong with a request as such, as BACnetRejectReason. */
class Rejected extends Error {
  constructor(readonly reason: number) {
    super(`reject ${reason}`);
  }
}

/** A property that is not to be had, with class and code of clause 18. */
class Refused extends Error {
  constructor(readonly errorClass: number, readonly errorCode: number) {
    super(`error ${errorClass}/${errorCode}`);
  }
}

export class OwnDevice {
  private readonly self: ObjectId;
  private readonly name: string;
  private readonly properties: ReadonlyMap<number, readonly BacnetValue[]>;

  constructor(private readonly instance: number) {
    this.self = { type: DEVICE, instance };
    this.name = `tandem-${instance}`;
    const self: BacnetValue = { type: 'object', value: this.self };
    const properties = new Map<number, readonly BacnetValue[]>([
      [75, [self]], [77, [text(this.name)]], [79, [enumerated(DEVICE)]], [112, [enumerated(0)]],
      [121, [text('Tandem')]], [120, [unsigned(0)]], [70, [text('gateway')]], [44, [text('1')]], [12, [text('1')]],
      [98, [unsigned(1)]], [139, [unsigned(14)]],
      // Executes: COV and event notifications of both kinds, ReadProperty, ReadPropertyMultiple, I-Am, Who-Has, Who-Is.
      [97, [bits(41, 1, 2, 12, 14, 26, 28, 29, 33, 34)]],
      [96, [bits(60, DEVICE)]],
      [OBJECT_LIST, [self]], [62, [unsigned(MAX_APDU)]], [107, [enumerated(SEGMENTED_RECEIVE)]], [167, [unsigned(1_024)]],
      [10, [unsigned(2_000)]], [11, [unsigned(3_000)]], [73, [unsigned(2)]], [30, []], [155, [unsigned(1)]],
    ]);
    this.properties = properties.set(PROPERTY_LIST, [...properties.keys()].filter((property) => !unlisted.includes(property)).map(enumerated));
  }

  /** I-Am, where a Who-Is with `body` asks for this instance. */
  onWhoIs(body: Uint8Array): Uint8Array | undefined {
    const reader = new Asn1Reader(body);
    if (!this.isAskedBy(reader, reader.done)) return undefined;
    if (!reader.done) throw malformed('octets after its end');
    const writer = new Asn1Writer();
    for (const value of [{ type: 'object', value: this.self }, unsigned(MAX_APDU), enumerated(SEGMENTED_RECEIVE), unsigned(0)] satisfies BacnetValue[]) writeValue(writer, value);
    return encodeUnconfirmed(UnconfirmedService.iAm, writer.take());
  }

  /** I-Have (16.9), where a Who-Has with `body` asks for the device object of this instance, by its identifier or its name. */
  onWhoHas(body: Uint8Array): Uint8Array | undefined {
    const reader = new Asn1Reader(body);
    const isAsked = this.isAskedBy(reader, !reader.isContext(0));
    const isMine = reader.isContext(2) ? this.isSelf(reader.objectId(reader.context(2))) : reader.characters(reader.context(3)) === this.name;
    if (!reader.done) throw malformed('octets after its end');
    if (!isAsked || !isMine) return undefined;
    const writer = new Asn1Writer();
    for (const value of [{ type: 'object', value: this.self }, { type: 'object', value: this.self }, text(this.name)] satisfies BacnetValue[]) writeValue(writer, value);
    return encodeUnconfirmed(UnconfirmedService.iHave, writer.take());
  }

  /** True for the services that {@link answer} takes. */
  executes(service: number): boolean {
    return service === ConfirmedService.readProperty || service === ConfirmedService.readPropertyMultiple;
  }

  /** The answer, in an APDU of at most `maxApdu` octets. */
  answer(service: number, invokeId: number, body: Uint8Array, maxApdu: number): Uint8Array {
    try {
      const ack = encodeComplexAck(invokeId, service, service === ConfirmedService.readProperty ? this.readProperty(body) : this.readMultiple(body));
      return ack.length > maxApdu ? encodeAbort(invokeId, AbortReason.segmentationNotSupported, true) : ack;
    } catch (error) {
      if (error instanceof Refused) return encodeError(invokeId, service, error.errorClass, error.errorCode);
      return encodeReject(invokeId, error instanceof Rejected ? error.reason : RejectReason.invalidTag);
    }
  }

  /** 15.5 */
  private readProperty(body: Uint8Array): Uint8Array {
    const reader = new Asn1Reader(body);
    due(reader, 0);
    const object = reader.objectId(reader.context(0));
    due(reader, 1);
    const property = reader.unsigned(reader.context(1));
    const index = reader.isContext(2) ? reader.unsigned(reader.context(2)) : undefined;
    if (!reader.done) throw new Rejected(RejectReason.tooManyArguments);
    const values = this.read(object, property, index);
    const writer = new Asn1Writer().contextObjectId(0, this.self).contextUnsigned(1, property);
    if (index !== undefined) writer.contextUnsigned(2, index);
    writer.opening(3);
    for (const value of values) writeValue(writer, value);
    return writer.closing(3).take();
  }

  /** 15.7 */
  private readMultiple(body: Uint8Array): Uint8Array {
    const reader = new Asn1Reader(body);
    const writer = new Asn1Writer();
    do {
      due(reader, 0);
      const object = reader.objectId(reader.context(0));
      due(reader, 1, 'opening');
      reader.context(1, 'opening');
      writer.contextObjectId(0, this.isSelf(object) ? this.self : object).opening(1);
      do {
        due(reader, 0);
        const property = reader.unsigned(reader.context(0));
        const index = reader.isContext(1) ? reader.unsigned(reader.context(1)) : undefined;
        for (const each of this.meant(object, property)) this.result(writer, object, each, index);
      } while (!reader.isContext(1, 'closing'));
      reader.context(1, 'closing');
      writer.closing(1);
    } while (!reader.done);
    return writer.take();
  }

  private result(writer: Asn1Writer, object: ObjectId, property: number, index: number | undefined): void {
    writer.contextUnsigned(2, property);
    if (index !== undefined) writer.contextUnsigned(3, index);
    try {
      const values = this.read(object, property, index);
      writer.opening(4);
      for (const value of values) writeValue(writer, value);
      writer.closing(4);
    } catch (error) {
      if (!(error instanceof Refused)) throw error;
      writer.opening(5);
      writeValue(writer, enumerated(error.errorClass));
      writeValue(writer, enumerated(error.errorCode));
      writer.closing(5);
    }
  }

  private meant(object: ObjectId, property: number): readonly number[] {
    if (![ALL, OPTIONAL, REQUIRED].includes(property) || !this.isSelf(object)) return [property];
    const every = [...this.properties.keys()].filter((each) => each !== PROPERTY_LIST);
    return property === ALL ? every : every.filter((each) => optionalOnes.includes(each) === (property === OPTIONAL));
  }

  private read(object: ObjectId, property: number, index: number | undefined): readonly BacnetValue[] {
    if (!this.isSelf(object)) throw new Refused(1, 31);
    const values = this.properties.get(property);
    if (values === undefined) throw new Refused(2, 32);
    if (index === undefined) return values;
    if (!arrays.includes(property)) throw new Refused(2, 50);
    if (index > values.length) throw new Refused(2, 42);
    return index === 0 ? [unsigned(values.length)] : values.slice(index - 1, index);
  }

  private isSelf(object: ObjectId): boolean {
    return sameObject(object, this.self) || sameObject(object, { type: DEVICE, instance: WILDCARD });
  }

  private isAskedBy(reader: Asn1Reader, everybody: boolean): boolean {
    if (everybody) return true;
    const low = reader.unsigned(reader.context(0));
    const high = reader.unsigned(reader.context(1));
    return this.instance >= low && this.instance <= high;
  }
}

/** What is missing altogether is another reason to reject than what is something else (18.8). */
function due(reader: Asn1Reader, tag: number, form: 'primitive' | 'opening' = 'primitive'): void {
  if (reader.done) throw new Rejected(RejectReason.missingRequiredParameter);
  if (!reader.isContext(tag, form)) throw new Rejected(RejectReason.invalidTag);
}
