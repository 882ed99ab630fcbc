/** What a client may ask of a node, and what a node keeps for one. docs/client-protocol.md names them. */
export const limits = {
  /** Bytes of one message of a client, and of a REST body. */
  messageBytes: 64 * 1024,
  connections: 4_000,
  /** REST requests of one address: so many at once, then so many a second. */
  requests: { burst: 20_000, perSecond: 2_000 },
  subscriptionsPerSocket: 16,
  /** Patterns with `*` in one subscription; names without are looked up and cost nothing. */
  globsPerSubscription: 64,
  /** Writes and acknowledgements of one socket that have no result yet. */
  requestsInFlight: 200,
  /** Malformed messages before the socket is closed. */
  malformed: 5,
  /** Messages of one socket between two heartbeats. */
  messagesPerBeat: 1_000,
  /** Above it nothing is sent any more: what follows is merged until the socket has drained. */
  bufferedBytes: 256 * 1024,
  /** Heartbeats that a socket may stay above it before it is given up. */
  stalledBeats: 60,
  heartbeatMs: 1_000,
  /** Heartbeats that this node itself may be late (frozen, or suspended with its machine) until its sockets count as left: clients leave after three. */
  awayBeats: 5,
  /** Heartbeats that it may be late until a REST request that changes something is carried out only where its client is still connected. */
  lateBeats: 2,
  /** A WebSocket ping goes out every so many heartbeats; without a sign of life by the next one the socket is dead. */
  beatsPerPing: 15,
  /** Log entries kept for a subscription that is behind; past that it gets a snapshot. */
  logsOwed: 1_000,
  /** Frames kept for a subscription while it is being filled. */
  framesQueued: 128,
  /** How long a position ahead of this node's is waited for. */
  resumeWaitMs: 2_000,
} as const;
