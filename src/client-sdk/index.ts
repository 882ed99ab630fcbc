export { TandemClient } from './tandem-client.js';
export { TandemClientError } from './types.js';
export type { ClientCounters, ClientEvents, ClientPoint, ClientState, ClientTimers, Held, ReadFrom, TandemClientOptions, WebSocketLike } from './types.js';
export type { WireAlarm, WireLog, WirePoint, WirePosition, WireValue } from '../contract/client-protocol.js';
