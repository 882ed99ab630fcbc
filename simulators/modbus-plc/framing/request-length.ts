/** Bytes of unit and PDU of the request that begins here, without check sum; undefined while that cannot be known. */
export function requestLength(data: Uint8Array): number | undefined {
  if (data.length < 2) return undefined;
  switch (data[1] ?? 0) {
    case 15:
    case 16:
      return data.length < 7 ? undefined : 7 + (data[6] ?? 0);
    case 22:
      return 8;
    case 23:
      return data.length < 11 ? undefined : 11 + (data[10] ?? 0);
    case 43:
      return 5;
    default:
      return 6;
  }
}
