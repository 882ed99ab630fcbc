/** Exception codes, Modbus Application Protocol v1.1b3, clause 7. */
export const exceptions = { illegalFunction: 1, illegalAddress: 2, illegalValue: 3, deviceFailure: 4, acknowledge: 5, busy: 6, gatewayTargetSilent: 0x0b } as const;
