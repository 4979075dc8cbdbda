import { createHash } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { Controller, Get, Header } from '@nestjs/common';
import { ApiExcludeController } from '@nestjs/swagger';

/** The progressive enhancement of the pages. It is a file because the policy allows no inline script. */
export const SCRIPT = readFileSync(new URL('../browser/pages.js', import.meta.url), 'utf8');

/** Contains a hash of the script, so that browsers may cache it for ever. */
export const SCRIPT_PATH = `/pages/${createHash('sha256').update(SCRIPT).digest('hex').slice(0, 16)}.js`;

@ApiExcludeController()
@Controller()
export class ScriptController {
  @Get(SCRIPT_PATH)
  @Header('content-type', 'text/javascript; charset=utf-8')
  @Header('cache-control', 'public, max-age=31536000, immutable')
  script(): string {
    return SCRIPT;
  }
}
