import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { readDocument, writeDocument } from '../../../docs/generated.js';
import { codeCells, drawnFrom, NOTEBOOK_FILE, NotebookEngine, sourceOf, type Notebook } from './notebook.js';
import { exportSample } from './sample-export.js';

/*
 * Executes the notebook on the sample history and keeps the outputs in it. PYTHON is a Python with matplotlib, such as
 * /usr/bin/python3 with Debian's python3-matplotlib; queries are answered by DuckDB in this process.
 */

type Message = { readonly sql: string } | { readonly printed: string; readonly charts: readonly string[] };

const folder = await mkdtemp(join(tmpdir(), 'notebook-'));
await exportSample(folder);
const engine = await NotebookEngine.open(folder);
const script = join(import.meta.dirname, 'execute_cells.py');
const python = spawn(process.env['PYTHON'] ?? 'python3', [script], { stdio: ['pipe', 'pipe', 'inherit'] });
const ended = once(python, 'exit');
try {
  const notebook = JSON.parse(readDocument(NOTEBOOK_FILE)) as Notebook;
  const messages = createInterface({ input: python.stdout })[Symbol.asyncIterator]();
  const say = (message: object) => void python.stdin.write(`${JSON.stringify(message)}\n`);
  let executed = 0;
  for (const cell of codeCells(notebook)) {
    say({ source: sourceOf(cell) });
    for (;;) {
      const { value, done } = await messages.next();
      if (done) throw new Error(`Python ended in the cell ${cell.id}`);
      const message = JSON.parse(value) as Message;
      if ('sql' in message) {
        say(await engine.ask(message.sql));
        continue;
      }
      executed += 1;
      cell.execution_count = executed;
      cell.outputs = toOutputs(message.printed, message.charts);
      if (message.charts.length > 0) cell.metadata.drawn_from = drawnFrom(cell);
      break;
    }
  }
  writeDocument(NOTEBOOK_FILE, `${JSON.stringify(notebook, null, 1)}\n`);
} finally {
  python.stdin.end();
  engine.close();
  await rm(folder, { recursive: true });
}
await ended;

function toOutputs(
  printed: string,
  charts: readonly string[],
): NonNullable<Notebook['cells'][number]['outputs']> {
  const text = printed.match(/.*\n/g) ?? [];
  return [
    ...(text.length > 0 ? [{ output_type: 'stream', name: 'stdout', text } as const] : []),
    ...charts.map((png) => ({
      output_type: 'display_data' as const,
      data: { 'image/png': png, 'text/plain': ['<Figure>'] },
      metadata: {},
    })),
  ];
}
