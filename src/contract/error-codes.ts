/**
 * Every operating error code, with the HTTP status it answers with over REST. `docs/errors.md` has one
 * row for each, and test/contract/error-codes.test.ts holds the two together.
 */
export const errorCodes = {
  // configuration
  CONFIG_SYNTAX: { status: 400 },
  CONFIG_FILE: { status: 400 },
  CONFIG_UNKNOWN_KEY: { status: 400 },
  CONFIG_INVALID: { status: 400 },
  CONFIG_DUPLICATE: { status: 400 },
  CONFIG_REFERENCE: { status: 400 },
  CONFIG_ADDRESS: { status: 400 },
  CONFIG_CLASH: { status: 400 },
  CONFIG_UNSAFE: { status: 400 },
  LICENCE_INVALID: { status: 400 },
  LICENCE_MODULE: { status: 400 },
  CONFIG_REFUSED: { status: 422 },
  CONFIG_CONFLICT: { status: 409 },
  CONFIG_PARTNER: { status: 409 },
  CONFIG_UNKNOWN: { status: 404 },
  CONFIG_STORED: { status: 500 },
  // command line
  USAGE: { status: 400 },
  PORT_IN_USE: { status: 500 },
  DATA_LOCKED: { status: 500 },
  VIRTUAL_ADDRESS: { status: 500 },
  NODE_UNREACHABLE: { status: 502 },
  // field
  FIELD_UNREACHABLE: { status: 502 },
  FIELD_TIMEOUT: { status: 504 },
  FIELD_REJECTED: { status: 502 },
  FIELD_MALFORMED: { status: 502 },
  FIELD_NOT_VERIFIED: { status: 502 },
  FIELD_CLOSED: { status: 503 },
  DEVICE_UNKNOWN: { status: 404 },
  DEVICE_NO_IDENTIFICATION: { status: 404 },
  // points and commands
  POINT_UNKNOWN: { status: 404 },
  POINT_READ_ONLY: { status: 403 },
  POINT_WRITE_ONLY: { status: 409 },
  POINT_NO_PRIORITIES: { status: 404 },
  VALUE_INVALID: { status: 422 },
  VALUE_OUT_OF_RANGE: { status: 422 },
  COMMAND_UNKNOWN: { status: 409 },
  COMMAND_IN_DOUBT: { status: 502 },
  ALARM_UNKNOWN: { status: 404 },
  ALARM_REFUSED: { status: 409 },
  SCHEDULE_UNKNOWN: { status: 404 },
  LOGIC_UNKNOWN: { status: 404 },
  LOGIC_RUNNING: { status: 409 },
  LOGIC_TRIAL_TOO_LONG: { status: 422 },
  DISCOVERY_UNKNOWN: { status: 404 },
  // role
  NOT_ACTIVE: { status: 503 },
  FENCED: { status: 503 },
  SWITCH_REFUSED: { status: 409 },
  CONFLICT_UNKNOWN: { status: 404 },
  VERIFY_REFUSED: { status: 409 },
  // store
  STORE_CORRUPT: { status: 500 },
  STORE_FAILED: { status: 500 },
  // sync link
  LINK_MALFORMED: { status: 400 },
  LINK_SITE: { status: 409 },
  LINK_REVISION: { status: 409 },
  LINK_VERSION: { status: 409 },
  LINK_TRUST: { status: 403 },
  LINK_INACTIVE: { status: 409 },
  TRUST_DAMAGED: { status: 500 },
  TRUST_UNKNOWN: { status: 404 },
  TRUST_REFUSED: { status: 409 },
  PARTNER_UNKNOWN: { status: 404 },
  // clients
  CLIENT_MALFORMED: { status: 400 },
  CLIENT_UNAUTHORIZED: { status: 401 },
  CLIENT_FORBIDDEN: { status: 403 },
  CLIENT_ORIGIN: { status: 403 },
  CLIENT_LIMIT: { status: 429 },
  // users
  USER_UNKNOWN: { status: 404 },
  USER_EXISTS: { status: 409 },
  USER_INVALID: { status: 422 },
  USER_LOCKED: { status: 429 },
  SETUP_REFUSED: { status: 403 },
  INTERNAL: { status: 500 },
} as const satisfies Record<string, { status: number }>;

export type ErrorCode = keyof typeof errorCodes;
