import {
  generateHistory,
  type SampleOptions,
} from '../../../apps/standalone/src/sample-history/sample-history.js';
import type { LogEntry } from './what-if.js';

/** Returns the sample history in the order in which its events are in the log. */
export function* sampleLog(options: SampleOptions): Generator<LogEntry, void, void> {
  for (const { accountId, events } of generateHistory(options))
    for (const event of events) yield { accountId, event };
}
