import { describeHostileInput } from './describe-hostile-input.js';
import { httpCases } from './http.cases.js';
import { mailCases } from './mail.cases.js';
import { unreadableEventCases } from './unreadable-event.cases.js';

describeHostileInput('servers and clients', {
  'A. an event that cannot be read': unreadableEventCases,
  'B. mail servers and old events': mailCases,
  'C. databases and clients': httpCases,
});
