import { commandIdCases } from './command-id.cases.js';
import { describeHostileInput } from './describe-hostile-input.js';
import { kafkaMessageCases } from './kafka-message.cases.js';
import { profileCases } from './profile.cases.js';

describeHostileInput('publishers', {
  'A. messages that a broker accepts': kafkaMessageCases,
  'B. one command id on many accounts': commandIdCases,
  'C. profiles': profileCases,
});
