import { readDocument } from '../generated.js';
import { catalogue } from './catalogue.js';

export const ANALYSTS_FILE = 'docs/analysts.md';

const BEGIN =
  '<!-- The catalogue is generated from the code by `npm run docs -- events`. A spec fails when it differs. -->';
const END = '<!-- The end of the catalogue. -->';

/** Renders docs/analysts.md with the catalogue that the code has now. */
export function renderAnalystsWithCatalogue(): string {
  const [before, rest] = readDocument(ANALYSTS_FILE).split(BEGIN);
  const [, after] = rest!.split(END);
  return [before, BEGIN, '\n\n', catalogue(), '\n\n', END, after].join('');
}
