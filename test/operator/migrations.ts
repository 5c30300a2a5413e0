// Steps of the operator's schema, numbered by PRAGMA user_version. A step that was ever landed is never changed; what is
// new comes at the end.

export interface Migration {
  /** user_version after this step; 1, 2, 3 … */
  readonly version: number
  readonly sql: string
}

export const migrations: readonly Migration[] = [
  {
    version: 1,
    sql: `
      CREATE TABLE profile (
        user TEXT PRIMARY KEY,
        forward_always TEXT,
        forward_no_reply TEXT,
        forward_busy TEXT,
        voicemail_always INTEGER NOT NULL DEFAULT 0,
        ring_seconds INTEGER NOT NULL DEFAULT 20,
        masking INTEGER NOT NULL DEFAULT 0,
        not_registered TEXT NOT NULL DEFAULT 'no-reply',
        mail_address TEXT,
        mail_messages INTEGER NOT NULL DEFAULT 0,
        revision INTEGER NOT NULL DEFAULT 1
      ) WITHOUT ROWID;
      CREATE TABLE profile_change (
        number INTEGER PRIMARY KEY AUTOINCREMENT,
        user TEXT NOT NULL,
        changed_ms INTEGER NOT NULL,
        author TEXT NOT NULL,
        field TEXT NOT NULL,
        before TEXT,
        after TEXT
      );
      CREATE TABLE call (
        id TEXT PRIMARY KEY,
        payer TEXT,
        caller TEXT,
        called TEXT NOT NULL,
        forwarded_by TEXT,
        start_ms INTEGER NOT NULL,
        answer_ms INTEGER,
        end_ms INTEGER,
        reason TEXT
      ) WITHOUT ROWID;
      CREATE INDEX call_by_payer ON call (payer, start_ms);
      CREATE TABLE binding (
        user TEXT NOT NULL,
        contact TEXT NOT NULL,
        source_address TEXT NOT NULL,
        source_port INTEGER NOT NULL,
        call_id TEXT NOT NULL,
        cseq INTEGER NOT NULL,
        expires_ms INTEGER NOT NULL,
        PRIMARY KEY (user, contact)
      ) WITHOUT ROWID;
    `,
  },
  {
    version: 2,
    sql: `
      CREATE TABLE mailbox (
        user TEXT PRIMARY KEY,
        greeting BLOB,
        password TEXT,
        failures INTEGER NOT NULL DEFAULT 0,
        locked_until_ms INTEGER NOT NULL DEFAULT 0
      ) WITHOUT ROWID;
      CREATE TABLE message (
        id INTEGER PRIMARY KEY AUTOINCREMENT,
        user TEXT NOT NULL,
        caller TEXT,
        received_ms INTEGER NOT NULL,
        archived INTEGER NOT NULL DEFAULT 0,
        mail_due_ms INTEGER,
        mail_attempts INTEGER NOT NULL DEFAULT 0,
        recording BLOB NOT NULL
      );
      CREATE INDEX message_by_user ON message (user);
      CREATE INDEX message_to_mail ON message (mail_due_ms) WHERE mail_due_ms IS NOT NULL;
    `,
  },
  {
    version: 3,
    sql: 'CREATE TABLE portal_account (user TEXT PRIMARY KEY, password TEXT NOT NULL) WITHOUT ROWID',
  },
]
