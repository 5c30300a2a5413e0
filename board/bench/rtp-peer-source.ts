// The C program beside which RTP pacing is judged: it receives with kernel timestamps, and it sends 20 ms packets on
// absolute sleeps, which is as well as the machine can do. Compiled by the benchmark, never shipped compiled.

export const rtpPeerSource = `
#define _GNU_SOURCE
#include <arpa/inet.h>
#include <poll.h>
#include <sched.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <time.h>

static struct sockaddr_in at(const char *address, int port) {
  struct sockaddr_in a = {0};
  a.sin_family = AF_INET;
  a.sin_port = htons(port);
  inet_pton(AF_INET, address, &a.sin_addr);
  return a;
}

/* receive ADDRESS MS: prints its port, then "ssrc sequence timestamp nanoseconds" of every RTP packet. */
static int receive(const char *address, long ms) {
  int s = socket(AF_INET, SOCK_DGRAM, 0), on = 1;
  struct sockaddr_in own = at(address, 0);
  socklen_t length = sizeof own;
  setsockopt(s, SOL_SOCKET, SO_TIMESTAMPNS, &on, sizeof on);
  if (bind(s, (struct sockaddr *)&own, sizeof own)) return 1;
  getsockname(s, (struct sockaddr *)&own, &length);
  printf("port %d\\n", ntohs(own.sin_port));
  fflush(stdout);
  struct timespec now, end;
  clock_gettime(CLOCK_MONOTONIC, &end);
  int64_t until = end.tv_sec * 1000LL + end.tv_nsec / 1000000 + ms;
  for (;;) {
    clock_gettime(CLOCK_MONOTONIC, &now);
    int64_t left = until - (now.tv_sec * 1000LL + now.tv_nsec / 1000000);
    if (left <= 0) break;
    struct pollfd p = {s, POLLIN, 0};
    if (poll(&p, 1, left) <= 0) continue;
    uint8_t data[2048], control[256];
    struct iovec part = {data, sizeof data};
    struct msghdr m = {0};
    m.msg_iov = &part; m.msg_iovlen = 1; m.msg_control = control; m.msg_controllen = sizeof control;
    long n = recvmsg(s, &m, 0);
    if (n < 12 || (data[1] & 0x7f) > 63) continue;
    for (struct cmsghdr *c = CMSG_FIRSTHDR(&m); c; c = CMSG_NXTHDR(&m, c)) {
      if (c->cmsg_level != SOL_SOCKET || c->cmsg_type != SCM_TIMESTAMPNS) continue;
      struct timespec t;
      memcpy(&t, CMSG_DATA(c), sizeof t);
      uint32_t ssrc, stamp;
      memcpy(&ssrc, data + 8, 4);
      memcpy(&stamp, data + 4, 4);
      printf("%u %d %u %lld\\n", ssrc, data[2] << 8 | data[3], ntohl(stamp), t.tv_sec * 1000000000LL + t.tv_nsec);
    }
  }
  return 0;
}

/* send ADDRESS PORT LINES PACKETS */
static int transmit(const char *address, int port, int lines, int packets) {
  struct sched_param fifo = {.sched_priority = 50};
  int realtime = sched_setscheduler(0, SCHED_FIFO, &fifo) == 0;
  int s = socket(AF_INET, SOCK_DGRAM, 0);
  struct sockaddr_in to = at(address, port);
  struct timespec due;
  clock_gettime(CLOCK_MONOTONIC, &due);
  for (int n = 0; n < packets; n++) {
    for (int line = 0; line < lines; line++) {
      uint8_t data[172] = {0x80, 8, n >> 8, n};
      uint32_t ssrc = 1000 + line, stamp = htonl(n * 160);
      memcpy(data + 4, &stamp, 4);
      memcpy(data + 8, &ssrc, 4);
      sendto(s, data, sizeof data, 0, (struct sockaddr *)&to, sizeof to);
    }
    due.tv_nsec += 20000000;
    if (due.tv_nsec >= 1000000000) { due.tv_nsec -= 1000000000; due.tv_sec++; }
    clock_nanosleep(CLOCK_MONOTONIC, TIMER_ABSTIME, &due, 0);
  }
  printf("realtime %d\\n", realtime);
  return 0;
}

int main(int count, char **words) {
  if (count == 4 && !strcmp(words[1], "receive")) return receive(words[2], atol(words[3]));
  if (count == 6) return transmit(words[2], atoi(words[3]), atoi(words[4]), atoi(words[5]));
  return 2;
}
`
