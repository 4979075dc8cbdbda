// Lets Node import the project's TypeScript sources: resolves `.js` to the `.ts` file and `#libs/*` to sources, and
// compiles with swc like the build. Compiled text is cached on disk by its content.
import { createHash } from 'node:crypto';
import { existsSync, mkdirSync, readFileSync, renameSync, writeFileSync } from 'node:fs';
import { createRequire, registerHooks } from 'node:module';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

const ROOT = new URL('../../../../', import.meta.url).href;
const GLOBALS = new URL('./jest-globals.mjs', import.meta.url).href;
const require = createRequire(import.meta.url);

const {
  exclude: _exclude,
  $schema: _schema,
  ...swcOptions
} = JSON.parse(readFileSync(new URL('.swcrc', ROOT), 'utf8'));
const SETTINGS = JSON.stringify([swcOptions, require('@swc/core/package.json').version]);
const CACHE = join(tmpdir(), `invitations-specs-${process.getuid?.() ?? 0}`);

/**
 * Modules that are loaded again for each spec file: specs and test helpers, because they may register hooks when they
 * are loaded.
 */
const OF_SPEC = /\/test\/|\.spec\.tsx?$/;

/** The query that distinguishes the modules of one spec file from those of the next. */
let suffix = '';
let isEverythingFresh = false;

/**
 * From now on, modules of tests are loaded again.
 * @param options `everything` also reloads those of apps and libraries, which may have changed since the last run
 */
export function nextSpecFile(number, { everything }) {
  suffix = `?spec=${number}`;
  isEverythingFresh = everything;
}

const isOwn = (url) => url?.startsWith(ROOT) && !url.includes('/node_modules/') && !url.includes('/dist/');
const isSource = (url) => /\.tsx?(\?|$)/.test(url);

registerHooks({
  resolve(specifier, context, next) {
    const parent = context.parentURL;
    if (!isOwn(parent) || !(isSource(parent) || specifier.startsWith('#'))) return next(specifier, context);
    if (specifier === '@jest/globals') return { url: withSuffix(GLOBALS), shortCircuit: true };
    const url = specifier.startsWith('.')
      ? sourceOf(new URL(specifier, parent))
      : specifier.startsWith('#')
        ? next(specifier, { ...context, conditions: ['mono-src', ...context.conditions] }).url
        : undefined;
    if (url === undefined) return next(specifier, context);
    if (!isSource(url)) return next(url, context);
    return { url: withSuffix(url), format: 'module', shortCircuit: true };
  },
  load(url, context, next) {
    if (!isOwn(url) || !isSource(url)) return next(url, context);
    return { format: 'module', source: compile(fileURLToPath(url)), shortCircuit: true };
  },
});

export function withSuffix(url) {
  return isEverythingFresh || OF_SPEC.test(url) ? url + suffix : url;
}

const sources = new Map();

/** Returns the file of an import specifier: `.ts` or `.tsx` for a `.js` file that does not exist. */
function sourceOf(url) {
  url.search = '';
  let found = sources.get(url.href);
  if (found === undefined) {
    const path = fileURLToPath(url);
    const candidates = [path.replace(/\.js$/, '.ts'), path.replace(/\.js$/, '.tsx'), path];
    const at = candidates.findIndex((candidate) => existsSync(candidate));
    found = [url.href.replace(/\.js$/, '.ts'), url.href.replace(/\.js$/, '.tsx'), url.href][Math.max(at, 0)];
    sources.set(url.href, found);
  }
  return found;
}

function compile(path) {
  const source = readFileSync(path, 'utf8');
  const key = createHash('sha1').update(SETTINGS).update(path).update(source).digest('hex');
  const cached = join(CACHE, key);
  try {
    return readFileSync(cached, 'utf8');
  } catch {
    const { code } = require('@swc/core').transformSync(source, {
      ...swcOptions,
      swcrc: false,
      configFile: false,
      filename: path,
      sourceMaps: 'inline',
    });
    mkdirSync(CACHE, { recursive: true });
    // Two workers may compile the same file, so each writes to a temporary file and renames it.
    writeFileSync(`${cached}.${process.pid}`, code);
    renameSync(`${cached}.${process.pid}`, cached);
    return code;
  }
}
