/** What a device answers when it does not do what it was asked, told apart by kind. */
import { AbortReason as AbortReasons, ErrorClass as ErrorClasses, ErrorCode as ErrorCodes, RejectReason as RejectReasons } from '@bacnet-js/client/dist/lib/enum.js';
import { isTandemError, TandemError } from '../../src/contract/index.js';
import { decodeError, type PropertyError } from './services.js';

/** Error-PDU, Reject-PDU and Abort-PDU (ANSI/ASHRAE 135 clauses 18.4–18.10). */
export type Refusal =
  | ({ readonly kind: 'error' } & PropertyError)
  | { readonly kind: 'reject'; readonly reason: number }
  | { readonly kind: 'abort'; readonly reason: number };

/** Error codes that the driver tells apart (clause 18). */
export const ErrorCode = {
  invalidArrayIndex: 42,
  noSpaceToAddListElement: 19,
  optionalFunctionalityNotSupported: 45,
  propertyIsNotAnArray: 50,
  unknownObject: 31,
  unknownProperty: 32,
} as const;

/** How a device says that an object has no priority array. */
export const NO_PRIORITY_ARRAY: readonly number[] = [ErrorCode.unknownProperty, ErrorCode.propertyIsNotAnArray, ErrorCode.invalidArrayIndex];

export function refused(refusal: Refusal): TandemError {
  return new TandemError('FIELD_REJECTED', `the device answers: ${describeRefusal(refusal)}`, { details: { refusal } });
}

/** What an Error-PDU says, or that it says nothing that one understands. */
export function refusedBy(body: Uint8Array): TandemError {
  try {
    return refused({ kind: 'error', ...decodeError(body) });
  } catch (error) {
    return isTandemError(error) ? error : new TandemError('FIELD_MALFORMED', 'the error of the device is malformed', { cause: error });
  }
}

/** Why the device refused, if `error` is a refusal. */
export function refusalOf(error: unknown): Refusal | undefined {
  return isTandemError(error, 'FIELD_REJECTED') ? (error.details.refusal as Refusal | undefined) : undefined;
}

export function describeRefusal(refusal: Refusal): string {
  switch (refusal.kind) {
    case 'error': return `error ${name(ErrorClasses, refusal.errorClass)}: ${name(ErrorCodes, refusal.errorCode)}`;
    case 'reject': return `rejected, ${name(RejectReasons, refusal.reason)}`;
    case 'abort': return `aborted, ${name(AbortReasons, refusal.reason)}`;
  }
}

function name(names: Record<number, string>, value: number): string {
  return names[value]?.toLowerCase().replaceAll('_', '-') ?? String(value);
}
