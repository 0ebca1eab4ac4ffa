import { type Choices, IMPLICATIONS, OPTIONS, type Option, SCAFFOLD_PACKAGE, SCAFFOLD_VERSION } from './grammar.ts';

/** The choices as the generator will take them, and a sentence for each that it changes. */
export function withImplications(choices: Choices): { choices: Choices; says: readonly string[] } {
  const says: string[] = [];
  let done = choices;
  for (const it of IMPLICATIONS) {
    if (!it.when(done)) continue;
    done = { ...done, ...it.sets };
    says.push(it.says);
  }
  return { choices: done, says };
}

/** What is wrong with the choices, in words; empty when the generator will understand all of them. */
export function problemsOf(choices: Choices): string[] {
  return OPTIONS.filter((it) => it.when?.(choices) ?? true).flatMap((option) => {
    const value: unknown = choices[option.choice];
    return isAllowed(option, value) ? [] : [`${option.choice}: ${JSON.stringify(value)?.slice(0, 80)} is not one of ${allowedWords(option)}`];
  });
}

/**
 * The arguments behind `init`, complete enough that the generator asks nothing.
 * Throws on choices that `problemsOf` objects to: the generator itself would make a silently wrong project of them.
 */
export function argumentsOf(choices: Choices): string[] {
  const problems = problemsOf(choices);
  if (problems.length > 0) throw new Error(problems.join('; '));
  return [...OPTIONS.filter((it) => it.when?.(choices) ?? true).flatMap((it) => words(it, choices)), '--no-advanced-options'];
}

export interface Commands {
  npx: string;
  /** Needs Yarn 2 or later. */
  yarn: string;
  pnpm: string;
}

/** The same command for three package managers, as one line that POSIX shells, PowerShell and cmd.exe read alike. */
export function commandsOf(args: readonly string[]): Commands {
  const rest = [`${SCAFFOLD_PACKAGE}@${SCAFFOLD_VERSION}`, 'init', ...args].map(quote).join(' ');
  // Without --yes npx refuses to fetch a package when nobody can answer.
  return { npx: `npx --yes ${rest}`, yarn: `yarn dlx ${rest}`, pnpm: `pnpm dlx ${rest}` };
}

/**
 * One word for any of the shells. Throws on text outside a small alphabet instead of escaping it:
 * no escape means the same in all shells, and no valid argument needs one.
 */
export function quote(argument: string): string {
  if (/^[A-Za-z0-9_./@-]+$/.test(argument)) return argument.startsWith('@') ? `"${argument}"` : argument;
  if (/^[A-Za-z0-9_./@() -]+$/.test(argument)) return `"${argument}"`;
  throw new Error(`not a safe argument: ${JSON.stringify(argument.slice(0, 80))}`);
}

function words(option: Option, choices: Choices): string[] {
  const value = choices[option.choice];
  switch (option.kind) {
    case 'name':
    case 'oneOf':
      return [option.flag, String(value)];
    case 'anyOf': {
      const list = value as readonly string[];
      if (list.length > 0) return [option.flag, ...list];
      return option.none === null ? [] : [option.flag, option.none];
    }
    case 'boolean':
      return [value ? option.flag : option.flag.replace(/^--/, '--no-')];
    case 'gateway':
      return value === 'None' ? [option.useFlag, 'No'] : [option.useFlag, 'Yes', option.flag, String(value)];
  }
}

function isAllowed(option: Option, value: unknown): boolean {
  switch (option.kind) {
    case 'name':
      return typeof value === 'string' && value.length <= option.maxLength && option.pattern.test(value);
    case 'oneOf':
      return typeof value === 'string' && option.values.includes(value);
    case 'anyOf':
      return Array.isArray(value) && new Set(value).size === value.length && value.every((it) => option.values.includes(it));
    case 'boolean':
      return typeof value === 'boolean';
    case 'gateway':
      return value === 'None' || (typeof value === 'string' && option.values.includes(value));
  }
}

function allowedWords(option: Option): string {
  switch (option.kind) {
    case 'name':
      return `names of lower-case letters, digits and separators, up to ${option.maxLength}`;
    case 'boolean':
      return 'true, false';
    default:
      return option.values.join(', ');
  }
}
