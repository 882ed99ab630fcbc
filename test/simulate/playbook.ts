import { messageOf } from '../../src/contract/index.js';
import { allInvariants } from './invariants/index.js';
import { SimWorld } from './world.js';
import type { SimNode } from './sim-node.js';

const MONDAY_MS = Date.UTC(2026, 0, 5, 8);
const PATIENCE_MS = 60_000;

/**
 * Plays a story that is written down: blocks of commands, each followed by `----` and what happened, as etcd's raft has
 * them. Returns the same text with what happened this time, so that the two are compared as text.
 */
export async function playBook(text: string): Promise<{ text: string; wrongs: readonly string[] }> {
  const blocks = text.trimEnd().split(/\n\n+/);
  const options = /^world (\S+) (\S+)$/m.exec(text);
  const world = new SimWorld({
    seed: 1,
    startMs: MONDAY_MS,
    policy: options?.[1] === 'prefer-safety' ? 'prefer-safety' : 'prefer-availability',
    recovery: options?.[2] === 'automatic' ? 'automatic' : 'manual',
    clients: 1,
    invariants: allInvariants(),
  });
  world.plant.rest();
  await world.plant.start();
  world.clients[0]?.rest();
  world.clients[0]?.start();
  const told: string[] = [];
  for (const block of blocks) {
    const commands = block.split('\n----')[0] ?? '';
    for (const command of commands.split('\n')) {
      if (command !== '' && !command.startsWith('#') && !command.startsWith('world ')) await carryOut(world, command);
    }
    const lines = world.transcript.takeNew().map(readable);
    told.push([commands, '----', ...lines].join('\n'));
  }
  return { text: `${told.join('\n\n')}\n`, wrongs: world.wrongs };
}

/** Without what a reader does not care for, and what changes with every record that is added somewhere. */
function readable(line: string): string {
  return line
    .replace(/^( *\d+\.\d)\d\d/, '$1')
    .replace(/\bframes? \d+( to \d+)?/, 'frame …')
    .replace(/ for \d+ ms/, ' for … ms')
    .replace(/\d+ records of tail \w+/, '… records of a tail');
}

async function carryOut(world: SimWorld, command: string): Promise<void> {
  const [verb = '', ...words] = command.split(' ');
  const nodes = words.filter((word) => word === 'A' || word === 'B').map((word) => (word === 'A' ? world.a : world.b));
  const node = nodes[0] ?? world.a;
  switch (verb) {
    case 'start':
      for (const each of nodes) each.start();
      return;
    case 'kill':
      for (const each of nodes) each.kill();
      return;
    case 'power-off':
      for (const each of nodes) each.powerOff();
      return;
    case 'stop':
      node.stop();
      return;
    case 'freeze':
      node.freeze();
      return;
    case 'thaw':
      node.thaw();
      return;
    case 'cut':
      world.beginSplit();
      world.net.cut(world.a.address, world.b.address);
      return;
    case 'heal':
      world.endSplit();
      world.net.heal(world.a.address, world.b.address);
      return;
    case 'slow-disk':
      node.disk.syncMs = Number(words[1] ?? '1');
      return;
    case 'switch':
      node.gateway?.pair.switchOver('operator', 'by the book').catch((error: unknown) => world.say(node.id, messageOf(error)));
      return;
    case 'write': {
      const [point = '', value = ''] = words;
      void world.clients[0]?.write(point, Number(value)).then((held) => world.say('client1', `${point} = ${value}: ${held}`));
      return;
    }
    case 'wait':
      await world.time.advance(Number(words[0]) * 1_000);
      return;
    case 'until':
      await world.time.advanceUntil(conditionOf(world, node, words), PATIENCE_MS);
      return;
    case 'positions':
      for (const each of world.nodes) world.say(each.id, `${each.role}${each.gateway === undefined ? '' : `, epoch ${each.gateway.state.position.epoch.number}${each.isInSync ? ', protected' : ''}`}`);
      return;
    default:
      throw new RangeError(`no such command: ${command}`);
  }
}

function conditionOf(world: SimWorld, node: SimNode, words: readonly string[]): () => boolean {
  if (words[0] === 'in-sync') return () => world.isWhole;
  if (words[0] === 'live') return () => world.clients[0]?.client.state === 'live';
  return () => node.role === words[1];
}
