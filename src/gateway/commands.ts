import {
  isTandemError,
  messageOf,
  TandemError,
  type Log,
  type PointDefinition,
  type PointValue,
  type Role,
  type Timers,
} from '../contract/index.js';
import type { Confirmation, WriteCommand } from '../clients/index.js';
import { effectiveValue, priorityInForce, putSlot, readSlots, withSlot } from '../functions/index.js';
import type { PairState, Publisher, Put } from '../image/index.js';
import { COMMANDS, commandFromJson, commandsOf, commandToJson, slotOf, type CommandRecord } from './command-record.js';
import { Turns } from './turns.js';

export interface CommandsOptions {
  readonly state: PairState;
  readonly publisher: Publisher;
  readonly timers: Timers;
  readonly log: Log;
  readonly role: () => Role;
  readonly pairTime: () => number;
  readonly confirm: (seq: number) => Promise<'protected' | 'unprotected'>;
  /** Points go by name: another configuration may come into force between a command and its write. */
  readonly write: (point: string, value: PointValue | null, priority: number) => Promise<void>;
  readonly read: (point: string) => Promise<PointValue>;
  /** What else goes into the frame of an intent: how a pulse is to end. */
  readonly alongside?: (point: PointDefinition, value: PointValue | null, priority: number) => readonly Put[];
  /** How long a write of the other node may still be on its way, by point. */
  readonly writeTimeoutMs: (point: string) => number;
  /**
   * Whether a command of then may be written again: not by a node that does not know what the other one did last (R39), nor
   * after such a node has led, even if that is forgotten at once.
   */
  readonly mayReassert?: (timeMs: number) => boolean;
  /**
   * Whether this node leads by right of its own mark, and has heard nothing of the other one since it started: that one may have led
   * meanwhile, by policy or by a person, and be gone again. Then the device is the only witness: what is in doubt is written again only
   * where the point reads as this node left it.
   */
  readonly isUnheard?: () => boolean;
  /** Whether this gateway keeps the priority array of a point; none where it is left out. */
  readonly isArrayOurs?: (point: PointDefinition) => boolean;
  readonly isOutOfService?: (point: PointDefinition) => boolean;
  /** Another value is commanded, in a frame that is there already. */
  readonly onCommanded?: (point: string) => void;
}

/** What has to be written so that a command counts. */
interface More {
  /** What the point read before, for the audit. */
  readonly old?: string | number | undefined;
  /** Whether the node before may have sent it, as far as is known by now. */
  readonly isInDoubt?: () => boolean;
}

interface Goal {
  readonly value: PointValue | null;
  readonly priority: number;
}

/** Outcomes that are remembered, so that a repeated request gets its first answer. */
const REMEMBERED = 5_000;
/** From the first look at a point in doubt to the next one; then twice as long each time. */
const FIRST_LOOK_MS = 100;
/** Of pair time: a number of this size holds no finer ones for sure. */
const LEAST_MS = 0.001;

/**
 * Commands of people and programs (rule 5): intent on both nodes → write → outcome on both nodes →
 * confirmation. A known id gets its outcome again and is never executed twice.
 */
export class Commands {
  private readonly running = new Map<string, Promise<Confirmation>>();
  /** Of these, what the other node began: a further hand-over need not wait for them, the next node settles them. */
  private readonly settling = new Set<string>();
  private finished: string[] = [];
  /** The last finished command of each writer of its own (a schedule's target, a program's output). */
  private readonly lastOf = new Map<string, string>();
  /** What a point is to have follows from all its slots: one command to it after the other. */
  private readonly turns = new Turns();

  /** What the points of commands in doubt were before anything was read anew, by command. */
  private readonly left = new Map<string, PointValue>();

  private stampMs = 0;

  constructor(private readonly options: CommandsOptions) {}

  /** Commands that have begun and are not confirmed yet. */
  get pending(): number {
    return this.running.size;
  }

  /** Resolves when no write that this node began is under way. */
  async idle(): Promise<void> {
    await Promise.allSettled([...this.running].filter(([id]) => !this.settling.has(id)).map(async ([, work]) => work));
  }

