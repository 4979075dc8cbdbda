import { InvalidArgumentError } from 'commander';

/** @returns a parser that throws InvalidArgumentError for anything but a whole number of at least `minimum` */
export const parseInteger =
  (minimum: number) =>
  (text: string): number => {
    const value = Number(text);
    if (text.trim() === '' || !Number.isSafeInteger(value) || value < minimum)
      throw new InvalidArgumentError(`a whole number from ${minimum} on`);
    return value;
  };

/** @returns a parser for an argument that can be given several times: it parses each value and collects all of them */
export const collect =
  <T>(parse: (text: string) => T) =>
  (text: string, collected: readonly T[] = []): T[] => [...collected, parse(text)];
