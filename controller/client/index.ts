export type { Session, SessionStarted, SessionStatus, StartBody, IceServers, Phase } from '#contract/session';
export type { Answer, Candidate, CandidatesBody, CandidatesReply, OfferAccepted, OfferBody } from '#contract/signal';
export type { Viewer, ViewerRenewed, Viewers } from '#contract/viewer';
export type { ViewerRole } from '#contract/viewer-role';
export { createClient, type ClientOptions, type OrielClient } from './client.ts';
export { OrielError } from './error.ts';
