import { useEffect, useState } from 'react';
import { readAccount, type Account } from './api.ts';
import { toSize } from './words.ts';

/** The page learns that all is kept from its own back end, which has asked for it with the key; what is kept it never sees. */
export function Done({ sessionId, onAnother }: { sessionId: string; onAnother: () => void }) {
  const [account, setAccount] = useState<Account>();
  const [problem, setProblem] = useState('');
  useEffect(() => void readAccount(sessionId).then(setAccount, ({ message }: Error) => setProblem(message)), [sessionId]);
  return (
    <div className="card" data-tone="good">
      {account ? (
        <>
          <p>You are signed in. The desktop was thrown away; Workbench keeps these files for you:</p>
          <ul className="files">
            {account.files.map(({ path, bytes }) => (
              <li key={path}>
                <code>{path}</code>
                <span>{toSize(bytes)}</span>
              </li>
            ))}
          </ul>
        </>
      ) : problem ? (
        <p role="alert" className="alert">
          You are signed in, but the credentials could not be taken over: {problem}
        </p>
      ) : (
        <p className="busy" role="status">
          Taking the credentials over…
        </p>
      )}
      <div className="buttons">
        <button type="button" className="first" onClick={onAnother}>
          Connect another account
        </button>
      </div>
    </div>
  );
}
