import { Transform } from 'class-transformer';
import { ValidateBy } from 'class-validator';

/** Origins of web pages (`https://app.example`), comma separated, read as a list. */
export function IsOrigins(): PropertyDecorator {
  return (target, property) => {
    Transform(({ value }: { value: unknown }) =>
      typeof value === 'string' ? value.split(',').map((one) => one.trim()) : value,
    )(target, property);
    ValidateBy({
      name: 'isOrigins',
      validator: {
        validate: (value: unknown) => Array.isArray(value) && value.every(isOrigin),
        defaultMessage: () => '$property must be origins, e.g. https://app.example,https://admin.example',
      },
    })(target, property);
  };
}

function isOrigin(text: unknown): boolean {
  return typeof text === 'string' && /^https?:/.test(text) && URL.parse(text)?.origin === text;
}
