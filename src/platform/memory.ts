import { getHeapSpaceStatistics, setFlagsFromString } from 'node:v8';

/** Both halves of the space of young objects. 32 MB are V8's own bound, of which all stay resident once they have been used. */
const YOUNG_BYTES = 8 << 20;
/** How far the heap grows beyond what is in use before it is collected again; V8 by itself lets it double and more. */
const GROWING_PERCENT = 30;

/**
 * Collects what is garbage now, gives its pages back to the system, and from here on collects sooner. For the one moment when
 * a node has read its documents and nothing hangs on it yet: reading 50,000 points leaves 80 MB behind, which the process
 * would hold on to, and at its speed the young objects of a node in operation, most of them columns of frames, would fill
 * whatever they are given before they are looked at.
 */
export async function giveBackMemory(): Promise<void> {
  // The only call that makes V8 give up the space of young objects too. Some builds of Node have no inspector.
  const inspector = await import('node:inspector').catch(() => undefined);
  if (inspector === undefined) return;
  const session = new inspector.Session();
  session.connect();
  await new Promise<void>((resolve) => session.post('HeapProfiler.collectGarbage', () => resolve()));
  session.disconnect();
  boundYoungObjects();
  setFlagsFromString(`--heap-growing-percent=${GROWING_PERCENT}`);
}

/** V8 takes the largest size of that space at its start only; how it grows it reads each time. */
function boundYoungObjects(): void {
  // It grows by what survives: a list does, until it is let go of.
  for (let round = 0; round < 64 && youngBytes() < YOUNG_BYTES; round++) survivors(20_000);
  setFlagsFromString('--semi-space-growth-factor=1');
}

function survivors(count: number): number {
  const kept: object[] = [];
  for (let index = 0; index < count; index++) kept.push({ index });
  return kept.length;
}

function youngBytes(): number {
  return getHeapSpaceStatistics().find(({ space_name: name }) => name === 'new_space')?.space_size ?? Infinity;
}
