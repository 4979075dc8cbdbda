import { openSync } from 'node:fs';
import { userInfo } from 'node:os';
import { pino } from 'pino';
import { continueWithoutOutput, type Command } from '#libs/cli';
import { createLogger, type Pool } from '#libs/platform';
import { recordAction, recordActionFinished, type OperatorAction } from './operator-actions.table.js';

/** Options that say who runs a tool, and why. */
export const withOperator = (program: Command): Command =>
  program
    .option('--operator <name>', 'who you are, for the record of changes', userInfo().username)
    .option('--why <text>', 'why you do this, for the record of changes');

/** What a tool with these options is about to do. */
export function operatorActionOf(program: Command, command: Command): OperatorAction {
  const { operator, why } = program.opts<{ operator: string; why?: string }>();
  return { operator, action: describeAction(program.name(), command), why };
}

/**
 * Records an action before it is carried out, in the table if there is a pool, and in the log at AUDIT_LOG. The action is not
 * interrupted when its output can no longer be written.
 * @returns what records that it has succeeded
 * @throws when the table cannot be written
 */
export async function startAction(
  done: OperatorAction,
  pool: Pool | undefined,
): Promise<() => Promise<void>> {
  continueWithoutOutput();
  const id = pool && (await recordAction(pool, done).catch(rejectUnrecorded));
  logAction(done);
  return async () => {
    if (pool !== undefined && id !== undefined) await recordActionFinished(pool, id);
  };
}

function rejectUnrecorded(error: unknown): never {
  const message = `the action cannot be recorded, so it was not started: ${String(error)}`;
  throw new Error(message, { cause: error });
}

/** Writes the action into the log at AUDIT_LOG. */
function logAction(done: OperatorAction): void {
  const path = process.env['AUDIT_LOG'];
  if (path) writeLine(path, done);
}

/**
 * Records every run of the subcommands that change something: who, what and why, in the table `operator_actions` before
 * the change, and in the log at AUDIT_LOG. A run with `--dry-run` changes nothing and is not recorded.
 * @param names of the subcommands, with those of their parents: `reset`, `dead-letters redrive`
 * @param withPool opens the tool's connection
 */
export function withAudit(
  program: Command,
  names: readonly string[],
  withPool: (work: (pool: Pool) => Promise<void>) => Promise<void>,
): Command {
  let id: string | undefined;
  return withOperator(program)
    .hook('preAction', async (_, command) => {
      if (!names.includes(pathOf(command).join(' ')) || command.opts()['dryRun'] === true) return;
      continueWithoutOutput();
      const done = operatorActionOf(program, command);
      await withPool(async (pool) => {
        id = await recordAction(pool, done);
      }).catch(rejectUnrecorded);
      logAction(done);
    })
    .hook('postAction', async () => {
      const finished = id;
      if (finished !== undefined) await withPool((pool) => recordActionFinished(pool, finished));
    });
}

/** The names of a subcommand and its parents, without the program's. */
const pathOf = (command: Command): string[] =>
  command.parent === null ? [] : [...pathOf(command.parent), command.name()];

/** Options whose values are recorded apart from the action. */
const RECORDED_APART = ['operator', 'why'];

/** As it was typed, with the values of its options. Addresses are left out, because they are personal data. */
export function describeAction(tool: string, command: Command): string {
  const options = Object.entries(command.opts()).flatMap(([name, value]) => {
    if (command.getOptionValueSource(name) !== 'cli' || RECORDED_APART.includes(name)) return [];
    const flag = `--${name.replaceAll(/[A-Z]/g, (letter) => `-${letter.toLowerCase()}`)}`;
    return value === true ? [flag] : [flag, String(value)];
  });
  return [tool, ...pathOf(command), ...command.args, ...options].map(withoutAddress).join(' ');
}

/** The place of a message, such as `invitations.sent/3@17`, also contains an @. */
const withoutAddress = (word: string): string => (/@(?!\d+$)/.test(word) ? '(an address)' : word);

/**
 * Appends a line to the file in AUDIT_LOG. In the images, that is the output of the container's first process, so that the
 * line is in the pod's log although the tool runs beside the app. A file that cannot be written stops no operator: the
 * action is in the table.
 */
function writeLine(path: string, done: OperatorAction): void {
  try {
    const destination = pino.destination({ dest: openSync(path, 'a'), sync: true });
    createLogger('audit', 'info', destination).info(done, 'an operator changes something');
  } catch (error) {
    process.stderr.write(`AUDIT_LOG ${path} cannot be written: ${String(error)}\n`);
  }
}
