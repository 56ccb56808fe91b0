import { useEffect, useState, type ReactNode } from 'react';
import { useSignIn } from '../../../controller/client/react.ts';
import type { Provider } from '../../../controller/client/types.ts';
import { begin, readProviders } from './api.ts';
import { Choose } from './choose.tsx';
import { Done } from './done.tsx';
import { Failed } from './failed.tsx';
import { SignIn } from './sign-in.tsx';
import { Title } from './title.tsx';

const STEPS = ['Choose', 'Sign in', 'Done'] as const;

/** The whole flow. Which part of it is shown is the hook's state, and nothing else. */
export function App({ orielUrl }: { orielUrl: string }) {
  const signIn = useSignIn({ baseUrl: orielUrl, begin });
  const { state, desktop, start, close, restartLogin, reset } = signIn;
  const { providers, error } = useProviders();
  const toName = (id: string) => providers?.find((one) => one.id === id)?.name ?? id;

  if (state.phase === 'choosing')
    return (
      <Page step={0} title="Connect an account">
        <Choose providers={providers} error={error} onChoose={start} />
      </Page>
    );
  if (state.phase === 'completed')
    return (
      <Page step={2} title={`${toName(state.provider)} is connected`}>
        <Done sessionId={state.begun!.sessionId} onAnother={reset} />
      </Page>
    );
  if (state.phase === 'failed')
    return (
      <Page step={1} tone="bad">
        <Failed name={toName(state.provider)} failure={state.failure} onAgain={() => start(state.provider)} onChoose={reset} />
      </Page>
    );
  return (
    <Page step={1} isWide title={`Sign in to ${toName(state.provider)}`}>
      <SignIn isLive={state.phase === 'live'} desktop={desktop} onClose={close} onRestart={restartLogin} />
    </Page>
  );
}

type PageProps = { step: number; title?: string; isWide?: boolean; tone?: 'bad'; children: ReactNode };

function Page({ step, title, isWide = false, tone, children }: PageProps) {
  return (
    <>
      <header className="top">
        <span className="brand">Workbench</span>
        <span className="place">Connected accounts</span>
      </header>
      <main className={isWide ? 'wide' : ''}>
        <ol className="steps" aria-label="Progress">
          {STEPS.map((name, index) => (
            <li key={name} aria-current={index === step ? 'step' : undefined} data-state={toStepState(index, step, tone)}>
              {name}
            </li>
          ))}
        </ol>
        {title && <Title key={title}>{title}</Title>}
        {children}
      </main>
    </>
  );
}

const toStepState = (index: number, step: number, tone?: 'bad') =>
  index < step || (index === step && step === STEPS.length - 1) ? 'done' : index > step ? 'ahead' : (tone ?? 'now');

function useProviders(): { providers: Provider[] | undefined; error: Error | undefined } {
  const [providers, setProviders] = useState<Provider[]>();
  const [error, setError] = useState<Error>();
  useEffect(() => void readProviders().then(setProviders, setError), []);
  return { providers, error };
}
