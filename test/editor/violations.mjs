// Breaches of the content security policy of Faultline's own webviews. VS Code's own pages have other policies and are left out.

const CONSOLE = /Content Security Policy/i;
/** The nonce of webview-html.ts: 16 bytes in base64. VS Code's pages use hashes or fixed nonces. */
const OWN_NONCE = /'nonce-[A-Za-z0-9+/]{22}=='/;

/**
 * Listens from now on to everything that a context's pages report. Chromium names the broken directive in the console;
 * only Faultline's directives carry such a nonce or a `worker-src blob:` alone. `all()` collects; `lookInto` adds what a frame's page has reported since it was loaded.
 */
export function watchViolations(context) {
  const seen = new Set();
  const noise = new Set();
  context.on('console', (message) => {
    const text = message.text();
    if (!CONSOLE.test(text)) return;
    (OWN_NONCE.test(text) || isOwnFrame(message) ? seen : noise).add(text);
  });
  const frames = new Set();
  const lookInto = async (frame) => {
    await frame.evaluate(REPORTS).catch(() => {});
    frames.add(frame);
  };
  const all = async () => {
    for (const frame of frames) for (const text of await frame.evaluate(() => globalThis.faultlineViolations ?? []).catch(() => [])) seen.add(text);
    return [...seen];
  };
  return { lookInto, all, noise: () => [...noise] };
}

const isOwnFrame = (message) => /faultline|extensionId=faultline/i.test(message.location().url);

/** Runs in the webview: a buffered observer also delivers what happened before it was made. */
const REPORTS = `(() => {
  if (globalThis.faultlineViolations) return;
  const list = (globalThis.faultlineViolations = []);
  const add = (it) => list.push((it.effectiveDirective ?? '') + ' blocked ' + (it.blockedURL ?? it.blockedURI ?? 'inline') + ' in ' + (it.sourceFile ?? 'the page'));
  document.addEventListener('securitypolicyviolation', add);
  new ReportingObserver((reports) => reports.forEach((it) => add(it.body)), { types: ['csp-violation'], buffered: true }).observe();
})()`;
