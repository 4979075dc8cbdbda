import { Injectable } from '@nestjs/common';
import { validated } from '#libs/contracts';
import { ApiConfig } from '../config.js';
import { unavailable } from '../http/problem.js';
import { EmailPreferences } from './email-preferences.js';

/** The e-mail preferences where they are kept: in the notification app, which must not depend on this one to obey them. */
@Injectable()
export class PreferencesKeeper {
  constructor(private readonly config: ApiConfig) {}

  /** @throws Problem 503 when the keeper does not answer as it should */
  async read(memberId: string): Promise<EmailPreferences> {
    const response = await this.ask(memberId, { method: 'GET' });
    try {
      return validated(EmailPreferences, await response.json(), 'drop');
    } catch (error) {
      throw unavailable(error);
    }
  }

  /** @throws Problem 503 when the keeper does not confirm */
  async write(memberId: string, preferences: EmailPreferences): Promise<void> {
    const headers = { 'content-type': 'application/json' };
    const response = await this.ask(memberId, { method: 'PUT', headers, body: JSON.stringify(preferences) });
    await response.body?.cancel();
  }

  /**
   * Turns one off, whatever happens to the others meanwhile: mail programs end several kinds at once.
   * @throws Problem 503 when the keeper does not confirm
   */
  async turnOff(memberId: string, which: keyof EmailPreferences): Promise<void> {
    const response = await this.ask(memberId, { method: 'DELETE' }, `/${which}`);
    await response.body?.cancel();
  }

  private async ask(memberId: string, request: RequestInit, which = ''): Promise<Response> {
    const { NOTIFICATION_URL, NOTIFICATION_TIMEOUT } = this.config;
    if (NOTIFICATION_URL === undefined) throw unavailable(new Error('NOTIFICATION_URL is not set'));
    const url = new URL(
      `internal/members/${memberId}/email-preferences${which}`,
      withSlash(NOTIFICATION_URL),
    );
    const signal = AbortSignal.timeout(NOTIFICATION_TIMEOUT);
    try {
      const response = await fetch(url, { ...request, signal, redirect: 'error' });
      if (response.ok) return response;
      await response.body?.cancel();
      throw new Error(`status ${response.status}`);
    } catch (error) {
      throw unavailable(error);
    }
  }
}

const withSlash = (url: string): string => (url.endsWith('/') ? url : `${url}/`);
