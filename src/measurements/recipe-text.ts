import { figure, span, told } from '../model/amounts.ts';
import type { Recipe, RecipePart } from './recipe.ts';

/** Recipes as Markdown: the terminal and a pasted note show the same. */
export function recipesText(recipes: readonly Recipe[], headline: string): string {
  if (recipes.length === 0) return `${headline}\n\nNothing that is assumed decides this: there is nothing to measure first.\n`;
  const named = recipes.map((it, at) => `${at + 1}. ${it.label}`).join('\n');
  return `${headline}\n\nMeasure, the most decisive first:\n${named}\n\n${recipes.map(recipeText).join('\n')}`;
}

/** One recipe: what, where, the ways to measure it, and how it comes back. */
export function recipeText(recipe: Recipe): string {
  const [place] = recipe.places;
  const files = [...new Set(recipe.parts.flatMap((it) => it.saves ?? []))];
  const { low, high, unit } = recipe;
  const taken = low === high ? `At present ${told(low, unit)}` : `Taken as ${span(low, high, unit)} until it is measured`;
  return [
    `## ${recipe.label}`,
    '',
    `${taken}${place ? `; ${place.file}:${place.line}` : ''}. In faultline.json: "${recipe.input}".`,
    '',
    ...(recipe.under ? [underText(recipe.under), ''] : []),
    ...recipe.parts.map(partText),
    files.length > 0 ? `Then: faultline import ${files[0]} --write\n` : '',
  ].join('\n');
}

const partText = (it: RecipePart): string => `${it.title}\n\n\`\`\`${it.language}\n${it.text}\n\`\`\`\n`;

/** The load to measure under, and why. */
const underText = ({ requestsPerSecond, perSecond, why }: NonNullable<Recipe['under']>): string =>
  `Measure it while the system carries about ${requestsPerSecond} requests a second (${figure(perSecond)} of these), ${why}: in production at such an hour, or by \`faultline export-k6 --rps ${requestsPerSecond}\`. ` +
  'What work costs moves with the load: far below it every request wakes processes and finds cold caches, and beyond it everything waits.';
