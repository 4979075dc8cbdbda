import { describe, expect, it } from '@jest/globals';
import { plainToInstance } from 'class-transformer';
import { IsArray, IsInt, IsOptional, IsString, validateSync, ValidateNested } from 'class-validator';
import { COMMAND_TYPES } from '#libs/contracts';
import { passesFastValidation } from '../../../libs/contracts/src/validation/parse-dto.js';
import { expectForAll, TIMEOUT_MS } from '../../properties/runs.js';
import { mutatedCommand } from './arbitraries.js';

const problems = (instance: object) =>
  validateSync(instance, { whitelist: true, forbidNonWhitelisted: true, forbidUnknownValues: true });

const seen = { valid: 0, flawed: 0 };

describe('passesFastValidation', () => {
  it(
    'returns true for exactly those commands in which class-validator finds no error',
    () => {
      expectForAll('fast validation', mutatedCommand, ({ type, data }) => {
        const dto: new () => object = COMMAND_TYPES[type];
        const instance = plainToInstance(dto, data);
        const isFlawed = problems(instance).length > 0;
        if (passesFastValidation(dto, instance) === isFlawed)
          throw new Error(isFlawed ? 'let through' : 'objected to');
        seen[isFlawed ? 'flawed' : 'valid'] += 1;
      });
      expect(seen.valid).toBeGreaterThan(10);
      expect(seen.flawed).toBeGreaterThan(10);
    },
    TIMEOUT_MS,
  );

  it('returns false for a class with decorators other than constraints on plain values', () => {
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
    for (const type of [WithNested, WithEach, Undecorated])
      expect(passesFastValidation(type, new type())).toBe(false);
  });

  it('returns true for an optional field that is absent or null', () => {
    class Optional {
      @IsOptional()
      @IsInt()
      number?: number | null;
    }
    const withNumber = (number?: unknown) =>
      passesFastValidation(Optional, Object.assign(new Optional(), { number }));
    expect([undefined, null, 1, 1.5, '1'].map(withNumber)).toEqual([true, true, true, false, false]);
  });
});
