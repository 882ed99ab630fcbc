import assert from 'node:assert/strict';
import { configuredAs } from '../../src/console/data/configured-as.js';
import { withLastKnown, type TrendSeries } from '../../src/console/data/trend-series.js';

describe('console: what a search has found, beside the site', () => {
  const written = {
    ahu: { driver: 'bacnet', line: 'ip', instance: 1001 },
    plant: { driver: 'modbus-tcp', host: '10.0.0.5', unit: 1 },
    meter: { driver: 'modbus-tcp', host: '10.0.0.5', port: 5020, unit: 2 },
    loop: { driver: 'modbus-rtu', line: 'bus', unit: 3 },
    half: null,
  };

  it('knows what is configured already: instance and line, address, port and unit, serial line and unit', () => {
    const cases: readonly (readonly [Parameters<typeof configuredAs>[1], string, string | undefined])[] = [
      [{ driver: 'bacnet', line: 'ip', options: {} }, '1001', 'ahu'],
      [{ driver: 'bacnet', line: 'other', options: {} }, '1001', undefined],
      [{ driver: 'bacnet', line: 'ip', options: {} }, '1002', undefined],
      [{ driver: 'modbus-tcp', options: { host: '10.0.0.5', port: 502 } }, '1', 'plant'],
      [{ driver: 'modbus-tcp', options: { host: '10.0.0.5' } }, '1', 'plant'],
      [{ driver: 'modbus-tcp', options: { host: '10.0.0.5', port: 5020 } }, '1', undefined],
      [{ driver: 'modbus-tcp', options: { host: '10.0.0.5', port: 5020 } }, '2', 'meter'],
      [{ driver: 'modbus-rtu-tcp', options: { host: '10.0.0.5', port: 5020 } }, '2', undefined],
      [{ driver: 'modbus-rtu', line: 'bus', options: {} }, '3', 'loop'],
      [{ driver: 'modbus-rtu', line: 'bus2', options: {} }, '3', undefined],
    ];
    for (const [search, id, name] of cases) assert.equal(configuredAs(written, search, id), name, JSON.stringify([search, id]));
  });
});

describe('console: lines of a trend while the other node takes over', () => {
  const line = (point: string, startMs: number, more: Partial<TrendSeries> = {}): TrendSeries => ({ point, buckets: [{ startMs, endMs: startMs + 1, count: 1, goodMs: 1, mean: 1, min: 1, max: 1, last: 1 } as unknown as TrendSeries['buckets'][number]], ...more });

  it('stay as they were read last, with what went wrong, and go on when they can be read', () => {
    const before = [line('A', 1), line('A', 2, { shiftMs: 5 }), line('B', 3)];
    const failed: TrendSeries[] = [{ point: 'A', buckets: [], error: 'gone' }, { point: 'A', buckets: [], shiftMs: 6, error: 'gone' }, line('B', 9), { point: 'C', buckets: [], error: 'gone' }];
    assert.deepEqual(withLastKnown(failed, before).map(({ point, buckets, shiftMs, error }) => [point, buckets[0]?.startMs, shiftMs, error]), [['A', 1, undefined, 'gone'], ['A', 2, 5, 'gone'], ['B', 9, undefined, undefined], ['C', undefined, undefined, 'gone']]);
    assert.deepEqual(withLastKnown(before, []), before);
  });
});
