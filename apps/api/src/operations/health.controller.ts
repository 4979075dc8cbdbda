import { setTimeout as sleep } from 'node:timers/promises';
import { Controller, Get, Inject, Res } from '@nestjs/common';
import { ApiOkResponse, ApiOperation, ApiResponse, ApiTags } from '@nestjs/swagger';
import type { FastifyReply } from 'fastify';
import { Health, type Queryable } from '#libs/platform';
import { AliveResponse, ReadyResponse } from './health.responses.js';
import { DATABASE } from '../tokens.js';

/** For a database that hangs, in milliseconds: less than a probe waits, and whoever asks by hand. */
const PATIENCE_MS = 2_000;

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
    const asked = this.db.query('SELECT 1').then(
      () => true,
      () => false,
    );
    this.health.set('postgres', await Promise.race([asked, sleep(PATIENCE_MS, false, { ref: false })]));
    const { ready, parts } = this.health.report();
    void reply.code(ready ? 200 : 503);
    return {
      ready,
      parts: Object.fromEntries(Object.entries(parts).map(([part, { ready }]) => [part, ready])),
    };
  }
}
