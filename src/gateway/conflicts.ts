import type { AppliedConfiguration, Confirmation } from '../clients/index.js';
import { TandemError, type RecordedConflict } from '../contract/index.js';
import type { Json, PairState, Publisher } from '../image/index.js';
import { CONFLICTING_DOCUMENTS, CONFLICTS, unpacked, type PackedConfiguration } from '../redundancy/index.js';
import { commandFromJson } from './command-record.js';
import type { Commands } from './commands.js';
import type { Configuration } from './configuration.js';

export interface ConflictsParts {
  readonly state: PairState;
  readonly publisher: Publisher;
  readonly commands: Commands;
  readonly configuration: Configuration | undefined;
  readonly mustBeActive: () => void;
  readonly confirm: (seq: number) => Promise<Confirmation['held']>;
}

/**
 * What the two nodes did apart and do not agree on (R22). The survivor's stands; what the other one did is listed here until
 * a person adopts it, which does it anew in that person's name, or dismisses it. Either is audited.
 */
export class Conflicts {
  constructor(private readonly parts: ConflictsParts) {}

  list(): readonly RecordedConflict[] {
    return [...this.parts.state.keyed.entries(CONFLICTS)].map(([key, json]) => describe(key, json));
  }

  /** @throws CONFLICT_UNKNOWN, NOT_ACTIVE, and what the command or the configuration meets with; the conflict then stays */
  async adopt(id: string, by: string): Promise<Confirmation> {
    const { parts } = this;
    parts.mustBeActive();
    const json = this.known(id);
    if (id.startsWith('configuration/')) await this.adoptConfiguration(json, by);
    else await this.adoptCommand(id, json, by);
    return this.settle(id, 'adopted', by);
  }

  async dismiss(id: string, by: string): Promise<Confirmation> {
    this.parts.mustBeActive();
    this.known(id);
    return this.settle(id, 'dismissed', by);
  }

  /**
   * Dismisses many at once. What somebody else has adopted or dismissed meanwhile is passed over.
   * @throws NOT_ACTIVE
   */
  async dismissAll(ids: readonly string[], by: string): Promise<Confirmation & { readonly dismissed: number }> {
    const { publisher, state, confirm, mustBeActive } = this.parts;
    mustBeActive();
    const known = [...new Set(ids)].filter((id) => state.keyed.get(CONFLICTS + id) !== undefined);
    const puts = known.map((id) => ({ key: CONFLICTS + id, value: null }));
    const seq = known.length === 0 ? state.position.seq : publisher.record(puts, known.map((conflict) => ({ kind: 'audit', data: { conflict, what: 'dismissed', by } })));
    return { held: await confirm(seq), dismissed: known.length };
  }

  private async adoptCommand(id: string, json: Json, by: string): Promise<void> {
    const { commands, state } = this.parts;
    const { point, value, priority } = commandFromJson(json);
    // The same id each time: adopted twice, it is written once.
    await commands.write({ id: `adopted/${id}`, point, value, priority, by, epoch: state.position.epoch.number });
  }

  private async adoptConfiguration(json: Json, by: string): Promise<AppliedConfiguration> {
    const { configuration } = this.parts;
    const current = configuration?.current();
    if (configuration === undefined || current === undefined) throw new TandemError('CONFIG_UNKNOWN', 'the configuration of this node is fixed');
    const { text, origin, revision } = unpacked(json as unknown as PackedConfiguration);
    return configuration.apply(text, { by, expected: current.revision, comment: `adopted ${revision}, made apart on ${origin.node}: ${origin.comment}` });
  }

  private async settle(id: string, what: 'adopted' | 'dismissed', by: string): Promise<Confirmation> {
    const { publisher, confirm } = this.parts;
    return { held: await confirm(publisher.record([{ key: CONFLICTS + id, value: null }], [{ kind: 'audit', data: { conflict: id, what, by } }])) };
  }

  private known(id: string): Json {
    const json = this.parts.state.keyed.get(CONFLICTS + id);
    if (json === undefined) throw new TandemError('CONFLICT_UNKNOWN', `there is no conflict ${id} (any more)`);
    return json;
  }
}

function describe(key: string, json: Json): RecordedConflict {
  const id = key.slice(CONFLICTS.length);
  if (key.startsWith(CONFLICTING_DOCUMENTS)) {
    const { revision, origin } = json as unknown as PackedConfiguration;
    return { id, kind: 'configuration', timeMs: origin.timeMs, by: origin.user, node: origin.node, text: `configuration ${revision}: ${origin.comment}` };
  }
  const { point, value, priority, by, timeMs, state } = commandFromJson(json);
  const shown = value === null ? 'relinquished' : `= ${String(value)}`;
  return { id, kind: 'command', timeMs, by, point, text: `${point} ${shown} at priority ${priority} (${state})` };
}
