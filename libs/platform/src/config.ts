import { plainToInstance } from 'class-transformer';
import { validateSync } from 'class-validator';

/** Thrown at start: the environment does not say what the app needs. Names the variables, never their values. */
export class ConfigError extends Error {}

/**
 * The configuration that a class describes: its properties are named as the environment variables are, with defaults
 * as initial values. A variable that is empty or blank counts as unset.
 * @throws ConfigError naming every variable that is missing or wrong
 */
export function loadConfig<T extends object>(type: new () => T, env: NodeJS.ProcessEnv = process.env): T {
  // Every declared property exists on an instance, with or without a default (useDefineForClassFields).
  const defaults = new type();
  const given = Object.fromEntries(
    Object.entries(env).filter(([name, value]) => value?.trim() !== '' && Object.hasOwn(defaults, name)),
  );
  const config = plainToInstance(type, { ...defaults, ...given });
  const errors = validateSync(config, { stopAtFirstError: true });
  if (errors.length > 0) {
    const problems = errors.flatMap((error) => Object.values(error.constraints ?? {}));
    throw new ConfigError(`cannot start, the environment is not complete: ${problems.join('; ')}`);
  }
  return config;
}
