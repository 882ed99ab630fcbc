/** A port as an argument; 0 takes a free one. */
export function portIn(text: string, option: string): number {
  const port = Number(text);
  if (text === '' || !Number.isInteger(port) || port < 0 || port > 65_535) throw new Error(`${option} is a port from 0 (any that is free) to 65535, not "${text}"`);
  return port;
}
