import { Store } from './store.js';

const key = 'tandem-alarm-sound';
const everyMs = 4_000;
const beepSeconds = 0.18;

/** The noise of what waits: two short tones each four seconds, as long as it is asked for. Whether it may be heard is kept in this browser. */
export class AlarmSound extends Store<boolean> {
  #audio: AudioContext | undefined;
  #timer: number | undefined;

  constructor() {
    super(window.localStorage.getItem(key) !== 'off');
  }

  toggle(): void {
    const on = !this.get();
    window.localStorage.setItem(key, on ? 'on' : 'off');
    this.set(on);
  }

  /** Sounds until it is called with false. */
  want(wanted: boolean): void {
    const on = wanted && this.get();
    if (on === (this.#timer !== undefined)) return;
    window.clearInterval(this.#timer);
    this.#timer = on ? window.setInterval(() => this.#beep(), everyMs) : undefined;
    if (on) this.#beep();
  }

  #beep(): void {
    // A browser lets a page be heard only after somebody has touched it.
    if (!navigator.userActivation.hasBeenActive) return;
    const audio = (this.#audio ??= new AudioContext());
    for (const [at, hertz] of [[0, 880], [0.24, 660]] as const) {
      const tone = audio.createOscillator();
      const gain = audio.createGain();
      tone.frequency.value = hertz;
      gain.gain.value = 0.12;
      tone.connect(gain).connect(audio.destination);
      tone.start(audio.currentTime + at);
      tone.stop(audio.currentTime + at + beepSeconds);
    }
  }
}
