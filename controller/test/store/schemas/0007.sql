CREATE TABLE migrations (id integer primary key, at text not null);
CREATE TABLE sessions (
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
  , restarts integer not null default 0, restore integer not null default 0, boot_id text, born_ms bigint, owner text not null default 'local');
CREATE INDEX sessions_by_status on sessions (status);
CREATE TABLE phases (
    session_id text not null references sessions (id) on delete cascade,
    seq integer not null,
    name text not null,
    started_at text not null,
    ended_at text,
    ms integer,
    primary key (session_id, seq)
  );
CREATE TABLE transitions (
    session_id text not null references sessions (id) on delete cascade,
    seq integer not null,
    at text not null,
    from_status text,
    to_status text not null,
    who text not null,
    why text, event_id bigint,
    primary key (session_id, seq)
  );
CREATE TABLE machines (
    id text primary key,
    session_id text not null,
    slot integer not null unique,
    run_dir text not null,
    driver text not null,
    created_at text not null,
    pid bigint,
    start_time bigint
  , state text not null default 'recorded', image text, ends_at text, is_gated integer not null default 0, token_hash text, secret_hash text, vnc_secret_sealed text, warm_key text, boot_id text, born_ms bigint);
CREATE TABLE consoles (
    session_id text primary key references sessions (id) on delete cascade,
    saved_at text not null,
    content text not null
  );
CREATE TABLE audit (
    id text primary key,
    at text not null,
    who text not null,
    action text not null,
    session_id text,
    detail text
  );
CREATE TABLE api_keys (
    id text primary key,
    name text not null,
    hash text not null unique,
    created_at text not null,
    expires_at text
  , owner text not null default '', scopes text not null default '', used_at text, revoked_at text);
