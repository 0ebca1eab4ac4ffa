import type { Said } from '../detector.ts';

/** Compose's `${NAME:-default}`. A name that nothing sets and that has no default becomes empty, as compose does. */
export function interpolate(text: string, variables: Readonly<Record<string, Said<string>>>): string {
  return text.replace(
    /\$\{([A-Za-z_]\w*)(?::?([-?+])([^}]*))?\}|\$([A-Za-z_]\w*)/g,
    (_all, braced: string | undefined, mark: string | undefined, fallback: string | undefined, bare: string | undefined) => {
      const value = variables[(braced ?? bare) as string]?.value;
      return value ?? (mark === '-' ? (fallback ?? '') : '');
    },
  );
}
