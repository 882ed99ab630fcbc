import type { FastifyRequest } from 'fastify';
import { TandemError } from '../contract/index.js';
import type { AppliedConfiguration, ConfigurationApi, ConfigurationRequest, NodeApi } from './node-api.js';
import { actorOf, callerOf } from './rest-input.js';

/** Definitions that are named in one entry of the audit. */
const AUDITED_CHANGES = 30;

export interface ConfigurationDesk {
  /** @throws CONFIG_UNKNOWN where the configuration is fixed */
  readonly configuration: () => ConfigurationApi;
  readonly requested: (request: FastifyRequest, body: { expected?: string | undefined; comment: string; file?: string | undefined }) => ConfigurationRequest;
  /** Keeps in the audit from which revision to which, and which definitions differ; nothing where nothing is applied. */
  readonly audited: <T extends AppliedConfiguration | undefined>(request: FastifyRequest, action: string, target: string, change: () => Promise<T>) => Promise<T>;
}

/** What all routes that change the configuration have in common. */
export function configurationDesk(api: NodeApi): ConfigurationDesk {
  const configuration = (): ConfigurationApi => {
    if (api.configuration === undefined) throw new TandemError('CONFIG_UNKNOWN', 'the configuration of this node is fixed: it was started without a site file');
    return api.configuration;
  };
  const requested = (request: FastifyRequest, body: { expected?: string | undefined; comment: string; file?: string | undefined }): ConfigurationRequest => ({
    by: callerOf(request),
    comment: body.comment,
    // One definition may be put without a look at the others; the whole text may not.
    expected: body.expected ?? configuration().current()?.revision ?? '',
    ...(body.file === undefined ? {} : { file: body.file }),
  });

  const audited: ConfigurationDesk['audited'] = async (request, action, target, change) => {
    const { principal, address } = actorOf(request);
    const before = configuration().current();
    const entry = { who: principal.name, from: address, action, target, ...(before === undefined ? {} : { old: { revision: before.revision, number: before.number } }) };
    const applied = await change().catch((error: unknown) => {
      const code = error instanceof TandemError ? error.code : 'INTERNAL';
      // Put into force, and whether the pair keeps it is not known: that is no refusal.
      const isInDoubt = error instanceof TandemError && (code === 'FENCED' || code === 'STORE_FAILED');
      api.access.note({ ...entry, outcome: code === 'INTERNAL' || isInDoubt ? 'failed' : 'refused', code, ...(isInDoubt ? { message: error.message } : {}) });
      throw error;
    });
    if (applied === undefined) return applied;
    const { revision, number, origin } = applied;
    api.access.note({ ...entry, new: { revision, number, comment: origin.comment, ...(await changesOf(before?.number, number)) }, outcome: 'done' });
    return applied;
  };
  /** It is in force by now: where the difference cannot be told (the old revision is not kept), the caller must not hear that the change failed. */
  const changesOf = async (from: number | undefined, to: number): Promise<{ readonly changes: readonly string[]; readonly more?: number }> => {
    if (from === undefined) return { changes: [] };
    const diff = await configuration().diff(from, to).catch(() => undefined);
    const changes = diff?.changes.map(({ section, name, change: kind }) => `${kind} ${section}${name === '' ? '' : ` ${name}`}`) ?? ['not compared'];
    return { changes: changes.slice(0, AUDITED_CHANGES), ...(changes.length > AUDITED_CHANGES ? { more: changes.length - AUDITED_CHANGES } : {}) };
  };
  return { configuration, requested, audited };
}
