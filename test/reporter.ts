import Mocha from 'mocha';

/** The spec reporter, closing with the one line that `.ci/run` promises: `N passed, N failed[, N skipped]`. */
export default class ClosingLineReporter extends Mocha.reporters.Spec {
  override epilogue(): void {
    super.epilogue();
    const { passes, failures, pending } = this.stats;
    const skipped = pending > 0 ? `, ${String(pending)} skipped` : '';
    console.log(`${String(passes)} passed, ${String(failures)} failed${skipped}`);
  }
}
