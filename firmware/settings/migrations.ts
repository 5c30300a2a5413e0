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
]

export const newestVersion = migrations.at(-1)?.version ?? 0
