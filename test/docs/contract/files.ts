import { asyncApi } from './asyncapi.js';
import { schemas } from './catalogue.js';
import { page } from './page.js';

export const DOCS = new URL('../../../docs/', import.meta.url);

const json = (value: unknown) => `${JSON.stringify(value, null, 2)}\n`;

/** The documents that a release keeps, by their paths below docs/contract/. */
export function contractFiles(): ReadonlyMap<string, string> {
  const own = Object.entries(schemas()).map(([name, schema]) => [
    `schemas/${name}.json`,
    json({ $schema: 'https://json-schema.org/draft/2020-12/schema', ...schema }),
  ]);
  return new Map([...own, ['asyncapi.json', json(asyncApi())]] as [string, string][]);
}

/** Every generated document, by its path below docs/. */
export const generatedFiles = (): ReadonlyMap<string, string> =>
  new Map([
    ...[...contractFiles()].map(([path, text]) => [`contract/${path}`, text] as const),
    ['contract.html', page(asyncApi())],
  ]);
