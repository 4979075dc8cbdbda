import { describe, expect, it } from '@jest/globals';
import { createTool, type Command } from '#libs/cli';
import { describeAction } from './audit.js';

/** Describes what is typed after the name of a tool with these subcommands. */
async function describeTyped(...typed: string[]): Promise<string> {
  const described: string[] = [];
  const program = createTool('tool', 'a tool');
  const note = (command: Command) => void described.push(describeAction('tool', command));
  program
    .command('reset')
    .argument('<projection>')
    .option('--at-end')
    .option('--wait <seconds>', '', '15')
    .action((_name, _options, command: Command) => note(command));
  program
    .command('dead-letters')
    .command('redrive')
    .argument('[places...]')
    .action((_places, _options, command: Command) => note(command));
  await program.parseAsync(typed, { from: 'user' });
  return described.join();
}

describe('describeAction', () => {
  it('names subcommand, arguments and the options that were typed', async () => {
    expect(await describeTyped('reset', 'publisher', '--at-end')).toBe('tool reset publisher --at-end');
    expect(await describeTyped('reset', 'inbox', '--wait', '3')).toBe('tool reset inbox --wait 3');
  });

  it('names the parents of a subcommand, and the places of messages', async () => {
    expect(await describeTyped('dead-letters', 'redrive', 'invitations.sent/3@17', '4@2')).toBe(
      'tool dead-letters redrive invitations.sent/3@17 4@2',
    );
  });

  it.each(['amal@network.example', '"a b"@network.example', 'Amal <amal@1.example>', 'amal@17mail.example'])(
    'leaves out the address %s',
    async (address) => {
      expect(await describeTyped('reset', address)).toBe('tool reset (an address)');
    },
  );
});
