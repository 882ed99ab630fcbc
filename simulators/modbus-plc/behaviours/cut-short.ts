import { rightFrame, type Behaviour } from './behaviour.js';

/** Half of the answer, and nothing more. */
export function cutShort(): Behaviour {
  return {
    frames: (reply) => {
      const frame = rightFrame(reply);
      return [frame.slice(0, frame.length >> 1)];
    },
  };
}
