/**
 * Forward only, in order, each in one transaction. A released one is never edited: a change is a new entry, and a dump of what it
 * makes (run controller/test/store/schemas/make.ts), by which the tests know that its rows survive all later ones.
 * The SQL is what SQLite and PostgreSQL both take. Times are ISO 8601 text in UTC, which sorts as time does; JSON is text.
 */
export const MIGRATIONS: readonly string[] = [
  `
  create table sessions (
    id text primary key,
    user_id text not null,
    provider text not null,
    status text not null,
    created_at text not null,
    updated_at text not null,
    reason_code text,
    reason_message text,
    image text,
    driver text,
    isolation text,
    machine_id text,
    width integer not null,
    height integer not null,
    marks text not null default '{}',
    services text not null default '[]',
    idempotency_key text unique
  );
  create index sessions_by_status on sessions (status);

  -- One row for each step, the running one has no end.
  create table phases (
    session_id text not null references sessions (id) on delete cascade,
    seq integer not null,
    name text not null,
    started_at text not null,
    ended_at text,
    ms integer,
    primary key (session_id, seq)
  );

  -- Every transition: when, from what to what, who wanted it and why.
  create table transitions (
    session_id text not null references sessions (id) on delete cascade,
    seq integer not null,
    at text not null,
    from_status text,
    to_status text not null,
    who text not null,
    why text,
    primary key (session_id, seq)
  );

  -- Written before the first resource of a machine is made, removed after the last is gone.
  create table machines (
    id text primary key,
    session_id text not null,
    slot integer not null unique,
    run_dir text not null,
    driver text not null,
    created_at text not null,
    pid bigint,
    start_time bigint
  );

  -- The end of a machine's console, kept when its directory goes.
  create table consoles (
    session_id text primary key references sessions (id) on delete cascade,
    saved_at text not null,
    content text not null
  );

  create table audit (
    id text primary key,
    at text not null,
    who text not null,
    action text not null,
    session_id text,
    detail text
  );

  -- sha256 of each key, never the key.
  create table api_keys (
    id text primary key,
    name text not null,
    hash text not null unique,
    created_at text not null,
    expires_at text
  );
  `,
  `
  -- How often the session was begun again because its controller ended.
  alter table sessions add column restarts integer not null default 0;

  -- What a controller needs to go on with a machine of one before it. Of secrets only hashes, or what the key in the data directory opens.
  alter table machines add column state text not null default 'recorded';
  alter table machines add column image text;
  alter table machines add column ends_at text;
  -- It waits to be told who it is, which is known in memory alone.
  alter table machines add column is_gated integer not null default 0;
  -- Until the guest's secret was used for the first time.
  alter table machines add column token_hash text;
  alter table machines add column secret_hash text;
  alter table machines add column vnc_secret_sealed text;

  -- Every transition of a machine, kept when its row goes: when, from what to what, who wanted it and why.
  create table machine_transitions (
    machine_id text not null,
    session_id text references sessions (id) on delete cascade,
    seq integer not null,
    at text not null,
    from_state text,
    to_state text not null,
    who text not null,
    why text,
    primary key (machine_id, seq)
  );
  create index machine_transitions_by_session on machine_transitions (session_id);
  `,
  // Operating: one order of all sessions' transitions, and what webhooks are owed. Needs of the entries above only `transitions`.
  `
  -- The number of the last event. A number is never used again, also when the session of an event is removed.
  create table event_sequence (last bigint not null);
  insert into event_sequence (last) select count(*) from transitions;
  alter table transitions add column event_id bigint;
  update transitions set event_id = numbered.n
    from (select session_id, seq, row_number() over (order by at, session_id, seq) as n from transitions) as numbered
    where numbered.session_id = transitions.session_id and numbered.seq = transitions.seq;
  create unique index transitions_by_event on transitions (event_id);

  -- How far each receiver's deliveries have been made out: every event up to this one is in webhook_deliveries, or done.
  create table webhook_endpoints (
    url text primary key,
    event_id bigint not null
  );

  -- Removed when the receiver has taken it, has refused it, or was given up.
  create table webhook_deliveries (
    url text not null references webhook_endpoints (url) on delete cascade,
    event_id bigint not null,
    message_id text not null,
    payload text not null,
    created_at text not null,
    primary key (url, event_id)
  );
  `,
  `
  -- The warm pool. A machine that was booted ahead of its session, and what it was kept ready for; its session_id is empty until it is claimed.
  alter table machines add column warm_key text;
  `,
  `
  -- It is given back what an earlier session of its user signed in to.
  alter table sessions add column restore integer not null default 0;

  -- What signing in gave. \`sealed\` opens with a key of its own, which is in \`data_key\`, sealed with the master key of this name.
  create table credentials (
    session_id text primary key references sessions (id) on delete cascade,
    user_id text not null,
    provider text not null,
    key_id text not null,
    data_key text not null,
    sealed text not null,
    stored_at text not null,
    expires_at text not null,
    reads integer not null default 0
  );
  create index credentials_by_user on credentials (user_id, provider, stored_at);
  create index credentials_by_expiry on credentials (expires_at);
  `,
  `
  -- When each began on the clock that runs since the host's boot, ms, and which boot that was: the host's time may jump.
  alter table sessions add column boot_id text;
  alter table sessions add column born_ms bigint;
  alter table machines add column boot_id text;
  alter table machines add column born_ms bigint;
  `,
  // Auth: whose a session is, what a key may do, who looks at a desktop. Needs of the entries above only `sessions` and `api_keys`.
  `
  -- A session belongs to the owner of the key that started it. Those from before there were keys are this host's own.
  alter table sessions add column owner text not null default 'local';
  create index sessions_by_owner on sessions (owner, created_at);

  -- A key from before could not say what it may do: nothing.
  alter table api_keys add column owner text not null default '';
  alter table api_keys add column scopes text not null default '';
  alter table api_keys add column used_at text;
  alter table api_keys add column revoked_at text;

  -- Who may look at a desktop, or touch it. A row outlives its token: that is renewed until the session is over or the row revoked.
  create table viewers (
    peer_id text primary key,
    session_id text not null references sessions (id) on delete cascade,
    role text not null,
    created_at text not null,
    created_by text not null,
    -- Of the token that was signed last.
    expires_at text not null,
    revoked_at text
  );
  create index viewers_by_session on viewers (session_id);
  `,
];
