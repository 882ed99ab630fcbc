/** ReadProperty whose value is taken as it comes: lists and constructed values have codecs of their own (clause 15.5). */
import { Asn1Reader, malformed } from './asn1.js';
import { ConfirmedService } from './apdu.js';
import { encodeReadProperty, sameObject, type PropertyReference } from './services.js';
import type { RequestOptions } from './transactions.js';

/** Of {@link Contact}, what asking needs. */
export interface Asker {
  request(service: number, body: Uint8Array, options?: Partial<RequestOptions>): Promise<Uint8Array>;
}

/** The octets between opening and closing tag 3. Rejects with a FIELD_… error. */
export async function readRaw(contact: Asker, asked: PropertyReference, options: Partial<RequestOptions> = {}): Promise<Uint8Array> {
  const reader = new Asn1Reader(await contact.request(ConfirmedService.readProperty, encodeReadProperty(asked), options));
  const object = reader.objectId(reader.context(0));
  const property = reader.unsigned(reader.context(1));
  const index = reader.isContext(2) ? reader.unsigned(reader.context(2)) : undefined;
  if (!sameObject(object, asked.object) || property !== asked.property || index !== asked.index) throw malformed('the answer is for another property');
  reader.context(3, 'opening');
  const from = reader.position;
  reader.skipToClosing();
  const value = reader.since(from);
  if (!reader.done) throw malformed('octets after its end');
  return value.slice(0, -1);
}
