import assert from 'node:assert/strict';
import { problemsOf, siteOf, siteWith } from './fake-driver.js';

const devices = 'devices: {d1: {driver: fake, host: h}, d2: {driver: fake, host: h}}\n';

describe('config: templates', () => {
  it('makes points after the written ones, in the order of `use`, with parameters in keys and values', () => {
    const site = siteOf(siteWith(`${devices}templates:
  vav:
    "{p}.ZnT": {device: "{d}", at: "num:{z}1", unit: degC, area: "Tower/{area}", cov: "{cov}"}
    "{p}.Occ": {device: "{d}", at: "bit:{z}2", states: ["{off}", occupied]}
use:
  - {template: vav, p: R102, d: d2, z: 1, area: F1, cov: 0.5, off: vacant}
  - {template: vav, p: R101, d: d1, z: 2, area: F2, cov: 1, off: free}
points: {First: {device: d1, at: "num:0"}}
alarms: {hot: {point: R101.ZnT, high: 28}}
`));
    assert.deepEqual(site.points.map(({ id, name, device, area, cov, states }) => [id, name, device, area, cov, states]), [
      [0, 'First', 'd1', undefined, undefined, undefined],
      [1, 'R102.ZnT', 'd2', 'Tower/F1', 0.5, undefined],
      [2, 'R102.Occ', 'd2', undefined, undefined, ['vacant', 'occupied']],
      [3, 'R101.ZnT', 'd1', 'Tower/F2', 1, undefined],
      [4, 'R101.Occ', 'd1', undefined, undefined, ['free', 'occupied']],
    ]);
    assert.deepEqual(site.devices[0]?.points.map(({ id, address }) => [id, address]), [[0, 'num:0'], [3, 'num:21'], [4, 'bit:22']]);
    assert.deepEqual(site.alarms[0]?.watch, { kind: 'limits', point: 3, high: 28, deadband: 0 });
  });

  it('points at the line of the template, names the instance, and tells once what all have in common', () => {
    const rest = `${devices}templates:
  vav:
    "{p}.ZnT":
      device: "{d}"
      at: "nun:1"
      unti: degC
use:
  - {template: vav, p: R101, d: d1}
  - {template: vav, p: R102, d: d9}
  - {template: vav, p: R103, d: d2}
`;
    assert.deepEqual(problemsOf(siteWith(rest)), [
      'site.yaml:6:15 error CONFIG_REFERENCE templates.vav.{p}.ZnT.device: there is no device `d9`; did you mean `d1`? (in R102.ZnT)',
      'site.yaml:7:11 error CONFIG_ADDRESS templates.vav.{p}.ZnT.at: `nun:1` is no address (in R101.ZnT and 1 more)',
      'site.yaml:8:7 error CONFIG_UNKNOWN_KEY templates.vav.{p}.ZnT.unti: there is no key `unti` here; did you mean `unit`? (in R101.ZnT and 1 more)',
    ]);
  });

  it('checks the entries of `use`', () => {
    const rest = `${devices}templates:
  vav: {"{p}.ZnT": {device: "{d}", at: "num:{z}"}}
  idle: {"{p}.X": {device: d1, at: "num:1"}}
  odd: 5
use:
  - {template: vaw, p: R1, d: d1, z: 1}
  - {template: vav, p: R1, d: d1}
  - {template: vav, p: R1, d: d1, z: 1, zone: 2}
  - {template: vav, p: R1, d: d1, z: 2}
  - {template: vav, p: R2, d: [d1], z: 3}
  - {p: R1}
  - vav
  - {template: odd}
`;
    assert.deepEqual(problemsOf(siteWith(rest)), [
      'site.yaml:5:3 warning CONFIG_REFERENCE templates.idle: no entry of `use` names this template',
      'site.yaml:6:8 error CONFIG_INVALID templates.odd: must be a block of points',
      'site.yaml:8:16 error CONFIG_REFERENCE use[0].template: there is no template `vaw`; did you mean `vav`?',
      'site.yaml:9:5 error CONFIG_REFERENCE use[1]: template `vav` needs `z`',
      'site.yaml:10:41 error CONFIG_UNKNOWN_KEY use[2].zone: template `vav` has no parameter `zone`',
      'site.yaml:11:5 error CONFIG_DUPLICATE use[3]: makes points that exist already: R1.ZnT',
      'site.yaml:12:28 error CONFIG_INVALID use[4].d: a parameter must be a text, a number or true/false',
      'site.yaml:13:5 error CONFIG_INVALID use[5]: must be a block with `template` and the parameters of that template',
      'site.yaml:14:5 error CONFIG_INVALID use[6]: must be a block with `template` and the parameters of that template',
    ]);
  });
});
