import 'reflect-metadata';
import { createTool, printToStderr, runTool } from '#libs/cli';
import { addAsOfCommand } from './as-of/as-of.command.js';
import { TOOL } from './config.js';
import { addEventsCommand } from './events/events.command.js';
import { addInvitationsCommand } from './invitations/invitations.command.js';
import { LogReader } from './log/log-reader.js';
import { addReportCommand } from './report/report.command.js';
import { addSqlCommand } from './sql/sql.command.js';
import { addVerifyCommand } from './verify/verify.command.js';
import { addWhatIfCommand } from './what-if/what-if.command.js';

/* The analysts' command line: `npm run replay -- --help`. */

const program = createTool(
  TOOL,
  'Answers questions about what happened, and what would have happened, from the event log. It only reads the event ' +
    'store and writes nothing but its output. Needs EVENTSTORE_URL, with credentials that can read $all.',
);
const log = new LogReader();

addEventsCommand(program, log);
addInvitationsCommand(program, log);
addAsOfCommand(program, log);
addSqlCommand(program, log);
addReportCommand(program, log);
addWhatIfCommand(program, log);
addVerifyCommand(program, log);

await runTool(program, { errorPrefix: 'replay' });
log.unreadable.report().forEach(printToStderr);
log.texts.report().forEach(printToStderr);
await log.close();
