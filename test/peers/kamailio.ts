// Kamailio from Debian as registrar and proxy with digest: the independent judge of our SIP.

import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { type Child, findProgram, startChild } from '../support/child.js'

export interface Subscriber {
  readonly user: string
  readonly password: string
}

export const noKamailioReason = (): string | undefined =>
  findProgram('kamailio') ? undefined : 'the Debian package kamailio is not installed'

/** Starts it on `address`:5060 for `domain`; files go to `folder`. */
export const startKamailio = async (options: {
  readonly address: string
  readonly domain: string
  readonly subscribers: readonly Subscriber[]
  readonly folder: string
  /** Who answers codes (numbers that begin with "*" or "#"), each logged as it stood in the request line; default: nobody. */
  readonly codesTo?: string
}): Promise<Child> => {
  const file = join(options.folder, 'kamailio.cfg')
  writeFileSync(file, configuration(options))
  const child = startChild('kamailio', [
    ...['-f', file, '-DD', '-E', '-m', '32', '-M', '4'],
    ...['-Y', options.folder, '-P', join(options.folder, 'kamailio.pid')],
  ])
  await child.waitFor(/Listening on|SIP Routing ready/, 10_000)
  return child
}

const modules = [
  ...['kex', 'corex', 'tm', 'sl', 'rr', 'pv', 'maxfwd', 'usrloc', 'registrar'],
  ...['textops', 'siputils', 'xlog', 'htable', 'auth'],
]

const configuration = ({
  address,
  domain,
  subscribers,
  codesTo,
}: Parameters<typeof startKamailio>[0]): string => `#!KAMAILIO
debug=1
log_stderror=yes
children=1
auto_aliases=no
listen=udp:${address}:5060
alias="${domain}"
${modules.map(name => `loadmodule "${name}.so"`).join('\n')}
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

const codeRoute = (to: string): string => `
  if ($rU =~ "^([*]|%23)") { xlog("L_ALERT", "code [$ru]\\n"); $rU = "${to}"; }`
