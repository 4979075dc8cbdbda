import { Type } from 'class-transformer';
import { IsInt, IsString, Max, Min, ValidateBy } from 'class-validator';

/**
 * A configuration class that a mixin extends, such as `WithPostgres(WithHealthPort(NoConfig, 8081))`. So an app has one
 * class with all of its variables, and names every invalid one at once.
 */
// oxlint-disable-next-line typescript/no-explicit-any -- TypeScript wants exactly this constructor for mixins
export type ConfigClass = new (...args: any[]) => object;

/** The innermost class of a chain of mixins. */
export class NoConfig {}

/** The address of a server. */
export function WithHost<Base extends ConfigClass>(base: Base) {
  class HostConfig extends base {
    /** The address to listen on; `::` for every address of IPv6 and IPv4. */
    @IsString()
    HOST: string = '0.0.0.0';
  }
  return HostConfig;
}

/** The address and the port of health and metrics. */
export function WithHealthPort<Base extends ConfigClass>(base: Base, port: number) {
  class HealthPortConfig extends WithHost(base) {
    /** The port of health and metrics; 0 for a free port. */
    @Type(() => Number)
    @IsInt({ message: '$property must be a port' })
    @Min(0, { message: '$property must be a port' })
    @Max(65_535, { message: '$property must be a port' })
    HEALTH_PORT = port;
  }
  return HealthPortConfig;
}

const BROKER = /^[A-Za-z0-9](?:[A-Za-z0-9._-]*[A-Za-z0-9])?:(\d{1,5})$/;

/** The addresses of Kafka. Here, because replay checks them for the tool that it runs, and may not load libs/kafka. */
export function WithBrokers<Base extends ConfigClass>(base: Base) {
  class BrokersConfig extends base {
    /** `host:port`, comma separated. */
    @IsBrokers()
    KAFKA_BROKERS: string;
  }
  return BrokersConfig;
}

const isBroker = (text: string): boolean => Number(BROKER.exec(text)?.[1]) <= 65_535;

function IsBrokers(): PropertyDecorator {
  return ValidateBy({
    name: 'isBrokers',
    validator: {
      validate: (value: unknown) =>
        typeof value === 'string' && value.split(',').every((broker) => isBroker(broker.trim())),
      defaultMessage: () => '$property must be host:port, comma separated, without a scheme such as kafka://',
    },
  });
}
