import type { HostMessage, PanelState, WebviewMessage } from '../src/protocol.ts';

interface VsCodeApi {
  postMessage(message: WebviewMessage): void;
  getState(): PanelState | undefined;
  setState(state: PanelState): void;
}
declare function acquireVsCodeApi(): VsCodeApi;

export interface Host {
  post(message: WebviewMessage): void;
  load(): PanelState | undefined;
  save(state: PanelState): void;
  listen(hear: (message: HostMessage) => void): () => void;
}

const KINDS: readonly string[] = ['snapshot', 'reveal', 'asked', 'requestSvg', 'reply'] satisfies HostMessage['kind'][];
const isHostMessage = (it: unknown): it is HostMessage => typeof it === 'object' && it !== null && 'kind' in it && KINDS.includes(String(it.kind));

/** The one door to the extension. May be opened once per page: the editor hands its interface out only once. */
export function connect(): Host {
  const api = acquireVsCodeApi();
  document.addEventListener('securitypolicyviolation', (it) => api.postMessage({ kind: 'violation', directive: it.violatedDirective, blocked: it.blockedURI || it.sample }));
  return {
    post: (message) => api.postMessage(message),
    load: () => api.getState() ?? undefined,
    save: (state) => api.setState(state),
    listen: (hear) => {
      const onMessage = (event: MessageEvent<unknown>): void => {
        if (isHostMessage(event.data)) hear(event.data);
      };
      window.addEventListener('message', onMessage);
      return () => window.removeEventListener('message', onMessage);
    },
  };
}
