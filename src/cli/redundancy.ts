import { z } from 'zod';
import { TandemError, type Activity, type RedundancyStatus, type SettingInForce, type VerificationReport } from '../contract/index.js';
import { askNode } from '../platform/node-http.js';
import { realTimers } from '../platform/time.js';
import { parse, type Command } from './command.js';
import { addressOf, NODE_OPTIONS } from './node-address.js';

const verbs = ['status', 'settings', 'switch', 'force', 'hold', 'release', 'drill', 'verify'] as const;
type Verb = (typeof verbs)[number];

export const redundancy: Command = {
  name: 'redundancy',
  usage: [
    ['redundancy status --node FILE | --url URL --token TOKEN', 'state of the pair, as a node of it knows it'],
    ['redundancy settings --node FILE | --url URL --token TOKEN [--json]', 'each setting of the pair as the node goes by it, and which wait for its next start'],
    ['redundancy switch|force|hold|release|drill --node FILE | --url URL --token TOKEN [--reason TEXT] [--for DURATION]', 'hand control over; take it without the other node; suspend automatic switching'],
    ['redundancy verify --node FILE | --url URL --token TOKEN [--history DURATION] [--json]', 'compare the two nodes and name every difference; exit code 1 where there is one'],
  ],
  async run(args) {
    const { values, positionals } = parse({
      args: [...args],
      allowPositionals: true,
      options: { ...NODE_OPTIONS, reason: { type: 'string' }, for: { type: 'string' }, history: { type: 'string' }, json: { type: 'boolean' } },
    });
    const verb = verbs.find((each) => each === positionals[0]);
    if (verb === undefined || positionals.length !== 1) throw new TandemError('USAGE', `tandem redundancy ${verbs.join('|')} --node FILE | --url URL`);
    const { url, token } = addressOf(values);
    if (verb === 'status') {
      const status = await askNode<RedundancyStatus>(`${url}/api/v1/redundancy`, { token });
      console.log(values.json === true ? JSON.stringify(status, undefined, 2) : describe(status));
      return 0;
    }
    if (verb === 'settings') {
      const { settings } = await askNode<{ readonly settings: readonly SettingInForce[] }>(`${url}/api/v1/redundancy/settings`, { token });
      console.log(values.json === true ? JSON.stringify(settings, undefined, 2) : settings.map(line).join('\n'));
      return 0;
    }
    if (token === undefined) throw new TandemError('USAGE', `tandem redundancy ${verb} needs --token: the file \`token\` in the node's data folder holds it`);
    if (verb === 'verify') return verify(url, token, values.history, values.json === true);
    await askNode(`${url}/api/v1/redundancy/${verb}`, { method: 'POST', token, body: bodyOf(verb, values.reason, values.for) });
    // The node has taken it; how a move of control goes on is in the status.
    console.log(`${verb}: ${verb === 'hold' || verb === 'release' ? 'done' : 'begun, tandem redundancy status tells how it goes on'}`);
    return 0;
  },
};

function line({ name, inForce, configured, needsRestart }: SettingInForce): string {
  return `${name.padEnd(20)} ${inForce}${needsRestart ? `  (configured: ${configured ?? ''}; from the next start of the node on)` : ''}`;
}

const LOOK_MS = 300;

/** Waits for the end: exit code 0 without differences, 1 with. */
async function verify(url: string, token: string, history: string | undefined, json: boolean): Promise<number> {
  const at = `${url}/api/v1/redundancy/verify`;
  await askNode(at, { method: 'POST', token, body: history === undefined ? {} : { history } });
  let report = await askNode<VerificationReport>(at, { token });
  while (report.state === 'running') {
    await new Promise<void>((resolve) => realTimers.after(LOOK_MS, resolve));
    report = await askNode<VerificationReport>(at, { token });
  }
  if (json) console.log(JSON.stringify(report, undefined, 2));
  else {
    for (const { severity, part, text } of report.findings) console.log(`${severity.padEnd(10)} ${part}: ${text}`);
    if (report.history !== undefined) console.log(`history of ${report.history.points} points compared, ${report.history.samples} samples`);
  }
  if (report.state === 'failed' || report.state === 'not-verified') throw new TandemError('VERIFY_REFUSED', `the nodes were not compared: ${report.reason ?? report.lapsed ?? 'something changed meanwhile'}`);
  const differences = report.findings.filter(({ severity }) => severity === 'difference').length;
  if (!json) console.log(report.state === 'verified' ? 'no differences' : differences === 1 ? '1 difference' : `${differences} differences`);
  return report.state === 'verified' ? 0 : 1;
}

