import type { LoggerService } from '@nestjs/common';
import type { Logger } from '#libs/platform';

/** Writes Nest's log lines in our format, and those that Nest logs at start at debug level. */
export class NestLogger implements LoggerService {
  constructor(private readonly logger: Logger) {}

  log(message: unknown): void {
    this.logger.debug(String(message));
  }
  warn(message: unknown): void {
    this.logger.warn(String(message));
  }
  error(message: unknown, stack?: string): void {
    this.logger.error({ stack }, String(message));
  }
}
