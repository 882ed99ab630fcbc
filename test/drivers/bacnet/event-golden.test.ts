import assert from 'node:assert/strict';
import { decodeApdu, encodeConfirmed, encodeUnconfirmed } from '../../../drivers/bacnet/apdu.js';
import { stampOf, stampText, type TimeStamp } from '../../../drivers/bacnet/date-time.js';
import { decodeEventInformation, decodeEventNotification, encodeAcknowledgeAlarm, encodeGetEventInformation } from '../../../drivers/bacnet/event-codec.js';
import { alwaysTo, encodeAddListElement, encodeWriteList, readDestinations } from '../../../drivers/bacnet/recipient-list.js';

const bytes = (hex: string): Uint8Array => new Uint8Array(Buffer.from(hex.replaceAll(/\s/g, ''), 'hex'));
const same = (data: Uint8Array, expected: string): void => assert.equal(Buffer.from(data).toString('hex'), expected.replaceAll(/\s/g, ''));
const bodyOf = (apdu: string): Uint8Array => {
  const decoded = decodeApdu(bytes(apdu));
  assert.ok('body' in decoded);
  return decoded.body;
};
const never: TimeStamp = { type: 'time', time: { hour: 255, minute: 255, second: 255, hundredths: 255 } };
const at = (hour: number, minute: number, second: number, hundredths: number): TimeStamp => ({ type: 'time', time: { hour, minute, second, hundredths } });

/** A notification like that of F.1.4 with other parameters. */
const notification = (eventType: string, parameters: string): string => `0901 1c02000004 2c00000002 3e 1910 3f 4904 5964 69${eventType} 8900 9901 a900 b903 ce ${parameters} cf`;

describe('BACnet golden frames of alarms (ANSI/ASHRAE 135 annex F.1)', () => {
  it('AcknowledgeAlarm, F.1.1, with the character set UTF-8', () => {
    const body = encodeAcknowledgeAlarm({
      processId: 1, object: { type: 0, instance: 2 }, state: 3, stamp: { type: 'sequence', number: 16 }, by: 'MDL',
      at: { type: 'date-time', date: { year: 92, month: 6, day: 21, weekday: 255 }, time: { hour: 13, minute: 3, second: 41, hundredths: 9 } },
    });
    same(encodeConfirmed({ invokeId: 7, service: 0, accepts: 206 }, body), '02720700 0901 1c00000002 2903 3e 1910 3f 4c 00 4d444c 5e 2e a45c0615ff b40d032909 2f 5f');
  });

  it('ConfirmedEventNotification, F.1.4, and UnconfirmedEventNotification, F.1.5', () => {
    const expected = {
      processId: 1, device: 4, object: { type: 0, instance: 2 }, stamp: { type: 'sequence', number: 16 }, notificationClass: 4, priority: 100, eventType: 5,
      notifyType: 0, ackRequired: true, fromState: 0, toState: 3,
      parameters: { exceedingValue: Math.fround(80.1), statusFlags: '1000', deadband: 1, exceededLimit: 80 },
    };
    const range = notification('05', '5e 0c42a03333 1a0480 2c3f800000 3c42a00000 5f');
    assert.deepEqual(decodeEventNotification(bodyOf(`00021002 ${range}`)), expected);
    assert.deepEqual(decodeEventNotification(bodyOf(`1003 ${range.replace('1c02000004', '1c02000009')}`)), { ...expected, device: 9 });
    same(encodeUnconfirmed(3, bytes(range)).subarray(0, 2), '1003');
  });

  it('GetEventInformation, F.1.8', () => {
    same(encodeConfirmed({ invokeId: 1, service: 29, accepts: 206 }, encodeGetEventInformation()), '0272011d');
    same(encodeGetEventInformation({ type: 0, instance: 3 }), '0c00000003');
    const { summaries, moreEvents } = decodeEventInformation(bodyOf(`30011d 0e
      0c00000002 1903 2a0560 3e 0c0f230014 0cffffffff 0cffffffff 3f 4900 5a05e0 6e 210f 210f 2114 6f
      0c00000003 1900 2a05c0 3e 0c0f280000 0cffffffff 0c0f2d1e1e 3f 4900 5a05e0 6e 210f 210f 2114 6f 0f 1900`));
    assert.equal(moreEvents, false);
    assert.deepEqual(summaries, [
      { object: { type: 0, instance: 2 }, state: 3, acknowledged: [false, true, true], stamps: [at(15, 35, 0, 20), never, never], notifyType: 0, enabled: [true, true, true], priorities: [15, 15, 20] },
      { object: { type: 0, instance: 3 }, state: 0, acknowledged: [true, true, false], stamps: [at(15, 40, 0, 0), never, at(15, 45, 30, 30)], notifyType: 0, enabled: [true, true, true], priorities: [15, 15, 20] },
    ]);
  });

  it('AddListElement: the header of F.3.1, an address and a device as destinations (clause 21)', () => {
    const list = { type: 15, instance: 4 };
    const always = '8201fe b400000000 b4173b3b63';
    const node = `${always} 1e 2100 6506 0a000001bac0 1f 2109 11 8205e0`;
    const device = `${always} 0c02000385 2109 11 8205e0`;
    const destinations = [alwaysTo({ network: 0, mac: '0a000001bac0' }, 9), alwaysTo({ device: 901 }, 9)];
    same(encodeAddListElement(list, 102, destinations), `0c03c00004 1966 3e ${node} ${device} 3f`);
    assert.deepEqual(readDestinations(bytes(node + device)).map(({ destination }) => destination), destinations);
    const foreign = '820102 b406000000 b412000000 0c02000001 220400 10 820580';
    const [entry] = readDestinations(bytes(foreign));
    assert.ok(entry);
    assert.deepEqual([entry.destination.days.indexOf(true), entry.destination.processId, entry.destination.confirmed], [6, 1024, false]);
    same(encodeWriteList(list, 102, [entry.raw], destinations.slice(1)), `0c03c00004 1966 3e ${foreign} ${device} 3f`);
  });
});

