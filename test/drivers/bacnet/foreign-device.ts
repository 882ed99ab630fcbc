import Client, { type AppValue, type ObjectId, type PropertyRef } from 'node-bacnet';

const ALL = 0xffff_ffff;

/** A device made of stock node-bacnet: AV:1 and BV:2, commandable at one priority for all that it knows. */
export class StockDevice {
  readonly values = new Map<string, AppValue>([['2:1', { type: 4, value: 21.5 }], ['5:2', { type: 9, value: 0 }], ['13:3', { type: 2, value: 2 }]]);
  readonly writes: { object: string; value: unknown; priority: number }[] = [];
  knowsMultiple = true;
  private notify: ((object: ObjectId) => void)[] = [];

  private constructor(private readonly client: Client, private readonly instance: number) {
    client.on('error', () => undefined);
    client.on('whoIs', ({ header }) => client.iAmResponse(header.sender, instance, 3, 0));
    client.on('readProperty', ({ header, invokeId, payload: { objectId, property } }) => {
      const value = this.read(objectId, property.id);
      if (value === undefined) client.errorResponse(header.sender, 12, invokeId, 1, 31);
      else client.readPropertyResponse(header.sender, invokeId, objectId, property, value);
    });
    client.on('readPropertyMultiple', ({ header, invokeId, payload }) => {
      if (!this.knowsMultiple) {
        client.errorResponse(header.sender, 14, invokeId, 5, 67);
        return;
      }
      client.readPropertyMultipleResponse(header.sender, invokeId, payload.properties.map(({ objectId, properties }) => ({
        objectId,
        values: properties.map((property: PropertyRef) => ({
          property: { id: property.id, index: ALL },
          value: this.read(objectId, property.id) ?? [{ type: 0, value: { type: 'BacnetError', errorClass: 1, errorCode: 31 } }],
        })),
      })));
    });
    client.on('writeProperty', ({ header, invokeId, payload: { objectId, value } }) => {
      const [first] = value.value;
      this.writes.push({ object: `${objectId.type}:${objectId.instance}`, value: first?.value, priority: value.priority });
      if (first !== undefined && first.type !== 0) this.values.set(`${objectId.type}:${objectId.instance}`, first);
      client.simpleAckResponse(header.sender, 15, invokeId);
    });
    client.on('subscribeCov', ({ header, invokeId, payload: { subscriberProcessId, monitoredObjectId } }) => {
      client.simpleAckResponse(header.sender, 5, invokeId);
      const tell = (object: ObjectId): void => {
        const value = this.read(object, 85);
        if (value === undefined || object.type !== monitoredObjectId.type || object.instance !== monitoredObjectId.instance) return;
        client.unconfirmedCOVNotification(header.sender.address, subscriberProcessId, this.instance, object, 300, [
          { property: { id: 85, index: ALL }, value }, { property: { id: 111, index: ALL }, value: this.read(object, 111) ?? [] },
        ]);
      };
      this.notify.push(tell);
      tell(monitoredObjectId);
    });
  }

  static open(at: { host: string; port: number }, instance: number): Promise<StockDevice> {
    const client = new Client({ port: at.port, interface: at.host, reuseAddr: false });
    return new Promise((resolve, reject) => {
      client.on('error', reject);
      client.on('listening', () => resolve(new StockDevice(client, instance)));
    });
  }

  set(object: ObjectId, value: AppValue): void {
    this.values.set(`${object.type}:${object.instance}`, value);
    for (const tell of this.notify) tell(object);
  }

  close(): void {
    this.client.close();
  }

  private read({ type, instance }: ObjectId, property: number): AppValue[] | undefined {
    if (type === 8 && instance === this.instance) return property === 62 ? [{ type: 2, value: 1476 }] : property === 112 ? [{ type: 9, value: 0 }] : undefined;
    const value = this.values.get(`${type}:${instance}`);
    if (value === undefined) return undefined;
    if (property === 85) return [value];
    return property === 111 ? [{ type: 8, value: { value: [0], bitsUsed: 4 } }] : undefined;
  }
}
