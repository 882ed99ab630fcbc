import { spawn, spawnSync, type ChildProcess } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

/** A server that does nothing but answer reads, and libmodbus reading it in sequence: as fast as C can. */
const source = `
#include <arpa/inet.h>
#include <errno.h>
#include <modbus.h>
#include <netinet/tcp.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

static unsigned char in[64][65536], out[65536];
static int have[64];

static int answer(int fd, int slot) {
  ssize_t n = read(fd, in[slot] + have[slot], sizeof in[slot] - have[slot]);
  if (n <= 0) return -1;
  have[slot] += n;
  int at = 0, to = 0;
  while (have[slot] - at >= 12) {
    unsigned char *q = in[slot] + at, *a = out + to;
    int bytes = 2 * ((q[10] << 8) | q[11]);
    if (bytes > 250 || to + 9 + bytes > (int)sizeof out) break;
    memcpy(a, q, 8);
    a[4] = (bytes + 3) >> 8; a[5] = (bytes + 3) & 255; a[8] = bytes;
    memset(a + 9, 1, bytes);
    to += 9 + bytes;
    at += 12;
  }
  memmove(in[slot], in[slot] + at, have[slot] - at);
  have[slot] -= at;
  return write(fd, out, to) == to ? 0 : -1;
}

static int serve(void) {
  struct pollfd fds[64];
  int count = 1, one = 1, listener = socket(AF_INET, SOCK_STREAM, 0);
  struct sockaddr_in at = {.sin_family = AF_INET, .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
  socklen_t size = sizeof at;
  if (bind(listener, (void *)&at, sizeof at) || listen(listener, 16) || getsockname(listener, (void *)&at, &size)) return 1;
  printf("%d\\n", ntohs(at.sin_port));
  fflush(stdout);
  fds[0] = (struct pollfd){.fd = listener, .events = POLLIN};
  for (;;) {
    poll(fds, count, -1);
    for (int i = count - 1; i > 0; i--) if (fds[i].revents && answer(fds[i].fd, i)) { close(fds[i].fd); fds[i] = fds[--count]; memcpy(in[i], in[count], sizeof in[i]); have[i] = have[count]; }
    if (fds[0].revents && count < 64) {
      int fd = accept(listener, 0, 0);
      setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &one, sizeof one);
      have[count] = 0;
      fds[count++] = (struct pollfd){.fd = fd, .events = POLLIN};
    }
  }
}

int main(int argc, char **argv) {
  if (argc < 3) return serve();
  modbus_t *peer = modbus_new_tcp("127.0.0.1", atoi(argv[1]));
  uint16_t registers[125];
  struct timespec from, to;
  double seconds = 0;
  int requests = 0;
  if (modbus_connect(peer)) return 1;
  clock_gettime(CLOCK_MONOTONIC, &from);
  while (seconds * 1000 < atoi(argv[2])) {
    for (int i = 0; i < 100; i++) if (modbus_read_registers(peer, 0, 125, registers) != 125) return 1;
    requests += 100;
    clock_gettime(CLOCK_MONOTONIC, &to);
    seconds = (to.tv_sec - from.tv_sec) + (to.tv_nsec - from.tv_nsec) / 1e9;
  }
  printf("%.1f\\n", requests / seconds);
  return 0;
}
`;

export interface ModbusPeer {
  readonly port: number;
  /** Requests per second of libmodbus in sequence, over so long. */
  libmodbus(sliceMs: number): number;
  stop(): void;
}

/** Compiles and starts the peer; undefined where there is no compiler or no libmodbus-dev. */
export async function startModbusPeer(): Promise<ModbusPeer | undefined> {
  const folder = mkdtempSync(join(tmpdir(), 'tandem-bench-'));
  const binary = join(folder, 'peer');
  writeFileSync(join(folder, 'peer.c'), source);
  const compiled = spawnSync('gcc', ['-O2', '-I/usr/include/modbus', '-o', binary, join(folder, 'peer.c'), '-lmodbus']);
  if (compiled.status !== 0) {
    rmSync(folder, { recursive: true });
    return undefined;
  }
  const server: ChildProcess = spawn(binary, { stdio: ['ignore', 'pipe', 'inherit'] });
  const port = await new Promise<number>((resolve) => server.stdout?.once('data', (data: Buffer) => resolve(Number(data.toString()))));
  return {
    port,
    libmodbus: (sliceMs) => Number(spawnSync(binary, [String(port), String(sliceMs)]).stdout.toString()),
    stop: () => {
      server.kill();
      rmSync(folder, { recursive: true });
    },
  };
}
