/** Areas of these, with those above them (`Tower/F1` lies in `Tower`), in the order of the alphabet. */
export function areasOf(things: readonly { readonly area?: string | undefined }[]): readonly string[] {
  const found = new Set<string>();
  for (const { area } of things) {
    if (area === undefined || found.has(area)) continue;
    const parts = area.split('/');
    for (let count = 1; count <= parts.length; count++) found.add(parts.slice(0, count).join('/'));
  }
  return [...found].sort((a, b) => a.localeCompare(b));
}
