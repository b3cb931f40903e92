/**
 * Writes a block of HCL.
 * @param header Its kind and label.
 * @param body Its lines.
 * @returns The lines of the block.
 */
export function block(header: string, body: readonly string[]): string[] {
  return [`${header} {`, ...body.map((line) => `  ${line}`), "}"];
}

/**
 * Writes one attribute of HCL.
 * @param name Its name.
 * @param value Its value.
 * @returns One line.
 */
export function attribute(name: string, value: string | number | boolean): string {
  // A JSON string is a valid HCL string, but for what HCL would take for a template.
  return `${name} = ${JSON.stringify(value)}`;
}
