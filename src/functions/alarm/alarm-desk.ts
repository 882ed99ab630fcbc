import { TandemError, type AlarmAction } from '../../contract/index.js';
import type { FrameDraft } from '../../image/index.js';
import type { AlarmRunner } from './alarm-runner.js';

/** Where what people do to alarms meets whoever runs them now: open while this node is active. */
export class AlarmDesk {
  private runner: AlarmRunner | undefined;

  open(runner: AlarmRunner): void {
    this.runner = runner;
  }

  close(runner: AlarmRunner): void {
    if (this.runner === runner) this.runner = undefined;
  }

  /** Does it in the frame of `draft`; returns what is wrong, with nothing done. */
  act(action: AlarmAction, by: string, draft: FrameDraft): TandemError | undefined {
    return this.runner === undefined ? new TandemError('NOT_ACTIVE', 'this node is not active: ask the other one') : this.runner.act(action, by, draft);
  }
}
