import { LAB_ITEMS, LAB_SLOTS, type LabChoice, type LabSlot } from '../src/model/lab-items.ts';
import { useView } from './panel-context.ts';

const SLOT_NAMES: Readonly<Record<LabSlot, string>> = {
  gateway: 'Gateway',
  app: 'App',
  queue: 'Traffic',
  database: 'Database',
  cache: 'Cache',
  ci: 'CI',
  cloud: 'Cloud',
};

/** The parts of the new project: as the workspace has them, or one that is chosen here. CI and cloud reach the command alone. */
export function Lab() {
  const { state, dispatch } = useView();
  const { lab } = state;
  const choose = (slot: LabSlot, item: string): void => {
    const { [slot]: _before, ...others } = lab;
    dispatch({ kind: 'lab', lab: (item === '' ? others : { ...others, [slot]: item }) as LabChoice });
  };
  return (
    <fieldset className="lab">
      <legend>Parts of the new project</legend>
      {LAB_SLOTS.map((slot) => (
        <label className="field" key={slot}>
          <span>{SLOT_NAMES[slot]}</span>
          <select value={lab[slot] ?? ''} aria-label={`${SLOT_NAMES[slot]} of the new project`} onChange={(event) => choose(slot, event.target.value)}>
            <option value="">As here</option>
            {LAB_ITEMS[slot].map((it) => (
              <option key={it} value={it}>
                {it}
              </option>
            ))}
          </select>
        </label>
      ))}
    </fieldset>
  );
}
