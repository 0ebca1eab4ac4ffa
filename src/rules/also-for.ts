/** Words behind a price where one edit is made for others as well: `, also for mails and 2 more`. */
export function alsoFor(names: readonly string[]): string {
  const [first] = names;
  if (first === undefined) return '';
  return `, also for ${first}${names.length === 1 ? '' : ` and ${names.length - 1} more`}`;
}
