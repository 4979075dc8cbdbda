import { writeSync } from 'node:fs';
import { Command, CommanderError } from 'commander';

/** A failure with a message for the person who ran the tool. The tool exits with 1. */
export class CliError extends Error {}

/** Arguments that contradict each other or name something that does not exist. The tool exits with 2. */
export class UsageError extends Error {}

export interface ToolOptions {
  /** Precedes the message of an error: `<errorPrefix>: <message>`. */
  readonly errorPrefix?: string;
  /** The exit code for wrong usage. */
  readonly usageExitCode?: number;
}

/** Creates the program of a tool. Errors and help are thrown rather than ending the process, for `runTool` to handle. */
export const createTool = (name: string, description: string): Command =>
  new Command(name).description(description).exitOverride();

/**
 * Formats examples for the end of a command's help: `.addHelpText('after', formatExamples(TOOL, 'events --raw'))`.
 * @param tool what precedes each example on the command line: `npm run replay --`
 */
export const formatExamples = (tool: string, ...examples: readonly string[]): string =>
  [`\n${examples.length > 1 ? 'Examples' : 'Example'}:`, ...examples.map((line) => `  ${tool} ${line}`)].join(
    '\n',
  );

/**
 * Parses the arguments of the process and runs the command that they name. Prints an error as one line on standard error and
 * sets the exit code: 0 for success and help, 1 for a failure, 2 for wrong usage.
 */
export async function runTool(
  program: Command,
  { errorPrefix, usageExitCode = 2 }: ToolOptions = {},
): Promise<void> {
  handleOutputErrors();
  if (process.pid === 1) exitOnSigterm();
  try {
    await program.parseAsync();
  } catch (error) {
    // Commander has already printed the help or its error.
    if (error instanceof CommanderError) process.exitCode = error.exitCode === 0 ? 0 : usageExitCode;
    else {
      const prefix = errorPrefix === undefined ? '' : `${errorPrefix}: `;
      process.stderr.write(`${prefix}${describeError(error)}\n`);
      process.exitCode = error instanceof UsageError ? usageExitCode : 1;
    }
  }
}

let continuesWithoutOutput = false;

/** To be called before a run changes something. From then on the run goes on to its end although nobody can read its output. */
export function continueWithoutOutput(): void {
  continuesWithoutOutput = true;
}

function handleOutputErrors(): void {
  continuesWithoutOutput = false;
  let isReported = false;
  process.stdout.on('error', (error: NodeJS.ErrnoException) => {
    // A reader such as `head` closes the pipe when it has read enough. This is not a failure.
    const isFailure = error.code !== 'EPIPE';
    if (isFailure && !isReported)
      writeSync(process.stderr.fd, `the output cannot be written: ${error.message}\n`);
    isReported = true;
    if (!continuesWithoutOutput) process.exit(isFailure ? 1 : 0);
    if (isFailure) process.exitCode = 1;
  });
  // There is nowhere left to say this. Without a listener, it would end the process.
  process.stderr.on('error', () => undefined);
}

/**
 * A tool is process 1 of its container, for which the kernel drops a signal without a handler. Ends the process as the signal
 * would end any other, unless the command has a handler of its own.
 */
function exitOnSigterm(): void {
  process.on('SIGTERM', () => {
    if (process.listenerCount('SIGTERM') === 1) process.exit(143);
  });
}

/** What the clients of servers say when a server does not respond. They do not say which. */
const NO_RESPONSE = [
  { text: 'Connection terminated due to connection timeout', server: 'PostgreSQL at DATABASE_URL' },
  { text: 'Broker not connected', server: 'Kafka at KAFKA_BROKERS' },
] as const;

/** One line. If none of several addresses can be reached, pg throws an AggregateError whose own message is empty. */
function describeError(error: unknown): string {
  if (error instanceof AggregateError) return error.errors.map(describeError).join('; ');
  const text = error instanceof Error ? error.message : String(error);
  const line = text.replaceAll(/\s*\n\s*/g, ' ');
  const silent = NO_RESPONSE.find((known) => line.includes(known.text));
  return silent === undefined ? line : `${line}; is ${silent.server} up, and reachable from here?`;
}
