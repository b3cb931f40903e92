import type { ComponentDoc, FieldDoc, FileDoc, TypeDoc } from "./source-docs.ts";

/** A source file of a module and what it offers. */
export interface DocumentedFile extends FileDoc {
  /** Path from the project's folder. */
  readonly path: string;
}

/**
 * Renders the reference of all components.
 * @param files The documented files, in the order of the page.
 * @param outputs The contract of the stack outputs.
 */
export function renderComponentsPage(files: readonly DocumentedFile[], outputs: TypeDoc): string {
  const modules = [...new Set(files.map(moduleOf))];
  const shown = (module: string) => files.filter((file) => moduleOf(file) === module && file.components.length > 0);
  return [
    "<!-- Made by `npm run docs` from the comments in the sources; change those. -->",
    "# Components",
    "What a stack function puts together. Each takes `(name, args, opts)`; whatever lives inside Vault takes its provider from `opts`.",
    ...modules
      .filter((module) => shown(module).length > 0)
      .flatMap((module) => [
        `## ${module}`,
        ...shown(module).flatMap((file) =>
          file.components.flatMap((component) => componentSection(component, file, files)),
        ),
      ]),
    "## Types",
    ...mentionedTypes(files).flatMap(typeSection),
    "## Stack outputs",
    outputs.text,
    fieldTable(["Output", "Type", "Meaning"], outputs.fields ?? [], ({ name, type, text }) => [
      code(name),
      code(type),
      text,
    ]),
    "",
  ].join("\n\n");
}

function moduleOf({ path }: DocumentedFile): string {
  return path.split("/")[1] ?? "";
}

function componentSection(component: ComponentDoc, file: DocumentedFile, all: readonly DocumentedFile[]): string[] {
  const types = all.flatMap((one) => one.types);
  const args = types.find(({ name }) => name === component.args);
  const fields = args === undefined ? null : (args.fields ?? givenFields(args, types));
  return [
    `### ${component.name}`,
    `\`${component.token}\` in [${file.path}](../${file.path})`,
    component.text,
    ...(component.example === "" ? [] : [`\`\`\`ts\n${component.example}\n\`\`\``]),
    ...(fields === null ? [] : [argumentTable("Argument", fields)]),
    ...(component.outputs.length === 0
      ? []
      : [
          fieldTable(["Property", "Type", "Meaning"], component.outputs, ({ name, type, text }) => [
            code(name),
            code(type),
            text,
          ]),
        ]),
  ];
}

/**
 * The fields of arguments that are the inputs of a dynamic resource; what the resource adds itself is not for callers
 * to give.
 */
function givenFields({ bases }: TypeDoc, types: readonly TypeDoc[]): FieldDoc[] | null {
  const fields = bases.flatMap((base) => inheritedFields(base, types));
  const given = fields.filter(({ name }) => name !== "protocolVersion" && name !== "__provider");
  return given.length === 0 ? null : given.map((field) => ({ ...field, type: `pulumi.Input<${field.type}>` }));
}

function inheritedFields(name: string, types: readonly TypeDoc[]): readonly FieldDoc[] {
  const type = types.find((one) => one.name === name);
  if (type === undefined) return [];
  return [...(type.fields ?? []), ...type.bases.flatMap((base) => inheritedFields(base, types))];
}

/**
 * The types that arguments refer to, and those that these refer to, by name; arguments are shown with their component.
 */
function mentionedTypes(files: readonly DocumentedFile[]): TypeDoc[] {
  const components = files.flatMap((file) => file.components);
  const argumentNames = new Set(components.map(({ args }) => args));
  const types = new Map(files.flatMap((file) => file.types).map((type) => [type.name, type]));
  const found = new Set<TypeDoc>();
  const visit = (texts: readonly string[]): void => {
    for (const name of texts.join(" ").match(/\b[A-Z]\w+/g) ?? []) {
      const type = types.get(name);
      if (type === undefined || argumentNames.has(name) || found.has(type)) continue;
      found.add(type);
      visit(textsOf(type));
    }
  };
  for (const { args, outputs } of components) visit([...textsOf(types.get(args)), ...outputs.map(({ type }) => type)]);
  return [...found].sort((a, b) => (a.name < b.name ? -1 : 1));
}

function textsOf(type: TypeDoc | undefined): string[] {
  return type === undefined ? [] : [type.source, ...(type.fields ?? []).map((field) => field.type)];
}

function typeSection(type: TypeDoc): string[] {
  const heading = [`### ${type.name}`, type.text];
  if (type.fields !== null) return [...heading, argumentTable("Field", type.fields)];
  return [...heading, `\`\`\`ts\n${type.source}\n\`\`\``];
}

function argumentTable(heading: string, fields: readonly FieldDoc[]): string {
  return fieldTable([heading, "Type", "Default", "Meaning"], fields, ({ name, type, optional, fallback, text }) => [
    code(name),
    code(type),
    optional ? fallback : "required",
    text,
  ]);
}

function fieldTable(
  headings: readonly string[],
  fields: readonly FieldDoc[],
  cells: (field: FieldDoc) => readonly string[],
): string {
  const row = (texts: readonly string[]): string => `| ${texts.map(cell).join(" | ")} |`;
  return [row(headings), row(headings.map(() => "---")), ...fields.map((field) => row(cells(field)))].join("\n");
}

function cell(text: string): string {
  return text.replace(/\s*\n\s*/g, " ").replaceAll("|", "\\|");
}

function code(text: string): string {
  return `\`${text}\``;
}
