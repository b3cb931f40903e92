import ts from "typescript";

/** A field of an interface or an output of a component. */
export interface FieldDoc {
  readonly name: string;
  readonly type: string;
  readonly optional: boolean;
  /** Text of `@default`; empty when there is none. */
  readonly fallback: string;
  readonly text: string;
}

/** An exported interface or type. */
export interface TypeDoc {
  readonly name: string;
  readonly text: string;
  /** Null for a type that is not an interface. */
  readonly fields: readonly FieldDoc[] | null;
  /** Names of the types whose fields it has as well. */
  readonly bases: readonly string[];
  /** Source of a type that is not an interface. */
  readonly source: string;
}

/** An exported resource class. */
export interface ComponentDoc {
  readonly name: string;
  /** Type token as it stands in URNs. */
  readonly token: string;
  readonly text: string;
  readonly example: string;
  /** Name of the interface of its arguments. */
  readonly args: string;
  readonly outputs: readonly FieldDoc[];
}

/** What one source file offers. */
export interface FileDoc {
  readonly components: readonly ComponentDoc[];
  readonly types: readonly TypeDoc[];
}

/**
 * Reads what a source file exports and how it describes it. Works on the syntax alone.
 * @param path Name of the file, for messages of the compiler.
 * @returns Its resource classes and types, in the order of the file.
 */
export function readSource(path: string, source: string): FileDoc {
  const file = ts.createSourceFile(path, source, ts.ScriptTarget.Latest, true);
  const exported = file.statements.filter(
    (node) =>
      ts.canHaveModifiers(node) && ts.getModifiers(node)?.some(({ kind }) => kind === ts.SyntaxKind.ExportKeyword),
  );
  return {
    components: exported.filter(ts.isClassDeclaration).flatMap((node) => componentDoc(node, file)),
    types: exported.flatMap((node) =>
      ts.isInterfaceDeclaration(node) || ts.isTypeAliasDeclaration(node) ? [typeDoc(node, file)] : [],
    ),
  };
}

function componentDoc(node: ts.ClassDeclaration, file: ts.SourceFile): ComponentDoc[] {
  const maker = node.members.find(ts.isConstructorDeclaration);
  const token = maker === undefined ? null : typeToken(maker, file);
  if (node.name === undefined || maker === undefined || token === null) return [];
  const outputs = node.members.filter(ts.isPropertyDeclaration).filter(isPublic);
  return [
    {
      name: node.name.text,
      token,
      text: docText(node),
      example: docTag(node, "example"),
      args: maker.parameters[1]?.type?.getText(file).replace(/<.*>$/s, "") ?? "",
      outputs: outputs.map((member) => fieldDoc(member, file)),
    },
  ];
}

/** From the call of the base class: a component names its token, a dynamic resource its type. */
function typeToken(maker: ts.ConstructorDeclaration, file: ts.SourceFile): string | null {
  const call = maker.body?.statements
    .filter(ts.isExpressionStatement)
    .map(({ expression }) => expression)
    .filter(ts.isCallExpression)
    .find(({ expression }) => expression.kind === ts.SyntaxKind.SuperKeyword);
  const token = call?.arguments.find(ts.isStringLiteral)?.text;
  if (token !== undefined) return token;
  const parts = call?.arguments.find(ts.isObjectLiteralExpression)?.properties.filter(ts.isPropertyAssignment) ?? [];
  const type = parts.find(({ name }) => name.getText(file) === "type")?.initializer;
  return type !== undefined && ts.isStringLiteral(type) ? `pulumi-nodejs:dynamic/${type.text}` : null;
}

function typeDoc(node: ts.InterfaceDeclaration | ts.TypeAliasDeclaration, file: ts.SourceFile): TypeDoc {
  const fields = ts.isInterfaceDeclaration(node)
    ? node.members.filter(ts.isPropertySignature).map((member) => fieldDoc(member, file))
    : null;
  const source = ts.isTypeAliasDeclaration(node) ? `type ${node.getText(file).replace(/^export type /, "")}` : "";
  return { name: node.name.text, text: docText(node), fields, bases: basesOf(node, file), source };
}

/** What an interface extends, or the inputs that the arguments of a resource are made from. */
function basesOf(node: ts.InterfaceDeclaration | ts.TypeAliasDeclaration, file: ts.SourceFile): string[] {
  if (ts.isInterfaceDeclaration(node)) {
    return (node.heritageClauses ?? []).flatMap(({ types }) => types.map(({ expression }) => expression.getText(file)));
  }
  const inputs = /^ArgsOf<(\w+)>$/.exec(node.type.getText(file))?.[1];
  return inputs === undefined ? [] : [inputs];
}

function fieldDoc(node: ts.PropertySignature | ts.PropertyDeclaration, file: ts.SourceFile): FieldDoc {
  return {
    name: node.name.getText(file),
    type: (node.type?.getText(file) ?? "").replace(/\s+/g, " "),
    optional: node.questionToken !== undefined,
    fallback: docTag(node, "default").replace(/^- /, ""),
    text: docText(node),
  };
}

function isPublic(node: ts.PropertyDeclaration): boolean {
  return ts.getModifiers(node)?.some(({ kind }) => kind === ts.SyntaxKind.PublicKeyword) ?? false;
}

function docText(node: ts.Node): string {
  const [doc] = ts.getJSDocCommentsAndTags(node).filter(ts.isJSDoc);
  return plain(ts.getTextOfJSDocComment(doc?.comment) ?? "");
}

function docTag(node: ts.Node, name: string): string {
  const tag = ts.getJSDocTags(node).find(({ tagName }) => tagName.text === name);
  return plain(ts.getTextOfJSDocComment(tag?.comment) ?? "");
}

/** Links have no target outside the editor. */
function plain(text: string): string {
  return text.replace(/\{@link (\S+?)\s*\}/g, "`$1`").trim();
}
