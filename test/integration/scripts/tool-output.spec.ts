import { spawnSync } from 'node:child_process';
import { join, resolve } from 'node:path';
import { describe, expect, it } from '@jest/globals';

const PROJECT = resolve(import.meta.dirname, '../../..');
const TOKEN = join(PROJECT, 'dist/apps/standalone/src/token.main.js');

/** @param rest of a command line of the shell, after the tool */
const run = (rest: string) => {
  const { status, stderr } = spawnSync('sh', ['-c', `"$0" "$1" ${rest}`, process.execPath, TOKEN], {
    encoding: 'utf8',
  });
  return [status, stderr];
};

describe('a tool', () => {
  it('says that its output cannot be written, as on a disk that is full', () => {
    expect(run('--help > /dev/full')).toEqual([
      1,
      'the output cannot be written: ENOSPC: no space left on device, write\n',
    ]);
  });

  it('fails when its errors cannot be written either', () => {
    expect(run('--help > /dev/full 2> /dev/full')).toEqual([1, '']);
  });

  it('ends without an error when its reader has enough', () => {
    expect(run('--help | true')).toEqual([0, '']);
  });
});

describe('the example of a publisher', () => {
  it.each([
    [[]],
    [['invitations.send.v1']],
    [['invitations.send.v1', '{']],
    [['invitations.send.v1', 'null']],
  ])('prints its usage for %j', (args) => {
    const { status, stderr } = spawnSync(process.execPath, [join(PROJECT, 'examples/publish.ts'), ...args], {
      encoding: 'utf8',
    });
    expect([status, stderr]).toEqual([
      2,
      'Usage: publish.ts <ce_type> <data: a JSON object> [<ce_id: a UUID>]\n',
    ]);
  });
});
