import { applyDecorators, Controller, UseFilters, UseGuards } from '@nestjs/common';
import { ApiExcludeController } from '@nestjs/swagger';
import { SessionGuard } from '../../identity/session.guard.js';
import { PageFilter } from './page.filter.js';

/** A controller of pages for members who are signed in. Its routes are not part of the API. */
export const PageController = (path: string | string[]): ClassDecorator =>
  applyDecorators(ApiExcludeController(), Controller(path), UseGuards(SessionGuard), UseFilters(PageFilter));
