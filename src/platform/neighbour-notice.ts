import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';

const SETTINGS = '/proc/sys/net/ipv6/conf';
/** Detection of duplicates without a question and without a random delay is through at once. */
const QUICK = { dad_transmits: '0', router_solicitation_delay: '0' } as const;
const LOOK_MS = 50;
const MOST_LOOKS = 60;

/**
 * Sets an address so that the kernel tells every neighbour of it: an unsolicited neighbour advertisement (RFC 4861, 7.2.6), for which
 * a program would need a raw socket. Linux sends one when duplicate address detection is through with a new address, where `ndisc_notify`
 * of the interface is on. It is left on; detection is quick on this interface only while the address is being set (who had it before has
 * surely lost it), and as it was before afterwards.
 *
 * False, and nothing set, where this process may not change settings of the kernel.
 */
export async function setWithNotice(dev: string, set: () => Promise<unknown>, isReady: () => Promise<boolean>): Promise<boolean> {
  const before = new Map<string, string>();
  try {
    try {
      await put(dev, 'ndisc_notify', '1');
      for (const [name, value] of Object.entries(QUICK)) before.set(name, await put(dev, name, value));
    } catch {
      return false;
    }
    await set();
    // Not used before: nobody would be answered.
    for (let looks = 0; looks < MOST_LOOKS && !(await isReady()); looks++) await new Promise((resolve) => setTimeout(resolve, LOOK_MS));
    return true;
  } finally {
    for (const [name, value] of before) await put(dev, name, value).catch(() => undefined);
  }
}

/** What it was before. */
async function put(dev: string, name: string, value: string): Promise<string> {
  const file = join(SETTINGS, dev, name);
  const before = (await readFile(file, 'utf8')).trim();
  if (before !== value) await writeFile(file, value);
  return before;
}
