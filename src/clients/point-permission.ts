import { isTandemError, type PointDefinition } from '../contract/index.js';
import type { Actor } from './access-api.js';
import type { NodeApi } from './node-api.js';
import { Reach } from './reach.js';

/**
 * The point that somebody wants to do something to. Who may not is in the audit all the same; what is done is there by who does it.
 * @throws POINT_UNKNOWN, CLIENT_FORBIDDEN
 */
export function writablePoint(api: NodeApi, name: string, { principal, address }: Actor, action: string): PointDefinition {
  try {
    return new Reach(api, principal).point(name, 'operator');
  } catch (error) {
    if (isTandemError(error) && error.code === 'CLIENT_FORBIDDEN') api.access.note({ who: principal.name, from: address, action, target: name, outcome: 'refused', code: error.code, message: error.message });
    throw error;
  }
}