CREATE TABLE machine_transitions (
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
CREATE INDEX machine_transitions_by_session on machine_transitions (session_id);
CREATE TABLE event_sequence (last bigint not null);
CREATE UNIQUE INDEX transitions_by_event on transitions (event_id);
CREATE TABLE webhook_endpoints (
    url text primary key,
    event_id bigint not null
  );
CREATE TABLE webhook_deliveries (
    url text not null references webhook_endpoints (url) on delete cascade,
    event_id bigint not null,
    message_id text not null,
    payload text not null,
    created_at text not null,
    primary key (url, event_id)
  );
CREATE TABLE credentials (
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
CREATE INDEX credentials_by_user on credentials (user_id, provider, stored_at);
CREATE INDEX credentials_by_expiry on credentials (expires_at);
CREATE INDEX sessions_by_owner on sessions (owner, created_at);
CREATE TABLE viewers (
    peer_id text primary key,
    session_id text not null references sessions (id) on delete cascade,
    role text not null,
    created_at text not null,
    created_by text not null,
    -- Of the token that was signed last.
    expires_at text not null,
    revoked_at text
  );
CREATE INDEX viewers_by_session on viewers (session_id);
insert into migrations (id, at) values (1, '2026-11-30T14:27:46.867Z');
insert into migrations (id, at) values (2, '2026-11-30T14:27:46.876Z');
insert into migrations (id, at) values (3, '2026-11-30T14:27:46.876Z');
insert into migrations (id, at) values (4, '2026-11-30T14:27:46.876Z');
insert into migrations (id, at) values (5, '2026-11-30T14:27:46.876Z');
insert into migrations (id, at) values (6, '2026-11-30T14:27:46.881Z');
insert into migrations (id, at) values (7, '2026-11-30T14:27:46.887Z');
insert into sessions (id, user_id, provider, status, created_at, updated_at, reason_code, reason_message, image, driver, isolation, machine_id, width, height, marks, services, idempotency_key, restarts, restore, boot_id, born_ms, owner) values ('s-aaaaaaaaaaaaaaaaaaaa', 'ann', 'desktop', 'failed', '2026-01-01T00:00:00.000Z', '2026-01-01T00:00:05.000Z', 'machine_exited', 'it''s gone
last line', 'abababababababababababababababababababababababababababababababab', 'container', 'shared-kernel', 'm-aaaaaaaaaaaa', 1280, 720, '{"x":1}', '[{"name":"xorg","state":"ready","sinceMs":1,"restarts":0}]', 'key:a one', 0, 1, 'b', 123456, 'product');
insert into sessions (id, user_id, provider, status, created_at, updated_at, reason_code, reason_message, image, driver, isolation, machine_id, width, height, marks, services, idempotency_key, restarts, restore, boot_id, born_ms, owner) values ('s-bbbbbbbbbbbbbbbbbbbb', 'bob', 'desktop', 'vm_creating', '2026-01-01T00:00:00.000Z', '2026-01-01T00:00:08.000Z', null, null, null, null, null, null, 1280, 720, '{}', '[]', null, 0, 1, 'b', 123456, 'product');
insert into phases (session_id, seq, name, started_at, ended_at, ms) values ('s-aaaaaaaaaaaaaaaaaaaa', 0, 'network', '2026-01-01T00:00:01.000Z', '2026-01-01T00:00:02.000Z', 1000);
insert into phases (session_id, seq, name, started_at, ended_at, ms) values ('s-aaaaaaaaaaaaaaaaaaaa', 1, 'machine', '2026-01-01T00:00:02.000Z', null, null);
insert into transitions (session_id, seq, at, from_status, to_status, who, why, event_id) values ('s-aaaaaaaaaaaaaaaaaaaa', 0, '2026-01-01T00:00:00.000Z', null, 'pending', 'api', null, 1);
insert into transitions (session_id, seq, at, from_status, to_status, who, why, event_id) values ('s-bbbbbbbbbbbbbbbbbbbb', 0, '2026-01-01T00:00:00.000Z', null, 'pending', 'api', null, 2);
insert into transitions (session_id, seq, at, from_status, to_status, who, why, event_id) values ('s-aaaaaaaaaaaaaaaaaaaa', 1, '2026-01-01T00:00:05.000Z', 'pending', 'failed', 'controller', 'machine_exited', 3);
insert into transitions (session_id, seq, at, from_status, to_status, who, why, event_id) values ('s-bbbbbbbbbbbbbbbbbbbb', 1, '2026-01-01T00:00:08.000Z', 'pending', 'vm_creating', 'controller', null, 4);
insert into machines (id, session_id, slot, run_dir, driver, created_at, pid, start_time, state, image, ends_at, is_gated, token_hash, secret_hash, vnc_secret_sealed, warm_key, boot_id, born_ms) values ('m-bbbbbbbbbbbb', 's-bbbbbbbbbbbbbbbbbbbb', 3, '/var/lib/oriel/machines/m', 'qemu', '2026-01-01T00:00:07.000Z', 4242, 123456789012, 'running', null, null, 0, null, 'dddddddddddddddddddddddddddddddddddddddddddddddddddddddddddddddd', 'sealed', null, null, null);
insert into consoles (session_id, saved_at, content) values ('s-aaaaaaaaaaaaaaaaaaaa', '2026-01-01T00:00:06.000Z', 'a console''s
last line
');
insert into audit (id, at, who, action, session_id, detail) values ('f86f563d-4a80-480f-bfc5-8f9c737ddc87', '2026-01-01T00:00:00.000Z', 'key:a', 'start', 's-aaaaaaaaaaaaaaaaaaaa', 'x');
insert into api_keys (id, name, hash, created_at, expires_at, owner, scopes, used_at, revoked_at) values ('k1', 'a', 'cccccccccccccccccccccccccccccccccccccccccccccccccccccccccccccccc', '2026-01-01T00:00:00.000Z', '2026-01-01T00:00:09.000Z', 'product', 'start,read', '2026-01-01T00:00:01.000Z', '2026-01-01T00:00:02.000Z');
insert into machine_transitions (machine_id, session_id, seq, at, from_state, to_state, who, why) values ('m-bbbbbbbbbbbb', 's-bbbbbbbbbbbbbbbbbbbb', 0, '2026-01-01T00:00:07.000Z', null, 'recorded', 'controller', null);
insert into machine_transitions (machine_id, session_id, seq, at, from_state, to_state, who, why) values ('m-bbbbbbbbbbbb', 's-bbbbbbbbbbbbbbbbbbbb', 1, '2026-01-01T00:00:08.000Z', 'recorded', 'running', 'guest', 'said hello');
insert into event_sequence (last) values (4);
insert into webhook_endpoints (url, event_id) values ('https://receiver.example/hook', 4);
insert into webhook_deliveries (url, event_id, message_id, payload, created_at) values ('https://receiver.example/hook', 4, 'evt_s-bbbbbbbbbbbbbbbbbbbb_4', '{"id":4}', '2026-01-01T00:00:08.000Z');
insert into credentials (session_id, user_id, provider, key_id, data_key, sealed, stored_at, expires_at, reads) values ('s-aaaaaaaaaaaaaaaaaaaa', 'ann', 'codex', 'k1', 'data key', 'sealed', '2026-01-01T00:00:05.000Z', '2026-01-01T00:00:09.000Z', 0);
insert into viewers (peer_id, session_id, role, created_at, created_by, expires_at, revoked_at) values ('p-aaaaaaaaaaaa', 's-aaaaaaaaaaaaaaaaaaaa', 'view', '2026-01-01T00:00:01.000Z', 'key:a', '2026-01-01T00:00:04.000Z', '2026-01-01T00:00:02.000Z');
