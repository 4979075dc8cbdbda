import 'reflect-metadata';
import { Module } from '@nestjs/common';
import { NestFactory } from '@nestjs/core';
import { Transport, type MicroserviceOptions } from '@nestjs/microservices';
import { NaiveController } from './naive.controller.js';
import { NAIVE_GROUP } from './topic.js';

/**
 * A simple app with the framework's defaults: the Kafka transport and one handler that reads a stream and appends an
 * event, one command after another. It stores no outcomes and sends no replies.
 */
@Module({ controllers: [NaiveController] })
class NaiveModule {}

const app = await NestFactory.createMicroservice<MicroserviceOptions>(NaiveModule, {
  transport: Transport.KAFKA,
  logger: ['error'],
  options: {
    client: { clientId: 'naive', brokers: [process.env['KAFKA_BROKERS']!] },
    consumer: { groupId: NAIVE_GROUP.given },
    // The backlog exists before the app starts.
    subscribe: { fromBeginning: true },
  },
});
app.enableShutdownHooks();
await app.listen();
