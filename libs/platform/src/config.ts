import { plainToInstance, Transform } from 'class-transformer';
import { IsInt, Min, ValidateBy, validateSync, type ValidationArguments } from 'class-validator';
import { Duration } from 'luxon';

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

/**
 * Converts an ISO 8601 duration such as `P7D`, `PT5S` or `P1DT12H` to milliseconds.
 * Months and years are rejected, because their length varies. So are forms that luxon accepts beyond ISO 8601: signs, and
 * `P` or `PT` alone.
 * @throws RangeError
 */
export function parseDurationMs(iso: string): number {
  const duration = Duration.fromISO(iso);
  if (!/^P[^-]*\d[^-]*$/.test(iso) || !duration.isValid || duration.years !== 0 || duration.months !== 0) {
    throw new RangeError(`${iso} is not an ISO 8601 duration of weeks, days, hours, minutes and seconds`);
  }
  return duration.toMillis();
}

/** Validates an ISO 8601 duration and converts it to milliseconds. */
export function IsDuration(): PropertyDecorator {
  const message = '$property must be an ISO 8601 duration, e.g. P7D or PT5S';
  return (target, property) => {
    Transform(({ value }: { value: unknown }) => (typeof value === 'string' ? parseOrNaN(value) : value))(
      target,
      property,
    );
    IsInt({ message })(target, property);
    Min(0, { message })(target, property);
  };
}

/** Validates comma separated, ascending ISO 8601 durations, or `none`, and converts them to milliseconds. */
export function IsDurations(): PropertyDecorator {
  return (target, property) => {
    Transform(({ value }: { value: unknown }) => (typeof value === 'string' ? parseList(value) : value))(
      target,
      property,
    );
    ValidateBy({
      name: 'isDurations',
      validator: {
        validate: (value: unknown) => Array.isArray(value) && value.every(isLongerThanPrevious),
        defaultMessage: () => '$property must be ascending ISO 8601 durations, e.g. P7D,P14D,P21D, or none',
      },
    })(target, property);
  };
}

const parseList = (text: string) =>
  text === 'none' ? [] : text.split(',').map((one) => parseOrNaN(one.trim()));

const isLongerThanPrevious = (ms: number, index: number, all: number[]) =>
  Number.isInteger(ms) && ms > (all[index - 1] ?? -1);

function parseOrNaN(iso: string): number {
  try {
    return parseDurationMs(iso);
  } catch {
    return Number.NaN;
  }
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
