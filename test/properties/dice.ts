/** One large number as a handful of rolls: each takes what it needs of it and leaves the rest. */
export class Dice {
  constructor(private rest: number) {}

  /** 0 to sides - 1; 0 once the number is used up. */
  roll(sides: number): number {
    if (sides < 1) return 0;
    const rolled = this.rest % sides;
    this.rest = Math.floor(this.rest / sides);
    return rolled;
  }

  of<Face>(faces: readonly Face[]): Face {
    return faces[this.roll(faces.length)]!;
  }
}
