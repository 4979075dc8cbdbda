export { Argument, InvalidArgumentError, Option, type Command } from 'commander';
export { collect, parseInteger } from './arguments.js';
export {
  decodeOrHex,
  escapeControlCharacters,
  formatTable,
  print,
  printToStderr,
  quoteIfNeeded,
  writeToStdout,
} from './output.js';
export { createProgressBar, showStatus, type ProgressBar } from './progress.js';
export {
  CliError,
  continueWithoutOutput,
  createTool,
  formatExamples,
  runTool,
  UsageError,
  type ToolOptions,
} from './run-tool.js';
