import type { INestApplication } from '@nestjs/common';
import { REQUEST_ID } from './request-id.js';

/** Closed unless origins are named. Never with cookies: the API takes tokens, and the pages are for their own origin. */
export function allowOrigins(app: INestApplication, origins: readonly string[]): void {
  if (origins.length === 0) return;
  app.enableCors({
    origin: [...origins],
    methods: ['GET', 'POST', 'PUT'],
    allowedHeaders: ['authorization', 'content-type', 'idempotency-key', REQUEST_ID],
    exposedHeaders: ['location', 'retry-after', REQUEST_ID],
    credentials: false,
    // Any OPTIONS is answered as one: the plugin's own complaint is no problem+json.
    strictPreflight: false,
    maxAge: 600,
  });
}
