// Generates types of the contract's messages with Modelina, as a publisher would: generate.mjs <asyncapi.json> <folder>
// A program of its own, because Modelina loads some 200 packages that no worker of Jest should keep.
import { mkdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import {
  GO_COMMON_PRESET,
  GoGenerator,
  JAVA_JACKSON_PRESET,
  JavaGenerator,
  TypeScriptGenerator,
} from '@asyncapi/modelina';

const [contract, folder] = process.argv.slice(2);
const document = JSON.parse(await readFile(contract, 'utf8'));

async function write(file, text) {
  await mkdir(folder, { recursive: true });
  await writeFile(join(folder, file), text);
}

// Fields keep their names: by default, `name` becomes `reservedName`, and an interface converts nothing.
const typescript = new TypeScriptGenerator({
  modelType: 'interface',
  enumType: 'union',
  rawPropertyNames: true,
});
const interfaces = await typescript.generate(document);
await write('contract.ts', interfaces.map(({ result }) => `export ${result}\n`).join('\n'));

const java = new JavaGenerator({ presets: [JAVA_JACKSON_PRESET], collectionType: 'List' });
for (const { modelName, result, dependencies } of await java.generate(document)) {
  if (result.trim() !== '') await write(`${modelName}.java`, `${dependencies.join('\n')}\n${result}\n`);
}

const go = new GoGenerator({ presets: [{ preset: GO_COMMON_PRESET, options: { addJsonTag: true } }] });
const structs = await go.generate(document);
await write(
  'contract.go',
  `package main\n\nimport "encoding/json"\n\n${structs.map(({ result }) => result).join('\n')}\n`,
);
