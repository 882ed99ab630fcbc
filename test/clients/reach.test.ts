import assert from 'node:assert/strict';
import fc from 'fast-check';
import { Reach } from '../../src/clients/reach.js';
import { areaRoles, isInArea, reaches, siteRoles, userRoles, type AlarmDefinition, type AreaRole, type PointDefinition, type SiteRole, type UserRole } from '../../src/contract/index.js';
import { PairState, PointTable } from '../../src/image/index.js';

interface Case {
  readonly role: SiteRole;
  readonly areas: Record<string, AreaRole>;
  /** Area and device of each point. */
  readonly points: readonly (readonly [area: string | undefined, device: string])[];
  readonly needed: UserRole;
}

/** Few names, so that they meet: `T`, `TT` (begins with another and does not lie in it), `T/1`, `T/1/a` … */
const part = fc.constantFrom('T', 'TT', '1', 'a');
const area = fc.array(part, { minLength: 1, maxLength: 4 }).map((parts) => parts.join('/'));
const anyCase: fc.Arbitrary<Case> = fc.record({
  role: fc.constantFrom(...siteRoles),
  areas: fc.dictionary(area, fc.constantFrom(...areaRoles), { maxKeys: 6 }),
  points: fc.array(fc.tuple(fc.option(area, { nil: undefined }), fc.constantFrom('d1', 'd2', 'd3')), { minLength: 1, maxLength: 12 }),
  needed: fc.constantFrom(...userRoles),
});

/** Slow and obvious: of all areas with a role in which this one lies, the longest name. */
function roleIn({ role, areas }: Case, at: string | undefined): SiteRole {
  const around = Object.keys(areas).filter((name) => isInArea(at, name)).sort((a, b) => b.length - a.length);
  const [deepest] = around;
  return deepest === undefined ? role : (areas[deepest] ?? role);
}

function reachFor(given: Case, alarms: readonly AlarmDefinition[] = []): { reach: Reach; points: readonly PointDefinition[] } {
  const points = given.points.map(([of, device], id): PointDefinition => ({ id, name: `p${id}`, kind: 'number', device, poll: 'normal', ...(of === undefined ? {} : { area: of }) }));
  const state = new PairState(new PointTable('r', points));
  const principal = { name: 'x', role: given.role, ...(Object.keys(given.areas).length === 0 ? {} : { areas: given.areas }) };
  return { reach: new Reach({ state, alarmDefinition: (name) => alarms.find((alarm) => alarm.name === name) }, principal), points };
}

const succeeds = (attempt: () => unknown): boolean => {
  try {
    attempt();
    return true;
  } catch {
    return false;
  }
};

