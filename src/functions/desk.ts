import { TandemError } from '../contract/index.js';
import type { FrameDraft } from '../image/index.js';

/** Who carries out what people do while this node is active: the runner of alarms, that of notifications. */
export interface Acting<Action> {
  /** Does it in the frame of `draft`; returns what is wrong, with nothing done. */
  act(action: Action, by: string, draft: FrameDraft): TandemError | undefined;
}

/** Where what people do meets whoever runs it now: open while this node is active. */
export class Desk<Action> implements Acting<Action> {
  private runner: Acting<Action> | undefined;

  open(runner: Acting<Action>): void {
    this.runner = runner;
  }

  close(runner: Acting<Action>): void {
    if (this.runner === runner) this.runner = undefined;
  }

  act(action: Action, by: string, draft: FrameDraft): TandemError | undefined {
    return this.runner === undefined ? new TandemError('NOT_ACTIVE', 'this node is not active: ask the other one') : this.runner.act(action, by, draft);
  }
}
