/** DeviceCommunicationControl and ReinitializeDevice of a virtual device (16.1 and 16.4). */
import type { Timer, Timers } from '../../src/contract/index.js';
import type { DeviceModule, ModuleObject } from './modules.js';
import { faults } from './objects.js';
import { RequestFault, WireReader } from './wire.js';

const CONTROL = 17;
const modes = ['enabled', 'disabled', 'answering'] as const;
const starts = ['cold', 'warm'] as const;
const UNDEFINED_ENUMERATION = 8;
/** The acknowledgement leaves before the device goes down. */
const RESTART_MS = 100;

export class VirtualManagement implements DeviceModule {
  readonly services = { 17: 'deviceCommunicationControl', 20: 'reinitializeDevice' };
  /** `disabled`: takes the services of this module only; `answering`: answers, but begins nothing. */
  mode: (typeof modes)[number] = 'enabled';
  private timer: Timer | undefined;

  constructor(private readonly timers: Timers, private readonly password: string | undefined, private readonly restart: (cold: boolean) => void) {}

  objects(): Iterable<ModuleObject> {
    return [];
  }

  /** While it is told to be silent, only who may end that is heard. */
  hears(service: number): boolean {
    return this.mode !== 'disabled' || service in this.services;
  }

  serve(service: number, body: Buffer): undefined {
    const reader = new WireReader(body);
    if (service === CONTROL) this.control(reader);
    else this.reinitialize(reader);
  }

  close(): void {
    this.timer?.cancel();
  }

  private control(reader: WireReader): void {
    const minutes = reader.isContext(0) ? reader.contextUnsigned(0) : 0;
    const mode = chosen(modes, reader.contextUnsigned(1));
    this.check(reader, 2);
    this.mode = mode;
    this.timer?.cancel();
    if (minutes > 0 && mode !== 'enabled') this.timer = this.timers.after(minutes * 60_000, () => (this.mode = 'enabled'));
  }

  private reinitialize(reader: WireReader): void {
    const state = reader.contextUnsigned(0);
    this.check(reader, 1);
    if (state > 7) throw new RequestFault(UNDEFINED_ENUMERATION, 'a state that does not exist');
    const start = starts[state];
    if (start === undefined) throw faults.serviceOption(); // backup, restore
    this.timers.after(RESTART_MS, () => {
      this.mode = 'enabled';
      this.restart(start === 'cold');
    });
  }

  private check(reader: WireReader, tag: number): void {
    const told = reader.isContext(tag) ? reader.contextText(tag) : undefined;
    reader.end();
    if (this.password !== undefined && told !== this.password) throw faults.passwordFailure();
  }
}

function chosen<T>(of: readonly T[], number: number): T {
  const found = of[number];
  if (found === undefined) throw new RequestFault(UNDEFINED_ENUMERATION, 'an enumeration that does not exist');
  return found;
}
