import { join, resolve } from 'node:path';
import { pathToFileURL } from 'node:url';
import { Command, CommanderError } from 'commander';
import { BROWSER_PATH, findBrowser } from './browser.js';
import { writePreview } from './write-preview.js';

const program = new Command('mail:preview')
  .description('Writes every kind of e-mail in every language to a page, with pictures from a real browser.')
  .option('--out <dir>', 'where to write it', '.preview/mail')
  .addHelpText(
    'after',
    `
CHROMIUM_PATH names the browser, /usr/bin/chromium by default. Without a browser there are no pictures.

Example:
  npm run mail:preview -- --out /tmp/mails`,
  )
  .exitOverride()
  .action(async ({ out }: { out: string }) => {
    const browser = findBrowser();
    if (browser === undefined) console.error(`No browser at ${BROWSER_PATH}: the page has no pictures.`);
    const directory = resolve(out);
    await writePreview(directory, browser);
    console.log(pathToFileURL(join(directory, 'index.html')).href);
  });

try {
  await program.parseAsync();
} catch (error) {
  if (error instanceof CommanderError) {
    // commander has printed the error or the requested help.
    process.exitCode = error.exitCode === 0 ? 0 : 2;
  } else {
    console.error(`mail:preview: ${error instanceof Error ? error.message : String(error)}`);
    process.exitCode = 1;
  }
}
