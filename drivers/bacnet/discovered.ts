/** A device that was found, or read from a file, for people and for configuration. */
import { unitText, type DiscoveredDevice } from '../../src/contract/index.js';
import type { KnownDevice } from './discover.js';
import { peerKey } from './npdu.js';
import { objectName } from './object-types.js';

export function discovered(found: KnownDevice): DiscoveredDevice {
  const { instance, peer, name, vendor, model, objects, problems } = found;
  return {
    id: String(instance), address: peer === undefined ? '' : peerKey(peer), name, problems,
    ...(vendor !== undefined && { vendor }), ...(model !== undefined && { model }),
    objects: objects.map(({ object, name: own, description, units, states, commandable }) => {
      const unit = unitText(units);
      return { address: objectName(object), name: own, commandable, ...(description !== undefined && { description }), ...(unit !== undefined && { unit }), ...(states && { states }) };
    }),
    detail: found,
  };
}
