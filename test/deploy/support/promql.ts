import { parser } from '@prometheus-io/lezer-promql';

interface Matcher {
  readonly label: string;
  /** The text between the quotes. */
  readonly value: string;
}

/** What an expression reads: metrics with the labels in their matchers, and the labels of its groupings. */
export interface Reads {
  readonly metrics: readonly { readonly name: string; readonly matchers: readonly Matcher[] }[];
  readonly grouping: readonly string[];
  readonly aggregates: boolean;
}

/** Parses an expression with Prometheus's own grammar. @throws SyntaxError for invalid PromQL */
export function readsOf(expression: string): Reads {
  // Grafana replaces variables for durations and texts before Prometheus parses the expression.
  const text = expression.replaceAll(/\$__(rate_interval|interval|range)\b/g, '5m');
  const metrics: { name: string; matchers: Matcher[] }[] = [];
  const grouping: string[] = [];
  let aggregates = false;
  const tree = parser.parse(text);
  tree.iterate({
    enter({ node, type, from, to }) {
      const content = text.slice(from, to);
      const isOf = (parent: string) => node.parent?.name === parent;
      if (type.isError) throw new SyntaxError(`no PromQL at ${from}: ${text.slice(from)}`);
      if (type.name === 'AggregateExpr') aggregates = true;
      else if (type.name === 'Identifier' && isOf('VectorSelector'))
        metrics.push({ name: content, matchers: [] });
      else if (type.name === 'LabelName' && isOf('GroupingLabels')) grouping.push(content);
      else if (type.name === 'UnquotedLabelMatcher') {
        const [, label, value] = /^(\w+)\W+"(.*)"$/.exec(content)!;
        metrics.at(-1)!.matchers.push({ label: label!, value: value! });
      }
    },
  });
  return { metrics, grouping, aggregates };
}
