import type { Operation } from '../database.js';

/**
 * Blocks that memory has let go of and the disk does not show yet: by point, in the order in which they were made. Without them
 * a query that comes while a write is being synced would find a hole of 256 samples.
 */
export class InFlight {
  private readonly blocks = new Map<string, Set<Operation>>();
  private readonly pointOf = new Map<Operation, string>();

  add(point: string, operation: Operation): void {
    this.pointOf.set(operation, point);
    const others = this.blocks.get(point);
    if (others === undefined) this.blocks.set(point, new Set([operation]));
    else others.add(operation);
  }

  /** They are on the disk, and every query from now on finds them there. */
  landed(operations: readonly Operation[]): void {
    if (this.pointOf.size === 0) return;
    for (const operation of operations) {
      const point = this.pointOf.get(operation);
      if (point === undefined) continue;
      this.pointOf.delete(operation);
      const left = this.blocks.get(point);
      left?.delete(operation);
      if (left?.size === 0) this.blocks.delete(point);
    }
  }

  has(point: string): boolean {
    return this.blocks.has(point);
  }

  /** Key and bytes of each. */
  of(point: string): (readonly [key: string, bytes: Buffer])[] {
    return [...(this.blocks.get(point) ?? [])].flatMap((operation) => (operation.type === 'put' ? [[operation.key, operation.value] as const] : []));
  }
}
