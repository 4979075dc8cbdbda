import { Controller, Get, Inject, Res } from '@nestjs/common';
import { ApiOkResponse, ApiOperation, ApiResponse, ApiTags } from '@nestjs/swagger';
import type { FastifyReply } from 'fastify';
import { Health, type Queryable } from '#libs/platform';
import { AliveResponse, ReadyResponse } from './health.responses.js';
import { DATABASE } from '../tokens.js';

/** For the orchestrator. Details are for the log: these routes stand beside those that the world reaches. */
@ApiTags('operations')
@Controller()
export class HealthController {
  constructor(
    private readonly health: Health,
    @Inject(DATABASE) private readonly db: Queryable,
  ) {}

  /** The process lives. */
  @Get('healthz')
  @ApiOperation({ summary: 'Whether the process lives.' })
  @ApiOkResponse({ type: AliveResponse })
  alive() {
    return { alive: true };
  }

  /** Whether it can do its work, part by part. */
  @Get('readyz')
  @ApiOperation({ summary: 'Whether it can do its work, part by part.' })
  @ApiOkResponse({ type: ReadyResponse })
  @ApiResponse({ status: 503, type: ReadyResponse })
  async ready(@Res({ passthrough: true }) reply: FastifyReply) {
    await this.db.query('SELECT 1').then(
      () => this.health.set('postgres', true),
      () => this.health.set('postgres', false),
    );
    const { ready, parts } = this.health.report();
    void reply.code(ready ? 200 : 503);
    return {
      ready,
      parts: Object.fromEntries(Object.entries(parts).map(([part, { ready }]) => [part, ready])),
    };
  }
}
