// Prints what changes, over failovers: node follow.mjs TOKEN 'AHU1.*' http://10.20.0.1:8080 http://10.20.0.2:8080
import { TandemClient } from 'tandem/client';
import { WebSocket } from 'ws'; // Node 20 has none of its own; Node 22 and browsers do

const [token = '', points = '*', ...urls] = process.argv.slice(2);

const client = new TandemClient({ urls, token, points: [points], webSocket: (url) => new WebSocket(url) });
client.on('state', (state) => console.log(`${state} ${client.activeUrl ?? ''}`));
client.on('snapshot', () => client.points.forEach((point) => console.log(`${point.name} is ${point.value}`)));
client.on('change', (batch) => batch.points.forEach((point) => console.log(`${point.name} becomes ${point.value}`)));
client.on('log', (entry) => console.log(`alarm journal ${JSON.stringify(entry.data)}`));
client.on('problem', ({ code, message, url }) => console.error(`${url}: ${code} ${message}`));
client.start();
