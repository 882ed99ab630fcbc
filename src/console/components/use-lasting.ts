import { useEffect, useState } from 'react';

/** Whether `present` has been true for `ms` without a break. */
export function useLasting(present: boolean, ms: number): boolean {
  const [lasts, setLasts] = useState(false);
  useEffect(() => {
    if (!present) return undefined;
    const timer = window.setTimeout(() => setLasts(true), ms);
    return () => {
      window.clearTimeout(timer);
      setLasts(false);
    };
  }, [present, ms]);
  return present && lasts;
}
