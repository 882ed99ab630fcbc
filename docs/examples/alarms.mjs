// Shows alarms as they come and go, read from the standby where the site lets it (loadSharing), so that the active node is spared:
// node alarms.mjs TOKEN http://10.20.0.1:8080 http://10.20.0.2:8080; with `--acknowledge` before the token it acknowledges them.
import { TandemClient } from 'tandem/client';
import { WebSocket } from 'ws';

const isAnswering = process.argv[2] === '--acknowledge';
const [token = '', ...urls] = process.argv.slice(isAnswering ? 3 : 2);

const client = new TandemClient({ urls, token, points: [], readFrom: 'standby', webSocket: (url) => new WebSocket(url) });

/** @param {import('tandem/client').WireAlarm} alarm */
const show = async ({ name, state, priority, message }) => {
  console.log(`${priority} ${name} ${state}: ${message}`);
  if (!isAnswering || (state !== 'unacknowledged' && state !== 'returned-unacknowledged')) return;
  const { held } = await client.acknowledge(name, { note: 'seen by alarms.mjs' });
  console.log(`${name} acknowledged, ${held}`);
};

/** A request that is refused has a code; here it is enough to say so. @param {unknown} error */
const complain = (error) => console.error(String(error));

client.on('state', (state) => console.log(`${state}: values of ${client.sourceUrl ?? 'nobody'}, requests to ${client.activeUrl ?? 'nobody'}`));
client.on('snapshot', () => client.alarms.forEach((alarm) => void show(alarm).catch(complain)));
client.on('alarm', (alarm) => void show(alarm).catch(complain));
client.start();
