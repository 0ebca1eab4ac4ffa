import mermaid from 'mermaid';
import './document.css';

declare function acquireVsCodeApi(): { postMessage(message: unknown): void };

const host = acquireVsCodeApi();
document.addEventListener('securitypolicyviolation', (it) => host.postMessage({ kind: 'violation', directive: it.violatedDirective, blocked: it.blockedURI || it.sample }));

const root = document.getElementById('root') as HTMLElement;
const drawing = append('section', 'drawing');
drawing.setAttribute('aria-label', 'Diagram');
const bar = append('div', 'bar');
const copy = document.createElement('button');
copy.type = 'button';
copy.textContent = 'Copy Mermaid text';
const said = document.createElement('span');
said.setAttribute('role', 'status');
bar.append(copy, said);
const source = append('pre', 'source');
source.tabIndex = 0;
source.setAttribute('aria-label', 'Mermaid text');

let text = '';
let round = 0;
let requestId = 1;

copy.addEventListener('click', () => {
  host.postMessage({ kind: 'copyText', requestId: requestId++, text, what: 'Mermaid text' });
  said.textContent = 'Copied.';
});
window.addEventListener('message', ({ data }: MessageEvent<unknown>) => {
  if (typeof data !== 'object' || data === null || !('kind' in data) || data.kind !== 'document' || !('text' in data) || typeof data.text !== 'string') return;
  text = data.text;
  void draw();
});
// The editor changes the class of the body when the user changes the theme.
new MutationObserver(() => void draw()).observe(document.body, { attributes: true, attributeFilter: ['class'] });
host.postMessage({ kind: 'ready' });

/** Draws the latest text; a drawing that took longer than the next one's start is thrown away. */
async function draw(): Promise<void> {
  if (text === '') return;
  source.textContent = text;
  said.textContent = '';
  const mine = ++round;
  mermaid.initialize({
    startOnLoad: false,
    securityLevel: 'strict',
    theme: 'base',
    themeVariables: colours(),
    flowchart: { htmlLabels: false, useMaxWidth: false, wrappingWidth: 340 },
    fontFamily: read('--vscode-font-family'),
  });
  try {
    const { svg } = await mermaid.render(`drawing-${mine}`, text);
    if (mine === round) drawing.innerHTML = svg;
  } catch (error) {
    if (mine !== round) return;
    drawing.textContent = `The diagram could not be drawn: ${error instanceof Error ? error.message : String(error)}. The text below is complete.`;
  }
}

/** Mermaid computes with colours, so it gets them as values, not as variables. */
function colours(): Record<string, string | boolean> {
  const text = read('--vscode-editor-foreground') || read('--vscode-foreground');
  const ground = read('--vscode-editor-background');
  const line = read('--vscode-contrastBorder') || read('--vscode-descriptionForeground') || text;
  const raised = read('--vscode-editorWidget-background') || ground;
  return {
    fontSize: '13px',
    darkMode: !/vscode-light|vscode-high-contrast-light/.test(document.body.className),
    background: ground,
    primaryColor: raised,
    primaryTextColor: text,
    primaryBorderColor: line,
    secondaryColor: ground,
    tertiaryColor: ground,
    tertiaryTextColor: text,
    tertiaryBorderColor: line,
    lineColor: line,
    textColor: text,
    mainBkg: raised,
    nodeBorder: line,
    clusterBkg: ground,
    clusterBorder: line,
    titleColor: text,
    edgeLabelBackground: ground,
  };
}

function read(name: string): string {
  return getComputedStyle(document.documentElement).getPropertyValue(name).trim();
}

function append(tag: 'section' | 'div' | 'pre', kind: string): HTMLElement {
  const made = document.createElement(tag);
  made.className = kind;
  root.append(made);
  return made;
}
