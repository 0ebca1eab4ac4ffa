/** Rows of a CSV text (RFC 4180: doubled quotes, line ends inside quotes); null where a quote never closes. */
export function readCsv(text: string, separator = ','): string[][] | null {
  const rows: string[][] = [];
  let row: string[] = [];
  let field = '';
  let isQuoted = false;
  const endRow = (): void => {
    row.push(field);
    if (row.length > 1 || row[0] !== '') rows.push(row);
    row = [];
    field = '';
  };
  for (let at = 0; at < text.length; at++) {
    const c = text[at] as string;
    if (isQuoted) {
      if (c !== '"') field += c;
      else if (text[at + 1] === '"') {
        field += '"';
        at += 1;
      } else isQuoted = false;
    } else if (c === '"' && field === '') isQuoted = true;
    else if (c === separator) {
      row.push(field);
      field = '';
    } else if (c === '\n') endRow();
    else if (c !== '\r' || text[at + 1] !== '\n') field += c;
  }
  if (isQuoted) return null;
  endRow();
  return rows;
}
