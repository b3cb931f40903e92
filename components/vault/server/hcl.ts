/** Writes a block of HCL. */
export function block(header: string, body: readonly string[]): string[] {
  return [`${header} {`, ...body.map((line) => `  ${line}`), "}"];
}

/**
 * Writes one attribute of HCL.
 * @returns One line.
 */
export function attribute(name: string, value: string | number | boolean): string {
  // A JSON string is a valid HCL string, except for what HCL would take for a template.
  return `${name} = ${JSON.stringify(value)}`;
}