  async write(command: WriteCommand): Promise<Confirmation> {
    this.mustBeActive();
    const running = this.running.get(command.id);
    if (running !== undefined) return running;
    const known = this.options.state.keyed.get(COMMANDS + command.id);
    if (known !== undefined) return this.repeat(command.id, commandFromJson(known));
    if (command.epoch > this.options.state.position.epoch.number) {
      // The other node has led since, and may have carried it out (rule 1: a higher epoch fences).
      throw new TandemError('NOT_ACTIVE', 'this command was first sent to a later activation of the other node: this node has been overtaken and does not know it yet');
    }
    if (command.epoch < leastKnownEpoch(this.options.state) || wasSentElsewhere(command, this.options.state)) {
      throw new TandemError('COMMAND_UNKNOWN', 'control has moved since this command was first sent, and the command did not reach the other node: look at the point, then send it anew');
    }
    return this.track(command.id, this.execute(command));
  }

  /** Pair time, later than that of every command before: which of two that came at once is the later one counts (story 11599). */
  private stamp(): number {
    return (this.stampMs = Math.max(this.options.pairTime(), this.stampMs + LEAST_MS));
  }

  /** After a takeover: settles what the other node had begun and not finished. Call when the role is active. */
  takeOver(): void {
    const { state } = this.options;
    this.finished = [];
    this.lastOf.clear();
    this.left.clear();
    for (const [key, json] of state.keyed.entries(COMMANDS)) {
      const id = key.slice(COMMANDS.length);
      const { state: reached, writer } = json as unknown as Pick<CommandRecord, 'state' | 'writer'>;
      if (reached === 'done' || reached === 'failed') {
        if (writer === undefined) this.finished.push(id);
        else this.lastOf.set(writer, id);
      } else {
        this.settling.add(id);
        const record = commandFromJson(json);
        const point = state.table.find(record.point)?.id;
        if (point !== undefined) this.left.set(id, state.image.value(point));
        this.track(id, this.settle(id, record)).catch((error: unknown) => this.options.log.warn(`command ${id} in doubt: ${messageOf(error)}`));
      }
    }
  }

  private async track(id: string, work: Promise<Confirmation>): Promise<Confirmation> {
    this.running.set(id, work);
    return work.finally(() => {
      this.running.delete(id);
      this.settling.delete(id);
    });
  }

  private async execute(command: WriteCommand): Promise<Confirmation> {
    const { state, publisher, pairTime, confirm } = this.options;
    const point = state.table.find(command.point);
    if (point === undefined) throw new TandemError('POINT_UNKNOWN', `there is no point ${command.point}`);
    checkValue(point, command.value);
    this.mustBeInService(point);
    if (command.untilMs !== undefined && point.write?.pulse === true) throw new TandemError('VALUE_INVALID', `${point.name} is a pulse, which ends by itself`);
    if (command.untilMs !== undefined && command.untilMs <= pairTime()) throw new TandemError('VALUE_OUT_OF_RANGE', `${point.name} would be given up before it is written`);
    const record: CommandRecord = {
      point: point.name,
      value: command.value,
      priority: command.priority ?? point.write?.priority ?? 16,
      by: command.by,
      state: 'intent',
      timeMs: this.stamp(),
      ...(command.writer === undefined ? {} : { writer: command.writer }),
      ...(command.isRoutine === true && { isRoutine: true }),
      ...(command.untilMs === undefined ? {} : { untilMs: command.untilMs }),
      ...(command.reason === undefined ? {} : { reason: command.reason }),
      ...(command.expiryOf === undefined ? {} : { expiryOf: command.expiryOf }),
    };
    const old = state.image.value(point.id);
    const seq = publisher.record([{ key: COMMANDS + command.id, value: commandToJson(record) }, ...(this.options.alongside?.(point, record.value, record.priority) ?? [])]);
    return this.finish(
      command.id,
      record,
      async (turn) => {
        await confirm(seq);
        await turn();
        await this.carryOut(record, point);
      },
      { old: typeof old === 'bigint' ? old.toString() : old },
    );
  }

