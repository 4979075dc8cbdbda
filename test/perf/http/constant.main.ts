import fastify from 'fastify';

/** The route of the inbox with a constant response: the rate that Fastify alone can reach here. */
const { PORT, BODY } = process.env as Record<string, string>;
const server = fastify();
server.get('/v1/inbox', (_request, reply) => {
  void reply.type('application/json; charset=utf-8').send(BODY);
});
await server.listen({ host: '127.0.0.1', port: Number(PORT) });
process.once('SIGTERM', () => process.exit());
