import { plainToInstance, Transform } from 'class-transformer';
import {
  ValidateBy,
  validateSync,
  type ValidationArguments,
  IsBoolean,
  IsNotEmpty,
  IsOptional,
  IsString,
} from 'class-validator';

/** Missing or invalid environment variables. The message names them and never contains their values. */
export class ConfigError extends Error {}

/**
 * Reads a configuration class from the environment. Its properties are named like the environment variables, and their
 * initial values are the defaults. An empty or blank variable counts as unset.
 * @throws ConfigError that names every missing or invalid variable
 */
export function loadConfig<T extends object>(type: new () => T, env: NodeJS.ProcessEnv = process.env): T {
  assertTlsIsVerified(env);
  // Every declared property exists on an instance, even without a default (useDefineForClassFields).
  const defaults = new type();
  const given = Object.fromEntries(
    Object.entries(env).filter(([name, value]) => value?.trim() !== '' && Object.hasOwn(defaults, name)),
  );
  const config = plainToInstance(type, { ...defaults, ...given });
  const errors = validateSync(config, { stopAtFirstError: true });
  if (errors.length > 0) {
    const problems = errors.flatMap((error) => Object.values(error.constraints ?? {}));
    throw new ConfigError(`invalid configuration: ${problems.join('; ')}`);
  }
  return config;
}

/** With this variable, Node verifies no server at all, whatever each connection asks for. */
function assertTlsIsVerified({ NODE_ENV, NODE_TLS_REJECT_UNAUTHORIZED }: NodeJS.ProcessEnv): void {
  if (NODE_ENV === 'production' && NODE_TLS_REJECT_UNAUTHORIZED === '0')
    throw new ConfigError(
      'invalid configuration: NODE_TLS_REJECT_UNAUTHORIZED does not verify servers, which only development allows: unset it',
    );
}

/** Whether a configuration is a production one. Only the images set `NODE_ENV=production`. */
export const isProduction = (config: object): boolean =>
  (config as { readonly NODE_ENV?: unknown }).NODE_ENV === 'production';

/**
 * Validates a URL that members' browsers open. In production it must be https: browsers send the session cookie over https
 * only, and the token in a link must not be readable on its way.
 */
export const IsHttpsInProduction = (): PropertyDecorator =>
  ValidateBy({
    name: 'isHttpsInProduction',
    validator: {
      validate: (value: unknown, args?: ValidationArguments) =>
        typeof value !== 'string' ||
        args === undefined ||
        !isProduction(args.object) ||
        /^https:/i.test(value),
      defaultMessage: () => '$property must be an https URL if NODE_ENV is production',
    },
  });

/**
 * Validates a variable together with others: `findProblem` gets the whole configuration and returns what is wrong with it,
 * for example "needs KAFKA_SASL_USERNAME", or undefined. It also runs for a variable that is unset.
 */
export function IsConsistent(findProblem: (config: never) => string | undefined): PropertyDecorator {
  const problemOf = (args?: ValidationArguments) =>
    args === undefined ? undefined : findProblem(args.object as never);
  return ValidateBy({
    name: 'isConsistent',
    validator: {
      validate: (_value: unknown, args?: ValidationArguments) => problemOf(args) === undefined,
      defaultMessage: (args?: ValidationArguments) => `$property ${problemOf(args)}`,
    },
  });
}

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
