import assert from 'node:assert/strict';
import { definitionIn, editDefinition } from '../../src/config/index.js';
import { problemsOf, siteOf, siteWith } from './fake-driver.js';

const PLANT = `devices: {d: {driver: fake, host: h}}
points:
  T: {device: d, at: "num:1", unit: degC, write: true}
  Run: {device: d, at: "bit:0", states: [stop, run]}
  Kwh: {device: d, at: "num:3", unit: kWh}
  Name: {device: d, at: "txt:1"}
trends: [{points: [Kwh]}]
`;
const SVG = `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 10 10"><text id="t">0</text><rect id="box"/><g id="fan"/></svg>`;
const site = (graphics: string, rest = ''): string => siteWith(`${PLANT}${rest}graphics:\n${graphics}`);
const graphic = (elements: string, more = ''): string => `  AHU: {${more}svg: '${SVG}', elements: {${elements}}}\n`;

describe('config: graphics', () => {
  it('reads a drawing and what its elements do', () => {
    const { graphics } = siteOf(site(graphic('t: {point: T, text: {decimals: 2}}, box: {point: T, fill: [{below: 18, colour: cold}, {colour: "#abc"}], level: {}}, fan: {point: Run, spin: [{is: run}], open: {graphic: AHU}}', 'title: Air handling unit, area: Tower/Roof, ')));
    assert.deepEqual(graphics, [{
      name: 'AHU', title: 'Air handling unit', area: 'Tower/Roof', colours: 'theme',
      svg: SVG.replace('<rect id="box"/><g id="fan"/>', '<rect id="box"></rect><g id="fan"></g>'),
      elements: {
        t: { point: 'T', text: { decimals: 2 } },
        box: { point: 'T', fill: [{ below: 18, colour: 'cold' }, { colour: '#abc' }], level: { from: 0, to: 100, grows: 'up' } },
        fan: { point: 'Run', spin: [{ is: 'run' }], open: { graphic: 'AHU' } },
      },
    }]);
  });

  it('tells every mistake at once, with what was meant', () => {
    const text = site(`  AHU:
    svg: '${SVG}'
    under: Bulding
    elements:
      tt: {point: T, text: true}
      box: {point: Tt, text: true, fill: [{is: run, colour: rde}]}
      fan: {point: Run, spin: [{is: runn}], turn: {}, open: command}
      t: {text: true, fill: [{above: 5, below: 3, point: T, colour: warm}], open: {graphic: ahu}}
  Building: {svg: '<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 1 1"><rect onclick="x()"/></svg>', elements: {a: {point: Nope}}}
`);
    assert.deepEqual(problemsOf(text).map((line) => line.replace(/^site\.yaml:\d+:\d+ error /, '')), [
      'CONFIG_REFERENCE graphics.AHU.under: there is no graphic `Bulding`; did you mean `Building`?',
      'CONFIG_REFERENCE graphics.AHU.elements.tt: the drawing has no element with the id `tt`; did you mean `t`?',
      'CONFIG_INVALID graphics.AHU.elements.box.fill[0].colour: must be one of normal, off, on, cold, cool, comfort, warm, hot, air, water, attention, alarm, or #rrggbb (found "rde")',
      'CONFIG_REFERENCE graphics.AHU.elements.fan.spin[0].is: `Run` has no state `runn`, only stop, run; did you mean `run`?',
      'CONFIG_CLASH graphics.AHU.elements.fan.turn: `Run` is not a number',
      'CONFIG_CLASH graphics.AHU.elements.fan.open: `Run` cannot be written',
      'CONFIG_INVALID graphics.AHU.elements.t.text: of which point? Give the element a `point`, or this one',
      'CONFIG_INVALID graphics.AHU.elements.t.fill[0]: nothing is above 5 and below 3',
      'CONFIG_REFERENCE graphics.AHU.elements.t.open.graphic: there is no graphic `ahu`; did you mean `AHU`?',
      'DRAWING_UNSAFE graphics.Building.svg: line 1 of the drawing: `onclick` of <rect>: a drawing runs nothing',
      'CONFIG_REFERENCE graphics.Building.elements.a.point: there is no point `Nope`',
    ]);
  });

  it('bounds drawings, and knows circles', () => {
    assert.match(problemsOf(site(`  A: {svg: '${SVG}', under: B}\n  B: {svg: '${SVG}', under: A}\n`)).join('\n'), /CONFIG_CLASH graphics\.A\.under: `A` lies under itself/);
    const large = `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 1 1"><path d="${'M0 0'.repeat(125_000)}"/></svg>`;
    assert.match(problemsOf(site(Array.from({ length: 9 }, (_, index) => `  A${index}: {svg: '${large}'}\n`).join(''))).join('\n'), /DRAWING_INVALID graphics: the drawings have \d+ KiB together, and at most 4096/);
  });

  it('places a graphic under the one around its area', () => {
    const { graphics } = siteOf(site(`  Building: {svg: '${SVG}', area: Tower}\n  Roof: {svg: '${SVG}', area: Tower/Roof}\n  AHU: {svg: '${SVG}', area: Tower/Roof/AHU}\n  Fan: {svg: '${SVG}', area: Tower, under: AHU}\n`));
    assert.deepEqual(graphics?.map(({ under }) => under), [undefined, 'Building', 'Roof', 'AHU']);
  });

  it('gives each alarm the graphic that it names, or the one that shows its point', () => {
    const alarms = 'alarms: {a: {point: T, high: 5}, b: {point: T, high: 5, graphic: AHU}, c: {point: Kwh, high: 5, graphic: "AHU#fan"}, d: {point: Kwh, high: 5}, e: {point: T, high: 5, graphic: "https://x/y"}}\n';
    const { alarms: read } = siteOf(site(graphic('box: {point: Run, fill: [{point: T, above: 5, colour: alarm}]}, t: {point: T, text: true}'), alarms));
    assert.deepEqual(read.slice(0, 5).map((each) => each.graphic), ['#/graphics?name=AHU&element=t', '#/graphics?name=AHU&element=t', '#/graphics?name=AHU&element=fan', undefined, 'https://x/y']);
    assert.match(problemsOf(site(graphic(''), 'alarms: {a: {point: T, high: 5, graphic: AHX}, b: {point: T, high: 5, graphic: "AHU#fax"}}\n')).join('\n'), /alarms\.a\.graphic: there is no graphic `AHX`; did you mean `AHU`.*\n.*alarms\.b\.graphic: the graphic `AHU` has no element with the id `fax`; did you mean `fan`/);
  });

  describe('one drawing for many pages', () => {
    const ROOM = `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 10 10"><text>Room {room} &lt;{floor}&gt;</text><text id="t">0</text><rect id="box" fill="#{room}"/></svg>`;
    const drawings = (more = '', elements = 't: {point: "{room}", text: true}, box: {point: "{room}", fill: [{above: "{limit}", colour: warm}], open: {graphic: "{floor}"}}'): string => `drawings:\n  Room: {title: "Room {room}", under: "{floor}", ${more}svg: '${ROOM}', elements: {${elements}}}\n`;
    const pages = (...uses: readonly string[]): string => `${graphic('').replace('AHU', 'F1')}${uses.map((use, index) => `  R${String(index)}: {drawing: Room, ${use}}\n`).join('')}`;

    it('fills parameters into texts and bindings, keeps numbers numbers and what they say out of the tags', () => {
      const { graphics = [] } = siteOf(site(pages('parameters: {room: T, floor: F1, limit: 26.5}', 'title: Meters, area: Tower/F1, parameters: {room: Kwh, floor: F1, limit: 3}'), drawings()));
      const [, first, second] = graphics;
      assert.deepEqual([first?.title, first?.under, first?.drawing, first?.parameters], ['Room T', 'F1', 'Room', { room: 'T', floor: 'F1', limit: 26.5 }]);
      assert.deepEqual(first?.elements.box, { point: 'T', fill: [{ above: 26.5, colour: 'warm' }], open: { graphic: 'F1' } });
      assert.match(first.svg, /<text>Room T &lt;F1&gt;<\/text>.*fill="#\{room\}"/);
      assert.deepEqual([second?.title, second?.area, second?.elements.t], ['Meters', 'Tower/F1', { point: 'Kwh', text: true }]);
      // A parameter is a text, whatever stands in it.
      const sly = siteOf(site(pages(`parameters: {room: T, floor: F1, limit: 1, who: '</text><script>x()</script>'}`), drawings().replace('<text>Room', '<text>{who}')));
      assert.match(sly.graphics?.[1]?.svg ?? '', /<text>&lt;\/text&gt;&lt;script&gt;x\(\)&lt;\/script&gt; T/);
      assert.equal(new Set([drawings(), drawings('area: Tower, ')].map((text) => siteOf(site(pages('parameters: {room: T, floor: F1, limit: 1}'), text)).revision)).size, 2);
    });

    it('tells what is wrong at the page or at the drawing, with the pages that have it', () => {
      const wrong = problemsOf(site(`${pages('parameters: {room: T, floor: F1}', 'parameters: {room: T, floor: F9, limit: 1, x: 1}', 'parameters: {room: TT, floor: F1, limit: 1}', 'parameters: {room: TTT, floor: F1, limit: a}, under: F3')}  A: {drawing: Rom}\n  B: {drawing: Room, svg: x}\n`, `${drawings()}  Idle: {svg: '<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 1 1"><script/></svg>'}\n  Odd: 5\n`)).map((line) => line.replace(/^site\.yaml:\d+:\d+ /, ''));
      for (const line of [
        'error CONFIG_REFERENCE graphics.R0.parameters: the drawing `Room` needs `limit`',
        'error CONFIG_UNKNOWN_KEY graphics.R1.parameters.x: the drawing `Room` has no parameter `x`',
        'error CONFIG_REFERENCE drawings.Room.under: there is no graphic `F9`; did you mean `F1`? (in R1)',
        'error CONFIG_REFERENCE drawings.Room.elements.t.point: there is no point `TT`; did you mean `T`? (in R2)',
        'error CONFIG_INVALID drawings.Room.elements.box.fill[0].above: must be a number (found "a") (in R3)',
        'error CONFIG_REFERENCE graphics.R3.under: there is no graphic `F3`; did you mean `F1`?',
        'error CONFIG_REFERENCE graphics.A.drawing: there is no drawing `Rom`; did you mean `Room`?',
        'error CONFIG_CLASH graphics.B: `B` shows the drawing `Room`: it has no `svg` and no `elements` of its own',
        'warning CONFIG_REFERENCE drawings.Idle: no page under `graphics` shows this drawing',
        'error DRAWING_UNSAFE drawings.Idle.svg: line 1 of the drawing: <script>: a drawing runs nothing',
        'error CONFIG_INVALID drawings.Odd: must be a block with `svg`, and what its elements do',
      ]) assert.ok(wrong.includes(line), `${line}\nnot in\n${wrong.join('\n')}`);
      assert.deepEqual(problemsOf(site(pages('parameters: {room: T, floor: F1, limit: 1}'), drawings('', 'tt: {point: "{room}"}, t: {point: "{limit}{floor}"}'))).map((line) => line.replace(/^site\.yaml:\d+:\d+ /, '')), [
        'error CONFIG_REFERENCE drawings.Room.elements.tt: the drawing has no element with the id `tt`; did you mean `t`? (in R0)',
        'error CONFIG_REFERENCE drawings.Room.elements.t.point: there is no point `1F1` (in R0)',
      ]);
    });
  });

  it('reads the figures of the overview', () => {
    const kpis = 'kpis: [{title: Warm, show: count, points: ["T*"], above: 26, below: 20}, {title: Energy, show: today, point: Kwh}, {title: Pair, show: pair}]\n';
    assert.deepEqual(siteOf(site(graphic(''), kpis)).kpis, [{ title: 'Warm', show: 'count', points: ['T'], above: 26, below: 20 }, { title: 'Energy', show: 'today', point: 'Kwh' }, { title: 'Pair', show: 'pair' }]);
    assert.deepEqual(problemsOf(site(graphic(''), 'kpis: [{title: a, show: today, point: T}, {title: b, show: count, points: [Run]}, {title: c, show: point, point: Name, high: 3, open: X}, {title: d, show: nonsense}]\n')).map((line) => line.replace(/^.* error /, '')), [
      'CONFIG_REFERENCE kpis[0].point: no trend records `T`: what it was at midnight is known of recorded points only',
      'CONFIG_INVALID kpis[1]: what is counted? Say `is`, `above` or `below`',
      'CONFIG_CLASH kpis[2].point: `Name` is not a number',
      'CONFIG_REFERENCE kpis[2].open: there is no graphic `X`',
      'CONFIG_INVALID kpis[3].show: must be one of point, today, count, alarms, points, devices, active-node, pair (found "nonsense")',
    ]);
  });

  it('is part of the revision, and written as a block that people can read', () => {
    const plain = siteWith(PLANT);
    const put = editDefinition(plain, 'graphics', 'AHU', { title: 'A', svg: '<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 1 1">\n  <rect id="r"/>\n</svg>\n', elements: { r: { point: 'T' } } });
    assert.match(put, /svg: \|\n +<svg/);
    const again = editDefinition(put, 'graphics', 'B', { svg: '<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 1 1">\n</svg>\n' });
    assert.match(again, /\n {2}B:\n {4}svg: \|\n {6}<svg/);
    assert.deepEqual((definitionIn(again, 'graphics', 'AHU') as { elements: unknown }).elements, { r: { point: 'T' } });
    const changed = editDefinition(again, 'graphics', 'AHU', { title: 'A', svg: '<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 2 2">\n</svg>\n' });
    assert.equal(new Set([plain, put, again, changed].map((text) => siteOf(text).revision)).size, 4);
  });
});
