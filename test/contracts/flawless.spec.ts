import { describe, expect, it } from '@jest/globals';
import { plainToInstance } from 'class-transformer';
import { IsArray, IsInt, IsOptional, IsString, validateSync, ValidateNested } from 'class-validator';
import { COMMAND_TYPES } from '#libs/contracts';
import { isFlawless } from '../../libs/contracts/src/flawless.js';
import { expectForAll, TIMEOUT_MS } from '../properties/runs.js';
import { mutatedCommand } from './arbitraries.js';

const problems = (instance: object) =>
  validateSync(instance, { whitelist: true, forbidNonWhitelisted: true, forbidUnknownValues: true });

const seen = { flawless: 0, flawed: 0 };

describe('what is flawless', () => {
  it(
    'is what class-validator has nothing to say about, for every command',
    () => {
      expectForAll('flawless', mutatedCommand, ({ type, data }) => {
        const dto: new () => object = COMMAND_TYPES[type];
        const instance = plainToInstance(dto, data);
        const isFlawed = problems(instance).length > 0;
        if (isFlawless(dto, instance) === isFlawed) throw new Error(isFlawed ? 'let through' : 'objected to');
        seen[isFlawed ? 'flawed' : 'flawless'] += 1;
      });
      expect(seen.flawless).toBeGreaterThan(10);
      expect(seen.flawed).toBeGreaterThan(10);
    },
    TIMEOUT_MS,
  );

  it('is nothing of a class that asks for more than constraints on plain values', () => {
    class Inner {
      @IsString()
      text = 'x';
    }
    class WithNested {
      @ValidateNested()
      inner = new Inner();
    }
    class WithEach {
      @IsArray()
      @IsInt({ each: true })
      numbers = [1];
    }
    class Undecorated {
      text = 'x';
    }
    for (const type of [WithNested, WithEach, Undecorated]) expect(isFlawless(type, new type())).toBe(false);
  });

  it('includes what may be left out, and null for it', () => {
    class Optional {
      @IsOptional()
      @IsInt()
      number?: number | null;
    }
    const withNumber = (number?: unknown) => isFlawless(Optional, Object.assign(new Optional(), { number }));
    expect([undefined, null, 1, 1.5, '1'].map(withNumber)).toEqual([true, true, true, false, false]);
  });
});
