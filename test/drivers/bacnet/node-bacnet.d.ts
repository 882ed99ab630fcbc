/** The part of node-bacnet 0.2.4 that the tests use; the package has no types of its own. */
declare module 'node-bacnet' {
  export interface ObjectId { type: number; instance: number }
  export interface AppValue { type: number; value: unknown }
  export interface Sender { address: string; forwardedFrom: string | null }
  export interface Request<Payload> { header: { sender: Sender }; invokeId: number; service: number; payload: Payload }
  export interface PropertyRef { id: number; index: number }
  export interface RpmValue { objectId: ObjectId; values: { property?: PropertyRef; id?: number; index?: number; value: AppValue[] }[] }
  type Done<T = void> = (error: Error | null | undefined, result: T) => void;

  export default class Client {
    constructor(options: { port: number; interface: string; apduTimeout?: number; broadcastAddress?: string; reuseAddr?: boolean });
    on(event: 'listening', heard: () => void): this;
    on(event: 'error', heard: (error: Error) => void): this;
    on(event: 'iAm', heard: (message: { payload: { deviceId: number; maxApdu: number; vendorId: number } }) => void): this;
    on(event: 'whoIs', heard: (message: Request<{ lowLimit?: number; highLimit?: number }>) => void): this;
    on(event: 'readProperty', heard: (message: Request<{ objectId: ObjectId; property: PropertyRef }>) => void): this;
    on(event: 'readPropertyMultiple', heard: (message: Request<{ properties: { objectId: ObjectId; properties: PropertyRef[] }[] }>) => void): this;
    on(event: 'writeProperty', heard: (message: Request<{ objectId: ObjectId; value: { property: PropertyRef; value: AppValue[]; priority: number } }>) => void): this;
    on(event: 'subscribeCov', heard: (message: Request<{ subscriberProcessId: number; monitoredObjectId: ObjectId; lifetime: number }>) => void): this;
    on(event: 'covNotifyUnconfirmed', heard: (message: { payload: { subscriberProcessId: number; monitoredObjectId: ObjectId; values: { property: PropertyRef; value: AppValue[] }[] } }) => void): this;
    whoIs(receiver: string, options?: { lowLimit: number; highLimit: number }): void;
    readProperty(receiver: string, object: ObjectId, property: number, options: { arrayIndex?: number }, done: Done<{ values: AppValue[] }>): void;
    readPropertyMultiple(receiver: string, specs: { objectId: ObjectId; properties: { id: number }[] }[], done: Done<{ values: { objectId: ObjectId; values: { id: number; value: AppValue[] }[] }[] }>): void;
    writeProperty(receiver: string, object: ObjectId, property: number, values: AppValue[], options: { priority: number }, done: Done): void;
    subscribeCov(receiver: string, object: ObjectId, process: number, cancel: boolean, confirmed: boolean, lifetimeS: number, options: object, done: Done): void;
    iAmResponse(receiver: Sender, device: number, segmentation: number, vendor: number): void;
    readPropertyResponse(receiver: Sender, invokeId: number, object: ObjectId, property: PropertyRef, values: AppValue[]): void;
    readPropertyMultipleResponse(receiver: Sender, invokeId: number, values: RpmValue[]): void;
    simpleAckResponse(receiver: Sender, service: number, invokeId: number): void;
    errorResponse(receiver: Sender, service: number, invokeId: number, errorClass: number, errorCode: number): void;
    unconfirmedCOVNotification(receiver: string, process: number, device: number, object: ObjectId, remainingS: number, values: { property: { id: number; index?: number }; value: AppValue[] }[]): void;
    close(): void;
  }
}
