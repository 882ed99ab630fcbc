/** What stands in place of `{name}`. */
export type Parameter = string | number | boolean;
export type Parameters = ReadonlyMap<string, Parameter>;

const placeholder = /\{([A-Za-z_][A-Za-z0-9_]*)\}/g;

/** `value` with each `{name}` in its texts and keys replaced; what has no parameter stays as it is written. */
export function substituted(value: unknown, parameters: Parameters): unknown {
  if (typeof value === 'string') {
    // A value that is nothing but a parameter keeps the parameter's type, so that numbers stay numbers.
    const whole = /^\{(\w+)\}$/.exec(value)?.[1];
    return (whole === undefined ? undefined : parameters.get(whole)) ?? filled(value, parameters);
  }
  if (Array.isArray(value)) return value.map((item) => substituted(item, parameters));
  if (!isBlock(value)) return value;
  return Object.fromEntries(Object.entries(value).map(([key, inner]) => [filled(key, parameters), substituted(inner, parameters)]));
}

/** A text with each `{name}` in it replaced. */
export function filled(text: string, parameters: Parameters): string {
  return text.replace(placeholder, (written, name: string) => String(parameters.get(name) ?? written));
}

/** Names of the placeholders in texts and keys. */
export function placeholdersIn(value: unknown): Set<string> {
  if (typeof value === 'string') return new Set([...value.matchAll(placeholder)].map((match) => match[1] ?? ''));
  if (Array.isArray(value)) return new Set(value.flatMap((item) => [...placeholdersIn(item)]));
  if (!isBlock(value)) return new Set();
  return new Set(Object.entries(value).flatMap(([key, inner]) => [...placeholdersIn(key), ...placeholdersIn(inner)]));
}

/** Text between tags of a drawing that a node has cleaned: there `<` and `>` stand in tags only. */
const drawnText = />([^<>]+)</g;

/** A cleaned drawing with each `{name}` in its texts replaced; attributes stay as they were checked. */
export function filledDrawing(svg: string, parameters: Parameters): string {
  return svg.replace(drawnText, (written, text: string) => (text.includes('{') ? `>${text.replace(placeholder, (whole, name: string) => escaped(String(parameters.get(name) ?? whole)))}<` : written));
}

/** Placeholders in the texts of a cleaned drawing. */
export function placeholdersOfDrawing(svg: string): Set<string> {
  return new Set([...svg.matchAll(drawnText)].flatMap(([, text]) => [...placeholdersIn(text)]));
}

function escaped(text: string): string {
  return text.replace(/&/g, '&amp;').replace(/</g, '&lt;').replace(/>/g, '&gt;').replace(/"/g, '&quot;');
}

function isBlock(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
