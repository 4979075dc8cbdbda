import { setTimeout as sleep } from 'node:timers/promises';
import { assertNever } from '#libs/invitation';
import { predict, type Prediction } from './model.js';
import type { Scenario, Step } from './scenarios.js';
import type { ServiceHarness } from './service-harness.js';

/** Thrown when the machine is too slow for the prediction. Weeks must be longer then. */
export class TooSlow extends Error {}

/** The share of a week that must remain between a step and the next reminder. */
const MARGIN = 0.15;

export class Calendar {
  constructor(readonly weekMs: number) {}

  async until(since: number, week: number): Promise<void> {
    await sleep(Math.max(0, since + week * this.weekMs - performance.now()));
  }

  weeksSince(since: number): number {
    return (performance.now() - since) / this.weekMs;
  }
}

/** An open invitation. */
export interface Open {
  readonly invitationId: string;
  readonly since: number;
}

export async function begin(harness: ServiceHarness, { inviter, recipient }: Scenario): Promise<Open> {
  return { invitationId: await harness.invite(inviter, recipient), since: performance.now() };
}

/**
 * Runs a scenario. Each step waits for the e-mails of the previous ones. Returns when no further e-mail is expected.
 */
export async function play(
  harness: ServiceHarness,
  calendar: Calendar,
  scenario: Scenario,
  open: Open,
): Promise<void> {
  const { recipient, steps } = scenario;
  let { invitationId, since } = open;
  for (const [index, step] of steps.entries()) {
    await calendar.until(since, step.week);
    const next = Math.ceil(step.week) - MARGIN;
    const inTime = () => calendar.weeksSince(since) < next;
    await untilThere(harness, scenario, predict(scenario, [], index).mails, inTime);
    const renewed = await carryOut(harness, scenario, step, invitationId);
    if (!inTime()) throw new TooSlow(`${recipient} had not done it in time: ${step.what}`);
    if (renewed !== undefined) {
      invitationId = renewed;
      since = performance.now();
    }
  }
  await calendar.until(since, 3);
  await untilThere(harness, scenario, predict(scenario).mails, () => calendar.weeksSince(since) < 4);
  await calendar.until(since, 3.2);
}

/** @returns the id of the open invitation, if the step has replaced it */
async function carryOut(
  harness: ServiceHarness,
  { inviter, recipient }: Scenario,
  { what }: Step,
  invitationId: string,
): Promise<string | undefined> {
  switch (what) {
    case 'follow up':
      return harness.invite(inviter, recipient);
    case 'invite again':
      return harness.invite(inviter, recipient, { recipientEmail: `${recipient}@network.example` });
    case 'withdraw':
      await harness.answer(what, invitationId, inviter);
      return undefined;
    case 'accept':
    case 'reply':
    case 'ignore':
    case 'decline':
      await harness.answer(what, invitationId, recipient);
      return undefined;
    case 'nothing':
    case 'no reminders':
    case 'no invitations':
    case 'all again':
      await harness.wish(recipient, what);
      return undefined;
    default:
      return assertNever(what);
  }
}

/** Waits for the predicted e-mails. @throws TooSlow when they do not arrive in time */
async function untilThere(
  harness: ServiceHarness,
  { recipient }: Scenario,
  mails: Prediction['mails'],
  inTime: () => boolean,
): Promise<void> {
  const own = (all: readonly string[]) => all.filter((mail) => mail.startsWith(`${recipient}:`));
  await untilMails(() => own(harness.mails), own(mails), inTime);
}

export async function untilMails(
  arrived: () => readonly string[],
  predicted: readonly string[],
  inTime: () => boolean,
): Promise<void> {
  for (;;) {
    const there = [...arrived()];
    const missing = predicted.filter((mail) => {
      const at = there.indexOf(mail);
      return at === -1 || there.splice(at, 1).length === 0;
    });
    if (missing.length === 0) return;
    if (!inTime()) throw new TooSlow(`not in time: ${missing.join(', ')}`);
    await sleep(50);
  }
}

/**
 * Interrupts every process that could send an e-mail, between two reminders or before the first. The command and the
 * notification app are killed at once, and stay down until their consumer groups have noticed it. The projector is
 * paused first, then killed.
 * @returns the reminders that became due meanwhile
 */
export async function outage(
  harness: ServiceHarness,
  calendar: Calendar,
  since: number,
  killedAt: number,
): Promise<number[]> {
  await calendar.until(since, killedAt);
  harness.signal('projector', 'SIGSTOP');
  harness.signal('command', 'SIGKILL');
  harness.signal('notification', 'SIGKILL');
  const back = harness.untilMailsAreSent();
  await calendar.until(since, killedAt + 1.45);
  harness.signal('projector', 'SIGKILL');
  await back;
  const backAt = calendar.weeksSince(since);
  const next = [1, 2, 3, 5].find((due) => due > backAt);
  if (next === undefined || next - backAt < MARGIN) throw new TooSlow(`back after ${backAt} weeks`);
  return [1, 2, 3].filter((due) => killedAt < due && due < backAt);
}
