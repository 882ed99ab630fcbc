import { playJobs } from '../over-cores.js';
import { RandomStory } from './random-story.js';

playJobs<number>((seed) => new RandomStory(seed).play(90_000));
