import { globSync, readFileSync } from 'node:fs';
import ts from 'typescript';

const SOURCES = new URL('../../../libs/contracts/src/', import.meta.url).pathname;

/**
 * Returns the doc comments of the DTOs by `Class` and `Class.field`, so that a field is described only where it is
 * declared.
 */
export function docComments(): ReadonlyMap<string, string> {
  const found = new Map<string, string>();
  for (const path of globSync('**/{*.dto,outcome}.ts', { cwd: SOURCES })) {
    const file = ts.createSourceFile(
      path,
      readFileSync(SOURCES + path, 'utf8'),
      ts.ScriptTarget.Latest,
      true,
    );
    for (const node of file.statements) {
      if (!ts.isClassDeclaration(node) || node.name === undefined) continue;
      note(found, node.name.text, node);
      for (const member of node.members) {
        if (ts.isPropertyDeclaration(member))
          note(found, `${node.name.text}.${member.name.getText(file)}`, member);
      }
    }
  }
  return found;
}

function note(found: Map<string, string>, name: string, node: ts.Node): void {
  const [doc] = ts.getJSDocCommentsAndTags(node);
  const text = doc === undefined ? undefined : ts.getTextOfJSDocComment(doc.comment);
  if (text !== undefined) found.set(name, text.replaceAll(/\s+/g, ' '));
}
