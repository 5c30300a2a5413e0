// Steps of the store's schema, numbered by PRAGMA user_version. A step that was ever released is never changed.

export interface Migration {
  /** user_version after this step; 1, 2, 3 … */
  readonly version: number
  readonly sql: string
}

export const migrations: readonly Migration[] = [
  {
    version: 1,
    sql: `
      CREATE TABLE line_setting (
        line TEXT NOT NULL,
        key TEXT NOT NULL,
        value TEXT NOT NULL,
        changed_ms INTEGER NOT NULL,
        PRIMARY KEY (line, key)
      ) WITHOUT ROWID;
      CREATE TABLE override (
        key TEXT PRIMARY KEY,
        value TEXT NOT NULL
      ) WITHOUT ROWID;
      CREATE TABLE override_journal (
        number INTEGER PRIMARY KEY AUTOINCREMENT,
        changed_ms INTEGER NOT NULL,
        author TEXT NOT NULL,
        key TEXT NOT NULL,
        before TEXT,
        after TEXT
      );
    `,
  },
  {
    // What a change that waits for its confirmation is to be undone to. Secrets that an earlier journal held in clear, and
    // values of them that nothing used, go.
    version: 2,
    sql: `
      CREATE TABLE override_undo (
        key TEXT PRIMARY KEY,
        before TEXT
      ) WITHOUT ROWID;
      DELETE FROM override WHERE key LIKE '%password';
      UPDATE override_journal SET before = '"(set)"' WHERE key LIKE '%password' AND before IS NOT NULL;
      UPDATE override_journal SET after = '"(set)"' WHERE key LIKE '%password' AND after IS NOT NULL;
      UPDATE override_journal SET author = 'handset' WHERE author = 'telephone';
      UPDATE override_journal SET author = 'console' WHERE author IN ('serial', 'socket');
      UPDATE override_journal SET author = 'page' WHERE author = 'status page';
      UPDATE override_journal SET author = 'box' WHERE author = 'store';
    `,
  },
]

export const newestVersion = migrations.at(-1)?.version ?? 0
