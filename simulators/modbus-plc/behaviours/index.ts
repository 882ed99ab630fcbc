import type { FaultKind } from '../faults.js';
import { badCrc } from './bad-crc.js';
import type { Behaviour } from './behaviour.js';
import { busy } from './busy.js';
import { cutShort } from './cut-short.js';
import { delay } from './delay.js';
import { drop } from './drop.js';
import { duplicate } from './duplicate.js';
import { echo } from './echo.js';
import { exception } from './exception.js';
import { garbage } from './garbage.js';
import { hang } from './hang.js';
import { late } from './late.js';
import { reset } from './reset.js';
import { slowStart } from './slow-start.js';
import { wrongEcho } from './wrong-echo.js';
import { wrongFunction } from './wrong-function.js';
import { wrongLength } from './wrong-length.js';
import { wrongTransaction } from './wrong-transaction.js';
import { wrongUnit } from './wrong-unit.js';

/** What a fault makes the PLC do. */
export function behaviourOf(fault: FaultKind): Behaviour {
  switch (fault.kind) {
    case 'exception':
      return exception(fault);
    case 'delay':
      return delay(fault);
    case 'slow-start':
      return slowStart(fault);
    default:
      return plain[fault.kind]();
  }
}

/** Faults without parameters. */
export const plain = {
  busy,
  late,
  drop,
  hang,
  dead: hang,
  reset,
  'wrong-transaction': wrongTransaction,
  'wrong-unit': wrongUnit,
  'wrong-function': wrongFunction,
  'wrong-length': wrongLength,
  'wrong-echo': wrongEcho,
  duplicate,
  'cut-short': cutShort,
  garbage,
  'bad-crc': badCrc,
  echo,
} as const;
