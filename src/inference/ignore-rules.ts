interface Rule {
  pattern: RegExp;
  negated: boolean;
  foldersOnly: boolean;
}

/** The rules of a `.gitignore`, as a test of paths relative to its folder. The last rule that fits decides. */
export function ignoreRules(text: string): (path: string, isFolder: boolean) => boolean {
  const rules = text.split(/\r?\n/).flatMap((line) => ruleOf(line.replace(/\s+$/, '')));
  return (path, isFolder) => {
    let ignored = false;
    for (const it of rules) if ((isFolder || !it.foldersOnly) && it.pattern.test(path)) ignored = !it.negated;
    return ignored;
  };
}

function ruleOf(line: string): Rule[] {
  if (line === '' || line.startsWith('#')) return [];
  const negated = line.startsWith('!');
  const foldersOnly = line.endsWith('/');
  const body = line.replace(/^!/, '').replace(/^\\/, '').replace(/\/$/, '');
  const anchored = body.replace(/^\//, '').includes('/') || body.startsWith('/');
  const source = body
    .replace(/^\//, '')
    .split('/')
    .map((part) =>
      part === '**'
        ? '**'
        : part
            .replace(/[.+^${}()|\\]/g, '\\$&')
            .replace(/\*/g, '[^/]*')
            .replace(/\?/g, '[^/]'),
    )
    .join('/')
    .replace(/^\*\*\//, '(?:.*/)?')
    .replace(/\/\*\*\//g, '/(?:.*/)?')
    .replace(/\/\*\*$/, '/.*');
  try {
    return [{ pattern: new RegExp(`${anchored ? '^' : '(?:^|/)'}${source}$`), negated, foldersOnly }];
  } catch {
    return [];
  }
}
