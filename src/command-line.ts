import { dispatch } from './cli/dispatch.js';
import { isTandemError } from './contract/index.js';

try {
  process.exit(await dispatch(process.argv.slice(2)));
} catch (error) {
  console.error(isTandemError(error) ? `${error.code}: ${error.message}` : error);
  process.exit(isTandemError(error, 'USAGE') ? 2 : 1);
}
