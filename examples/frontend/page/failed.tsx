import type { SignInFailure } from '../../../controller/client/react.ts';
import { Title } from './title.tsx';
import { FAILURES } from './words.ts';

type FailedProps = { name: string; failure: SignInFailure; onAgain: () => void; onChoose: () => void };

export function Failed({ name, failure: { kind, code, message }, onAgain, onChoose }: FailedProps) {
  const { title, text, again } = FAILURES[kind];
  return (
    <div className="card" data-tone="bad" data-kind={kind} role="alert" aria-labelledby="failed">
      <Title id="failed">{title}</Title>
      <p>{text}</p>
      <div className="buttons">
        <button type="button" className="first" onClick={onAgain}>
          {again}
        </button>
        <button type="button" onClick={onChoose}>
          Choose another
        </button>
      </div>
      <details>
        <summary>Details</summary>
        <p>
          {name}, <code>{code}</code>
        </p>
        <pre>{message}</pre>
      </details>
    </div>
  );
}