function bodyOf(verb: Verb, reason = 'by the command line', hold: string | undefined): object {
  if (verb === 'release' || verb === 'drill') return {};
  if (verb !== 'hold') return { reason };
  if (hold === undefined) throw new TandemError('USAGE', 'for how long? Give --for, e.g. --for 2h');
  return { reason, for: hold };
}

/** R10: what a `hot` standby reads otherwise. */
function comparisonOf({ comparison }: RedundancyStatus): string[] {
  if (comparison === undefined) return [];
  const { node, devices, differences } = comparison;
  const count = devices.reduce((sum, { differing }) => sum + differing, 0);
  const lost = devices.filter(({ state }) => state === 'unreachable');
  const waiting = devices.filter(({ state }) => state === 'waiting').length;
  return [
    `field beside the image, read by node ${node}: ${devices.length - waiting} of ${devices.length} devices compared, ${count === 0 ? 'no differences' : `${count} points differ (FIELD_DIFFERS)`}`,
    ...differences.map(({ point, device, image, field, sinceMs }) => `  ${point} of ${device}: image ${image}, node ${node} reads ${field}, since ${z.coerce.date().parse(sinceMs).toISOString()}`),
    ...(count > differences.length ? [`  and ${count - differences.length} more`] : []),
    ...lost.map(({ name, sinceMs = 0 }) => `  ${name}: not reached by node ${node} since ${z.coerce.date().parse(sinceMs).toISOString()}`),
  ];
}

/** What takes its time, as it is counted; a failure with its code. */
function activityLine({ node, kind, subject, by, step, text, done, total, unit, error }: Activity): string {
  const counted = done === undefined ? '' : `, ${done}${total === undefined ? '' : ` of ${total}`}${unit === undefined ? '' : ` ${unit}`}`;
  const what = `${kind}${subject === '' ? '' : ` of ${subject}`}${by === undefined ? '' : ` by ${by}`}`;
  return error === undefined ? `under way on node ${node}: ${what}: ${step}${counted}${text === undefined || text === '' ? '' : ` (${text})`}` : `failed on node ${node}: ${what}: ${error.message} (${error.code})`;
}

function describe(status: RedundancyStatus): string {
  const { self, peer, witness, hold, drill } = status;
  return [
    `site ${status.site}, configuration ${status.revision}`,
    `node ${self.id} (${self.mode}): ${self.state}${status.suspended === undefined ? '' : `, without effects: ${status.suspended}`}`,
    ...(peer === undefined ? [] : [`node ${peer.id} (${peer.mode}): ${peer.state}, sync ${status.sync.state}${status.sync.reason === undefined ? '' : ` (${status.sync.reason})`}`]),
    `confirmations are ${status.protected ? 'on both nodes' : 'on one node only'}; worst-case detection ${status.worstDetectionMs} ms`,
    ...(witness === undefined ? [] : [`witness ${witness.address}: ${witness.reachable ? 'reached' : 'lost'}, ${witness.state}${witness.refusal === undefined ? '' : `, last answer: ${witness.refusal}`}`]),
    ...(status.registers === undefined ? [] : [`register of the other node in the PLC: ${status.registers}`]),
    ...(status.activities ?? []).filter(({ state }) => state !== 'done').map(activityLine),
    ...(status.notes ?? []).map(({ code, message }) => `${code}: ${message}`),
    ...comparisonOf(status),
    ...(status.readers ?? []).map(({ id, following, lagFrames }) => `node ${id} reads: ${following ? `${lagFrames} frames behind` : 'not following'}`),
    ...(status.virtualAddress === undefined ? [] : [`virtual address ${status.virtualAddress.address}/${status.virtualAddress.prefix} on ${status.virtualAddress.interface}: ${status.virtualAddress.state}${status.virtualAddress.reason === undefined ? '' : `: ${status.virtualAddress.reason}`}`]),
    ...(hold === undefined ? [] : [`automatic switching is held by ${hold.by} until ${z.coerce.date().parse(hold.untilMs).toISOString()}: ${hold.reason}`]),
    ...(drill === undefined ? [] : [`drill by ${drill.by}: ${drill.phase}, gaps ${drill.gapsMs.map((ms) => `${ms} ms`).join(' and ') || 'not known yet'}${drill.phase === 'done' ? `, ${drill.lost ?? 0} lost, ${drill.repeated ?? 0} repeated` : ''}${drill.reason === undefined ? '' : `: ${drill.reason}`}`]),
    status.canSwitch ? 'switching is possible' : `switching is not possible: ${status.switchRefusal ?? ''}`,
  ].join('\n');
}
