import type { Provider } from '../../../controller/client/types.ts';

type ChooseProps = { providers: Provider[] | undefined; error: Error | undefined; onChoose: (provider: string) => void };

export function Choose({ providers, error, onChoose }: ChooseProps) {
  return (
    <>
      <p className="lead">
        You sign in on a clean desktop that is made for you now and thrown away afterwards. Workbench keeps only what the tool needs to stay
        signed in.
      </p>
      {error && (
        <p role="alert" className="alert">
          What there is to connect cannot be read: {error.message}
        </p>
      )}
      {!providers && !error && (
        <p className="busy" role="status">
          Loading…
        </p>
      )}
      {providers?.length === 0 && <p role="status">There is nothing to connect yet.</p>}
      <ul className="choices">
        {providers?.map(({ id, name, hosts }) => (
          <li key={id}>
            <button type="button" onClick={() => onChoose(id)}>
              <span className="monogram" aria-hidden="true">
                {name.slice(0, 1)}
              </span>
              <span className="choice">
                <strong>{name}</strong>
                <small>{hosts.length > 0 ? hosts.slice(0, 2).join(', ') : 'Opens its page in the desktop’s browser'}</small>
              </span>
              <span className="go" aria-hidden="true">
                →
              </span>
            </button>
          </li>
        ))}
      </ul>
    </>
  );
}
