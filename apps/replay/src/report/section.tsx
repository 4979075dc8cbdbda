import type { JSX } from 'preact';
import { QUERIES } from './queries.js';

interface SectionProps {
  readonly title: string;
  readonly intro: string;
  /** The queries whose figures it shows. */
  readonly queries: readonly (keyof typeof QUERIES)[];
  readonly children: [JSX.Element, JSX.Element];
}

/** A chart beside its table, with the queries that it is made of. */
export function Section({ title, intro, queries, children: [chart, table] }: SectionProps): JSX.Element {
  return (
    <section>
      <h2>{title}</h2>
      <p>{intro}</p>
      <div class="beside">
        <figure>{chart}</figure>
        <div class="table">{table}</div>
      </div>
      <details>
        <summary>The {queries.length === 1 ? 'query' : 'queries'} for npm run replay -- sql</summary>
        <pre>{queries.map((name) => `${unindent(QUERIES[name].sql)};`).join('\n\n')}</pre>
      </details>
    </section>
  );
}

const unindent = (sql: string): string => sql.replaceAll(/^ {10}/gm, '');

interface TableProps {
  readonly caption?: string;
  readonly head: readonly string[];
  readonly rows: readonly (readonly string[])[];
}

export function Table({ caption, head, rows }: TableProps): JSX.Element {
  return (
    <table>
      {caption === undefined ? null : <caption>{caption}</caption>}
      <thead>
        <tr>
          {head.map((cell) => (
            <th key={cell} scope="col">
              {cell}
            </th>
          ))}
        </tr>
      </thead>
      <tbody>
        {rows.map(([first, ...others]) => (
          <tr key={first}>
            <th scope="row">{first}</th>
            {others.map((cell, index) => (
              <td key={head[index + 1]}>{cell}</td>
            ))}
          </tr>
        ))}
      </tbody>
    </table>
  );
}
