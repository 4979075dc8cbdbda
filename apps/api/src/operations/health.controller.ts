import { setTimeout as sleep } from 'node:timers/promises';
import { Controller, Get, Inject, Res } from '@nestjs/common';
import { ApiOkResponse, ApiOperation, ApiResponse, ApiTags, ApiProperty } from '@nestjs/swagger';
import type { FastifyReply } from 'fastify';
import { Health, type Queryable } from '#libs/platform';
import { POOL } from '#libs/service';

/** Milliseconds to wait for the database: less than a probe waits. */
const DATABASE_CHECK_MS = 2_000;

/**
 * Fails on a server that accepts no writes: a standby, or one that is read-only for now. The server itself raises the
 * error, so that the pool drops the connection and the next one may lead to the new primary.
 */
const ASSERT_WRITABLE = `DO $$ BEGIN
  IF current_setting('transaction_read_only') = 'on' THEN
    RAISE EXCEPTION 'the database is read-only' USING ERRCODE = 'read_only_sql_transaction';
  END IF;
END $$`;

class AliveResponse {
  @ApiProperty({ enum: [true] })
  alive: boolean;
}

class ReadyResponse {
  @ApiProperty()
  ready: boolean;

  @ApiProperty({ type: 'object', additionalProperties: { type: 'boolean' } })
  parts: Record<string, boolean>;
}

/**
 * Probes of the orchestrator. Details are logged and not returned: these routes are on the same port as the public
 * ones.
 */
@ApiTags('operations')
@Controller()
export class HealthController {
  constructor(
    private readonly health: Health,
    @Inject(POOL) private readonly db: Queryable,
  ) {}

  @Get('healthz')
  @ApiOperation({ summary: 'Whether the process is alive.' })
  @ApiOkResponse({ type: AliveResponse })
  alive() {
    return { alive: true };
  }

  @Get('readyz')
  @ApiOperation({ summary: 'Whether the app can do its work, component by component.' })
  @ApiOkResponse({ type: ReadyResponse })
  @ApiResponse({ status: 503, type: ReadyResponse })
  async ready(@Res({ passthrough: true }) reply: FastifyReply) {
    const asked = this.db.query(ASSERT_WRITABLE).then(
      () => true,
      () => false,
    );
    this.health.set('postgres', await Promise.race([asked, sleep(DATABASE_CHECK_MS, false, { ref: false })]));
    const { ready, parts } = this.health.report();
    void reply.code(ready ? 200 : 503);
    return {
      ready,
      parts: Object.fromEntries(Object.entries(parts).map(([part, { ready }]) => [part, ready])),
    };
  }
}
