import { Controller, Get, Header } from '@nestjs/common';
import { ApiExcludeController } from '@nestjs/swagger';
import { SCRIPT, SCRIPT_PATH } from './script.js';

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
