import type { DeadLetterBox, Found } from './dead-letter-box.js';
import { printable, readable } from './printable.js';

/** One dead letter with its headers and its value. */
export async function show(
  box: DeadLetterBox,
  place: string,
  asJson: boolean,
  print: (text: string) => void,
): Promise<void> {
  let found: Found | undefined;
  await box.read({ places: new Set([place]) }, (one) => {
    found = one;
  });
  if (found === undefined) throw new Error(`there is no dead letter at ${place}`);
  const { message, redrivenAt } = found;
  const headers = Object.entries(message.headers).flatMap(([name, value]) =>
    [value ?? []].flat().map((one) => [name, readable(Buffer.from(one))] as const),
  );
  const key = message.key && readable(message.key);
  const value = message.value && readable(message.value);
  if (asJson) return print(JSON.stringify({ place, redrivenAt, key, headers, value }, null, 2));
  for (const [name, content] of headers) print(`${printable(name)}: ${shown(content)}`);
  print(`re-driven: ${redrivenAt ?? 'no'}`);
  print(`key: ${key === null ? 'none' : shown(key)}`);
  print(`value: ${value === null ? 'none' : `\n${shown(value, true)}`}`);
}

const shown = (content: ReturnType<typeof readable>, newlines = false): string =>
  'text' in content ? printable(content.text, newlines) : `(no UTF-8, hex) ${content.hex}`;
