import { statfs } from 'node:fs/promises';
import type { NodeHealth } from '../contract/index.js';

/** Room on the disk that holds `folder`, and the memory of this process. */
export async function measureMachine(folder: string): Promise<Pick<NodeHealth, 'diskFreeBytes' | 'memoryBytes'>> {
  const { bavail, bsize } = await statfs(folder);
  return { diskFreeBytes: bavail * bsize, memoryBytes: process.memoryUsage.rss() };
}
