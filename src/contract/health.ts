/** What a node measures of itself; what it cannot is left out. Told to the other node with the heartbeat. */
export interface NodeHealth {
  /** Room on the disk of the data folder. */
  readonly diskFreeBytes?: number;
  /** It is less than what the node document asks for. */
  readonly diskLow?: true;
  /** Resident memory of the process. */
  readonly memoryBytes?: number;
  /** Longest time within the last minute that the event loop stood still. */
  readonly loopStallMs?: number;
  /** Until the own certificate ends. */
  readonly certificateDays?: number;
}
