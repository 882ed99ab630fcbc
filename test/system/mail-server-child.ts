/**
 * A real mail server in a process of its own, so that it can be killed: `mail-server-child.js <port> <takes|hangs>`. Prints `ready`, then each
 * message that it has read as a line of JSON; one that `hangs` never says that it has taken it.
 */
import { SMTPServer } from 'smtp-server';

const [port, how] = process.argv.slice(2);
const server = new SMTPServer({
  disabledCommands: ['STARTTLS', 'AUTH'],
  onData: (stream, _session, done) => {
    let text = '';
    stream.on('data', (chunk: Buffer) => (text += chunk.toString('utf8')));
    stream.on('end', () => {
      process.stdout.write(`${JSON.stringify(text)}\n`);
      if (how === 'takes') done();
    });
  },
});
// (A client that is killed is an error to the server, and none to the test.)
server.on('error', () => undefined);
server.listen(Number(port), '127.0.0.1', () => process.stdout.write('ready\n'));
