/** Jest shows nothing of a file whose tests are all skipped. Prints at the end why they were: the warnings of these files. */
export default class SkipReasons {
  /** @type {Set<string>} */
  #reasons = new Set();

  onTestResult(_test, { numPendingTests, numPassingTests, numFailingTests, testFilePath, console: output }) {
    if (numPendingTests === 0 || numPassingTests + numFailingTests > 0) return;
    const warnings = (output ?? []).filter(({ type }) => type === 'warn').map(({ message }) => message);
    const file = testFilePath.slice(process.cwd().length + 1);
    this.#reasons.add(warnings.length === 0 ? `${file} does not say why` : `${file}: ${warnings.join(' ')}`);
  }

  onRunComplete() {
    for (const reason of this.#reasons) process.stderr.write(`Skipped: ${reason}\n`);
  }
}
