import type { Place } from '../src/model/known.ts';
import { usePanel } from './panel-context.ts';
import { isReal, placeText } from './words.ts';

/** Opens a place in the editor; draws nothing for places that exist only in a what-if. */
export function PlaceLink({ place }: { place: Place | undefined }) {
  const { open } = usePanel();
  if (!isReal(place)) return null;
  return (
    <button type="button" className="link place" onClick={() => open(place)}>
      {placeText(place)}
    </button>
  );
}
