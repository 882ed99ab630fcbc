import { randomBytes } from 'node:crypto';
import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { z } from 'zod';
import { TandemError, type Endpoint } from '../contract/index.js';
import { DurableFiles } from '../platform/durable-files.js';
import { consoleLog } from '../platform/log.js';
import { realClock, realRandom, realTimers } from '../platform/time.js';
import { webSocketLink } from '../platform/ws-link.js';
import { WitnessServer, type WitnessDisk, type WitnessRecord } from '../redundancy/index.js';
import { parse, type Command } from './command.js';

export const witness: Command = {
  name: 'witness',
  usage: [['witness --listen HOST:PORT --data DIR [--secret-file FILE] [--site NAME]…', 'run the witness of one or more sites, on a third machine']],
  async run(args) {
    const { values } = parse({ args: [...args], options: { listen: { type: 'string' }, data: { type: 'string' }, 'secret-file': { type: 'string' }, site: { type: 'string', multiple: true } } });
    if (values.listen === undefined || values.data === undefined) throw new TandemError('USAGE', 'tandem witness needs --listen HOST:PORT and --data DIR');
    const log = consoleLog('info', 'witness');
    const server = new WitnessServer({
      listen: endpoint(values.listen),
      secret: secretOf(values.data, values['secret-file'], (text) => log.info(text)),
      ...(values.site === undefined ? {} : { sites: values.site }),
      disk: diskIn(join(values.data, 'sites')),
      clock: realClock,
      timers: realTimers,
      random: realRandom,
      transport: webSocketLink,
      log,
    });
    const port = await server.start();
    console.log(`witness ready on port ${port}${values.site === undefined ? '' : ` for ${values.site.join(', ')}`}`);
    const signal = new Promise<'signal'>((resolve) => {
      for (const name of ['SIGINT', 'SIGTERM'] as const) process.once(name, () => resolve('signal'));
    });
    const end = await Promise.race([signal, server.failed]);
    if (end !== 'signal') log.error('the witness cannot go on: what it cannot write it must not promise', end);
    await server.stop();
    return end === 'signal' ? 0 : 1;
  },
};

const recordShape = z.object({ epoch: z.int(), holder: z.string(), members: z.array(z.string()), promiseMs: z.number() });

function diskIn(folder: string): WitnessDisk {
  const files = new DurableFiles(folder);
  return {
    load: async () => {
      const records = new Map<string, WitnessRecord>();
      for (const [site, raw] of files.readAll()) {
        const read = recordShape.safeParse(raw);
        if (!read.success) throw new TandemError('STORE_CORRUPT', `the record of site ${site} in ${folder} makes no sense: remove it while both nodes run`);
        records.set(site, read.data);
      }
      return records;
    },
    save: async (site, record) => files.write(site, record),
  };
}

/** The secret of both nodes and the witness: given as a file, or made at the first start. */
function secretOf(data: string, given: string | undefined, tell: (text: string) => void): string {
  const file = given ?? join(data, 'secret');
  if (!existsSync(file)) {
    if (given !== undefined) throw new TandemError('CONFIG_FILE', `${given} is not there`);
    mkdirSync(data, { recursive: true });
    writeFileSync(file, `${randomBytes(32).toString('base64url')}\n`, { mode: 0o600 });
    tell(`made ${file}: copy it to both nodes and name it there in witness: {secretFile: …}`);
  }
  const secret = readFileSync(file, 'utf8').trim();
  if (secret.length < 16) throw new TandemError('CONFIG_FILE', `${file} must hold a secret of at least 16 characters`);
  return secret;
}

function endpoint(text: string): Endpoint {
  const found = /^(?:\[([^\]]+)\]|([^:]+)):(\d{1,5})$/.exec(text);
  const host = found?.[1] ?? found?.[2];
  if (host === undefined || Number(found?.[3]) > 65_535) throw new TandemError('USAGE', `--listen is HOST:PORT, not ${text}`);
  return { host, port: Number(found?.[3]) };
}
