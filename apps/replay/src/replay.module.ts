import { Module } from '@nestjs/common';
import { InjectCommander } from 'nest-commander';
import type { Command } from 'commander';
import { AsOfCommand } from './as-of/as-of.command.js';
import { EventsCommand } from './events/events.command.js';
import { Log } from './log/log.js';
import { ReportCommand } from './report/report.command.js';
import { SqlCommand } from './sql/sql.command.js';
import { VerifyCommand } from './verify/verify.command.js';
import { WhatIfCommand } from './what-if/what-if.command.js';

/** Each a class of its own in the folder of its name. */
const COMMANDS = [EventsCommand, AsOfCommand, SqlCommand, ReportCommand, WhatIfCommand, VerifyCommand];

@Module({ providers: [Log, ...COMMANDS] })
export class ReplayModule {
  constructor(@InjectCommander() program: Command) {
    program
      .name('npm run replay --')
      .description(
        'Asks the log what happened, and what would have: reads the event store only, and writes nothing but its output. ' +
          'Needs EVENTSTORE_URL, with credentials that may read $all.',
      );
  }
}
