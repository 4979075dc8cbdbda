import { documentsOf, filesBelow, textOf } from './files.js';

export interface Rule {
  /** Absent in a recording rule. */
  readonly alert?: string;
  /** Absent in an alert. */
  readonly record?: string;
  readonly expr: string;
  readonly for?: string;
  readonly labels?: Readonly<Record<string, string>>;
  readonly annotations?: Readonly<Record<string, string>>;
}
export interface Alert extends Rule {
  readonly alert: string;
  readonly labels: { readonly severity: string; readonly window?: string };
  readonly annotations: Readonly<Record<string, string>>;
}

/** The groups of rules of each file, as Prometheus reads them. */
export const ruleFiles = (): { file: string; groups: readonly { name: string; rules: Rule[] }[] }[] =>
  filesBelow('deploy/kubernetes/alerts', 'rules.yaml').map((file) => {
    const [{ spec }] = documentsOf(textOf(file)) as [{ spec: { groups: { name: string; rules: Rule[] }[] } }];
    return { file, groups: spec.groups };
  });

export const writtenRules = (): Rule[] =>
  ruleFiles().flatMap(({ groups }) => groups.flatMap(({ rules }) => rules));

export const writtenAlerts = (): Alert[] => writtenRules().filter((rule): rule is Alert => 'alert' in rule);
