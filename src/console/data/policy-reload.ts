const key = 'tandem.policyReload';
const pauseMs = 60_000;

/**
 * The page's content security policy allows the nodes that were known when it was loaded. Where the two have met only
 * since, as at their first start, the browser refuses every call to the other one: then the page loads itself again, which
 * keeps its address and who is signed in. Not while a dialog is open, so that nothing typed is lost (the next refusal
 * comes within a second), and not again and again where the policy stays as it is.
 */
export function reloadWhenPolicyIsOld(): void {
  document.addEventListener('securitypolicyviolation', ({ effectiveDirective }) => {
    if (effectiveDirective !== 'connect-src' || document.querySelector('ix-modal') !== null) return;
    if (Date.now() - Number(sessionStorage.getItem(key) ?? 0) < pauseMs) return;
    sessionStorage.setItem(key, String(Date.now()));
    window.location.reload();
  });
}
