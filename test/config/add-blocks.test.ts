import assert from 'node:assert/strict';
import { addBlocks } from '../../src/config/index.js';

const blocks = 'devices:\n  # ACME M1\n  ahu: {driver: bacnet, line: lan, instance: 7}\n\npoints:\n  ahu.T: {device: ahu, object: AI:1} # can be commanded\n';

describe('adding what was found to a site document', () => {
  it('keeps what is there, with its comments, and brings the comments of what is new', () => {
    const text = addBlocks('# the tower\nsite: {name: s, timezone: UTC} # ours\ndevices:\n  plc: {driver: modbus-tcp} # old\n', blocks);
    assert.match(text, /^# the tower\nsite: \{name: s, timezone: UTC\} # ours\ndevices:\n {2}plc: \{driver: modbus-tcp\} # old\n {2}# ACME M1\n {2}ahu: \{driver: bacnet, line: lan, instance: 7\}\n/);
    assert.match(text, /points:\n {2}ahu\.T: \{device: ahu, object: AI:1\} # can be commanded\n$/);
    assert.match(addBlocks('devices: {}\npoints:\n', blocks), /devices:\n {2}# ACME M1\n {2}ahu: [^]*points:\n {2}ahu\.T:/);
    assert.equal(addBlocks('site: {name: s}\n', 'devices:\n\npoints:\n'), 'site: {name: s}\n');
  });

  it('refuses names that are taken, and what cannot be read', () => {
    assert.throws(() => addBlocks('devices: {ahu: {}}\n', blocks), { code: 'CONFIG_INVALID' });
    assert.throws(() => addBlocks('devices: [', blocks), { code: 'CONFIG_SYNTAX' });
  });
});
