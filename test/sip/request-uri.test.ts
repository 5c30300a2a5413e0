import t from 'tap'
import { requestUri } from '../../firmware/sip/request-uri.js'

const escaped = { domain: 'operator.test', hash: 'escaped' } as const

t.test('digits stand as they were dialled', t => {
  t.equal(requestUri('0389000002', escaped), 'sip:0389000002@operator.test;user=phone')
  t.equal(requestUri('15', escaped), 'sip:15@operator.test;user=phone')
  t.equal(
    requestUri('+33389000002', { ...escaped, domain: '127.0.0.1:5080' }),
    'sip:+33389000002@127.0.0.1:5080;user=phone',
  )
  t.end()
})

t.test('"#" is escaped, raw or left out at the end, "*" never changes', t => {
  const code = '*21*0612345678#'
  t.equal(requestUri(code, escaped), 'sip:*21*0612345678%23@operator.test;user=phone')
  t.equal(requestUri(code, { ...escaped, hash: 'raw' }), 'sip:*21*0612345678#@operator.test;user=phone')
  t.equal(requestUri(code, { ...escaped, hash: 'strip' }), 'sip:*21*0612345678@operator.test;user=phone')
  t.equal(requestUri('#21#', escaped), 'sip:%2321%23@operator.test;user=phone')
  t.equal(
    requestUri('#21#', { ...escaped, hash: 'strip' }),
    'sip:%2321@operator.test;user=phone',
    'only the last one',
  )
  t.equal(requestUri('#21#', { ...escaped, hash: 'raw' }), 'sip:#21#@operator.test;user=phone')
  t.end()
})

t.test('nothing dialled can break out of the user part', t => {
  t.equal(requestUri('1@evil', escaped), 'sip:1%40evil@operator.test;user=phone')
  t.equal(requestUri('1\r\nX: 2>', escaped), 'sip:1%0D%0AX%3A%202%3E@operator.test;user=phone')
  t.equal(requestUri('é😀', escaped), 'sip:%C3%A9%F0%9F%98%80@operator.test;user=phone')
  t.equal(requestUri('50%', escaped), 'sip:50%25@operator.test;user=phone')
  t.end()
})
