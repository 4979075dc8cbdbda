export interface Instruction {
  readonly name: string;
  readonly value: string;
}
export interface Stage {
  readonly from: string;
  readonly name: string;
  readonly instructions: readonly Instruction[];
}

/** Parses the stages of a Dockerfile with their instructions, without ARGs before the first stage. */
export function stagesOf(text: string): Stage[] {
  const lines = text
    .split('\n')
    .filter((line) => !line.startsWith('#'))
    .join('\n')
    .replaceAll('\\\n', ' ')
    .split('\n')
    .filter((line) => line.trim() !== '');
  const stages: { from: string; name: string; instructions: Instruction[] }[] = [];
  for (const line of lines) {
    const [, name, value] = /^([A-Z]+)\s+(.*)$/.exec(line) ?? [];
    if (name === undefined || value === undefined) throw new Error(`no instruction: ${line}`);
    if (name === 'FROM') {
      const [, from, stage] = /^(\S+) AS (\S+)$/.exec(value) ?? [];
      if (from === undefined || stage === undefined) throw new Error(`a stage without a name: ${line}`);
      stages.push({ from, name: stage, instructions: [] });
    } else stages.at(-1)?.instructions.push({ name, value });
  }
  return stages;
}

/** Returns all instructions of a target's image: those of its base stages, then its own. */
export function instructionsOf(stages: readonly Stage[], target: string): Instruction[] {
  const stage = stages.find(({ name }) => name === target);
  if (stage === undefined) return [];
  return [...instructionsOf(stages, stage.from), ...stage.instructions];
}

/** Returns the last value of an instruction in an image. */
export const last = (instructions: readonly Instruction[], name: string): string | undefined =>
  instructions.findLast((instruction) => instruction.name === name)?.value;

/** Returns the COPY instructions with the stage that each copies from. */
export function copiesOf(instructions: readonly Instruction[]) {
  return instructions
    .filter(({ name }) => name === 'COPY')
    .map(({ value }) => {
      const [, from, paths] = /^(?:--from=(\S+) )?(.*)$/.exec(value)!;
      const words = paths!.split(' ');
      return { from, sources: words.slice(0, -1), target: words.at(-1)! };
    });
}
