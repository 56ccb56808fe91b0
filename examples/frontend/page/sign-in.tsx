import { useState } from 'react';
import type { DesktopProps } from '../../../controller/client/react.ts';

type SignInProps = { isLive: boolean; desktop: DesktopProps | undefined; onClose: () => void; onRestart: () => Promise<void> };

/** The desktop, as soon as there is one: the element itself shows how far it is, and reconnects by itself. */
export function SignIn({ isLive, desktop, onClose, onRestart }: SignInProps) {
  const [problem, setProblem] = useState('');
  const [isRestarting, setRestarting] = useState(false);
  const restart = async () => {
    setRestarting(true);
    setProblem('');
    await onRestart().catch(({ message }: Error) => setProblem(`The login was not begun again: ${message}`));
    setRestarting(false);
  };
  return (
    <>
      <div className="tools">
        <p className="lead" role="status">
          {isLive
            ? 'Finish the sign-in in the desktop’s browser. Click into it to type; a code can be pasted with Ctrl+V.'
            : 'Your desktop is on its way. This takes a few seconds.'}
        </p>
        <div className="buttons">
          <button type="button" disabled={!isLive || isRestarting} onClick={() => void restart()}>
            {isRestarting ? 'Beginning again…' : 'Begin the login again'}
          </button>
          <button type="button" onClick={onClose}>
            Cancel
          </button>
        </div>
      </div>
      {problem && (
        <p role="alert" className="alert">
          {problem}
        </p>
      )}
      <div className="desk">{desktop ? <oriel-desktop {...desktop} /> : <p className="busy">Asking for a desktop…</p>}</div>
    </>
  );
}
