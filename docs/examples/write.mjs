// Writes one value and says how it is held: node write.mjs TOKEN R101.ZnTSp 21.5 http://10.20.0.1:8080 http://10.20.0.2:8080
// `relinquish` in place of the value gives the point up. Over a failover the same write goes to the other node, and is done once.
import { TandemClient, TandemClientError } from 'tandem/client';
import { WebSocket } from 'ws';

const [token = '', point = '', text = '', ...urls] = process.argv.slice(2);
const value = text === 'relinquish' ? null : Number.isNaN(Number(text)) ? text : Number(text);

const client = new TandemClient({ urls, token, points: [point], webSocket: (url) => new WebSocket(url) });
client.start();
try {
  const { held } = await client.write(point, value);
  console.log(`written, ${held === 'protected' ? 'on both nodes' : 'on one node only'}`);
} catch (error) {
  if (!(error instanceof TandemClientError)) throw error;
  console.error(`${error.code}: ${error.message}`); // docs/errors.md has the codes
  process.exitCode = 1;
} finally {
  client.close();
}
