/** What an expression reads: metrics with the labels that they are asked by, and the labels that it groups by. */
export interface Reads {
  readonly metrics: readonly { readonly name: string; readonly labels: readonly string[] }[];
  readonly grouping: readonly string[];
  readonly aggregates: boolean;
}

const TOKEN =
  /\s*(?:(?<text>"(?:[^"\\]|\\.)*"|'(?:[^'\\]|\\.)*')|(?<range>\[[^\]]*\])|(?<number>\d[\w.]*)|(?<name>[A-Za-z_:][\w:]*)|(?<sign>[=!<>~]+|.))/gy;

const GROUPING = new Set(['by', 'without', 'on', 'ignoring', 'group_left', 'group_right']);
const OPERATORS = new Set(['and', 'or', 'unless', 'bool', 'offset', 'inf', 'nan']);
const AGGREGATIONS = new Set(['sum', 'min', 'max', 'avg', 'count', 'topk', 'bottomk', 'quantile', 'group']);

/** Reads PromQL as far as names go; whether it makes sense, Prometheus says. */
export function readsOf(expression: string): Reads {
  const tokens = [...expression.trimEnd().matchAll(TOKEN)].map(({ groups }) => groups!);
  const metrics: { name: string; labels: string[] }[] = [];
  const grouping: string[] = [];
  let aggregates = false;
  for (let at = 0; at < tokens.length; at += 1) {
    const name = tokens[at]!['name'];
    if (name === undefined || OPERATORS.has(name)) continue;
    const after = tokens[at + 1]?.['sign'];
    if (GROUPING.has(name)) {
      if (after !== '(') continue;
      for (at += 2; tokens[at]?.['sign'] !== ')'; at += 1)
        if (tokens[at]!['name']) grouping.push(tokens[at]!['name']!);
    } else if (AGGREGATIONS.has(name)) aggregates = true;
    else if (after === '(') continue;
    else {
      const labels: string[] = [];
      if (after === '{') {
        for (at += 2; tokens[at]!['sign'] !== '}'; at += 1)
          if (tokens[at]!['name']) labels.push(tokens[at]!['name']!);
      }
      metrics.push({ name, labels });
    }
  }
  return { metrics, grouping, aggregates };
}