  /** In doubt: wait until no write of the other node can arrive any more, read back, repeat only what may be repeated. */
  private async settle(id: string, record: CommandRecord): Promise<Confirmation> {
    const { state, writeTimeoutMs, read } = this.options;
    const point = state.table.find(record.point);
    let isInDoubt = record.state === 'intent';
    return this.finish(id, record, async (turn) => {
      if (point === undefined) throw new TandemError('POINT_UNKNOWN', `there is no point ${record.point} any more`);
      // What cannot be read, or is over by now, shows nothing of it; a feedback point would.
      const { only = false, pulse = false, verify } = point.write ?? {};
      const isUnseen = typeof verify !== 'object' && (only || pulse);
      const arrived = async (): Promise<boolean> => {
        const goal = this.goalOf(record, point);
        return goal === undefined || (!isUnseen && goal.value !== null && sameValue(await read(point.name), goal.value));
      };
      const carryOut = async (): Promise<void> => {
        await turn();
        // A pulse, or what cannot be read, tells of nobody.
        if (this.options.isUnheard?.() === true && !isUnseen && !(await this.isAsLeft(id, point.name))) throw new TandemError('COMMAND_IN_DOUBT', `this node started without hearing of the other one, which may have led meanwhile; ${point.name} reads neither as commanded nor as it was left`);
        // A later one may have had its turn while this one was looked into.
        if (this.isOvertaken(record)) throw new TandemError('COMMAND_IN_DOUBT', `a later command to ${point.name} has been carried out or is under way`);
        await this.carryOut(record, point);
      };
      const mayReassert = this.options.mayReassert?.(record.timeMs) !== false;
      if (this.isOvertaken(record)) throw new TandemError('COMMAND_IN_DOUBT', `control moved while ${point.name} was being written, and a later command to it has been carried out or is under way`);
      if (record.state === 'unsent' && mayReassert) return carryOut();
      // A device that does not answer at once is asked again below, where it counts.
      if (await arrived().catch(() => false)) return;
      if (!mayReassert) throw new TandemError('COMMAND_IN_DOUBT', `this node took over without knowing what the other one did last; ${point.name} does not read back as commanded, and older commands are not written again`);
      if (await this.arrivesLate(arrived, record.timeMs + writeTimeoutMs(point.name), writeTimeoutMs(point.name))) return;
      if (point.write?.repeatable !== true) throw new TandemError('COMMAND_IN_DOUBT', `control moved while ${point.name} was being written; it does not read back as commanded and may not be repeated`);
      isInDoubt = false;
      await carryOut();
    }, { isInDoubt: () => isInDoubt });
  }

  /** Nobody seems to have written the point since this node did, or was about to. */
  private async isAsLeft(id: string, point: string): Promise<boolean> {
    const left = this.left.get(id);
    return left !== undefined && sameValue(await this.options.read(point), left);
  }

  /**
   * Looks again and again, because a device that this node has only just connected to answers late. What decides is an answer
   * to a look that began at `untilMs` or later, when no write of the other node can arrive any more; a device that gives
   * none within `patienceMs` after that is not waited for.
   */
  private async arrivesLate(arrived: () => Promise<boolean>, untilMs: number, patienceMs: number): Promise<boolean> {
    const { timers, pairTime } = this.options;
    const giveUpMs = Math.max(untilMs, pairTime()) + patienceMs;
    for (let pauseMs = FIRST_LOOK_MS; ; pauseMs *= 2) {
      const nowMs = pairTime();
      const waitMs = Math.min(pauseMs, nowMs < untilMs ? untilMs - nowMs : giveUpMs - nowMs);
      if (waitMs > 0) await new Promise<void>((resolve) => timers.after(waitMs, resolve));
      const lookedMs = pairTime();
      const answer = await arrived().catch((error: unknown) => {
        if (isTandemError(error, 'NOT_ACTIVE')) throw error;
        return undefined;
      });
      if (answer === true) return true;
      if (lookedMs >= untilMs && (answer === false || lookedMs >= giveUpMs)) return false;
    }
  }

  private async carryOut(record: CommandRecord, point: PointDefinition): Promise<void> {
    this.mustBeInService(point);
    const goal = this.goalOf(record, point);
    if (goal !== undefined) await this.options.write(point.name, goal.value, goal.priority);
  }

  /**
   * What the device has to be told. Where the array is ours that is the value in force once this command counts; nothing
   * where a better priority hides it, or where the last slot is given up and there is no relinquish default.
   */
  private goalOf(record: CommandRecord, point: PointDefinition): Goal | undefined {
    const { value, priority } = record;
    const { state, pairTime } = this.options;
    if (this.isOutdated(record)) return undefined;
    if (!this.isArrayOurs(point)) return { value, priority };
    const slots = withSlot(readSlots(state.keyed, point.name), priority, slotOf(record));
    const inForce = priorityInForce(slots, pairTime());
    if (inForce !== undefined && (inForce < priority || (value !== null && inForce > priority))) return undefined;
    const effective = effectiveValue(slots, point, pairTime());
    return effective === undefined ? undefined : { value: effective, priority };
  }

