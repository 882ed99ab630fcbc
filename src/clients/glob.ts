/**
 * Whether a name matches a pattern with `*` for any run of characters. Written out instead of turned into a
 * regular expression: patterns come from strangers, and `*a*a*a*a*b` as an expression backtracks for minutes.
 * This takes at most pattern × name steps.
 */
export function matchesGlob(pattern: string, name: string): boolean {
  let p = 0;
  let n = 0;
  let star = -1;
  let resumeAt = 0;
  while (n < name.length) {
    if (pattern[p] === '*') {
      star = p++;
      resumeAt = n;
    } else if (p < pattern.length && pattern[p] === name[n]) {
      p++;
      n++;
    } else if (star >= 0) {
      p = star + 1;
      n = ++resumeAt;
    } else {
      return false;
    }
  }
  while (pattern[p] === '*') p++;
  return p === pattern.length;
}

export function isGlob(pattern: string): boolean {
  return pattern.includes('*');
}

/** `#heating`: whatever carries the tag. No name begins so. */
export function isTag(pattern: string): boolean {
  return pattern.startsWith('#');
}

/** Whether a pattern, of names or of a tag, means a point. */
export function matchesPoint(pattern: string, { name, tags }: { readonly name: string; readonly tags?: readonly string[] }): boolean {
  if (!isTag(pattern)) return matchesGlob(pattern, name);
  const wanted = pattern.slice(1);
  return tags?.some((tag) => matchesGlob(wanted, tag)) === true;
}
