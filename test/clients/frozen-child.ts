// A node of its own process, to be frozen: tells its address, then each write that it carries out.
import { FakeNode, demoTable } from './fake-node.js';

const node = new FakeNode('a', demoTable());
const push = node.writes.push.bind(node.writes);
node.writes.push = (...commands) => {
  for (const { value } of commands) process.stdout.write(`write ${String(value)}\n`);
  return push(...commands);
};
await node.server.start();
node.activate(1);
process.stdout.write(`at ${node.server.url}\n`);
// Its parent has gone.
process.stdin.on('end', () => process.exit()).resume();
