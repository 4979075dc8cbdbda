import { readFileSync } from 'node:fs';
import ts from 'typescript';

const SOURCE = new URL('../../../libs/invitation/src/events.ts', import.meta.url);

export interface DeclaredField {
  readonly name: string;
  /** The type in TypeScript. */
  readonly type: string;
  readonly isOptional: boolean;
  readonly meaning: string;
}

export interface DeclaredEvent {
  readonly name: string;
  readonly meaning: string;
  /** The fields, starting with those that all events have. */
  readonly fields: readonly DeclaredField[];
}

/** Returns the events that libs/invitation/src/events.ts declares, with their doc comments. */
export function declaredEvents(): readonly DeclaredEvent[] {
  const file = ts.createSourceFile('events.ts', readFileSync(SOURCE, 'utf8'), ts.ScriptTarget.Latest, true);
  const interfaces = new Map(
    file.statements.filter(ts.isInterfaceDeclaration).map((node) => [node.name.text, node] as const),
  );
  const fieldsOf = (node: ts.InterfaceDeclaration): DeclaredField[] => {
    const parents =
      node.heritageClauses?.flatMap(({ types }) => types.map(({ expression }) => expression)) ?? [];
    const inherited = parents.flatMap((parent) => fieldsOf(interfaces.get(parent.getText(file))!));
    const own = node.members.filter(ts.isPropertySignature).map((member) => ({
      name: member.name.getText(file),
      type: member.type!.getText(file),
      isOptional: member.questionToken !== undefined,
      meaning: docOf(member),
    }));
    return [...inherited, ...own];
  };
  return [...interfaces.values()]
    .filter((node) => node.modifiers?.some(({ kind }) => kind === ts.SyntaxKind.ExportKeyword))
    .map((node) => ({
      name: node.name.text,
      meaning: docOf(node),
      fields: fieldsOf(node).filter(({ name }) => name !== 'type'),
    }));
}

function docOf(node: ts.Node): string {
  const [doc] = ts.getJSDocCommentsAndTags(node);
  const text = doc === undefined ? undefined : ts.getTextOfJSDocComment(doc.comment);
  return (text ?? '').replaceAll(/\s+/g, ' ');
}
