import type { components } from './api.ts';

/* The names that the description's schemas have, for whoever imports the client. */

type Schemas = components['schemas'];

export type Session = Schemas['Session'];
export type SessionStatus = Session['status'];
export type SessionStarted = Schemas['SessionStarted'];
export type StartBody = Schemas['StartBody'];
export type Phase = Schemas['Phase'];
/** Why a session is over. A newer controller may have codes that are not among these. */
export type Reason = Schemas['Reason'];
export type ReasonCode = Reason['code'];
export type SessionEvent = Schemas['SessionEvent'];
export type WebhookBody = Schemas['WebhookBody'];

export type Provider = Schemas['ProviderInfo'];
export type Credentials = Schemas['CredentialsReply'];

export type Viewer = Schemas['Viewer'];
export type ViewerRenewed = Schemas['ViewerRenewed'];
export type Viewers = Schemas['Viewers'];
export type ViewerRole = Viewer['role'];
export type ViewerQuality = Schemas['ViewerQuality'];

export type IceServers = Schemas['IceServers'];
export type Candidate = Schemas['Candidate'];
export type OfferBody = Schemas['OfferBody'];
export type OfferAccepted = Schemas['OfferAccepted'];
export type Answer = Schemas['Answer'];
export type CandidatesBody = Schemas['CandidatesBody'];
export type CandidatesReply = Schemas['CandidatesBody'];

export type Host = Schemas['Host'];
export type ApiError = Schemas['ApiError'];
/** Of an OrielError: the controller's codes, and the client's own. */
export type ErrorCode = ApiError['error']['code'];
