import { readFileSync } from 'node:fs';
import { describe, expect, it } from '@jest/globals';
import { accountOfCommand, parseCommand, parseProfile } from '#libs/contracts';

const linesOf = (name: string) =>
  readFileSync(new URL(`../../../examples/${name}`, import.meta.url), 'utf8')
    .trimEnd()
    .split('\n')
    .map((line) => JSON.parse(line) as Record<string, unknown>);

interface Line {
  readonly title: string;
  readonly key: string;
  readonly headers: Record<string, string>;
  readonly value: object;
}

const bytes = (value: object) => Buffer.from(JSON.stringify(value));

describe('examples/commands.jsonl', () => {
  const lines = linesOf('commands.jsonl') as unknown as Line[];

  it.each(lines)('parses: $title', ({ key, headers, value }) => {
    const command = parseCommand({ value: bytes(value), header: (name) => headers[name] });
    expect(command.data).toEqual(value);
    expect(accountOfCommand(command)).toBe(key);
    expect(headers).toMatchObject({ ce_specversion: '1.0', 'content-type': 'application/json' });
  });

  it('gives each command an id of its own', () => {
    expect(new Set(lines.map(({ headers }) => headers['ce_id'])).size).toBe(lines.length);
  });
});

describe('examples/members.jsonl', () => {
  it.each(linesOf('members.jsonl'))('parses: $id', (profile) => {
    expect(parseProfile({ value: bytes(profile) })).toEqual(profile);
  });
});
