import { runLoad } from './run-load.js';

try {
  await runLoad(process.argv.slice(2));
} catch (error) {
  console.error(error instanceof Error ? error.message : error);
  process.exit(1);
}
