import assert from 'node:assert/strict';
import type { Address, UdpSocket } from '../../../src/contract/index.js';
import { VirtualBacnetDevice } from '../../../simulators/bacnet-device/index.js';
import { seededRandom, VirtualClock } from '../../../simulators/virtual-time/index.js';
import { UdpNetwork } from '../../drivers/bacnet/udp-network.js';

const DEVICE = { host: '10.0.0.11', port: 47_808 };
const bytes = (text: string): Buffer => Buffer.from(text.replaceAll(' ', ''), 'hex');

describe('virtual BACnet device', () => {
  let time: VirtualClock;
  let device: VirtualBacnetDevice;
  let client: UdpSocket;
  let answers: string[];
  let lan: UdpNetwork;

  beforeEach(async () => {
    time = new VirtualClock();
    const random = seededRandom(1);
    lan = new UdpNetwork(time, random);
    const network = lan.asNetwork();
    device = new VirtualBacnetDevice({ network, clock: time, timers: time, random }, { instance: 5, name: 'roof' });
    device.addObject({ type: 'AI', instance: 1, value: 20, covIncrement: 1 });
    device.addObject({ type: 'AO', instance: 2, value: 18 });
    device.addObject({ type: 'MV', instance: 3, value: 1, states: 3 });
    await device.listen(DEVICE.host, DEVICE.port, { host: '10.0.0.255', port: 47_808 });
    answers = [];
    // What follows the link and network header, as hexadecimal.
    client = await network.openUdp({ host: '10.0.0.1', port: 47_808, broadcast: true, reuseAddress: false }, (data) => answers.push(Buffer.from(data).toString('hex').slice(12)));
  });

  const send = async (apdu: string, to: Address = DEVICE, purpose = '0a'): Promise<string[]> => {
    const body = bytes(`0100${apdu}`);
    client.send(Buffer.concat([bytes(`81${purpose}`), Buffer.from([0, body.length + 4]), body]), to);
    await time.advance(10);
    return answers.splice(0);
  };
  const write = (object: string, value: string, priority: string): Promise<string[]> => send(`0005010f ${object} 1955 3e ${value} 3f ${priority}`);

  it('answers Who-Has by identifier and by name, lists its properties and its subscriptions, and says what is wrong with a request', async () => {
    const iHave = (object: string, name: string): string => `1001c402000005c4${object}75${(name.length + 1).toString(16).padStart(2, '0')}00${Buffer.from(name).toString('hex')}`;
    const named = (name: string): string => `3d${(name.length + 1).toString(16).padStart(2, '0')}00${Buffer.from(name).toString('hex')}`;
    assert.deepEqual(await send('1007 2c00000001'), [iHave('00000001', 'AI-1')]);
    assert.deepEqual(await send(`1007 0900 1905 ${named('roof')}`), [iHave('02000005', 'roof')]);
    assert.deepEqual(await send('1007 0906 190a 2c00000001'), []);
    assert.deepEqual(await send('1007 2c00000009'), []);
    // Property_List of AI:1, its length and its first entry; the object's own identifiers are not in it.
    const [count = ''] = await send('0005010c 0c00000001 1a0173 2900');
    assert.match(count, /^30010c0c000000011a017329003e21..3f$/);
    const [list = ''] = await send('0005010c 0c00000001 1a0173');
    const entries = list.slice('30010c0c000000011a01733e'.length, -2);
    assert.equal(entries.match(/91../g)?.length, parseInt(count.slice(-4, -2), 16));
    assert.doesNotMatch(entries, /91(4b|4d|4f)/);
    assert.deepEqual(await send('0005010c 0c00000001 1a0173 2963'), ['50010c9102912a']);
    // Active_COV_Subscriptions: who, what, confirmed, for how long.
    await send('00050105 0907 1c00000001 2900 393c');
    const [active = ''] = await send('0005010c 0c02000005 1998');
    assert.match(active, /0e0e1e210065060a000001bac01f0f19070f1e0c0000000119551f290039/);
    // Reject: missing parameter, too many arguments, invalid tag; an index where there is no array is an error.
    for (const [request, answer] of [['0005010c 0c00000001', '600105'], ['0005010c 0c00000001 1955 2900 3900', '600107'], ['0005010c 0955', '600104'], ['0005010c 0c00000001 1955 2901', '50010c91029132']] as const) {
      assert.deepEqual(await send(request), [answer], request);
    }
    device.complaints.length = 0;
  });

  it('answers Who-Is, to it or to everyone, within the limits', async () => {
    const iAm = '1000c402000005' + '2205c4' + '9103' + '2100';
    assert.deepEqual(await send('1008'), [iAm]);
    assert.deepEqual(await send('1008 0905 1905', { host: '10.0.0.255', port: 47_808 }, '0b'), [iAm]);
    assert.deepEqual(await send('1008 0906 1909'), []);
  });

  it('reads a property, an array element, and refuses as the standard says', async () => {
    assert.deepEqual(await send('0005010c 0c00000001 1955'), ['30010c0c0000000119553e4441a000003f']);
    assert.deepEqual(await send('0005010c 0c00400002 1957 2900'), ['30010c0c00400002195729003e21103f']);
    assert.deepEqual(await send('0005010c 0c02000005 194c 2901'), ['30010c0c02000005194c29013ec4020000053f']);
    assert.deepEqual(await send('0005010c 0c00000009 1955'), ['50010c9101911f'], 'unknown object');
    assert.deepEqual(await send('0005010c 0c00000001 1957'), ['50010c91029120'], 'unknown property');
    assert.deepEqual(await send('0005010c 0c00000001 1955 2901'), ['50010c91029132'], 'not an array');
    assert.deepEqual(await send('0005010c 0c00400002 1957 2911'), ['50010c9102912a'], 'invalid index');
    assert.deepEqual(await send('00050120'), ['600109'], 'unrecognized service');
  });

  it('aborts what does not fit into the answer that the client takes', async () => {
    assert.deepEqual(await send('0000010e 0c02000005 1e 0908 1f'), ['710104']);
    assert.match((await send('0005010e 0c02000005 1e 0908 1f'))[0]!, /^30010e0c020000051e/);
  });

  it('keeps sixteen priorities, and the ledger of who wrote what', async () => {
    const ao = '0c00400002';
    assert.deepEqual(await write(ao, '4442c80000', '4908'), ['20010f']);
    assert.deepEqual(await write(ao, '4441200000', ''), ['20010f']);
    assert.equal(device.object('AO:2').presentValue, 100);
    assert.deepEqual(await write(ao, '00', '4908'), ['20010f']);
    assert.equal(device.object('AO:2').presentValue, 10);
    assert.deepEqual(await write(ao, '00', '4910'), ['20010f']);
    assert.equal(device.object('AO:2').presentValue, 18);
    assert.deepEqual(device.writes.map(({ remote, object, value, priority }) => [remote, object, value, priority]), [
      ['10.0.0.1', 'AO:2', 100, 8], ['10.0.0.1', 'AO:2', 10, undefined], ['10.0.0.1', 'AO:2', null, 8], ['10.0.0.1', 'AO:2', null, 16],
    ]);
    assert.deepEqual(device.requestCounts('10.0.0.1'), { writeProperty: 4 });
    assert.deepEqual(device.requestCounts('10.0.0.2'), {});
  });

  it('refuses writes of the wrong type, range, priority or object', async () => {
    assert.deepEqual(await write('0c00400002', '2105', '4908'), ['50010f91029109'], 'type');
    assert.deepEqual(await write('0c04c00003', '2104', '4908'), ['50010f91029125'], 'range');
    assert.deepEqual(await write('0c00400002', '4442c80000', '4906'), ['50010f91029128'], 'priority 6 is reserved');
    assert.deepEqual(await write('0c00000001', '4442c80000', ''), ['50010f91029128'], 'an input in service');
    assert.deepEqual(device.writes, []);
  });

  it('notifies subscribers of changes of at least the increment, until the lifetime ends', async () => {
    const first = await send('00050105 0907 1c00000001 2900 390a');
    assert.equal(first[0], '200105');
    assert.match(first[1]!, /^100209071c020000052c00000001390a4e09552e4441a000002f096f2e8204002f4f$/);
    device.setPresentValue('AI:1', 20.5);
    await time.advance(10);
    assert.deepEqual(answers.splice(0), []);
    device.setPresentValue('AI:1', 21.5);
    device.setFlags('AI:1', { fault: true });
    await time.advance(10);
    assert.equal(answers.splice(0).length, 2);
    await time.advance(10_000);
    device.setPresentValue('AI:1', 30);
    await time.advance(10);
    assert.deepEqual(answers, []);
  });

  it('sends confirmed notifications where asked, cancels, and says when it is full', async () => {
    device.faults.covSpace = 1;
    const first = await send('00050105 0907 1c00000001 2901 3900');
    assert.match(first[1]!, /^00050101/);
    assert.deepEqual(await send('00050105 0907 1c00400002 2901 3900'), ['5001059103' + '9113']);
    assert.deepEqual(await send('00050105 0907 1c00000001'), ['200105']);
    assert.equal(device.subscriptions.size, 0);
  });

  it('answers as the device that it is, and for objects that are not there beside those that are', async () => {
    assert.deepEqual(await send('0005010c 0c023fffff 194b'), ['30010c0c02000005194b3ec4020000053f'], 'whichever device this is');
    assert.deepEqual(await send('0005010e 0c00000009 1e 0908 1f 0c00000001 1e 0955 1f'), ['30010e0c000000091e29085e9101911f5f1f0c000000011e29554e4441a000004f1f'], 'ALL of an unknown object');
    const meant = async (which: string): Promise<string> => (await send(`0005010e 0c00400002 1e ${which} 1f`))[0] ?? '';
    assert.match(await meant('0969'), /2957.*2968/, 'the priority array of an output is required');
    assert.doesNotMatch(await meant('0969'), /2967|2916/);
    assert.match(await meant('0950'), /2967/);
    assert.doesNotMatch(await meant('0950'), /2957|2955/);
    assert.deepEqual(await send('0005010e'), ['600105'], 'nothing asked');
    assert.deepEqual(await send('0005010c 0c00000001 1955', DEVICE, '0b'), [], 'a confirmed request to everybody');
    device.complaints.length = 0;
  });

  it('says what is not to be written, and why', async () => {
    const refused = (code: string): string[] => [`50010f9102${code}`];
    const put = (object: string, property: string, value: string, more = ''): Promise<string[]> => send(`0005010f ${object} ${property} 3e ${value} 3f ${more}`);
    assert.deepEqual(await put('0c02000005', '194d', '750200 41'), refused('9128'), 'its name');
    assert.deepEqual(await put('0c02000005', '1955', '00'), refused('9120'), 'no such property of a device');
    assert.deepEqual(await put('0c00000001', '194d', '750200 41'), refused('9128'));
    assert.deepEqual(await put('0c00000001', '1957', '00'), refused('9120'), 'an input has no priority array');
    assert.deepEqual(await put('0c00400002', '1957 2908', '00'), refused('9128'), 'a slot is commanded by the present value');
    assert.deepEqual(await put('0c00400002', '1955 2901', '4441a00000'), refused('9132'));
    assert.deepEqual(await put('0c00400002', '1955', '4441a00000', '4911'), ['50010f91059150'], 'priority 17');
    assert.deepEqual(await put('0c00400002', '1955', '2e2f'), refused('9109'), 'a constructed value');
    assert.deepEqual(await put('0c00000009', '1955', '4441a00000'), ['50010f9101911f']);
  });

  it('writes several properties up to the first that fails, and names that one', async () => {
    const two = (value: string): Promise<string[]> => send(`00050110 0c00400002 1e 0955 2e 4441a00000 2f 3908 1f 0c04c00003 1e 0955 2e ${value} 2f 1f`);
    assert.deepEqual(await two('2102'), ['200110']);
    assert.deepEqual([device.object('AO:2').presentValue, device.object('MV:3').presentValue], [20, 2]);
    assert.deepEqual(await two('2109'), ['5001100e910291250f1e0c04c0000319551f']);
  });

  it('is silent when it is told to be, and restarts', async () => {
    assert.deepEqual(await send('00050111 0901 1901'), ['200111']); // for a minute
    assert.deepEqual([await send('1008'), await send('0005010c 0c00000001 1955')], [[], []]);
    await time.advance(60_000);
    assert.equal((await send('1008')).length, 1);
    assert.deepEqual(await send('00050111 1902'), ['200111']); // begins nothing, but answers
    assert.deepEqual(await send('00050105 0907 1c00000001 2900 393c'), ['200105']);
    assert.deepEqual(await send('00050114 0901'), ['200114']);
    await time.advance(200);
    assert.equal(device.subscriptions.size, 0);
    assert.equal(device.management.mode, 'enabled');
    assert.deepEqual(await send('00050114 0902'), ['5001149105912d'], 'backup');
    assert.deepEqual(await send('00050111 1909'), ['600108']);
    device.complaints.length = 0;
  });

  it('says how a list was wrong, as lists do, and reads lists by position', async () => {
    device.events.addNotificationClass({ instance: 4 });
    const entry = (device: string): string => `8201fe b400000000 b4173b3b63 0c020000${device} 2109 11 8205e0`;
    const change = (service: string, device: string): Promise<string[]> => send(`000501${service} 0c03c00004 1966 3e ${entry(device)} 3f`);
    for (const recipient of ['01', '02', '03']) assert.deepEqual(await change('08', recipient), ['200108']);
    assert.deepEqual(await change('09', '09'), ['5001090e910591510f1901'], 'element 1 is not there');
    assert.deepEqual(await send(`00050108 0c00000001 1955 3e ${entry('01')} 3f`), ['5001080e910591160f1900'], 'not a list');
    assert.deepEqual(await send(`00050108 0c00000009 1955 3e ${entry('01')} 3f`), ['5001080e9101911f0f1900'], 'unknown object');
    const plain = entry('02').replaceAll(' ', '');
    assert.deepEqual(await send('0005011a 0c03c00004 1966 3e 2102 3101 3f'), [`30011a0c03c0000419663a050049015e${plain}5f`]);
    assert.deepEqual(await send('0005011a 0c03c00004 1966 6e 2102 3101 6f'), ['50011a9105918c'], 'its elements have no numbers');
    assert.deepEqual(await send('0005011a 0c00000001 1955'), ['50011a91059116']);
  });

  it('refuses what is for a BBMD, and segments of a window that cannot be', async () => {
    const results: string[] = [];
    const raw = await lan.asNetwork().openUdp({ host: '10.0.0.3', port: 47_808, broadcast: false, reuseAddress: false }, (data) => results.push(Buffer.from(data).toString('hex')));
    for (const request of ['81050006003c', '81020004', '81060004', '810900080100 1008', '81000006 0000']) raw.send(bytes(request), DEVICE);
    await time.advance(10);
    assert.deepEqual(results, ['810000060030', '810000060020', '810000060040', '810000060060']);
    await raw.close();
    assert.deepEqual(await send('0c05 01 00 00 0e 0c00'), ['710104'], 'it takes none');
    const other = new VirtualBacnetDevice({ network: lan.asNetwork(), clock: time, timers: time, random: seededRandom(2) }, { instance: 6, segmentation: 'both' });
    await other.listen('10.0.0.12', 47_808);
    assert.deepEqual(await send('0c05 01 00 00 0e 0c00', { host: '10.0.0.12', port: 47_808 }), ['710107']);
    await other.close();
  });

  it('misbehaves on request', async () => {
    const read = '0005010c 0c00000001 1955';
    device.faults.silent = true;
    assert.deepEqual(await send(read), []);
    device.faults.silent = false;
    device.faults.delayMs = 500;
    assert.deepEqual(await send(read), []);
    await time.advance(600);
    assert.equal(answers.splice(0).length, 1);
    device.faults.delayMs = 0;
    device.faults.wrongInvokeId = true;
    assert.match((await send(read))[0]!, /^30020c/);
    device.faults.wrongInvokeId = false;
    device.faults.reject = 4;
    assert.deepEqual(await send(read), ['600104']);
    device.faults.reject = undefined;
    assert.match((await send(read))[0]!, /^30010c/);
  });

  it('complains about what no correct client sends', async () => {
    await send('0005010c 0c000000');
    assert.equal(device.complaints.length, 1);
    await device.close();
  });
});
