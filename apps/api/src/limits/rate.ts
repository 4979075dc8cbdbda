import { Transform } from 'class-transformer';
import { ValidateBy } from 'class-validator';
import { durationMs } from '#libs/platform';
import type { Rate } from './bucket.js';

/** A configuration property written as `60/PT1M`, 60 at once and as many again each minute, or `none`: no limit. */
export function IsRate(): PropertyDecorator {
  return (target, property) => {
    Transform(({ value }: { value: unknown }) => (typeof value === 'string' ? parsed(value.trim()) : value))(
      target,
      property,
    );
    ValidateBy({
      name: 'isRate',
      validator: {
        validate: (value: unknown) => value !== null,
        defaultMessage: () => '$property must be a number per duration, e.g. 60/PT1M, or none',
      },
    })(target, property);
  };
}

/** Null for what is no rate, undefined for none. */
function parsed(text: string): Rate | null | undefined {
  if (text === 'none') return undefined;
  const [, count, duration] = /^([1-9]\d{0,8})\/(P.+)$/.exec(text) ?? [];
  if (count === undefined || duration === undefined) return null;
  try {
    const rate = { count: Number(count), periodMs: durationMs(duration) };
    return rate.periodMs >= rate.count ? rate : null;
  } catch {
    return null;
  }
}
