import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, readdir, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { text } from 'node:stream/consumers';
import { fileURLToPath, pathToFileURL } from 'node:url';
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { BROWSER_PATH, findBrowser } from './browser.js';
import { KINDS, LANGUAGES } from './samples.js';
import { takeScreenshots } from './screenshots.js';
import { VIEWS } from './views.js';

const PROJECT = fileURLToPath(new URL('../../../..', import.meta.url));
const NAMES = KINDS.flatMap((kind) => LANGUAGES.map((language) => `${kind}.${language}`));

describe('mail:preview', () => {
  let out: string;
  beforeEach(async () => {
    out = await mkdtemp(join(tmpdir(), 'mail-preview-'));
  });
  afterEach(() => rm(out, { recursive: true }));

  async function run(args: readonly string[], env: NodeJS.ProcessEnv = {}) {
    const tool = ['libs/cli/scripts/run.mjs', 'tool', 'mail-preview', ...args];
    const child = spawn(process.execPath, tool, {
      cwd: PROJECT,
      env: { ...process.env, NODE_OPTIONS: '', ...env },
    });
    const [stdout, stderr, [code]] = await Promise.all([
      text(child.stdout),
      text(child.stderr),
      once(child, 'close') as Promise<[number]>,
    ]);
    return { stdout, stderr, code };
  }

  it('writes every kind in every language to a page, and says so when there is no browser for pictures', async () => {
    const { stdout, stderr, code } = await run(['--out', out], { CHROMIUM_PATH: 'none' });
    expect({ stderr, code }).toEqual({
      stderr: 'No browser at none: the page has no pictures.\n',
      code: 0,
    });
    expect(stdout.trim()).toBe(pathToFileURL(join(out, 'index.html')).href);
    const files = NAMES.flatMap((name) => [`${name}.html`, `${name}.txt`]);
    expect((await readdir(out)).toSorted()).toEqual([...files, 'index.html'].toSorted());
    const index = await readFile(join(out, 'index.html'), 'utf8');
    for (const name of NAMES) {
      expect(index).toContain(`<section id="${name}">`);
      expect(index).toContain(`<iframe src="${name}.html"`);
    }
    expect(await readFile(join(out, 'reply.ar.txt'), 'utf8')).toMatch(/^Subject: رد من/);
  });

  it('rejects unknown options', async () => {
    const { stderr, code } = await run(['--colour']);
    expect(stderr).toContain("unknown option '--colour'");
    expect(code).toBe(2);
  });

  const browser = findBrowser();
  if (browser === undefined) {
    console.warn(`skipped: no browser at ${BROWSER_PATH} to take pictures with`);
    return;
  }

  it('takes a picture of each in a real browser: wide, on a phone, in the dark, as in Outlook and without styles', async () => {
    const { stderr, code } = await run(['--out', out], { CHROMIUM_PATH: browser });
    expect({ stderr, code }).toEqual({ stderr: '', code: 0 });
    const pictures = NAMES.flatMap((name) => VIEWS.map((view) => `${name}.${view.name}.png`));
    expect((await readdir(out)).filter((file) => file.endsWith('.png')).toSorted()).toEqual(
      pictures.toSorted(),
    );
    const index = await readFile(join(out, 'index.html'), 'utf8');
    for (const picture of pictures) {
      expect(index).toContain(`src="${picture}"`);
      expect([...(await readFile(join(out, picture)))].slice(1, 4)).toEqual([...Buffer.from('PNG')]);
    }
    const light = await readFile(join(out, 'invitation.en.light.png'));
    expect(light.equals(await readFile(join(out, 'invitation.en.dark.png')))).toBe(false);
  });

  it('fails for an e-mail that is wider than a phone or that loads anything', async () => {
    const wide = { name: 'wide', html: '<p style="width:900px">too wide</p>' };
    await expect(takeScreenshots(out, browser, [wide])).rejects.toThrow('wide is 908 px wide');
    const spy = { name: 'spy', html: '<img src="https://network.example/open.png">' };
    await expect(takeScreenshots(out, browser, [spy])).rejects.toThrow(
      'spy asks for https://network.example/',
    );
  });
});