describe('BACnet event parameters (clauses 13.3 and 21)', () => {
  const cases: Record<string, [type: string, parameters: string, expected: Record<string, unknown>]> = {
    'change-of-bitstring': ['00', '0e 0a04f0 1a0480 0f', { referencedBitstring: '1111', statusFlags: '1000' }],
    'change-of-state': ['01', '1e 0e 1901 0f 1a0480 1f', { newState: 1, newStateKind: 1, statusFlags: '1000' }],
    'change-of-value': ['02', '2e 0e 1c41200000 0f 1a0400 2f', { newValue: 10, statusFlags: '0000' }],
    'command-failure': ['03', '3e 0e 9101 0f 1a0480 2e 9100 2f 3f', { commandValue: 1, statusFlags: '1000', feedbackValue: 0 }],
    'floating-limit': ['04', '4e 0c42a00000 1a0480 2c42480000 3c41200000 4f', { referenceValue: 80, statusFlags: '1000', setpointValue: 50, errorLimit: 10 }],
    'change-of-life-safety': ['08', '8e 0902 1901 2a0480 3904 8f', { newState: 2, newMode: 1, statusFlags: '1000', operationExpected: 4 }],
    extended: ['09', '9e 0907 1901 2e 2105 73004142 2f 9f', { vendorId: 7, extendedEventType: 1, parameters: '5, AB' }],
    'buffer-ready': ['0a', 'ae 0e 0c05000001 1983 3c02000004 0f 1964 29c8 af', { bufferProperty: 'TL:1 property 131 of device 4', previousNotification: 100, currentNotification: 200 }],
    'unsigned-range': ['0b', 'be 0a03e8 1a0480 2a0384 bf', { exceedingValue: 1000, statusFlags: '1000', exceededLimit: 900 }],
    'double-out-of-range': ['0e', 'ee 0d084054000000000000 1a0480 2d083ff0000000000000 3d084053c00000000000 ef', { exceedingValue: 80, statusFlags: '1000', deadband: 1, exceededLimit: 79 }],
    'signed-out-of-range': ['0f', 'fe0f 09f6 1a0480 2902 3900 ff0f', { exceedingValue: -10, statusFlags: '1000', deadband: 2, exceededLimit: 0 }],
    malformed: ['0f', 'fe0f 08 ff0f', { raw: 'fe0f08ff0f' }], // kept as it came
    'change-of-characterstring': ['11', 'fe11 0c00414243 1a0480 2b004142 ff11', { changedValue: 'ABC', statusFlags: '1000', alarmValue: 'AB' }],
    'change-of-reliability': ['13', 'fe13 0907 1a0440 2e 0955 2e 4442280000 2f 2f ff13', { reliability: 7, statusFlags: '0100', propertyValues: '[0], [2]' }],
    'complex-event-type': ['06', '6e 0955 2e 4442280000 2f 6f', { raw: '6e09552e44422800002f6f' }],
    'of a vendor': ['06', 'fe42 2105 ff42', { raw: 'fe422105ff42' }],
  };
  for (const [name, [type, parameters, expected]] of Object.entries(cases)) {
    it(name, () => assert.deepEqual(decodeEventNotification(bytes(notification(type, parameters))).parameters, expected));
  }

  it('an ack notification has neither parameters nor a state before', () => {
    const { notifyType, ackRequired, fromState, parameters } = decodeEventNotification(bytes('0901 1c02000004 2c00000002 3e 1910 3f 4904 5964 6905 8902 b903'));
    assert.deepEqual([notifyType, ackRequired, fromState, parameters], [2, undefined, undefined, {}]);
  });

  it('refuses what is cut off anywhere, or goes on', () => {
    const whole = bytes(notification('05', '5e 0c42a03333 1a0480 2c3f800000 3c42a00000 5f'));
    // (Without its last part it is an event without parameters, which a device may send.)
    const optional = whole.length - 22;
    for (let end = 0; end < whole.length; end++) if (end !== optional) assert.throws(() => decodeEventNotification(whole.subarray(0, end)), { code: 'FIELD_MALFORMED' }, `at ${end}`);
    assert.throws(() => decodeEventNotification(Uint8Array.from([...whole, 0])), { code: 'FIELD_MALFORMED' });
  });
});

describe('BACnet time stamps', () => {
  it('are texts and come back exactly, unspecified parts too', () => {
    const stamps: TimeStamp[] = [never, at(15, 35, 0, 20), { type: 'sequence', number: 16 }, { type: 'date-time', date: { year: 126, month: 2, day: 28, weekday: 255 }, time: { hour: 0, minute: 0, second: 0, hundredths: 0 } }];
    for (const stamp of stamps) assert.deepEqual(stampOf(stampText(stamp)), stamp);
    assert.equal(new Set(stamps.map(stampText)).size, stamps.length);
  });
});
