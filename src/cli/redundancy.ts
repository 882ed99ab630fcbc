import { z } from 'zod';
import { TandemError, type RedundancyStatus } from '../contract/index.js';
import { askNode } from '../platform/node-http.js';
import { parse, type Command } from './command.js';

const verbs = ['status', 'switch', 'force', 'hold', 'release', 'drill'] as const;
type Verb = (typeof verbs)[number];

export const redundancy: Command = {
  name: 'redundancy',
  usage: [
    ['redundancy status --url URL', 'state of the pair, as a node of it knows it'],
    ['redundancy switch|force|hold|release|drill --url URL --token TOKEN [--reason TEXT] [--for DURATION]', 'hand control over; take it without the other node; suspend automatic switching'],
  ],
  async run(args) {
    const { values, positionals } = parse({
      args: [...args],
      allowPositionals: true,
      options: { url: { type: 'string' }, token: { type: 'string' }, reason: { type: 'string' }, for: { type: 'string' }, json: { type: 'boolean' } },
    });
    const verb = verbs.find((each) => each === positionals[0]);
    if (verb === undefined || positionals.length !== 1) throw new TandemError('USAGE', `tandem redundancy ${verbs.join('|')} --url URL`);
    if (values.url === undefined) throw new TandemError('USAGE', 'which node? Give --url, the address of its console');
    const url = values.url.replace(/\/+$/, '');
    if (verb === 'status') {
      const status = await askNode<RedundancyStatus>(`${url}/api/v1/redundancy`);
      console.log(values.json === true ? JSON.stringify(status, undefined, 2) : describe(status));
      return 0;
    }
    if (values.token === undefined) throw new TandemError('USAGE', `tandem redundancy ${verb} needs --token: the file \`token\` in the node's data folder holds it`);
    await askNode(`${url}/api/v1/redundancy/${verb}`, { method: 'POST', token: values.token, body: bodyOf(verb, values.reason, values.for) });
    console.log(`${verb}: done`);
    return 0;
  },
};

function bodyOf(verb: Verb, reason = 'by the command line', hold: string | undefined): object {
  if (verb === 'release' || verb === 'drill') return {};
  if (verb !== 'hold') return { reason };
  if (hold === undefined) throw new TandemError('USAGE', 'for how long? Give --for, e.g. --for 2h');
  return { reason, for: hold };
}

function describe(status: RedundancyStatus): string {
  const { self, peer, witness, hold, drill } = status;
  return [
    `site ${status.site}, configuration ${status.revision}`,
    `node ${self.id} (${self.mode}): ${self.state}${status.suspended === undefined ? '' : `, without effects: ${status.suspended}`}`,
    ...(peer === undefined ? [] : [`node ${peer.id} (${peer.mode}): ${peer.state}, sync ${status.sync.state}${status.sync.reason === undefined ? '' : ` (${status.sync.reason})`}`]),
    `confirmations are ${status.protected ? 'on both nodes' : 'on one node only'}; worst-case detection ${status.worstDetectionMs} ms`,
    ...(witness === undefined ? [] : [`witness ${witness.address}: ${witness.reachable ? 'reached' : 'lost'}, ${witness.state}${witness.refusal === undefined ? '' : `, last answer: ${witness.refusal}`}`]),
    ...(hold === undefined ? [] : [`automatic switching is held by ${hold.by} until ${z.coerce.date().parse(hold.untilMs).toISOString()}: ${hold.reason}`]),
    ...(drill === undefined ? [] : [`drill by ${drill.by}: ${drill.phase}, gaps ${drill.gapsMs.map((ms) => `${ms} ms`).join(' and ') || 'not known yet'}${drill.phase === 'done' ? `, ${drill.lost ?? 0} lost, ${drill.repeated ?? 0} repeated` : ''}${drill.reason === undefined ? '' : `: ${drill.reason}`}`]),
    status.canSwitch ? 'switching is possible' : `switching is not possible: ${status.switchRefusal ?? ''}`,
  ].join('\n');
}
