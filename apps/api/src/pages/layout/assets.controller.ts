import { createHash } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { Controller, Get, Header } from '@nestjs/common';
import { ApiExcludeController } from '@nestjs/swagger';

/** The progressive enhancement of the pages. It is a file because the policy allows no inline script. */
export const SCRIPT = readFileSync(new URL('../browser/pages.js', import.meta.url), 'utf8');

/** Two people, side by side. */
const ICON =
  '<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 32 32"><rect width="32" height="32" rx="8" fill="#0a5fb4"/><g fill="#fff"><circle cx="12" cy="12" r="4"/><circle cx="21" cy="13" r="3"/><path d="M4 25c0-5 4-8 8-8s8 3 8 8zM22 25c0-3-1-5-2-7 5-1 8 2 8 7z"/></g></svg>';

/** Contains a hash of the content, so that browsers may cache it for ever. */
const pathOf = (content: string, extension: string): string =>
  `/pages/${createHash('sha256').update(content).digest('hex').slice(0, 16)}.${extension}`;

export const SCRIPT_PATH = pathOf(SCRIPT, 'js');
export const ICON_PATH = pathOf(ICON, 'svg');

const FOR_EVER = 'public, max-age=31536000, immutable';

@ApiExcludeController()
@Controller()
export class AssetsController {
  @Get(SCRIPT_PATH)
  @Header('content-type', 'text/javascript; charset=utf-8')
  @Header('cache-control', FOR_EVER)
  script(): string {
    return SCRIPT;
  }

  @Get(ICON_PATH)
  @Header('content-type', 'image/svg+xml')
  @Header('cache-control', FOR_EVER)
  icon(): string {
    return ICON;
  }
}
