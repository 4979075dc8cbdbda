import { Transform } from 'class-transformer';
import { IsBoolean, IsNotEmpty, IsOptional, IsString } from 'class-validator';
import { IsConsistent } from './config.js';

/** An optional text, such as the path of a file. */
export function IsOptionalText(): PropertyDecorator {
  return (target, property) => {
    IsOptional()(target, property);
    IsString()(target, property);
    IsNotEmpty()(target, property);
  };
}

/** An optional variable that is `true` or `false`. */
export function IsOptionalFlag(): PropertyDecorator {
  return (target, property) => {
    IsOptional()(target, property);
    Transform(({ value }: { value: unknown }) =>
      value === 'true' ? true : value === 'false' ? false : value,
    )(target, property);
    IsBoolean({ message: '$property must be true or false' })(target, property);
  };
}

/** A variable that is of no use without another one, as a certificate without its key. */
export const IsNeededWith = (other: string): PropertyDecorator =>
  IsConsistent((config: Readonly<Record<string, unknown>>) =>
    config[other] === undefined ? `needs ${other}` : undefined,
  );
