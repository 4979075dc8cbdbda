import { spawnSync } from 'node:child_process';
import { existsSync, globSync, readFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { describe, expect, it } from '@jest/globals';

const PROJECT = resolve(import.meta.dirname, '../../..');
const textOf = (path: string) => readFileSync(join(PROJECT, path), 'utf8');

interface Command {
  readonly about: string;
  readonly programs: readonly (readonly string[])[];
}
interface Group {
  readonly about: string;
  readonly commands: Readonly<Record<string, Command>>;
  readonly otherwise?: Command;
}

/** The commands of the runner. A computed path, because the compiler has no types for it. */
const { COMMANDS, GROUPS } = (await import(join(PROJECT, 'libs/cli/scripts/commands.mjs'))) as {
  COMMANDS: Readonly<Record<string, Command>>;
  GROUPS: Readonly<Record<string, Group>>;
};
const { scripts } = JSON.parse(textOf('package.json')) as { scripts: Readonly<Record<string, string>> };

/** @param words the words after `npm run` or `run.mjs`: a script and an optional name */
function expectKnown([script, name]: readonly string[], where: string): void {
  const group = GROUPS[script!];
  const isKnown = group === undefined ? Object.hasOwn(COMMANDS, script!) : isNameOf(group, name);
  expect([where, isKnown]).toEqual([where, true]);
}

function isNameOf({ commands, otherwise }: Group, name: string | undefined): boolean {
  if (name === undefined || name.startsWith('-') || Object.hasOwn(commands, name)) return true;
  return otherwise !== undefined && [name, `${name}.spec.ts`].some((path) => existsSync(join(PROJECT, path)));
}

describe('the commands behind the npm scripts', () => {
  const commands = [COMMANDS, ...Object.values(GROUPS).map((group) => group.commands)].flatMap((all) =>
    Object.entries(all),
  );

  it.each(commands)(
    '%s runs programs that exist, in the sources if they have to be built',
    (_, { programs }) => {
      for (const words of programs) {
        const file = words.find((word) => !word.startsWith('--'))!;
        const source = file.replace(/^dist\/(.*)\.js$/, '$1.ts');
        expect([file, existsSync(join(PROJECT, source))]).toEqual([file, true]);
      }
    },
  );

  const arrayOption = /^--(roots|coverage\w+)=/;
  const ofJest = commands.filter(([, { programs }]) => programs.at(-1)![0] === 'node_modules/.bin/jest');

  it.each(ofJest)('%s passes on the words of the command line as patterns', (_, { programs }) => {
    // After such an option Jest would take them for more values of it.
    expect(programs.at(-1)!.at(-1)).not.toMatch(arrayOption);
  });

  it('are those that package.json names', () => {
    const own = Object.entries(scripts).filter(([, line]) =>
      line.startsWith('node libs/cli/scripts/run.mjs '),
    );
    expect(own.length).toBeGreaterThan(20);
    for (const [name, line] of own) expectKnown(line.split(' ').slice(2), name);
    for (const script of Object.keys({ ...COMMANDS, ...GROUPS })) expect(scripts).toHaveProperty([script]);
  });

  it('are those that documents and scripts name', () => {
    const files = globSync(
      [
        '{README,SECURITY}.md',
        '{docs,deploy,libs,apps,.github}/**/*.{md,yml,yaml}',
        '{apps,libs,test,examples,scripts}/**/*.{ts,tsx,mjs}',
        '.ci/*',
        '.githooks/*',
      ],
      { cwd: PROJECT },
    );
    const named = files.flatMap((file) =>
      [
        ...textOf(file).matchAll(
          /\bnpm (?:run (?:--silent )?|(?=test -- ))([a-z][\w:-]*)(?: -- ([\w./-]+))?/g,
        ),
      ].map(([, ...words]) => ({ file, words: words.filter((word) => word !== undefined) })),
    );
    expect(named.length).toBeGreaterThan(100);
    for (const { file, words } of named) {
      expect([file, words[0], Object.keys(scripts)]).toEqual([
        file,
        words[0],
        expect.arrayContaining([words[0]]),
      ]);
      if (Object.hasOwn(GROUPS, words[0]!)) expectKnown(words, `${file}: ${words.join(' ')}`);
    }
  });

  it.each([
    [['nonsense'], 'There is no command nonsense.'],
    [['tool', 'nonsense'], 'There is no nonsense.'],
    [['docs', 'rules', 'nonsense'], 'There is no nonsense.'],
    [['bench'], 'Usage: npm run bench -- <name> [arguments]'],
  ])('end with 2 and a list if the name is wrong: %j', (args, message) => {
    const { status, stderr, stdout } = spawnSync(process.execPath, ['libs/cli/scripts/run.mjs', ...args], {
      cwd: PROJECT,
      encoding: 'utf8',
    });
    expect({ status, stdout }).toEqual({ status: 2, stdout: '' });
    expect(stderr.split('\n')[0]).toBe(message);
    expect(stderr).toContain('Usage: npm run');
  });

  it('are listed with one line each', () => {
    const { status, stdout } = spawnSync(process.execPath, ['libs/cli/scripts/run.mjs', '--help'], {
      cwd: PROJECT,
      encoding: 'utf8',
    });
    expect(status).toBe(0);
    const lines = stdout.split('\n').map((line) => line.trim().replace(/ {2,}/, ': '));
    for (const [name, { about }] of commands) expect(lines).toContain(`${name}: ${about}`);
  });
});
