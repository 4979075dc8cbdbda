import { Controller, Get, Inject, Res } from '@nestjs/common';
import { ApiExcludeController } from '@nestjs/swagger';
import type { FastifyReply } from 'fastify';
import { Health, type Queryable } from '#libs/platform';
import { DATABASE } from '../tokens.js';

/** For the orchestrator. Details are for the log: these routes stand beside those that the world reaches. */
@ApiExcludeController()
@Controller()
export class HealthController {
  constructor(
    private readonly health: Health,
    @Inject(DATABASE) private readonly db: Queryable,
  ) {}

  @Get('healthz')
  alive() {
    return { alive: true };
  }

  @Get('readyz')
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
