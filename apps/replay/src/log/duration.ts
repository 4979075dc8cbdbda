import { InvalidArgumentError } from '#libs/cli';
import { parseDurationMs } from '#libs/platform';

/**
 * Parses a duration of ISO 8601.
 * @returns milliseconds
 * @throws InvalidArgumentError
 */
export function parseDuration(text: string): number {
  try {
    return parseDurationMs(text);
  } catch {
    throw new InvalidArgumentError('A duration is written as P3D or PT12H.');
  }
}
