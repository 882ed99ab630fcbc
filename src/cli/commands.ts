import { readFileSync } from 'node:fs';
import { alarm } from './alarm.js';
import { audit } from './audit.js';
import { check } from './check.js';
import { certificates } from './certificates.js';
import { discover } from './discover.js';
import { exportCommand } from './export.js';
import { importCommand } from './import.js';
import { config } from './config.js';
import { conflicts, events } from './events.js';
import { usageOf, type Command } from './command.js';
import { graphic } from './graphic.js';
import { license } from './license.js';
import { notification } from './notification.js';
import { point } from './point.js';
import { run } from './run.js';
import { redundancy } from './redundancy.js';
import { simulate } from './simulate.js';
import { token } from './token.js';
import { trust } from './trust.js';
import { user } from './user.js';
import { witness } from './witness.js';

const version: Command = {
  name: 'version',
  usage: [],
  run() {
    const manifest = JSON.parse(readFileSync(new URL('../../../package.json', import.meta.url), 'utf8')) as { version: string };
    console.log(manifest.version);
    return 0;
  },
};

const help: Command = {
  name: 'help',
  usage: [['help | version', '']],
  run() {
    console.log(usage());
    return 0;
  },
};

/** In the order of the usage text. */
export const commands: readonly Command[] = [
  run,
  check,
  discover,
  importCommand,
  exportCommand,
  redundancy,
  witness,
  config,
  graphic,
  point,
  alarm,
  notification,
  events,
  conflicts,
  simulate,
  trust,
  user,
  token,
  audit,
  certificates,
  license,
  help,
  version,
];

export function usage(): string {
  return usageOf(commands);
}
