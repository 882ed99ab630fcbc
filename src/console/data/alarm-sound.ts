import { soundPatterns, type Noise, type SoundPattern } from '../format/alarm-sound.js';
import { Store } from './store.js';

const key = 'tandem-alarm-sound';
const loudness = 0.12;
/** Without it, a tone begins and ends with a click. */
const rampSeconds = 0.01;

/** `mute`: the browser lets this page be heard only after somebody has touched it. */
export interface SoundState {
  readonly on: boolean;
  readonly mute: boolean;
}

/** The noise of what waits, by its priority, or of a console that sees nothing, as long as it is asked for. Whether it may be heard is kept in this browser. */
export class AlarmSound extends Store<SoundState> {
  #audio: AudioContext | undefined;
  #timer: number | undefined;
  #sounding: Noise | undefined;

  constructor() {
    super({ on: window.localStorage.getItem(key) !== 'off', mute: false });
  }

  toggle(): void {
    const on = !this.get().on;
    window.localStorage.setItem(key, on ? 'on' : 'off');
    this.update((state) => ({ ...state, on }));
  }

  /** Sounds like this until it is called with another one, or undefined. */
  want(wanted: Noise | undefined): void {
    const sounding = this.get().on ? wanted : undefined;
    if (sounding === this.#sounding) return;
    this.#sounding = sounding;
    window.clearInterval(this.#timer);
    if (sounding === undefined) {
      this.#muted(false);
      return;
    }
    const pattern = soundPatterns[sounding];
    this.#timer = window.setInterval(() => this.#sound(pattern), pattern.everyMs);
    this.#sound(pattern);
  }

  #sound(pattern: SoundPattern): void {
    const audio = (this.#audio ??= this.#open());
    if (audio.state === 'running') {
      play(audio, pattern);
      return;
    }
    this.#muted(true);
    // It complains of each try before somebody has touched the page.
    if (navigator.userActivation.hasBeenActive) void audio.resume();
  }

  /** A browser that was told so (a wall display) lets it run at once; any other one from the first click or key on. */
  #open(): AudioContext {
    const audio = new AudioContext();
    audio.addEventListener('statechange', () => {
      if (audio.state !== 'running') return;
      this.#muted(false);
      if (this.#sounding !== undefined) play(audio, soundPatterns[this.#sounding]);
    });
    const touched = (): void => {
      if (audio.state === 'suspended') void audio.resume();
    };
    for (const event of ['pointerup', 'keydown']) window.addEventListener(event, touched, { once: true });
    return audio;
  }

  #muted(mute: boolean): void {
    if (mute !== this.get().mute) this.update((state) => ({ ...state, mute }));
  }
}

function play(audio: AudioContext, { tones }: SoundPattern): void {
  const begin = audio.currentTime;
  for (const { atMs, lastsMs, hertz } of tones) {
    const from = begin + atMs / 1_000;
    const to = from + lastsMs / 1_000;
    const tone = audio.createOscillator();
    const gain = audio.createGain();
    tone.frequency.value = hertz;
    gain.gain.setValueAtTime(0, from);
    gain.gain.linearRampToValueAtTime(loudness, from + rampSeconds);
    gain.gain.setValueAtTime(loudness, to - rampSeconds);
    gain.gain.linearRampToValueAtTime(0, to);
    tone.connect(gain).connect(audio.destination);
    tone.start(from);
    tone.stop(to);
  }
}