describe('clients: what roles for areas reach', () => {
  const check = (law: (given: Case) => void): void => fc.assert(fc.property(anyCase, law), { numRuns: 400, seed: 7 });

  it('is for each point what the deepest area with a role says', () => {
    check((given) => {
      const { reach, points } = reachFor(given);
      for (const point of points) {
        assert.equal(reach.sees(point), reaches(roleIn(given, point.area), 'viewer'));
        const may = reaches(roleIn(given, point.area), 'viewer') && reaches(roleIn(given, point.area), given.needed);
        assert.equal(succeeds(() => reach.point(point.name, given.needed)), may, `${JSON.stringify(given)} ${point.name}`);
        assert.equal(reach.mayAlarm(given.needed, { name: 'any', point: point.name }), reaches(roleIn(given, point.area), given.needed));
      }
      assert.equal(succeeds(() => reach.point('nowhere')), false);
    });
  });

  it('is for a device the least of its points to do something, and the best to see it', () => {
    check((given) => {
      const { reach } = reachFor(given);
      for (const device of ['d1', 'd2', 'd3', 'none']) {
        const own = given.points.filter(([, of]) => of === device).map(([at]) => roleIn(given, at));
        const roles = own.length === 0 ? [given.role] : own;
        const seen = roles.some((role) => reaches(role, 'viewer'));
        assert.equal(reach.seesDevice(device), seen || reach.seesAll);
        assert.equal(succeeds(() => reach.mustReachDevice(given.needed, device)), (seen || reach.seesAll) && roles.every((role) => reaches(role, given.needed)));
      }
    });
  });

  it('is for an area with everything in it the least of what lies there, for whatever points there may be', () => {
    check((given) => {
      const { reach } = reachFor(given);
      for (const of of ['T', 'TT', 'T/1', 'T/1/a', ...Object.keys(given.areas)]) {
        const within = [of, ...Object.keys(given.areas).filter((name) => isInArea(name, of))].map((name) => roleIn(given, name));
        assert.equal(succeeds(() => reach.mustReachScope(given.needed, { area: of })), within.every((role) => reaches(role, given.needed)), `${JSON.stringify(given)} ${of}`);
      }
    });
  });

  it('hides nothing exactly where nothing is hidden, and tells those apart who see different parts', () => {
    check((given) => {
      const { reach, points } = reachFor(given);
      const hides = given.role === 'none' || Object.values(given.areas).includes('none');
      assert.equal(reach.seesAll, !hides);
      const other = reachFor({ ...given, areas: Object.fromEntries(Object.entries(given.areas).reverse()) }).reach;
      assert.equal(other.key, reach.key, 'the order does not matter');
      const operator = reachFor({ ...given, areas: Object.fromEntries(Object.entries(given.areas).map(([name, role]) => [name, role === 'none' ? role : 'operator'])) }).reach;
      assert.equal(operator.key, reach.key, 'who may do more and sees the same shares what is sent');
      if (reach.key === '') for (const point of points) assert.ok(reach.sees(point));
    });
  });

  const base = { onDelayMs: 0, offDelayMs: 0, priority: 1, class: 'c' } as const;
  const given: Case = { role: 'none', areas: { T: 'operator' }, points: [['T/1', 'd1'], ['U', 'd2'], ['T', 'd3'], ['U', 'd3']], needed: 'operator' };
  const definitions: readonly AlarmDefinition[] = [
    { ...base, name: 'own', area: 'T/9', watch: { kind: 'change', point: 1 } },
    { ...base, name: 'site', watch: { kind: 'change', point: 0 } },
    { ...base, name: 'communication/d1', watch: { kind: 'communication', device: 'd1', behind: [] } },
    { ...base, name: 'communication/d3', watch: { kind: 'communication', device: 'd3', behind: [] } },
  ];

  it('finds where an alarm lies: its own area, its point, its device; else it is of the site', () => {
    const { reach } = reachFor(given, definitions);
    const seen = (alarm: Parameters<Reach['seesAlarm']>[0]): readonly [sees: boolean, acts: boolean] => [reach.seesAlarm(alarm), reach.mayAlarm('operator', alarm)];
    assert.deepEqual(seen({ name: 'own', point: 'p1' }), [true, true]);
    assert.deepEqual(seen({ name: 'own' }), [true, true], 'what has returned to normal is told by its name alone');
    assert.deepEqual(seen({ name: 'site', point: '' }), [false, false]);
    assert.deepEqual(seen({ name: 'gone', point: 'p0' }), [true, true]);
    assert.deepEqual(seen({ name: 'gone', point: 'p1', area: 'U' }), [false, false]);
    assert.deepEqual(seen({ name: 'communication/d1' }), [true, true]);
    assert.deepEqual(seen({ name: 'communication/d2' }), [false, false]);
    assert.deepEqual(seen({ name: 'communication/d3' }), [true, false], 'part of the device is somebody else’s');
    assert.deepEqual(seen({ name: 'd1/analog-input,1', point: '' }), [true, true]);
    assert.deepEqual(seen({ name: 'd2/analog-input,1', point: '', device: 'd2' }), [false, false]);
    assert.deepEqual(seen({ name: 'system/unprotected', point: '' }), [false, false]);
  });

  it('finds where an entry of the journal lies, mutes too', () => {
    const { reach } = reachFor(given, definitions);
    const seen = (data: unknown): boolean => reach.seesLog({ data: data as never });
    assert.ok(seen({ name: 'gone', point: 'p0', event: 'raised' }));
    assert.ok(!seen({ name: 'gone', point: 'p1', event: 'raised' }));
    assert.ok(seen({ event: 'muted', scope: { area: 'T/1' } }) && !seen({ event: 'muted', scope: { area: 'U' } }));
    assert.ok(seen({ event: 'muted', scope: { device: 'd3' } }) && !seen({ event: 'muted', scope: { device: 'd2' } }));
    assert.ok(!seen(null) && !seen('text') && !seen({}));
  });
});
