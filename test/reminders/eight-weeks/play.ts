import { setTimeout as sleep } from 'node:timers/promises';
import { unreachable } from '#libs/invitation';
import { predict, type Prediction } from './model.js';
import type { Script, Step } from './scripts.js';
import type { Stage } from './stage.js';

/** The machine was so slow that the prediction may not hold: weeks are to be longer. */
export class TooSlow extends Error {}

/** So much of a week is to be left between what happens and the next reminder. */
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

/** An invitation that is open. */
export interface Open {
  readonly invitationId: string;
  readonly since: number;
}

export async function begin(stage: Stage, { inviter, recipient }: Script): Promise<Open> {
  return { invitationId: await stage.invite(inviter, recipient), since: performance.now() };
}

/** Plays a script, each step once the mails of before have arrived. Ends when nothing more is to come. */
export async function play(stage: Stage, calendar: Calendar, script: Script, open: Open): Promise<void> {
  const { recipient, steps } = script;
  let { invitationId, since } = open;
  for (const [index, step] of steps.entries()) {
    await calendar.until(since, step.week);
    const next = Math.ceil(step.week) - MARGIN;
    const inTime = () => calendar.weeksSince(since) < next;
    await untilThere(stage, script, predict(script, [], index).mails, inTime);
    const renewed = await carryOut(stage, script, step, invitationId);
    if (!inTime()) throw new TooSlow(`${recipient} had not done it in time: ${step.what}`);
    if (renewed !== undefined) {
      invitationId = renewed;
      since = performance.now();
    }
  }
  await calendar.until(since, 3);
  await untilThere(stage, script, predict(script).mails, () => calendar.weeksSince(since) < 4);
  await calendar.until(since, 3.2);
}

/** @returns the id of the invitation that is open from now on, where that is another one */
async function carryOut(
  stage: Stage,
  { inviter, recipient }: Script,
  { what }: Step,
  invitationId: string,
): Promise<string | undefined> {
  switch (what) {
    case 'follow up':
      return stage.invite(inviter, recipient);
    case 'invite again':
      return stage.invite(inviter, recipient, { recipientEmail: `${recipient}@network.example` });
    case 'withdraw':
      await stage.answer(what, invitationId, inviter);
      return undefined;
    case 'accept':
    case 'reply':
    case 'ignore':
    case 'decline':
      await stage.answer(what, invitationId, recipient);
      return undefined;
    case 'nothing':
    case 'no reminders':
    case 'no invitations':
    case 'all again':
      await stage.wish(recipient, what);
      return undefined;
    default:
      return unreachable(what);
  }
}

/** Waits for mails that are predicted. @throws TooSlow when they are not there in time */
async function untilThere(
  stage: Stage,
  { recipient }: Script,
  mails: Prediction['mails'],
  inTime: () => boolean,
): Promise<void> {
  const own = (all: readonly string[]) => all.filter((mail) => mail.startsWith(`${recipient}:`));
  await untilMails(() => own(stage.mails), own(mails), inTime);
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
 * Everything that could send an e-mail is killed between two reminders, or before the first: command and notification
 * app at once, and stand still until their consumer groups have missed them; the projector is silent first, then killed.
 * @returns the reminders that came due meanwhile
 */
export async function outage(
  stage: Stage,
  calendar: Calendar,
  since: number,
  killedAt: number,
): Promise<number[]> {
  await calendar.until(since, killedAt);
  stage.signal('projector', 'SIGSTOP');
  stage.signal('command', 'SIGKILL');
  stage.signal('notification', 'SIGKILL');
  const back = stage.untilMailsAreSent();
  await calendar.until(since, killedAt + 1.45);
  stage.signal('projector', 'SIGKILL');
  await back;
  const backAt = calendar.weeksSince(since);
  const next = [1, 2, 3, 5].find((due) => due > backAt);
  if (next === undefined || next - backAt < MARGIN) throw new TooSlow(`back after ${backAt} weeks`);
  return [1, 2, 3].filter((due) => killedAt < due && due < backAt);
}
