import { plainToInstance } from 'class-transformer';
import { validateSync, type ValidationError } from 'class-validator';

/** What came from outside is not what it should be. The message names fields, never values: those may be personal. */
export class InvalidData extends Error {
  constructor(readonly problems: readonly string[]) {
    super(problems.join('; '));
  }
}

/** Names that class-transformer passes over, so that validation would never see them. */
const UNHEARD = ['__proto__', 'constructor'];

/**
 * An instance of the class, made from what JSON gave.
 * @param unknownFields refused in what asks us to act; dropped from what tells us a fact, whose writer may be newer
 * @throws InvalidData
 */
export function validated<T extends object>(
  type: new () => T,
  plain: unknown,
  unknownFields: 'refuse' | 'drop' = 'refuse',
): T {
  if (typeof plain !== 'object' || plain === null || Array.isArray(plain)) {
    throw new InvalidData(['data must be a JSON object']);
  }
  for (const name of UNHEARD) {
    if (Object.hasOwn(plain, name)) throw new InvalidData([`property ${name} should not exist`]);
  }
  const instance = plainToInstance(type, plain);
  const errors = validateSync(instance, {
    whitelist: true,
    forbidNonWhitelisted: unknownFields === 'refuse',
    forbidUnknownValues: true,
    stopAtFirstError: true,
  });
  if (errors.length > 0) throw new InvalidData(errors.flatMap(problemsOf));
  return instance;
}

const problemsOf = (error: ValidationError): string[] => Object.values(error.constraints ?? {});
