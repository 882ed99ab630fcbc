/** @bacnet-js/client and node-bacnet behind one face, where the two differ in style only: messages that they decode, answers that they encode. */
import { createRequire } from 'node:module';

const load = createRequire(import.meta.url);

export interface Sender { readonly address: string }
export interface StockMessage { readonly header: { readonly sender: Sender; readonly confirmedService?: boolean }; readonly invokeId: number; readonly service: number; readonly payload: Record<string, unknown> }
interface Scratch { readonly buffer: Buffer; offset: number }
type Encode = (buffer: Scratch, ...what: unknown[]) => void;
interface Codec { readonly encode: Encode; readonly encodeAcknowledge: Encode }

interface Library {
  on(event: string, heard: (message: StockMessage) => void): void;
  removeAllListeners(event: string): void;
  simpleAckResponse(to: Sender, service: number, invokeId: number): void;
  errorResponse(to: Sender, service: number, invokeId: number, errorClass: number, errorCode: number): void;
  iAmResponse(to: Sender, device: number, segmentation: number, vendor: number): void;
  sendBvlc(to: Sender, buffer: Scratch): void;
  close(): void;
  [method: string]: unknown;
}

export type LibraryName = '@bacnet-js/client' | 'node-bacnet';

export class StockPeer {
  /** Encoders of the library's services. */
  private readonly codecs: Readonly<Record<string, Codec>>;

  private constructor(readonly name: LibraryName, private readonly library: Library) {
    const services = load(name === 'node-bacnet' ? 'node-bacnet/lib/services' : '@bacnet-js/client/dist/lib/services') as Record<string, Codec>;
    // One writes getEventInformation, the other GetEventInformation.
    this.codecs = Object.fromEntries(Object.entries(services).map(([key, codec]) => [key.toLowerCase(), codec]));
  }

  static open(name: LibraryName, at: { readonly host: string; readonly port: number }): Promise<StockPeer> {
    const module = load(name) as { default?: new (options: object) => Library };
    const Client = module.default ?? (module as unknown as new (options: object) => Library);
    const library = new Client({ port: at.port, interface: at.host, reuseAddr: false, apduTimeout: 5_000 });
    return new Promise((resolve, reject) => {
      library.on('error', (error) => reject(new Error('the library cannot listen', { cause: error })));
      library.on('listening', () => resolve(new StockPeer(name, library)));
    });
  }

  on(event: string, heard: (message: StockMessage) => void): void {
    this.library.on(event, heard);
  }

  /** As {@link on}, in place of who hears it now. */
  replace(event: string, heard: (message: StockMessage) => void): void {
    this.library.removeAllListeners(event);
    this.library.on(event, heard);
  }

  /** A request of the library's own, as a promise. `to` is `host:port`. */
  ask(method: string, to: string, ...rest: unknown[]): Promise<Record<string, unknown>> {
    const request = this.library[method] as (...given: unknown[]) => unknown;
    if (this.name === '@bacnet-js/client') return request.call(this.library, { address: to }, ...rest) as Promise<Record<string, unknown>>;
    return new Promise((resolve, reject) => void request.call(this.library, to, ...rest, {}, (error: Error | null | undefined, value: Record<string, unknown>) => (error ? reject(error) : resolve(value))));
  }

  /** What has no answer. */
  tell(method: string, to: string, ...rest: unknown[]): void {
    (this.library[method] as (...given: unknown[]) => void).call(this.library, this.name === 'node-bacnet' ? to : { address: to }, ...rest);
  }

  simpleAck({ header, service, invokeId }: StockMessage): void {
    this.library.simpleAckResponse(header.sender, service, invokeId);
  }

  refuse({ header, service, invokeId }: StockMessage, errorClass: number, errorCode: number): void {
    this.library.errorResponse(header.sender, service, invokeId, errorClass, errorCode);
  }

  iAm(to: Sender, device: number): void {
    this.library.iAmResponse(to, device, 3, 0);
  }

  /** A ComplexACK whose body the library's encoder of `service` makes. */
  complexAck(message: StockMessage, codec: string, ...what: unknown[]): void {
    const scratch: Scratch = { buffer: Buffer.alloc(1_482), offset: 4 };
    const folder = this.name === 'node-bacnet' ? 'node-bacnet/lib' : '@bacnet-js/client/dist/lib';
    (load(`${folder}/npdu`) as { encode: Encode }).encode(scratch, 0, message.header.sender);
    (load(`${folder}/apdu`) as { encodeComplexAck: Encode }).encodeComplexAck(scratch, 0x30, message.service, message.invokeId);
    const encoder = this.codecs[codec.toLowerCase()];
    if (encoder === undefined) throw new Error(`${this.name} has no ${codec}`);
    encoder.encodeAcknowledge(scratch, ...what);
    this.library.sendBvlc(message.header.sender, scratch);
  }

  close(): void {
    this.library.close();
  }
}