  /** The end of a slot that somebody has taken anew, or given up, since. */
  private isOutdated({ point, priority, expiryOf }: CommandRecord): boolean {
    return expiryOf !== undefined && readSlots(this.options.state.keyed, point).get(priority)?.untilMs !== expiryOf;
  }

  /** What becomes of the slot; of a device's own array only what the device does not hold. */
  private slotPuts(record: CommandRecord): Put[] {
    const { state } = this.options;
    const point = state.table.find(record.point);
    if (point === undefined || this.isOutdated(record)) return [];
    const slot = slotOf(record);
    const isKept = this.isArrayOurs(point) || slot?.untilMs !== undefined || slot?.reason !== undefined;
    return putSlot(state.keyed, point.name, record.priority, isKept ? slot : null);
  }

  private isArrayOurs(point: PointDefinition): boolean {
    return this.options.isArrayOurs?.(point) === true;
  }

  private mustBeInService(point: PointDefinition): void {
    if (this.options.isOutOfService?.(point) === true) throw new TandemError('POINT_OUT_OF_SERVICE', `${point.name} is out of service: return it to service first`);
  }

  /**
   * A later command to the same point and priority is done: written now, this one would undo it (found by story 6059). One that
   * is under way counts as well, unless this one was surely never sent: it may be found to have arrived while this one is
   * being written (story 11599).
   */
  private isOvertaken({ point, priority, timeMs, state }: CommandRecord): boolean {
    for (const [, other] of commandsOf(this.options.state.keyed, point)) {
      if ((other.state === 'done' || (state === 'intent' && other.state !== 'failed')) && other.priority === priority && other.timeMs > timeMs) return true;
    }
    return false;
  }

  private async finish(id: string, record: CommandRecord, write: (turn: () => Promise<void>) => Promise<void>, more: More = {}): Promise<Confirmation> {
    let release: (() => void) | undefined;
    try {
      return await this.conclude(id, record, async () => write(async () => void (release = await this.turns.take(record.point))), () => release?.(), more);
    } finally {
      release?.();
    }
  }

  /** `recorded`: called once the outcome is in a frame. */
  private async conclude(id: string, record: CommandRecord, write: () => Promise<void>, recorded: () => void, { old, isInDoubt }: More): Promise<Confirmation> {
    const { publisher, confirm } = this.options;
    let failure: TandemError | undefined;
    try {
      await write();
    } catch (error) {
      failure = error instanceof TandemError ? error : new TandemError('INTERNAL', messageOf(error), { cause: error });
    }
    if (failure?.code === 'FENCED' || failure?.code === 'NOT_ACTIVE') {
      // Nothing was sent. The next node executes it; where it can be told, it need not doubt, unless this one does itself.
      const role = this.options.role();
      if (role === 'yielding' && isInDoubt?.() !== true) publisher.record([{ key: COMMANDS + id, value: commandToJson({ ...record, state: 'unsent' }) }]);
      // A node that stays active has refused it for good: left as an intent, a takeover would write it much later.
      if (role === 'active') publisher.record([{ key: COMMANDS + id, value: commandToJson({ ...record, state: 'failed', code: failure.code, message: failure.message }) }]);
      throw failure;
    }
    // While control is being handed over the outcome still goes into the last frame: the next node need not doubt it.
    if (this.options.role() !== 'yielding') this.mustBeActive();
    const outcome: CommandRecord = failure === undefined ? { ...record, state: 'done' } : { ...record, state: 'failed', code: failure.code, message: failure.message };
    const slotPuts = failure === undefined ? this.slotPuts(record) : [];
    const puts: Put[] = [{ key: COMMANDS + id, value: commandToJson(outcome) }, ...slotPuts];
    const forgotten = this.forget(id, record.writer);
    if (forgotten !== undefined) puts.push({ key: COMMANDS + forgotten, value: null });
    const { timeMs, ...audit } = outcome;
    const seq = publisher.record(puts, record.isRoutine === true ? [] : [{ kind: 'audit', data: { ...(commandToJson({ ...audit, timeMs }) as object), id, ...(old === undefined || Number.isNaN(old) ? {} : { old }) } }]);
    if (slotPuts.length > 0) this.options.onCommanded?.(record.point);
    recorded();
    const held = await confirm(seq);
    if (failure !== undefined) throw failure;
    return { held };
  }

