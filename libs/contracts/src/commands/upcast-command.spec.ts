import { describe, expect, it } from '@jest/globals';
import { COMMAND_TYPES } from './commands.dto.js';
import {
  COMMAND_UPCASTERS,
  newestCommandType,
  upcastCommand,
  type CommandUpcasters,
} from './parse-command.js';

/** A member's name has become two, and those a list. */
const upcasters: CommandUpcasters = {
  'greet.v1': {
    to: 'greet.v2',
    data: (older) => {
      const [first, last] = (older as { name: string }).name.split(' ');
      return { first, last };
    },
  },
  'greet.v2': { to: 'greet.v3', data: (older) => ({ names: Object.values(older as object) }) },
};

describe('upcastCommand', () => {
  it('upcasts a command step by step to the newest version', () => {
    expect(upcastCommand('greet.v1', { name: 'Amal Haddad' }, upcasters)).toEqual({
      type: 'greet.v3',
      data: { names: ['Amal', 'Haddad'] },
    });
    expect(newestCommandType('greet.v1', upcasters)).toBe('greet.v3');
    expect(upcastCommand('greet.v2', { first: 'Amal' }, upcasters).data).toEqual({ names: ['Amal'] });
  });

  it.each(['greet.v3', 'constructor', ''])('returns a command of the type "%s" unchanged', (type) => {
    const data = { names: [] };
    expect(newestCommandType(type, upcasters)).toBe(type);
    expect(upcastCommand(type, data, upcasters)).toEqual({ type, data });
  });

  it('never returns an unknown type', () => {
    const ends = Object.values(COMMAND_UPCASTERS).map(({ to }) => to);
    const known = [...Object.keys(COMMAND_TYPES), ...Object.keys(COMMAND_UPCASTERS)];
    expect(ends.filter((to) => !known.includes(to))).toEqual([]);
  });
});
