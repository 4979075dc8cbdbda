import { Injectable } from '@nestjs/common';
import { internalAuthorizationHeader } from '#libs/platform';
import { parseDto } from '#libs/contracts';
import { ApiConfig } from '../config/api.config.js';
import { serviceUnavailable } from '../http/problem.js';
import { EmailPreferences, parsePreferencesForm } from './preferences.dto.js';
import { sendRequest, type OutgoingRequest } from './send-request.js';

/**
 * Reads and writes e-mail preferences in the notification app, which stores them so that it does not depend on this
 * app to obey them.
 */
@Injectable()
export class PreferencesClient {
  constructor(private readonly config: ApiConfig) {}

  /** @throws ProblemError 503 when the notification app does not return valid preferences */
  async read(memberId: string): Promise<EmailPreferences> {
    const body = await this.request(memberId, { method: 'GET' });
    try {
      return parseDto(EmailPreferences, JSON.parse(body), 'drop');
    } catch (error) {
      throw serviceUnavailable(error);
    }
  }

  /** @throws ProblemError 503 when the notification app does not confirm */
  async write(memberId: string, preferences: EmailPreferences): Promise<void> {
    const headers = { 'content-type': 'application/json' };
    await this.request(memberId, { method: 'PUT', headers, body: JSON.stringify(preferences) });
  }

  /**
   * Turns one preference off, whatever happens to the others meanwhile: mail programs may turn off several at once.
   * @throws ProblemError 503 when the notification app does not confirm
   */
  async turnOff(memberId: string, which: keyof EmailPreferences): Promise<void> {
    await this.request(memberId, { method: 'DELETE' }, `/${which}`);
  }

  /**
   * Saves the form of the preferences. While all e-mails are off, the choice for each kind is kept for later: the form
   * does not send it where it is disabled.
   * @returns the preferences afterwards
   * @throws ProblemError 503 when the notification app does not confirm
   */
  async submit(memberId: string, form: unknown): Promise<EmailPreferences> {
    const preferences = parsePreferencesForm(form);
    if (preferences.all) {
      await this.write(memberId, preferences);
      return preferences;
    }
    await this.turnOff(memberId, 'all');
    return this.read(memberId);
  }

  /**
   * Turns one preference on again. For a kind, it also turns on the e-mails altogether.
   * @throws ProblemError 503 when the notification app does not confirm
   */
  async turnOn(memberId: string, which: keyof EmailPreferences): Promise<void> {
    const { invitations, reminders, acceptances, replies } = await this.read(memberId);
    const kinds = { invitations, reminders, acceptances, replies };
    await this.write(memberId, { ...kinds, all: true, [which]: true });
  }

  /** @returns the body of the response */
  private async request(memberId: string, request: OutgoingRequest, which = ''): Promise<string> {
    const { NOTIFICATION_URL, NOTIFICATION_CA_FILE, NOTIFICATION_TIMEOUT, INTERNAL_SECRETS } = this.config;
    if (NOTIFICATION_URL === undefined) throw serviceUnavailable(new Error('NOTIFICATION_URL is not set'));
    const url = new URL(
      `internal/members/${memberId}/email-preferences${which}`,
      withTrailingSlash(NOTIFICATION_URL),
    );
    const signal = AbortSignal.timeout(NOTIFICATION_TIMEOUT);
    const authorization = internalAuthorizationHeader(INTERNAL_SECRETS);
    const headers = { ...request.headers, ...(authorization === undefined ? {} : { authorization }) };
    try {
      const connection = { caFile: NOTIFICATION_CA_FILE, signal };
      const { status, body } = await sendRequest(url, { ...request, headers }, connection);
      if (status >= 200 && status < 300) return body;
      throw new Error(
        status === 401
          ? 'the notification app rejected the secret: INTERNAL_SECRETS must be the same in both apps'
          : `status ${status}`,
      );
    } catch (error) {
      throw serviceUnavailable(error);
    }
  }
}

const withTrailingSlash = (url: string): string => (url.endsWith('/') ? url : `${url}/`);
