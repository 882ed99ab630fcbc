import type { Frame } from '../../../src/image/index.js';
import type { Gateway } from '../../../src/gateway.js';
import type { Operation } from '../../../simulators/disk/index.js';
import type { FieldWrite } from '../plant.js';
import type { Confirmed } from '../sim-client.js';
import type { Life, SimNode } from '../sim-node.js';
import type { SimWorld } from '../world.js';

/** Something that must hold whatever goes wrong: looks at what it needs to see, and says `world.wrong` when it does not. */
export interface Invariant {
  /** After every event of the world. */
  step?(world: SimWorld): void;
  /** A process has started. */
  begun?(world: SimWorld, node: SimNode, gateway: Gateway): void;
  ending?(world: SimWorld, node: SimNode, life: Life): void;
  /** A node has cut or applied a frame. */
  frame?(world: SimWorld, node: SimNode, frame: Frame): void;
  /** These writes are safe on the node's disk. */
  durable?(world: SimWorld, node: SimNode, operations: readonly Operation[]): void;
  /** A PLC has been written. */
  fieldWrite?(world: SimWorld, write: FieldWrite): void;
  /** A client has asked for a command, each with a value of its own. */
  commanded?(world: SimWorld, point: string, value: number): void;
  /** A client was told that something is done. */
  confirmed?(world: SimWorld, confirmed: Confirmed): void;
  /** The story is over, everything has been mended, and nothing is asked for any more. */
  end?(world: SimWorld): Promise<void>;
}
