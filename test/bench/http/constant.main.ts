import fastify from 'fastify';

/** The route of the inbox, answering the same bytes without doing anything for them: what Fastify alone can do here. */
const { PORT, BODY } = process.env as Record<string, string>;
const server = fastify();
server.get('/v1/inbox', (_request, reply) => {
  void reply.type('application/json; charset=utf-8').send(BODY);
});
await server.listen({ host: '127.0.0.1', port: Number(PORT) });
process.once('SIGTERM', () => process.exit());
