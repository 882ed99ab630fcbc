import {
  messageOf,
  TandemError,
  type Log,
  type PointDefinition,
  type PointValue,
  type Role,
  type Timers,
} from '../contract/index.js';
import type { Confirmation, WriteCommand } from '../clients/index.js';
import type { PairState, Publisher, Put } from '../image/index.js';
import { checkValue, leastKnownEpoch, notSent, sameValue, wasSentElsewhere } from './command-checks.js';
import { CommandMeaning } from './command-meaning.js';
import { COMMANDS, commandFromJson, commandToJson, type CommandRecord } from './command-record.js';
import { arrivesLate } from './late-arrival.js';
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
  /** Pair time from which on what this node knows is known to be the latest. */
  readonly staleSince?: () => number;
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

/** Outcomes that are remembered, so that a repeated request gets its first answer. */
const REMEMBERED = 5_000;
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

  private readonly meaning: CommandMeaning;

  constructor(private readonly options: CommandsOptions) {
    this.meaning = new CommandMeaning(options);
  }

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
        // It waited here, in a node that was frozen for one, while the other one led (story 307898).
        if (record.timeMs < (this.options.staleSince?.() ?? -Infinity)) throw notSent('the other node has led since it was given, and later commands to the point may have been carried out there');
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
        const goal = this.meaning.goalOf(record, point);
        return goal === undefined || (!isUnseen && goal.value !== null && sameValue(await read(point.name), goal.value));
      };
      const carryOut = async (): Promise<void> => {
        await turn();
        // A pulse, or what cannot be read, tells of nobody.
        if (this.options.isUnheard?.() === true && !isUnseen && !(await this.isAsLeft(id, point.name))) throw new TandemError('COMMAND_IN_DOUBT', `this node started without hearing of the other one, which may have led meanwhile; ${point.name} reads neither as commanded nor as it was left`);
        // A later one may have had its turn while this one was looked into.
        if (this.meaning.isOvertaken(record)) throw new TandemError('COMMAND_IN_DOUBT', `a later command to ${point.name} has been carried out or is under way`);
        await this.carryOut(record, point);
      };
      const mayReassert = this.options.mayReassert?.(record.timeMs) !== false;
      if (this.meaning.isOvertaken(record)) throw new TandemError('COMMAND_IN_DOUBT', `control moved while ${point.name} was being written, and a later command to it has been carried out or is under way`);
      if (record.state === 'unsent' && mayReassert) return carryOut();
      // A device that does not answer at once is asked again below, where it counts.
      if (await arrived().catch(() => false)) return;
      if (!mayReassert) throw new TandemError('COMMAND_IN_DOUBT', `this node took over without knowing what the other one did last; ${point.name} does not read back as commanded, and older commands are not written again`);
      if (await arrivesLate(arrived, record.timeMs + writeTimeoutMs(point.name), writeTimeoutMs(point.name), this.options)) return;
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

  private async carryOut(record: CommandRecord, point: PointDefinition): Promise<void> {
    this.mustBeInService(point);
    const goal = this.meaning.goalOf(record, point);
    if (goal !== undefined) await this.options.write(point.name, goal.value, goal.priority);
  }

  private mustBeInService(point: PointDefinition): void {
    if (this.options.isOutOfService?.(point) === true) throw new TandemError('POINT_OUT_OF_SERVICE', `${point.name} is out of service: return it to service first`);
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
      if (role !== 'active') throw failure;
      // A node that stays active has refused it for good: left as an intent, a takeover would write it much later. And it says so in a
      // way that no client takes for "ask the other node": it would get the same answer again and again.
      failure = isInDoubt?.() === true ? new TandemError('COMMAND_IN_DOUBT', `${failure.message}; whether ${record.point} was written before is not known`) : notSent(failure.message);
    }
    // While control is being handed over the outcome still goes into the last frame: the next node need not doubt it.
    if (this.options.role() !== 'yielding') this.mustBeActive();
    const outcome: CommandRecord = failure === undefined ? { ...record, state: 'done' } : { ...record, state: 'failed', code: failure.code, message: failure.message };
    const slotPuts = failure === undefined ? this.meaning.slotPuts(record) : [];
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
    if (record.state !== 'failed') return { held };
    const { code = 'INTERNAL', message = 'the command failed' } = record;
    // As versions before have recorded what is refused for good.
    throw code === 'FENCED' || code === 'NOT_ACTIVE' ? notSent(message) : new TandemError(code, message);
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
