import { writeSync } from 'node:fs';
import { append, frameOf, openFolder } from './rig.js';

/** Writes frames as fast as the disk takes them and says on standard output which ones are durable, until it is killed. */
const opened = await openFolder(process.argv[2] ?? '');
const { store, state } = opened;
store.durable$.subscribe((seq) => void writeSync(1, `${seq}\n`));
for (;;) {
  for (let i = 0; i < 7; i++) append(opened, frameOf(state.position.seq + 1));
  if (state.position.seq % 100 < 7) await store.checkpoint(state);
  await store.whenDurable(state.position.seq - 20);
  await new Promise((resolve) => void setImmediate(resolve));
}