  /** The command that need not be remembered any longer now that `id` is finished. */
  private forget(id: string, writer: string | undefined): string | undefined {
    if (writer !== undefined) {
      const last = this.lastOf.get(writer);
      this.lastOf.set(writer, id);
      return last === id ? undefined : last;
    }
    this.finished.push(id);
    return this.finished.length > REMEMBERED ? this.finished.shift() : undefined;
  }

  private async repeat(id: string, record: CommandRecord): Promise<Confirmation> {
    if (record.state === 'intent' || record.state === 'unsent') return this.track(id, this.settle(id, record));
    const held = await this.options.confirm(this.options.state.position.seq);
    if (record.state === 'failed') throw new TandemError(record.code ?? 'INTERNAL', record.message ?? 'the command failed');
    return { held };
  }

  /** Takes a device's own value for what is commanded from now on; nothing is written. */
  async adopt({ id, ...given }: Pick<CommandRecord, 'point' | 'value' | 'priority' | 'by'> & { readonly id: string }): Promise<void> {
    this.mustBeActive();
    await this.finish(id, { ...given, state: 'intent', timeMs: this.options.pairTime() }, async () => undefined);
  }

  private mustBeActive(): void {
    if (this.options.role() !== 'active') throw new TandemError('NOT_ACTIVE', 'this node is not active: send the command to the other one');
  }
}

/**
 * The oldest epoch of which this node knows every command: control has been handed over since, never taken, so
 * that what it does not know was not executed. Of an epoch before, an unknown command may have been.
 */
function leastKnownEpoch(state: PairState): number {
  const epochs = state.epochs();
  let index = epochs.length - 1;
  while (index > 0 && (epochs[index]?.cause === 'switch' || epochs[index]?.cause === 'recovery' || epochs[index]?.cause === 'field')) index -= 1;
  return epochs[index]?.number ?? 0;
}

/**
 * First sent to an activation of the other node that this pair's history does not have, though it has its number: two that were
 * frozen in turn counted alike (story 1688). That one may have carried it out.
 */
function wasSentElsewhere({ epoch, nonce }: WriteCommand, state: PairState): boolean {
  const known = nonce === undefined ? undefined : state.epochs().find(({ number }) => number === epoch);
  return known !== undefined && known.nonce !== nonce;
}

/** Refuses what the point cannot take, before anything is recorded or sent. */
function checkValue(point: PointDefinition, value: PointValue | null): void {
  if (point.write === undefined) throw new TandemError('POINT_READ_ONLY', `${point.name} cannot be written: its configuration has no \`write\``);
  if (value === null) return;
  const { min, max } = point.write;
  const number = typeof value === 'string' ? NaN : Number(value);
  if (point.kind === 'text' ? typeof value !== 'string' : !Number.isFinite(number)) {
    throw new TandemError('VALUE_INVALID', `${point.name} is a ${point.kind} and cannot take ${String(value)}`);
  }
  if (point.kind === 'boolean' && number !== 0 && number !== 1) throw new TandemError('VALUE_INVALID', `${point.name} is true or false`);
  if (point.kind === 'enum' && point.states !== undefined && (!Number.isInteger(number) || number < 0 || number >= point.states.length)) {
    throw new TandemError('VALUE_INVALID', `${point.name} has the states ${point.states.join(', ')}`);
  }
  if ((min !== undefined && number < min) || (max !== undefined && number > max)) {
    throw new TandemError('VALUE_OUT_OF_RANGE', `${point.name} takes ${min ?? '−∞'} to ${max ?? '∞'}${point.unit === undefined ? '' : ` ${point.unit}`}, not ${String(value)}`);
  }
}

/** Equal as a device would say it: numbers may have been rounded to its format. */
function sameValue(a: PointValue, b: PointValue): boolean {
  if (typeof a === 'number' && typeof b === 'number') return Math.abs(a - b) <= 1e-6 * Math.max(1, Math.abs(a), Math.abs(b));
  return a === b;
}
