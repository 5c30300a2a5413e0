// Kamailio from Debian as registrar and proxy with digest: the independent judge of our SIP.

import { spawnSync } from 'node:child_process'
import { existsSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { type Child, findProgram, startChild } from '../support/child.js'

export interface Subscriber {
  readonly user: string
  readonly password: string
}

export const noKamailioReason = (): string | undefined =>
  findProgram('kamailio') ? undefined : 'the Debian package kamailio is not installed'

export const noPresenceReason = (): string | undefined =>
  existsSync('/usr/share/kamailio/db_sqlite/presence-create.sql') && findProgram('sqlite3')
    ? undefined
    : 'the Debian packages kamailio-presence-modules, kamailio-sqlite-modules and sqlite3 are not installed'

/** Starts it on `address`:5060 for `domain`; files go to `folder`. */
export const startKamailio = async (options: {
  readonly address: string
  readonly domain: string
  readonly subscribers: readonly Subscriber[]
  readonly folder: string
  /** Who answers codes (numbers that begin with "*" or "#"), each logged as it stood in the request line; default: nobody. */
  readonly codesTo?: string
  /** Message waiting: SUBSCRIBE of subscribers, PUBLISH of anybody; a subscription lives no longer than so many seconds. */
  readonly presenceSeconds?: number
}): Promise<Child> => {
  const file = join(options.folder, 'kamailio.cfg')
  if (options.presenceSeconds !== undefined) makePresenceDatabase(join(options.folder, presenceDatabase))
  writeFileSync(file, configuration(options))
  const words = [
    ...['-f', file, '-DD', '-E', '-m', '32', '-M', '4'],
    ...['-Y', options.folder, '-P', join(options.folder, 'kamailio.pid')],
  ]
  // At its end two of its processes may wait for each other for ever.
  const child = startChild('kamailio', words, { forks: true })
  await child.waitFor(/Listening on|SIP Routing ready/, 10_000)
  return child
}

const presenceDatabase = 'presence.db'

/** Kamailio keeps what was published there; subscriptions stay in its memory and are gone with it. */
const makePresenceDatabase = (path: string): void => {
  for (const schema of ['standard', 'presence']) {
    const sql = readFileSync(`/usr/share/kamailio/db_sqlite/${schema}-create.sql`)
    const { status, stderr } = spawnSync('sqlite3', [path], { input: sql })
    if (status !== 0) throw new Error(`presence database: ${stderr}`)
  }
}

const presenceModules = ({ address, folder, presenceSeconds }: Parameters<typeof startKamailio>[0]) =>
  presenceSeconds === undefined
    ? ''
    : `loadmodule "db_sqlite.so"
loadmodule "presence.so"
loadmodule "presence_mwi.so"
modparam("presence", "db_url", "sqlite:///${join(folder, presenceDatabase)}")
modparam("presence", "server_address", "sip:${address}:5060")
modparam("presence", "subs_db_mode", 0)
modparam("presence", "max_expires", ${presenceSeconds})`

/** Before requests inside dialogs are told apart: a subscription is a dialog with Kamailio itself. */
const presenceRoute = (domain: string): string => `
  if (is_method("PUBLISH")) { if (t_newtran()) { handle_publish(); t_release(); } exit; }
  if (is_method("SUBSCRIBE")) {
    if (!pv_proxy_authenticate("${domain}", "$sht(passwords=>$au)", "0")) { proxy_challenge("${domain}", "0"); exit; }
    if (t_newtran()) { handle_subscribe(); t_release(); }
    exit;
  }`

const modules = [
  ...['kex', 'corex', 'tm', 'sl', 'rr', 'pv', 'maxfwd', 'usrloc', 'registrar'],
  ...['textops', 'siputils', 'xlog', 'htable', 'auth'],
]

const configuration = (options: Parameters<typeof startKamailio>[0]): string => {
  const { address, domain, subscribers, codesTo, presenceSeconds } = options
  return `#!KAMAILIO
debug=1
log_stderror=yes
children=1
auto_aliases=no
listen=udp:${address}:5060
alias="${domain}"
${modules.map(name => `loadmodule "${name}.so"`).join('\n')}
${presenceModules(options)}
modparam("htable", "htable", "passwords=>size=4;")
modparam("usrloc", "db_mode", 0)
modparam("registrar", "min_expires", 30)
modparam("registrar", "max_contacts", 1)
modparam("auth", "nonce_expire", 300)

event_route[htable:mod-init] {
${subscribers.map(({ user, password }) => `  $sht(passwords=>${user}) = "${password}";`).join('\n')}
}

request_route {
  if (!mf_process_maxfwd_header("10")) { sl_send_reply("483", "Too Many Hops"); exit; }
  if (is_method("CANCEL")) { if (t_check_trans()) { t_relay(); } exit; }
${presenceSeconds === undefined ? '' : presenceRoute(domain)}
  if (has_totag()) {
    if (loose_route()) { t_relay(); exit; }
    if (is_method("ACK")) { if (t_check_trans()) { t_relay(); } exit; }
    sl_send_reply("404", "Not here"); exit;
  }
  t_check_trans();
  if (is_method("REGISTER")) {
    if (!pv_www_authenticate("${domain}", "$sht(passwords=>$au)", "0")) { www_challenge("${domain}", "0"); exit; }
    save("location"); exit;
  }
  if (is_method("OPTIONS")) { sl_send_reply("200", "OK"); exit; }
  if (is_method("INVITE")) {
    if (!pv_proxy_authenticate("${domain}", "$sht(passwords=>$au)", "0")) { proxy_challenge("${domain}", "0"); exit; }
    consume_credentials();
  }
  record_route();${codesTo === undefined ? '' : codeRoute(codesTo)}
  if (!lookup("location")) { sl_send_reply("404", "Not Found"); exit; }
  t_relay();
}
`
}

const codeRoute = (to: string): string => `
  if ($rU =~ "^([*]|%23)") { xlog("L_ALERT", "code [$ru]\\n"); $rU = "${to}"; }`
