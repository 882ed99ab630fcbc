import { Counters } from '../../drivers/bacnet/counters.js';
import { decodeReadPropertyMultipleAck, encodeReadPropertyMultiple } from '../../drivers/bacnet/services.js';
import { Transport } from '../../drivers/bacnet/transport.js';
import { BacnetWorld, LINE } from '../drivers/bacnet/world.js';

const DEVICES = 8;
const OBJECTS = 150;

/** `requests` at 5 % loss each way on a simulated network, in virtual time; one in four in segments, half the devices with APDUs of 50 octets. */
export async function lossyRequests(requests: number): Promise<{ requests: number; wrong: number; lost: number }> {
  const world = new BacnetWorld('bench');
  const transport = new Transport(world.host, { address: '10.0.0.1', port: LINE.port, linePort: LINE.port, broadcast: '10.0.0.255' });
  await transport.open();
  const maxApdu = (device: number): number => (device % 2 === 0 ? 50 : 206);
  for (let d = 0; d < DEVICES; d++) {
    const device = await world.device(`10.0.0.${String(11 + d)}`, { instance: d, segmentation: 'both', maxApdu: maxApdu(d) });
    for (let instance = 0; instance < OBJECTS; instance++) device.addObject({ type: 'AV', instance, value: d * 1_000 + instance });
  }
  Object.assign(world.lan, { loss: 0.05, duplication: 0.01, jitterMs: 20 });
  let wrong = 0;
  let lost = 0;
  const all = Array.from({ length: requests }, async (_, n) => {
    const d = n % DEVICES;
    const from = (n * 7) % 100;
    const accesses = Array.from({ length: n % 32 < DEVICES ? 12 + (n % 30) : 1 }, (_, row) => ({ object: { type: 2, instance: from + row }, properties: [{ property: 85 }] }));
    const options = { timeoutMs: 1_000, retries: 5, maxInFlight: 4, maxApdu: maxApdu(d), takesSegments: true, owner: {}, counters: new Counters() };
    try {
      const body = await transport.transactions.request({ host: `10.0.0.${String(11 + d)}`, port: LINE.port }, 14, encodeReadPropertyMultiple(accesses), options);
      const results = decodeReadPropertyMultipleAck(body, accesses);
      if (!results.every(({ values }, row) => values?.[0]?.type === 'real' && values[0].value === d * 1_000 + from + row)) wrong++;
    } catch {
      lost++;
    }
  });
  await world.time.advanceWhile(Promise.all(all), 360_000_000);
  await transport.close();
  return { requests, wrong, lost };
}
