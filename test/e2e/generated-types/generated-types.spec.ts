import { execFile } from 'node:child_process';
import { readFile } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import { promisify } from 'node:util';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { schemas } from '../../docs/contract/catalogue.js';
import { DOCS } from '../../docs/contract/files.js';
import { minimalEnv } from '../../support/minimal-env.js';
import { newFolder, removeFolder } from '../../support/standalone.js';

/** What compilers and recorded messages say about them is in compiled.spec.ts, which takes a minute. */
describe('types that Modelina generates from the AsyncAPI document', () => {
  const folder = newFolder();
  const messages = Object.values(schemas()).map(
    ({ title, properties }) => [title as string, Object.keys(properties ?? {})] as const,
  );

  beforeAll(async () => {
    const generator = resolve(import.meta.dirname, 'generate.mjs');
    const contract = new URL('contract/asyncapi.json', DOCS).pathname;
    await promisify(execFile)(process.execPath, [generator, contract, folder], { env: minimalEnv() });
  });
  afterAll(() => removeFolder(folder));

  const read = (file: string) => readFile(join(folder, file), 'utf8');

  /** Returns a declaration from its first line to the end of its block. */
  function declarationIn(source: string, begins: string): string {
    const from = source.indexOf(begins);
    return from < 0 ? '' : source.slice(from, source.indexOf('\n}', from));
  }

  it.each(messages)(
    'declare every field of a message in TypeScript, Java and Go: %s',
    async (title, fields) => {
      const typescript = declarationIn(await read('contract.ts'), `export interface ${title} {`);
      const java = declarationIn(await read(`${title}.java`), `public class ${title} {`);
      const go = declarationIn(await read('contract.go'), `type ${title} struct {`);
      expect(fields.filter((field) => !typescript.includes(`  '${field}'`))).toEqual([]);
      expect(fields.filter((field) => !java.includes(`@JsonProperty("${field}")`))).toEqual([]);
      expect(fields.filter((field) => !go.includes(`json:"${field}`))).toEqual([]);
    },
  );
});
