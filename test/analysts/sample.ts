import { sampleHistory, type SampleOptions } from '../../apps/standalone/src/sample-history/history.js';
import type { LogEntry } from './what-if.js';

/** The sample history, as its events come to stand in the log. */
export function* sampleLog(options: SampleOptions): Generator<LogEntry, void, void> {
  for (const { accountId, events } of sampleHistory(options))
    for (const event of events) yield { accountId, event };
}
