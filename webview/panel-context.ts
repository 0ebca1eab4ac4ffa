import { createContext, type Dispatch, useContext } from 'react';
import type { Place } from '../src/model/known.ts';
import type { WebviewMessage } from '../src/protocol.ts';
import type { Action, State } from './store.ts';
import type { Studies } from './studies.ts';
import type { View } from './view.ts';

type Requests = Extract<WebviewMessage, { requestId: number }>;
type Unnumbered<M> = M extends unknown ? Omit<M, 'requestId'> : never;

/** What every part of the panel may read and do. */
export interface Panel {
  state: State;
  /** Null until a report has arrived. */
  view: View | null;
  /** What is worked out after the answer. */
  studies: Studies;
  dispatch: Dispatch<Action>;
  post(message: WebviewMessage): void;
  /** Sends a message that the host answers; `what` names it to the user when the answer comes. */
  ask(message: Unnumbered<Requests>, what: string): void;
  open(place: Place): void;
}

const PanelContext = createContext<Panel | null>(null);
export const PanelProvider = PanelContext.Provider;

export function usePanel(): Panel {
  const panel = useContext(PanelContext);
  if (!panel) throw new Error('used outside the panel');
  return panel;
}

/** The panel with a report; parts that need one are only drawn when there is one. */
export function useView(): Panel & { view: View } {
  const panel = usePanel();
  if (!panel.view) throw new Error('drawn without a report');
  return { ...panel, view: panel.view };
}
