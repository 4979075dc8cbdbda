/** The share of each run that is not counted, because Node compiles the code during it. */
export const uncounted = (count: number): number => Math.floor(count / 5);
