/** One after the other for each key. */
export class Turns {
  private readonly last = new Map<string, Promise<void>>();

  /** Resolves when it is the caller's turn, with what ends it. */
  async take(key: string): Promise<() => void> {
    const before = this.last.get(key);
    let end: () => void = () => undefined;
    const turn = new Promise<void>((resolve) => (end = resolve));
    const done = (before ?? Promise.resolve()).then(async () => turn);
    this.last.set(key, done);
    void done.then(() => {
      if (this.last.get(key) === done) this.last.delete(key);
    });
    await before;
    return end;
  }
}
