import type { RedundancyStatus } from '../../contract/redundancy-status.js';
import { Poller } from './poller.js';
import { combine, emptyRedundancy, untold, type RedundancyView } from './redundancy-view.js';
import { probeJson, postJson } from './rest.js';
import { Store } from './store.js';

const periodMs = 1000;
const refreshMs = [0, 250, 600];
const path = 'api/v1/redundancy';

/** Asks both nodes each second. The peer's address is learned, and kept when the own node falls silent. */
export class RedundancyStore extends Store<RedundancyView> {
  readonly #ownUrl: string;
  #peerUrl: string | undefined;
  #own: RedundancyStatus | undefined;
  readonly #poller = new Poller(periodMs, () => this.#poll());
  readonly #onNodes: (urls: readonly string[]) => void;
  #told = false;
  #asked = 0;
  #answered = 0;

  constructor(ownUrl: string, onNodes: (urls: readonly string[]) => void) {
    super(emptyRedundancy);
    this.#ownUrl = ownUrl;
    this.#onNodes = onNodes;
  }

  start(): void {
    this.#poller.start();
  }

  /** Asks at once, and twice more soon: after a change of roles the answer of a second ago is wrong. */
  refresh(): void {
    for (const delayMs of refreshMs) window.setTimeout(() => void this.#poll(), delayMs);
  }

  stop(): void {
    this.#poller.stop();
  }

  /** Either node may be asked to switch: the one that served this page, unless it is the one that is gone. */
  async switchOver(reason: string, token: string): Promise<void> {
    const base = this.#own === undefined && this.#peerUrl !== undefined ? this.#peerUrl : this.#ownUrl;
    await postJson(base, `${path}/switch`, { reason }, token);
    await this.#poll();
  }

  /** Tells the addresses of the nodes with the first answer, so that both are known before anything connects. */
  #learn(url: string | undefined): void {
    const isNew = url !== undefined && url !== '' && url !== this.#peerUrl && !sameOrigin(url, this.#ownUrl);
    if (isNew) this.#peerUrl = url;
    if (!isNew && this.#told) return;
    this.#told = true;
    this.#onNodes(this.#peerUrl === undefined ? [this.#ownUrl] : [this.#ownUrl, this.#peerUrl]);
  }

  async #poll(): Promise<void> {
    const turn = ++this.#asked;
    const [own, other] = await Promise.all([ask(this.#ownUrl), this.#peerUrl === undefined ? undefined : ask(this.#peerUrl)]);
    // Questions may overtake each other; an older answer says nothing new.
    if (turn < this.#answered) return;
    this.#answered = turn;
    this.#own = own;
    this.#learn(own?.peer?.consoleUrl);
    this.set(own === undefined && other === undefined ? untold(this.get()) : combine(own, other, this.#ownUrl, this.#peerUrl));
  }
}

function sameOrigin(a: string, b: string): boolean {
  return URL.canParse(a) && URL.canParse(b) && new URL(a).origin === new URL(b).origin;
}

async function ask(url: string): Promise<RedundancyStatus | undefined> {
  try {
    return (await probeJson(url, path)) as RedundancyStatus;
  } catch {
    // A node that does not answer is a state to show, not an error of the console.
    return undefined;
  }
}
