import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it, jest } from '@jest/globals';
import { readDocument } from '../../docs/generated.js';
import {
  chartsOf,
  codeCells,
  drawnFrom,
  NOTEBOOK_FILE,
  NotebookEngine,
  printedBy,
  questionsOf,
  sourceOf,
  statementsOf,
  toPrinted,
  type Notebook,
} from './notebook/notebook.js';
import { exportSample } from './notebook/sample-export.js';

jest.setTimeout(300_000);

/** The fewest bytes of a PNG in which something is drawn. */
const MIN_CHART_BYTES = 4_000;

const notebook = JSON.parse(readDocument(NOTEBOOK_FILE)) as Notebook;
const [setup, ...answers] = codeCells(notebook);

/** The kept outputs equal what the queries answer. If not, run `npm run docs -- notebook` and check the difference. */
describe('docs/notebooks/invitations.ipynb, on an export of the sample history', () => {
  let folder: string;
  let engine: NotebookEngine;

  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), 'notebook-'));
    await exportSample(folder);
    engine = await NotebookEngine.open(folder);
    for (const statement of statementsOf(setup!)) await engine.ask(statement);
  });
  afterAll(async () => {
    engine.close();
    await rm(folder, { recursive: true });
  });

  it('answers five questions', () => {
    expect(statementsOf(setup!).length).toBeGreaterThan(0);
    expect(answers.map((cell) => questionsOf(cell).length)).toEqual([1, 1, 1, 1, 1]);
  });

  it.each(answers.map((cell) => [cell.id, cell] as const))(
    'keeps the answer of its query: %s',
    async (_, cell) => {
      expect(toPrinted(await engine.ask(questionsOf(cell)[0]!))).toBe(printedBy(cell));
    },
  );

  it.each(answers.map((cell) => [cell.id, cell] as const))('keeps a chart of that answer: %s', (_, cell) => {
    const charts = chartsOf(cell);
    expect(charts).toHaveLength(1);
    expect(charts[0]!.subarray(1, 4).toString()).toBe('PNG');
    expect(charts[0]!.length).toBeGreaterThan(MIN_CHART_BYTES);
    expect(cell.metadata.drawn_from).toBe(drawnFrom(cell));
  });

  it('was executed from its first cell to its last', () => {
    const counts = codeCells(notebook).map(({ execution_count: count }) => count);
    expect(counts).toEqual(counts.map((_, index) => index + 1));
    expect(sourceOf(setup!)).toContain('import duckdb');
  });
});
