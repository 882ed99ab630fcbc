import { isKnownUnit, knownUnits } from '../contract/index.js';
import { suggestion } from './nearest.js';
import type { ReadPoint } from './points.js';
import type { WrittenPoint } from './templates.js';

/** Complains of units that neither BACnet nor usage knows, each once, at the first point that has it: any text is shown all the same. */
export function checkUnits(written: readonly WrittenPoint[], points: ReadonlyMap<string, ReadPoint | undefined>): void {
  const unknown = new Map<string, { readonly first: WrittenPoint; count: number }>();
  const fine = new Set<string>();
  for (const point of written) {
    const unit = points.get(point.name)?.definition.unit;
    if (unit === undefined || fine.has(unit)) continue;
    const known = unknown.get(unit);
    if (known !== undefined) known.count += 1;
    else if (isKnownUnit(unit)) fine.add(unit);
    else unknown.set(unit, { first: point, count: 1 });
  }
  for (const [unit, { first, count }] of unknown) {
    const others = count === 1 ? '' : `, here and at ${count - 1} more point${count === 2 ? '' : 's'}`;
    first.problems.warning('CONFIG_INVALID', `\`${unit}\` is no engineering unit of BACnet and no usual symbol${others}: it is shown as it is, and EDE files leave it out${suggestion(unit, knownUnits())}`, ['unit']);
  }
}
