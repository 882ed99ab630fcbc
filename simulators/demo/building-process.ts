import { runBuilding } from './run-building.js';

try {
  await runBuilding(process.argv.slice(2));
} catch (error) {
  console.error(error instanceof Error ? error.message : error);
  process.exit(1);
}
