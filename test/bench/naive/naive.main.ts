import 'reflect-metadata';
import { Module } from '@nestjs/common';
import { NestFactory } from '@nestjs/core';
import { Transport, type MicroserviceOptions } from '@nestjs/microservices';
import { NaiveController } from './naive.controller.js';
import { NAIVE_GROUP } from './topic.js';

/**
 * What a team writes in an afternoon with the framework's defaults: the Kafka transport, one handler, a stream read and
 * an event appended for each command, one command after the other. It keeps no outcomes, and answers nobody.
 */
@Module({ controllers: [NaiveController] })
class NaiveModule {}

const app = await NestFactory.createMicroservice<MicroserviceOptions>(NaiveModule, {
  transport: Transport.KAFKA,
  logger: ['error'],
  options: {
    client: { clientId: 'naive', brokers: [process.env['KAFKA_BROKERS']!] },
    consumer: { groupId: NAIVE_GROUP.given },
    // The backlog is there before the app is.
    subscribe: { fromBeginning: true },
  },
});
app.enableShutdownHooks();
await app.listen();
