import { StrictMode } from 'react';
import { createRoot } from 'react-dom/client';
import { App } from './app.tsx';

const orielUrl = document.querySelector<HTMLMetaElement>('meta[name=oriel]')!.content;
createRoot(document.getElementById('root')!).render(
  <StrictMode>
    <App orielUrl={orielUrl} />
  </StrictMode>,
);
