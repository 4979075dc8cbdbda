import { invalid } from '../http/problem.js';
import { PREFERENCES, type EmailPreferences } from './email-preferences.js';

/**
 * What was ticked: a browser sends nothing for a box that is not.
 * @throws Problem 400 for a body that is no form
 */
export function preferencesIn(form: unknown): EmailPreferences {
  if (form !== undefined && !(form instanceof URLSearchParams)) throw invalid();
  return Object.fromEntries(PREFERENCES.map((name) => [name, form?.has(name) ?? false])) as Record<
    (typeof PREFERENCES)[number],
    boolean
  >;
}
