/** Faults of simulated BACnet devices as an option: `drop=0.05,delay=20,no-cov`. */
import type { VirtualBacnetDevice } from '../bacnet-device/index.js';

type Fault = (device: VirtualBacnetDevice, argument: string) => void;

const number = (text: string, from: number, to: number): number => {
  const value = Number(text);
  if (text === '' || !(value >= from && value <= to)) throw new Error(`"${text}" is no number from ${String(from)} to ${String(to)}`);
  return value;
};

const known: Readonly<Record<string, { readonly fault: Fault; readonly argument?: string }>> = {
  drop: { argument: 'probability', fault: ({ faults }, text) => (faults.drop = number(text, 0, 1)) },
  delay: { argument: 'milliseconds', fault: ({ faults }, text) => (faults.delayMs = number(text, 0, 600_000)) },
  duplicate: { argument: 'probability', fault: ({ faults }, text) => (faults.duplicate = number(text, 0, 1)) },
  abort: { argument: 'reason', fault: ({ faults }, text) => (faults.abort = number(text, 0, 255)) },
  reject: { argument: 'reason', fault: ({ faults }, text) => (faults.reject = number(text, 0, 255)) },
  error: {
    argument: 'class/code',
    fault: ({ faults }, text) => {
      const [errorClass = '', errorCode = ''] = text.split('/');
      faults.error = { errorClass: number(errorClass, 0, 65_535), errorCode: number(errorCode, 0, 65_535) };
    },
  },
  'no-cov': { fault: ({ faults }) => (faults.covSpace = 0) },
  'cov-space': { argument: 'subscriptions', fault: ({ faults }, text) => (faults.covSpace = number(text, 0, 1e9)) },
  unknown: { argument: 'number of a confirmed service', fault: ({ faults }, text) => faults.unknownServices.add(number(text, 0, 255)) },
  'wrong-id': { fault: ({ faults }) => (faults.wrongInvokeId = true) },
  malformed: { fault: ({ faults }) => (faults.damage = true) },
  garbage: { fault: ({ faults }) => (faults.garbage = true) },
  silent: { fault: ({ faults }) => (faults.silent = true) },
  restart: { argument: 'seconds between restarts', fault: (device, text) => device.restartEvery(number(text, 1, 86_400) * 1_000) },
  'cold-restart': { argument: 'seconds between restarts', fault: (device, text) => device.restartEvery(number(text, 1, 86_400) * 1_000, true) },
};

export const faultNames = Object.entries(known).map(([name, { argument }]) => (argument === undefined ? name : `${name}=<${argument}>`)).join(', ');

export function applyFaults(device: VirtualBacnetDevice, text: string): void {
  for (const part of text.split(',').filter((each) => each !== '')) {
    const [name = '', argument = ''] = part.split('=');
    const entry = known[name];
    if (entry === undefined) throw new Error(`there is no fault "${name}": ${faultNames}`);
    entry.fault(device, argument);
  }
}
