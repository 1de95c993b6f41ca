/** Tables as files for spreadsheets (RFC 4180). Pure. */

const FORMULA = /^[=+\-@\t\r]/;

/** The text of a file that spreadsheets open as it is: with a byte order mark, and nothing that they take for a formula. */
export function csv(rows: readonly (readonly (string | number)[])[]): string {
  return `\uFEFF${rows.map((row) => row.map(field).join(",")).join("\r\n")}\r\n`;
}

function field(value: string | number): string {
  const text = typeof value === "string" && FORMULA.test(value) ? `'${value}` : String(value);
  return /[",\r\n]/.test(text) ? `"${text.replaceAll('"', '""')}"` : text;
}
