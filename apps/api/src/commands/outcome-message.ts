import { InvalidData, parseJson, REFUSAL_CODES, UUID, type CommandOutcome } from '#libs/contracts';

/** The outcome in a message's value; undefined where there is none that we can read. */
export function outcomeIn(value: Uint8Array | null): CommandOutcome | undefined {
  const data = jsonIn(value);
  if (typeof data !== 'object' || data === null) return undefined;
  const { commandId, outcome, code } = data as Partial<Record<keyof CommandOutcome, unknown>>;
  if (typeof commandId !== 'string' || !UUID.test(commandId)) return undefined;
  if (outcome === 'accepted') return { commandId, outcome };
  const refusal = REFUSAL_CODES.find((known) => known === code);
  return outcome === 'refused' && refusal !== undefined ? { commandId, outcome, code: refusal } : undefined;
}

function jsonIn(value: Uint8Array | null): unknown {
  try {
    return parseJson(value);
  } catch (error) {
    if (error instanceof InvalidData) return undefined;
    throw error;
  }
}
