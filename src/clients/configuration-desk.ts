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
    try {
      const applied = await change();
      if (applied === undefined) return applied;
      const { revision: to, number: at, origin } = applied;
      const changes = before === undefined ? [] : (await configuration().diff(before.number, at)).changes.map(({ section, name, change: kind }) => `${kind} ${section}${name === '' ? '' : ` ${name}`}`);
      api.access.note({ ...entry, new: { revision: to, number: at, comment: origin.comment, changes: changes.slice(0, AUDITED_CHANGES), ...(changes.length > AUDITED_CHANGES ? { more: changes.length - AUDITED_CHANGES } : {}) }, outcome: 'done' });
      return applied;
    } catch (error) {
      const code = error instanceof TandemError ? error.code : 'INTERNAL';
      api.access.note({ ...entry, outcome: code === 'INTERNAL' ? 'failed' : 'refused', code });
      throw error;
    }
  };
  return { configuration, requested, audited };
}
