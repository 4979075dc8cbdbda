// Jest loads this file in plain Node, so it cannot be TypeScript.
import { TestEnvironment } from 'jest-environment-node';

/**
 * Fails a test in which a promise is rejected before anything handles it, because `runApp` ends a process for that.
 * Jest alone tolerates a rejection that is handled later in the same test, such as that of a promise that is created
 * now and awaited only after something else.
 */
export default class extends TestEnvironment {
  handleTestEvent(event, state) {
    explainRejection(event, state);
  }
}

/** Call this from `handleTestEvent` of an environment. */
export function explainRejection(event, state) {
  // Jest has just added its own listeners. Without this one, it does not learn that a rejection was handled late.
  if (event.name === 'setup') event.parentProcess.removeAllListeners('rejectionHandled');
  if (event.name === 'error' && event.promise !== undefined) explain(event, state);
}

/** Replaces the rejection in Jest's report by an error that explains the problem. */
function explain({ error, promise }, state) {
  const reported = state.unhandledRejectionErrorByPromiseTarget?.get(promise);
  if (!reported?.has(promise)) return;
  const message =
    'a promise was rejected while nothing handled it; an app would exit with 1. ' +
    'Attach a handler where the promise is created, even if it is awaited later';
  reported.set(promise, new Error(message, { cause: error }));
}
