import { Type } from 'class-transformer';
import { IsInt, IsString, Min } from 'class-validator';

/**
 * A configuration class that a mixin extends, such as `WithPostgres(WithHealthPort(NoConfig, 8081))`. So an app has one
 * class with all of its variables, and names every invalid one at once.
 */
// oxlint-disable-next-line typescript/no-explicit-any -- TypeScript wants exactly this constructor for mixins
export type ConfigClass = new (...args: any[]) => object;

/** The innermost class of a chain of mixins. */
export class NoConfig {}

/** The address of health and metrics. */
export function WithHealthPort<Base extends ConfigClass>(base: Base, port: number) {
  class HealthPortConfig extends base {
    /** The address to listen on; `::` for every address of IPv6 and IPv4. */
    @IsString()
    HOST: string = '0.0.0.0';

    /** The port of health and metrics; 0 for a free port. */
    @Type(() => Number)
    @IsInt()
    @Min(0)
    HEALTH_PORT = port;
  }
  return HealthPortConfig;
}
