import { CommandRunner } from 'nest-commander';

/** Of nest-commander's own commander. */
type Command = Parameters<CommandRunner['setCommand']>[0];

/** A command of the tool. Its help ends with examples; wrong usage ends the process with 2. */
export abstract class ToolCommand extends CommandRunner {
  /** Command lines behind `npm run replay --`. */
  protected abstract readonly examples: readonly string[];

  override setCommand(command: Command): this {
    command.exitOverride((error) => {
      throw error;
    });
    const heading = this.examples.length > 1 ? 'Examples' : 'Example';
    command.addHelpText('after', () =>
      ['', `${heading}:`, ...this.examples.map((line) => `  npm run replay -- ${line}`)].join('\n'),
    );
    return super.setCommand(command);
  }
}
