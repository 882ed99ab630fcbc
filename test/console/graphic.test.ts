import assert from 'node:assert/strict';
import type { ClientPoint } from '../../src/client-sdk/index.js';
import { digestOf } from '../../src/console/data/digest.js';
import { idChange, parametersOf, rebound, shownDraft, withElement, withParameters } from '../../src/console/data/graphic-draft.js';
import { farthest, spread, wheelFactor, zoomedAt } from '../../src/console/drawing/viewport.js';
import { startOfDay } from '../../src/console/format/day.js';
import { holds, lookOf, type FindPoint } from '../../src/console/format/graphic.js';
import { inTheDark } from '../../src/console/format/themed-colour.js';
import { GOOD, qualityOf } from '../../src/contract/index.js';

const point = (name: string, more: Partial<ClientPoint>): ClientPoint => ({ index: 0, name, kind: 'number', device: 'd', writable: false, value: 0, quality: GOOD, timeMs: 0, seq: 1, ...more });
const points = [
  point('T', { value: 26.44, unit: 'degC' }),
  point('Run', { kind: 'boolean', states: ['stop', 'run'], value: true }),
  point('Flag', { kind: 'boolean', value: false }),
  point('Mode', { kind: 'enum', states: ['off', 'auto', 'hand'], value: 2 }),
  point('Note', { kind: 'text', value: 'Filter' }),
  point('Big', { kind: 'integer64', value: '9007199254740993', unit: 'kWh' }),
  point('Old', { value: 5, quality: qualityOf('stale') }),
  point('Bad', { value: 5, quality: qualityOf('bad', 'communication') }),
  point('None', { value: null }),
];
const find: FindPoint = (name) => points.find((each) => each.name === name);

describe('console: bindings of a graphic', () => {
  it('decides conditions by state, number and text, and not without a value', () => {
    const cases: readonly (readonly [Parameters<typeof holds>[0], boolean | undefined])[] = [
      [{}, true], [{ point: 'Run', is: 'run' }, true], [{ point: 'Run', is: ['stop', 'x'] }, false], [{ point: 'Run', is: true }, true], [{ point: 'Run', is: 0 }, false], [{ point: 'Flag', is: 'off' }, true],
      [{ point: 'Mode', is: 'hand' }, true], [{ point: 'Mode', is: 2 }, true], [{ point: 'Mode', is: 'auto' }, false], [{ point: 'Note', is: 'Filter' }, true],
      [{ above: 26 }, true], [{ above: 26.44 }, false], [{ below: 26.44 }, false], [{ above: 20, below: 27 }, true], [{ above: 20, below: 26 }, false], [{ point: 'Big', above: 9e15 }, true],
      [{ point: 'Old', above: 4 }, true], [{ point: 'Bad', above: 4 }, undefined], [{ point: 'None', is: 0 }, undefined], [{ point: 'Gone', is: 0 }, undefined],
    ];
    for (const [condition, wanted] of cases) assert.equal(holds(condition, 'T', find), wanted, JSON.stringify(condition));
  });

  it('takes the colour of the first rule that holds, and none where one before it cannot be decided', () => {
    const fill = (rules: NonNullable<Parameters<typeof lookOf>[0]['fill']>): string | undefined => lookOf({ point: 'T', fill: rules }, find).fill;
    assert.equal(fill([{ below: 20, colour: 'cold' }, { below: 26, colour: 'comfort' }, { colour: 'warm' }]), 'warm');
    assert.equal(fill([{ below: 20, colour: 'cold' }]), undefined);
    assert.equal(fill([{ point: 'Bad', above: 1, colour: 'alarm' }, { colour: 'on' }]), 'unknown');
  });

  it('writes values with unit, decimals and state, and a dash for none', () => {
    const text = (binding: Parameters<typeof lookOf>[0]): string | undefined => lookOf(binding, find).text;
    assert.equal(text({ point: 'T', text: true }), '26.4 °C');
    assert.equal(text({ point: 'T', text: { decimals: 2 } }), '26.44 °C');
    assert.equal(text({ point: 'T', text: { decimals: 0, unit: false, before: 'Now ' } }), 'Now 26');
    assert.equal(text({ point: 'Run', text: { decimals: 1 } }), 'run');
    assert.equal(text({ point: 'Mode', text: true }), 'hand');
    assert.equal(text({ point: 'Big', text: true }), '9007199254740993 kWh');
    assert.equal(text({ point: 'None', text: true }), '—');
    assert.equal(text({ point: 'T', text: { point: 'Gone' } }), '—');
  });

  it('shows, spins, turns and fills in proportion, within bounds', () => {
    const look = lookOf({ point: 'T', show: [{ point: 'Run', is: 'stop' }], spin: [{ point: 'Run', is: 'run' }], turn: { from: 0, to: 52.88, degrees: 90 }, level: { from: 0, to: 10, grows: 'up' } }, find);
    assert.deepEqual([look.shown, look.spinning, Math.round(look.turn ?? 0), look.level], [false, true, 45, 1]);
    assert.equal(lookOf({ point: 'Bad', level: { from: 0, to: 10, grows: 'up' } }, find).level, 0);
  });

  it('carries the worst quality of its points, and says what is missing', () => {
    assert.equal(lookOf({ point: 'T', fill: [{ point: 'Old', colour: 'on' }], show: [{ point: 'Bad' }] }, find).quality, qualityOf('bad', 'communication'));
    assert.deepEqual([lookOf({ point: 'T' }, find).quality, lookOf({ point: 'T' }, find).missing, lookOf({ point: 'Gone' }, find).missing, lookOf({}, find).quality], [GOOD, false, true, undefined]);
  });

  it('mirrors greys for the dark, and leaves colours alone', () => {
    assert.deepEqual(['#fff', 'black', '#2b2e33', 'rgb(128, 128, 128)', '#c00', 'url(#lg)', 'none', 'currentColor'].map(inTheDark), ['#1c1c1c', '#e8e8e8', '#c3c3c3', '#828282', '#c00', 'url(#lg)', 'none', 'currentColor']);
  });

  it('keeps drafts: elements, ids that got lost, defaults', () => {
    const graphic = { svg: '<svg/>', elements: { a: { point: 'T' }, b: { point: 'Run' } } };
    assert.deepEqual(withElement(graphic, 'a', undefined).elements, { b: { point: 'Run' } });
    assert.deepEqual(rebound(graphic, 'a', 'c').elements, { b: { point: 'Run' }, c: { point: 'T' } });
    const drawn = (...ids: string[]): { id: string; kind: string }[] => ids.map((id) => ({ id, kind: 'rect' }));
    assert.deepEqual(idChange(drawn('a', 'b', 'x'), drawn('b', 'c'), ['a', 'b']), { lost: ['a'], came: ['c'], went: ['a', 'x'] });
    assert.deepEqual(shownDraft('G', { svg: '', elements: { a: { point: 'T', level: {} as never } } }, '<svg/>').elements.a?.level, { from: 0, to: 100, grows: 'up' });
  });

  it('knows when a day began, where it has 23 or 25 hours, too', () => {
    const at = (iso: string, zone: string): string => new Date(startOfDay(Date.parse(iso), zone)).toISOString();
    assert.equal(at('2026-07-01T12:00:00Z', 'Europe/Berlin'), '2026-06-30T22:00:00.000Z');
    assert.equal(at('2026-03-29T20:00:00Z', 'Europe/Berlin'), '2026-03-28T23:00:00.000Z');
    assert.equal(at('2026-10-25T20:00:00Z', 'Europe/Berlin'), '2026-10-24T22:00:00.000Z');
    assert.equal(at('2026-07-01T12:00:00Z', 'UTC'), '2026-07-01T00:00:00.000Z');
  });
});

