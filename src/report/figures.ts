import type { Place } from '../model/known.ts';

export const placeText = (place: Place | undefined): string => (place?.file ? `${oneLine(place.file)}:${place.line}` : '');

/** Names come from files that anybody may have written: a line of the report stays one line. */
// biome-ignore lint/suspicious/noControlCharactersInRegex: these are what has to go.
export const oneLine = (text: string): string => text.replace(/[\u0000-\u001f\u007f\u2028\u2029]+/g, ' ');
