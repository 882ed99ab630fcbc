/** What the host counts for each device. Shown with the driver's own counters. */
export class HostCounters {
  polls = 0;
  failedPolls = 0;
  /** Polls that were not over when their class was due again. */
  overruns = 0;
  missedPeriods = 0;
  /** Polls that were put off because this node had more to do than it could. */
  delayedPolls = 0;
  lastPollMs = 0;
  longestPollMs = 0;
  /** Longest time that a poll had to wait for another class of its device. */
  longestWaitMs = 0;
  samples = 0;
  /** Samples that came while this node was not active. */
  droppedSamples = 0;
  /** A driver broke its contract: its stream ended in an error, its poll rejected, its stop failed. */
  driverFaults = 0;
  writes = 0;
  failedWrites = 0;

  toRecord(): Record<string, number> {
    const record: Record<string, number> = {};
    for (const [name, value] of Object.entries(this) as [string, number][]) record[`host${name.charAt(0).toUpperCase()}${name.slice(1)}`] = value;
    return record;
  }
}
