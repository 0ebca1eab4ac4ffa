import { createRoot } from 'react-dom/client';
import { createAnswers, isWorker, serveAnswers } from './answers.ts';
import { App } from './app.tsx';
import { connect } from './host.ts';
import './style.css';

if (isWorker) serveAnswers();
else {
  const root = document.getElementById('root');
  if (!root) throw new Error('the page has no #root');
  const script = document.currentScript instanceof HTMLScriptElement ? document.currentScript.src : null;
  createRoot(root).render(<App host={connect()} answers={createAnswers(script)} />);
}
