import type { PointDefinition } from '../contract/index.js';

/** Names and definitions of the points of one configuration revision; ids are dense, from 0. */
export class PointTable {
  private readonly byName = new Map<string, PointDefinition>();

  constructor(
    readonly revision: string,
    private readonly definitions: readonly PointDefinition[],
    /** False for a list of names from an old store, which does not say what kind of value each point had. */
    readonly knowsKinds = true,
  ) {
    for (const definition of definitions) this.byName.set(definition.name, definition);
  }

  get size(): number {
    return this.definitions.length;
  }

  byId(id: number): PointDefinition {
    const definition = this.definitions[id];
    if (definition === undefined) throw new RangeError(`no point has id ${id}`);
    return definition;
  }

  find(name: string): PointDefinition | undefined {
    return this.byName.get(name);
  }

  all(): readonly PointDefinition[] {
    return this.definitions;
  }
}

/** Of a node that holds nothing yet; a store that is read into it brings the table that it was written under. */
export const EMPTY_TABLE = new PointTable('', []);
