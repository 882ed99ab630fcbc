/** Discovery as the command line and the console ask for it: {@link discover} with options, progress and site blocks. */
import { z } from 'zod';
import { durationMs, TandemError, type DiscoveryEvent, type DriverDiscovery, type DriverHost, type DiscoveryRequest } from '../../src/contract/index.js';
import { parsePlug } from './config.js';
import { discover, type KnownDevice } from './discover.js';
import { discovered } from './discovered.js';
import { edeExchange } from './ede-exchange.js';
import { siteBlocks } from './site-blocks.js';

const rangeText = /^(\d{1,7})(?:-(\d{1,7}))?$/;
const HIGHEST = 4_194_302;

const shape = {
  /** `1000-1999`, several with commas: instances of devices. */
  range: z.string().optional(),
  wait: durationMs.optional(),
  timeout: durationMs.optional(),
} satisfies z.ZodRawShape;

export const bacnetDiscovery: DriverDiscovery = {
  shape,
  run,
  exchange: edeExchange,
  blocks: (found, line, takenNames) => siteBlocks(found.map(({ detail }) => detail as KnownDevice), line, takenNames),
};

async function* run(host: DriverHost, { line, plug, options }: DiscoveryRequest): AsyncGenerator<DiscoveryEvent> {
  const parsed = z.object(shape).safeParse(options);
  if (!parsed.success) throw new TandemError('CONFIG_INVALID', parsed.error.issues.map((issue) => `${issue.path.join('.')}: ${issue.message}`).join(', '));
  const { range, wait, timeout } = parsed.data;
  const ranges = range === undefined ? undefined : rangesIn(range);
  const at = parsePlug(line, plug);
  let done = 0;
  yield { kind: 'progress', done, text: 'asking Who-Is' };
  let answered = 0;
  let left = ranges?.length ?? 1;
  const found = discover(host, at, {
    ...(ranges && { ranges }), ...(wait !== undefined && { waitMs: wait }), ...(timeout !== undefined && { timeoutMs: timeout }),
    onAnswers: (count) => {
      answered += count;
      left--;
    },
  });
  for await (const device of found) {
    done++;
    yield { kind: 'device', device: discovered(device) };
    // How many there are in all is known once the last range has answered.
    yield { kind: 'progress', done, ...(left > 0 ? {} : { total: answered }), text: `${answered} devices answer` };
  }
}

/** Throws CONFIG_INVALID. */
export function rangesIn(text: string): (readonly [low: number, high: number])[] {
  return text.split(',').map((part) => {
    const [, low, high = low] = rangeText.exec(part.trim()) ?? [];
    const range = [Number(low), Number(high)] as const;
    if (!(range[0] <= range[1] && range[1] <= HIGHEST)) throw new TandemError('CONFIG_INVALID', `"${part}" is no range of device instances: write 1000-1999`);
    return range;
  });
}

