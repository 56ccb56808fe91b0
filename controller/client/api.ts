/* Made by `just client-types` from what /api/openapi.json says; a test compares it. Change the routes, not this. */

export interface paths {
    "/api/auth/session/{id}": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** The session; with `wait` and `since` as soon as it differs */
        get: {
            parameters: {
                query?: {
                    /** @description `updatedAt` of the version that you have. */
                    since?: string;
                    /** @description Seconds to wait for something new; the reply comes at once when there is. */
                    wait?: number;
                };
                header?: never;
                path: {
                    id: string;
                };
                cookie?: never;
            };
            requestBody?: never;
            responses: {
                /** @description Default Response */
                "4XX": {
                    headers: {
                        [name: string]: unknown;
                    };
                    content: {
                        "application/json": components["schemas"]["ApiError"];
                    };
                };
                /** @description Default Response */
                "5XX": {
                    headers: {
                        [name: string]: unknown;
                    };
                    content: {
                        "application/json": components["schemas"]["ApiError"];
                    };
                };
                /** @description Default Response */
                200: {
                    headers: {
                        [name: string]: unknown;
                    };
                    content: {
                        "application/json": components["schemas"]["Session"];
                    };
                };
            };
        };
        put?: never;
        post?: never;
        /** End it; the reply comes when everything is taken down */
        delete: {
            parameters: {
                query?: never;
                header?: never;
                path: {
                    id: string;
                };
                cookie?: never;
            };
            requestBody?: never;
            responses: {
                /** @description Default Response */
                "4XX": {
                    headers: {
                        [name: string]: unknown;
                    };
                    content: {
                        "application/json": components["schemas"]["ApiError"];
                    };
                };
                /** @description Default Response */
                "5XX": {
                    headers: {
                        [name: string]: unknown;
                    };
                    content: {
                        "application/json": components["schemas"]["ApiError"];
                    };
                };
                /** @description Done; the reply has no body. */
                204: {
                    headers: {
                        [name: string]: unknown;
                    };
                    content?: never;
                };
            };
        };
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/auth/session/{id}/console": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** The end of the machine’s console */
        get: {
            parameters: {
                query?: never;
                header?: never;
                path: {
                    id: string;
                };
                cookie?: never;
            };
            requestBody?: never;
            responses: {
                /** @description Default Response */
                "4XX": {
                    headers: {
                        [name: string]: unknown;
                    };
                    content: {
                        "application/json": components["schemas"]["ApiError"];
                    };
                };
                /** @description Default Response */
                "5XX": {
                    headers: {
                        [name: string]: unknown;
                    };
                    content: {
                        "application/json": components["schemas"]["ApiError"];
                    };
                };
                /** @description Default Response */
                200: {
                    headers: {
                        [name: string]: unknown;
                    };
                    content: {
                        "application/json": {
                            lines: string[];
                        };
                    };
                };
            };
        };
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/auth/session/{id}/console/events": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /**
         * The machine’s console as server-sent events, as it is written, to the session’s end
         * @description Events: `lines` with `{ lines, dropped? }`, and at last `end` with the session’s `{ status, reason? }`. `dropped` counts lines
         *     before these that were gone before they could be sent: a reader was too slow for its machine. Of a session that is over the lines that are kept come, and its end.
         */
        get: {
            parameters: {
                query?: {
                    /** @description So many of the lines that are there already come first; 500 when left out. */
                    tail?: number;
                };
                header?: {
                    /** @description Of the last event that you have: what comes after it is sent, whatever `tail` says. All that is kept, when it is not known any more. */
                    "last-event-id"?: string;
                };
                path: {
                    id: string;
                };
                cookie?: never;
            };
            requestBody?: never;
            responses: {
                /** @description Default Response */
                "4XX": {
                    headers: {
                        [name: string]: unknown;
                    };
                    content: {
                        "application/json": components["schemas"]["ApiError"];
                    };
                };
                /** @description Default Response */
                "5XX": {
                    headers: {
                        [name: string]: unknown;
                    };
                    content: {
                        "application/json": components["schemas"]["ApiError"];
                    };
                };
                /** @description Default Response */
                200: {
                    headers: {
                        [name: string]: unknown;
                    };
                    content: {
                        "text/event-stream": string;
                    };
                };
            };
        };
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/auth/session/{id}/credentials": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** What the sign-in gave: files as the tool wrote them */
        get: {
            parameters: {
                query?: never;
                header?: never;
                path: {
                    id: string;
                };
                cookie?: never;
            };
            requestBody?: never;
            responses: {
                /** @description Default Response */
                "4XX": {
                    headers: {
                        [name: string]: unknown;
                    };
                    content: {
                        "application/json": components["schemas"]["ApiError"];
                    };
                };
                /** @description Default Response */
                "5XX": {
                    headers: {
                        [name: string]: unknown;
                    };
                    content: {
                        "application/json": components["schemas"]["ApiError"];
                    };
                };
                /** @description Default Response */
                200: {
                    headers: {
                        [name: string]: unknown;
                    };
                    content: {
                        "application/json": components["schemas"]["CredentialsReply"];
                    };
                };
            };
        };
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/auth/session/{id}/events": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** Each version of the session as a server-sent event, to the final one */
        get: {
            parameters: {
                query?: never;
                header?: never;
                path: {
                    id: string;
                };
                cookie?: never;
            };
            requestBody?: never;
            responses: {
                /** @description Default Response */
                "4XX": {
                    headers: {
                        [name: string]: unknown;
                    };
                    content: {
                        "application/json": components["schemas"]["ApiError"];
                    };
                };
                /** @description Default Response */
                "5XX": {
                    headers: {
                        [name: string]: unknown;
                    };
                    content: {
                        "application/json": components["schemas"]["ApiError"];
                    };
                };
                /** @description Default Response */
                200: {
                    headers: {
                        [name: string]: unknown;
                    };
                    content: {
                        "text/event-stream": string;
                    };
                };
            };
        };
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/auth/session/{id}/heartbeat": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /** Say that a page shows it, and how it looks there */
        post: {
            parameters: {
                query?: never;
                header?: never;
                path: {
                    id: string;
                };
                cookie?: never;
            };
            requestBody: {
                content: {
                    "application/json": components["schemas"]["HeartbeatBody"];
                };
            };
            responses: {
                /** @description Default Response */
                "4XX": {
                    headers: {
                        [name: string]: unknown;
                    };
                    content: {
                        "application/json": components["schemas"]["ApiError"];
                    };
                };
                /** @description Default Response */
                "5XX": {
                    headers: {
                        [name: string]: unknown;
                    };
                    content: {
                        "application/json": components["schemas"]["ApiError"];
                    };
                };
                /** @description Done; the reply has no body. */
                204: {
                    headers: {
                        [name: string]: unknown;
                    };
                    content?: never;
                };
            };
        };
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/auth/session/{id}/login/restart": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /** Begin the tool’s login again, in a new terminal */
        post: {
            parameters: {
                query?: never;
                header?: never;
                path: {
                    id: string;
                };
                cookie?: never;
            };
            requestBody?: never;
            responses: {
                /** @description Default Response */
                "4XX": {
                    headers: {
                        [name: string]: unknown;
                    };
                    content: {
                        "application/json": components["schemas"]["ApiError"];
                    };
                };
                /** @description Default Response */
                "5XX": {
                    headers: {
                        [name: string]: unknown;
                    };
                    content: {
                        "application/json": components["schemas"]["ApiError"];
                    };
                };
                /** @description Done; the reply has no body. */
                204: {
                    headers: {
                        [name: string]: unknown;
                    };
                    content?: never;
                };
            };
        };
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/auth/session/{id}/screenshot": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /**
         * A picture of the desktop, as PNG
         * @description As it is at that moment, without the pointer. `x`, `y`, `width`, `height` together, in the desktop’s pixels, name a part of it; what of that
         *     is beyond the desktop’s edges is left out. A host may refuse screenshots (`ORIEL_SCREENSHOTS=0`).
         */
        get: {
            parameters: {
                query?: {
                    height?: number;
                    width?: number;
                    x?: number;
                    y?: number;
                };
                header?: never;
                path: {
                    id: string;
                };
                cookie?: never;
            };
            requestBody?: never;
            responses: {
                /** @description Default Response */
                "4XX": {
                    headers: {
                        [name: string]: unknown;
                    };
                    content: {
                        "application/json": components["schemas"]["ApiError"];
                    };
                };
                /** @description Default Response */
                "5XX": {
                    headers: {
                        [name: string]: unknown;
                    };
                    content: {
                        "application/json": components["schemas"]["ApiError"];
                    };
                };
                /** @description Default Response */
                200: {
                    headers: {
                        [name: string]: unknown;
                    };
                    content: {
                        "image/png": string;
                    };
                };
            };
        };
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/auth/session/{id}/services": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** Services of the machine, with reasons */
        get: {
            parameters: {
                query?: never;
                header?: never;
                path: {
                    id: string;
                };
                cookie?: never;
            };
            requestBody?: never;
            responses: {
                /** @description Default Response */
                "4XX": {
                    headers: {
                        [name: string]: unknown;
                    };
                    content: {
                        "application/json": components["schemas"]["ApiError"];
                    };
                };
                /** @description Default Response */
                "5XX": {
                    headers: {
                        [name: string]: unknown;
                    };
                    content: {
                        "application/json": components["schemas"]["ApiError"];
                    };
                };
                /** @description Default Response */
                200: {
                    headers: {
                        [name: string]: unknown;
                    };
                    content: {
                        "application/json": {
                            inputMs?: number;
                            marks: {
                                [key: string]: number;
                            };
                            peers: {
                                peerId: string;
                                reason?: string;
                                state: string;
                            }[];
                            refused?: {
                                auth?: {
                                    full?: number;
                                    origin?: number;
                                    path?: number;
                                    secret?: number;
                                };
                                websockify?: {
                                    full?: number;
                                    origin?: number;
                                    path?: number;
                                    secret?: number;
                                };
                            };
                            services: {
                                name: string;
                                reason?: string;
                                restarts: number;
                                sinceMs: number;
                                state: "starting" | "ready" | "down";
                            }[];
                            stream?: {
                                /** @description Time to grab and encode a frame, mean. */
                                encodeMs?: number;
                                encoder: string;
                                /** @description Frames encoded a second; 0 on a still desktop. */
                                fps: number;
                                /** @description Of the encoded video. */
                                kbps: number;
                                /** @description Key frames among them. */
                                keyFrames: number;
                                /** @description What the slowest viewer’s link is thought to carry, and what its pictures are made for. */
                                linkKbps?: number;
                                /** @description How long packets wait on the way to the viewer for whom that is longest. */
                                queueMs?: number;
                            };
                        };
                    };
                };
            };
        };
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/auth/session/{id}/viewers": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** Its viewers, those that were revoked too */
        get: {
            parameters: {
                query?: never;
                header?: never;
                path: {
                    id: string;
                };
                cookie?: never;
            };
            requestBody?: never;
            responses: {
                /** @description Default Response */
                "4XX": {
                    headers: {
                        [name: string]: unknown;
                    };
                    content: {
                        "application/json": components["schemas"]["ApiError"];
                    };
                };
                /** @description Default Response */
                "5XX": {
                    headers: {
                        [name: string]: unknown;
                    };
                    content: {
                        "application/json": components["schemas"]["ApiError"];
                    };
                };
                /** @description Default Response */
                200: {
                    headers: {
                        [name: string]: unknown;
                    };
                    content: {
                        "application/json": components["schemas"]["Viewers"];
                    };
                };
            };
        };
        put?: never;
        /** One more viewer of a session that is not over */
        post: {
            parameters: {
                query?: never;
                header?: never;
                path: {
                    id: string;
                };
                cookie?: never;
            };
            requestBody: {
                content: {
                    "application/json": components["schemas"]["ViewerBody"];
                };
            };
            responses: {
                /** @description Default Response */
                "4XX": {
                    headers: {
                        [name: string]: unknown;
                    };
                    content: {
                        "application/json": components["schemas"]["ApiError"];
                    };
                };
                /** @description Default Response */
                "5XX": {
                    headers: {
                        [name: string]: unknown;
                    };
                    content: {
                        "application/json": components["schemas"]["ApiError"];
                    };
                };
                /** @description Default Response */
                200: {
                    headers: {
                        [name: string]: unknown;
                    };
                    content: {
                        "application/json": components["schemas"]["Viewer"];
                    };
                };
            };
        };
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/auth/session/{id}/viewers/{peer}": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        post?: never;
        /** Revoke a viewer: its tokens are void, its connections close */
        delete: {
            parameters: {
                query?: never;
                header?: never;
                path: {
                    id: string;
                    peer: string;
                };
                cookie?: never;
            };
            requestBody?: never;
            responses: {
                /** @description Default Response */
                "4XX": {
                    headers: {
                        [name: string]: unknown;
                    };
                    content: {
                        "application/json": components["schemas"]["ApiError"];
                    };
                };
                /** @description Default Response */
                "5XX": {
                    headers: {
                        [name: string]: unknown;
                    };
                    content: {
                        "application/json": components["schemas"]["ApiError"];
                    };
                };
                /** @description Done; the reply has no body. */
                204: {
                    headers: {
                        [name: string]: unknown;
                    };
                    content?: never;
                };
            };
        };
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/auth/session/{id}/viewers/renew": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /** Another token of the viewer who asks, as long as the session is not over */
        post: {
            parameters: {
                query?: never;
                header?: never;
                path: {
                    id: string;
                };
                cookie?: never;
            };
            requestBody?: never;
            responses: {
                /** @description Default Response */
                "4XX": {
                    headers: {
                        [name: string]: unknown;
                    };
                    content: {
                        "application/json": components["schemas"]["ApiError"];
                    };
                };
                /** @description Default Response */
                "5XX": {
                    headers: {
                        [name: string]: unknown;
                    };
                    content: {
                        "application/json": components["schemas"]["ApiError"];
                    };
                };
                /** @description Default Response */
                200: {
                    headers: {
                        [name: string]: unknown;
                    };
                    content: {
                        "application/json": components["schemas"]["ViewerRenewed"];
                    };
                };
            };
        };
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/auth/start": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /** Start a session; the machine comes up behind the reply */
        post: {
            parameters: {
                query?: never;
                header?: {
                    "idempotency-key"?: string;
                };
                path?: never;
                cookie?: never;
            };
            requestBody: {
                content: {
                    "application/json": components["schemas"]["StartBody"];
                };
            };
            responses: {
                /** @description Default Response */
                "4XX": {
                    headers: {
                        [name: string]: unknown;
                    };
                    content: {
                        "application/json": components["schemas"]["ApiError"];
                    };
                };
                /** @description Default Response */
                "5XX": {
                    headers: {
                        [name: string]: unknown;
                    };
                    content: {
                        "application/json": components["schemas"]["ApiError"];
                    };
                };
                /** @description Default Response */
                200: {
                    headers: {
                        [name: string]: unknown;
                    };
                    content: {
                        "application/json": components["schemas"]["SessionStarted"];
                    };
                };
            };
        };
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/events": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /**
         * Transitions of all sessions as server-sent events
         * @description Events: `transition`, for each transition of each session from now on, with its number as its id. With `Last-Event-ID` those after that
         *     one come first: none is left out and none comes twice, however often one connects anew. Of sessions that were removed meanwhile none come.
         */
        get: {
            parameters: {
                query?: never;
                header?: {
                    /** @description Of the last event that you have. */
                    "last-event-id"?: string;
                };
                path?: never;
                cookie?: never;
            };
            requestBody?: never;
            responses: {
                /** @description Default Response */
                "4XX": {
                    headers: {
                        [name: string]: unknown;
                    };
                    content: {
                        "application/json": components["schemas"]["ApiError"];
                    };
                };
                /** @description Default Response */
                "5XX": {
                    headers: {
                        [name: string]: unknown;
                    };
                    content: {
                        "application/json": components["schemas"]["ApiError"];
                    };
                };
                /** @description Default Response */
                200: {
                    headers: {
                        [name: string]: unknown;
                    };
                    content: {
                        "text/event-stream": string;
                    };
                };
            };
        };
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/host": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** The host, its load and its room */
        get: {
            parameters: {
                query?: never;
                header?: never;
                path?: never;
                cookie?: never;
            };
            requestBody?: never;
            responses: {
                /** @description Default Response */
                "4XX": {
                    headers: {
                        [name: string]: unknown;
                    };
                    content: {
                        "application/json": components["schemas"]["ApiError"];
                    };
                };
                /** @description Default Response */
                "5XX": {
                    headers: {
                        [name: string]: unknown;
                    };
                    content: {
                        "application/json": components["schemas"]["ApiError"];
                    };
                };
                /** @description Default Response */
                200: {
                    headers: {
                        [name: string]: unknown;
                    };
                    content: {
                        "application/json": components["schemas"]["Host"];
                    };
                };
            };
        };
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/providers": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** What one can start a session for */
        get: {
            parameters: {
                query?: never;
                header?: never;
                path?: never;
                cookie?: never;
            };
            requestBody?: never;
            responses: {
                /** @description Default Response */
                "4XX": {
                    headers: {
                        [name: string]: unknown;
                    };
                    content: {
                        "application/json": components["schemas"]["ApiError"];
                    };
                };
                /** @description Default Response */
                "5XX": {
                    headers: {
                        [name: string]: unknown;
                    };
                    content: {
                        "application/json": components["schemas"]["ApiError"];
                    };
                };
                /** @description Default Response */
                200: {
                    headers: {
                        [name: string]: unknown;
                    };
                    content: {
                        "application/json": components["schemas"]["ProviderList"];
                    };
                };
            };
        };
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/sessions": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** Sessions of the key’s owner, or of all owners for an operator; the newest first */
        get: {
            parameters: {
                query?: {
                    /** @description The newest so many; 1000 when left out. */
                    limit?: number;
                    /** @description Those that are not over, or all; open when left out. */
                    status?: "open" | "all";
                };
                header?: never;
                path?: never;
                cookie?: never;
            };
            requestBody?: never;
            responses: {
                /** @description Default Response */
                "4XX": {
                    headers: {
                        [name: string]: unknown;
                    };
                    content: {
                        "application/json": components["schemas"]["ApiError"];
                    };
                };
                /** @description Default Response */
                "5XX": {
                    headers: {
                        [name: string]: unknown;
                    };
                    content: {
                        "application/json": components["schemas"]["ApiError"];
                    };
                };
                /** @description Default Response */
                200: {
                    headers: {
                        [name: string]: unknown;
                    };
                    content: {
                        "application/json": {
                            /** @description What happened up to this event is in the list: go on with it at /api/events. */
                            lastEventId: number;
                            sessions: components["schemas"]["Session"][];
                        };
                    };
                };
            };
        };
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/vnc/session/{id}": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** WebSocket to the desktop’s VNC; subprotocols `binary` and `oriel.<token>` */
        get: {
            parameters: {
                query?: never;
                header?: never;
                path: {
                    id: string;
                };
                cookie?: never;
            };
            requestBody?: never;
            responses: {
                /** @description Default Response */
                "4XX": {
                    headers: {
                        [name: string]: unknown;
                    };
                    content: {
                        "application/json": components["schemas"]["ApiError"];
                    };
                };
                /** @description Default Response */
                "5XX": {
                    headers: {
                        [name: string]: unknown;
                    };
                    content: {
                        "application/json": components["schemas"]["ApiError"];
                    };
                };
            };
        };
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/webrtc/ice-servers": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** Servers for the browser’s ICE; TURN, with a credential of its own, for a viewer */
        get: {
            parameters: {
                query?: never;
                header?: never;
                path?: never;
                cookie?: never;
            };
            requestBody?: never;
            responses: {
                /** @description Default Response */
                "4XX": {
                    headers: {
                        [name: string]: unknown;
                    };
                    content: {
                        "application/json": components["schemas"]["ApiError"];
                    };
                };
                /** @description Default Response */
                "5XX": {
                    headers: {
                        [name: string]: unknown;
                    };
                    content: {
                        "application/json": components["schemas"]["ApiError"];
                    };
                };
                /** @description Default Response */
                200: {
                    headers: {
                        [name: string]: unknown;
                    };
                    content: {
                        "application/json": components["schemas"]["IceServers"];
                    };
                };
            };
        };
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/webrtc/session/{id}/answer": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** The guest’s answer; 404 `answer_pending` while there is none */
        get: {
            parameters: {
                query?: {
                    offerId?: string;
                    /** @description Seconds to wait for something new; the reply comes at once when there is. */
                    wait?: number;
                };
                header?: never;
                path: {
                    id: string;
                };
                cookie?: never;
            };
            requestBody?: never;
            responses: {
                /** @description Default Response */
                "4XX": {
                    headers: {
                        [name: string]: unknown;
                    };
                    content: {
                        "application/json": components["schemas"]["ApiError"];
                    };
                };
                /** @description Default Response */
                "5XX": {
                    headers: {
                        [name: string]: unknown;
                    };
                    content: {
                        "application/json": components["schemas"]["ApiError"];
                    };
                };
                /** @description Default Response */
                200: {
                    headers: {
                        [name: string]: unknown;
                    };
                    content: {
                        "application/json": components["schemas"]["Answer"];
                    };
                };
            };
        };
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/webrtc/session/{id}/candidate": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /** More candidates of the viewer’s offer */
        post: {
            parameters: {
                query?: never;
                header?: never;
                path: {
                    id: string;
                };
                cookie?: never;
            };
            requestBody: {
                content: {
                    "application/json": components["schemas"]["CandidatesBody"];
                };
            };
            responses: {
                /** @description Default Response */
                "4XX": {
                    headers: {
                        [name: string]: unknown;
                    };
                    content: {
                        "application/json": components["schemas"]["ApiError"];
                    };
                };
                /** @description Default Response */
                "5XX": {
                    headers: {
                        [name: string]: unknown;
                    };
                    content: {
                        "application/json": components["schemas"]["ApiError"];
                    };
                };
                /** @description Done; the reply has no body. */
                204: {
                    headers: {
                        [name: string]: unknown;
                    };
                    content?: never;
                };
            };
        };
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/webrtc/session/{id}/candidates": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** The guest’s candidates that were not handed out yet */
        get: {
            parameters: {
                query?: {
                    offerId?: string;
                    /** @description Seconds to wait for something new; the reply comes at once when there is. */
                    wait?: number;
                };
                header?: never;
                path: {
                    id: string;
                };
                cookie?: never;
            };
            requestBody?: never;
            responses: {
                /** @description Default Response */
                "4XX": {
                    headers: {
                        [name: string]: unknown;
                    };
                    content: {
                        "application/json": components["schemas"]["ApiError"];
                    };
                };
                /** @description Default Response */
                "5XX": {
                    headers: {
                        [name: string]: unknown;
                    };
                    content: {
                        "application/json": components["schemas"]["ApiError"];
                    };
                };
                /** @description Default Response */
                200: {
                    headers: {
                        [name: string]: unknown;
                    };
                    content: {
                        "application/json": components["schemas"]["CandidatesBody"];
                    };
                };
            };
        };
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/webrtc/session/{id}/offer": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** The viewer’s own last offer */
        get: {
            parameters: {
                query?: never;
                header?: never;
                path: {
                    id: string;
                };
                cookie?: never;
            };
            requestBody?: never;
            responses: {
                /** @description Default Response */
                "4XX": {
                    headers: {
                        [name: string]: unknown;
                    };
                    content: {
                        "application/json": components["schemas"]["ApiError"];
                    };
                };
                /** @description Default Response */
                "5XX": {
                    headers: {
                        [name: string]: unknown;
                    };
                    content: {
                        "application/json": components["schemas"]["ApiError"];
                    };
                };
                /** @description Default Response */
                200: {
                    headers: {
                        [name: string]: unknown;
                    };
                    content: {
                        "application/json": components["schemas"]["OfferBody"];
                    };
                };
            };
        };
        put?: never;
        /** Offer; takes the place of the page’s last */
        post: {
            parameters: {
                query?: never;
                header?: never;
                path: {
                    id: string;
                };
                cookie?: never;
            };
            requestBody: {
                content: {
                    "application/json": components["schemas"]["OfferBody"];
                };
            };
            responses: {
                /** @description Default Response */
                "4XX": {
                    headers: {
                        [name: string]: unknown;
                    };
                    content: {
                        "application/json": components["schemas"]["ApiError"];
                    };
                };
                /** @description Default Response */
                "5XX": {
                    headers: {
                        [name: string]: unknown;
                    };
                    content: {
                        "application/json": components["schemas"]["ApiError"];
                    };
                };
                /** @description Default Response */
                200: {
                    headers: {
                        [name: string]: unknown;
                    };
                    content: {
                        "application/json": components["schemas"]["OfferAccepted"];
                    };
                };
            };
        };
        /** Goodbye: the page does not want the connection any more */
        delete: {
            parameters: {
                query: {
                    offerId: string;
                };
                header?: never;
                path: {
                    id: string;
                };
                cookie?: never;
            };
            requestBody?: never;
            responses: {
                /** @description Default Response */
                "4XX": {
                    headers: {
                        [name: string]: unknown;
                    };
                    content: {
                        "application/json": components["schemas"]["ApiError"];
                    };
                };
                /** @description Default Response */
                "5XX": {
                    headers: {
                        [name: string]: unknown;
                    };
                    content: {
                        "application/json": components["schemas"]["ApiError"];
                    };
                };
                /** @description Done; the reply has no body. */
                204: {
                    headers: {
                        [name: string]: unknown;
                    };
                    content?: never;
                };
            };
        };
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/health": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** The process lives */
        get: {
            parameters: {
                query?: never;
                header?: never;
                path?: never;
                cookie?: never;
            };
            requestBody?: never;
            responses: {
                /** @description Default Response */
                200: {
                    headers: {
                        [name: string]: unknown;
                    };
                    content: {
                        "application/json": {
                            /** @enum {string} */
                            status: "ok";
                        };
                    };
                };
            };
        };
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/metrics": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** For Prometheus */
        get: {
            parameters: {
                query?: never;
                header?: never;
                path?: never;
                cookie?: never;
            };
            requestBody?: never;
            responses: {
                /** @description Default Response */
                200: {
                    headers: {
                        [name: string]: unknown;
                    };
                    content?: never;
                };
            };
        };
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/ready": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** A session could start */
        get: {
            parameters: {
                query?: never;
                header?: never;
                path?: never;
                cookie?: never;
            };
            requestBody?: never;
            responses: {
                /** @description Default Response */
                200: {
                    headers: {
                        [name: string]: unknown;
                    };
                    content: {
                        "application/json": {
                            checks: {
                                [key: string]: string;
                            };
                            ready: boolean;
                        };
                    };
                };
                /** @description Default Response */
                503: {
                    headers: {
                        [name: string]: unknown;
                    };
                    content: {
                        "application/json": {
                            checks: {
                                [key: string]: string;
                            };
                            ready: boolean;
                        };
                    };
                };
            };
        };
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
}
export interface webhooks {
    session: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /** A transition of a session, to ORIEL_WEBHOOK_URL, signed as Standard Webhooks have it */
        post: {
            parameters: {
                query?: never;
                header?: never;
                path?: never;
                cookie?: never;
            };
            requestBody?: {
                content: {
                    "application/json": components["schemas"]["WebhookBody"];
                };
            };
            responses: {
                /** @description Taken; anything else is tried again */
                "2XX": {
                    headers: {
                        [name: string]: unknown;
                    };
                    content?: never;
                };
            };
        };
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
}
export interface components {
    schemas: {
        Answer: {
            answer: {
                sdp: string;
                /** @constant */
                type: "answer";
            };
            candidates: components["schemas"]["Candidate"][];
            offerId: string;
        };
        ApiError: {
            error: {
                /** @enum {unknown} */
                code: "invalid_request" | "invalid_json" | "body_too_large" | "headers_too_large" | "unsupported_media_type" | "request_timeout" | "not_found" | "method_not_allowed" | "unauthorized" | "viewer_revoked" | "key_needed" | "scope_needed" | "viewer_needed" | "control_needed" | "origin_refused" | "too_many_failures" | "too_many_requests" | "user_full" | "host_full" | "host_draining" | "host_disk_full" | "host_no_descriptors" | "egress_exhausted" | "idempotency_key_reused" | "nothing_to_restore" | "session_not_found" | "session_not_ready" | "session_over" | "session_unattended" | "session_not_signing_in" | "login_not_restarted" | "no_credentials" | "credentials_sealed" | "credentials_malformed" | "viewer_not_found" | "too_many_viewers" | "offer_refused" | "offer_unknown" | "answer_pending" | "too_many_candidates" | "sdp_malformed" | "upgrade_required" | "binary_needed" | "too_many_sockets" | "vnc_unreachable" | "vnc_off" | "screenshots_off" | "screenshot_refused" | "screenshot_late" | "guest_token_used" | "protocol_unsupported" | "store_busy" | "store_full" | "store_failed" | "closing" | "internal";
                fields?: {
                    message: string;
                    path: string;
                }[];
                message: string;
            };
        };
        Candidate: {
            candidate: string;
            sdpMid?: string | null;
            sdpMLineIndex?: number | null;
            usernameFragment?: string | null;
        };
        CandidatesBody: {
            candidates: components["schemas"]["Candidate"][];
            offerId: string;
        };
        CredentialsReply: {
            expiresAt: string;
            files: {
                content: string;
                path: string;
            }[];
            provider: string;
            storedAt: string;
            userId: string;
        };
        HeartbeatBody: {
            quality?: components["schemas"]["ViewerQuality"];
        };
        Host: {
            /** @description As GET /ready tells them: `ok`, or what is wrong. */
            checks: {
                [key: string]: string;
            };
            cpu: {
                /** @description Of the host. */
                cores: number;
                /** @description Processes that run or wait, mean of 1, 5 and 15 minutes. */
                load: number[];
            };
            disk: {
                /** @description Of it. */
                freeMib: number;
                /** @description Of the file system of the data directory. */
                totalMib: number;
            };
            driver: {
                isolation: string;
                name: string;
            };
            image?: {
                /** @description Days without security updates. */
                ageDays: number;
                id: string;
            };
            instance: string;
            memory: {
                /** @description Of it, without swapping. */
                availableMib: number;
                /** @description Of the host. */
                totalMib: number;
            };
            ready: boolean;
            slots: {
                /** @description Places. */
                all: number;
                /** @description Sessions that have a place. */
                used: number;
            };
            /** @description Since when this controller runs; ISO 8601, UTC. */
            startedAt: string;
            /** @description Ways out, where there are upstreams. */
            upstreams?: {
                /** @description Kept for users who had one. */
                cooling: number;
                /** @description That are well, for another user. */
                free: number;
                /** @description Those of users who have sessions. */
                leased: number;
                /** @description Of all of these and the others, that do not work. */
                unwell: number;
            };
            version: string;
        };
        IceServers: {
            iceServers: {
                credential?: string;
                urls: string[];
                username?: string;
            }[];
        };
        OfferAccepted: {
            offerId: string;
            peerId: string;
        };
        OfferBody: {
            candidates?: components["schemas"]["Candidate"][];
            offer: {
                sdp: string;
                /** @constant */
                type: "offer";
            };
            offerId?: string;
            page?: string;
        };
        Phase: {
            endedAt?: string;
            ms?: number;
            name: string;
            startedAt: string;
        };
        ProviderId: string;
        ProviderInfo: {
            hasLogin: boolean;
            hosts: string[];
            id: components["schemas"]["ProviderId"];
            name: string;
        };
        ProviderList: {
            providers: components["schemas"]["ProviderInfo"][];
        };
        Reason: {
            /** @enum {unknown} */
            code: "signed_in" | "login_denied" | "code_expired" | "cli_missing" | "cli_crashed" | "login_cancelled" | "page_unreachable" | "credentials_malformed" | "user_left" | "stopped_by_request" | "heartbeat_lost" | "session_idle" | "session_too_old" | "network_failed" | "kernel_unusable" | "image_unusable" | "machine_failed" | "claim_failed" | "image_timed_out" | "network_timed_out" | "machine_timed_out" | "boot_timed_out" | "desktop_timed_out" | "claim_timed_out" | "machine_fatal" | "machine_exited" | "service_crash_loop" | "host_disk_full" | "host_no_descriptors" | "store_busy" | "store_full" | "store_failed" | "controller_stopped" | "controller_restarted" | "restarted_too_often" | "internal";
            message: string;
        };
        Session: {
            createdAt: string;
            display: {
                height: number;
                width: number;
            };
            egress?: {
                /** @description From which the world sees it come, where that is known. */
                address?: string;
                /** @description Nothing but these, when it is there. */
                allow?: string[];
                /** @description To the desktop. */
                bytesDown?: number;
                /** @description From the desktop. */
                bytesUp?: number;
                /** @description That it has made. */
                connections?: number;
                /** @description None of these; stronger than `allow`. */
                deny?: string[];
                /** @description That it has asked for and not got: forbidden addresses and names, limits. */
                refused?: number;
                /** @description Name of the upstream that its user leaves through; straight out without. */
                upstream?: string;
            };
            image?: string;
            machine?: {
                driver: string;
                isolation: string;
                machineId: string;
            };
            marks: {
                [key: string]: number;
            };
            phases: components["schemas"]["Phase"][];
            provider: string;
            quality?: {
                guest?: {
                    /** @description When it was said; ISO 8601, UTC. */
                    at: string;
                    /** @description Time to grab and encode a frame, mean. */
                    encodeMs?: number;
                    encoder: string;
                    /** @description Frames encoded a second; 0 on a still desktop. */
                    fps: number;
                    /** @description Of the encoded video. */
                    kbps: number;
                    /** @description Key frames among them. */
                    keyFrames: number;
                    /** @description What the slowest viewer’s link is thought to carry, and what its pictures are made for. */
                    linkKbps?: number;
                    /** @description How long packets wait on the way to the viewer for whom that is longest. */
                    queueMs?: number;
                };
                viewer?: {
                    /** @description From a click or key to the picture that answers it on a still desktop, median of the last 20. */
                    answerMs?: number;
                    /** @description When it was said; ISO 8601, UTC. */
                    at: string;
                    /** @description Time to decode a frame, mean. */
                    decodeMs?: number;
                    /** @description Frames decoded a second; few on a still desktop. noVNC counts none. */
                    fps?: number;
                    /** @description Frames that came and were not shown. */
                    framesDropped?: number;
                    /** @description How unevenly packets come (RFC 3550, 6.4.1), the last. */
                    jitterMs?: number;
                    /** @description Packets that were lost, of all. */
                    lossPercent?: number;
                    /** @enum {unknown} */
                    path: "webrtc" | "vnc";
                    /** @description Round trip to the guest, the last. */
                    rttMs?: number;
                };
            };
            reason?: components["schemas"]["Reason"];
            restore?: boolean;
            services: {
                name: string;
                reason?: string;
                restarts: number;
                sinceMs: number;
                state: "starting" | "ready" | "down";
            }[];
            sessionId: string;
            /** @enum {unknown} */
            status: "pending" | "vm_creating" | "vm_created" | "authenticating" | "completed" | "failed" | "expired" | "stopped";
            updatedAt: string;
            userId: string;
            watermark?: string;
        };
        SessionEvent: {
            at: string;
            /** @enum {unknown} */
            from?: "pending" | "vm_creating" | "vm_created" | "authenticating" | "completed" | "failed" | "expired" | "stopped";
            id: number;
            provider: string;
            reason?: components["schemas"]["Reason"];
            sessionId: string;
            /** @enum {unknown} */
            to: "pending" | "vm_creating" | "vm_created" | "authenticating" | "completed" | "failed" | "expired" | "stopped";
            userId: string;
            who: string;
        };
        SessionStarted: {
            sessionId: string;
            /** @enum {unknown} */
            status: "pending" | "vm_creating" | "vm_created" | "authenticating" | "completed" | "failed" | "expired" | "stopped";
            viewer: components["schemas"]["Viewer"];
        };
        StartBody: {
            egress?: {
                /** @description Nothing but these, when it is there. */
                allow?: string[];
                /** @description None of these; stronger than `allow`. */
                deny?: string[];
            };
            provider: components["schemas"]["ProviderId"];
            restore?: boolean;
            userId: string;
        };
        Viewer: {
            expiresAt: string;
            peerId: string;
            /**
             * @description `view` may look; `control` uses mouse and keyboard, too.
             * @enum {unknown}
             */
            role: "view" | "control";
            token: string;
            url: string;
        };
        ViewerBody: {
            /**
             * @description `view` may look; `control` uses mouse and keyboard, too.
             * @enum {unknown}
             */
            role: "view" | "control";
        };
        ViewerQuality: {
            /** @description From a click or key to the picture that answers it on a still desktop, median of the last 20. */
            answerMs?: number;
            /** @description Time to decode a frame, mean. */
            decodeMs?: number;
            /** @description Frames decoded a second; few on a still desktop. noVNC counts none. */
            fps?: number;
            /** @description Frames that came and were not shown. */
            framesDropped?: number;
            /** @description How unevenly packets come (RFC 3550, 6.4.1), the last. */
            jitterMs?: number;
            /** @description Packets that were lost, of all. */
            lossPercent?: number;
            /** @enum {unknown} */
            path: "webrtc" | "vnc";
            /** @description Round trip to the guest, the last. */
            rttMs?: number;
        };
        ViewerRenewed: {
            expiresAt: string;
            expiresInMs: number;
            /**
             * @description `view` may look; `control` uses mouse and keyboard, too.
             * @enum {unknown}
             */
            role: "view" | "control";
            token: string;
        };
        Viewers: {
            viewers: {
                createdAt: string;
                createdBy: string;
                expiresAt: string;
                peerId: string;
                revokedAt?: string;
                /**
                 * @description `view` may look; `control` uses mouse and keyboard, too.
                 * @enum {unknown}
                 */
                role: "view" | "control";
            }[];
        };
        WebhookBody: {
            data: components["schemas"]["SessionEvent"];
            timestamp: string;
            type: string;
        };
    };
    responses: never;
    parameters: never;
    requestBodies: never;
    headers: never;
    pathItems: never;
}
export type $defs = Record<string, never>;
export type operations = Record<string, never>;