describe('console: a drawing in its pane', () => {
  it('becomes larger around what is pointed at, within bounds', () => {
    const spot = { x: 200, y: 100 };
    const closer = zoomedAt({ zoom: 1, left: 0, top: 0 }, 2, spot, 1000);
    assert.deepEqual(closer, { zoom: 2, left: 200, top: 100 });
    // What lay under the pointer lies there still: 200 px of the drawing at 1 are 400 at 2, 200 of them scrolled away.
    assert.deepEqual(zoomedAt(closer, 1, spot, 1000), { zoom: 1, left: 0, top: 0 });
    assert.equal(zoomedAt(closer, 100, spot, 1000).zoom, 8);
    assert.equal(zoomedAt(closer, 0.01, spot, 1000).zoom, 1);
    assert.deepEqual([farthest(1000), farthest(280)], [1, 0.5]);
    assert.equal(zoomedAt({ zoom: 1, left: 0, top: 0 }, 0.1, spot, 280).zoom, 0.5, 'all of it on a phone');
  });

  it('takes wheels in pixels and in lines, and two fingers', () => {
    assert.ok(wheelFactor(-100, 0) > 1 && wheelFactor(100, 0) < 1);
    assert.equal(wheelFactor(-100, 0) * wheelFactor(100, 0), 1);
    assert.equal(wheelFactor(5, 1), wheelFactor(100, 0));
    assert.equal(wheelFactor(1e9, 0), wheelFactor(200, 0));
    assert.deepEqual(spread({ x: 0, y: 0 }, { x: 30, y: 40 }), { middle: { x: 15, y: 20 }, apart: 50 });
    assert.equal(spread({ x: 5, y: 5 }, { x: 5, y: 5 }).apart, 1, 'fingers on one spot divide nothing by nothing');
  });
});

describe('console: a drawing of many pages', () => {
  it('knows its parameters, and is shown with those of a page', () => {
    const drawing = { title: 'Room {room}', svg: '<svg id="{no}"><text>{room} on {floor}</text></svg>', elements: { t: { point: '{room}.T', fill: [{ above: '{limit}' as unknown as number, colour: 'warm' }] } } };
    assert.deepEqual(parametersOf(drawing, drawing.svg), ['floor', 'limit', 'room']);
    const { value, svg } = withParameters(drawing, drawing.svg, { room: 'R1 & <R2>', limit: 26 });
    assert.equal(svg, '<svg id="{no}"><text>R1 &amp; &lt;R2&gt; on {floor}</text></svg>');
    assert.deepEqual([value.title, value.elements?.t], ['Room R1 & <R2>', { point: 'R1 & <R2>.T', fill: [{ above: 26, colour: 'warm' }] }]);
  });

  it('is told apart from what somebody else has made of it', () => {
    const digests = [{ svg: 'a' }, { svg: 'b' }, { svg: 'a', title: 'x' }, { svg: 'ab'.repeat(200_000) }].map(digestOf);
    assert.equal(new Set(digests).size, 4);
    assert.equal(digestOf({ svg: 'a' }), digests[0]);
  });
});
